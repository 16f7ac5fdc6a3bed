//! Nodes, PriorityClasses, RuntimeClasses, Leases, and the API services of other servers.

use super::{check, check_required, duplicates, metadata, pod};
use crate::schema::cursor::At;
use crate::schema::format::name;

/// Above this only the system's own classes are.
const HIGHEST_PRIORITY: i64 = 1_000_000_000;
const SYSTEM_CLASSES: &[&str] = &["system-node-critical", "system-cluster-critical"];

pub(super) fn priority_class(at: At<'_>) {
    let (own_name, value) = (at.at(&["metadata", "name"]), at.get("value"));
    if own_name.str().starts_with("system-") {
        if !SYSTEM_CLASSES.contains(&own_name.str()) {
            own_name.forbidden("must not start with \"system-\", which is reserved");
        }
    } else if value.int().is_some_and(|value| value > HIGHEST_PRIORITY) {
        value.forbidden(format!("must be at most {HIGHEST_PRIORITY}, but is {}", value.int().unwrap_or_default()));
    }
}

pub(super) fn runtime_class(at: At<'_>) {
    check_required(at.get("handler"), name::dns_label);
    pod::overhead(at.at(&["overhead", "podFixed"]));
    let scheduling = at.get("scheduling");
    metadata::labels(scheduling.get("nodeSelector"));
    pod::tolerations(scheduling.get("tolerations"));
}

pub(super) fn lease(spec: At<'_>) {
    spec.get("leaseDurationSeconds").at_least(1);
    spec.get("leaseTransitions").not_negative();
}

/// Ranges of kube-aggregator's validation.
const GROUP_PRIORITIES: (i64, i64) = (1, 20_000);
const VERSION_PRIORITIES: (i64, i64) = (1, 1000);

pub(super) fn api_service(at: At<'_>) {
    let spec = at.get("spec");
    let (group, version) = (spec.get("group"), spec.get("version"));
    let (own_name, expected) = (at.at(&["metadata", "name"]), format!("{}.{}", version.str(), group.str()));
    if !own_name.str().is_empty() && !version.is_broken() && !group.is_broken() && own_name.str() != expected {
        own_name.breaks(format!("must be the version, '.' and the group, {expected:?}"));
    }
    for (field, (low, high)) in [("groupPriorityMinimum", GROUP_PRIORITIES), ("versionPriority", VERSION_PRIORITIES)] {
        if spec.get(field).exists() {
            spec.get(field).within(low, high);
        } else if spec.exists() {
            spec.get(field).required(format!("between {low} and {high}"));
        }
    }
    let service = spec.get("service");
    if service.exists() {
        ["namespace", "name"].iter().for_each(|field| _ = service.get(field).not_empty());
    }
    if spec.get("insecureSkipTLSVerify").is_true() && !spec.get("caBundle").str().is_empty() {
        spec.get("insecureSkipTLSVerify").invalid("must not be true beside a caBundle");
    }
}

pub(super) fn node(spec: At<'_>) {
    let taints = spec.get("taints");
    for taint in taints.items() {
        check(taint.get("key"), name::qualified_name);
        check(taint.get("value"), name::label_value);
        if taint.get("effect").str().is_empty() {
            taint.get("effect").required("NoSchedule, PreferNoSchedule or NoExecute");
        }
    }
    let key = |taint: At<'_>| Some((taint.get("key").str().to_owned(), taint.get("effect").str().to_owned()));
    duplicates(taints.items(), key, |taint| taint.duplicate("has the key and effect of another taint"));
}
