//! Functions and methods: the standard ones here, texts, lists and times beside it, Kubernetes' libraries in the crate `kube-cel`.

use std::sync::Arc;

use base64::Engine as _;

use super::{Evaluated, Evaluator, Fault, error, formats, kubernetes, lists, no_overload, texts, time};
use crate::syntax::Call;
use crate::value::Value;

/// The name of a type that an expression may name.
pub(crate) fn type_named(name: &str) -> Option<&'static str> {
    Some(match name {
        "bool" => "bool",
        "int" => "int",
        "uint" => "uint",
        "double" => "double",
        "string" => "string",
        "bytes" => "bytes",
        "list" => "list",
        "map" => "map",
        "null_type" => "null_type",
        "type" => "type",
        _ => return None,
    })
}

/// Whether a type has this name.
pub(crate) fn is_type(name: &str) -> bool {
    type_named(name).is_some()
}

impl<'e> Evaluator<'e> {
    pub(super) fn call(&mut self, call: &'e Call) -> Evaluated {
        let name = &*call.name;
        let target = call.target.as_ref().map(|target| self.eval(target)).transpose()?;
        // What is behind `or` counts only where nothing is before it.
        if let (Some(Value::Optional(held)), "or" | "orValue", [other]) = (&target, name, &call.args[..]) {
            return match (held, name) {
                (Some(_), "or") => Ok(Value::Optional(held.clone())),
                (Some(held), _) => Ok((**held).clone()),
                (None, _) => self.eval(other),
            };
        }
        let args = call.args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, Fault>>()?;
        self.budget.charge(target.iter().chain(&args).map(|value| value.weight(1024)).sum())?;
        match &target {
            None => self.function(name, &args),
            Some(target) => self.method(name, target, &args),
        }
    }

    fn function(&self, name: &str, args: &[Value]) -> Evaluated {
        match (name, args) {
            ("size", [of]) => size(of),
            ("type", [of]) => Ok(Value::Type(of.type_name())),
            ("dyn", [of]) => Ok(of.clone()),
            ("int" | "uint" | "double" | "bool" | "bytes" | "string" | "duration" | "timestamp", [of]) => converted(name, of),
            ("matches", [of, pattern]) => texts::method("matches", of, std::slice::from_ref(pattern), self.budget),
            ("optional.none", []) => Ok(Value::Optional(None)),
            ("optional.of", [of]) => Ok(Value::some(of.clone())),
            ("optional.ofNonZeroValue", [of]) => Ok(if is_zero(of) { Value::Optional(None) } else { Value::some(of.clone()) }),
            ("sets.contains" | "sets.equivalent" | "sets.intersects", [Value::List(a), Value::List(b)]) => {
                lists::sets(name, a, b, self.budget)
            }
            ("format.named", [Value::String(name)]) => {
                Ok(Value::Optional(formats::is_known(name).then(|| Arc::new(Value::Format(Arc::clone(name))))))
            }
            (_, []) if formats::of_function(name).is_some() => Ok(Value::Format(formats::of_function(name).unwrap_or_default().into())),
            _ => kubernetes::call(name, None, args, self.budget),
        }
    }

    fn method(&self, name: &str, target: &Value, args: &[Value]) -> Evaluated {
        match (target, name, args) {
            (_, "size", []) => size(target),
            (Value::Optional(held), "hasValue", []) => Ok(Value::Bool(held.is_some())),
            (Value::Optional(held), "value", []) => match held {
                Some(held) => Ok((**held).clone()),
                None => error("optional.none() dereference"),
            },
            (Value::Format(format), "validate", [Value::String(text)]) => formats::validate(format, text, self.budget),
            (Value::List(list), _, _) if lists::has(name) => lists::method(name, list, args, self.budget),
            (Value::String(_), _, _) => texts::method(name, target, args, self.budget),
            (Value::Timestamp(_) | Value::Duration(_), _, _) => time::part(name, target, args).unwrap_or_else(|| no_overload(name)),
            _ => kubernetes::call(name, Some(target), args, self.budget),
        }
    }
}

fn size(of: &Value) -> Evaluated {
    let size = match of {
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.len(),
        _ => return no_overload("size"),
    };
    Ok(Value::Int(size as i64))
}

fn is_zero(of: &Value) -> bool {
    match of {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        Value::Uint(value) => *value == 0,
        Value::Double(value) => *value == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Duration(span) => span.is_zero(),
        Value::Optional(held) => held.is_none(),
        _ => false,
    }
}

