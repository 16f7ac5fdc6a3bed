//! Builtins on JSON, YAML and lists that the engine lacks or fails in.

use regorus::Value;

use super::{Answer, wrong};

/// `json.is_valid(text)`
pub(super) fn is_json(arguments: &[Value]) -> Answer {
    let is_valid = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    Ok(Value::from(matches!(arguments, [Value::String(text)] if is_valid(text))))
}

/// `yaml.is_valid(text)`
pub(super) fn is_yaml(arguments: &[Value]) -> Answer {
    let is_valid = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).is_ok();
    Ok(Value::from(matches!(arguments, [Value::String(text)] if is_valid(text))))
}

/// `array.flatten(list)`: lists in the list become part of it.
pub(super) fn flatten(arguments: &[Value]) -> Answer {
    let [Value::Array(items)] = arguments else { return Err(wrong("a list")) };
    let mut flat: Vec<Value> = Vec::with_capacity(items.len());
    for item in items.iter() {
        match item {
            Value::Array(inner) => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Ok(Value::from(flat))
}
