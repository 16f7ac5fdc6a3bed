//! PersistentVolumes, StorageClasses and CSIDrivers.

use super::claim::{access_modes, must_be_positive};
use super::pod::{has_dots, node_selector, persistent_source, secret_reference};
use super::{check, check_if_set, duplicates};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::name;

/// Fields of a PersistentVolume's spec that are no source.
const NOT_A_SOURCE: &[&str] = &[
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

/// The order in which the API server looks at sources: it takes the first and refuses the others.
const ORDER: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

pub(super) fn volume(spec: At<'_>) {
    let (modes, capacity) = (spec.get("accessModes"), spec.get("capacity"));
    if modes.is_empty() && !modes.is_broken() {
        modes.required("at least one");
    }
    access_modes(modes);
    if capacity.is_empty() && !capacity.is_broken() {
        capacity.required("with storage");
    }
    for (name, size) in capacity.entries() {
        if name == "storage" {
            must_be_positive(size);
        } else {
            size.report(Reason::Enum, "is no capacity of a volume; that is storage");
        }
    }
    let is_source = |(field, source): &(&str, At<'_>)| !NOT_A_SOURCE.contains(field) && source.exists() && !source.is_broken_itself();
    let mut sources: Vec<(&str, At<'_>)> = spec.fields().filter(is_source).collect();
    sources.sort_by_key(|(field, _)| ORDER.iter().position(|other| other == field));
    for (field, source) in sources.iter().copied() {
        persistent_source(field, source);
        match field {
            "local" => {
                source.get("path").not_empty();
                if has_dots(source.get("path").str()) {
                    source.get("path").breaks("must not contain '..'");
                }
                if !spec.get("nodeAffinity").exists() {
                    spec.get("nodeAffinity").required("with a local volume");
                }
            }
            "csi" => {
                source.get("driver").not_empty();
                source.get("volumeHandle").not_empty();
                for secret in ["controllerPublishSecretRef", "nodeStageSecretRef", "nodePublishSecretRef", "controllerExpandSecretRef"] {
                    secret_reference(source.get(secret));
                }
            }
            _ => {}
        }
    }
    match &sources[..] {
        [(_, first), others @ ..] => {
            others.iter().for_each(|(_, extra)| extra.clashes(*first, "must not be set beside another kind of volume"));
        }
        [] if spec.is_broken() => {}
        [] => spec.required("a kind of volume, such as csi or nfs"),
    }

    let policy = spec.get("persistentVolumeReclaimPolicy");
    let host_path = spec.at(&["hostPath", "path"]).str();
    if policy.str() == "Recycle" && !host_path.is_empty() && host_path.trim_end_matches('/').is_empty() {
        policy.forbidden("must not be Recycle for the node's root directory");
    }
    check_if_set(spec.get("storageClassName"), name::dns_subdomain);
    spec.get("volumeMode").one_of_if_set(&["Block", "Filesystem"]);
    let affinity = spec.get("nodeAffinity");
    if affinity.exists() {
        if affinity.get("required").exists() {
            node_selector(affinity.get("required"));
        } else if !affinity.is_broken() {
            affinity.get("required").required("");
        }
    }
}

pub(super) fn class(at: At<'_>) {
    let provisioner = at.get("provisioner");
    if provisioner.not_empty()
        && let Err(rule) = name::qualified_name(&provisioner.str().to_lowercase())
    {
        provisioner.breaks(rule);
    }
    for (key, value) in at.get("parameters").entries() {
        if key.is_empty() {
            value.invalid("must have a name");
        }
    }
    at.get("reclaimPolicy").one_of_if_set(&["Delete", "Retain"]);
    for topology in at.get("allowedTopologies").items() {
        let expressions = topology.get("matchLabelExpressions");
        // The server takes a term that asks for nothing for one that is there already.
        if expressions.is_empty() && !expressions.is_broken() {
            expressions.report(Reason::Duplicate, "must not be empty");
        }
        for expression in expressions.items() {
            let values = expression.get("values");
            check(expression.get("key"), name::qualified_name);
            if values.is_empty() && !values.is_broken() {
                values.required("at least one");
            }
            duplicates(values.items(), |value| Some(value.str()), |value| value.duplicate("is there already"));
        }
        duplicates(
            expressions.items(),
            |expression| Some(expression.get("key").str()),
            |expression| expression.get("key").duplicate("is there already"),
        );
    }
}

pub(super) fn csi_driver(spec: At<'_>) {
    spec.get("fsGroupPolicy").one_of_if_set(&["File", "None", "ReadWriteOnceWithFSType"]);
    spec.get("volumeLifecycleModes").items().for_each(|mode| _ = mode.one_of(&["Persistent", "Ephemeral"]));
    let tokens = spec.get("tokenRequests");
    for token in tokens.items() {
        let seconds = token.get("expirationSeconds");
        if let Some(value) = seconds.int().filter(|value| !(600..=1 << 32).contains(value)) {
            seconds.invalid(format!("must be at least 600 (10 minutes), but is {value}"));
        }
    }
    let in_secrets = spec.get("serviceAccountTokenInSecrets");
    if in_secrets.exists() && tokens.is_empty() {
        in_secrets.breaks("must not be set without tokenRequests");
    }
    duplicates(tokens.items(), |token| Some(token.get("audience").str()), |token| token.get("audience").duplicate("is there already"));
}
