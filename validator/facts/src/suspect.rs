//! Which settings of a pod deserve a closer look.
//!
//! Rules decide what is wrong; this only says where they need not look, which is nearly everywhere in manifests that are in order. So it
//! errs on one side: what it does not understand is suspect.

use kustomize::Node;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::objects::{Object, PodTemplate};

/// The settings that are suspect, by name; a rule sees a map of them, each `true`, as `input.facts.suspect`.
#[derive(Clone, Debug, Default)]
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
const SETTINGS: [(&str, Suspicion); 18] = [
    ("capabilities", |pod| !pod.each(|container| drops_all(container.node))),
    ("cpuLimit", |pod| !pod.each(|container| container.is_sized(["limits", "cpu"]))),
    ("cpuRequest", |pod| !pod.each(|container| container.is_sized(["requests", "cpu"]))),
    ("gracePeriod", |pod| {
        let grace = pod.spec.get("terminationGracePeriodSeconds");
        grace.is_some_and(|seconds| !is_positive(seconds)) || !pod.each(|container| container.node.at(&["lifecycle", "preStop"]).is_none())
    }),
    ("image", |pod| {
        !pod.each(|container| is_pinned(container.node.get("image"))) || pod.volumes().any(|volume| volume.get("image").is_some())
    }),
    ("livenessProbe", |pod| !pod.each(|container| !container.serves() || is_probe(container.node.get("livenessProbe")))),
    ("memoryLimit", |pod| !pod.each(|container| container.is_sized(["limits", "memory"]))),
    ("memoryRequest", |pod| !pod.each(|container| container.is_sized(["requests", "memory"]))),
    ("privilegeEscalation", |pod| !pod.each(|container| is_bool(container.context("allowPrivilegeEscalation"), false))),
    ("probePort", |pod| !pod.each(|container| container.probes().all(|probe| asks_known_port(container.node, probe)))),
    ("probeTimeout", |pod| !pod.each(|container| container.probes().all(is_timely))),
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
    ("seccompProfile", |pod| {
        let shared = pod.spec.at(&["securityContext", "seccompProfile"]);
        let own = |container: &Container<'_>| container.context("seccompProfile").or(shared).is_some_and(is_profile);
        shared.is_some_and(|shared| !is_profile(shared)) || !pod.each(own)
    }),
    ("serviceAccount", |pod| {
        pod.spec.get("serviceAccount").is_some()
            || pod.spec.str_at(&["serviceAccountName"]).is_none_or(|name| ["", "default"].contains(&name))
    }),
    ("volumeType", |pod| {
        let is_known = |key: &str| key == "name" || UNSUSPICIOUS_VOLUMES.contains(&key);
        !pod.volumes().all(|volume| volume.as_map().is_some() && volume.entries().iter().all(|entry| is_known(&entry.key.text)))
    }),
];

/// Types of volumes that nobody minds.
const UNSUSPICIOUS_VOLUMES: [&str; 6] = ["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"];

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// What is suspect about an object: everything, where it has no pod that can be understood.
pub(crate) fn of(object: &Object<'_>) -> Suspects {
    let pod = object.pod_template().and_then(|template| Pod::new(&template));
    let is_suspect = |suspicion: Suspicion| pod.as_ref().is_none_or(suspicion);
    Suspects(SETTINGS.into_iter().filter(|(_, suspicion)| is_suspect(*suspicion)).map(|(name, _)| name).collect())
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
                containers.push(Container { node, list });
            }
        }
        let is_list = |key| spec.get(key).is_none_or(|found| found.as_seq().is_some());
        is_list("volumes").then_some(Self { spec, containers })
    }

    fn each(&self, holds: impl Fn(&Container<'a>) -> bool) -> bool {
        self.containers.iter().all(holds)
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
    ["exec", "grpc", "httpGet", "tcpSocket"].into_iter().any(has)
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
