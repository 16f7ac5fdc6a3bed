//! Kinds that the API server does not serve, and what to use instead.

use kustomize::closest;

use super::Version;
use super::table::Table;
use crate::objects::group_of;

/// Why an apiVersion and kind are refused.
pub(super) struct NotServed {
    /// Whether the kind is misspelt, and not the apiVersion.
    pub(super) kind_is_wrong: bool,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// Versions that Kubernetes served before the oldest table, and the release without them. An empty kind stands for all kinds of the apiVersion.
const REMOVED: &[(&str, &str, &str)] = &[
    ("extensions/v1beta1", "Ingress", "1.22"),
    ("extensions/v1beta1", "", "1.16"),
    ("apps/v1beta1", "", "1.16"),
    ("apps/v1beta2", "", "1.16"),
    ("networking.k8s.io/v1beta1", "Ingress", "1.22"),
    ("networking.k8s.io/v1beta1", "IngressClass", "1.22"),
    ("apiextensions.k8s.io/v1beta1", "", "1.22"),
    ("apiregistration.k8s.io/v1beta1", "", "1.22"),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", "1.22"),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", "1.22"),
    ("authentication.k8s.io/v1beta1", "", "1.22"),
    ("authorization.k8s.io/v1beta1", "", "1.22"),
    ("certificates.k8s.io/v1beta1", "", "1.22"),
    ("coordination.k8s.io/v1beta1", "", "1.22"),
    ("rbac.authorization.k8s.io/v1beta1", "", "1.22"),
    ("scheduling.k8s.io/v1beta1", "", "1.22"),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27"),
    ("storage.k8s.io/v1beta1", "", "1.22"),
    ("batch/v1beta1", "", "1.25"),
    ("discovery.k8s.io/v1beta1", "", "1.25"),
    ("events.k8s.io/v1beta1", "", "1.25"),
    ("autoscaling/v2beta1", "", "1.25"),
    ("autoscaling/v2beta2", "", "1.26"),
    ("policy/v1beta1", "", "1.25"),
    ("node.k8s.io/v1beta1", "", "1.25"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "", "1.26"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "", "1.29"),
];

/// Groups of Kubernetes itself that not every table has: those of former times and one that came.
const OWN_GROUPS: &[&str] = &["extensions", "settings.k8s.io", "auditregistration.k8s.io", "storagemigration.k8s.io"];

/// Why no object of this kind can be created; nothing where it may be a custom resource.
pub(super) fn not_served(api_version: &str, kind: &str, version: Version) -> Option<NotServed> {
    let table = Table::of(version);
    let group = group_of(api_version);
    // The group of a custom resource is a domain with a dot.
    if group.contains('.') && !OWN_GROUPS.contains(&group) && !table.has_group(group) {
        return None;
    }
    let found = |message: String, suggestion: Option<&str>, kind_is_wrong| NotServed {
        kind_is_wrong,
        message,
        suggestion: suggestion.map(Into::into),
    };
    let newer = Version::ALL.into_iter().filter(|newer| *newer > version);
    if let Some((newer, served)) = newer.filter_map(|newer| Some((newer, Table::of(newer).kind(api_version, kind)?))).next() {
        let off = if served.is_off { ", where it is turned on" } else { "" };
        let message = format!("{api_version:?} has no kind {kind:?} in Kubernetes {version}; {newer} has it{off}");
        return Some(found(message, None, false));
    }
    let mut kinds_there: Vec<_> = table.kinds().filter(|(served, _)| *served == api_version).map(|(_, kind)| kind).collect();
    kinds_there.sort_unstable();
    if let Some(meant) = closest(kind, kinds_there.iter().copied()) {
        let message = format!("is not a kind of {api_version} in Kubernetes {version}, but is {kind:?}; did you mean {meant:?}?");
        return Some(found(message, Some(meant), true));
    }
    let meant = elsewhere(api_version, kind, table);
    let removed = removed(api_version, kind, version).map_or(String::new(), |release| format!(" (removed in {release})"));
    let instead = meant.map_or(String::new(), |meant| format!("; use {meant:?}"));
    Some(found(format!("{api_version:?} has no kind {kind:?} in Kubernetes {version}{removed}{instead}"), meant, false))
}

/// What a server that serves a kind only where it is told to says of one that it has under another apiVersion anyway.
pub(super) fn off(api_version: &str, kind: &str, version: Version) -> (String, Option<String>) {
    let meant = elsewhere(api_version, kind, Table::of(version));
    let instead = meant.map_or(String::new(), |meant| format!("; it serves {meant:?}"));
    let message = format!("of {kind:?} is off in Kubernetes {version} unless the API server's --runtime-config turns it on{instead}");
    (message, meant.map(Into::into))
}

/// The apiVersion that has the kind, the newest stable one of the same group first: "v1" before "v1beta1".
fn elsewhere(api_version: &str, kind: &str, table: &'static Table) -> Option<&'static str> {
    let group = group_of(api_version);
    let others = table.kinds_on().filter(|(_, other)| *other == kind).map(|(served, _)| served);
    others.min_by_key(|served| (group_of(served) != group, served.contains("alpha"), served.contains("beta"), std::cmp::Reverse(*served)))
}

/// The release that has a kind no more.
fn removed(api_version: &str, kind: &str, version: Version) -> Option<&'static str> {
    let had = |older: &usize| Version::ALL.get(*older).is_some_and(|older| Table::of(*older).kind(api_version, kind).is_some());
    let before = (0..version as usize).rev().find(had);
    let of_table = before.and_then(|last| Version::ALL.get(last + 1)).map(|first| first.as_str());
    of_table.or_else(|| {
        REMOVED.iter().find(|(old, of, _)| *old == api_version && (of.is_empty() || *of == kind)).map(|(_, _, release)| *release)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_knows_the_groups_of_all() {
        for group in Version::ALL.into_iter().flat_map(|version| Table::of(version).kinds()).map(|(served, _)| group_of(served)) {
            for version in Version::ALL {
                assert!(Table::of(version).has_group(group) || OWN_GROUPS.contains(&group), "{version} {group}");
            }
        }
    }
}
