//! Operators, fields and elements.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Budget, Evaluated, error, is_ordering, no_overload};
use crate::syntax::{Access, Op};
use crate::value::{Key, Value};

/// More than any list or text needs, in elements.
const HEAVIEST: usize = 1 << 24;

pub(super) fn select(of: Value, field: &str, access: Access) -> Evaluated {
    match of {
        // What is behind an optional value is optional too.
        Value::Optional(held) => match (held, access) {
            (None, Access::Test) => Ok(Value::Bool(false)),
            (None, _) => Ok(Value::Optional(None)),
            (Some(held), Access::Test) => select((*held).clone(), field, Access::Test),
            (Some(held), _) => select((*held).clone(), field, Access::Optional),
        },
        Value::Map(map) => {
            let found = map.get(&Key::String(field.into()));
            match (found, access) {
                (Some(value), Access::Plain) => Ok(value.clone()),
                (None, Access::Plain) => error(format!("no such key: {field}")),
                (Some(Value::Unknown(why)), _) => super::unknown(*why),
                (found, Access::Test) => Ok(Value::Bool(found.is_some())),
                (found, Access::Optional) => Ok(Value::Optional(found.cloned().map(Arc::new))),
            }
        }
        other => error(format!("no such overload: field {field} of {}", other.type_name())),
    }
}

pub(super) fn index(of: Value, index: &Value, optional: bool) -> Evaluated {
    let of = match of {
        Value::Optional(None) => return Ok(Value::Optional(None)),
        Value::Optional(Some(held)) => return self::index((*held).clone(), index, true),
        of => of,
    };
    let found = match &of {
        Value::List(list) => {
            let Some(Key::Int(at)) = index.as_key() else {
                return error(format!("unsupported index type '{}' in list", index.type_name()));
            };
            usize::try_from(at).ok().and_then(|at| list.items.get(at)).ok_or_else(|| format!("index out of bounds: {at}"))
        }
        Value::Map(map) => {
            let Some(key) = index.as_key() else { return error(format!("unsupported key type: {}", index.type_name())) };
            map.get(&key).ok_or_else(|| format!("no such key: {}", shown_key(&key)))
        }
        other => return error(format!("no such overload: {}[_]", other.type_name())),
    };
    match (found, optional) {
        (Ok(value), false) => Ok(value.clone()),
        (Err(message), false) => error(message),
        (found, true) => Ok(Value::Optional(found.ok().cloned().map(Arc::new))),
    }
}

fn shown_key(key: &Key) -> String {
    match key {
        Key::Bool(value) => value.to_string(),
        Key::Int(value) => value.to_string(),
        Key::String(text) => text.to_string(),
    }
}

pub(super) fn key_value(key: &Key) -> Value {
    match key {
        Key::Bool(value) => Value::Bool(*value),
        Key::Int(value) => i64::try_from(*value).map(Value::Int).unwrap_or_else(|_| Value::Uint(u64::try_from(*value).unwrap_or_default())),
        Key::String(text) => Value::String(Arc::clone(text)),
    }
}

pub(super) fn negate(value: Value) -> Evaluated {
    match value {
        Value::Int(value) => value.checked_neg().map_or_else(overflow, |value| Ok(Value::Int(value))),
        Value::Double(value) => Ok(Value::Double(-value)),
        Value::Duration(value) => Ok(Value::Duration(-value)),
        _ => no_overload("-_"),
    }
}

fn overflow() -> Evaluated {
    error("integer overflow")
}

