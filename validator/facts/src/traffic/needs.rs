//! The flows that configuration asks for: a workload that is given the name of a Service will talk to its pods.

use std::collections::{HashMap, HashSet};

use super::cluster::Cluster;
use super::ports::Protocol;
use super::services::{Service, ServicePort, Services};
use crate::mentions::configuration::{Setting, settings};
use crate::mentions::endpoints::{Endpoint, endpoints, is_name};
use crate::mentions::pods;
use crate::objects::{Index, Path};
use crate::products::MadeKind;

/// A workload's configuration names a Service.
#[derive(Debug)]
pub struct Need {
    /// The number of the workload that needs it.
    pub from: usize,
    /// The host as the configuration has it; none where it is part of a secret.
    pub host: Option<String>,
    /// Whether it is in a ConfigMap that several workloads take as a whole, so that not each of them need use it.
    pub shared: bool,
    /// The number of the Service among [`Services::all`].
    pub service: usize,
    /// The port of the Service, if the configuration says so or the Service has but one.
    pub port: Option<u16>,
    /// The pods that answer: workload and port of its pods.
    pub targets: Vec<(usize, Protocol, u16)>,
    /// Where the text stands: object and path.
    pub at: (usize, Path),
    /// Where in the workload it is taken from.
    pub path: Path,
}

/// A host in a configuration that nothing answers to.
#[derive(Debug)]
pub struct Unanswered {
    /// The number of the workload that is configured so.
    pub from: usize,
    /// The namespace in which the Service should be.
    pub namespace: String,
    /// Its name.
    pub service: String,
    /// The port that it lacks; the Service itself is not there where this is none.
    pub port: Option<u16>,
    /// Where the text stands: object and path.
    pub at: (usize, Path),
    /// Where in the workload it is taken from.
    pub path: Path,
}

/// What the configuration of all workloads asks for.
#[derive(Debug, Default)]
pub struct Needs {
    /// Flows to Services that are there.
    pub all: Vec<Need>,
    /// Names that nothing answers to.
    pub unanswered: Vec<Unanswered>,
}

impl Needs {
    /// Reads the configuration of all workloads; `additions` are applied on top of the objects at times.
    pub fn new<'a>(index: &Index<'a>, cluster: &Cluster<'a>, services: &Services<'a>, additions: &Index<'a>) -> Self {
        let users = users([index, additions]);
        let mut configured = Vec::new();
        for (from, workload) in cluster.workloads.iter().enumerate() {
            let (Some(template), Some(object)) = (workload.template, index.objects.get(workload.at)) else { continue };
            let found = settings(index, workload.at, object, &template);
            configured.push((from, workload.namespace, found));
        }
        let mut needs = Needs::default();
        for (from, namespace, found) in &configured {
            let resolver = Resolver { from: *from, namespace, cluster, services };
            let variables: HashMap<&str, &str> =
                found.iter().filter(|setting| !setting.file).map(|setting| (setting.name, &*setting.text)).collect();
            for setting in found {
                let mut hosts = endpoints(&setting.text);
                hosts.extend(by_name(setting, &variables).filter(|_| hosts.is_empty()));
                let holder = index.objects.get(setting.at.0).map(|object| (*namespace, object.name));
                let shared = setting.whole && holder.and_then(|holder| users.get(&holder)).is_some_and(|users| users.len() > 1);
                hosts.iter().for_each(|endpoint| resolver.resolve(setting, shared, endpoint, &mut needs));
            }
        }
        needs
    }
}

/// Who takes each ConfigMap as a whole: kind and name of workloads, by the namespace and name of the ConfigMap.
fn users<'a>(indices: [&Index<'a>; 2]) -> HashMap<(&'a str, &'a str), HashSet<(&'a str, &'a str)>> {
    let mut users: HashMap<_, HashSet<_>> = HashMap::new();
    for object in indices.into_iter().flat_map(|index| &index.objects) {
        let Some(template) = object.pod_template() else { continue };
        for mention in pods::mentions(&template).into_iter().filter(|mention| mention.kind == MadeKind::ConfigMap && mention.key.is_none())
        {
            users.entry((object.namespace, mention.name)).or_default().insert((object.kind, object.name));
        }
    }
    users
}

