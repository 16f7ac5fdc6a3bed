//! What the API server finds wrong with an expression when it is created: unknown variables, fields and functions, operands that don't fit,
//! and the type of the result.

mod functions;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::syntax::{Access, Expr, Fold, FoldKind, Kind, Literal, Offset, Op};

/// A type.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Type {
    /// Anything: known only when it is evaluated.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    /// An object with these fields.
    Object(Arc<ObjectType>),
    /// A type of Kubernetes' libraries.
    Library(&'static str),
    /// A type as a value.
    Type,
}

/// An object's fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectType {
    /// Its name, for messages.
    pub name: String,
    /// Its fields, by their names in expressions.
    pub fields: BTreeMap<String, Type>,
}

/// Something wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes from its start.
    pub at: Offset,
    /// What is wrong.
    pub message: String,
}

/// What an expression may use.
#[derive(Clone, Debug)]
pub struct Names {
    /// The variables.
    pub variables: Vec<(String, Type)>,
    /// The minor version of Kubernetes, which decides what functions there are: 33 for 1.33.
    pub minor: u32,
}

/// The types of an expression and its parts.
#[derive(Clone, Debug)]
pub struct Checked {
    /// That of its value.
    pub result: Type,
    /// Those of its parts, by where these are in memory.
    parts: HashMap<*const Expr, Type>,
}

impl Checked {
    /// The type of a part of the very expression that was checked; anything for what is none of its parts.
    pub fn of(&self, part: &Expr) -> &Type {
        self.parts.get(&std::ptr::from_ref(part)).unwrap_or(&Type::Dyn)
    }
}

/// Finds the types of an expression.
///
/// # Errors
///
/// What is wrong, in the order of the text.
pub fn check(expr: &Expr, names: &Names) -> Result<Checked, Vec<Problem>> {
    let mut checker = Checker { names, scope: Vec::new(), problems: Vec::new(), parts: HashMap::new() };
    let result = checker.of(expr);
    if checker.problems.is_empty() { Ok(Checked { result, parts: checker.parts }) } else { Err(checker.problems) }
}

struct Checker<'c> {
    names: &'c Names,
    scope: Vec<(&'c str, Type)>,
    problems: Vec<Problem>,
    parts: HashMap<*const Expr, Type>,
}

impl<'c> Checker<'c> {
    fn wrong(&mut self, at: Offset, message: impl Into<String>) -> Type {
        self.problems.push(Problem { at, message: message.into() });
        Type::Dyn
    }

    fn of(&mut self, expr: &'c Expr) -> Type {
        let found = self.found(expr);
        self.parts.insert(std::ptr::from_ref(expr), found.clone());
        found
    }

    fn found(&mut self, expr: &'c Expr) -> Type {
        match &expr.kind {
            Kind::Literal(literal) => of_literal(literal),
            Kind::Ident(name) => self.variable(name, expr.at),
            Kind::Select(of, field, access) => {
                let of = self.of(of);
                self.select(of, field, *access, expr.at)
            }
            Kind::Index(both, optional) => {
                let (of, index) = (self.of(&both[0]), self.of(&both[1]));
                self.index(of, &index, *optional, expr.at)
            }
            Kind::And(all) | Kind::Or(all) => {
                for part in all {
                    self.wants(part, &Type::Bool);
                }
                Type::Bool
            }
            Kind::Conditional(all) => {
                self.wants(&all[0], &Type::Bool);
                let (then, otherwise) = (self.of(&all[1]), self.of(&all[2]));
                match joined(&then, &otherwise) {
                    Some(found) => found,
                    None => self.mismatch(expr.at, "_?_:_", &[&Type::Bool, &then, &otherwise]),
                }
            }
            Kind::Not(of) => {
                self.wants(of, &Type::Bool);
                Type::Bool
            }
            Kind::Negate(of) => match self.of(of) {
                found @ (Type::Int | Type::Double | Type::Duration | Type::Dyn) => found,
                found => self.mismatch(expr.at, "-_", &[&found]),
            },
            Kind::Binary(op, both) => {
                let (left, right) = (self.of(&both[0]), self.of(&both[1]));
                operator(*op, &left, &right).unwrap_or_else(|| {
                    let name = if *op == Op::In { "@in".to_owned() } else { format!("_{}_", op.symbol()) };
                    self.mismatch(expr.at, &name, &[&left, &right])
                })
            }
            Kind::List(items) => {
                let types: Vec<Type> = items.iter().map(|(item, optional)| unwrapped(self.of(item), *optional)).collect();
                Type::List(Arc::new(together(types)))
            }
            Kind::Map(entries) => {
                let (keys, values) =
                    entries.iter().map(|(key, value, optional)| (self.of(key), unwrapped(self.of(value), *optional))).unzip();
                Type::Map(Arc::new(together(keys)), Arc::new(together(values)))
            }
            Kind::Struct(name) => self.wrong(expr.at, format!("undeclared reference to '{name}' (in container '')")),
            Kind::Call(call) => {
                let target = call.target.as_ref().map(|target| self.of(target));
                let args: Vec<Type> = call.args.iter().map(|arg| self.of(arg)).collect();
                match functions::result(&call.name, target.as_ref(), &args, self.names.minor) {
                    Ok(found) => found,
                    Err(functions::Wrong::Unknown) => {
                        let name = call.name.rsplit('.').next().unwrap_or_default();
                        self.wrong(expr.at, format!("undeclared reference to '{name}' (in container '')"))
                    }
                    Err(functions::Wrong::Operands) => self.mismatch(expr.at, &call.name, &target.iter().chain(&args).collect::<Vec<_>>()),
                }
            }
            Kind::Fold(fold) => self.fold(fold, expr.at),
        }
    }

