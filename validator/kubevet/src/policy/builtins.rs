//! Builtins that take at once as much memory as their arguments demand. What takes it little by little is watched from outside.

use regorus::{Engine, Value};

/// Elements of a list that a builtin makes.
const MOST_ELEMENTS: i64 = 1 << 22;

/// Bytes of a text that a builtin makes.
const LONGEST: usize = 1 << 26;

/// What a builtin gives: nothing where its arguments are of the wrong type, as OPA has it; an error where they demand too much.
type Answer = Result<Option<Value>, String>;

/// A builtin, how many arguments it takes, and what takes its place.
type Guarded = (&'static str, u8, fn(&[Value]) -> Answer);

const GUARDED: [Guarded; 3] = [("concat", 2, concat), ("numbers.range", 2, range), ("numbers.range_step", 3, range)];

/// Has the engine call these instead of its own.
pub(super) fn guard(engine: &mut Engine) {
    for (name, arity, answer) in GUARDED {
        let call = move |arguments: Vec<Value>| match answer(&arguments) {
            Ok(value) => Ok(value.unwrap_or(Value::Undefined)),
            Err(message) => Err(std::io::Error::other(format!("{name} {message}")))?,
        };
        // It fails only for a name that was added before.
        let _ = engine.add_extension(name.to_owned(), arity, Box::new(call));
    }
}

/// `concat(delimiter, list or set of texts)`
fn concat(arguments: &[Value]) -> Answer {
    let [Value::String(delimiter), collection] = arguments else { return Ok(None) };
    let texts: Option<Vec<&str>> = match collection {
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Set(set) => set.iter().map(text).collect(),
        _ => None,
    };
    let Some(texts) = texts else { return Ok(None) };
    let length = texts.iter().map(|text| text.len() + delimiter.len()).sum::<usize>();
    if length > LONGEST {
        return Err(format!("would make a text of {length} bytes, of which {LONGEST} are the limit"));
    }
    Ok(Some(Value::String(texts.join(delimiter.as_ref()).into())))
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// `numbers.range(from, to)`, also with a step
fn range(arguments: &[Value]) -> Answer {
    let is_whole = |value: &Value| matches!(value, Value::Number(number) if number.is_integer());
    if !arguments.iter().all(is_whole) {
        return Ok(None);
    }
    let numbers = arguments.iter().map(Value::as_i64).collect::<Result<Vec<i64>, _>>();
    let numbers = numbers.map_err(|_| "takes numbers of 64 bits".to_owned())?;
    let (from, to, step) = match numbers[..] {
        [from, to] => (from, to, 1),
        [from, to, step] if step > 0 => (from, to, step),
        _ => return Ok(None),
    };
    let count = i128::from(from.abs_diff(to)) / i128::from(step) + 1;
    if count > i128::from(MOST_ELEMENTS) {
        return Err(format!("would make {count} numbers, of which {MOST_ELEMENTS} are the limit"));
    }
    let step = if from <= to { step } else { -step };
    let last = count as i64 - 1;
    Ok(Some((0..=last).map(|at| Value::from(from + at * step)).collect::<Vec<_>>().into()))
}
