//! A value and its schema: types, known fields, required fields, lists that are maps or sets, combinations of schemas.

use kustomize::{Node, Tag, Value};

use super::super::Reason;
use super::super::cursor::{At, quoted};
use super::super::structure::unknown;
use super::limits;
use super::pattern::Patterns;

/// Fields that every object has.
const META: &[&str] = &["apiVersion", "kind", "metadata"];

#[derive(Clone, Copy)]
pub(super) struct Checker<'s> {
    pub(super) patterns: &'s Patterns,
    /// Whether fields that the schema does not know are wrong; they are not where schemas are combined.
    pub(super) strict: bool,
    /// Whether the elements of a list keep what their schema does not know, as the list's own says.
    pub(super) keeps: bool,
}

impl Checker<'_> {
    /// A whole object; its metadata was checked before.
    pub(super) fn root(self, at: At<'_>, schema: &Node, keeps_status: bool) {
        let lax = Checker { strict: false, ..self };
        for (name, field) in at.fields() {
            match (name, property(schema, name)) {
                ("apiVersion" | "kind", _) => {}
                ("metadata", Some(schema)) => lax.field(field, schema),
                ("metadata", None) => {}
                // What is below a status subresource is dropped when the object is created.
                ("status", Some(_)) if !keeps_status => {}
                (_, Some(schema)) => self.field(field, schema),
                (_, None) => self.no_property(field, name, schema),
            }
        }
        self.required(at, schema);
        self.combined(at, schema);
    }

    /// The value of a field. One that is null and may not be is taken out before anything looks at it (`PruneNonNullableNullsWithoutDefaults` of
    /// apiextensions-apiserver), or its default takes its place.
    fn field(self, at: At<'_>, schema: &Node) {
        if at.node().is_some() {
            self.value(at, schema);
        }
    }

    pub(super) fn value(self, at: At<'_>, schema: &Node) {
        at.doc.charge(1);
        let Some(node) = at.node() else { return null(at, schema) };
        if node.as_str().is_some_and(is_placeholder) {
            return;
        }
        if is_true(schema, "x-kubernetes-int-or-string") {
            match node.as_scalar().map(|scalar| scalar.tag) {
                Some(Tag::Bool | Tag::Float) | None => {
                    at.report(Reason::Type, format!("must be an integer or a string, but is {}", at.shown()))
                }
                Some(_) => self.limits(at, node, schema),
            }
            return;
        }
        if !has_type(node, schema.str_at(&["type"]).unwrap_or_default()) {
            at.report(Reason::Type, format!("must be {}, but is {}{}", wanted(schema), at.shown(), quotes(node, schema)));
            return;
        }
        match &node.value {
            Value::Map(_) => self.object(at, schema),
            Value::Seq(_) => self.list(at, schema),
            Value::Scalar(_) => {}
        }
        self.limits(at, node, schema);
    }

    fn limits(self, at: At<'_>, node: &Node, schema: &Node) {
        limits::check(self.patterns, at, node, schema);
        self.combined(at, schema);
    }

    fn object(self, at: At<'_>, schema: &Node) {
        let is_embedded = is_true(schema, "x-kubernetes-embedded-resource");
        let additional = schema.get("additionalProperties").filter(|additional| additional.as_map().is_some());
        let inner = Checker { keeps: false, ..self };
        for (name, field) in at.fields() {
            match property(schema, name).or(additional) {
                Some(schema) => inner.field(field, schema),
                None if is_embedded && META.contains(&name) => {}
                None => self.no_property(field, name, schema),
            }
        }
        self.required(at, schema);
    }

    fn no_property(self, field: At<'_>, name: &str, schema: &Node) {
        let open = is_true(schema, "x-kubernetes-preserve-unknown-fields")
            || schema.get("additionalProperties").is_some_and(|additional| additional.as_bool() != Some(false));
        // Inside a combination (anyOf, not, …) a schema says something about some fields and nothing about the others.
        if self.strict && !self.keeps && !open {
            let known = schema.get("properties").map_or(&[][..], Node::entries);
            unknown(field, name, known.iter().map(|entry| &*entry.key.text));
        }
    }

    fn required(self, at: At<'_>, schema: &Node) {
        let names = schema.get("required").map_or(&[][..], Node::items);
        at.doc.charge(names.len());
        for name in names.iter().filter_map(Node::as_str) {
            let field = property(schema, name);
            let keeps_null = field.is_none_or(|field| is_true(field, "nullable"));
            let there = at.node().and_then(|node| node.get(name)).is_some_and(|value| keeps_null || !value.is_null());
            let has_default = field.is_some_and(|field| field.get("default").is_some());
            if !there && !has_default {
                at.requires(name);
            }
        }
    }

    fn list(self, at: At<'_>, schema: &Node) {
        if let Some(items) = schema.get("items") {
            let keeps = self.keeps || is_true(schema, "x-kubernetes-preserve-unknown-fields");
            at.items().for_each(|item| Checker { keeps, ..self }.value(item, items));
        }
        let keys: Vec<_> = schema.get("x-kubernetes-list-map-keys").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
        match schema.str_at(&["x-kubernetes-list-type"]) {
            Some("set") => again(at, |item| item.node().cloned(), |item| item.duplicate("is there already")),
            Some("map") => {
                let key = |item: At<'_>| {
                    let node = item.node()?;
                    Some(keys.iter().map(|key| node.get(key).cloned()).collect::<Vec<_>>())
                };
                again(at, key, |item| item.duplicate(format!("has the {} of another element", keys.join(" and "))));
            }
            _ => {}
        }
    }

    /// `allOf`, `anyOf`, `oneOf` and `not`.
    fn combined(self, at: At<'_>, schema: &Node) {
        let branches = |field: &str| schema.get(field).map_or(&[][..], Node::items);
        let lax = Checker { strict: false, ..self };
        branches("allOf").iter().for_each(|branch| lax.value(at, branch));
        let holding = |field: &str| branches(field).iter().filter(|branch| lax.holds(at, branch)).count();
        if !branches("anyOf").is_empty() && holding("anyOf") == 0 {
            at.report(Reason::Invalid, format!("must satisfy at least one of these: {}", listed(branches("anyOf"))));
        }
        match holding("oneOf") {
            1 => {}
            0 if !branches("oneOf").is_empty() => {
                at.report(Reason::Invalid, format!("must satisfy exactly one of these: {}", listed(branches("oneOf"))))
            }
            0 => {}
            many => at
                .report(Reason::Invalid, format!("must satisfy exactly one of these, but satisfies {many}: {}", listed(branches("oneOf")))),
        }
        if schema.get("not").is_some_and(|not| lax.holds(at, not)) {
            at.report(Reason::Invalid, format!("must not satisfy this: {}", listed(schema.get("not").map_or(&[], std::slice::from_ref))));
        }
    }

    /// Whether a value satisfies a schema.
    fn holds(self, at: At<'_>, schema: &Node) -> bool {
        let Some(node) = at.node() else { return false };
        let scratch = at.doc.part(node);
        self.value(scratch.root(), schema);
        at.doc.done(&scratch);
        scratch.take_facts().is_empty()
    }
}

