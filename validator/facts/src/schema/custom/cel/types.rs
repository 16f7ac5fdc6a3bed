//! The types and bounds that expressions see of a schema, and what is wrong with the rules of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubevet_cel::check::{Checked, Names, ObjectType, Problem, Type, check};
use kubevet_cel::cost::{Bounds, estimate};
use kubevet_cel::names::escaped;
use kubevet_cel::{Expr, parse};
use kustomize::Node;

use super::costs::{Costs, LARGEST_REQUEST, Repeats};
use crate::schema::cursor::At;

/// The deepest schema whose types are told apart.
const DEEPEST: usize = 64;

/// Reports what the server refuses in the rules at a place of a schema, which is there so many times in an object.
pub(in crate::schema) fn check_rules(schema: At<'_>, is_root: bool, repeats: Repeats, costs: &Costs) {
    let rules = schema.get("x-kubernetes-validations");
    let Some(node) = schema.node().filter(|_| !rules.is_empty()) else { return };
    let own = of_schema(node, schema, is_root, 0).unwrap_or_else(Seen::anything);
    let times = repeats.of(own.bounds.smallest);
    for rule in rules.items() {
        let is_optional = rule.get("optionalOldSelf").is_true();
        let old = if is_optional { Type::Optional(Arc::new(own.found.clone())) } else { own.found.clone() };
        let names = Names { variables: vec![("self".into(), own.found.clone()), ("oldSelf".into(), old)], minor: minor(schema) };
        let cost = |compiled: &Compiled| {
            // Of what is too deep or too much to look at nothing is known.
            if own.is_whole { estimate(&compiled.expr, &compiled.checked, &own.bounds, names.minor) } else { 0 }
        };
        if let Some(compiled) = compiled(rule.get("rule"), &names, &Type::Bool) {
            costs.observe(rule.get("rule"), cost(&compiled).saturating_mul(times));
            // The server estimates a message as if it were made once.
            if let Some(compiled) = self::compiled(rule.get("messageExpression"), &names, &Type::String) {
                costs.observe(rule.get("messageExpression"), cost(&compiled));
            }
        }
    }
}

/// The minor version of Kubernetes that an object is checked for.
pub(in crate::schema) fn minor(at: At<'_>) -> u32 {
    at.doc.version.minor()
}

/// An expression with its types.
struct Compiled {
    expr: Box<Expr>,
    checked: Checked,
}

/// Reports why an expression can't be compiled, or gives another type than is wanted; gives its type.
pub(in crate::schema) fn compiles(at: At<'_>, names: &Names, wanted: &Type) -> Option<Type> {
    compiled(at, names, wanted).map(|compiled| compiled.checked.result)
}

