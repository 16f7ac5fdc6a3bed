//! PersistentVolumeClaims, and the templates of them that Pods and StatefulSets have.

use super::{check_if_set, quantity, selector};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::name;

const ACCESS_MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// The spec of a claim, in a PersistentVolumeClaim or a template of one.
pub(super) fn spec(spec: At<'_>) {
    let modes = spec.get("accessModes");
    if modes.is_empty() && !modes.is_broken() {
        modes.required("at least one");
    }
    access_modes(modes);
    let resources = spec.get("resources");
    let requests = resources.get("requests");
    match requests.entries().find(|(name, _)| *name == "storage") {
        Some((_, size)) => must_be_positive(size),
        None if resources.is_broken() => {}
        None => resources.report(Reason::Required, "must have requests.storage, the size"),
    }
    selector::label_selector(spec.get("selector"));
    check_if_set(spec.get("storageClassName"), name::dns_subdomain);
    spec.get("volumeMode").one_of_if_set(&["Block", "Filesystem"]);
    // The server drops a dataSource of another kind than these two, whatever is wrong with it.
    let is_kept = |source: &At<'_>| {
        let of = (source.get("apiGroup").str(), source.get("kind").str());
        matches!(of, ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot"))
    };
    let kept = Some(spec.get("dataSource")).filter(is_kept);
    for source in kept.into_iter().chain([spec.get("dataSourceRef")]).filter(|source| source.exists()) {
        source.get("kind").not_empty();
        source.get("name").not_empty();
        let group = source.get("apiGroup");
        if group.str().is_empty() && !matches!(source.get("kind").str(), "" | "PersistentVolumeClaim") {
            source.invalid("must have an apiGroup, unless its kind is PersistentVolumeClaim");
        }
    }
    check_if_set(spec.get("volumeAttributesClassName"), name::dns_subdomain);
}

pub(super) fn access_modes(modes: At<'_>) {
    modes.items().for_each(|mode| _ = mode.one_of(ACCESS_MODES));
    if modes.len() > 1 && modes.items().any(|mode| mode.str() == "ReadWriteOncePod") {
        modes.forbidden("must not have ReadWriteOncePod beside another mode");
    }
}

pub(super) fn must_be_positive(size: At<'_>) {
    let amount = if size.exists() { quantity(size) } else { Some(Default::default()) };
    if amount.is_some_and(|amount| amount.is_zero() || amount.is_negative()) {
        size.breaks("must be greater than 0");
    }
}
