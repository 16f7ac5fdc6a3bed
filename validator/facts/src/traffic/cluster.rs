//! Who is there: namespaces and workloads.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kustomize::Node;

use super::policy::{Peer, Who};
use super::ports::Protocol;
use crate::objects::{Index, Object, PodTemplate};
use crate::products::{MadeKind, MadeObject, Products};
use crate::selectors::{LabelIndex, Labels, Selector};

/// The label that every namespace has, whether or not its object says so.
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The label with which the controller names each Pod of a StatefulSet.
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

/// The label with which it numbers them.
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// Pods that are alike: what one object makes, or a Pod by itself.
#[derive(Debug)]
pub struct Workload<'a> {
    /// Where the object stands among all objects.
    pub at: usize,
    /// Its namespace.
    pub namespace: &'a str,
    /// `namespace/Kind/name`
    pub id: Arc<str>,
    /// The labels of its pods.
    pub labels: Labels<'a>,
    /// The ports that its containers declare, with their names.
    pub ports: Vec<DeclaredPort<'a>>,
    /// The template of its pods; none where an operator makes them.
    pub template: Option<PodTemplate<'a>>,
    /// How many pods at once, as far as the object says.
    pub replicas: i64,
    /// The name and the first number of its pods, where its controller numbers them.
    ordinals: Option<(&'a str, i64)>,
    /// Labels by which an operator tells its pods apart.
    each: &'a [(String, String)],
    /// Whether it uses the node's network, where NetworkPolicies need not have an effect.
    pub host_network: bool,
}

/// A `containerPort`.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredPort<'a> {
    /// Its name; empty if it has none.
    pub name: &'a str,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number.
    pub port: u16,
}

impl Workload<'_> {
    /// The number that the containers give a port's name.
    pub fn named_port(&self, name: &str, protocol: Protocol) -> Option<u16> {
        self.ports.iter().find(|port| port.name == name && port.protocol == protocol).map(|port| port.port)
    }

    /// Whether one of its pods has that label.
    fn has_pod(&self, label: &str, value: &str) -> bool {
        let is_it = |(key, known): &(String, String)| {
            key == label && known.strip_suffix('*').map_or_else(|| known == value, |start| value.starts_with(start))
        };
        let is_numbered = [POD_NAME, POD_INDEX].contains(&label) && self.has_number(label, value);
        self.labels.get(label) == Some(value) || self.each.iter().any(is_it) || is_numbered
    }

    /// Whether one of its pods has that name or number.
    fn has_number(&self, label: &str, value: &str) -> bool {
        let Some((name, start)) = self.ordinals else { return false };
        let number = if label == POD_NAME { value.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')) } else { Some(value) };
        let is_there = |number: i64| (start..start.saturating_add(self.replicas)).contains(&number);
        // No Pod is called web-01 or web-+1.
        let is_plain = |text: &str| text == "0" || (text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0'));
        number.is_some_and(|number| is_plain(number) && number.parse().is_ok_and(is_there))
    }
}

/// Namespaces and the workloads in them.
#[derive(Debug)]
pub struct Cluster<'a> {
    /// All namespaces that an object names, with their labels, by name.
    pub namespaces: BTreeMap<&'a str, Labels<'a>>,
    /// All workloads, in the order of their objects.
    pub workloads: Vec<Workload<'a>>,
    /// The labels of the workloads' pods, numbered as the workloads are.
    pub pods: LabelIndex<'a>,
    /// Labels that tell pods of one workload apart.
    telling: Vec<&'a str>,
    known: HashSet<&'a str>,
    unknown: HashSet<&'a str>,
}

