//! Jobs: a template is fixed, except what schedules the Pods of a suspended one.

use serde_json::Value as Json;

use super::Check;
use crate::change::fields::first_difference;
use crate::change::json::{at, is_empty, put, take, text};
use crate::change::{Refusal, Why};
use crate::objects::Path;
use crate::schema::features::Feature;

const LABELS: &[&str] = &["metadata", "labels"];

/// A Job that loses its labels gets those of its Pods, with those that the server gave them.
pub(super) fn prepare(live: &Json, merged: &mut Json) {
    if at(merged, LABELS).is_none_or(is_empty) && at(live, LABELS).is_some() {
        let mut labels = at(merged, &["spec", "template", "metadata", "labels"]).cloned().unwrap_or_else(|| serde_json::json!({}));
        put(&mut labels, &["batch.kubernetes.io/job-name"], at(merged, &["metadata", "name"]).cloned());
        put(merged, LABELS, Some(labels));
    }
}

/// The selector that the server generated for a Job that now says it is its own.
pub(super) fn generate(job: &mut Json) {
    const SELECTOR: &[&str] = &["spec", "selector"];
    if at(job, &["spec", "manualSelector"]) == Some(&Json::Bool(true)) && at(job, SELECTOR).is_none() {
        let labels = at(job, &["spec", "template", "metadata", "labels"]).cloned();
        put(job, SELECTOR, labels.map(|labels| serde_json::json!({ "matchLabels": labels })));
    }
}

pub(super) fn check(check: &mut Check<'_>) {
    completions(check);
    template(check);
}

fn completions(check: &mut Check<'_>) {
    const COMPLETIONS: &[&str] = &["spec", "completions"];
    let (old, new) = (at(check.live, COMPLETIONS), at(check.stored, COMPLETIONS));
    if old == new {
        return;
    }
    let is_indexed = text(check.stored, &["spec", "completionMode"]) == "Indexed";
    if !is_indexed || old.is_none() || new.is_none() {
        check.refuse(COMPLETIONS, "spec.completions", Why::Invalid, "is immutable");
    } else if new != at(check.stored, &["spec", "parallelism"]) {
        check.refuse(COMPLETIONS, "spec.completions", Why::Invalid, "can only change together with spec.parallelism, to the same number");
    }
}

fn template(check: &mut Check<'_>) {
    const TEMPLATE: &[&str] = &["spec", "template"];
    let (Some(old), Some(new)) = (at(check.live, TEMPLATE), at(check.stored, TEMPLATE)) else { return };
    let mut old = old.clone();
    let has_started = at(check.live, &["status", "startTime"]).is_some();
    if at(check.live, &["spec", "suspend"]) == Some(&Json::Bool(true)) && !has_started {
        const OPEN: [&[&str]; 5] = [
            &["spec", "nodeSelector"],
            &["spec", "tolerations"],
            &["spec", "schedulingGates"],
            &["metadata", "annotations"],
            &["metadata", "labels"],
        ];
        OPEN.iter().for_each(|keys| put(&mut old, keys, at(new, keys).cloned()));
        node_affinity(&mut old, new);
        if check.version.has(Feature::MutablePodResourcesForSuspendedJobs) {
            resources(&mut old, new);
        }
    }
    let mut new = new.clone();
    for template in [&mut old, &mut new] {
        if at(template, &["metadata"]).is_some_and(is_empty) {
            take(template, &["metadata"]);
        }
    }
    if let Some(below) = first_difference(Some(&old), Some(&new), 2) {
        let path = Path::of(TEMPLATE).join(&below);
        let message = "is immutable; delete the Job, or give it another name";
        check.refused.push(Refusal { path, field: "spec.template".into(), reason: Why::Invalid, message: message.into() });
    }
}

/// Node affinity may change; the rest of `affinity` may not.
fn node_affinity(old: &mut Json, new: &Json) {
    const NODE: &[&str] = &["spec", "affinity", "nodeAffinity"];
    match (at(old, &["spec", "affinity"]).is_some(), at(new, &["spec", "affinity"]).is_some()) {
        (true, false) => {
            take(old, NODE);
            if at(old, &["spec", "affinity"]).is_some_and(is_empty) {
                take(old, &["spec", "affinity"]);
            }
        }
        (false, true) => put(
            old,
            &["spec", "affinity"],
            Some(at(new, NODE).map_or(serde_json::json!({}), |node| serde_json::json!({ "nodeAffinity": node }))),
        ),
        (true, true) => put(old, NODE, at(new, NODE).cloned()),
        (false, false) => {}
    }
}

fn resources(old: &mut Json, new: &Json) {
    for list in ["containers", "initContainers"] {
        let after = at(new, &["spec", list]).and_then(Json::as_array).cloned().unwrap_or_default();
        let before = old.get_mut("spec").and_then(|spec| spec.get_mut(list)).and_then(Json::as_array_mut);
        for (old, new) in before.into_iter().flatten().zip(&after) {
            put(old, &["resources"], at(new, &["resources"]).cloned());
        }
    }
}
