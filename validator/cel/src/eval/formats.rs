//! Formats of texts by name (`format.dns1123Label()`), and whether a text has one.

use super::{Budget, Evaluated, kubernetes};
use crate::value::Value;

const NAMES: &[&str] = &[
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The format that a function stands for.
pub(super) fn of_function(function: &str) -> Option<&str> {
    function.strip_prefix("format.").filter(|name| is_known(name))
}

/// What is wrong with a text, as an optional list.
pub(super) fn validate(format: &str, text: &str, budget: &Budget) -> Evaluated {
    let holds = match format {
        // The crate wants a scheme, where the server also takes an absolute path, and dashes, which the server does without.
        "uri" => kubernetes::call("isURL", None, &[Value::string(text)], budget)? == Value::Bool(true),
        "uuid" => is_uuid(text),
        _ => {
            let format = kubernetes::call("format.named", None, &[Value::string(format)], budget)?;
            return kubernetes::call("validate", Some(&format), &[Value::string(text)], budget);
        }
    };
    let problem = || Value::some(Value::list(vec![Value::string(format!("does not match the {format} format"))]));
    Ok(if holds { Value::Optional(None) } else { problem() })
}

/// Groups of 8, 4, 4, 4 and 12 hexadecimal digits, each dash of which may be missing.
fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (number, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if number > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        match rest.get(..length) {
            Some(group) if group.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest = &rest[length..],
            _ => return false,
        }
    }
    rest.is_empty()
}
