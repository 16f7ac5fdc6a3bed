//! Which settings of a pod deserve a closer look.
//!
//! Rules decide what is wrong; this only says where they need not look, which is nearly everywhere in manifests that are in order. So it
//! errs on one side: what it does not understand is suspect.
//!
//! That rules are looked at before the engine is asked makes it less needed, not superfluous: without the conditions that it fills, a check of 2,000
//! objects takes 29 % more instructions, and one of this repository's environments 36 % (counted by callgrind in November 2026).

mod texts;

use std::collections::HashSet;

use kustomize::{Entry, Node, Tag, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::objects::{Index, Object, PodTemplate, is_cluster_scoped};

/// The settings that are suspect, by name; a rule sees a map of them, each `true`, as `input.facts.suspect`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suspects(Vec<&'static str>);

impl Serialize for Suspects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|name| map.serialize_entry(name, &true))?;
        map.end()
    }
}

/// The pod of an object, in the shape that Kubernetes wants.
struct Pod<'a> {
    spec: &'a Node,
    containers: Vec<Container<'a>>,
}

struct Container<'a> {
    node: &'a Node,
    list: &'static str,
}

/// Whether a setting of a pod is suspect.
type Suspicion = fn(&Pod<'_>) -> bool;

/// The settings by name.
const SETTINGS: &[(&str, Suspicion)] = &[
    ("argumentCredential", |pod| !pod.each(|container| !container.arguments().any(texts::passes_credential))),
    ("capabilities", |pod| !pod.each(|container| drops_all(container.node))),
    ("cpuLimit", |pod| !pod.each(|container| container.is_sized(["limits", "cpu"]))),
    ("cpuRequest", |pod| !pod.each(|container| container.is_sized(["requests", "cpu"]))),
    ("credential", |pod| {
        let is_or_sets =
            |(name, value): (&str, &Node)| texts::is_credential(name, value) || value.as_str().is_some_and(texts::sets_credential);
        !pod.each(|container| !container.settings().any(is_or_sets))
    }),
    ("duplicatePort", |pod| {
        let are_different = |container: &Container<'_>| {
            let mut seen = HashSet::new();
            let ports = container.node.get("ports").map_or(&[][..], Node::items).iter();
            ports.filter_map(|port| port.get("containerPort")?.text()).all(|port| seen.insert(port))
        };
        !pod.each(are_different)
    }),
    ("duplicateVariable", |pod| {
        let are_different = |container: &Container<'_>| {
            let mut seen = HashSet::new();
            container.variables().all(|name| seen.insert(name))
        };
        !pod.each(are_different)
    }),
    ("gracePeriod", |pod| {
        let grace =
            pod.spec.get("terminationGracePeriodSeconds").map_or(Some(30), |seconds| seconds.as_i64().filter(|seconds| *seconds > 0));
        let is_short = |hook: Option<&Node>| {
            hook.is_none_or(|hook| match hook.at(&["sleep", "seconds"]).and_then(Node::as_i64) {
                Some(seconds) => hook.entries().len() == 1 && grace.is_some_and(|grace| seconds < grace),
                None => hook.get("sleep").is_none() && hook.get("exec").is_none(),
            })
        };
        grace.is_none() || !pod.each(|container| is_short(container.node.at(&["lifecycle", "preStop"])))
    }),
    ("image", |pod| {
        !pod.each(|container| is_pinned(container.node.get("image"))) || pod.volumes().any(|volume| volume.get("image").is_some())
    }),
    ("livenessProbe", |pod| !pod.each(|container| !container.serves() || is_probe(container.node.get("livenessProbe")))),
    ("memoryLimit", |pod| !pod.each(|container| container.is_sized(["limits", "memory"]))),
    ("memoryRequest", |pod| !pod.each(|container| container.is_sized(["requests", "memory"]))),
    ("movingImage", |pod| pod.has_moving_image()),
    ("privilegeEscalation", |pod| !pod.each(|container| is_bool(container.context("allowPrivilegeEscalation"), false))),
    ("probePort", |pod| !pod.each(|container| container.probes().all(|probe| asks_known_port(container.node, probe)))),
    ("probeTimeout", |pod| !pod.each(|container| container.probes().all(is_timely))),
    ("pullPolicy", |pod| {
        let never =
            |container: &Container<'_>| container.node.get("imagePullPolicy").is_some_and(|policy| policy.as_str() == Some("Never"));
        pod.has_moving_image() || pod.containers.iter().any(never)
    }),
    ("readOnlyRoot", |pod| !pod.each(|container| is_bool(container.context("readOnlyRootFilesystem"), true))),
    ("readinessProbe", |pod| !pod.each(|container| !container.serves() || is_probe(container.node.get("readinessProbe")))),
    ("runAsNonRoot", |pod| {
        let shared = pod.spec.at(&["securityContext", "runAsNonRoot"]);
        let own = |container: &Container<'_>| match container.context("runAsNonRoot") {
            None => is_bool(shared, true),
            own => is_bool(own, true),
        };
        shared.is_some_and(|shared| !is_bool(Some(shared), true)) || !pod.each(own)
    }),
    ("runAsUser", |pod| {
        let shared = pod.spec.at(&["securityContext", "runAsUser"]);
        shared
            .into_iter()
            .chain(pod.containers.iter().filter_map(|container| container.context("runAsUser")))
            .any(|user| !is_positive(user))
    }),
    ("sameCheck", |pod| {
        let differ = |container: &Container<'_>| match (container.node.get("livenessProbe"), container.node.get("readinessProbe")) {
            (Some(one), Some(two)) => HANDLERS.iter().all(|handler| match (one.get(handler), two.get(handler)) {
                (Some(one), Some(two)) => are_different(one, two),
                _ => true,
            }),
            _ => true,
        };
        !pod.each(differ)
    }),
    ("seccompProfile", |pod| {
        let shared = pod.spec.at(&["securityContext", "seccompProfile"]);
        let own = |container: &Container<'_>| container.context("seccompProfile").or(shared).is_some_and(is_profile);
        shared.is_some_and(|shared| !is_profile(shared)) || !pod.each(own)
    }),
    ("serviceAccount", |pod| {
        pod.spec.get("serviceAccount").is_some()
            || pod.spec.str_at(&["serviceAccountName"]).is_none_or(|name| ["", "default"].contains(&name))
    }),
    ("serviceAccountToken", |pod| pod.spec.get("automountServiceAccountToken").and_then(Node::as_bool).is_none()),
    ("serviceLinks", |pod| {
        !is_bool(pod.spec.get("enableServiceLinks"), false) && !pod.each(|container| container.node.get("env").is_none())
    }),
    ("unsetCredential", |pod| !pod.each(|container| !container.settings().any(|(name, value)| texts::is_unset(name, value)))),
    ("volumeType", |pod| {
        let is_known = |key: &str| key == "name" || UNSUSPICIOUS_VOLUMES.contains(&key);
        !pod.volumes().all(|volume| volume.as_map().is_some() && volume.entries().iter().all(|entry| is_known(&entry.key.text)))
    }),
];

