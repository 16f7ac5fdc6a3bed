//! Which of two values is less: OPA has sets behind objects, the engine before them.

use std::cmp::Ordering;

use regorus::Value;

use super::{Answer, wrong};

/// How deep values are compared in this way.
const DEEPEST: usize = 128;

fn answer(arguments: &[Value], accepts: fn(Ordering) -> bool) -> Answer {
    let [one, two] = arguments else { return Err(wrong("two values")) };
    Ok(Value::from(accepts(compare(one, two, 0))))
}

pub(super) fn less(arguments: &[Value]) -> Answer {
    answer(arguments, Ordering::is_lt)
}

pub(super) fn at_most(arguments: &[Value]) -> Answer {
    answer(arguments, Ordering::is_le)
}

pub(super) fn greater(arguments: &[Value]) -> Answer {
    answer(arguments, Ordering::is_gt)
}

pub(super) fn at_least(arguments: &[Value]) -> Answer {
    answer(arguments, Ordering::is_ge)
}

fn compare(one: &Value, two: &Value, depth: usize) -> Ordering {
    if depth > DEEPEST {
        return one.cmp(two);
    }
    let list = |one: &[&Value], two: &[&Value]| {
        let unequal = std::iter::zip(one, two).map(|(one, two)| compare(one, two, depth + 1)).find(|order| order.is_ne());
        unequal.unwrap_or(one.len().cmp(&two.len()))
    };
    match (one, two) {
        (Value::Set(_), Value::Object(_)) => Ordering::Greater,
        (Value::Object(_), Value::Set(_)) => Ordering::Less,
        (Value::Array(one), Value::Array(two)) => list(&one.iter().collect::<Vec<_>>(), &two.iter().collect::<Vec<_>>()),
        (Value::Set(one), Value::Set(two)) => list(&sorted(one.iter(), depth), &sorted(two.iter(), depth)),
        (Value::Object(one), Value::Object(two)) => {
            let (one_keys, two_keys) = (sorted(one.iter().map(|(key, _)| key), depth), sorted(two.iter().map(|(key, _)| key), depth));
            for (key, other) in std::iter::zip(&one_keys, &two_keys) {
                let order = compare(key, other, depth + 1).then_with(|| match (one.get(key), two.get(other)) {
                    (Some(one), Some(two)) => compare(one, two, depth + 1),
                    _ => Ordering::Equal,
                });
                if order.is_ne() {
                    return order;
                }
            }
            one_keys.len().cmp(&two_keys.len())
        }
        (one, two) => one.cmp(two),
    }
}

fn sorted<'a>(values: impl Iterator<Item = &'a Value>, depth: usize) -> Vec<&'a Value> {
    let mut values: Vec<&Value> = values.collect();
    values.sort_by(|one, two| compare(one, two, depth + 1));
    values
}
