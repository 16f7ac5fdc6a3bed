//! Custom resources, checked against the schema of their CustomResourceDefinition.
//!
//! Validation rules in CEL (`x-kubernetes-validations`) are not evaluated.

mod json;
mod limits;
mod pattern;
mod value;

use std::collections::HashMap;

use kustomize::Node;

use super::cursor::At;
use super::{Reason, suggest};
use crate::objects::group_of;
pub use json::read_json;
use pattern::Patterns;
use value::Checker;

/// The kinds that CustomResourceDefinitions define.
#[derive(Debug, Default)]
pub(super) struct CustomKinds<'a> {
    /// By group, then by kind. A group can have several definitions of a kind only by mistake; then the last counts.
    kinds: HashMap<&'a str, HashMap<&'a str, &'a Node>>,
    patterns: Patterns,
}

impl<'a> CustomKinds<'a> {
    pub(super) fn of(objects: impl IntoIterator<Item = &'a Node>) -> Self {
        let mut kinds: HashMap<_, HashMap<_, _>> = HashMap::new();
        for object in objects {
            let is_definition = object.str_at(&["kind"]) == Some("CustomResourceDefinition")
                && object.str_at(&["apiVersion"]).is_some_and(|version| group_of(version) == "apiextensions.k8s.io");
            if let (true, Some(spec)) = (is_definition, object.get("spec"))
                && let (Some(group), Some(kind)) = (spec.str_at(&["group"]), spec.str_at(&["names", "kind"]))
            {
                kinds.entry(group).or_default().insert(kind, spec);
            }
        }
        CustomKinds { kinds, patterns: Patterns::default() }
    }

    /// Checks an object if its kind is known.
    pub(super) fn check(&self, at: At<'_>) {
        let (api_version, kind) = (at.get("apiVersion"), at.get("kind"));
        let (group, version) = api_version.str().split_once('/').unwrap_or_default();
        let Some(definition) = self.kinds.get(group).and_then(|kinds| kinds.get(kind.str())) else { return };
        let served: Vec<_> =
            versions(definition).iter().filter(|version| version.get("served").and_then(Node::as_bool) == Some(true)).collect();
        let name = |version: &'a Node| version.str_at(&["name"]).unwrap_or_default();
        match served.iter().find(|found| name(found) == version) {
            Some(found) => self.check_version(at, found),
            None => {
                let names: Vec<_> = served.iter().map(|version| name(version)).collect();
                let meant = suggest::closest(version, names.iter().copied()).map(|meant| format!("{group}/{meant}"));
                let message = format!(
                    "has no kind {:?} in version {version:?}; its CustomResourceDefinition serves {}",
                    kind.str(),
                    names.join(", ")
                );
                api_version.report_with(Reason::ApiVersion, message, meant);
            }
        }
    }

    fn check_version(&self, at: At<'_>, version: &Node) {
        let Some(schema) = version.at(&["schema", "openAPIV3Schema"]) else { return };
        let keeps_status = version.at(&["subresources", "status"]).is_none();
        Checker { patterns: &self.patterns, strict: true }.root(at, schema, keeps_status);
    }
}

fn versions(spec: &Node) -> &[Node] {
    spec.get("versions").map_or(&[], Node::items)
}

/// Whether a schema's default fits the schema, as a CustomResourceDefinition needs it.
pub(super) fn default_fits(default: At<'_>, schema: At<'_>) {
    if let Some(schema) = schema.node() {
        Checker { patterns: &Patterns::default(), strict: true }.value(default, schema);
    }
}
