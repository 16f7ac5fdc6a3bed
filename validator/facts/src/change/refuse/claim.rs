//! PersistentVolumeClaims.

use serde_json::Value as Json;

use super::Check;
use crate::change::Why;
use crate::change::fields::first_difference;
use crate::change::json::{at, put, take, text};
use crate::objects::Path;
use crate::schema::format::quantity::Quantity;

const STORAGE: &[&str] = &["spec", "resources", "requests", "storage"];

/// What the API server keeps in both of two fields, one of which is taken out.
pub(super) fn keep(live: &Json, stored: &mut Json) {
    for field in ["dataSource", "dataSourceRef"] {
        let keys = ["spec", field];
        if at(stored, &keys).is_none()
            && at(stored, &["spec", if field == "dataSource" { "dataSourceRef" } else { "dataSource" }]).is_some()
        {
            put(stored, &keys, at(live, &keys).cloned());
        }
    }
}

/// A claim in a repository was bound long ago: it may grow, where its class can expand.
pub(super) fn check(check: &mut Check<'_>) {
    if at(check.live, &["spec", "volumeMode"]) != at(check.stored, &["spec", "volumeMode"]) {
        check.refuse(&["spec", "volumeMode"], "volumeMode", Why::Invalid, "is immutable");
    }
    let has_no_class = at(check.live, &["spec", "storageClassName"]).and_then(Json::as_str) == Some("");
    let is_pending = text(check.live, &["status", "phase"]) == "Pending";
    let mut rest = [check.live.get("spec").cloned().unwrap_or_default(), check.stored.get("spec").cloned().unwrap_or_default()];
    let was_there = |field: &str| rest[0].get(field).is_some();
    // The controller sets these two, so they may be set once.
    let settable: Vec<&str> = ["storageClassName", "volumeName"].into_iter().filter(|field| !was_there(field)).collect();
    for spec in &mut rest {
        settable.iter().for_each(|field| _ = take(spec, &[field]));
        take(spec, &["volumeAttributesClassName"]);
        // What has no class has nobody to make it grow.
        if !is_pending && !has_no_class {
            take(spec, &["resources", "requests", "storage"]);
        }
    }
    if let Some(below) = first_difference(Some(&rest[0]), Some(&rest[1]), 2) {
        let path = Path::of(&["spec"]).join(&below);
        let message = match has_no_class {
            true => "can't change after creation: without a StorageClass, nothing gives a claim more storage",
            false => "can't change after creation, except that a bound claim may ask for more storage",
        };
        check.refused.push(crate::change::Refusal { path, field: "spec".into(), reason: Why::Forbidden, message: message.into() });
    }
    let amount = |object| at(object, STORAGE).and_then(Json::as_str).and_then(|text| Quantity::parse(text).ok());
    let least = at(check.live, &["status", "capacity", "storage"]).and_then(Json::as_str).and_then(|text| Quantity::parse(text).ok());
    if let (Some(old), Some(new)) = (least.or(amount(check.live)), amount(check.stored))
        && new < old
    {
        check.refuse(
            STORAGE,
            "spec.resources.requests.storage",
            Why::Forbidden,
            "can't be less than what the claim has: claims don't shrink",
        );
    }
}
