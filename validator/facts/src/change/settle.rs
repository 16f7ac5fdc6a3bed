//! What the API server makes of an object before it stores it: defaults are set, what means nothing is dropped, quantities are written one way.

use serde_json::{Map, Value as Json, json};

use crate::schema::features::Feature;
use crate::schema::format::written;

use super::json::{at, is_empty, put, take, text};
use super::shape::Shape;
use super::tables::{defaults, is_nothing};

/// Brings an object, or a part of it, into the form that is stored.
pub(super) fn settle(value: &mut Json, shape: Shape) {
    match value {
        Json::Object(fields) => map(fields, shape),
        Json::Array(items) => items.iter_mut().for_each(|item| settle(item, shape.item())),
        Json::String(text) if shape.is_quantity() => {
            if let Some(canonical) = written::canonical(text) {
                *text = canonical;
            }
        }
        Json::Number(number) if shape.is_quantity() => {
            if let Some(canonical) = written::canonical(&number.to_string()) {
                *value = Json::String(canonical);
            }
        }
        _ => {}
    }
}

fn map(fields: &mut Map<String, Json>, shape: Shape) {
    if shape.is_opaque() {
        return;
    }
    if let Some(definition) = shape.definition() {
        let name = definition.name();
        fields.retain(|field, value| !is_nothing(name, field, value) && !shape.version.drops(definition, field));
        convert(name, fields);
        drop_image_volumes(name, fields, shape);
        drop_sleeps(name, fields, shape);
        for default in defaults(name) {
            if !fields.contains_key(default.field) && default.applies(fields) {
                fields.insert(default.field.to_owned(), default.value.clone());
            }
        }
        derive(name, fields);
        fields.iter_mut().for_each(|(field, value)| settle(value, shape.field(field)));
        fields.retain(|field, value| !(is_nothing(name, field, value) || (is_empty(value) && shape.field(field).is_free_map())));
        return;
    }
    fields.retain(|_, value| !value.is_null());
    fields.iter_mut().for_each(|(field, value)| settle(value, shape.field(field)));
}

/// Fields that are written in several ways and kept in one.
fn convert(definition: &str, fields: &mut Map<String, Json>) {
    match definition {
        "core.v1.Secret" => {
            if let Some(Json::Object(plain)) = fields.remove("stringData") {
                let data = fields.entry("data").or_insert_with(|| json!({}));
                for (key, value) in plain {
                    let encoded = value.as_str().map(|text| super::encode(text.as_bytes()));
                    put(data, &[&key], Some(encoded.map_or(value, Json::String)));
                }
            }
        }
        // The old name of a field says what the new one doesn't.
        "core.v1.PodSpec" => {
            let name = fields.get("serviceAccountName").or_else(|| fields.get("serviceAccount")).cloned();
            if let Some(name) = name {
                fields.insert("serviceAccountName".to_owned(), name.clone());
                fields.insert("serviceAccount".to_owned(), name);
            }
        }
        "core.v1.PersistentVolumeClaimSpec" => same_source(fields),
        _ => {}
    }
}

/// Older servers drop a hook that only sleeps, and the hooks if there is no other.
fn drop_sleeps(definition: &str, fields: &mut Map<String, Json>, shape: Shape) {
    if definition != "core.v1.Container" || shape.version.has(Feature::PodLifecycleSleepAction) {
        return;
    }
    let Some(hooks) = fields.get_mut("lifecycle").and_then(Json::as_object_mut) else { return };
    let before = hooks.len();
    hooks.retain(|_, hook| hook.as_object().is_none_or(|hook| hook.len() != 1 || !hook.contains_key("sleep")));
    if hooks.is_empty() && before > 0 {
        fields.remove("lifecycle");
    }
}

/// Older servers drop volumes of images, and their mounts.
fn drop_image_volumes(definition: &str, fields: &mut Map<String, Json>, shape: Shape) {
    if definition != "core.v1.PodSpec" || shape.version.has(Feature::ImageVolume) {
        return;
    }
    let mut dropped = Vec::new();
    if let Some(volumes) = fields.get_mut("volumes").and_then(Json::as_array_mut) {
        volumes.retain(|volume| {
            let is_image = volume.get("image").is_some();
            dropped.extend(volume.get("name").filter(|_| is_image).cloned());
            !is_image
        });
    }
    for list in ["containers", "initContainers"] {
        for container in fields.get_mut(list).and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(mounts) = container.get_mut("volumeMounts").and_then(Json::as_array_mut) {
                mounts.retain(|mount| mount.get("name").is_none_or(|name| !dropped.contains(name)));
            }
        }
    }
}

