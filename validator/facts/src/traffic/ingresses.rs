//! The backends that Ingresses name.

use kustomize::Node;

use super::services::{Service, ServicePort};
use crate::objects::{Index, Object, Path};

/// A Service and port that an Ingress sends requests to.
#[derive(Debug)]
pub struct Backend<'a> {
    /// Where the Ingress stands among all objects.
    pub at: usize,
    /// Where the backend's service is in it.
    pub path: Path,
    /// The namespace of both.
    pub namespace: &'a str,
    /// The Service's name.
    pub service: &'a str,
    /// Which port of the Service.
    pub port: PortRef<'a>,
}

/// Names a port of a Service.
#[derive(Clone, Copy, Debug)]
pub enum PortRef<'a> {
    /// By its number (not that of the pods).
    Number(u16),
    /// By its name.
    Name(&'a str),
}

/// The backends of all Ingresses.
pub fn backends<'a>(index: &Index<'a>) -> Vec<Backend<'a>> {
    let ingresses = index.of_kind("networking.k8s.io", "Ingress").iter().filter_map(|at| Some((*at, index.objects.get(*at)?)));
    ingresses.flat_map(|(at, object)| backends_of(at, object)).collect()
}

/// The backends of one Ingress, which stands at `at` among all objects.
pub fn backends_of<'a>(at: usize, object: &Object<'a>) -> Vec<Backend<'a>> {
    let spec = Path::of(&["spec"]);
    let default = object.node.at(&["spec", "defaultBackend"]);
    let mut found: Vec<_> = default.and_then(|backend| read(at, object, backend, spec.with("defaultBackend"))).into_iter().collect();
    for (rule_at, rule) in list(object.node, &["spec", "rules"]).iter().enumerate() {
        for (path_at, entry) in list(rule, &["http", "paths"]).iter().enumerate() {
            let path = spec.with("rules").with(rule_at).with("http").with("paths").with(path_at).with("backend");
            found.extend(entry.get("backend").and_then(|backend| read(at, object, backend, path)));
        }
    }
    found
}

fn list<'a>(node: &'a Node, keys: &[&str]) -> &'a [Node] {
    node.at(keys).map_or(&[], Node::items)
}

fn read<'a>(at: usize, object: &Object<'a>, backend: &'a Node, path: Path) -> Option<Backend<'a>> {
    let service = backend.get("service")?;
    let port = match (service.str_at(&["port", "name"]), service.at(&["port", "number"]).and_then(Node::as_i64)) {
        (Some(name), _) => PortRef::Name(name),
        (None, number) => PortRef::Number(u16::try_from(number?).ok()?),
    };
    Some(Backend { at, path: path.with("service"), namespace: object.namespace, service: service.str_at(&["name"])?, port })
}

impl PortRef<'_> {
    /// The port of a Service that is meant.
    pub fn of<'s, 'a>(&self, service: &'s Service<'a>) -> Option<&'s ServicePort<'a>> {
        service.ports.iter().find(|port| match self {
            PortRef::Number(number) => port.port == *number,
            PortRef::Name(name) => port.name == *name,
        })
    }
}
