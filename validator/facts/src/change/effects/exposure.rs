//! What is open to the outside, to the node or to more privileges on one side and not on the other.

use std::collections::{BTreeMap, HashSet};

use kustomize::Node;
use serde::Serialize;

use super::Side;
use super::hardening;
use super::item::{Item, To};
use crate::change::Change;
use crate::objects::{Object, ObjectId, Path};

/// The most things that one fact lists.
const MOST: usize = 8;

/// What is exposed on one side only.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Exposure {
    /// What is exposed now and was not before.
    pub opened: Vec<Exposed>,
    /// What was exposed before and is not now.
    pub closed: Vec<Exposed>,
}

/// What an object exposes.
#[derive(Clone, Debug, Serialize)]
pub struct Exposed {
    /// The object.
    pub object: ObjectId,
    /// Where the first of it is in the object.
    pub path: Path,
    /// To what.
    pub to: To,
    /// Each thing, in words.
    pub what: Vec<String>,
    /// How many things are not listed.
    pub more: usize,
}

/// Compares two sides.
pub(super) fn exposure(old: Side<'_, '_>, new: Side<'_, '_>, changes: &[&Change]) -> Exposure {
    let (old_hosts, new_hosts) = (hosts(old), hosts(new));
    let mut opened = new_hosts_of(&old_hosts, new_hosts.clone());
    let mut closed = new_hosts_of(&new_hosts, old_hosts);
    for change in changes {
        let (before, after) = (items(old, change.old), items(new, change.new));
        opened.extend(beyond(&before, &after, change.new));
        closed.extend(beyond(&after, &before, change.old));
        if let (Some(was), Some(is)) = (change.old, change.new)
            && let (Some(was), Some(is)) = (old.index.objects.get(was), new.index.objects.get(is))
        {
            opened.extend(lowered(was, is).and_then(|item| Some((change.new?, item))));
            closed.extend(lowered(is, was).and_then(|item| Some((change.old?, item))));
        }
    }
    Exposure { opened: together(new, opened), closed: together(old, closed) }
}

/// Items with the numbers of their objects, put together by what they are.
fn together(side: Side<'_, '_>, items: Vec<(usize, Item)>) -> Vec<Exposed> {
    let mut found: BTreeMap<(To, usize), Vec<Item>> = BTreeMap::new();
    for (at, item) in items {
        found.entry((item.to, at)).or_default().push(item);
    }
    let fact = |((to, at), items): ((To, usize), Vec<Item>)| {
        let object = side.index.objects.get(at)?;
        let path = items.first()?.path.clone();
        let mut what: Vec<String> = Vec::new();
        for item in items {
            if !what.contains(&item.text) {
                what.push(item.text);
            }
        }
        let more = what.len().saturating_sub(MOST);
        what.truncate(MOST);
        Some(Exposed { object: object.id(), path, to, what, more })
    };
    found.into_iter().filter_map(fact).collect()
}

/// What an object exposes, and the containers that it has.
#[derive(Default)]
struct Items {
    all: Vec<Item>,
    containers: HashSet<String>,
}

fn beyond(before: &Items, after: &Items, at: Option<usize>) -> Vec<(usize, Item)> {
    let known: HashSet<(To, &str)> = before.all.iter().map(|item| (item.to, item.text.as_str())).collect();
    let is_new = |item: &&Item| {
        !known.contains(&(item.to, item.text.as_str())) && item.among.as_ref().is_none_or(|container| before.containers.contains(container))
    };
    at.map(|at| after.all.iter().filter(is_new).map(|item| (at, item.clone())).collect()).unwrap_or_default()
}

fn items(side: Side<'_, '_>, at: Option<usize>) -> Items {
    let Some((at, object)) = at.and_then(|at| Some((at, side.index.objects.get(at)?))) else { return Items::default() };
    let mut items = Items::default();
    if object.group().is_empty() && object.kind == "Service" {
        service(object, &mut items.all);
    }
    for pod in side.pods(at) {
        let first = items.all.len();
        items.containers.extend(hardening::items(&pod.template, &mut items.all));
        for item in items.all.iter_mut().skip(first) {
            item.path = pod.in_object(&item.path);
        }
    }
    items
}

/// What a Service opens to the outside.
fn service(object: &Object<'_>, items: &mut Vec<Item>) {
    let spec = Path::of(&["spec"]);
    let list = |key: &str| object.node.at(&["spec", key]).map_or(&[][..], Node::items);
    let kind = object.node.str_at(&["spec", "type"]).unwrap_or("ClusterIP");
    let mut add = |text: String, path: Path| items.push(Item::new(To::Outside, text, path));
    for (at, port) in list("ports").iter().enumerate() {
        let path = spec.with("ports").with(at);
        let number = port.get("port").and_then(Node::text).unwrap_or_default();
        let node_port = port.get("nodePort").and_then(Node::text);
        match (kind, node_port) {
            ("LoadBalancer", _) => add(format!("port {number} of a load balancer"), path.clone()),
            ("NodePort", Some(node_port)) => add(format!("port {node_port} of every node"), path.with("nodePort")),
            ("NodePort", None) => add(format!("a port of every node, for port {number}"), path.clone()),
            _ => {}
        }
    }
    if kind == "LoadBalancer" {
        let ranges = list("loadBalancerSourceRanges");
        let path = spec.with("loadBalancerSourceRanges");
        if ranges.is_empty() {
            add("from any address".to_owned(), path.clone());
        }
        for (at, range) in ranges.iter().enumerate() {
            add(format!("from {}", range.text().unwrap_or_default()), path.with(at));
        }
    }
    for (at, address) in list("externalIPs").iter().enumerate() {
        add(format!("the external address {}", address.text().unwrap_or_default()), spec.with("externalIPs").with(at));
    }
}

