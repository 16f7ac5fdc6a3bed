//! What objects other than pods refer to: Services, Ingresses, routes, role bindings, accounts and claims.

use std::collections::BTreeSet;

use kustomize::{Node, closest};

use super::provided::Provided;
use super::{Dangling, Nearest, unanswered};
use crate::mentions::Mention;
use crate::objects::{Index, Object, Path, Segment};
use crate::products::MadeKind;
use crate::selectors::Selector;
use crate::traffic::cluster::Cluster;
use crate::traffic::ingresses::{self, PortRef};
use crate::traffic::services::{ServicePort, Services, Target};

/// What there is to look names up in.
#[derive(Clone, Copy)]
pub struct Known<'k, 'a> {
    /// The objects.
    pub index: &'k Index<'a>,
    /// Their namespaces and workloads.
    pub cluster: &'k Cluster<'a>,
    /// Their Services.
    pub services: &'k Services<'a>,
    /// What can be referred to by name.
    pub provided: &'k Provided,
}

impl Known<'_, '_> {
    /// The references of an object that nothing answers to, those of its pods aside.
    pub fn dangling(&self, at: usize, object: &Object<'_>) -> Vec<Dangling> {
        match (object.group(), object.kind) {
            ("", "Service") => self.service(at, object),
            ("", "ServiceAccount") => self.service_account(object),
            ("", "PersistentVolumeClaim") => self.storage_class(object).into_iter().collect(),
            ("apps", "StatefulSet") => self.governing_service(object).into_iter().collect(),
            ("networking.k8s.io", "Ingress") => self.ingress(object),
            ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute") => self.route(object),
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => self.binding(object),
            _ => Vec::new(),
        }
    }

