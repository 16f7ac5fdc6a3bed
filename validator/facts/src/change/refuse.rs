//! What the API server refuses in updates of kinds whose rules are more than "this field stays", and what it does to an update on the way.

mod claim;
mod config;
mod definition;
mod job;
mod pod;
mod service;

use serde_json::Value as Json;

use super::json::{at, put};
use super::{Refusal, Why};
use crate::objects::{Path, group_of};
use crate::schema::Version;

/// An update and what is refused of it so far.
struct Check<'a> {
    live: &'a Json,
    stored: &'a Json,
    version: Version,
    refused: &'a mut Vec<Refusal>,
}

impl Check<'_> {
    fn refuse(&mut self, keys: &[&str], field: &str, reason: Why, message: impl Into<String>) {
        self.refused.push(Refusal { path: Path::of(keys), field: field.to_owned(), reason, message: message.into() });
    }
}

/// What the registry does to an update before it is judged.
pub(super) fn prepare(live: &Json, mut merged: Json, api_version: &str, kind: &str) -> Json {
    if group_of(api_version).is_empty() && kind == "Service" {
        service::prepare(live, &mut merged);
    }
    if group_of(api_version) == "batch" && kind == "Job" {
        job::prepare(live, &mut merged);
    }
    merged
}

/// What the server set stays where an update takes it out.
pub(super) fn keep(live: &Json, stored: &mut Json, api_version: &str, kind: &str) {
    const KEPT: &[(&str, &[&str])] = &[("*", &["metadata", "uid"]), ("Node", &["spec", "podCIDR"]), ("Node", &["spec", "podCIDRs"])];
    for (_, keys) in KEPT.iter().filter(|(kept, _)| *kept == "*" || *kept == kind) {
        if at(stored, keys).is_none() {
            put(stored, keys, at(live, keys).cloned());
        }
    }
    if group_of(api_version).is_empty() && kind == "PersistentVolumeClaim" {
        claim::keep(live, stored);
    }
}

/// Whether all versions of a definition have the same schema.
pub(super) fn has_one_schema(definition: &Json) -> bool {
    definition::has_one_schema(definition)
}

/// The object as its validation sees it, with what the server generated and nobody wrote.
pub(super) fn generated(value: &Json, api_version: &str, kind: &str) -> Json {
    let mut value = value.clone();
    if group_of(api_version) == "batch" && kind == "Job" {
        job::generate(&mut value);
    }
    value
}

/// What is refused of an update, beside what the table of immutable fields says.
pub(super) fn check(live: &Json, stored: &Json, api_version: &str, kind: &str, version: Version, refused: &mut Vec<Refusal>) {
    let mut check = Check { live, stored, version, refused };
    match (group_of(api_version), kind) {
        ("", "Pod") => pod::check(&mut check),
        ("", "Service") => service::check(&mut check),
        ("", "PersistentVolumeClaim") => claim::check(&mut check),
        ("", "ConfigMap" | "Secret") => config::check(&mut check),
        ("batch", "Job") => job::check(&mut check),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition::check(&mut check),
        _ => {}
    }
}