/// Calls `report` for each element whose key an element before it has.
fn again<'a, K: PartialEq>(list: At<'a>, key: impl Fn(At<'a>) -> Option<K>, report: impl Fn(At<'a>)) {
    let mut seen = Vec::new();
    for item in list.items() {
        // Maps, and several keys, take as long as many scalars.
        let weight = if item.node().is_some_and(|node| node.as_scalar().is_some()) { 1 } else { 64 };
        list.doc.charge(weight * seen.len() / 4);
        match key(item) {
            Some(key) if seen.contains(&key) => report(item),
            Some(key) => seen.push(key),
            None => {}
        }
    }
}

/// A null in a list is a value of its own, unless a default takes its place.
fn null(at: At<'_>, schema: &Node) {
    let has_type = schema.get("type").is_some() || is_true(schema, "x-kubernetes-int-or-string");
    if has_type && !is_true(schema, "nullable") && schema.get("default").is_none() {
        at.report(Reason::Type, format!("must be {}, but is null", wanted(schema)));
    }
}

/// Whether something else writes the value before the API server sees it: Flux and clusterctl `${VAR}`, Tekton and OpenShift `$(VAR)`, Helm and Argo
/// `{{ … }}`, SOPS `ENC[…]`. Nobody knows its form until then.
fn is_placeholder(text: &str) -> bool {
    [("${", "}"), ("$(", ")"), ("{{", "}}"), ("ENC[", "]")].iter().any(|(begin, end)| {
        let rest = text.split_once(begin).map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.contains(end))
    })
}

pub(super) fn property<'n>(schema: &'n Node, name: &str) -> Option<&'n Node> {
    schema.get("properties")?.get(name)
}

fn is_true(schema: &Node, field: &str) -> bool {
    schema.get(field).and_then(Node::as_bool) == Some(true)
}

fn has_type(node: &Node, wanted: &str) -> bool {
    match (wanted, &node.value) {
        ("", _) | ("object", Value::Map(_)) | ("array", Value::Seq(_)) => true,
        ("integer", Value::Scalar(scalar)) => match scalar.tag {
            Tag::Int => true,
            Tag::Float => scalar.text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0),
            _ => false,
        },
        ("number", Value::Scalar(scalar)) => matches!(scalar.tag, Tag::Int | Tag::Float),
        ("boolean", Value::Scalar(scalar)) => scalar.tag == Tag::Bool,
        ("string", Value::Scalar(scalar)) => !matches!(scalar.tag, Tag::Int | Tag::Float | Tag::Bool | Tag::Null),
        _ => false,
    }
}

fn wanted(schema: &Node) -> &'static str {
    match schema.str_at(&["type"]).unwrap_or_default() {
        "object" => "a map",
        "array" => "a list",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "string" => "a string",
        _ => "an integer or a string",
    }
}

fn quotes(node: &Node, schema: &Node) -> &'static str {
    match (schema.str_at(&["type"]), node.as_scalar()) {
        (Some("string"), Some(_)) => "; put it in quotes",
        (Some("integer" | "number"), Some(scalar)) if scalar.text.parse::<f64>().is_ok() => "; take the quotes off",
        (Some("boolean"), Some(scalar)) if matches!(&*scalar.text, "true" | "false") => "; take the quotes off",
        _ => "",
    }
}

/// What branches demand, in a few words each.
fn listed(branches: &[Node]) -> String {
    let one = |branch: &Node| {
        let required: Vec<_> = branch.get("required").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
        match (&required[..], branch.str_at(&["type"]), branch.str_at(&["pattern"])) {
            ([_, ..], _, _) => format!("having {}", required.join(" and ")),
            (_, Some(kind), _) => format!("being of type {kind}"),
            (_, _, Some(pattern)) => format!("matching {}", quoted(pattern)),
            _ => "a schema of its own".into(),
        }
    };
    branches.iter().map(one).collect::<Vec<_>>().join("; ")
}