    fn wants(&mut self, expr: &'c Expr, wanted: &Type) {
        let found = self.of(expr);
        if !fits(&found, wanted) {
            self.wrong(expr.at, format!("expected type '{wanted}' but found '{found}'"));
        }
    }

    fn mismatch(&mut self, at: Offset, name: &str, operands: &[&Type]) -> Type {
        let operands: Vec<String> = operands.iter().map(|operand| operand.to_string()).collect();
        self.wrong(at, format!("found no matching overload for '{name}' applied to '({})'", operands.join(", ")))
    }

    fn variable(&mut self, name: &str, at: Offset) -> Type {
        if let Some((_, found)) = self.scope.iter().rev().find(|(known, _)| *known == name) {
            return found.clone();
        }
        match self.names.variables.iter().find(|(known, _)| known == name) {
            Some((_, found)) => found.clone(),
            None if crate::eval::is_type(name) => Type::Type,
            None => self.wrong(at, format!("undeclared reference to '{name}' (in container '')")),
        }
    }

    fn select(&mut self, of: Type, field: &str, access: Access, at: Offset) -> Type {
        let (held, is_optional) = match &of {
            Type::Optional(held) => ((**held).clone(), true),
            _ => (of.clone(), false),
        };
        let found = match &held {
            Type::Dyn => Type::Dyn,
            Type::Object(object) => match object.fields.get(field) {
                Some(found) => found.clone(),
                None => self.wrong(at, format!("undefined field '{field}'")),
            },
            Type::Map(key, value) if fits(&Type::String, key) => (**value).clone(),
            _ => self.wrong(at, format!("type '{of}' does not support field selection")),
        };
        match access {
            Access::Test => Type::Bool,
            Access::Optional => Type::Optional(Arc::new(found)),
            Access::Plain if is_optional => Type::Optional(Arc::new(found)),
            Access::Plain => found,
        }
    }

    fn index(&mut self, of: Type, index: &Type, optional: bool, at: Offset) -> Type {
        let (held, optional) = match &of {
            Type::Optional(held) => (&**held, true),
            _ => (&of, optional),
        };
        let is_number = matches!(index, Type::Int | Type::Uint | Type::Double | Type::Dyn);
        let found = match held {
            Type::Dyn => Type::Dyn,
            Type::List(item) if is_number => (**item).clone(),
            Type::Map(key, value) if fits(index, key) => (**value).clone(),
            _ => self.mismatch(at, "_[_]", &[&of, index]),
        };
        if optional { Type::Optional(Arc::new(found)) } else { found }
    }

    fn fold(&mut self, fold: &'c Fold, at: Offset) -> Type {
        let range = self.of(&fold.range);
        if matches!(fold.kind, FoldKind::OptMap | FoldKind::OptFlatMap) {
            let held = match &range {
                Type::Optional(held) => (**held).clone(),
                Type::Dyn => Type::Dyn,
                _ => self.mismatch(at, "optMap", &[&range]),
            };
            let body = self.with(&[(&fold.first, held)], |checker| checker.of(&fold.body));
            return if fold.kind == FoldKind::OptMap { Type::Optional(Arc::new(body)) } else { body };
        }
        if fold.second.is_some() && self.names.minor < 33 {
            return self.wrong(at, "undeclared reference to a macro of two variables");
        }
        let (key, item) = match &range {
            Type::List(item) => (Type::Int, (**item).clone()),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn => (Type::Dyn, Type::Dyn),
            _ => {
                self.wrong(
                    fold.range.at,
                    format!("expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)"),
                );
                (Type::Dyn, Type::Dyn)
            }
        };
        let variables: Vec<(&'c str, Type)> = match &fold.second {
            Some(second) => vec![(&*fold.first, key.clone()), (second, item)],
            None if matches!(range, Type::Map(..)) => vec![(&*fold.first, key.clone())],
            None => vec![(&*fold.first, item)],
        };
        let first = variables[0].1.clone();
        if let Some(filter) = &fold.filter {
            self.with(&variables, |checker| {
                checker.wants(filter, &Type::Bool);
                Type::Bool
            });
        }
        let body = self.with(&variables, |checker| checker.of(&fold.body));
        let decides = matches!(fold.kind, FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne | FoldKind::Filter);
        if decides && !fits(&body, &Type::Bool) {
            self.wrong(fold.body.at, format!("expected type 'bool' but found '{body}'"));
        }
        match fold.kind {
            FoldKind::Filter => Type::List(Arc::new(first)),
            FoldKind::Map | FoldKind::TransformList => Type::List(Arc::new(body)),
            FoldKind::TransformMap => Type::Map(Arc::new(key), Arc::new(body)),
            FoldKind::TransformMapEntry => body,
            _ => Type::Bool,
        }
    }

