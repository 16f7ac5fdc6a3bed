//! `metadata`: names, labels, annotations, finalizers, owners.

use crate::objects::{group_of, is_cluster_scoped};
use crate::schema::Version;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name::{self, Rule};

/// All annotations of an object together, keys and values.
const MOST_ANNOTATION_BYTES: usize = 256 * 1024;

/// `metadata` of a built-in kind.
pub(super) fn built_in(at: At<'_>, kind: &str) {
    let metadata = at.get("metadata");
    // A LimitRange without a name gets one.
    let group = group_of(at.get("apiVersion").str());
    // A review is answered and not kept: it needs no name.
    let is_review = matches!(group, "authentication.k8s.io" | "authorization.k8s.io");
    if !is_review && (kind != "LimitRange" || metadata.get("name").exists()) {
        object_name(metadata, |text| rule_of_name(kind, text, at.doc.version));
    }
    common(metadata);
    // One that lives in no namespace may name any.
    if !is_cluster_scoped(group, kind) && !metadata.get("namespace").str().is_empty() {
        broken(metadata.get("namespace"), name::dns_label(metadata.get("namespace").str()));
    }
    if KEEP_GENERATION.contains(&kind) {
        metadata.get("generation").not_negative();
    }
    finalizers(metadata.get("finalizers"), !LAX_FINALIZERS.contains(&kind));
}

/// `metadata` of a custom resource.
pub(in crate::schema) fn custom(metadata: At<'_>) {
    object_name(metadata, name::dns_subdomain);
    common(metadata);
    finalizers(metadata.get("finalizers"), false);
}

/// Kinds whose validation does not insist on a domain in the names of finalizers.
const LAX_FINALIZERS: &[&str] = &[
    "APIService",
    "CustomResourceDefinition",
    "Lease",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "PodDisruptionBudget",
    "RuntimeClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
];

/// Kinds whose `generation` the API server keeps as it was sent; others get theirs from it.
const KEEP_GENERATION: &[&str] = &[
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "Endpoints",
    "Lease",
    "LimitRange",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StorageClass",
];

fn object_name(metadata: At<'_>, rule: impl Fn(&str) -> Rule) {
    let (name, prefix) = (metadata.get("name"), metadata.get("generateName"));
    match (name.str(), prefix.str()) {
        ("", "") => name.required(""),
        ("", generated) => {
            // Five characters follow; a trailing hyphen is then no end.
            let stem = generated.strip_suffix('-').map_or_else(|| generated.to_owned(), |stem| format!("{stem}a"));
            broken(prefix, rule(&stem));
        }
        (text, _) => broken(name, rule(text)),
    }
}

/// Reports the rule that a value breaks, if it does.
pub(super) fn broken(at: At<'_>, rule: Rule) {
    if let Err(rule) = rule {
        at.breaks(rule);
    }
}

fn rule_of_name(kind: &str, text: &str, version: Version) -> Rule {
    match kind {
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" | "PodDisruptionBudget" => name::path_segment(text),
        "Namespace" | "StatefulSet" => name::dns_label(text),
        "Service" if !version.has(Feature::RelaxedServiceNameValidation) => name::dns_1035_label(text),
        "Service" => name::dns_label(text),
        "CronJob" if text.len() > 52 => Err("must have at most 52 characters, because the Jobs' names add 11"),
        "Endpoints" | "ComponentStatus" => name::path_segment(text),
        _ => name::dns_subdomain(text),
    }
}

fn common(metadata: At<'_>) {
    let version = metadata.get("resourceVersion");
    if !version.str().is_empty() {
        version.forbidden("must not be set on an object that is created; it was probably exported from a cluster");
    }
    labels(metadata.get("labels"));
    annotations(metadata.get("annotations"));
    owners(metadata.get("ownerReferences"));
}

/// A map of labels.
pub(super) fn labels(labels: At<'_>) {
    for (key, value) in labels.entries() {
        if let Err(rule) = name::qualified_name(key) {
            value.invalid(format!("has the label key {key:?}, which {rule}"));
        }
        broken(value, name::label_value(value.str()));
    }
}

/// A map of annotations.
pub(super) fn annotations(annotations: At<'_>) {
    let mut bytes = 0;
    for (key, value) in annotations.entries() {
        // The API server compares prefixes in lower case here.
        if let Err(rule) = name::qualified_name(&key.to_lowercase()) {
            value.invalid(format!("has the annotation key {key:?}, which {rule}"));
        }
        bytes += key.len() + value.str().len();
    }
    if bytes > MOST_ANNOTATION_BYTES {
        annotations.invalid(format!("must have at most {MOST_ANNOTATION_BYTES} bytes in all, but has {bytes}"));
    }
}

fn finalizers(finalizers: At<'_>, with_domain: bool) {
    const STANDARD: &[&str] = &["kubernetes", "orphan", "foregroundDeletion"];
    for finalizer in finalizers.items() {
        let text = finalizer.str();
        broken(finalizer, name::qualified_name(text));
        if with_domain && !text.contains('/') && !STANDARD.contains(&text) {
            finalizer.breaks("must be a standard finalizer or have a domain, such as \"example.com/name\"");
        }
    }
    let has = |name| finalizers.items().any(|finalizer| finalizer.str() == name);
    if has("orphan") && has("foregroundDeletion") {
        finalizers.invalid("must not have both \"orphan\" and \"foregroundDeletion\"");
    }
}

fn owners(owners: At<'_>) {
    let mut controllers = 0;
    for owner in owners.items() {
        for field in ["apiVersion", "kind", "name", "uid"] {
            owner.get(field).not_empty();
        }
        if owner.get("apiVersion").str().matches('/').count() > 1 {
            owner.get("apiVersion").breaks("must be a version, or a group, '/' and a version");
        }
        if owner.get("apiVersion").str() == "v1" && owner.get("kind").str() == "Event" {
            owner.invalid("must not name an Event, which cannot own anything");
        }
        controllers += usize::from(owner.get("controller").is_true());
    }
    if controllers > 1 {
        owners.invalid(format!("must have at most one owner with controller: true, but has {controllers}"));
    }
}
