//! NetworkPolicies as they are meant: defaults filled in, each selector, port and block parsed.
//!
//! Semantics: the API documentation of `networking.k8s.io/v1` and `pkg/apis/networking/{v1/defaults,validation}` of Kubernetes.

use kustomize::Node;
use serde::Serialize;

use super::addresses::{self, AddressRange, Cidr};
use super::ports::{PortRange, Protocol};
use crate::objects::{Object, Path, Refused};
use crate::selectors::Selector;

/// Which way traffic flows, seen from the pods that a policy selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the pods.
    Ingress,
    /// Out of the pods.
    Egress,
}

impl Direction {
    /// Both.
    pub const ALL: [Direction; 2] = [Direction::Ingress, Direction::Egress];
}

/// A NetworkPolicy.
#[derive(Debug)]
pub struct Policy<'a> {
    /// Where the object stands among all objects.
    pub at: usize,
    /// Its namespace.
    pub namespace: &'a str,
    /// Which pods of the namespace it isolates.
    pub pods: Selector<'a>,
    /// What may come in; nothing here means that it does not isolate that way.
    pub ingress: Option<Vec<Rule<'a>>>,
    /// What may go out.
    pub egress: Option<Vec<Rule<'a>>>,
}

/// One entry of `ingress` or `egress`: everything that fits a peer and a port is allowed.
#[derive(Debug)]
pub struct Rule<'a> {
    /// Where it is in the policy.
    pub path: Path,
    /// Who may be at the other end; nothing here means everybody, in the cluster and beyond.
    pub peers: Option<Vec<Peer<'a>>>,
    /// Which ports of the destination; nothing here means all ports of all protocols.
    pub ports: Option<Vec<PortMatch<'a>>>,
}

/// The other end of a flow.
#[derive(Debug)]
pub struct Peer<'a> {
    /// Where it is in the policy.
    pub path: Path,
    /// Who it is.
    pub who: Who<'a>,
}

/// Who a peer is.
#[derive(Debug)]
pub enum Who<'a> {
    /// Pods in the cluster.
    Pods {
        /// The namespaces; nothing here means the policy's own.
        namespaces: Option<Selector<'a>>,
        /// The pods in them.
        pods: Selector<'a>,
    },
    /// Addresses outside of the cluster.
    Addresses {
        /// The IPv4 ranges, ascending.
        ranges: Vec<AddressRange>,
        /// Whether it is every address there is, of IPv4 or of IPv6.
        everywhere: bool,
    },
}

/// Ports of one protocol.
#[derive(Clone, Debug)]
pub struct PortMatch<'a> {
    /// The protocol.
    pub protocol: Protocol,
    /// Its ports.
    pub which: Which<'a>,
}

/// Which ports.
#[derive(Clone, Debug)]
pub enum Which<'a> {
    /// The port or range of ports.
    Range(PortRange),
    /// Whatever port the destination's containers give that name for that protocol.
    Named(&'a str),
}

impl<'a> Policy<'a> {
    /// Reads a NetworkPolicy.
    ///
    /// # Errors
    /// The first thing in it that the API server refuses.
    pub fn read(at: usize, object: &Object<'a>) -> Result<Self, Refused> {
        let spec = object.node.get("spec");
        let field = |name: &str| spec.and_then(|spec| spec.get(name)).filter(|node| !node.is_null());
        let path = Path::of(&["spec"]);
        let pods = field("podSelector").map(|node| selector(node, &path.with("podSelector"))).transpose()?.unwrap_or_default();
        let mut types = Vec::new();
        for (index, node) in field("policyTypes").map_or(&[][..], Node::items).iter().enumerate() {
            types.push(match node.as_str() {
                Some("Ingress") => Direction::Ingress,
                Some("Egress") => Direction::Egress,
                _ => return refuse(path.with("policyTypes").with(index), "a policy type must be Ingress or Egress"),
            });
        }
        // The rules of a direction that policyTypes leaves out count for nothing, but the API server checks them all the same.
        let ingress = rules(field("ingress"), &path.with("ingress"), "from")?;
        let egress = rules(field("egress"), &path.with("egress"), "to")?;
        let isolates = |direction| match (types.is_empty(), direction) {
            (true, Direction::Ingress) => true,
            (true, Direction::Egress) => !egress.is_empty(),
            (false, direction) => types.contains(&direction),
        };
        let (into, out) = (isolates(Direction::Ingress), isolates(Direction::Egress));
        Ok(Policy { at, namespace: object.namespace, pods, ingress: into.then_some(ingress), egress: out.then_some(egress) })
    }

    /// The rules of a direction, if the policy isolates that way.
    pub fn rules(&self, direction: Direction) -> Option<&[Rule<'a>]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }
}

fn refuse<T>(path: Path, message: &str) -> Result<T, Refused> {
    Err(Refused { path, message: message.into() })
}

fn selector<'a>(node: &'a Node, path: &Path) -> Result<Selector<'a>, Refused> {
    Selector::of_label_selector(node).map_err(|error| Refused { path: path.join(&error.path), ..error })
}