impl<'a> Cluster<'a> {
    /// Finds the namespaces and workloads among the objects and in what operators make of them.
    pub fn new(index: &Index<'a>, made: &'a [MadeObject], products: &Products) -> Self {
        let mut namespaces = BTreeMap::new();
        for object in &index.objects {
            if object.group().is_empty() && object.kind == "Namespace" {
                namespaces.insert(object.name, namespace_labels(object.name, object.labels()));
            } else if !object.namespace.is_empty() && !namespaces.contains_key(object.namespace) {
                namespaces.insert(object.namespace, namespace_labels(object.namespace, None));
            }
        }
        let mut workloads = workloads(index);
        workloads.extend(made.iter().filter(|made| made.kind == MadeKind::Pod).filter_map(|made| of_operator(index, made)));
        let pods = LabelIndex::new(workloads.iter().map(|workload| (workload.namespace, workload.labels.clone())));
        let known = known_namespaces(index, &workloads);
        let unknown = index
            .objects
            .iter()
            .filter(|object| products.is_unknown(object) && !object.is_described())
            .map(|object| object.namespace)
            .collect();
        let each = workloads.iter().flat_map(|workload| workload.each).map(|(key, _)| key.as_str());
        let telling = [POD_NAME, POD_INDEX].into_iter().chain(each.collect::<BTreeSet<_>>()).collect();
        Cluster { namespaces, workloads, pods, telling, known, unknown }
    }

    /// Whether the objects are all there is in a namespace, so that what is not among them does not exist. What brings neither the
    /// Namespace nor anything that keeps running, such as a Job that is applied by itself, joins others that are not seen here.
    pub fn knows(&self, namespace: &str) -> bool {
        self.known.contains(namespace)
    }

    /// The same for Pods: no operator makes others that are not known.
    pub fn knows_pods(&self, namespace: &str) -> bool {
        self.knows(namespace) && !self.unknown.contains(namespace)
    }

    /// Whether some operator may make Pods in a namespace that are not known.
    pub fn may_have_others(&self, namespace: &str) -> bool {
        self.unknown.contains(namespace)
    }

    /// The workloads that have a pod which a selector selects, ascending: that of one pod too, by the labels that the controller of a StatefulSet, or an
    /// operator, gives each of them.
    pub fn with_pods_of(&self, namespace: &'a str, selector: &Selector<'a>) -> Vec<usize> {
        let (shared, own) = selector.beside(&self.telling);
        let mut found = self.pods.select(namespace, &shared);
        let has_one = |workload: &Workload<'_>| own.iter().all(|(key, values)| values.iter().any(|value| workload.has_pod(key, value)));
        found.retain(|number| own.is_empty() || self.workloads.get(*number).is_some_and(has_one));
        found
    }

    /// The pods, of those that are given, that a peer in a policy of `namespace` names, in no order; one may come twice.
    pub fn select(&self, pods: &LabelIndex<'a>, peer: &Peer<'a>, namespace: &'a str) -> Vec<usize> {
        match &peer.who {
            Who::Addresses { .. } => Vec::new(),
            Who::Pods { namespaces: None, pods: selector } => pods.select(namespace, selector),
            Who::Pods { namespaces: Some(namespaces), pods: selector } => {
                let fitting = self.namespaces.iter().filter(|(_, labels)| namespaces.matches(labels));
                fitting.flat_map(|(namespace, _)| pods.select(namespace, selector)).collect()
            }
        }
    }
}

fn namespace_labels<'a>(name: &'a str, labels: Option<&'a Node>) -> Labels<'a> {
    Labels::new(labels).with(NAME_LABEL, name)
}

fn known_namespaces<'a>(index: &Index<'a>, workloads: &[Workload<'a>]) -> HashSet<&'a str> {
    let objects = index.of_kind("", "Namespace").iter().filter_map(|at| index.objects.get(*at));
    let running = workloads.iter().filter(|workload| !matches!(index.objects.get(workload.at), Some(object) if object.group() == "batch"));
    objects.map(|object| object.name).chain(running.map(|workload| workload.namespace)).collect()
}

/// What makes pods, each once: a Pod that a ReplicaSet owns is that ReplicaSet's, and so on upwards.
fn workloads<'a>(index: &Index<'a>) -> Vec<Workload<'a>> {
    let present: HashSet<_> = index.objects.iter().map(|object| (object.namespace, object.own_kind(), object.name)).collect();
    let mut seen = HashSet::new();
    // An object of another kind may have several Pods, which policies may tell apart.
    let mut pods: HashMap<(&str, &str, &str), usize> = HashMap::new();
    let mut workloads = Vec::new();
    for (at, object) in index.objects.iter().enumerate() {
        let Some(template) = object.pod_template().filter(|_| !object.is_partial()) else { continue };
        let (kind, name) = top_owner(index, object);
        let owned = (kind, name) != (object.own_kind(), object.name);
        // An owner that is among the objects describes its pods itself.
        if owned && (present.contains(&(object.namespace, kind, name)) || !seen.insert((object.namespace, kind, name))) {
            continue;
        }
        let number = pods.entry((object.namespace, kind, name)).or_default();
        *number += 1;
        let number = if object.is_view() && *number > 1 { format!("#{number}") } else { String::new() };
        workloads.push(Workload {
            at,
            namespace: object.namespace,
            id: format!("{}/{kind}/{name}{number}", object.namespace).into(),
            labels: Labels::new(template.labels()),
            ports: declared_ports(&template),
            replicas: replicas(object),
            ordinals: ordinals(object),
            each: &[],
            host_network: template.spec().and_then(|spec| spec.get("hostNetwork")).and_then(Node::as_bool).unwrap_or(false),
            template: Some(template),
        });
    }
    workloads
}

