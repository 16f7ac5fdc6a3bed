//! What OPA's compiler makes of strings with values in them, and of what is printed.

use regorus::Value;

use super::shown::shown;
use super::{Answer, Refusal, wrong};

/// `internal.template_string(pieces)`: each is a constant, or a set of the one value that it has, or of none.
pub(super) fn template(arguments: &[Value]) -> Answer {
    let [Value::Array(pieces)] = arguments else { return Err(wrong("a list")) };
    let mut text = String::new();
    for piece in pieces.iter() {
        match piece {
            Value::Set(set) => match set.iter_sorted().collect::<Vec<_>>()[..] {
                [] => text.push_str("<undefined>"),
                [value] => add(&mut text, value),
                // OPA doesn't go on here either, whether it is strict or not.
                _ => return Err(Refusal::Much("found several values for one place of a string".to_owned())),
            },
            value => add(&mut text, value),
        }
    }
    Ok(Value::from(text))
}

fn add(text: &mut String, value: &Value) {
    match value {
        Value::String(string) => text.push_str(string),
        other => text.push_str(&shown(other)),
    }
}

/// `internal.print(sets)`: nothing listens.
pub(super) fn print(_: &[Value]) -> Answer {
    Ok(Value::from(true))
}
