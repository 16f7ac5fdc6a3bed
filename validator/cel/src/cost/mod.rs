//! What the API server estimates an expression to cost at most, by what a schema allows its values to be. A rule that may cost too much is
//! refused when it is created.
//!
//! The estimate follows cel-go's `checker/cost.go` and the functions of `k8s.io/apiserver/pkg/cel/library/cost.go`, oddities included: what an
//! operand costs there is part of what servers accept.

mod calls;
mod size;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{Checked, Type};
use crate::syntax::{Access, Expr, Fold, FoldKind, Kind, Literal, Op};
use size::{Elements, Size, times};

/// What a variable, a constant, a list and a map cost to make.
const IDENT: u64 = 1;
const LIST: u64 = 10;
const MAP: u64 = 30;
const MESSAGE: u64 = 40;

/// What a character of a text costs to look at.
const CHARACTER: f64 = 0.1;

/// How large the values of a schema may be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The most characters, elements or entries that one has; 0 for what has none of these.
    pub most: u64,
    /// The fewest bytes that one takes in JSON.
    pub smallest: u64,
    /// Those of an object's fields, by their names in expressions.
    pub fields: BTreeMap<String, Arc<Bounds>>,
    /// Those of a list's elements, or of a map's values.
    pub element: Option<Arc<Bounds>>,
    /// Whether it is a map, whose keys nothing bounds and the server takes for small.
    pub is_map: bool,
}

/// The most that an expression costs, in the server's units; `u64::MAX` where that is without bound.
///
/// `root` bounds the values of `self` and `oldSelf`; `minor` is the version of Kubernetes, 33 for 1.33.
pub fn estimate(expr: &Expr, checked: &Checked, root: &Bounds, minor: u32) -> u64 {
    Estimator { checked, root, minor, scope: Vec::new() }.of(expr).cost
}

/// What is known of a part of an expression.
#[derive(Clone)]
struct Estimate<'b> {
    cost: u64,
    size: Option<Size>,
    elements: Option<Elements>,
    place: Place<'b>,
}

/// Where in the schema a value is.
#[derive(Clone, Copy)]
enum Place<'b> {
    /// It was made by the expression.
    Nowhere,
    /// Somewhere, with bounds unless the schema has none there.
    At(Option<&'b Bounds>),
}

struct Local<'e, 'b> {
    name: &'e str,
    place: Place<'b>,
    size: Option<Size>,
    elements: Option<Elements>,
}

struct Estimator<'e, 'b> {
    checked: &'e Checked,
    root: &'b Bounds,
    minor: u32,
    scope: Vec<Local<'e, 'b>>,
}

