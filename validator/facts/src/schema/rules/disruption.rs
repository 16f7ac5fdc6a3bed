//! PodDisruptionBudgets.

use super::{selector, workload};
use crate::schema::cursor::At;

pub(super) fn pod_disruption_budget(at: At<'_>) {
    let spec = at.get("spec");
    let (available, unavailable) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if available.exists() && unavailable.exists() {
        unavailable.clashes(available, "must not be set beside minAvailable");
    }
    workload::count_or_percent(available, true);
    workload::count_or_percent(unavailable, true);
    selector::label_selector(spec.get("selector"));
    spec.get("unhealthyPodEvictionPolicy").one_of_if_set(&["AlwaysAllow", "IfHealthyBudget"]);
}