/// A conversion by the name of its type.
fn converted(name: &str, of: &Value) -> Evaluated {
    let range = || error("range error converting a number");
    match (name, of) {
        ("int", Value::Int(_)) | ("uint", Value::Uint(_)) | ("double", Value::Double(_)) | ("bool", Value::Bool(_)) => Ok(of.clone()),
        ("string", Value::String(_)) | ("bytes", Value::Bytes(_)) => Ok(of.clone()),
        ("duration", Value::Duration(_)) | ("timestamp", Value::Timestamp(_)) => Ok(of.clone()),
        ("int", Value::Uint(value)) => i64::try_from(*value).map_or_else(|_| range(), |value| Ok(Value::Int(value))),
        ("int", Value::Double(value)) if value.abs() < 9.223_372_036_854_775e18 => Ok(Value::Int(*value as i64)),
        ("int", Value::Timestamp(moment)) => Ok(Value::Int(moment.timestamp())),
        ("int", Value::Duration(span)) => Ok(Value::Int(span.num_nanoseconds().unwrap_or(i64::MAX))),
        ("uint", Value::Int(value)) => u64::try_from(*value).map_or_else(|_| range(), |value| Ok(Value::Uint(value))),
        ("uint", Value::Double(value)) if (0.0..1.844_674_407_370_955e19).contains(value) => Ok(Value::Uint(*value as u64)),
        ("int" | "uint", Value::Double(_)) => range(),
        ("double", Value::Int(value)) => Ok(Value::Double(*value as f64)),
        ("double", Value::Uint(value)) => Ok(Value::Double(*value as f64)),
        ("int", Value::String(text)) => parsed(text, name, text.parse().ok().map(Value::Int)),
        ("uint", Value::String(text)) => parsed(text, name, text.parse().ok().map(Value::Uint)),
        ("double", Value::String(text)) => parsed(text, name, text.parse().ok().map(Value::Double)),
        ("bool", Value::String(text)) => parsed(
            text,
            name,
            match &**text {
                "1" | "t" | "true" | "TRUE" | "True" => Some(Value::Bool(true)),
                "0" | "f" | "false" | "FALSE" | "False" => Some(Value::Bool(false)),
                _ => None,
            },
        ),
        ("bytes", Value::String(text)) => Ok(Value::Bytes(text.as_bytes().into())),
        ("duration", Value::String(text)) => parsed(text, name, time::duration(text).map(Value::Duration)),
        ("duration", Value::Int(value)) => Ok(Value::Duration(chrono::TimeDelta::nanoseconds(*value))),
        ("timestamp", Value::String(text)) => parsed(text, name, time::timestamp(text).map(Value::Timestamp)),
        ("timestamp", Value::Int(value)) => match chrono::DateTime::from_timestamp(*value, 0) {
            Some(moment) => Ok(Value::Timestamp(moment.fixed_offset())),
            None => range(),
        },
        ("string", Value::Bool(value)) => Ok(Value::string(value.to_string())),
        ("string", Value::Int(value)) => Ok(Value::string(value.to_string())),
        ("string", Value::Uint(value)) => Ok(Value::string(value.to_string())),
        ("string", Value::Double(value)) => Ok(Value::string(shown_double(*value))),
        ("string", Value::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::string(text)),
            Err(_) => error("invalid UTF-8 in bytes, cannot convert to string"),
        },
        ("string", Value::Duration(span)) => Ok(Value::string(time::shown_duration(*span))),
        ("string", Value::Timestamp(moment)) => Ok(Value::string(time::shown_timestamp(moment))),
        ("string", Value::Library(_)) => kubernetes::call("string", None, std::slice::from_ref(of), &super::Budget::default()),
        _ => no_overload(name),
    }
}

fn parsed(text: &Arc<str>, name: &str, found: Option<Value>) -> Evaluated {
    match found {
        Some(value) => Ok(value),
        None => error(format!("type conversion error from 'string' to '{name}': {text:?}")),
    }
}

/// A number as Go's `%g` has it.
pub(super) fn shown_double(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".into() } else { "-Inf".into() }
    } else if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |exponent| ("-", exponent));
        format!("{digits}e{sign}{exponent:0>2}")
    } else {
        value.to_string()
    }
}

/// What base64 stands for, as fields of `format: byte` have it.
pub fn base64_bytes(text: &str) -> Option<Arc<[u8]>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok().map(Into::into)
}
