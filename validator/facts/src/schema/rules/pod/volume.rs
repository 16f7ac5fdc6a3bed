//! Volumes and their sources, in Pods and in PersistentVolumes.

use std::collections::BTreeSet;

use super::super::{check_required, claim, unique_names};
use super::{Context, environment};
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;

/// Fields of a volume that are no source.
const NOT_A_SOURCE: &[&str] = &["name"];

/// The order in which the API server looks at sources: it takes the first and refuses the others.
const ORDER: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "flocker",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "storageos",
    "photonPersistentDisk",
    "projected",
    "portworxVolume",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// Fields that a downward API file can hold, besides one label or annotation.
const FILE_FIELDS: &[&str] = &["metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"];

pub(super) fn volumes(context: Context<'_>) {
    let volumes = context.spec.get("volumes");
    for volume in volumes.items() {
        check_required(volume.get("name"), name::dns_label);
        let mut sources: Vec<_> = volume.fields().filter(|(field, source)| !NOT_A_SOURCE.contains(field) && source.exists()).collect();
        for (field, source) in &sources {
            pod_source(field, *source);
            persistent_source(field, *source);
        }
        sources.sort_by_key(|(field, _)| ORDER.iter().position(|other| other == field));
        if let Some((_, first)) = sources.first() {
            sources.iter().skip(1).for_each(|(_, extra)| extra.clashes(*first, "must not be set beside another kind of volume"));
        }
    }
    unique_names(volumes.items(), "name");
}

/// Sources that only Pods have.
fn pod_source(kind: &str, source: At<'_>) {
    match kind {
        "emptyDir" => {
            let limit = source.get("sizeLimit");
            if super::quantity(limit).is_some_and(|size| size.is_negative()) {
                limit.forbidden("must not be negative");
            }
        }
        "configMap" => {
            source.get("name").not_empty();
            mode(source.get("defaultMode"));
            source.get("items").items().for_each(key_to_path);
        }
        "secret" => {
            source.get("secretName").not_empty();
            mode(source.get("defaultMode"));
            source.get("items").items().for_each(key_to_path);
        }
        "downwardAPI" => {
            mode(source.get("defaultMode"));
            source.get("items").items().for_each(downward_file);
        }
        "persistentVolumeClaim" => _ = source.get("claimName").not_empty(),
        "projected" => projected(source),
        "ephemeral" => {
            let template = source.get("volumeClaimTemplate");
            if !template.exists() {
                template.required("");
            } else if !template.get("spec").exists() {
                template.get("spec").required("");
            } else {
                claim::spec(template.get("spec"));
            }
        }
        "csi" => inline_csi(source),
        "gitRepo" => _ = source.get("repository").not_empty(),
        "image" => pull_policy(source),
        _ => {}
    }
}

fn pull_policy(source: At<'_>) {
    // Older servers drop the whole volume.
    if source.doc.version.has(Feature::ImageVolume) {
        source.get("reference").not_empty();
    }
}

fn inline_csi(source: At<'_>) {
    csi_driver_name(source.get("driver"));
    if source.get("nodePublishSecretRef").exists() {
        check_required(source.at(&["nodePublishSecretRef", "name"]), name::dns_subdomain);
    }
}

fn csi_driver_name(driver: At<'_>) {
    if !driver.not_empty() {
        return;
    }
    if driver.str().len() > 63 {
        driver.breaks("must have at most 63 characters");
    } else if let Err(rule) = name::dns_subdomain(&driver.str().to_lowercase()).and(name::dns_subdomain(driver.str())) {
        driver.breaks(rule);
    }
}

fn projected(volume: At<'_>) {
    const LONGEST_TOKEN_SECONDS: i64 = 1 << 32;
    mode(volume.get("defaultMode"));
    one_file_each(volume);
    for source in volume.get("sources").items() {
        let kinds = source.fields().filter(|(_, source)| source.exists());
        if kinds.count() > 1 {
            source.forbidden("must not have more than one kind of source");
        }
        let (secret, config_map, token) = (source.get("secret"), source.get("configMap"), source.get("serviceAccountToken"));
        for reference in [secret, config_map].into_iter().filter(|reference| reference.exists()) {
            reference.get("name").not_empty();
            reference.get("items").items().for_each(key_to_path);
        }
        source.at(&["downwardAPI", "items"]).items().for_each(downward_file);
        if token.exists() {
            if token.get("path").not_empty() {
                relative(token.get("path"));
            }
            let seconds = token.get("expirationSeconds");
            if let Some(value) = seconds.int().filter(|value| !(600..=LONGEST_TOKEN_SECONDS).contains(value)) {
                seconds.invalid(format!("must be at least 600 (10 minutes) and at most {LONGEST_TOKEN_SECONDS}, but is {value}"));
            }
        }
    }
}

