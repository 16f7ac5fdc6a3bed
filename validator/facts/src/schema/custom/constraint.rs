//! What Gatekeeper defines for each of its templates: a kind of constraints whose parameters are as the template says (`pkg/client/crds` and
//! `pkg/target/match_schema.go` of Gatekeeper and its frameworks).

use kustomize::Node;
use serde_json::{Value as Json, json};

use super::{read_json, to_json};

/// The group of constraints.
pub(super) const GROUP: &str = "constraints.gatekeeper.sh";

/// The versions in which constraints are served.
const VERSIONS: [&str; 2] = ["v1beta1", "v1alpha1"];

/// A name, or the beginning or end of one.
const NAME: &str = r"^(\*|\*-)?[a-z0-9]([-:a-z0-9]*[a-z0-9])?(\*|-\*)?$";

/// The CustomResourceDefinition that comes of a template; nothing where it is none, or defines no kind.
pub(super) fn definition(template: &Node) -> Option<Node> {
    let text = |keys: &[&str]| template.str_at(keys);
    if text(&["kind"]) != Some("ConstraintTemplate") || !text(&["apiVersion"])?.starts_with("templates.gatekeeper.sh/") {
        return None;
    }
    let kind = text(&["spec", "crd", "spec", "names", "kind"])?;
    let validation = template.at(&["spec", "crd", "spec", "validation"]);
    let given = validation.and_then(|validation| validation.get("openAPIV3Schema"));
    let mut parameters = given.map_or_else(|| json!({}), to_json);
    // Of what is less than a structural schema, and where there is none, unknown fields are kept.
    let is_legacy = validation.and_then(|validation| validation.get("legacySchema")).and_then(Node::as_bool);
    if given.is_none() || is_legacy.unwrap_or_else(|| text(&["apiVersion"]) != Some("templates.gatekeeper.sh/v1")) {
        open(&mut parameters);
    }
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {
            "enforcementAction": {"type": "string"},
            "scopedEnforcementActions": {"type": "array", "items": {"type": "object", "required": ["action"], "properties": {
                "action": {"type": "string"},
                "enforcementPoints": {"type": "array", "items": {
                    "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}},
                }},
            }}},
            "match": matches(),
            "parameters": parameters,
        }},
        "status": {"x-kubernetes-preserve-unknown-fields": true},
    }});
    let version = |name: &str| json!({"name": name, "served": true, "storage": name == "v1beta1", "schema": {"openAPIV3Schema": schema}});
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {},
        "spec": {
            "group": GROUP, "scope": "Cluster",
            "names": {"kind": kind, "plural": kind.to_ascii_lowercase()},
            "versions": VERSIONS.map(version),
        },
    });
    read_json(&definition.to_string()).ok()
}

/// Keeps unknown fields, at any depth.
fn open(schema: &mut Json) {
    let Some(fields) = schema.as_object_mut() else { return };
    let is_object = fields.get("type").is_none_or(|kind| kind == "object");
    if is_object && !fields.contains_key("additionalProperties") {
        fields.insert("x-kubernetes-preserve-unknown-fields".to_owned(), json!(true));
    }
    if let Some(properties) = fields.get_mut("properties").and_then(Json::as_object_mut) {
        properties.values_mut().for_each(open);
    }
    for below in ["items", "additionalProperties"] {
        fields.get_mut(below).into_iter().for_each(open);
    }
}

/// The schema of `spec.match`.
fn matches() -> Json {
    let texts = json!({"type": "array", "items": {"type": "string", "nullable": true}});
    let names = json!({"type": "array", "items": {"type": "string", "pattern": NAME}});
    let selector = json!({"type": "object", "properties": {
        "matchLabels": {"type": "object", "additionalProperties": {"type": "string"}},
        "matchExpressions": {"type": "array", "items": {"type": "object", "required": ["key", "operator"], "properties": {
            "key": {"type": "string"}, "operator": {"type": "string", "enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
            "values": {"type": "array", "items": {"type": "string"}},
        }}},
    }});
    json!({"type": "object", "properties": {
        "kinds": {"type": "array", "items": {"type": "object", "properties": {"apiGroups": texts, "kinds": texts}}},
        "namespaces": names, "excludedNamespaces": names, "labelSelector": selector, "namespaceSelector": selector,
        "scope": {"type": "string", "enum": ["*", "Cluster", "Namespaced"]},
        "source": {"type": "string", "enum": ["All", "Generated", "Original"]},
        "name": {"type": "string", "pattern": NAME},
    }})
}