impl<'e, 'b> Estimator<'e, 'b> {
    fn of(&mut self, expr: &'e Expr) -> Estimate<'b> {
        match &expr.kind {
            Kind::Literal(literal) => made(0, Some(of_literal(literal))),
            Kind::Ident(name) => self.ident(name, expr),
            Kind::Select(of, field, access) => self.select(of, field, *access, expr),
            Kind::Index(both, optional) => self.index(both, *optional, expr),
            Kind::And(all) | Kind::Or(all) => {
                let cost = all.iter().fold(0, |cost: u64, part| cost.saturating_add(self.of(part).cost));
                made(cost, Some(Size::ONE))
            }
            Kind::Not(of) | Kind::Negate(of) => {
                let cost = self.of(of).cost.saturating_add(1);
                self.result(cost, None, expr)
            }
            Kind::Conditional(all) => {
                let (condition, then, otherwise) = (self.of(&all[0]), self.of(&all[1]), self.of(&all[2]));
                let elements = then.elements.zip(otherwise.elements).map(|(a, b)| a.or(b));
                let cost = condition.cost.saturating_add(then.cost.max(otherwise.cost));
                Estimate { elements, ..made(cost, Some(then.size().or(otherwise.size()))) }
            }
            Kind::Binary(op, both) => self.binary(*op, both, expr),
            Kind::List(items) => {
                let (mut cost, mut value) = (LIST, Size::of_none(items.is_empty()));
                for (item, _) in items {
                    let item = self.of(item);
                    cost = cost.saturating_add(item.cost);
                    value = value.or(item.size());
                }
                let elements = Some(Elements { is_list: true, key: Size::ONE, value });
                Estimate { elements, ..made(cost, Some(Size::exactly(items.len()))) }
            }
            Kind::Map(entries) => {
                let none = Size::of_none(entries.is_empty());
                let (mut cost, mut key, mut value) = (MAP, none, none);
                for (entry_key, entry_value, _) in entries {
                    let (entry_key, entry_value) = (self.of(entry_key), self.of(entry_value));
                    cost = cost.saturating_add(entry_key.cost).saturating_add(entry_value.cost);
                    (key, value) = (key.or(entry_key.size()), value.or(entry_value.size()));
                }
                let elements = Some(Elements { is_list: false, key, value });
                Estimate { elements, ..made(cost, Some(Size::exactly(entries.len()))) }
            }
            Kind::Struct(_) => made(MESSAGE, None),
            Kind::Call(call) => self.call(call, expr),
            Kind::Fold(fold) if matches!(fold.kind, FoldKind::OptMap | FoldKind::OptFlatMap) => self.optional(fold, expr),
            Kind::Fold(fold) => self.fold(fold),
        }
    }

    /// What an operator or a function gives, whose size follows from its type where nothing else tells it.
    fn result(&self, cost: u64, size: Option<Size>, expr: &Expr) -> Estimate<'b> {
        made(cost, size.or_else(|| self.by_type(expr)))
    }

    fn by_type(&self, expr: &Expr) -> Option<Size> {
        is_scalar(self.checked.of(expr)).then_some(Size::ONE)
    }

