//! Whether a built-in object can be decoded at all: its fields exist and their values have the right types.
//!
//! This is what the API server does with `fieldValidation=Strict` (kubectl's default), except that it stops at the first value
//! of a wrong type and this does not.

use kustomize::{Node, Tag, Value, closest};

use super::Reason;
use super::cursor::At;
use super::format::quantity::Quantity;
use super::format::{is_base64, time};
use super::table::{Definition, Table, Type};

/// Checks a whole object.
pub(super) fn object(at: At<'_>, table: &Table, definition: usize) {
    value(at, &Type::Definition(definition), table);
}

/// Checks `metadata` alone, for objects whose kind has no schema.
pub(super) fn metadata(at: At<'_>, table: &Table) {
    // Any built-in kind has the same metadata.
    if let Some(ty) = table.definition_of("v1", "ConfigMap").and_then(|definition| definition.field("metadata")) {
        value(at, ty, table);
    }
}

/// Checks a Pod template alone, in objects whose kind says nothing of it.
pub(super) fn pod_template(at: At<'_>, table: &Table) {
    let template =
        ["spec", "template"].iter().fold(table.kind("apps/v1", "Deployment").map(|kind| Type::Definition(kind.definition)), |ty, field| {
            match ty {
                Some(Type::Definition(number)) => table.definition(number)?.field(field).cloned(),
                _ => None,
            }
        });
    if let Some(ty) = template {
        value(at, &ty, table);
    }
}

fn value(at: At<'_>, ty: &Type, table: &Table) {
    let Some(node) = at.node() else { return };
    match (ty, &node.value) {
        (Type::Any, _) | (Type::AnyMap, Value::Map(_)) => {}
        (Type::Definition(number), Value::Map(_)) => {
            if let Some(definition) = table.definition(*number) {
                fields(at, definition, table);
            }
        }
        (Type::Map(inner), Value::Map(_)) => at.entries().for_each(|(_, entry)| value(entry, inner, table)),
        (Type::List(inner), Value::Seq(_)) => at.items().for_each(|item| value(item, inner, table)),
        (Type::Quantity, _) => quantity(at, node),
        (_, Value::Scalar(scalar)) => scalar_value(at, ty, scalar.tag, &scalar.text),
        _ => mismatch(at, ty),
    }
}

fn fields(at: At<'_>, definition: &Definition, table: &Table) {
    for (name, field) in at.fields() {
        match definition.field(name) {
            Some(ty) => value(field, ty, table),
            None => unknown(field, name, definition.names()),
        }
    }
}

/// Reports a field that does not exist, with what may have been meant.
pub(super) fn unknown<'n>(at: At<'_>, name: &str, known: impl Iterator<Item = &'n str>) {
    if at.doc.has_enough() {
        return;
    }
    match closest(name, known) {
        Some(meant) => at.report_with(Reason::Unknown, format!("is not a field; did you mean {meant:?}?"), Some(meant.into())),
        None => at.report(Reason::Unknown, "is not a field"),
    }
}

fn scalar_value(at: At<'_>, ty: &Type, tag: Tag, text: &str) {
    let is_string = !matches!(tag, Tag::Null | Tag::Bool | Tag::Int | Tag::Float);
    match ty {
        Type::String if is_string => {}
        Type::Bool if tag == Tag::Bool => {}
        Type::Number if matches!(tag, Tag::Int | Tag::Float) => {}
        Type::Int32 | Type::Int64 if tag == Tag::Int => {
            let fits = if *ty == Type::Int32 { text.parse::<i32>().is_ok() } else { text.parse::<i64>().is_ok() };
            if !fits {
                let bits = if *ty == Type::Int32 { 32 } else { 64 };
                at.report(Reason::Type, format!("must fit in {bits} bits, but is {text}"));
            }
        }
        Type::IntOrString if is_string => {}
        Type::IntOrString if tag == Tag::Int => scalar_value(at, &Type::Int32, tag, text),
        Type::Enum(values) if is_string => {
            if !text.is_empty() && !values.iter().any(|value| **value == *text) {
                at.not_one_of(values);
            }
        }
        Type::Bytes if is_string => {
            if !is_base64(text) {
                at.report(Reason::Type, "must be base64 text (standard alphabet, padded)");
            }
        }
        Type::Time if is_string => {
            if !time::is_rfc3339(text) {
                at.report(Reason::Type, format!("must be a time such as \"2030-01-31T12:00:00Z\", but is {}", at.shown()));
            }
        }
        Type::MicroTime if is_string => {
            if !time::is_rfc3339_micro(text) {
                at.report(Reason::Type, format!("must be a time such as \"2030-01-31T12:00:00.000000Z\", but is {}", at.shown()));
            }
        }
        _ => mismatch(at, ty),
    }
}

fn quantity(at: At<'_>, node: &Node) {
    let scalar = node.as_scalar().filter(|scalar| scalar.tag != Tag::Bool);
    let why = match scalar.map(|scalar| Quantity::parse(&scalar.text)) {
        Some(Ok(_)) => return,
        Some(Err(why)) => why.to_string(),
        None => "such as \"500m\" or \"64Mi\"".into(),
    };
    at.report(Reason::Type, format!("must be a quantity ({why}), but is {}", at.shown()));
}

fn mismatch(at: At<'_>, ty: &Type) {
    let wanted = match ty {
        Type::String | Type::Enum(_) => "a string",
        Type::Int32 | Type::Int64 => "an integer",
        Type::Number => "a number",
        Type::Bool => "true or false",
        Type::Bytes => "a base64 string",
        Type::Quantity => "a quantity",
        Type::Time | Type::MicroTime => "a time",
        Type::IntOrString => "an integer or a string",
        Type::List(_) => "a list",
        Type::AnyMap | Type::Map(_) | Type::Definition(_) | Type::Any => "a map",
    };
    let quotes = match (ty, at.node().and_then(Node::as_scalar)) {
        (Type::String | Type::Enum(_), Some(_)) => "; put it in quotes",
        (Type::Int32 | Type::Int64 | Type::Number | Type::Bool, Some(scalar)) if unquotes(ty, &scalar.text) => "; take the quotes off",
        _ => "",
    };
    at.report(Reason::Type, format!("must be {wanted}, but is {}{quotes}", at.shown()));
}

/// Whether a string would be right without its quotes.
fn unquotes(ty: &Type, text: &str) -> bool {
    match ty {
        Type::Bool => matches!(text, "true" | "false"),
        Type::Number => text.parse::<f64>().is_ok(),
        _ => text.parse::<i64>().is_ok(),
    }
}
