//! The order of kinds.

use std::collections::HashMap;

/// Kinds that come first, in this order (`defaultOrderFirst`).
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come last (`defaultOrderLast`).
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Ranks of kinds; one without a rank is between the first and the last.
pub(crate) struct Ranks<'a>(HashMap<&'a str, isize>);

impl<'a> Ranks<'a> {
    /// Of kinds that come first and last, in this order.
    pub(crate) fn new(first: impl ExactSizeIterator<Item = &'a str>, last: impl Iterator<Item = &'a str>) -> Self {
        let before = first.len() as isize;
        let first = first.enumerate().map(|(at, kind)| (kind, at as isize - before));
        Self(first.chain(last.enumerate().map(|(at, kind)| (kind, at as isize + 1))).collect())
    }

    /// Those of Kustomize itself.
    pub(crate) fn legacy() -> Self {
        Self::new(FIRST.iter().copied(), LAST.iter().copied())
    }

    fn of(&self, kind: &str) -> isize {
        self.0.get(kind).copied().unwrap_or(0)
    }
}

/// A key by which Kustomize sorts kinds: rank, then `group_version_kind` with stand-ins for what is empty.
pub(crate) fn gvk_key(ranks: &Ranks<'_>, group: &str, version: &str, kind: &str) -> (isize, String) {
    let or = |text, stand_in| if str::is_empty(text) { stand_in } else { text };
    (ranks.of(kind), format!("{}_{}_{}", or(group, "~G"), or(version, "~V"), or(kind, "~K")))
}

/// Sorts `items` by kind, for tables of field specs (`Gvk.IsLessThan`).
pub(crate) fn sort_by_kind<T>(items: &mut [T], gvk: impl Fn(&T) -> (&str, &str, &str)) {
    let ranks = Ranks::legacy();
    items.sort_by_cached_key(|item| {
        let (group, version, kind) = gvk(item);
        gvk_key(&ranks, group, version, kind)
    });
}