fn of_operator<'a>(index: &Index<'a>, made: &'a MadeObject) -> Option<Workload<'a>> {
    let object = index.objects.get(made.at)?;
    let port = |(name, port): &'a (String, u16)| DeclaredPort { name, protocol: Protocol::Tcp, port: *port };
    Some(Workload {
        at: made.at,
        namespace: &made.namespace,
        id: format!("{}/{}/{}", made.namespace, object.kind, made.name).into(),
        labels: Labels::of_pairs(&made.labels),
        ports: made.ports.iter().map(port).collect(),
        template: None,
        replicas: 1,
        ordinals: None,
        each: &made.each,
        host_network: false,
    })
}

/// The kind and name of what owns an object in the end.
fn top_owner<'a>(index: &Index<'a>, object: &Object<'a>) -> (&'a str, &'a str) {
    /// Pod, ReplicaSet, Deployment and whatever made that; a cycle ends here too.
    const DEEPEST: usize = 8;
    let mut current = *object;
    for _ in 0..DEEPEST {
        let owners = current.node.at(&["metadata", "ownerReferences"]).map_or(&[][..], Node::items);
        let controller = owners.iter().find(|owner| owner.get("controller").and_then(Node::as_bool) == Some(true)).or(owners.first());
        let Some(owner) = controller else { break };
        let field = |name: &str| owner.str_at(&[name]).unwrap_or("");
        let (kind, name) = (field("kind"), field("name"));
        let group = crate::objects::group_of(field("apiVersion"));
        match index.find(group, kind, object.namespace, name).and_then(|at| index.objects.get(at)) {
            Some(next) => current = *next,
            None => return (kind, name),
        }
    }
    (current.own_kind(), current.name)
}

fn declared_ports<'a>(template: &PodTemplate<'a>) -> Vec<DeclaredPort<'a>> {
    let mut ports = Vec::new();
    for (path, container) in template.containers() {
        // A port of an init container is there only while that runs, unless it is a sidecar.
        let init = path.0.iter().any(|segment| *segment == "initContainers".into());
        if init && container.str_at(&["restartPolicy"]) != Some("Always") {
            continue;
        }
        for port in container.get("ports").map_or(&[][..], Node::items) {
            let number = port.get("containerPort").and_then(Node::as_i64).and_then(|number| u16::try_from(number).ok());
            let protocol = Protocol::parse(port.str_at(&["protocol"]).unwrap_or("TCP"));
            if let (Some(number), Some(protocol)) = (number, protocol) {
                ports.push(DeclaredPort { name: port.str_at(&["name"]).unwrap_or(""), protocol, port: number });
            }
        }
    }
    ports
}

fn ordinals<'a>(object: &Object<'a>) -> Option<(&'a str, i64)> {
    let start = object.node.at(&["spec", "ordinals", "start"]).and_then(Node::as_i64).unwrap_or(0);
    (object.group() == "apps" && object.kind == "StatefulSet").then_some((object.name, start))
}

fn replicas(object: &Object<'_>) -> i64 {
    match object.kind {
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => {
            object.node.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1)
        }
        "Job" => object.node.at(&["spec", "parallelism"]).and_then(Node::as_i64).unwrap_or(1),
        _ => 1,
    }
}
