//! What a cluster adds to objects, where an old state was read from one (`kubectl get -o yaml`).

use std::sync::OnceLock;

use kustomize::Node;
use serde_json::Value as Json;

use super::json::{at, is_empty};
use super::tables::lines;
use crate::objects::group_of;

/// Where `kubectl apply` notes what it applied.
const NOTE: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What was applied last, as far as an object tells: what `kubectl apply` noted in it, or else all of it but what only a cluster adds.
pub(super) fn applied(live: &Json) -> Json {
    let note = at(live, &["metadata", "annotations", NOTE]).and_then(Json::as_str);
    if let Some(applied) = note.and_then(|note| serde_json::from_str(note).ok()).filter(Json::is_object) {
        return applied;
    }
    let mut applied = live.clone();
    if is_stored(live) {
        let kind = live.get("kind").and_then(Json::as_str).unwrap_or_default();
        added().iter().filter(|row| row.kind == "*" || row.kind == kind).for_each(|row| take(&mut applied, &row.steps));
    }
    applied
}

/// Whether an object comes from a cluster: nobody else knows these.
fn is_stored(object: &Json) -> bool {
    ["uid", "resourceVersion", "creationTimestamp"].iter().any(|field| at(object, &["metadata", field]).is_some())
}

struct Row {
    kind: &'static str,
    steps: Vec<&'static str>,
}

fn added() -> &'static [Row] {
    static TABLE: OnceLock<Vec<Row>> = OnceLock::new();
    let read = |line: &'static str| {
        let mut steps = line.split_whitespace();
        Some(Row { kind: steps.next()?, steps: steps.collect() })
    };
    TABLE.get_or_init(|| lines(include_str!("tables/server.txt")).filter_map(read).collect())
}

/// Takes out what is behind steps, and maps of which nothing is left.
fn take(value: &mut Json, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else { return };
    let begin = step.strip_suffix('*');
    let is_meant = |key: &str| begin.map_or(key == *step, |begin| key.starts_with(begin));
    match value {
        Json::Array(items) if *step == "*" => items.iter_mut().for_each(|item| take(item, rest)),
        Json::Object(fields) => fields.retain(|key, field| {
            if !is_meant(key) {
                return true;
            }
            let was_empty = is_empty(field);
            take(field, rest);
            !rest.is_empty() && (was_empty || !is_empty(field))
        }),
        _ => {}
    }
}

/// Whether a cluster makes an object by itself, so that no manifest has it: what a controller owns, and what every namespace gets.
pub(super) fn makes(object: &Node) -> bool {
    let text = |keys: &[&str]| object.str_at(keys).unwrap_or_default();
    let owners = object.at(&["metadata", "ownerReferences"]).map_or(&[][..], Node::items);
    let is_stored = ["uid", "resourceVersion"].iter().any(|field| object.at(&["metadata", field]).is_some());
    let is_owned = owners.iter().any(|owner| owner.get("controller").and_then(Node::as_bool) == Some(true));
    let is_usual = match (group_of(text(&["apiVersion"])), text(&["kind"])) {
        ("", "ConfigMap") => text(&["metadata", "name"]) == "kube-root-ca.crt",
        ("", "ServiceAccount") => text(&["metadata", "name"]) == "default",
        ("", "Service" | "Endpoints") => (text(&["metadata", "namespace"]), text(&["metadata", "name"])) == ("default", "kubernetes"),
        ("", "Secret") => matches!(text(&["type"]), "kubernetes.io/service-account-token" | "helm.sh/release.v1"),
        ("", "Event") | ("events.k8s.io", "Event") | ("coordination.k8s.io", "Lease") => true,
        ("discovery.k8s.io", "EndpointSlice") => object.at(&["metadata", "labels", "endpointslice.kubernetes.io/managed-by"]).is_some(),
        _ => false,
    };
    is_stored && (is_owned || is_usual)
}
