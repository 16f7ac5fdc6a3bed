//! Whether a change replaces Pods, and how.

use serde::Serialize;
use serde_json::Value as Json;

use super::json::{at, text};
use super::share::unavailable;
use crate::objects::group_of;

/// What happens to the Pods of a workload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Nothing.
    #[default]
    None,
    /// They are replaced, some after others.
    Rolling,
    /// All go, then all come.
    AtOnce,
    /// They will be other ones when somebody deletes them, or the workload is resumed, or its partition goes down.
    Later,
    /// There are none now.
    NoReplicas,
}

impl Restart {
    /// Whether Pods are replaced by themselves; nothing where there are none.
    pub fn happens(self) -> Option<bool> {
        match self {
            Restart::Rolling | Restart::AtOnce => Some(true),
            Restart::None | Restart::Later => Some(false),
            Restart::NoReplicas => None,
        }
    }
}

/// What a change does to Pods, from what was stored and what will be.
pub(super) fn of(live: &Json, stored: &Json, api_version: &str, kind: &str) -> Restart {
    if group_of(api_version) != "apps" || !matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet") {
        return Restart::None;
    }
    const TEMPLATE: &[&str] = &["spec", "template"];
    if at(live, TEMPLATE) == at(stored, TEMPLATE) {
        return Restart::None;
    }
    let number = |keys: &[&str]| at(stored, keys).and_then(Json::as_i64);
    let share_of = |keys: &[&str]| at(stored, keys).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let share = |key: &str| share_of(&["spec", "strategy", "rollingUpdate", key]);
    let replicas = number(&["spec", "replicas"]).unwrap_or(1);
    match kind {
        "Deployment" if at(stored, &["spec", "paused"]) == Some(&Json::Bool(true)) => Restart::Later,
        "Deployment" if replicas == 0 => Restart::NoReplicas,
        "Deployment" if text(stored, &["spec", "strategy", "type"]) == "Recreate" => Restart::AtOnce,
        "Deployment" if unavailable(share("maxUnavailable").as_deref(), share("maxSurge").as_deref(), replicas) >= replicas => {
            Restart::AtOnce
        }
        "StatefulSet" | "DaemonSet" if text(stored, &["spec", "updateStrategy", "type"]) == "OnDelete" => Restart::Later,
        "StatefulSet" if replicas == 0 => Restart::NoReplicas,
        // Pods below the partition stay; ordinals may start elsewhere.
        "StatefulSet" => {
            let first = number(&["spec", "ordinals", "start"]).unwrap_or(0);
            let partition = number(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
            match partition {
                _ if partition >= first.saturating_add(replicas) => Restart::Later,
                // Its only Pod goes before there is another one.
                _ if replicas == 1 => Restart::AtOnce,
                _ => Restart::Rolling,
            }
        }
        "DaemonSet" if share_of(&["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]).as_deref() == Some("100%") => {
            Restart::AtOnce
        }
        _ => Restart::Rolling,
    }
}