/// A claim's `dataSource` and `dataSourceRef` say the same of a source in its own namespace.
fn same_source(fields: &mut Map<String, Json>) {
    match (fields.get("dataSource").cloned(), fields.get("dataSourceRef").cloned()) {
        (Some(source), None) => _ = fields.insert("dataSourceRef".to_owned(), source),
        (None, Some(reference)) if reference.get("namespace").is_none() => _ = fields.insert("dataSource".to_owned(), reference),
        _ => {}
    }
}

/// Defaults that depend on other values.
fn derive(definition: &str, fields: &mut Map<String, Json>) {
    match definition {
        "core.v1.Container" | "core.v1.EphemeralContainer" => {
            if let Some(image) = fields.get("image").and_then(Json::as_str).filter(|_| !fields.contains_key("imagePullPolicy")) {
                let policy = if is_latest(image) { "Always" } else { "IfNotPresent" };
                fields.insert("imagePullPolicy".to_owned(), policy.into());
            }
        }
        "core.v1.ResourceRequirements" | "core.v1.VolumeResourceRequirements" => {
            for list in ["limits", "requests"] {
                fields.get_mut(list).and_then(Json::as_object_mut).into_iter().flatten().for_each(|(_, amount)| written::round(amount));
            }
        }
        "core.v1.Volume" if !fields.keys().any(|key| key != "name") => _ = fields.insert("emptyDir".to_owned(), json!({})),
        "core.v1.ServicePort" => {
            if let Some(port) = fields.get("port").cloned().filter(|_| !fields.contains_key("targetPort")) {
                fields.insert("targetPort".to_owned(), port);
            }
        }
        "core.v1.ServiceSpec" => service(fields),
        "core.v1.Pod" => pod(fields),
        "core.v1.ReplicationController" => {
            labels_of_template(fields);
            let labels = at_labels(fields);
            let spec = fields.get_mut("spec").filter(|spec| at(spec, &["selector"]).is_none_or(is_empty));
            if let (Some(labels), Some(spec)) = (labels, spec) {
                put(spec, &["selector"], Some(labels));
            }
        }
        // The API server fills these in by itself, whatever was written.
        "apps.v1.StatefulSetSpec" => {
            for claim in fields.get_mut("volumeClaimTemplates").and_then(Json::as_array_mut).into_iter().flatten() {
                ["apiVersion", "kind", "status"].iter().for_each(|field| _ = take(claim, &[field]));
            }
        }
        "core.v1.LimitRangeItem" => limit_range(fields),
        "core.v1.Namespace" => {
            let name = fields.get("metadata").map_or("", |metadata| text(metadata, &["name"])).to_owned();
            if let Some(metadata) = fields.get_mut("metadata").filter(|metadata| at(metadata, &["labels", NAME_LABEL]).is_none()) {
                put(metadata, &["labels", NAME_LABEL], Some(name.into()));
            }
        }
        "batch.v1.Job" => {
            labels_of_template(fields);
            if let Some(Json::Object(spec)) = fields.get_mut("spec") {
                job(spec);
            }
        }
        "apiextensions.v1.CustomResourceDefinitionNames" => {
            let kind = fields.get("kind").and_then(Json::as_str).unwrap_or_default().to_owned();
            if !kind.is_empty() {
                fields.entry("singular").or_insert_with(|| kind.to_lowercase().into());
                fields.entry("listKind").or_insert_with(|| format!("{kind}List").into());
            }
        }
        _ => {}
    }
}

const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Whether an image has the tag `latest`, said or not.
fn is_latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once('@') {
        Some(_) => false,
        None => name.split_once(':').is_none_or(|(_, tag)| tag == "latest"),
    }
}

fn at_labels(fields: &Map<String, Json>) -> Option<Json> {
    at(fields.get("spec")?, &["template", "metadata", "labels"]).filter(|labels| !is_empty(labels)).cloned()
}

/// An object without labels gets those of its Pods.
fn labels_of_template(fields: &mut Map<String, Json>) {
    if let (Some(labels), Some(metadata)) = (at_labels(fields), fields.get_mut("metadata"))
        && at(metadata, &["labels"]).is_none_or(is_empty)
    {
        put(metadata, &["labels"], Some(labels));
    }
}

fn service(fields: &mut Map<String, Json>) {
    let kind = fields.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
    if fields.get("sessionAffinity").and_then(Json::as_str) == Some("None") {
        fields.remove("sessionAffinityConfig");
    }
    if kind == "ExternalName" {
        fields.remove("internalTrafficPolicy");
        return;
    }
    let first = fields.get("clusterIPs").and_then(|ips| ips.get(0)).cloned();
    if let Some(first) = first.filter(|_| !fields.contains_key("clusterIP")) {
        fields.insert("clusterIP".to_owned(), first);
    }
    if let Some(ip) = fields.get("clusterIP").cloned().filter(|_| !fields.contains_key("clusterIPs")) {
        fields.insert("clusterIPs".to_owned(), json!([ip]));
    }
    let is_headless = fields.get("clusterIP").and_then(Json::as_str) == Some("None");
    let alone = is_headless && fields.get("selector").is_none_or(is_empty);
    // What a cluster of one family allocates; the address itself is not known.
    let policy = if alone { "RequireDualStack" } else { "SingleStack" };
    fields.entry("ipFamilyPolicy").or_insert_with(|| policy.into());
    fields.entry("ipFamilies").or_insert_with(|| if alone { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) });
}

