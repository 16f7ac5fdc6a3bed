//! What the API server sets where an object says nothing: the defaults of its own kinds (`pkg/apis/*/v1/defaults.go`) that policies look at.

use std::sync::Arc;

use kubevet_cel::Value;
use kubevet_cel::value::{Key, Map};
use kustomize::Node;

/// Defaults of fields by their place: `*` is every element of a list, and a value is JSON-like: a word, a number, `true`, or `{}`.
const POD: &[(&str, &str)] = &[
    ("restartPolicy", "Always"),
    ("dnsPolicy", "ClusterFirst"),
    ("schedulerName", "default-scheduler"),
    ("terminationGracePeriodSeconds", "30"),
    ("securityContext", "{}"),
    ("volumes.*.secret.defaultMode", "420"),
    ("volumes.*.configMap.defaultMode", "420"),
    ("volumes.*.projected.defaultMode", "420"),
    ("volumes.*.downwardAPI.defaultMode", "420"),
    ("volumes.*.hostPath.type", ""),
];

const CONTAINER: &[(&str, &str)] = &[
    ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"),
    ("resources", "{}"),
    ("ports.*.protocol", "TCP"),
    ("env.*.valueFrom.fieldRef.apiVersion", "v1"),
];

const PROBE: &[(&str, &str)] = &[
    ("timeoutSeconds", "1"),
    ("periodSeconds", "10"),
    ("successThreshold", "1"),
    ("failureThreshold", "3"),
    ("httpGet.scheme", "HTTP"),
    ("httpGet.path", "/"),
];

const KINDS: &[(&str, &[(&str, &str)])] = &[
    (
        "Deployment",
        &[
            ("spec.replicas", "1"),
            ("spec.revisionHistoryLimit", "10"),
            ("spec.progressDeadlineSeconds", "600"),
            ("spec.strategy", "{}"),
            ("spec.strategy.type", "RollingUpdate"),
        ],
    ),
    (
        "StatefulSet",
        &[
            ("spec.replicas", "1"),
            ("spec.revisionHistoryLimit", "10"),
            ("spec.podManagementPolicy", "OrderedReady"),
            ("spec.updateStrategy", "{}"),
            ("spec.updateStrategy.type", "RollingUpdate"),
        ],
    ),
    ("ReplicaSet", &[("spec.replicas", "1")]),
    ("DaemonSet", &[("spec.revisionHistoryLimit", "10"), ("spec.updateStrategy", "{}"), ("spec.updateStrategy.type", "RollingUpdate")]),
    (
        "Job",
        &[
            ("spec.backoffLimit", "6"),
            ("spec.completionMode", "NonIndexed"),
            ("spec.suspend", "false"),
            ("spec.parallelism", "1"),
            ("spec.completions", "1"),
        ],
    ),
    (
        "CronJob",
        &[
            ("spec.concurrencyPolicy", "Allow"),
            ("spec.suspend", "false"),
            ("spec.successfulJobsHistoryLimit", "3"),
            ("spec.failedJobsHistoryLimit", "1"),
        ],
    ),
    (
        "Service",
        &[
            ("spec.type", "ClusterIP"),
            ("spec.sessionAffinity", "None"),
            ("spec.internalTrafficPolicy", "Cluster"),
            ("spec.ports.*.protocol", "TCP"),
        ],
    ),
    ("HorizontalPodAutoscaler", &[("spec.minReplicas", "1")]),
    ("PersistentVolumeClaim", &[("spec.volumeMode", "Filesystem")]),
    ("StorageClass", &[("reclaimPolicy", "Delete"), ("volumeBindingMode", "Immediate")]),
    ("NetworkPolicy", &[("spec.podSelector", "{}")]),
];

