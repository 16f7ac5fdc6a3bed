//! Services: which pods and ports a name and a port stand for.

use std::collections::HashMap;

use kustomize::Node;

use super::cluster::Cluster;
use super::ports::Protocol;
use crate::objects::Index;
use crate::products::{MadeKind, MadeObject};
use crate::selectors::Selector;

/// A Service.
#[derive(Debug)]
pub struct Service<'a> {
    /// Where the object (for an operator's Service the resource that it comes of) stands among all objects.
    pub at: usize,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it selects pods; else somebody else says where it leads, or it is a name for a host elsewhere.
    pub selects: bool,
    /// The workloads that it selects, ascending.
    pub workloads: Vec<usize>,
    /// Its ports.
    pub ports: Vec<ServicePort<'a>>,
    /// Whether its name stands for the pods themselves, so that every port of theirs can be asked.
    pub headless: bool,
}

/// A port of a Service.
#[derive(Clone, Copy, Debug)]
pub struct ServicePort<'a> {
    /// Its name; empty if it has none.
    pub name: &'a str,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number.
    pub port: u16,
    /// Where it leads.
    pub target: Target<'a>,
}

/// The port of the pods that a Service's port leads to.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// This number.
    Number(u16),
    /// The port that the containers give this name.
    Name(&'a str),
}

/// All Services, found by name.
#[derive(Debug, Default)]
pub struct Services<'a> {
    /// All of them, in the order of their objects, those of operators last.
    pub all: Vec<Service<'a>>,
    by_name: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> Services<'a> {
    /// Finds the Services among the objects and in what operators make of them.
    pub fn new(index: &Index<'a>, made: &'a [MadeObject], cluster: &Cluster<'a>) -> Self {
        let mut services = Services::default();
        for at in index.of_kind("", "Service").iter().copied() {
            let Some(object) = index.objects.get(at) else { continue };
            let spec = object.node.get("spec");
            let field = |name: &str| spec.and_then(|spec| spec.get(name));
            let selector = field("selector").filter(|selector| !selector.entries().is_empty());
            let selector = selector.filter(|_| field("type").and_then(Node::as_str) != Some("ExternalName"));
            let found = selector.and_then(|selector| Selector::of_labels(selector).ok());
            services.add(Service {
                at,
                namespace: object.namespace,
                name: object.name,
                selects: selector.is_some(),
                workloads: found.map(|selector| cluster.with_pods_of(object.namespace, &selector)).unwrap_or_default(),
                ports: field("ports").map_or(&[][..], Node::items).iter().filter_map(ServicePort::read).collect(),
                headless: field("clusterIP").and_then(Node::as_str) == Some("None"),
            });
        }
        for made in made.iter().filter(|made| made.kind == MadeKind::Service) {
            let port =
                |(name, port): &'a (String, u16)| ServicePort { name, protocol: Protocol::Tcp, port: *port, target: Target::Number(*port) };
            services.add(Service {
                at: made.at,
                namespace: &made.namespace,
                name: &made.name,
                selects: !made.selector.is_empty(),
                workloads: cluster.pods.select(&made.namespace, &Selector::of_pairs(&made.selector)),
                ports: made.ports.iter().map(port).collect(),
                headless: false,
            });
        }
        services
    }

    fn add(&mut self, service: Service<'a>) {
        self.by_name.entry((service.namespace, service.name)).or_insert(self.all.len());
        self.all.push(service);
    }

    /// The Service of that name.
    pub fn find(&self, namespace: &str, name: &str) -> Option<&Service<'a>> {
        self.all.get(self.number(namespace, name)?)
    }

    /// Where the Service of that name is among [`Services::all`].
    pub fn number(&self, namespace: &str, name: &str) -> Option<usize> {
        self.by_name.get(&(namespace, name)).copied()
    }
}

impl Service<'_> {
    /// The numbers of its ports.
    pub fn numbers(&self) -> Vec<String> {
        self.ports.iter().map(|port| port.port.to_string()).collect()
    }
}

impl<'a> ServicePort<'a> {
    /// Reads an element of a Service's `ports`.
    pub fn read(node: &'a Node) -> Option<Self> {
        let number = |node: &Node| node.as_i64().and_then(|number| u16::try_from(number).ok());
        let port = number(node.get("port")?)?;
        let target = match node.get("targetPort").filter(|target| !target.is_null()) {
            None => Target::Number(port),
            Some(target) => match target.as_str() {
                Some(name) => Target::Name(name),
                None => Target::Number(number(target)?),
            },
        };
        let protocol = Protocol::parse(node.str_at(&["protocol"]).unwrap_or("TCP"))?;
        Some(ServicePort { name: node.str_at(&["name"]).unwrap_or(""), protocol, port, target })
    }

    /// The number of the port that it leads to on a workload's pods, if they have one of that name.
    pub fn on(&self, cluster: &Cluster<'_>, workload: usize) -> Option<u16> {
        match self.target {
            Target::Number(port) => Some(port),
            Target::Name(name) => cluster.workloads.get(workload)?.named_port(name, self.protocol),
        }
    }
}