/// Types of volumes that nobody minds.
const UNSUSPICIOUS_VOLUMES: [&str; 6] = ["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"];

const HANDLERS: [&str; 4] = ["exec", "grpc", "httpGet", "tcpSocket"];

/// Where a container has commands.
const COMMANDS: [&[&str]; 7] = [
    &["args"],
    &["command"],
    &["livenessProbe", "exec", "command"],
    &["readinessProbe", "exec", "command"],
    &["startupProbe", "exec", "command"],
    &["lifecycle", "postStart", "exec", "command"],
    &["lifecycle", "preStop", "exec", "command"],
];

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// What else is suspect, of texts, of ConfigMaps and of all objects together.
const OTHERS: [&str; 6] = ["namespace", "plainClient", "resourceCredential", "rollout", "textCredential", "urlPassword"];

/// All names that [`Suspects`] may have.
pub fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|(name, _)| *name).chain(OTHERS)
}

/// Kinds that may have a pod, whatever their group.
const WITH_PODS: [&str; 9] =
    ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "PodTemplate", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// What is suspect about an object: of its pod everything, where there is none that can be understood.
pub(crate) fn of(object: &Object<'_>) -> Suspects {
    let pod = object.pod_template().and_then(|template| Pod::new(&template));
    let mut suspects = match (&pod, object.kind) {
        (Some(pod), _) => SETTINGS.iter().filter(|(_, suspicion)| suspicion(pod)).map(|(name, _)| *name).collect(),
        (None, "ConfigMap" | "Secret") => of_data(object.node, object.kind == "Secret"),
        (None, _) => SETTINGS.iter().map(|(name, _)| *name).collect(),
    };
    // Kubernetes' own groups that have no Pods hold no values that people choose.
    let is_resource = object.group().contains('.') || object.kind == "PersistentVolume";
    if pod.is_none() && is_resource && texts::resource_sets_credential(object.node) {
        suspects.push("resourceCredential");
    }
    suspects.extend(texts::of_texts(object.node));
    Suspects(suspects)
}