/// Two files of a projected volume must not have the same path.
fn one_file_each(volume: At<'_>) {
    let files = |source: At<'_>| {
        let lists = [source.at(&["secret", "items"]), source.at(&["configMap", "items"]), source.at(&["downwardAPI", "items"])];
        let listed = lists.map(|list| list.items().map(|item| item.get("path").str().to_owned()).collect::<Vec<_>>()).concat();
        let single = ["serviceAccountToken", "clusterTrustBundle"].map(|kind| source.at(&[kind, "path"]).str().to_owned());
        listed.into_iter().chain(single).filter(|path| !path.is_empty()).collect::<Vec<_>>()
    };
    let mut seen = BTreeSet::new();
    for path in volume.get("sources").items().flat_map(files) {
        if seen.contains(&path) {
            volume.invalid(format!("must not have two files at the same path, but has at {path:?}"));
        }
        seen.insert(path);
    }
}

fn downward_file(file: At<'_>) {
    if file.get("path").not_empty() {
        relative(file.get("path"));
    }
    mode(file.get("mode"));
    let (field, resource) = (file.get("fieldRef"), file.get("resourceFieldRef"));
    match (field.exists(), resource.exists()) {
        (true, true) => file.invalid("must have fieldRef or resourceFieldRef, not both"),
        (true, false) => environment::field(field, FILE_FIELDS),
        (false, true) => {
            resource.get("containerName").not_empty();
            environment::resource(resource);
        }
        (false, false) if file.is_broken() => {}
        (false, false) => file.required("fieldRef or resourceFieldRef"),
    }
}

/// The name of a key, and the path of the file that it goes to.
fn key_to_path(item: At<'_>) {
    item.get("key").not_empty();
    if item.get("path").not_empty() {
        relative(item.get("path"));
    }
    mode(item.get("mode"));
}

/// Bits of a file's mode.
fn mode(at: At<'_>) {
    if let Some(mode) = at.int().filter(|mode| !(0..=0o777).contains(mode)) {
        at.invalid(format!("must be between 0 and 0777 in octal (511 in decimal), but is {mode} in decimal"));
    }
}

/// A path below the volume, not starting with `..`.
fn relative(path: At<'_>) {
    match path.str() {
        text if text.starts_with('/') => path.breaks("must be a relative path"),
        text if has_dots(text) => path.breaks("must not contain '..'"),
        text if text.starts_with("..") => path.breaks("must not start with '..'"),
        _ => {}
    }
}

/// Whether a path goes up.
pub(in super::super) fn has_dots(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// Sources that Pods and PersistentVolumes share.
pub(in super::super) fn persistent_source(kind: &str, source: At<'_>) {
    let required = |fields: &[&'static str]| {
        for field in fields {
            let at = source.get(field);
            if at.str().is_empty() && at.is_empty() && !at.is_broken() {
                at.required("");
            }
        }
    };
    match kind {
        "hostPath" => {
            required(&["path"]);
            if has_dots(source.get("path").str()) {
                source.get("path").breaks("must not contain '..'");
            }
        }
        "nfs" => {
            required(&["server", "path"]);
            let path = source.get("path");
            if !path.str().is_empty() && !path.str().starts_with('/') {
                path.breaks("must be an absolute path");
            }
        }
        "iscsi" => iscsi(source),
        "gcePersistentDisk" => {
            required(&["pdName"]);
            source.get("partition").within(0, 255);
        }
        "awsElasticBlockStore" => {
            required(&["volumeID"]);
            source.get("partition").within(0, 255);
        }
        "fc" => fibre_channel(source),
        "glusterfs" => required(&["endpoints", "path"]),
        "rbd" => required(&["monitors", "image"]),
        "cephfs" => required(&["monitors"]),
        "cinder" => required(&["volumeID"]),
        "flexVolume" => required(&["driver"]),
        "azureFile" => required(&["secretName", "shareName"]),
        "azureDisk" => required(&["diskName", "diskURI"]),
        "vsphereVolume" => required(&["volumePath"]),
        "photonPersistentDisk" => required(&["pdID"]),
        "portworxVolume" => required(&["volumeID"]),
        "quobyte" => required(&["registry", "volume"]),
        "scaleIO" => required(&["gateway", "system", "volumeName"]),
        _ => {}
    }
}

fn iscsi(source: At<'_>) {
    source.get("targetPortal").not_empty();
    let iqn = source.get("iqn");
    if iqn.not_empty() && !["iqn", "eui", "naa"].iter().any(|prefix| iqn.str().starts_with(prefix)) {
        iqn.breaks("must start with iqn, eui or naa");
    }
    source.get("lun").within(0, 255);
    let chap = source.get("chapAuthDiscovery").is_true() || source.get("chapAuthSession").is_true();
    if chap && !source.get("secretRef").exists() {
        source.get("secretRef").required("with CHAP authentication");
    }
}

fn fibre_channel(source: At<'_>) {
    let (wwns, wwids) = (source.get("targetWWNs"), source.get("wwids"));
    match (wwns.is_empty(), wwids.is_empty()) {
        (true, true) => wwns.required("targetWWNs with lun, or wwids"),
        (false, false) => wwns.invalid("must not be set beside wwids"),
        (false, true) if !source.get("lun").exists() => source.get("lun").required("with targetWWNs"),
        _ => {}
    }
    source.get("lun").within(0, 255);
}

/// A reference to a Secret in a namespace.
pub(in super::super) fn secret_reference(reference: At<'_>) {
    if reference.exists() {
        check_required(reference.get("name"), name::dns_subdomain);
        check_required(reference.get("namespace"), name::dns_label);
    }
}
