//! The order of the output (SortOrderTransformer).

use std::collections::HashMap;

use crate::context::Context;
use crate::error::Error;
use crate::gvk::Gvk;
use crate::kustomization::Kustomization;
use crate::resource::Resource;

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
struct Ranks<'a>(HashMap<&'a str, isize>);

impl<'a> Ranks<'a> {
    fn new(first: impl ExactSizeIterator<Item = &'a str>, last: impl Iterator<Item = &'a str>) -> Self {
        let before = first.len() as isize;
        let first = first.enumerate().map(|(at, kind)| (kind, at as isize - before));
        Self(first.chain(last.enumerate().map(|(at, kind)| (kind, at as isize + 1))).collect())
    }

    fn legacy() -> Self {
        Self::new(FIRST.iter().copied(), LAST.iter().copied())
    }

    fn of(&self, kind: &str) -> isize {
        self.0.get(kind).copied().unwrap_or(0)
    }
}

/// A key by which Kustomize sorts kinds: rank, then `group_version_kind` with stand-ins for what is empty.
fn gvk_key(ranks: &Ranks<'_>, group: &str, version: &str, kind: &str) -> (isize, String) {
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

/// Sorts the objects of a finished build, by default in the legacy order.
pub(crate) fn apply(context: &Context, resources: &mut [Resource], kustomization: &Kustomization) -> Result<(), Error> {
    let Some(options) = &kustomization.sort_options else {
        sort(resources, &Ranks::legacy());
        return Ok(());
    };
    match (options.order.as_ref().map(|order| (&*order.value, &order.origin)), &options.legacy) {
        (Some(("fifo", _)), None) => {}
        (Some(("fifo", origin)), Some(_)) => {
            return Err(context.invalid(origin, "`legacySortOptions` needs the order `legacy`"));
        }
        (Some(("legacy", _)), None) => sort(resources, &Ranks::legacy()),
        (Some(("legacy", _)), Some(legacy)) => {
            let kinds = |texts: &'_ [crate::decode::Text]| texts.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
            let (first, last) = (kinds(&legacy.first), kinds(&legacy.last));
            sort(resources, &Ranks::new(first.iter().map(|kind| &**kind), last.iter().map(|kind| &**kind)));
        }
        (Some((_, origin)), _) => return Err(context.invalid(origin, "`sortOptions.order` must be `legacy` or `fifo`")),
        (None, _) => return Err(context.invalid(&kustomization.whole, "`sortOptions.order` must be `legacy` or `fifo`")),
    }
    Ok(())
}

fn sort(resources: &mut [Resource], ranks: &Ranks<'_>) {
    resources.sort_by_cached_key(|resource| {
        let Gvk { group, version, kind } = resource.gvk();
        let or = |text: &str, stand_in: &str| if text.is_empty() { stand_in.to_owned() } else { text.to_owned() };
        // Those of other groups come behind the core's.
        let is_other_namespace = &*kind == "Namespace" && !group.is_empty();
        let (rank, kind) = gvk_key(ranks, &group, &version, &kind);
        (rank, is_other_namespace, kind, format!("{}|{}", or(resource.namespace(), "~X"), or(resource.name(), "~N")))
    });
}
