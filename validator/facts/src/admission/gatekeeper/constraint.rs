//! Constraints: what they are about, what they are told, and what follows from a violation.

use kustomize::Node;
use serde_json::Value as Json;

use crate::objects::{ObjectId, group_of};
use crate::schema::{set_defaults, to_json};

/// The group of constraints.
pub(super) const GROUP: &str = "constraints.gatekeeper.sh";

/// The points at which a violation keeps an object out: of the webhook, of the policies that Gatekeeper makes for the API server, and of checks before
/// anything is applied, as this one is.
const REFUSING: [&str; 4] = ["*", "validation.gatekeeper.sh", "vap.k8s.io", "gator.gatekeeper.sh"];

/// A constraint.
#[derive(Debug)]
pub(super) struct Constraint<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    /// `spec.match`.
    pub(super) matches: Option<&'a Node>,
    /// What it is as a whole, with the defaults of its template's schema.
    pub(super) value: Json,
    /// Whether a violation refuses an object; else people are warned.
    pub(super) denies: bool,
    /// The constraint, where it is among the objects.
    pub(super) definition: Option<ObjectId>,
}

/// Whether an object is a constraint.
pub(super) fn is_constraint(object: &Node) -> bool {
    object.str_at(&["apiVersion"]).is_some_and(|version| group_of(version) == GROUP)
}

impl<'a> Constraint<'a> {
    /// Reads a constraint, whose parameters have a schema; nothing where it is enforced nowhere.
    pub(super) fn read(object: &'a Node, is_among: bool, schema: Option<&Node>) -> Option<Self> {
        let denies = denies(object.get("spec"))?;
        let mut value = to_json(object);
        if let (Some(schema), Some(parameters)) = (schema, value.pointer_mut("/spec/parameters")) {
            set_defaults(parameters, schema);
        }
        Some(Constraint {
            name: object.str_at(&["metadata", "name"]).unwrap_or_default(),
            kind: object.str_at(&["kind"]).unwrap_or_default(),
            matches: object.at(&["spec", "match"]),
            value,
            denies,
            definition: is_among.then(|| ObjectId::of(object)),
        })
    }

    /// `input.parameters`; an empty map where there are none.
    pub(super) fn parameters(&self) -> Json {
        self.value.pointer("/spec/parameters").cloned().unwrap_or_else(|| Json::Object(serde_json::Map::new()))
    }
}

/// Whether a violation refuses an object, or warns; nothing where the constraint acts nowhere.
fn denies(spec: Option<&Node>) -> Option<bool> {
    let text = |node: &'_ Node, field: &str| node.str_at(&[field]).unwrap_or_default().to_owned();
    match spec.map(|spec| text(spec, "enforcementAction")).unwrap_or_default().as_str() {
        "" | "deny" => Some(true),
        "scoped" => {
            let scoped = spec.and_then(|spec| spec.get("scopedEnforcementActions")).map_or(&[][..], Node::items);
            // What only an audit tells keeps nothing out.
            let refuses = |scoped: &&Node| {
                let points = scoped.get("enforcementPoints").map_or(&[][..], Node::items);
                text(scoped, "action") == "deny" && points.iter().any(|point| REFUSING.contains(&text(point, "name").as_str()))
            };
            let acts = |scoped: &&Node| !scoped.get("enforcementPoints").map_or(&[][..], Node::items).is_empty();
            scoped.iter().any(|scoped| acts(&scoped)).then(|| scoped.iter().any(|scoped| refuses(&scoped)))
        }
        _ => Some(false),
    }
}
