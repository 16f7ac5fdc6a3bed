//! All pairs, all ports: the whole answer to "who may talk to whom", as `kubevet graph --format json` prints it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::addresses::{self, AddressRange};
use super::facts::PerDirection;
use super::flows::{self, Flow};
use super::ingresses;
use super::needs::Needs;
use super::network::{Network, Stranger};
use super::policy::Direction;
use super::ports::{PortSet, Ports, Protocol};
use super::services::Services;
use crate::objects::Index;

/// Who may talk to whom.
#[derive(Clone, Debug, Serialize)]
pub struct Reachability {
    /// `namespace/Kind/name` of everything that makes pods, ascending.
    pub workloads: Vec<Arc<str>>,
    /// What is allowed. A pair and protocol without a row is denied.
    pub allowed: Vec<Allowed>,
    /// What one pod of a workload may send to another one of the same workload.
    #[serde(rename = "self")]
    pub among: Vec<Among>,
    /// What an ingress controller, a pod without labels in a namespace without labels, may send to the backends of Ingresses.
    pub ingress_controller: Vec<FromController>,
    /// What workloads' configuration asks for.
    pub needed: Vec<Needed>,
    /// The workloads that no policy isolates, per direction: everything is allowed there.
    pub open: PerDirection<Vec<Arc<str>>>,
}

/// What one end may send to the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Allowed {
    /// Who sends.
    pub src: End,
    /// Who listens.
    pub dst: End,
    /// In which protocol.
    pub protocol: Protocol,
    /// To which ports.
    pub ports: PortSet,
}

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Addresses outside of the cluster; it serialises as `external:1.2.3.0-1.2.3.255`.
    External(AddressRange),
    /// A workload; it serialises as its id.
    Workload(Arc<str>),
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            End::External(range) => serializer.collect_str(&format_args!("external:{}", addresses::display(*range))),
            End::Workload(id) => serializer.serialize_str(id),
        }
    }
}

/// What pods of a workload may send to each other.
#[derive(Clone, Debug, Serialize)]
pub struct Among {
    /// Which workload.
    pub workload: Arc<str>,
    /// In which protocol.
    pub protocol: Protocol,
    /// To which ports.
    pub ports: PortSet,
    /// How many pods it has at once, as far as the object says.
    pub replicas: i64,
}

/// What an ingress controller may send to a backend.
#[derive(Clone, Debug, Serialize)]
pub struct FromController {
    /// The backend.
    pub dst: Arc<str>,
    /// TCP.
    pub protocol: Protocol,
    /// To which ports, of those that Ingresses name.
    pub ports: PortSet,
}

/// A flow that a workload's configuration asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Needed {
    /// Who sends.
    pub src: Arc<str>,
    /// Who listens.
    pub dst: Arc<str>,
    /// In which protocol.
    pub protocol: Protocol,
    /// To which port of the pods.
    pub port: u16,
    /// Whether the policies allow it.
    pub allowed: bool,
}

impl Reachability {
    /// Everything that the policies allow, and what is needed of it.
    pub fn of(index: &Index<'_>, network: &Network<'_>, services: &Services<'_>, needs: &Needs) -> Self {
        let workloads = &network.cluster.workloads;
        let mut order: Vec<usize> = (0..workloads.len()).collect();
        order.sort_by(|a, b| workloads.get(*a).map(|w| &w.id).cmp(&workloads.get(*b).map(|w| &w.id)));
        let ordered = || order.iter().filter_map(|at| Some((*at, workloads.get(*at)?)));
        let (mut allowed, mut among) = (Vec::new(), Vec::new());
        let (mut between, mut outside) = (HashMap::new(), HashMap::new());
        let mut outside = |direction, number: usize| -> Vec<(Protocol, AddressRange, PortSet)> {
            outside.entry((direction, network.class(number))).or_insert_with(|| network.outside(direction, number)).clone()
        };
        for (source, sender) in ordered() {
            let end = End::Workload(Arc::clone(&sender.id));
            for (protocol, range, ports) in outside(Direction::Egress, source) {
                allowed.push(Allowed { src: end.clone(), dst: End::External(range), protocol, ports });
            }
            for (protocol, range, ports) in outside(Direction::Ingress, source) {
                allowed.push(Allowed { src: End::External(range), dst: end.clone(), protocol, ports });
            }
            for (destination, listener) in ordered() {
                let ports = between.entry((network.class(source), network.class(destination)));
                let ports = ports.or_insert_with(|| network.between(source, destination));
                for (protocol, ports) in by_protocol(ports) {
                    if source == destination {
                        among.push(Among { workload: Arc::clone(&sender.id), protocol, ports, replicas: sender.replicas });
                    } else {
                        allowed.push(Allowed { src: end.clone(), dst: End::Workload(Arc::clone(&listener.id)), protocol, ports });
                    }
                }
            }
        }
        allowed.sort();
        let workloads = ordered().map(|(_, workload)| Arc::clone(&workload.id)).collect();
        let open = |direction| {
            let open = ordered().filter(|(at, _)| network.isolated_by(direction, *at).is_empty());
            open.map(|(_, workload)| Arc::clone(&workload.id)).collect()
        };
        Reachability {
            workloads,
            allowed,
            among,
            ingress_controller: from_controller(index, network, services),
            needed: needed(network, needs),
            open: PerDirection::of(open),
        }
    }
}

fn needed(network: &Network<'_>, needs: &Needs) -> Vec<Needed> {
    let id = |number: usize| network.cluster.workloads.get(number).map(|workload| Arc::clone(&workload.id));
    let flow = |flow: Flow<'_>| {
        let (src, dst) = (id(flow.need.from)?, id(flow.to)?);
        Some(Needed { src, dst, protocol: flow.protocol, port: flow.port, allowed: flow.forbidden_by.is_empty() })
    };
    let mut found: Vec<_> = flows::needed(network, needs).into_iter().filter_map(flow).collect();
    found.sort();
    found
}

fn by_protocol(ports: &Ports) -> impl Iterator<Item = (Protocol, PortSet)> {
    Protocol::ALL.into_iter().map(|protocol| (protocol, ports.of(protocol).clone())).filter(|(_, ports)| !ports.is_empty())
}

fn from_controller(index: &Index<'_>, network: &Network<'_>, services: &Services<'_>) -> Vec<FromController> {
    let stranger = Stranger::default();
    let mut asked: BTreeMap<usize, PortSet> = BTreeMap::new();
    for backend in ingresses::backends(index) {
        let Some(service) = services.find(backend.namespace, backend.service) else { continue };
        let Some(port) = backend.port.of(service).filter(|port| port.protocol == Protocol::Tcp) else { continue };
        for workload in &service.workloads {
            if let Some(port) = port.on(&network.cluster, *workload) {
                asked.entry(*workload).or_default().insert((port, port));
            }
        }
    }
    let rows = asked.into_iter().filter_map(|(workload, ports)| {
        let open = network.with_stranger(Direction::Ingress, workload, &stranger);
        let ports = open.of(Protocol::Tcp).intersection(&ports);
        let dst = Arc::clone(&network.cluster.workloads.get(workload)?.id);
        (!ports.is_empty()).then_some(FromController { dst, protocol: Protocol::Tcp, ports })
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| a.dst.cmp(&b.dst));
    rows
}
