//! Builtins that depend on nothing but their arguments, and take no longer than to read them.

use std::fmt;

use regorus::Value;

use crate::policy::builtins::Own;

/// What a builtin gives: a value or nothing, or `None` where nobody knows here.
type Answer = Option<Option<Value>>;

/// A builtin.
#[derive(Clone, Copy)]
pub(super) enum Function {
    Plain(fn(&[Value]) -> Answer),
    /// One that takes the place of the engine's.
    Own(Own),
}

/// Those of kubevet's own that take no longer than to read their arguments.
const QUICK: [&str; 10] = [
    "internal.and",
    "internal.collection",
    "internal.count",
    "internal.gt",
    "internal.gte",
    "internal.lt",
    "internal.lte",
    "internal.minus",
    "internal.or",
    "internal.plus",
];

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Function")
    }
}

impl Function {
    pub(super) fn call(self, arguments: &[Value]) -> Answer {
        match self {
            Self::Plain(function) => function(arguments),
            Self::Own(own) => own.call(arguments),
        }
    }

    pub(super) fn of_operator(operator: &str) -> Option<Self> {
        let ordered = match operator {
            "==" => return Some(Self::Plain(|arguments| answer(arguments[0] == arguments[1]))),
            "!=" => return Some(Self::Plain(|arguments| answer(arguments[0] != arguments[1]))),
            "<" => "internal.lt",
            "<=" => "internal.lte",
            ">" => "internal.gt",
            ">=" => "internal.gte",
            _ => return None,
        };
        Own::named(ordered).map(Self::Own)
    }

    /// The builtin of a name that takes so many arguments.
    pub(super) fn of_name(name: &str, count: usize) -> Option<Self> {
        if QUICK.contains(&name) {
            return Own::named(name).map(Self::Own);
        }
        Some(Self::Plain(match (name, count) {
            ("is_array", 1) => |arguments| answer(matches!(arguments[0], Value::Array(_))),
            ("is_boolean", 1) => |arguments| answer(matches!(arguments[0], Value::Bool(_))),
            ("is_null", 1) => |arguments| answer(matches!(arguments[0], Value::Null)),
            ("is_number", 1) => |arguments| answer(matches!(arguments[0], Value::Number(_))),
            ("is_object", 1) => |arguments| answer(matches!(arguments[0], Value::Object(_))),
            ("is_set", 1) => |arguments| answer(matches!(arguments[0], Value::Set(_))),
            ("is_string", 1) => |arguments| answer(matches!(arguments[0], Value::String(_))),
            ("startswith", 2) => |arguments| texts(arguments, |text, part| text.starts_with(part)),
            ("endswith", 2) => |arguments| texts(arguments, |text, part| text.ends_with(part)),
            ("contains", 2) => |arguments| texts(arguments, |text, part| text.contains(part)),
            ("lower", 1) => |arguments| text(&arguments[0], str::to_lowercase),
            ("upper", 1) => |arguments| text(&arguments[0], str::to_uppercase),
            ("count", 1) => |arguments| match &arguments[0] {
                Value::Array(items) => answer(items.len()),
                Value::Set(items) => answer(items.len()),
                Value::Object(fields) => answer(fields.len()),
                Value::String(text) => answer(text.chars().count()),
                _ => Some(None),
            },
            ("object.get", 3) => |arguments| match (&arguments[0], &arguments[1]) {
                // A list of keys is a path.
                (Value::Object(fields), key) if !matches!(key, Value::Array(_)) => {
                    Some(Some(fields.get(key).unwrap_or(&arguments[2]).clone()))
                }
                _ => None,
            },
            _ => return None,
        }))
    }
}

fn answer(value: impl Into<Value>) -> Answer {
    Some(Some(value.into()))
}

fn texts(arguments: &[Value], holds: fn(&str, &str) -> bool) -> Answer {
    match arguments {
        [Value::String(text), Value::String(part)] => answer(holds(text, part)),
        // Lists of texts are for others.
        _ => None,
    }
}

fn text(argument: &Value, change: fn(&str) -> String) -> Answer {
    match argument {
        Value::String(text) => answer(change(text).as_str()),
        _ => Some(None),
    }
}
