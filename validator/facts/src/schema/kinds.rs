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

/// Versions that Kubernetes served once, and the release without them. An empty kind stands for all kinds of the apiVersion.
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
    ("flowcontrol.apiserver.k8s.io/v1beta3", "", "1.32"),
];

/// Kinds before they are stable, which a cluster serves where somebody turned them on (`--runtime-config`), so that no table has them.
const TURNED_ON: &[(&str, &[&str])] = &[
    ("admissionregistration.k8s.io/v1alpha1", &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]),
    ("admissionregistration.k8s.io/v1beta1", &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]),
    ("certificates.k8s.io/v1alpha1", &["ClusterTrustBundle", "PodCertificateRequest"]),
    ("certificates.k8s.io/v1beta1", &["ClusterTrustBundle", "PodCertificateRequest"]),
    ("coordination.k8s.io/v1alpha2", &["LeaseCandidate"]),
    ("coordination.k8s.io/v1beta1", &["LeaseCandidate"]),
    ("networking.k8s.io/v1beta1", &["IPAddress", "ServiceCIDR"]),
    ("storage.k8s.io/v1alpha1", &["VolumeAttributesClass"]),
    ("storage.k8s.io/v1beta1", &["VolumeAttributesClass"]),
];

/// Groups of Kubernetes itself that need not be in a table: served by no version in it, or only behind a feature gate.
const OWN_GROUPS: &[&str] = &[
    "extensions",
    "resource.k8s.io",
    "storagemigration.k8s.io",
    "internal.apiserver.k8s.io",
    "settings.k8s.io",
    "auditregistration.k8s.io",
];

/// Why no object of this kind can be created; nothing where it may be a custom resource.
pub(super) fn not_served(api_version: &str, kind: &str, version: Version) -> Option<NotServed> {
    let table = Table::of(version);
    let group = group_of(api_version);
    let is_own = table.kinds().any(|(served, _)| group_of(served) == group) || OWN_GROUPS.contains(&group);
    // The group of a custom resource is a domain with a dot.
    if !is_own && group.contains('.') {
        return None;
    }
    if TURNED_ON.iter().any(|(known, kinds)| *known == api_version && kinds.contains(&kind)) {
        return None;
    }
    let found = |message: String, suggestion: Option<&str>, kind_is_wrong| NotServed {
        kind_is_wrong,
        message,
        suggestion: suggestion.map(Into::into),
    };
    if let Some(newer) = Version::ALL.into_iter().find(|newer| *newer > version && Table::of(*newer).kind(api_version, kind).is_some()) {
        let message = format!("{api_version:?} has no kind {kind:?} in Kubernetes {version}; {newer} has it");
        return Some(found(message, None, false));
    }
    let mut kinds_there: Vec<_> = table.kinds().filter(|(served, _)| *served == api_version).map(|(_, kind)| kind).collect();
    kinds_there.sort_unstable();
    if let Some(meant) = closest(kind, kinds_there.iter().copied()) {
        let message = format!("is not a kind of {api_version} in Kubernetes {version}, but is {kind:?}; did you mean {meant:?}?");
        return Some(found(message, Some(meant), true));
    }
    // The newest stable version comes first: "v1" before "v1beta1", and the group that was asked for before others.
    let mut elsewhere: Vec<_> = table.kinds().filter(|(_, other)| *other == kind).map(|(served, _)| served).collect();
    elsewhere
        .sort_by_key(|served| (group_of(served) != group, served.contains("alpha"), served.contains("beta"), std::cmp::Reverse(*served)));
    let meant = elsewhere.first().copied();
    let removed = REMOVED.iter().find(|(old, of, _)| *old == api_version && (of.is_empty() || *of == kind));
    let removed = removed.map_or(String::new(), |(_, _, release)| format!(" (removed in {release})"));
    let instead = meant.map_or(String::new(), |meant| format!("; use {meant:?}"));
    Some(found(format!("{api_version:?} has no kind {kind:?} in Kubernetes {version}{removed}{instead}"), meant, false))
}