pub(super) fn binary(op: Op, left: &Value, right: &Value, budget: &Budget) -> Evaluated {
    match op {
        Op::Equal | Op::NotEqual => {
            budget.charge(left.weight(HEAVIEST).min(right.weight(HEAVIEST)))?;
            Ok(Value::Bool((left == right) == (op == Op::Equal)))
        }
        Op::In => contains(left, right, budget),
        _ if is_ordering(op) => {
            let Some(ordering) = left.compare(right) else {
                let is_nan = |value: &Value| matches!(value, Value::Double(number) if number.is_nan());
                return if is_nan(left) || is_nan(right) { Ok(Value::Bool(false)) } else { no_overload(op.symbol()) };
            };
            Ok(Value::Bool(match op {
                Op::Less => ordering == Ordering::Less,
                Op::LessEqual => ordering != Ordering::Greater,
                Op::Greater => ordering == Ordering::Greater,
                _ => ordering != Ordering::Less,
            }))
        }
        _ => arithmetic(op, left, right, budget),
    }
}

fn contains(item: &Value, of: &Value, budget: &Budget) -> Evaluated {
    match of {
        Value::List(list) => {
            budget.charge(list.items.len() * item.weight(64))?;
            Ok(Value::Bool(list.items.contains(item)))
        }
        Value::Map(map) => Ok(Value::Bool(item.as_key().is_some_and(|key| map.contains_key(&key)))),
        _ => no_overload("in"),
    }
}

fn arithmetic(op: Op, left: &Value, right: &Value, budget: &Budget) -> Evaluated {
    let zero = |what: &str| error(if op == Op::Divide { format!("division by zero{what}") } else { format!("modulus by zero{what}") });
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => {
            let value = match op {
                Op::Divide | Op::Remainder if *b == 0 => return zero(""),
                Op::Add => a.checked_add(*b),
                Op::Subtract => a.checked_sub(*b),
                Op::Multiply => a.checked_mul(*b),
                Op::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            value.map_or_else(overflow, |value| Ok(Value::Int(value)))
        }
        (Value::Uint(a), Value::Uint(b)) => {
            let value = match op {
                Op::Divide | Op::Remainder if *b == 0 => return zero(""),
                Op::Add => a.checked_add(*b),
                Op::Subtract => a.checked_sub(*b),
                Op::Multiply => a.checked_mul(*b),
                Op::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            value.map_or_else(|| error("unsigned integer overflow"), |value| Ok(Value::Uint(value)))
        }
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(match op {
            Op::Add => a + b,
            Op::Subtract => a - b,
            Op::Multiply => a * b,
            Op::Divide => a / b,
            _ => return no_overload("%"),
        })),
        (Value::String(a), Value::String(b)) if op == Op::Add => {
            budget.charge((a.len() + b.len()) / 16)?;
            Ok(Value::string([&**a, &**b].concat()))
        }
        (Value::Bytes(a), Value::Bytes(b)) if op == Op::Add => {
            budget.charge((a.len() + b.len()) / 16)?;
            Ok(Value::Bytes([&**a, &**b].concat().into()))
        }
        (Value::List(a), Value::List(b)) if op == Op::Add => {
            let compared = if a.kind == Default::default() { 0 } else { a.items.len().saturating_mul(b.items.len()) };
            budget.charge(a.items.len() + b.items.len() + compared)?;
            Ok(Value::List(Arc::new(Value::joined(a, b))))
        }
        _ => moments(op, left, right),
    }
}

/// Sums and differences of times.
fn moments(op: Op, left: &Value, right: &Value) -> Evaluated {
    let found = match (op, left, right) {
        (Op::Add, Value::Duration(a), Value::Duration(b)) => a.checked_add(b).map(Value::Duration),
        (Op::Subtract, Value::Duration(a), Value::Duration(b)) => a.checked_sub(b).map(Value::Duration),
        (Op::Add, Value::Timestamp(a), Value::Duration(b)) | (Op::Add, Value::Duration(b), Value::Timestamp(a)) => {
            a.checked_add_signed(*b).map(Value::Timestamp)
        }
        (Op::Subtract, Value::Timestamp(a), Value::Duration(b)) => a.checked_sub_signed(*b).map(Value::Timestamp),
        (Op::Subtract, Value::Timestamp(a), Value::Timestamp(b)) => Some(Value::Duration(*a - *b)),
        _ => return no_overload(op.symbol()),
    };
    found.map_or_else(|| error("timestamp or duration overflow"), Ok)
}
