//! Evaluation, within bounds.

mod convert;
mod formats;
mod functions;
mod kubernetes;
mod lists;
mod operators;
mod texts;
mod time;

pub(crate) use functions::is_type;

pub use functions::base64_bytes;
pub use time::{duration, timestamp};

use std::cell::Cell;
use std::sync::Arc;

use crate::syntax::{Access, Expr, Fold, FoldKind, Kind, Literal, Op};
use crate::value::{Key, Map, Value};

/// How much one object or request may cost: a step is one part of an expression, 16 bytes of text or one element that is looked at, some 50 ns.
/// The API server's own limit for an object is ten million of its units.
pub const MOST_STEPS: u64 = 2_000_000;

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server has none either: this error is what it reports.
    Error(String),
    /// It can't be known here, and why.
    Unknown(String),
}

/// An expression's value.
pub type Evaluated = Result<Value, Fault>;

pub(crate) fn error<T>(message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Error(message.into()))
}

pub(crate) fn unknown<T>(message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Unknown(message.into()))
}

pub(crate) fn no_overload<T>(name: &str) -> Result<T, Fault> {
    error(format!("no such overload: {name}"))
}

/// What expressions may use.
pub trait Variables {
    /// A variable by its name.
    fn get(&self, name: &str) -> Option<Evaluated>;

    /// A field of `variables`, which are expressions themselves.
    fn composite(&self, _field: &str) -> Option<Evaluated> {
        None
    }
}

impl Variables for [(&str, Value)] {
    fn get(&self, name: &str) -> Option<Evaluated> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| Ok(value.clone()))
    }
}

impl<const N: usize> Variables for [(&str, Value); N] {
    fn get(&self, name: &str) -> Option<Evaluated> {
        Variables::get(&self[..], name)
    }
}

/// What all expressions about one object may cost together.
#[derive(Debug)]
pub struct Budget(Cell<u64>);

impl Default for Budget {
    fn default() -> Self {
        Budget(Cell::new(MOST_STEPS))
    }
}

impl Budget {
    /// A budget of so many steps.
    pub fn of(steps: u64) -> Self {
        Budget(Cell::new(steps))
    }

    /// Takes so many steps.
    pub(crate) fn charge(&self, steps: usize) -> Result<(), Fault> {
        match self.0.get().checked_sub(steps as u64) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => {
                self.0.set(0);
                unknown("it costs more than may be spent on one object")
            }
        }
    }
}

/// Evaluates an expression.
///
/// # Errors
///
/// The server's error, or that its value can't be known.
pub fn evaluate(expr: &Expr, variables: &dyn Variables, budget: &Budget) -> Evaluated {
    Evaluator { variables, scope: Vec::new(), budget }.eval(expr)
}

struct Evaluator<'e> {
    variables: &'e dyn Variables,
    /// The variables of macros, innermost last.
    scope: Vec<(&'e str, Value)>,
    budget: &'e Budget,
}

impl<'e> Evaluator<'e> {
    fn eval(&mut self, expr: &'e Expr) -> Evaluated {
        self.budget.charge(1)?;
        match self.part(expr)? {
            Value::Unknown(why) => unknown(why),
            value => Ok(value),
        }
    }

