//! Pods: little of their spec may change.

use serde_json::Value as Json;

use super::Check;
use crate::change::fields::first_difference;
use crate::change::json::{at, is_empty, put, text};
use crate::change::{Refusal, Why};
use crate::objects::Path;

fn list<'a>(object: &'a Json, field: &str) -> &'a [Json] {
    at(object, &["spec", field]).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn check(check: &mut Check<'_>) {
    for field in ["containers", "initContainers"] {
        if list(check.live, field).len() != list(check.stored, field).len() {
            return check.refuse(
                &["spec", field],
                &format!("spec.{field}"),
                Why::Forbidden,
                "can't be added to or removed from: recreate the Pod",
            );
        }
    }
    deadline(check);
    tolerations(check);
    gates(check);
    let mut open = check.live.clone();
    for field in ["containers", "initContainers"] {
        let images: Vec<_> = list(check.stored, field).iter().map(|container| at(container, &["image"]).cloned()).collect();
        let containers = open.get_mut("spec").and_then(|spec| spec.get_mut(field)).and_then(Json::as_array_mut);
        containers.into_iter().flatten().zip(images).for_each(|(container, image)| put(container, &["image"], image));
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        put(&mut open, &["spec", field], at(check.stored, &["spec", field]).cloned());
    }
    let grace = at(check.live, &["spec", "terminationGracePeriodSeconds"]).and_then(Json::as_i64);
    if grace.is_some_and(|seconds| seconds < 0)
        && at(check.stored, &["spec", "terminationGracePeriodSeconds"]).and_then(Json::as_i64) == Some(1)
    {
        put(&mut open, &["spec", "terminationGracePeriodSeconds"], Some(1.into()));
    }
    if !list(check.live, "schedulingGates").is_empty() {
        placement(check, &mut open);
    }
    if let Some(below) = first_difference(open.get("spec"), check.stored.get("spec"), 2) {
        let message = "can't change in a Pod, except images, activeDeadlineSeconds, tolerations and schedulingGates: recreate the Pod";
        let path = Path::of(&["spec"]).join(&below);
        check.refused.push(Refusal { path, field: "spec".into(), reason: Why::Forbidden, message: message.into() });
    }
}

fn deadline(check: &mut Check<'_>) {
    const DEADLINE: &[&str] = &["spec", "activeDeadlineSeconds"];
    let number = |object| at(object, DEADLINE).and_then(Json::as_i64);
    let message = match (number(check.live), number(check.stored)) {
        (Some(old), Some(new)) if new > old => "can't grow",
        (Some(_), None) => "can't be taken out",
        _ => return,
    };
    check.refuse(DEADLINE, "spec.activeDeadlineSeconds", Why::Invalid, message);
}

fn tolerations(check: &mut Check<'_>) {
    let same =
        |old: &Json, new: &Json| ["key", "operator", "value", "effect"].iter().all(|field| text(old, &[field]) == text(new, &[field]));
    let now = list(check.stored, "tolerations");
    if !list(check.live, "tolerations").iter().all(|old| now.iter().any(|new| same(old, new))) {
        check.refuse(
            &["spec", "tolerations"],
            "spec.tolerations",
            Why::Forbidden,
            "can be added; one that is there may change in tolerationSeconds only",
        );
    }
}

fn gates(check: &mut Check<'_>) {
    let before: Vec<&str> = list(check.live, "schedulingGates").iter().map(|gate| text(gate, &["name"])).collect();
    let added = list(check.stored, "schedulingGates").iter().enumerate().filter(|(_, gate)| !before.contains(&text(gate, &["name"])));
    for (index, gate) in added {
        let message = format!("can't be added to a Pod that is there, but {:?} is new", text(gate, &["name"]));
        let path = Path::of(&["spec", "schedulingGates"]).with(index).with("name");
        check.refused.push(Refusal { field: path.to_string(), path, reason: Why::Forbidden, message });
    }
}

/// Where a Pod may run can be narrowed while a gate holds it.
fn placement(check: &mut Check<'_>, open: &mut Json) {
    const SELECTOR: &[&str] = &["spec", "nodeSelector"];
    let labels = |object| at(object, SELECTOR).and_then(Json::as_object).cloned().unwrap_or_default();
    let (old, new) = (labels(check.live), labels(check.stored));
    if old.iter().all(|(key, value)| new.get(key) == Some(value)) {
        put(open, SELECTOR, at(check.stored, SELECTOR).cloned());
    } else {
        check.refuse(SELECTOR, "spec.nodeSelector", Why::Invalid, "can only be added to while a gate holds the Pod");
        put(open, SELECTOR, at(check.stored, SELECTOR).cloned());
    }
    const AFFINITY: &[&str] = &["spec", "affinity", "nodeAffinity"];
    const REQUIRED: &[&str] = &["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    const TERMS: &[&str] = &["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
    let terms = |object| at(object, TERMS).and_then(Json::as_array).cloned().unwrap_or_default();
    let (old, new) = (terms(check.live), terms(check.stored));
    let narrows = |old: &Json, new: &Json| {
        is_empty(old) && is_empty(new)
            || ["matchExpressions", "matchFields"].iter().all(|field| {
                let list = |term| at(term, &[field]).and_then(Json::as_array).cloned().unwrap_or_default();
                list(new).starts_with(&list(old))
            })
    };
    let is_narrower =
        at(check.live, REQUIRED).is_none() || (old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| narrows(old, new)));
    if !is_narrower {
        check.refuse(
            TERMS,
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
            Why::Invalid,
            "can only be narrowed while a gate holds the Pod",
        );
    }
    put(open, AFFINITY, at(check.stored, AFFINITY).cloned());
    if at(open, &["spec", "affinity"]).is_some_and(is_empty) && at(check.stored, &["spec", "affinity"]).is_none() {
        put(open, &["spec", "affinity"], None);
    }
}