fn compiled(at: At<'_>, names: &Names, wanted: &Type) -> Option<Compiled> {
    let text = at.str();
    if text.trim().is_empty() {
        return None;
    }
    at.doc.charge(text.len());
    let found = parse(text).map_err(|error| vec![Problem { at: error.at, message: error.message }]).and_then(|expr| {
        // Types are known by where parts are in memory, where they stay.
        let expr = Box::new(expr);
        check(&expr, names).map(|checked| Compiled { checked, expr })
    });
    match found {
        Ok(found) if *wanted == Type::Dyn || found.checked.result == *wanted || found.checked.result == Type::Dyn => Some(found),
        Ok(found) => {
            at.invalid(format!("must be an expression of type {wanted}, but is one of type {}", found.checked.result));
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

/// What expressions see of the values of a schema.
#[derive(Clone)]
struct Seen {
    found: Type,
    bounds: Arc<Bounds>,
    /// Whether all of the schema was looked at.
    is_whole: bool,
}

impl Seen {
    fn anything() -> Self {
        Seen { found: Type::Dyn, bounds: Arc::default(), is_whole: false }
    }

    /// A value that is no list, map or object: with at most so many characters, and at least so many bytes in JSON.
    fn scalar(found: Type, most: u64, smallest: u64) -> Self {
        Seen { found, bounds: Arc::new(Bounds { most, smallest, ..Bounds::default() }), is_whole: true }
    }
}

/// What expressions see of a schema's values, bounded as `k8s.io/apiserver/pkg/cel/common/schemas.go` has it; nothing where they can't see them.
fn of_schema(schema: &Node, at: At<'_>, has_meta: bool, depth: usize) -> Option<Seen> {
    at.doc.charge(4);
    if depth > DEEPEST || at.doc.is_exhausted() {
        return Some(Seen::anything());
    }
    let is_true = |field: &str| schema.get(field).and_then(Node::as_bool) == Some(true);
    let most = |field: &str| schema.get(field).and_then(Node::as_i64).map(|most| u64::try_from(most).unwrap_or(0));
    let longest = || most("maxLength").map(|most| most.saturating_mul(4));
    if is_true("x-kubernetes-int-or-string") {
        return Some(Seen::scalar(Type::Dyn, longest().unwrap_or(LARGEST_REQUEST - 2), 1));
    }
    let below = |schema: &Node| of_schema(schema, at, false, depth + 1);
    Some(match schema.str_at(&["type"]).unwrap_or_default() {
        "object" => {
            if let Some(values) = schema.get("additionalProperties").filter(|values| values.as_map().is_some()) {
                let value = below(values)?;
                // A key, its quotes, a colon and a comma.
                let most = most("maxProperties").unwrap_or((LARGEST_REQUEST - 2) / (value.bounds.smallest + 6));
                let bounds = Bounds { most, smallest: 2, element: Some(value.bounds), is_map: true, ..Bounds::default() };
                let found = Type::Map(Arc::new(Type::String), Arc::new(value.found));
                return Some(Seen { found, bounds: Arc::new(bounds), is_whole: value.is_whole });
            }
            object(schema, has_meta || is_true("x-kubernetes-embedded-resource"), below)
        }
        "array" => {
            let item = below(schema.get("items")?)?;
            let most = most("maxItems").unwrap_or((LARGEST_REQUEST - 2) / (item.bounds.smallest + 1));
            let bounds = Bounds { most, smallest: 2, element: Some(item.bounds), ..Bounds::default() };
            Seen { found: Type::List(Arc::new(item.found)), bounds: Arc::new(bounds), is_whole: item.is_whole }
        }
        "integer" => Seen::scalar(Type::Int, 0, 1),
        "number" => Seen::scalar(Type::Double, 0, 1),
        "boolean" => Seen::scalar(Type::Bool, 0, 4),
        "string" => match schema.str_at(&["format"]) {
            Some("byte") => Seen::scalar(Type::Bytes, most("maxLength").unwrap_or(LARGEST_REQUEST - 2), 2),
            Some("duration") => Seen::scalar(Type::Duration, 32, 3),
            Some("date") => Seen::scalar(Type::Timestamp, 12, 12),
            Some("date-time") => Seen::scalar(Type::Timestamp, 32, 21),
            _ => {
                let values = schema.get("enum").map_or(&[][..], Node::items).iter();
                let longest_value = values.map(|value| value.as_str().map_or(0, str::len) as u64).max();
                Seen::scalar(Type::String, longest().or(longest_value).unwrap_or(LARGEST_REQUEST - 2), 2)
            }
        },
        _ => return None,
    })
}

fn object(schema: &Node, has_meta: bool, below: impl Fn(&Node) -> Option<Seen>) -> Seen {
    let required: Vec<&str> = schema.get("required").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
    let (mut types, mut fields) = (BTreeMap::new(), BTreeMap::new());
    let (mut smallest, mut is_whole) = (2, true);
    let mut add = |name: &str, field: Seen, has_default: bool| {
        if required.contains(&name) && !has_default {
            smallest += name.len() as u64 + field.bounds.smallest + 4;
        }
        is_whole &= field.is_whole;
        if let Some(name) = escaped(name) {
            types.insert(name.clone(), field.found);
            fields.insert(name, field.bounds);
        }
    };
    for property in schema.get("properties").map_or(&[][..], Node::entries) {
        let name = &*property.key.text;
        if !(has_meta && matches!(name, "apiVersion" | "kind" | "metadata"))
            && let Some(field) = below(&property.value)
        {
            add(name, field, property.value.get("default").is_some_and(|default| !default.is_null()));
        }
    }
    if has_meta {
        let text = || Seen::scalar(Type::String, LARGEST_REQUEST - 2, 2);
        let named = ["name", "generateName"];
        let meta_types = ObjectType { name: "object".into(), fields: named.map(|name| (name.to_owned(), Type::String)).into() };
        let bounds = Bounds { smallest: 2, fields: named.map(|name| (name.to_owned(), text().bounds)).into(), ..Bounds::default() };
        add("apiVersion", text(), false);
        add("kind", text(), false);
        add("metadata", Seen { found: Type::Object(Arc::new(meta_types)), bounds: Arc::new(bounds), is_whole: true }, false);
    }
    let found = Type::Object(Arc::new(ObjectType { name: "object".into(), fields: types }));
    Seen { found, bounds: Arc::new(Bounds { smallest, fields, ..Bounds::default() }), is_whole }
}