/// What admission adds to Pods: their ServiceAccount, a priority, and how long they stay on a node that is away.
fn pod(fields: &mut Map<String, Json>) {
    let Some(Json::Object(spec)) = fields.get_mut("spec") else { return };
    if !spec.contains_key("serviceAccountName") && !spec.contains_key("serviceAccount") {
        spec.insert("serviceAccountName".to_owned(), "default".into());
    }
    spec.entry("enableServiceLinks").or_insert(Json::Bool(true));
    if !spec.contains_key("priorityClassName") {
        spec.entry("priority").or_insert_with(|| 0.into());
    }
    spec.entry("preemptionPolicy").or_insert_with(|| "PreemptLowerPriority".into());
    let on_host = spec.get("hostNetwork") == Some(&Json::Bool(true));
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Json::as_array_mut).into_iter().flatten() {
            let limits = at(container, &["resources", "limits"]).and_then(Json::as_object).cloned().unwrap_or_default();
            for (name, amount) in limits {
                if at(container, &["resources", "requests", &name]).is_none() {
                    put(container, &["resources", "requests", &name], Some(amount));
                }
            }
            for port in container.get_mut("ports").and_then(Json::as_array_mut).into_iter().flatten().filter(|_| on_host) {
                let number = port.get("containerPort").cloned();
                if at(port, &["hostPort"]).is_none() {
                    put(port, &["hostPort"], number);
                }
            }
        }
    }
    let tolerations = spec.entry("tolerations").or_insert_with(|| json!([]));
    if let Some(tolerations) = tolerations.as_array_mut() {
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let is_tolerated = tolerations.iter().any(|toleration| {
                matches!(text(toleration, &["key"]), "" | "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable")
                    && (text(toleration, &["key"]).is_empty() || text(toleration, &["key"]) == key)
                    && matches!(text(toleration, &["effect"]), "" | "NoExecute")
            });
            if !is_tolerated {
                tolerations.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
            }
        }
    }
}

fn job(spec: &mut Map<String, Json>) {
    if !spec.contains_key("completions") && !spec.contains_key("parallelism") {
        spec.insert("completions".to_owned(), 1.into());
    }
    spec.entry("parallelism").or_insert_with(|| 1.into());
    let per_index = spec.contains_key("backoffLimitPerIndex");
    spec.entry("backoffLimit").or_insert_with(|| if per_index { i32::MAX.into() } else { 6.into() });
    spec.entry("completionMode").or_insert_with(|| "NonIndexed".into());
    spec.entry("suspend").or_insert(Json::Bool(false));
    spec.entry("manualSelector").or_insert(Json::Bool(false));
    let replacement = if spec.contains_key("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    spec.entry("podReplacementPolicy").or_insert_with(|| replacement.into());
}

fn limit_range(fields: &mut Map<String, Json>) {
    if fields.get("type").and_then(Json::as_str) != Some("Container") {
        return;
    }
    for (to, from) in [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")] {
        let amounts = fields.get(from).and_then(Json::as_object).cloned().unwrap_or_default();
        let map = fields.entry(to).or_insert_with(|| json!({}));
        for (name, amount) in amounts {
            if at(map, &[&name]).is_none() {
                put(map, &[&name], Some(amount));
            }
        }
    }
}

/// Takes out what the version's API server drops.
pub(super) fn drop_gated(value: &mut Json, shape: Shape) {
    match value {
        Json::Object(fields) => {
            if let Some(definition) = shape.definition() {
                fields.retain(|field, _| !shape.version.drops(definition, field));
                drop_image_volumes(definition.name(), fields, shape);
                drop_sleeps(definition.name(), fields, shape);
            }
            fields.iter_mut().for_each(|(field, value)| drop_gated(value, shape.field(field)));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| drop_gated(item, shape.item())),
        _ => {}
    }
}

/// Takes out what only a server sets, and what a person can't change by applying.
pub(super) fn forget_server(object: &mut Json) {
    for field in ["managedFields", "selfLink", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"] {
        take(object, &["metadata", field]);
    }
    take(object, &["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"]);
    take(object, &["metadata", "annotations", "deployment.kubernetes.io/revision"]);
    if at(object, &["metadata", "annotations"]).is_some_and(is_empty) {
        take(object, &["metadata", "annotations"]);
    }
}