    /// A selector that selects nothing, and names of ports that no container declares.
    fn service(&self, at: usize, object: &Object<'_>) -> Vec<Dangling> {
        let Some(service) = self.services.find(object.namespace, object.name).filter(|service| service.at == at) else {
            return Vec::new();
        };
        if !service.selects || self.cluster.may_have_others(object.namespace) {
            return Vec::new();
        }
        let is_known = self.cluster.knows_pods(object.namespace);
        let dangling = |path| Dangling::new(path, "Pod", object.namespace, "");
        if service.workloads.is_empty() {
            let (similar, nearest) = (self.selected_elsewhere(object), self.nearly_selected(object));
            // Of a namespace without any workload nothing is known, unless the Pods are found in another one.
            let is_told = (is_known || similar.is_some()) && !nearest.as_ref().is_some_and(|nearest| is_given_a_role(object, nearest));
            let found = Dangling { similar, nearest, ..dangling(Path::of(&["spec", "selector"])) };
            return if is_told { vec![found] } else { Vec::new() };
        }
        if !is_known {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (number, node) in list(object.node, &["spec", "ports"]).iter().enumerate() {
            // Two ports may have a target of one name, in two protocols.
            let Some(port) = ServicePort::read(node) else { continue };
            let Target::Name(name) = port.target else { continue };
            if service.workloads.iter().all(|workload| port.on(self.cluster, *workload).is_none()) {
                let workloads = service.workloads.iter().filter_map(|at| self.cluster.workloads.get(*at));
                let named = workloads.flat_map(|workload| &workload.ports).filter(|known| known.protocol == port.protocol);
                let path = Path::of(&["spec", "ports"]).with(number).with("targetPort");
                let similar = closest(name, named.map(|known| known.name)).map(str::to_owned);
                found.push(Dangling { similar, port: Some(name.to_owned()), ..dangling(path) });
            }
        }
        found
    }

    /// A workload of another namespace that a Service's selector would select.
    fn selected_elsewhere(&self, object: &Object<'_>) -> Option<String> {
        let selector = Selector::of_labels(object.node.at(&["spec", "selector"])?).ok()?;
        let others = self.cluster.workloads.iter().filter(|workload| workload.namespace != object.namespace);
        let workload = others.into_iter().find(|workload| selector.matches(&workload.labels))?;
        let owner = self.index.objects.get(workload.at)?;
        Some(owner.id().to_string())
    }

    /// The first workload of its own namespace that a Service's selector would select but for one label.
    fn nearly_selected(&self, object: &Object<'_>) -> Option<Nearest> {
        let selector = Selector::of_labels(object.node.at(&["spec", "selector"])?).ok()?;
        let own = self.cluster.workloads.iter().filter(|workload| workload.namespace == object.namespace);
        let (workload, label) = own.into_iter().find_map(|workload| Some((workload, selector.nearly(&workload.labels)?)))?;
        let owner = self.index.objects.get(workload.at)?;
        let template = owner.pod_template()?;
        let path = Path(template.path.iter().copied().chain(["metadata", "labels", label]).map(Segment::from).collect());
        let value = workload.labels.get(label).map(str::to_owned);
        Some(Nearest { object: owner.id(), path, label: label.to_owned(), value })
    }

    /// The Services and ports that a route of the Gateway API sends requests to.
    fn route(&self, object: &Object<'_>) -> Vec<Dangling> {
        let mut backends = Vec::new();
        for (at, rule) in list(object.node, &["spec", "rules"]).iter().enumerate() {
            let path = Path::of(&["spec", "rules"]).with(at);
            for (number, backend) in list(rule, &["backendRefs"]).iter().enumerate() {
                backends.push((path.with("backendRefs").with(number), backend));
            }
            for (number, filter) in list(rule, &["filters"]).iter().enumerate() {
                let path = path.with("filters").with(number).with("requestMirror").with("backendRef");
                backends.extend(filter.at(&["requestMirror", "backendRef"]).map(|backend| (path, backend)));
            }
        }
        backends.iter().filter_map(|(path, backend)| self.route_backend(object, path, backend)).collect()
    }

    fn route_backend(&self, object: &Object<'_>, path: &Path, backend: &Node) -> Option<Dangling> {
        let field = |name: &str| backend.str_at(&[name]);
        let is_service = field("kind").unwrap_or("Service") == "Service" && field("group").unwrap_or("").is_empty();
        let (name, namespace) = (field("name").filter(|_| is_service)?, field("namespace").unwrap_or(object.namespace));
        if !self.cluster.knows(namespace) {
            return None;
        }
        let Some(service) = self.services.find(namespace, name) else {
            return self.find(MadeKind::Service, namespace, name, path.with("name"));
        };
        let port = backend.get("port")?.as_i64()?;
        let has_it = service.ports.is_empty() || service.ports.iter().any(|known| i64::from(known.port) == port);
        (!has_it).then(|| {
            let port = port.to_string();
            let similar = other_port(&port, service.numbers().iter().map(String::as_str));
            Dangling { port: Some(port), similar, ..Dangling::new(path.with("port"), "Service", namespace, name) }
        })
    }

    fn service_account(&self, object: &Object<'_>) -> Vec<Dangling> {
        let mut found = Vec::new();
        for field in ["imagePullSecrets", "secrets"] {
            for (at, node) in list(object.node, &[field]).iter().enumerate() {
                let Some(name) = node.str_at(&["name"]) else { continue };
                let path = Path::of(&[field]).with(at).with("name");
                found.extend(self.find(MadeKind::Secret, object.namespace, name, path));
            }
        }
        found
    }

    /// A class that looks like one that is here; others belong to the cluster.
    fn storage_class(&self, object: &Object<'_>) -> Option<Dangling> {
        let name = object.node.str_at(&["spec", "storageClassName"])?;
        let classes =
            || self.index.of_kind("storage.k8s.io", "StorageClass").iter().filter_map(|at| Some(self.index.objects.get(*at)?.name));
        let similar = closest(name, classes()).filter(|similar| *similar != name)?;
        let dangling = Dangling::new(Path::of(&["spec", "storageClassName"]), "StorageClass", "", name);
        Some(Dangling { similar: Some(similar.to_owned()), ..dangling })
    }

    fn governing_service(&self, object: &Object<'_>) -> Option<Dangling> {
        let name = object.node.str_at(&["spec", "serviceName"]).filter(|name| !name.is_empty())?;
        self.find(MadeKind::Service, object.namespace, name, Path::of(&["spec", "serviceName"]))
    }

    /// Certificates, Services and their ports.
    fn ingress(&self, object: &Object<'_>) -> Vec<Dangling> {
        let mut found = Vec::new();
        for (at, tls) in list(object.node, &["spec", "tls"]).iter().enumerate() {
            let Some(name) = tls.str_at(&["secretName"]) else { continue };
            found.extend(self.find(MadeKind::Secret, object.namespace, name, Path::of(&["spec", "tls"]).with(at).with("secretName")));
        }
        for backend in ingresses::backends_of(0, object) {
            let missing = self.find(MadeKind::Service, backend.namespace, backend.service, backend.path.with("name"));
            let service = self.services.find(backend.namespace, backend.service).filter(|service| !service.ports.is_empty());
            let port = service.filter(|service| backend.port.of(service).is_none()).map(|service| match backend.port {
                PortRef::Number(number) => {
                    let number = number.to_string();
                    let similar = other_port(&number, service.numbers().iter().map(String::as_str));
                    (number, similar, "number")
                }
                PortRef::Name(name) => (name.to_owned(), other_port(name, service.ports.iter().map(|port| port.name)), "name"),
            });
            found.extend(missing);
            found.extend(port.map(|(port, similar, field)| Dangling {
                port: Some(port),
                similar,
                ..Dangling::new(backend.path.with("port").with(field), "Service", backend.namespace, backend.service)
            }));
        }
        found
    }

    /// The role, if it is to be in a namespace that is known, and the accounts.
    fn binding(&self, object: &Object<'_>) -> Vec<Dangling> {
        const GROUP: &str = "rbac.authorization.k8s.io";
        let mut found = Vec::new();
        if let (Some(kind), Some(name)) = (object.node.str_at(&["roleRef", "kind"]), object.node.str_at(&["roleRef", "name"])) {
            let path = Path::of(&["roleRef", "name"]);
            let names = |kind| self.index.of_kind(GROUP, kind).iter().filter_map(|at| self.index.objects.get(*at));
            match kind {
                "Role" => {
                    let here = || names("Role").filter(|role| role.namespace == object.namespace).map(|role| role.name);
                    if self.cluster.knows(object.namespace) && !here().any(|role| role == name) {
                        let similar = closest(name, here()).map(str::to_owned);
                        found.push(Dangling { similar, ..Dangling::new(path, "Role", object.namespace, name) });
                    }
                }
                // Many come with the cluster, so only what looks like one that is here is taken for a mistake.
                "ClusterRole" => {
                    let similar = closest(name, names("ClusterRole").map(|role| role.name)).filter(|similar| *similar != name);
                    found.extend(
                        similar
                            .map(|similar| Dangling { similar: Some(similar.to_owned()), ..Dangling::new(path, "ClusterRole", "", name) }),
                    );
                }
                _ => {}
            }
        }
        for (at, subject) in list(object.node, &["subjects"]).iter().enumerate() {
            if let (Some("ServiceAccount"), Some(name)) = (subject.str_at(&["kind"]), subject.str_at(&["name"])) {
                let namespace = subject.str_at(&["namespace"]).unwrap_or(object.namespace);
                if self.cluster.knows(namespace) {
                    let path = Path::of(&["subjects"]).with(at).with("name");
                    found.extend(self.find(MadeKind::ServiceAccount, namespace, name, path));
                }
            }
        }
        found
    }

    fn find(&self, kind: MadeKind, namespace: &str, name: &str, path: Path) -> Option<Dangling> {
        unanswered(&Mention { kind, name, path, key: None, optional: false }, namespace, self.provided)
    }
}

fn list<'a>(node: &'a Node, keys: &[&str]) -> &'a [Node] {
    node.at(keys).map_or(&[], Node::items)
}