/// The host in a variable such as `DB_HOST`, with the port in `DB_PORT`.
fn by_name(setting: &Setting<'_>, variables: &HashMap<&str, &str>) -> Option<Endpoint> {
    if setting.file || !is_name(&setting.text) {
        return None;
    }
    let prefix = ["HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS"].into_iter().find_map(|suffix| setting.name.strip_suffix(suffix))?;
    let port = variables.get(&*format!("{prefix}PORT")).and_then(|port| port.parse().ok());
    Some(Endpoint { host: setting.text.to_string(), port, url: port.is_some() })
}

struct Resolver<'r, 'a> {
    from: usize,
    namespace: &'r str,
    cluster: &'r Cluster<'a>,
    services: &'r Services<'a>,
}

impl Resolver<'_, '_> {
    fn resolve(&self, setting: &Setting<'_>, shared: bool, endpoint: &Endpoint, needs: &mut Needs) {
        let certain = endpoint.url && !setting.file && !setting.secret;
        let unanswered = |namespace: &str, service: &str, port| Unanswered {
            from: self.from,
            namespace: namespace.into(),
            service: service.into(),
            port,
            at: setting.at.clone(),
            path: setting.from.clone(),
        };
        match self.service(&endpoint.host) {
            Host::Service(number, service) => {
                let port = self.port(service, endpoint.port);
                if port.is_none() && endpoint.port.is_some() && service.selects && !service.headless {
                    if certain {
                        needs.unanswered.push(unanswered(service.namespace, service.name, endpoint.port));
                    }
                    return;
                }
                let targets = self.targets(service, endpoint.port, port);
                let host = (!setting.secret).then(|| endpoint.host.clone());
                let port = port.map(|port| port.port).or(endpoint.port);
                needs.all.push(Need {
                    from: self.from,
                    host,
                    shared,
                    service: number,
                    port,
                    targets,
                    at: setting.at.clone(),
                    path: setting.from.clone(),
                });
            }
            Host::Nothing(namespace, name) if certain => needs.unanswered.push(unanswered(namespace, name, None)),
            Host::Nothing(..) | Host::Elsewhere => {}
        }
    }

    /// The port of a Service that is asked, or the only one that it has.
    fn port<'s, 'a>(&self, service: &'s Service<'a>, asked: Option<u16>) -> Option<&'s ServicePort<'a>> {
        match asked {
            Some(asked) => service.ports.iter().find(|port| port.port == asked),
            None => service.ports.first().filter(|_| service.ports.len() == 1),
        }
    }

    fn targets(&self, service: &Service<'_>, asked: Option<u16>, port: Option<&ServicePort<'_>>) -> Vec<(usize, Protocol, u16)> {
        let target = |workload: &usize| match port {
            Some(port) => Some((*workload, port.protocol, port.on(self.cluster, *workload)?)),
            // The name of a headless Service stands for the pods themselves.
            None => asked.filter(|_| service.headless).map(|port| (*workload, Protocol::Tcp, port)),
        };
        service.workloads.iter().filter_map(target).collect()
    }

    /// The Service that a host stands for: its name, its name and namespace, its full name, or that of a pod behind it.
    fn service<'h>(&'h self, host: &'h str) -> Host<'h, 'h> {
        let labels: Vec<&str> = host.split('.').collect();
        let find =
            |namespace: &str, name: &str| self.services.number(namespace, name).and_then(|at| Some((at, self.services.all.get(at)?)));
        let candidates: &[(&str, &str)] = match labels.as_slice() {
            [name] => &[(self.namespace, name)],
            [name, namespace] => &[(namespace, name), (self.namespace, namespace)],
            [name, namespace, "svc", ..] => &[(namespace, name)],
            [_, name, namespace] | [_, name, namespace, "svc", ..] => &[(namespace, name)],
            _ => &[],
        };
        if let Some((at, service)) = candidates.iter().find_map(|(namespace, name)| find(namespace, name)) {
            return Host::Service(at, service);
        }
        let certain = labels.len() == 1 || matches!(labels.as_slice(), [_, _, "svc", ..] | [_, _, _, "svc", ..]);
        match candidates.first() {
            Some((namespace, name)) if certain && self.cluster.knows(namespace) => Host::Nothing(namespace, name),
            _ => Host::Elsewhere,
        }
    }
}

enum Host<'h, 'a> {
    Service(usize, &'h Service<'a>),
    /// A Service that isn't there, of a namespace that is known.
    Nothing(&'h str, &'h str),
    Elsewhere,
}