/// What is suspect about the values of a ConfigMap or Secret.
fn of_data(object: &Node, is_secret: bool) -> Vec<&'static str> {
    let (mut credential, mut text, mut unset) = (false, false, false);
    if let Some(data) = object.get("binaryData") {
        text |= data.as_map().is_none()
            || data.entries().iter().any(|entry| texts::encoded_file_sets_credential(&entry.key.text, &entry.value));
    }
    for data in ["data", "stringData"].into_iter().filter_map(|field| object.get(field)) {
        for (name, value) in data.entries().iter().map(|entry| (&entry.key.text, &entry.value)) {
            credential |= texts::is_credential(name, value);
            text |= value.as_str().is_some_and(|value| texts::file_sets_credential(name, value));
            unset |= if is_secret { texts::is_unset_secret(value) } else { texts::is_unset(name, value) };
        }
        if data.as_map().is_none() {
            (credential, text, unset) = (true, true, true);
        }
    }
    let suspects = [("credential", credential), ("textCredential", text), ("unsetCredential", unset)];
    suspects.into_iter().filter(|(_, is_suspect)| *is_suspect).map(|(name, _)| name).collect()
}

/// What is suspect about objects that are deployed together; `each` is what is suspect about each of them.
pub(crate) fn of_all<'a>(index: &Index<'_>, each: impl Iterator<Item = &'a Suspects>) -> Suspects {
    let with_pods = std::iter::zip(&index.objects, each).filter(|(object, _)| WITH_PODS.contains(&object.kind));
    let services = index.objects.iter().filter(|object| object.kind == "Service");
    let prefixes: HashSet<String> = services.map(|service| service.name.to_uppercase().replace('-', "_")).collect();
    let (mut has_token, mut has_links) = (false, false);
    for (object, suspects) in with_pods {
        has_token |= suspects.0.contains(&"serviceAccountToken");
        has_links |= suspects.0.contains(&"serviceLinks") && may_meet_links(object, &prefixes);
    }
    let suspects = [
        ("namespace", index.objects.iter().any(is_oddly_placed)),
        ("rollout", index.objects.iter().any(may_take_all_down)),
        ("serviceAccountToken", has_token),
        ("serviceLinks", has_links),
    ];
    Suspects(suspects.into_iter().filter(|(_, is_suspect)| *is_suspect).map(|(name, _)| name).collect())
}

