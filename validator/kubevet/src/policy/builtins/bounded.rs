//! Builtins that take at once as much memory as their arguments demand. What takes it little by little is watched from outside.

use regorus::Value;

use super::{Answer, Refusal, wrong};

/// Elements of a list that a builtin makes.
const MOST_ELEMENTS: i64 = 1 << 22;

/// Bytes of a text that a builtin makes.
pub(super) const LONGEST: usize = 1 << 26;

/// `concat(delimiter, list or set of texts)`
pub(super) fn concat(arguments: &[Value]) -> Answer {
    let refused = || wrong("a text and a list or set of texts");
    let [Value::String(delimiter), collection] = arguments else { return Err(refused()) };
    let texts: Option<Vec<&str>> = match collection {
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Set(set) => set.iter_sorted().map(text).collect(),
        _ => None,
    };
    let Some(texts) = texts else { return Err(refused()) };
    let length = texts.iter().map(|text| text.len() + delimiter.len()).sum::<usize>();
    if length > LONGEST {
        return Err(too_long(length));
    }
    Ok(Value::String(texts.join(delimiter.as_ref()).into()))
}

/// What a text of so many bytes is refused with.
pub(super) fn too_long(length: usize) -> Refusal {
    Refusal::Much(format!("would make a text of {length} bytes, of which {LONGEST} are the limit"))
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// `numbers.range(from, to)`, also with a step
pub(super) fn range(arguments: &[Value]) -> Answer {
    let is_whole = |value: &Value| matches!(value, Value::Number(number) if number.is_integer());
    if !arguments.iter().all(is_whole) {
        return Err(wrong("whole numbers"));
    }
    let is_step = |at: usize| at == 2;
    // A step beyond all numbers goes nowhere.
    let number = |(at, value): (usize, &Value)| match (value.as_i64(), value) {
        (Err(_), Value::Number(number)) if is_step(at) && number.is_positive() => Ok(i64::MAX),
        (number, _) => number,
    };
    let numbers = arguments.iter().enumerate().map(number).collect::<Result<Vec<i64>, _>>();
    let numbers = numbers.map_err(|_| Refusal::Much("takes numbers of 64 bits".to_owned()))?;
    let (from, to, step) = match numbers[..] {
        [from, to] => (from, to, 1),
        [from, to, step] if step > 0 => (from, to, step),
        _ => return Err(wrong("a step above 0")),
    };
    let count = i128::from(from.abs_diff(to)) / i128::from(step) + 1;
    if count > i128::from(MOST_ELEMENTS) {
        return Err(Refusal::Much(format!("would make {count} numbers, of which {MOST_ELEMENTS} are the limit")));
    }
    let step = if from <= to { step } else { -step };
    let last = count as i64 - 1;
    Ok((0..=last).map(|at| Value::from(from + at * step)).collect::<Vec<_>>().into())
}