    fn with(&mut self, variables: &[(&'c str, Type)], then: impl FnOnce(&mut Self) -> Type) -> Type {
        let depth = self.scope.len();
        self.scope.extend(variables.iter().cloned());
        let found = then(self);
        self.scope.truncate(depth);
        found
    }
}

fn of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

fn unwrapped(found: Type, optional: bool) -> Type {
    match found {
        Type::Optional(held) if optional => (*held).clone(),
        found => found,
    }
}

/// The type of several elements: theirs if it is one, else anything.
fn together(types: Vec<Type>) -> Type {
    let mut types = types.into_iter();
    let Some(first) = types.next() else { return Type::Dyn };
    types.try_fold(first, |all, next| joined(&all, &next)).unwrap_or(Type::Dyn)
}

/// One type for two; nothing where they have none.
fn joined(a: &Type, b: &Type) -> Option<Type> {
    if fits(b, a) {
        Some(if *a == Type::Null { b.clone() } else { a.clone() })
    } else if fits(a, b) {
        Some(b.clone())
    } else {
        None
    }
}

/// Whether a value of one type can be where another is wanted.
pub(crate) fn fits(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Dyn, _) | (_, Type::Dyn) => true,
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => fits(a, b),
        (Type::Map(a, b), Type::Map(c, d)) => fits(a, c) && fits(b, d),
        (Type::Null, Type::Object(_) | Type::Duration | Type::Timestamp | Type::Optional(_) | Type::Library(_)) => true,
        _ => found == wanted,
    }
}

fn is_number(found: &Type) -> bool {
    matches!(found, Type::Int | Type::Uint | Type::Double)
}

fn operator(op: Op, left: &Type, right: &Type) -> Option<Type> {
    let (l, r) = (left, right);
    match op {
        Op::Equal | Op::NotEqual => (fits(l, r) || fits(r, l)).then_some(Type::Bool),
        Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            let can = |found: &Type| {
                is_number(found) || matches!(found, Type::Bool | Type::String | Type::Bytes | Type::Duration | Type::Timestamp | Type::Dyn)
            };
            (can(l) && can(r) && (fits(l, r) || (is_number(l) && is_number(r)))).then_some(Type::Bool)
        }
        Op::In => match r {
            Type::Dyn => Some(Type::Bool),
            Type::List(item) => fits(l, item).then_some(Type::Bool),
            Type::Map(key, _) => fits(l, key).then_some(Type::Bool),
            _ => None,
        },
        Op::Add => match (l, r) {
            (Type::Dyn, Type::Dyn) => Some(Type::Dyn),
            (Type::Timestamp, Type::Duration | Type::Dyn) | (Type::Duration, Type::Timestamp) => Some(Type::Timestamp),
            (Type::String | Type::Bytes | Type::Duration | Type::List(_), Type::Dyn) => Some(l.clone()),
            (Type::Dyn, Type::String | Type::Bytes | Type::List(_)) => Some(r.clone()),
            (Type::Dyn, Type::Duration | Type::Timestamp) => Some(Type::Dyn),
            (Type::String, Type::String) | (Type::Bytes, Type::Bytes) | (Type::Duration, Type::Duration) => Some(l.clone()),
            (Type::List(_), Type::List(_)) => joined(l, r),
            _ => numbers(l, r),
        },
        Op::Subtract => match (l, r) {
            (Type::Timestamp, Type::Timestamp) | (Type::Duration, Type::Duration | Type::Dyn) => Some(Type::Duration),
            (Type::Timestamp, Type::Duration) => Some(Type::Timestamp),
            (Type::Timestamp, Type::Dyn) | (Type::Dyn, Type::Duration | Type::Timestamp) => Some(Type::Dyn),
            _ => numbers(l, r),
        },
        Op::Multiply | Op::Divide => numbers(l, r),
        Op::Remainder => numbers(l, r).filter(|found| *found != Type::Double),
    }
}

fn numbers(l: &Type, r: &Type) -> Option<Type> {
    match (l, r) {
        (Type::Dyn, Type::Dyn) => Some(Type::Dyn),
        (Type::Dyn, number) | (number, Type::Dyn) if is_number(number) => Some(number.clone()),
        _ if l == r && is_number(l) => Some(l.clone()),
        _ => None,
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn => f.write_str("dyn"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Uint => f.write_str("uint"),
            Type::Double => f.write_str("double"),
            Type::String => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Duration => f.write_str("duration"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::List(item) => write!(f, "list({item})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Optional(held) => write!(f, "optional_type({held})"),
            Type::Object(object) => f.write_str(&object.name),
            Type::Library(name) => f.write_str(name),
            Type::Type => f.write_str("type"),
        }
    }
}
