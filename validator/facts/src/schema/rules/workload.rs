//! Deployments, ReplicaSets, DaemonSets, StatefulSets and ReplicationControllers.

use super::{check_if_set, claim, metadata, pod, selector};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;
use crate::schema::format::quantity::Quantity;

const DEFAULT_PROGRESS_SECONDS: i64 = 600;

pub(super) fn deployment(at: At<'_>) {
    let spec = at.get("spec");
    counts(spec, &["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"]);
    label_selector(spec, "deployment");
    long_running_template(spec, "Deployment");

    let (deadline, ready) = (spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds").int().unwrap_or(0));
    let seconds = deadline.int().unwrap_or(DEFAULT_PROGRESS_SECONDS);
    if seconds <= ready {
        deadline.invalid(format!("must be greater than minReadySeconds ({ready}), but is {seconds}"));
    }
    let strategy = spec.get("strategy");
    let rolling = strategy.get("rollingUpdate");
    if strategy.get("type").str() == "Recreate" && rolling.exists() {
        rolling.clashes(strategy.get("type"), "must not be set with type Recreate");
    } else {
        let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
        count_or_percent(unavailable, true);
        count_or_percent(surge, false);
        if is_nothing(unavailable, false) && is_nothing(surge, false) {
            unavailable.invalid("must not be 0 with maxSurge 0, since nothing could be replaced");
        }
    }
}

pub(super) fn replica_set(at: At<'_>) {
    let spec = at.get("spec");
    counts(spec, &["replicas", "minReadySeconds"]);
    label_selector(spec, "ReplicaSet");
    long_running_template(spec, "ReplicaSet");
}

pub(super) fn daemon_set(at: At<'_>) {
    let spec = at.get("spec");
    counts(spec, &["minReadySeconds", "revisionHistoryLimit"]);
    label_selector(spec, "DaemonSet");
    long_running_template(spec, "DaemonSet");

    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    if strategy.get("type").str() == "OnDelete" || !rolling.exists() {
        return;
    }
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    count_or_percent(unavailable, true);
    count_or_percent(surge, true);
    // Without a value, one node at a time is unavailable and none gets a second Pod.
    match (is_nothing(unavailable, false), is_nothing(surge, true)) {
        (true, true) => unavailable.required("more than 0, or a maxSurge above 0"),
        (false, false) => surge.invalid("must not be set with maxUnavailable other than 0 (which it is by default)"),
        _ => {}
    }
}

pub(super) fn stateful_set(at: At<'_>) {
    let spec = at.get("spec");
    counts(spec, &["replicas", "minReadySeconds"]);
    spec.at(&["ordinals", "start"]).not_negative();
    spec.get("podManagementPolicy").one_of_if_set(&["OrderedReady", "Parallel"]);
    let retention = spec.get("persistentVolumeClaimRetentionPolicy");
    for when in [retention.get("whenDeleted"), retention.get("whenScaled")] {
        when.one_of_if_set(&["Retain", "Delete"]);
    }
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    if strategy.get("type").str() == "OnDelete" && rolling.exists() {
        rolling.invalid("must not be set with type OnDelete");
    }
    rolling.get("partition").not_negative();
    if at.doc.version.has(Feature::StatefulSetServiceName) {
        check_if_set(spec.get("serviceName"), name::dns_label);
    }
    label_selector(spec, "StatefulSet");

    let template = spec.get("template");
    let claims = spec.get("volumeClaimTemplates");
    if at.doc.version.has(Feature::StatefulSetTemplate) {
        pod::template_with_claims(template, "StatefulSet", Some(claims));
    } else {
        pod::template_metadata(template);
    }
    if at.doc.version.has(Feature::StatefulSetClaimTemplates) {
        for claim in claims.items() {
            super::check_required(claim.at(&["metadata", "name"]), name::dns_label);
            claim::spec(claim.get("spec"));
        }
    }
    always_restarts(template, "StatefulSet");
    selector::must_match(spec.get("selector"), template);
}

pub(super) fn replication_controller(at: At<'_>) {
    let spec = at.get("spec");
    counts(spec, &["replicas", "minReadySeconds"]);
    let (template, selector) = (spec.get("template"), spec.get("selector"));
    let labels = template.at(&["metadata", "labels"]);
    metadata::labels(selector);
    if !template.exists() {
        template.required("");
    } else {
        pod::template(template, "ReplicationController");
        always_restarts(template, "ReplicationController");
    }
    // Without a selector the template's labels are it.
    if selector.is_empty() && labels.is_empty() && !selector.is_broken() {
        selector.required("a selector, or labels in the template");
    }
    let has = |key: &str, value: &str| labels.entries().any(|(name, at)| name == key && at.str() == value);
    if !labels.is_broken() && !selector.entries().all(|(key, value)| has(key, value.str())) {
        labels.report(Reason::Invalid, "must have every label of the selector");
    }
}

fn counts(spec: At<'_>, fields: &[&'static str]) {
    fields.iter().for_each(|field| spec.get(field).not_negative());
}

fn label_selector(spec: At<'_>, kind: &str) {
    let at = spec.get("selector");
    if !at.exists() {
        at.required("");
    } else if selector::is_empty(at) && !at.is_broken() {
        at.invalid(format!("must not be empty in a {kind}, since it would select every Pod"));
    }
    selector::label_selector(at);
}

fn long_running_template(spec: At<'_>, kind: &str) {
    let template = spec.get("template");
    pod::template(template, kind);
    always_restarts(template, kind);
    selector::must_match(spec.get("selector"), template);
}

fn always_restarts(template: At<'_>, kind: &str) {
    let spec = template.get("spec");
    let policy = spec.get("restartPolicy");
    if !matches!(policy.str(), "" | "Always") && !policy.is_broken() {
        policy.report(Reason::Enum, format!("must be \"Always\" in a {kind}, but is {}", policy.shown()));
    }
    if spec.get("activeDeadlineSeconds").exists() {
        spec.get("activeDeadlineSeconds").forbidden(format!("must not be set in a {kind}"));
    }
}

/// A number that is not negative, or a percentage.
pub(super) fn count_or_percent(at: At<'_>, at_most_all: bool) {
    at.not_negative();
    if at.node().is_none_or(|node| node.as_str().is_none()) {
        return;
    }
    super::check(at, name::percent);
    let percent: Option<u64> = at.str().strip_suffix('%').and_then(|number| number.parse().ok());
    if at_most_all && percent.is_some_and(|percent| percent > 100) {
        at.breaks("must not be more than 100%");
    }
}

/// Whether a number or percentage is 0; an absent one is what `absent` says.
fn is_nothing(at: At<'_>, absent: bool) -> bool {
    match at.node().and_then(|node| node.text()) {
        None => absent,
        Some(text) => Quantity::parse(text.trim_end_matches('%')).is_ok_and(Quantity::is_zero),
    }
}
