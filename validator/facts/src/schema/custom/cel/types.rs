//! The types that expressions see of a schema, and what is wrong with the rules of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubevet_cel::check::{Names, ObjectType, Problem, Type, check};
use kubevet_cel::names::escaped;
use kubevet_cel::{Expr, parse};
use kustomize::Node;

use crate::schema::cursor::At;

/// The deepest schema whose types are told apart.
const DEEPEST: usize = 64;

/// Reports what the server refuses in the rules at a place of a schema.
pub(in crate::schema) fn check_rules(schema: At<'_>, is_root: bool) {
    let rules = schema.get("x-kubernetes-validations");
    let Some(node) = schema.node().filter(|_| !rules.is_empty()) else { return };
    let own = of_schema(node, schema, is_root, 0).unwrap_or(Type::Dyn);
    for rule in rules.items() {
        let is_optional = rule.get("optionalOldSelf").is_true();
        let old = if is_optional { Type::Optional(Arc::new(own.clone())) } else { own.clone() };
        let names = Names { variables: vec![("self".into(), own.clone()), ("oldSelf".into(), old)], minor: minor(schema) };
        compiles(rule.get("rule"), &names, &Type::Bool);
        compiles(rule.get("messageExpression"), &names, &Type::String);
    }
}

/// The minor version of Kubernetes that an object is checked for.
pub(in crate::schema) fn minor(at: At<'_>) -> u32 {
    at.doc.version.as_str().rsplit('.').next().and_then(|minor| minor.parse().ok()).unwrap_or(u32::MAX)
}

/// Reports why an expression can't be compiled, or gives another type than is wanted; gives its type.
pub(in crate::schema) fn compiles(at: At<'_>, names: &Names, wanted: &Type) -> Option<Type> {
    let text = at.str();
    if text.trim().is_empty() {
        return None;
    }
    at.doc.charge(text.len());
    let found =
        parse(text).map_err(|error| vec![Problem { at: error.at, message: error.message }]).and_then(|expr: Expr| check(&expr, names));
    match found {
        Ok(found) if *wanted == Type::Dyn || found == *wanted || found == Type::Dyn => Some(found),
        Ok(found) => {
            at.invalid(format!("must be an expression of type {wanted}, but is one of type {found}"));
            None
        }
        Err(problems) => {
            let one = |problem: &Problem| {
                let before = text.get(..problem.at as usize).unwrap_or(text);
                let (line, column) = (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
                format!("{line}:{column}: {}", problem.message)
            };
            at.invalid(format!("can't be compiled: {}", problems.iter().take(3).map(one).collect::<Vec<_>>().join("; ")));
            None
        }
    }
}

/// The type of a schema's values; nothing where expressions can't see them.
fn of_schema(schema: &Node, at: At<'_>, has_meta: bool, depth: usize) -> Option<Type> {
    at.doc.charge(4);
    if depth > DEEPEST || at.doc.is_exhausted() {
        return Some(Type::Dyn);
    }
    let is_true = |field: &str| schema.get(field).and_then(Node::as_bool) == Some(true);
    if is_true("x-kubernetes-int-or-string") {
        return Some(Type::Dyn);
    }
    let below = |schema: &Node| of_schema(schema, at, false, depth + 1);
    Some(match schema.str_at(&["type"]).unwrap_or_default() {
        "object" => {
            if let Some(values) = schema.get("additionalProperties").filter(|values| values.as_map().is_some()) {
                return Some(Type::Map(Arc::new(Type::String), Arc::new(below(values)?)));
            }
            let properties = schema.get("properties").map_or(&[][..], Node::entries).iter();
            let mut fields: BTreeMap<String, Type> =
                properties.filter_map(|property| Some((escaped(&property.key.text)?, below(&property.value)?))).collect();
            if has_meta || is_true("x-kubernetes-embedded-resource") {
                let text = |name: &str| (name.to_owned(), Type::String);
                fields.extend([text("apiVersion"), text("kind")]);
                let metadata = ObjectType { name: "object".into(), fields: [text("name"), text("generateName")].into() };
                fields.insert("metadata".into(), Type::Object(Arc::new(metadata)));
            }
            Type::Object(Arc::new(ObjectType { name: "object".into(), fields }))
        }
        "array" => Type::List(Arc::new(below(schema.get("items")?)?)),
        "integer" => Type::Int,
        "number" => Type::Double,
        "boolean" => Type::Bool,
        "string" => match schema.str_at(&["format"]) {
            Some("byte") => Type::Bytes,
            Some("duration") => Type::Duration,
            Some("date" | "date-time") => Type::Timestamp,
            _ => Type::String,
        },
        _ => return None,
    })
}
