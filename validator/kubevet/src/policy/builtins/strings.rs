//! Builtins on texts that the engine gets wrong.

use regorus::Value;

use super::{Answer, wrong};

/// `strings.count(text, part)`: in an empty part the engine panics.
pub(super) fn count(arguments: &[Value]) -> Answer {
    let [Value::String(text), Value::String(part)] = arguments else { return Err(wrong("two texts")) };
    let count = if part.is_empty() { text.chars().count() + 1 } else { text.matches(part.as_ref()).count() };
    Ok(Value::from(count as u64))
}