/// Whether a variable begins with what the links to a Service begin with.
fn may_meet_links(object: &Object<'_>, prefixes: &HashSet<String>) -> bool {
    let begins = |name: &str| name.match_indices('_').any(|(at, _)| name.get(..at).is_some_and(|prefix| prefixes.contains(prefix)));
    let pod = object.pod_template().and_then(|template| Pod::new(&template));
    pod.is_none_or(|pod| pod.containers.iter().any(|container| container.variables().any(begins)))
}

/// Whether an object is in the namespace `default`, or in none though it needs one.
fn is_oddly_placed(object: &Object<'_>) -> bool {
    match object.node.str_at(&["metadata", "namespace"]) {
        Some(namespace) => namespace == "default",
        None => !is_cluster_scoped(object.group(), object.kind),
    }
}

/// Whether a Deployment's strategy could leave no replica.
fn may_take_all_down(object: &Object<'_>) -> bool {
    let Some(strategy) = object.node.at(&["spec", "strategy"]).filter(|_| object.kind == "Deployment") else { return false };
    let is_part = |unavailable: &Node| unavailable.as_i64() == Some(0) || unavailable.as_str().is_some_and(|part| part != "100%");
    strategy.str_at(&["type"]) == Some("Recreate") || strategy.at(&["rollingUpdate", "maxUnavailable"]).is_some_and(|part| !is_part(part))
}

impl<'a> Pod<'a> {
    /// `None` where something is not of the kind that it should be.
    fn new(template: &PodTemplate<'a>) -> Option<Self> {
        let spec = template.spec().filter(|spec| spec.as_map().is_some())?;
        let mut containers = Vec::new();
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            let Some(found) = spec.get(list) else { continue };
            for node in &found.as_seq()?.items {
                node.as_map()?;
                ["args", "command", "env"].iter().all(|key| node.get(key).is_none_or(|list| list.as_seq().is_some())).then_some(())?;
                containers.push(Container { node, list });
            }
        }
        let is_list = |key| spec.get(key).is_none_or(|found| found.as_seq().is_some());
        is_list("volumes").then_some(Self { spec, containers })
    }

    fn each(&self, holds: impl Fn(&Container<'a>) -> bool) -> bool {
        self.containers.iter().all(holds)
    }

    fn has_image_volume(&self) -> bool {
        self.volumes().any(|volume| volume.get("image").is_some())
    }

    /// Whether one of its images has neither a digest nor a tag other than `latest`.
    fn has_moving_image(&self) -> bool {
        let is_fixed = |container: &Container<'_>| {
            let image = container.node.get("image").and_then(Node::as_str).unwrap_or_default();
            let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
            image.contains('@') || !(["", "latest"].contains(&tag) || tag.contains(':'))
        };
        self.has_image_volume() || !self.each(is_fixed)
    }

    fn volumes(&self) -> impl Iterator<Item = &'a Node> {
        self.spec.get("volumes").map_or(&[][..], Node::items).iter()
    }
}

impl<'a> Container<'a> {
    /// Whether it may run as long as the pod does.
    fn serves(&self) -> bool {
        self.list == "containers" || (self.list == "initContainers" && self.node.get("restartPolicy").is_some())
    }

    /// A setting of its own security context.
    fn context(&self, key: &str) -> Option<&'a Node> {
        self.node.at(&["securityContext", key])
    }

    /// Whether it says how much of a resource it takes. Nobody can say that of an ephemeral container.
    fn is_sized(&self, [field, resource]: [&str; 2]) -> bool {
        self.list == "ephemeralContainers" || self.node.at(&["resources", field, resource]).is_some_and(is_positive)
    }

    /// The names of its variables with the values that are in the manifest.
    fn settings(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let variables = self.node.get("env").map_or(&[][..], Node::items);
        variables.iter().filter_map(|variable| Some((variable.str_at(&["name"])?, variable.get("value")?)))
    }

    /// Its command and arguments, and the commands of its probes and hooks.
    fn arguments(&self) -> impl Iterator<Item = &'a str> {
        let lists = COMMANDS.iter().filter_map(|keys| self.node.at(keys));
        lists.flat_map(Node::items).filter_map(Node::as_str)
    }

    /// The names of its variables.
    fn variables(&self) -> impl Iterator<Item = &'a str> {
        let variables = self.node.get("env").map_or(&[][..], Node::items);
        variables.iter().map(|variable| variable.str_at(&["name"]).unwrap_or_default())
    }

    fn probes(&self) -> impl Iterator<Item = &'a Node> {
        PROBES.into_iter().filter_map(|name| self.node.get(name))
    }
}