/// Adds what the server would to an object.
pub(super) fn add(map: &mut Map, object: &Node) {
    let kind = object.str_at(&["kind"]).unwrap_or_default();
    let mut whole = Value::Map(Arc::new(std::mem::take(map)));
    if let Some((_, own)) = KINDS.iter().find(|(known, _)| *known == kind) {
        set_all(&mut whole, own);
    }
    if kind == "Deployment" {
        let is_rolling =
            whole.field("spec").and_then(|spec| spec.field("strategy")).and_then(|strategy| strategy.field("type")).and_then(Value::as_str)
                == Some("RollingUpdate");
        if is_rolling {
            set_all(
                &mut whole,
                &[
                    ("spec.strategy.rollingUpdate", "{}"),
                    ("spec.strategy.rollingUpdate.maxSurge", "25%"),
                    ("spec.strategy.rollingUpdate.maxUnavailable", "25%"),
                ],
            );
        }
    }
    let template: &[&str] = match kind {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "ReplicationController" => &["spec", "template", "spec"],
        _ => &[],
    };
    if !template.is_empty()
        && let Some(spec) = at_mut(&mut whole, template)
    {
        pod(spec);
    }
    if let Value::Map(found) = whole {
        *map = Arc::unwrap_or_clone(found);
    }
}

fn pod(spec: &mut Value) {
    set_all(spec, POD);
    let is_on_host = matches!(spec.field("hostNetwork"), Some(Value::Bool(true)));
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let Some(Value::List(containers)) = at_mut(spec, &[list]) else { continue };
        for container in &mut Arc::make_mut(containers).items {
            set_all(container, CONTAINER);
            let image = container.field("image").and_then(Value::as_str).unwrap_or_default();
            let name = image.rsplit('/').next().unwrap_or_default();
            let tag = name.split_once('@').map_or(name, |(name, _)| name).split_once(':').map(|(_, tag)| tag);
            let is_latest = tag == Some("latest") || (tag.is_none() && !name.contains('@'));
            set(container, &["imagePullPolicy"], if is_latest { "Always" } else { "IfNotPresent" });
            for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
                if let Some(probe) = at_mut(container, &[probe]) {
                    set_all(probe, PROBE);
                }
            }
            requests(container);
            if is_on_host {
                host_ports(container);
            }
        }
    }
}

/// On the node's network, a port is the node's.
fn host_ports(container: &mut Value) {
    let Some(Value::List(ports)) = at_mut(container, &["ports"]) else { return };
    for port in &mut Arc::make_mut(ports).items {
        if let (Some(number), Value::Map(map)) = (port.field("containerPort").cloned(), port) {
            Arc::make_mut(map).entry(Key::String("hostPort".into())).or_insert(number);
        }
    }
}

/// What is limited and not asked for is asked for.
fn requests(container: &mut Value) {
    let Some(Value::Map(resources)) = at_mut(container, &["resources"]) else { return };
    let resources = Arc::make_mut(resources);
    let Some(Value::Map(limits)) = resources.get(&Key::String("limits".into())).cloned() else { return };
    let requests = resources.entry(Key::String("requests".into())).or_insert_with(|| Value::object([]));
    if let Value::Map(requests) = requests {
        let requests = Arc::make_mut(requests);
        for (name, limit) in limits.iter() {
            requests.entry(name.clone()).or_insert_with(|| limit.clone());
        }
    }
}

fn set_all(value: &mut Value, defaults: &[(&str, &str)]) {
    for (path, default) in defaults {
        let path: Vec<&str> = path.split('.').collect();
        set(value, &path, default);
    }
}

/// Sets a field where what it is in is there and it is not.
fn set(value: &mut Value, path: &[&str], default: &str) {
    match (value, path) {
        (Value::List(list), ["*", rest @ ..]) => Arc::make_mut(list).items.iter_mut().for_each(|item| set(item, rest, default)),
        (Value::Map(map), [name]) => {
            let made = || match default {
                "{}" => Value::object([]),
                "true" | "false" => Value::Bool(default == "true"),
                _ => default.parse().map_or_else(|_| Value::string(default), Value::Int),
            };
            Arc::make_mut(map).entry(Key::String((*name).into())).or_insert_with(made);
        }
        (Value::Map(map), [name, rest @ ..]) => {
            if let Some(below) = Arc::make_mut(map).get_mut(&Key::String((*name).into())) {
                set(below, rest, default);
            }
        }
        _ => {}
    }
}

fn at_mut<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    let [name, rest @ ..] = path else { return Some(value) };
    match value {
        Value::Map(map) => at_mut(Arc::make_mut(map).get_mut(&Key::String((*name).into()))?, rest),
        _ => None,
    }
}