/// Roles of replicas, which programs write into the labels of their own Pods when they have elected one: MinIO's operator `operator: leader`
/// (<https://github.com/minio/operator/blob/v7.1.1/pkg/controller/operator.go>), Patroni `role: primary`, OpenBao and Vault `vault-active: "true"`.
const ROLES: [&str; 9] = ["active", "follower", "leader", "master", "primary", "replica", "secondary", "slave", "standby"];

/// The port of a Service that is meant: one that is called nearly so, else the only one it has. Numbers that look alike mean nothing.
fn other_port<'p>(wanted: &str, there: impl Iterator<Item = &'p str>) -> Option<String> {
    let there: BTreeSet<&str> = there.filter(|port| !port.is_empty()).collect();
    let is_name = wanted.parse::<i64>().is_err();
    let near = is_name.then(|| closest(wanted, there.iter().copied())).flatten();
    near.or_else(|| there.first().copied().filter(|_| there.len() == 1)).map(str::to_owned)
}

/// Whether all that the nearest Pods lack of a Service's selector is such a role.
fn is_given_a_role(service: &Object<'_>, nearest: &Nearest) -> bool {
    let wanted = service.node.at(&["spec", "selector"]).and_then(|selector| selector.str_at(&[nearest.label.as_str()])).unwrap_or_default();
    let names_role = nearest.label.rsplit(['-', '_', '/', '.']).next().is_some_and(|word| ROLES.contains(&word));
    nearest.value.is_none() && (ROLES.contains(&wanted) || (names_role && wanted == "true"))
}