fn is_bool(node: Option<&Node>, wanted: bool) -> bool {
    node.and_then(Node::as_bool) == Some(wanted)
}

/// Whether this is a number or quantity that certainly is more than nothing.
fn is_positive(node: &Node) -> bool {
    !node.is_null() && node.text().is_some_and(|text| text.starts_with(|first: char| first.is_ascii_digit() && first != '0'))
}

fn drops_all(container: &Node) -> bool {
    let capabilities = container.at(&["securityContext", "capabilities"]);
    let dropped = capabilities.and_then(|capabilities| capabilities.get("drop")).map_or(&[][..], Node::items);
    dropped.iter().any(|capability| capability.as_str() == Some("ALL"))
        && capabilities.is_some_and(|capabilities| capabilities.get("add").is_none())
}

fn is_profile(profile: &Node) -> bool {
    profile.str_at(&["type"]).is_some_and(|kind| ["Localhost", "RuntimeDefault"].contains(&kind))
}

/// Whether an image can't be another one tomorrow.
fn is_pinned(image: Option<&Node>) -> bool {
    image.and_then(Node::as_str).is_some_and(|image| image.contains('@'))
}

fn is_probe(probe: Option<&Node>) -> bool {
    let has = |handler: &str| probe.and_then(|probe| probe.get(handler)).is_some_and(|handler| !handler.is_null());
    HANDLERS.into_iter().any(has)
}

/// Whether a probe is answered, or given up, before the next is due.
fn is_timely(probe: &Node) -> bool {
    let seconds = |key, fallback| probe.get(key).map_or(Some(fallback), |node| node.as_i64().filter(|seconds| *seconds > 0));
    let (timeout, period) = (seconds("timeoutSeconds", 1), seconds("periodSeconds", 10));
    probe.as_map().is_some() && timeout.is_some_and(|timeout| period.is_some_and(|period| timeout <= period))
}

/// Whether the ports that a probe asks are numbers, or names that the container gives.
fn asks_known_port(container: &Node, probe: &Node) -> bool {
    let is_named = |name: &str| {
        let ports = container.get("ports").map_or(&[][..], Node::items);
        ports.iter().any(|port| port.str_at(&["name"]) == Some(name))
    };
    let is_known = |port: &Node| port.as_i64().is_some() || port.as_str().is_some_and(is_named);
    ["httpGet", "tcpSocket"].into_iter().filter_map(|handler| probe.at(&[handler, "port"])).all(is_known)
}

/// Whether two trees certainly are different values.
fn are_different(one: &Node, two: &Node) -> bool {
    match (&one.value, &two.value) {
        // A number can be written in several ways.
        (Value::Scalar(one), Value::Scalar(two)) => one.text != two.text && (one.tag == Tag::Str || two.tag == Tag::Str),
        (Value::Seq(one), Value::Seq(two)) => {
            one.items.len() != two.items.len() || std::iter::zip(&one.items, &two.items).any(|(one, two)| are_different(one, two))
        }
        (Value::Map(one), Value::Map(two)) => {
            let differs = |entry: &Entry| two.get(&entry.key.text).is_none_or(|other| are_different(&entry.value, other));
            one.entries().len() != two.entries().len() || one.entries().iter().any(differs)
        }
        _ => true,
    }
}