/// A Namespace that takes Pods that it refused before.
fn lowered(before: &Object<'_>, after: &Object<'_>) -> Option<Item> {
    const LABEL: &str = "pod-security.kubernetes.io/enforce";
    if !(after.group().is_empty() && after.kind == "Namespace") {
        return None;
    }
    fn level<'a>(object: &Object<'a>) -> Option<&'a str> {
        object.labels().and_then(|labels| labels.get(LABEL)).and_then(Node::text)
    }
    let rank = |level: Option<&str>| match level {
        Some("restricted") => 2,
        Some("baseline") => 1,
        _ => 0,
    };
    let (was, is) = (level(before), level(after));
    let path = Path::of(&["metadata", "labels", LABEL]);
    let text = format!("Pods up to the level {}, was {}", is.unwrap_or("privileged"), was.unwrap_or("privileged"));
    (rank(is) < rank(was)).then(|| Item::new(To::PodSecurity, text, path))
}

/// Kinds that name hosts, and where. `*` stands for each element of a list.
const HOSTS: &[(&str, &str, &[&str])] = &[
    ("networking.k8s.io", "Ingress", &["spec", "rules", "*", "host"]),
    ("gateway.networking.k8s.io", "Gateway", &["spec", "listeners", "*", "hostname"]),
    ("gateway.networking.k8s.io", "HTTPRoute", &["spec", "hostnames", "*"]),
    ("gateway.networking.k8s.io", "GRPCRoute", &["spec", "hostnames", "*"]),
    ("gateway.networking.k8s.io", "TLSRoute", &["spec", "hostnames", "*"]),
    ("route.openshift.io", "Route", &["spec", "host"]),
    ("projectcontour.io", "HTTPProxy", &["spec", "virtualhost", "fqdn"]),
    ("networking.istio.io", "Gateway", &["spec", "servers", "*", "hosts", "*"]),
];

/// A host or a path below it, and who serves it.
#[derive(Clone, Debug)]
struct Host {
    at: usize,
    name: String,
    /// Nothing for the host itself.
    below: Option<String>,
    path: Path,
}

/// All hosts of a side, each with its paths behind it.
fn hosts(side: Side<'_, '_>) -> Vec<Host> {
    let mut hosts = Vec::new();
    for (group, kind, keys) in HOSTS {
        for at in side.index.of_kind(group, kind).iter().copied() {
            let Some(object) = side.index.objects.get(at) else { continue };
            for (path, host) in places(object.node, keys) {
                hosts.push(Host { at, name: host.text().unwrap_or_default().to_owned(), below: None, path });
            }
            if *kind == "Ingress" {
                hosts.extend(paths(at, object));
            }
        }
    }
    hosts
}

/// The paths of an Ingress; a rule without a host serves every host.
fn paths(at: usize, object: &Object<'_>) -> Vec<Host> {
    let mut hosts = Vec::new();
    if object.node.at(&["spec", "defaultBackend"]).is_some_and(|backend| !backend.is_null()) {
        hosts.push(Host { at, name: String::new(), below: None, path: Path::of(&["spec", "defaultBackend"]) });
    }
    for (rule_path, rule) in places(object.node, &["spec", "rules", "*"]) {
        let name = rule.str_at(&["host"]).unwrap_or_default().to_owned();
        if name.is_empty() {
            hosts.push(Host { at, name: String::new(), below: None, path: rule_path.clone() });
        }
        for (below, path) in places(rule, &["http", "paths", "*"]) {
            let text = path.str_at(&["path"]).unwrap_or("/").to_owned();
            hosts.push(Host { at, name: name.clone(), below: Some(text), path: rule_path.join(&below) });
        }
    }
    hosts
}

/// Hosts that are not among the known ones, and paths of known hosts that are not.
fn new_hosts_of(known: &[Host], hosts: Vec<Host>) -> Vec<(usize, Item)> {
    let names: HashSet<&str> = known.iter().map(|host| host.name.as_str()).collect();
    let paths: HashSet<(&str, &str)> = known.iter().filter_map(|host| Some((host.name.as_str(), host.below.as_deref()?))).collect();
    let item = |host: Host| {
        let name = if host.name.is_empty() { "any host" } else { &*host.name };
        let text = match &host.below {
            None if !names.contains(host.name.as_str()) => format!("the host {name}"),
            Some(below) if names.contains(host.name.as_str()) && !paths.contains(&(host.name.as_str(), below)) => format!("{name}{below}"),
            _ => return None,
        };
        Some((host.at, Item::new(To::Outside, text, host.path)))
    };
    hosts.into_iter().filter_map(item).collect()
}

/// The nodes below keys, with their paths.
fn places<'a>(node: &'a Node, keys: &[&str]) -> Vec<(Path, &'a Node)> {
    let mut found = vec![(Path::default(), node)];
    for key in keys {
        let step = |(path, node): (Path, &'a Node)| -> Vec<(Path, &'a Node)> {
            match *key {
                "*" => node.items().iter().enumerate().map(|(at, item)| (path.with(at), item)).collect(),
                key => node.get(key).filter(|node| !node.is_null()).map(|node| (path.with(key), node)).into_iter().collect(),
            }
        };
        found = found.into_iter().flat_map(step).collect();
    }
    found
}