    fn part(&mut self, expr: &'e Expr) -> Evaluated {
        Ok(match &expr.kind {
            Kind::Literal(literal) => constant(literal),
            Kind::Ident(name) => return self.variable(name),
            Kind::Select(of, field, access) => return self.select(of, field, *access),
            Kind::Index(both, optional) => {
                let (of, index) = (self.eval(&both[0])?, self.eval(&both[1])?);
                return operators::index(of, &index, *optional);
            }
            Kind::Call(call) => return self.call(call),
            Kind::And(all) => return self.joined(all.iter(), false),
            Kind::Or(all) => return self.joined(all.iter(), true),
            Kind::Conditional(all) => match self.eval(&all[0])? {
                Value::Bool(true) => return self.eval(&all[1]),
                Value::Bool(false) => return self.eval(&all[2]),
                _ => return no_overload("_?_:_"),
            },
            Kind::Not(of) => match self.eval(of)? {
                Value::Bool(value) => Value::Bool(!value),
                _ => return no_overload("!_"),
            },
            Kind::Negate(of) => return operators::negate(self.eval(of)?),
            Kind::Binary(op, both) => {
                let (left, right) = (self.eval(&both[0])?, self.eval(&both[1])?);
                return operators::binary(*op, &left, &right, self.budget);
            }
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (item, optional) in items {
                    match (self.eval(item)?, optional) {
                        (value, false) => list.push(value),
                        (Value::Optional(value), true) => list.extend(value.as_deref().cloned()),
                        (_, true) => return no_overload("[?_]"),
                    }
                }
                Value::list(list)
            }
            Kind::Map(entries) => {
                let mut map = Map::new();
                for (key, value, optional) in entries {
                    let Some(key) = self.eval(key)?.as_key() else { return error("unsupported key type") };
                    let value = match (self.eval(value)?, optional) {
                        (value, false) => value,
                        (Value::Optional(Some(value)), true) => (*value).clone(),
                        (Value::Optional(None), true) => continue,
                        (_, true) => return no_overload("{?_: _}"),
                    };
                    if map.insert(key, value).is_some() {
                        return error("Failed with repeated key");
                    }
                }
                Value::Map(Arc::new(map))
            }
            Kind::Struct(name) => return error(format!("unknown type: {name}")),
            Kind::Fold(fold) => return self.fold(fold),
        })
    }

    fn variable(&mut self, name: &str) -> Evaluated {
        if let Some((_, value)) = self.scope.iter().rev().find(|(known, _)| *known == name) {
            return Ok(value.clone());
        }
        match self.variables.get(name) {
            Some(value) => value,
            None => match functions::type_named(name) {
                Some(name) => Ok(Value::Type(name)),
                None => error(format!("no such attribute(s): {name}")),
            },
        }
    }

    fn select(&mut self, of: &'e Expr, field: &str, access: Access) -> Evaluated {
        if let Kind::Ident(name) = &of.kind
            && &**name == "variables"
            && !self.scope.iter().any(|(known, _)| *known == "variables")
            && let Some(value) = self.variables.composite(field)
        {
            return match access {
                Access::Plain => value,
                Access::Test => Ok(Value::Bool(true)),
                Access::Optional => value.map(Value::some),
            };
        }
        operators::select(self.eval(of)?, field, access)
    }

    /// `&&` and `||`: what decides them does so whatever fails beside it.
    fn joined(&mut self, parts: impl Iterator<Item = &'e Expr>, decides: bool) -> Evaluated {
        let mut failed = None;
        for part in parts {
            match self.eval(part) {
                Ok(Value::Bool(value)) if value == decides => return Ok(Value::Bool(decides)),
                Ok(Value::Bool(_)) => {}
                Ok(_) => worse(&mut failed, Fault::Error(format!("no such overload: {}", if decides { "||" } else { "&&" }))),
                Err(fault) => worse(&mut failed, fault),
            }
        }
        failed.map_or(Ok(Value::Bool(!decides)), Err)
    }

    fn fold(&mut self, fold: &'e Fold) -> Evaluated {
        let range = self.eval(&fold.range)?;
        if matches!(fold.kind, FoldKind::OptMap | FoldKind::OptFlatMap) {
            let Value::Optional(held) = range else { return no_overload("optMap") };
            let Some(held) = held else { return Ok(Value::Optional(None)) };
            let value = self.with(fold, (*held).clone(), None, |evaluator| evaluator.eval(&fold.body))?;
            return match (fold.kind, value) {
                (FoldKind::OptMap, value) => Ok(Value::some(value)),
                (_, Value::Optional(value)) => Ok(Value::Optional(value)),
                _ => no_overload("optFlatMap"),
            };
        }
        let has_two = fold.second.is_some();
        let pairs: Vec<(Value, Option<Value>)> = match &range {
            Value::List(list) if has_two => {
                list.items.iter().enumerate().map(|(at, item)| (Value::Int(at as i64), Some(item.clone()))).collect()
            }
            Value::List(list) => list.items.iter().map(|item| (item.clone(), None)).collect(),
            Value::Map(map) => map.iter().map(|(key, value)| (operators::key_value(key), has_two.then(|| value.clone()))).collect(),
            _ => return error(format!("got '{}', expected iterable type", range.type_name())),
        };
        self.budget.charge(pairs.len())?;
        match fold.kind {
            FoldKind::All | FoldKind::Exists => {
                let decides = fold.kind == FoldKind::Exists;
                let mut failed = None;
                for (first, second) in pairs {
                    match self.with(fold, first, second, |evaluator| evaluator.eval(&fold.body)) {
                        Ok(Value::Bool(value)) if value == decides => return Ok(Value::Bool(decides)),
                        Ok(Value::Bool(_)) => {}
                        Ok(_) => worse(&mut failed, Fault::Error("no such overload".into())),
                        Err(fault) => worse(&mut failed, fault),
                    }
                }
                failed.map_or(Ok(Value::Bool(!decides)), Err)
            }
            FoldKind::ExistsOne => {
                let mut count = 0;
                for (first, second) in pairs {
                    count += usize::from(self.holds(fold, &fold.body, first, second)?);
                }
                Ok(Value::Bool(count == 1))
            }
            FoldKind::Filter => {
                let mut found = Vec::new();
                for (first, second) in pairs {
                    if self.holds(fold, &fold.body, first.clone(), second)? {
                        found.push(first);
                    }
                }
                Ok(Value::list(found))
            }
            FoldKind::Map | FoldKind::TransformList => {
                let mut found = Vec::new();
                for (first, second) in pairs {
                    if self.passes(fold, &first, &second)? {
                        found.push(self.with(fold, first, second, |evaluator| evaluator.eval(&fold.body))?);
                    }
                }
                Ok(Value::list(found))
            }
            _ => {
                let mut found = Map::new();
                for (first, second) in pairs {
                    if !self.passes(fold, &first, &second)? {
                        continue;
                    }
                    let key = first.as_key();
                    let value = self.with(fold, first, second, |evaluator| evaluator.eval(&fold.body))?;
                    let entries: Vec<(Key, Value)> = match (fold.kind, key, value) {
                        (FoldKind::TransformMap, Some(key), value) => vec![(key, value)],
                        (_, _, Value::Map(map)) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                        _ => return no_overload("transformMap"),
                    };
                    for (key, value) in entries {
                        if found.insert(key, value).is_some() {
                            return error("insert failed: key already exists");
                        }
                    }
                }
                Ok(Value::Map(Arc::new(found)))
            }
        }
    }

    fn passes(&mut self, fold: &'e Fold, first: &Value, second: &Option<Value>) -> Result<bool, Fault> {
        match &fold.filter {
            Some(filter) => self.holds(fold, filter, first.clone(), second.clone()),
            None => Ok(true),
        }
    }

    fn holds(&mut self, fold: &'e Fold, condition: &'e Expr, first: Value, second: Option<Value>) -> Result<bool, Fault> {
        match self.with(fold, first, second, |evaluator| evaluator.eval(condition))? {
            Value::Bool(value) => Ok(value),
            _ => no_overload("condition"),
        }
    }

    fn with(&mut self, fold: &'e Fold, first: Value, second: Option<Value>, then: impl FnOnce(&mut Self) -> Evaluated) -> Evaluated {
        let depth = self.scope.len();
        self.scope.push((&fold.first, first));
        if let (Some(name), Some(value)) = (&fold.second, second) {
            self.scope.push((name, value));
        }
        let value = then(self);
        self.scope.truncate(depth);
        value
    }
}

/// Keeps the first error, unless something can't be known: then nor can the whole.
fn worse(failed: &mut Option<Fault>, fault: Fault) {
    if failed.is_none() || (matches!(fault, Fault::Unknown(_)) && matches!(failed, Some(Fault::Error(_)))) {
        *failed = Some(fault);
    }
}

fn constant(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(text) => Value::String(Arc::clone(text)),
        Literal::Bytes(bytes) => Value::Bytes(Arc::clone(bytes)),
    }
}

/// Whether an operator's result needs no look at what its operands hold.
pub(crate) fn is_ordering(op: Op) -> bool {
    matches!(op, Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual)
}
