//! Operators on numbers and sets: the engine's own fail where OPA's are undefined.

use regorus::Value;

use super::{Answer, wrong};

const NUMBERS: &str = "two numbers";
const SETS: &str = "two sets";

pub(super) fn plus(arguments: &[Value]) -> Answer {
    let [Value::Number(one), Value::Number(two)] = arguments else { return Err(wrong(NUMBERS)) };
    one.add(two).map(Value::from).map_err(|_| wrong(NUMBERS))
}

pub(super) fn minus(arguments: &[Value]) -> Answer {
    match arguments {
        [Value::Number(one), Value::Number(two)] => one.sub(two).map(Value::from).map_err(|_| wrong(NUMBERS)),
        [Value::Set(one), Value::Set(two)] => Ok(Value::from(one.difference(two))),
        _ => Err(wrong("two numbers or two sets")),
    }
}

pub(super) fn times(arguments: &[Value]) -> Answer {
    let [Value::Number(one), Value::Number(two)] = arguments else { return Err(wrong(NUMBERS)) };
    one.mul(two).map(Value::from).map_err(|_| wrong(NUMBERS))
}

pub(super) fn divided(arguments: &[Value]) -> Answer {
    let [Value::Number(one), two @ Value::Number(divisor)] = arguments else { return Err(wrong(NUMBERS)) };
    if *two == Value::from(0) {
        return Err(wrong("a divisor other than 0"));
    }
    one.clone().divide(divisor).map(Value::from).map_err(|_| wrong(NUMBERS))
}

pub(super) fn remainder(arguments: &[Value]) -> Answer {
    let [Value::Number(one), two @ Value::Number(divisor)] = arguments else { return Err(wrong(NUMBERS)) };
    if *two == Value::from(0) || !one.is_integer() || !divisor.is_integer() {
        return Err(wrong("whole numbers, the second other than 0"));
    }
    one.clone().modulo(divisor).map(Value::from).map_err(|_| wrong(NUMBERS))
}

pub(super) fn intersection(arguments: &[Value]) -> Answer {
    let [Value::Set(one), Value::Set(two)] = arguments else { return Err(wrong(SETS)) };
    Ok(Value::from(one.intersection(two)))
}

pub(super) fn union(arguments: &[Value]) -> Answer {
    let [Value::Set(one), Value::Set(two)] = arguments else { return Err(wrong(SETS)) };
    Ok(Value::from(one.union(two)))
}

/// `any`, of Rego before 1.0.
pub(super) fn any(arguments: &[Value]) -> Answer {
    truths(arguments).map(|truths| Value::from(truths.contains(&true)))
}

/// `all`, of Rego before 1.0.
pub(super) fn all(arguments: &[Value]) -> Answer {
    truths(arguments).map(|truths| Value::from(!truths.contains(&false)))
}

/// Which elements of a list or set are `true`.
fn truths(arguments: &[Value]) -> Result<Vec<bool>, super::Refusal> {
    let is_true = |value: &Value| *value == Value::from(true);
    match arguments {
        [Value::Array(items)] => Ok(items.iter().map(is_true).collect()),
        [Value::Set(items)] => Ok(items.iter_sorted().map(is_true).collect()),
        _ => Err(wrong("a list or a set")),
    }
}

/// What `some … in` goes through: nothing where it is no collection.
pub(super) fn collection(arguments: &[Value]) -> Answer {
    match arguments {
        [collection @ (Value::Array(_) | Value::Set(_) | Value::Object(_))] => Ok(collection.clone()),
        _ => Ok(Value::Undefined),
    }
}

/// `key, value in collection`: whether a value stands at a key; in a set, each stands at itself.
pub(super) fn member(arguments: &[Value]) -> Answer {
    let [key, value, collection] = arguments else { return Ok(Value::Undefined) };
    let found = match (collection, key) {
        (Value::Array(items), Value::Number(_)) => key.as_u64().ok().and_then(|at| items.iter().nth(usize::try_from(at).ok()?)),
        (Value::Set(items), _) => items.get(key),
        (Value::Object(fields), _) => fields.get(key),
        _ => None,
    };
    Ok(Value::from(found == Some(value)))
}

/// The first argument, once all have values: what `every` goes through, and what is looked up.
pub(super) fn after(arguments: &[Value]) -> Answer {
    Ok(arguments.first().cloned().unwrap_or(Value::Undefined))
}

/// How many keys an object has that a pattern takes apart.
pub(super) fn count(arguments: &[Value]) -> Answer {
    match arguments {
        [Value::Object(fields)] => Ok(Value::from(fields.len())),
        _ => Ok(Value::Undefined),
    }
}