    fn ident(&self, name: &str, expr: &Expr) -> Estimate<'b> {
        let local = self.scope.iter().rev().find(|local| local.name == name);
        let place = local.map_or(Place::At(Some(self.root)), |local| local.place);
        let size = place.size().or_else(|| self.by_type(expr)).or_else(|| local.and_then(|local| local.size));
        Estimate { cost: IDENT, size, elements: local.and_then(|local| local.elements), place }
    }

    fn select(&mut self, of: &'e Expr, field: &str, access: Access, expr: &Expr) -> Estimate<'b> {
        let held = self.of(of);
        match access {
            Access::Test => return made(held.cost, Some(Size::ONE)),
            Access::Optional => return self.result(held.cost.saturating_add(1), None, expr),
            Access::Plain => {}
        }
        let costs = matches!(self.checked.of(of), Type::Map(..) | Type::Object(_));
        let place = self.below(held.place, |bounds| bounds.fields.get(field).map(|field| &**field));
        let size = place.size().or_else(|| self.by_type(expr));
        Estimate { cost: held.cost.saturating_add(u64::from(costs)), size, elements: None, place }
    }

    fn index(&mut self, both: &'e [Expr; 2], optional: bool, expr: &Expr) -> Estimate<'b> {
        let (of, index) = (self.of(&both[0]), self.of(&both[1]));
        let cost = of.cost.saturating_add(index.cost).saturating_add(1);
        if optional || matches!(self.checked.of(&both[0]), Type::Optional(_)) {
            return self.result(cost, None, expr);
        }
        let place = self.below(of.place, |bounds| bounds.element.as_deref());
        let size = of.elements.map(|elements| elements.value).or_else(|| place.size()).or_else(|| self.by_type(expr));
        Estimate { cost, size, elements: None, place }
    }

    /// A place below another one. Below nowhere is the root: there the server takes the first step for the name of a variable.
    fn below(&self, place: Place<'b>, step: impl FnOnce(&'b Bounds) -> Option<&'b Bounds>) -> Place<'b> {
        match place {
            Place::Nowhere => Place::At(Some(self.root)),
            Place::At(bounds) => Place::At(bounds.and_then(step)),
        }
    }

    fn binary(&mut self, op: Op, both: &'e [Expr; 2], expr: &Expr) -> Estimate<'b> {
        let (left, right) = (self.of(&both[0]), self.of(&both[1]));
        let (l, r) = (self.checked.of(&both[0]), self.checked.of(&both[1]));
        let (cost, size) = match op {
            Op::Equal | Op::NotEqual => {
                let same = left.size().most.min(right.size().most);
                let of_library = if op == Op::Equal && l == r { of_library_equality(l, &right) } else { None };
                (of_library.unwrap_or_else(|| times(same, CHARACTER)), None)
            }
            Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
                let may_be = |found: &Type| matches!(found, Type::String | Type::Bytes | Type::Dyn);
                let texts = times(left.size().most.min(right.size().most), CHARACTER);
                (if may_be(l) && may_be(r) { texts.max(u64::from(matches!((l, r), (Type::Dyn, Type::Dyn)))) } else { 1 }, None)
            }
            Op::In => match r {
                Type::Map(..) => (1, None),
                Type::Dyn => (right.size().most.max(1), None),
                _ => (right.size().most, None),
            },
            Op::Add => {
                let may_be = |wanted: fn(&Type) -> bool| (wanted(l) || *l == Type::Dyn) && (wanted(r) || *r == Type::Dyn);
                let sum = left.size().plus(right.size());
                let joins = may_be(|found| matches!(found, Type::String | Type::Bytes));
                let is_list = may_be(|found| matches!(found, Type::List(_)));
                let cost = if joins { times(sum.most, CHARACTER) } else { 1 };
                (cost.max(u64::from(is_list)), (joins || is_list).then_some(sum))
            }
            Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder => (1, None),
        };
        let elements = if op == Op::Add { left.elements.zip(right.elements).map(|(a, b)| a.or(b)) } else { None };
        let cost = cost.saturating_add(left.cost).saturating_add(right.cost);
        Estimate { elements, ..self.result(cost, size, expr) }
    }

    /// `optMap` and `optFlatMap`, which stand for a condition with a variable.
    fn optional(&mut self, fold: &'e Fold, expr: &Expr) -> Estimate<'b> {
        let range = self.of(&fold.range);
        let size = self.held_by(&fold.range);
        let local = Local { name: &fold.first, place: Place::Nowhere, size, elements: None };
        let body = self.with([Some(local), None], |estimator| estimator.of(&fold.body));
        let bound = LIST.saturating_add(range.cost).saturating_add(1).saturating_add(body.cost);
        let then = bound.saturating_add(u64::from(fold.kind == FoldKind::OptMap));
        let cost = range.cost.saturating_add(1).saturating_add(then);
        made(cost, Some(self.by_type(expr).unwrap_or(Size::UNKNOWN)))
    }

    fn held_by(&self, optional: &Expr) -> Option<Size> {
        is_scalar(self.checked.of(optional)).then_some(Size::ONE)
    }

    fn fold(&mut self, fold: &'e Fold) -> Estimate<'b> {
        let range = self.of(&fold.range);
        let locals = self.locals(fold, &range);
        let (filter, body, first) = self.with(locals, |estimator| {
            let filter = fold.filter.as_ref().map(|filter| estimator.of(filter).cost);
            let body = estimator.of(&fold.body);
            let first = estimator.scope.last().map(|local| local.place.size().or(local.size));
            (filter, body, first)
        });
        let kept = |step: u64| filter.map_or(step, |filter| filter.saturating_add(step));
        // What is made first, what each element costs, what the result costs.
        let (start, step, end) = match fold.kind {
            FoldKind::All => (0, body.cost.saturating_add(3), 1),
            FoldKind::Exists => (0, body.cost.saturating_add(4), 1),
            FoldKind::ExistsOne => (0, body.cost.saturating_add(2), 2),
            FoldKind::Filter => (LIST, body.cost.saturating_add(LIST + 3), 1),
            FoldKind::Map | FoldKind::TransformList => (LIST, kept(body.cost.saturating_add(LIST + 2)), 1),
            FoldKind::TransformMap => (MAP, kept(body.cost.saturating_add(3)), 1),
            _ => (MAP, kept(body.cost.saturating_add(2)), 1),
        };
        let count = range.size();
        let cost = range.cost.saturating_add(start + end).saturating_add(count.most.saturating_mul(step));
        let of = |value: Size| Some(Elements { is_list: true, key: Size::ONE, value: Size { least: 0, ..value } });
        let (size, elements) = match fold.kind {
            FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => (Size::ONE, None),
            FoldKind::Filter => (count, of(first.flatten().unwrap_or(Size::UNKNOWN))),
            FoldKind::Map | FoldKind::TransformList => (count, of(body.size())),
            _ => (count, None),
        };
        Estimate { elements, ..made(cost, Some(size)) }
    }

    /// The variables of a macro over elements.
    fn locals(&self, fold: &'e Fold, range: &Estimate<'b>) -> [Option<Local<'e, 'b>>; 2] {
        let is_list = range.elements.map_or(matches!(self.checked.of(&fold.range), Type::List(_)), |elements| elements.is_list);
        let element = self.below(range.place, |bounds| bounds.element.as_deref());
        let key = self.below(range.place, |bounds| if bounds.is_map && !is_list { Some(SMALL) } else { None });
        let key_of = |name| Local { name, place: key, size: range.elements.map(|elements| elements.key), elements: None };
        let value_of = |name| Local { name, place: element, size: range.elements.map(|elements| elements.value), elements: None };
        match &fold.second {
            Some(second) => [Some(key_of(&fold.first)), Some(value_of(second))],
            None if is_list => [Some(value_of(&fold.first)), None],
            None => [Some(key_of(&fold.first)), None],
        }
    }

    fn with<T>(&mut self, locals: [Option<Local<'e, 'b>>; 2], then: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.scope.len();
        self.scope.extend(locals.into_iter().flatten());
        let found = then(self);
        self.scope.truncate(depth);
        found
    }
}

/// The keys of maps, as the server bounds them.
const SMALL: &Bounds = &Bounds { most: 0, smallest: 2, fields: BTreeMap::new(), element: None, is_map: false };

impl Estimate<'_> {
    fn size(&self) -> Size {
        self.size.unwrap_or(Size::UNKNOWN)
    }
}

impl Place<'_> {
    fn size(self) -> Option<Size> {
        match self {
            Place::At(Some(bounds)) => Some(Size { least: 0, most: bounds.most }),
            _ => None,
        }
    }
}

/// What no schema has.
fn made<'b>(cost: u64, size: Option<Size>) -> Estimate<'b> {
    Estimate { cost, size, elements: None, place: Place::Nowhere }
}

fn of_literal(literal: &Literal) -> Size {
    match literal {
        Literal::String(text) => Size::exactly(text.chars().count()),
        Literal::Bytes(bytes) => Size::exactly(bytes.len()),
        _ => Size::ONE,
    }
}

fn is_scalar(found: &Type) -> bool {
    match found {
        Type::Bool | Type::Int | Type::Uint | Type::Double | Type::Duration | Type::Timestamp => true,
        Type::Optional(held) => is_scalar(held),
        _ => false,
    }
}

/// What it costs to compare two values of a type of Kubernetes' libraries.
fn of_library_equality(both: &Type, right: &Estimate<'_>) -> Option<u64> {
    /// A named format's longest name.
    const LONGEST_FORMAT: u64 = 64;
    match both {
        Type::Library("kubernetes.NamedFormat") => Some(times(LONGEST_FORMAT, CHARACTER)),
        Type::Library("kubernetes.URL") => Some(times(right.size.map_or(1, |size| size.most), CHARACTER)),
        Type::Library(_) => Some(1),
        _ => None,
    }
}