fn rules<'a>(rules: Option<&'a Node>, path: &Path, peers: &str) -> Result<Vec<Rule<'a>>, Refused> {
    let rules = rules.map_or(&[][..], Node::items).iter().enumerate();
    rules.map(|(index, node)| rule(node, path.with(index), peers)).collect()
}

fn rule<'a>(rule: &'a Node, path: Path, peers_key: &str) -> Result<Rule<'a>, Refused> {
    let list = |key: &str| Some(rule.get(key)?.items()).filter(|items| !items.is_empty());
    let peers = list(peers_key).map(|items| {
        let below = path.with(peers_key);
        items.iter().enumerate().map(|(index, node)| peer(node, below.with(index))).collect()
    });
    let ports = list("ports").map(|items| {
        let below = path.with("ports");
        items.iter().enumerate().map(|(index, node)| port(node, &below.with(index))).collect()
    });
    Ok(Rule { peers: peers.transpose()?, ports: ports.transpose()?, path })
}

fn peer(peer: &Node, path: Path) -> Result<Peer<'_>, Refused> {
    let field = |name: &str| peer.get(name).filter(|node| !node.is_null());
    let who = match (field("podSelector"), field("namespaceSelector"), field("ipBlock")) {
        (None, None, None) => return refuse(path, "a peer needs a podSelector, a namespaceSelector or an ipBlock"),
        (None, None, Some(node)) => block(node, &path.with("ipBlock"))?,
        (_, _, Some(_)) => {
            return refuse(path.with("ipBlock"), "an ipBlock can't be combined with a podSelector or a namespaceSelector");
        }
        (pods, namespaces, None) => {
            let pods = pods.map(|node| selector(node, &path.with("podSelector"))).transpose()?.unwrap_or_default();
            let namespaces = namespaces.map(|node| selector(node, &path.with("namespaceSelector"))).transpose()?;
            Who::Pods { namespaces, pods }
        }
    };
    Ok(Peer { path, who })
}

fn block<'a>(block: &Node, path: &Path) -> Result<Who<'a>, Refused> {
    const NOT_A_CIDR: &str = "not an address range in CIDR notation, such as 10.0.0.0/8";
    let Some(cidr) = block.str_at(&["cidr"]).and_then(Cidr::parse) else { return refuse(path.with("cidr"), NOT_A_CIDR) };
    let mut except = Vec::new();
    for (index, node) in block.get("except").map_or(&[][..], Node::items).iter().enumerate() {
        let at = path.with("except").with(index);
        let Some(hole) = node.as_str().and_then(Cidr::parse) else { return refuse(at, NOT_A_CIDR) };
        if !cidr.strictly_contains(&hole) {
            return refuse(at, "an exception must be a strict subset of the cidr");
        }
        except.push(hole);
    }
    let everywhere = cidr.is_everything() && except.is_empty();
    let mut holes: Vec<_> = except.iter().filter_map(Cidr::ipv4).collect();
    Ok(Who::Addresses { ranges: cidr.ipv4().map_or_else(Vec::new, |range| addresses::without(range, &mut holes)), everywhere })
}

fn port<'a>(port: &'a Node, path: &Path) -> Result<PortMatch<'a>, Refused> {
    let field = |name: &str| port.get(name).filter(|node| !node.is_null());
    let protocol = match field("protocol").map(|node| node.as_str().and_then(Protocol::parse)) {
        None => Protocol::Tcp,
        Some(Some(protocol)) => protocol,
        Some(None) => return refuse(path.with("protocol"), "the protocol must be TCP, UDP or SCTP"),
    };
    let number = |name: &str, node: &Node| match node.as_i64().map(u16::try_from) {
        Some(Ok(number)) if number > 0 => Ok(number),
        _ => refuse(path.with(name), "a port must be a number from 1 to 65535"),
    };
    let which = match (field("port"), field("endPort")) {
        (None, None) => Which::Range((1, u16::MAX)),
        (None, Some(_)) => return refuse(path.with("endPort"), "endPort needs a port"),
        (Some(first), None) => match first.as_str() {
            Some(name) if is_port_name(name) => Which::Named(name),
            Some(_) => {
                let rule = "a port's name has at most 15 lower-case letters, digits and single hyphens inside, with a letter among them";
                return refuse(path.with("port"), rule);
            }
            None => {
                let port = number("port", first)?;
                Which::Range((port, port))
            }
        },
        (Some(first), Some(_)) if first.as_str().is_some() => {
            return refuse(path.with("endPort"), "endPort can't be combined with a named port");
        }
        (Some(first), Some(last)) => {
            let (low, high) = (number("port", first)?, number("endPort", last)?);
            if high < low {
                return refuse(path.with("endPort"), "endPort must be at least port");
            }
            Which::Range((low, high))
        }
    };
    Ok(PortMatch { protocol, which })
}

/// Whether a text is an `IANA_SVC_NAME` (RFC 6335, as Kubernetes checks it).
fn is_port_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=15).contains(&name.len())
        && name.bytes().all(plain)
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

impl Rule<'_> {
    /// Whether it lets everybody reach every port.
    pub fn allows_everything(&self) -> bool {
        self.peers.is_none() && self.ports.is_none()
    }
}
