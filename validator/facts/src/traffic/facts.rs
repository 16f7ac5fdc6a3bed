//! What rules learn about NetworkPolicies.

use std::collections::HashMap;

use serde::Serialize;

use super::closed::PodSelector;
use super::cluster::NAME_LABEL;
use super::flows::{self, BlockedFlow, ClosedBackend, MOST_NAMED};
use super::foreign::Foreign;
use super::listed;
use super::needs::Needs;
use super::network::{Invalid, Network, Stranger};
use super::policy::{Direction, Peer, Policy, Rule, Which, Who};
use super::ports::Protocol;
use super::services::Services;
use crate::objects::{Index, Object, ObjectId, Path};
use crate::selectors::{LabelIndex, Labels};

/// What NetworkPolicies mean for one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkFacts {
    /// About an object that makes pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<WorkloadFacts>,
    /// The backends of an Ingress that no ingress controller can reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closed_backends: Vec<ClosedBackend>,
    /// About a NetworkPolicy that the API server would accept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyFacts>,
}

/// What NetworkPolicies mean for the pods of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadFacts {
    /// The namespace of the pods.
    pub namespace: String,
    /// Whether the objects are all there is in that namespace, and no policy of another kind selects pods there.
    pub namespace_known: bool,
    /// Where the labels are that policies select the pods by.
    pub labels_path: Path,
    /// Whether the pods use their node's network, so that NetworkPolicies need not have an effect on them.
    pub host_network: bool,
    /// The policies that isolate the pods, per direction, of many only the first; without any, everything is allowed that way.
    pub isolated_by: PerDirection<Vec<ObjectId>>,
    /// The protocols in which the pods can't ask the cluster's DNS server, though they are set to ask it.
    pub dns_blocked: Vec<Protocol>,
    /// A selector of the pods that the policy would have to select that lets them ask it: all of the namespace, if all of it is isolated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_askers: Option<PodSelector>,
    /// Flows that its configuration asks for and a policy forbids.
    pub blocked: Vec<BlockedFlow>,
}

/// A value for each direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PerDirection<T> {
    /// Into the pods.
    pub ingress: T,
    /// Out of the pods.
    pub egress: T,
}

impl<T> PerDirection<T> {
    /// The values that a function gives for each direction.
    pub fn of(value: impl Fn(Direction) -> T) -> Self {
        PerDirection { ingress: value(Direction::Ingress), egress: value(Direction::Egress) }
    }
}

/// What a NetworkPolicy selects.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyFacts {
    /// Whether no workload has the labels that it asks for, although all of its namespace is known.
    pub selects_nothing: bool,
    /// Peers that name no workload in namespaces that are all known.
    pub empty_peers: Vec<Path>,
    /// Rules that let every address in or out.
    pub world: Vec<OpenRule>,
    /// Rules between workloads that no configuration asks for.
    pub unneeded: Vec<Path>,
    /// Selectors of pods and peers that select only pods in the network of their node, on which a policy need not have an effect.
    pub host_network: Vec<Path>,
}

/// A rule that is open to every address.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenRule {
    /// Which way.
    pub direction: Direction,
    /// Where the rule or the peer that opens it is.
    pub path: Path,
    /// Whether all ports are open.
    pub all_ports: bool,
}

/// What NetworkPolicies mean for the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkOverview {
    /// The namespaces that have workloads and are known as a whole.
    pub namespaces: Vec<NamespaceFacts>,
    /// Policies that the API server would refuse; nothing else here takes them into account.
    pub invalid: Vec<Invalid>,
}

/// What NetworkPolicies mean for a namespace.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceFacts {
    /// Its name.
    pub name: String,
    /// The Namespace, or where that is not among the objects the first workload in it.
    pub object: ObjectId,
    /// How many workloads it has.
    pub workloads: usize,
    /// Whether a policy isolates every pod of it, whatever its labels, and does not let everything through again.
    pub default_deny: PerDirection<bool>,
}

/// The facts of each object and of all; `additions` are applied on top of the objects at times.
pub fn of<'a>(
    index: &Index<'a>,
    network: &Network<'a>,
    services: &Services<'a>,
    needs: &Needs,
    additions: &Index<'a>,
) -> (Vec<NetworkFacts>, NetworkOverview) {
    let mut facts = vec![NetworkFacts::default(); index.objects.len()];
    let foreign = Foreign::new(index);
    let dns = dns_servers(network);
    let mut dns_of_class = HashMap::new();
    for (number, workload) in network.cluster.workloads.iter().enumerate() {
        let Some(template) = workload.template else { continue };
        let policies = |direction| network.isolated_by(direction, number).iter().filter_map(|policy| network.policies.get(*policy));
        let ids = |direction| {
            let objects = policies(direction).filter_map(|policy| index.objects.get(policy.at));
            objects.take(MOST_NAMED).map(Object::id).collect()
        };
        let asks_cluster = asks_cluster_dns(template.spec());
        let mut blocked = |protocol: &Protocol| {
            let mut allowed =
                || *dns_of_class.entry((network.class(number), *protocol)).or_insert_with(|| dns_allowed(network, number, &dns, *protocol));
            !workload.host_network && asks_cluster && !foreign.covers(workload.namespace) && !allowed()
        };
        if let Some(facts) = facts.get_mut(workload.at) {
            let dns_blocked: Vec<_> = [Protocol::Udp, Protocol::Tcp].into_iter().filter(|protocol| blocked(protocol)).collect();
            let isolates_all = |policy: &Policy<'_>| policy.pods.is_empty();
            let askers = || match policies(Direction::Egress).any(isolates_all) {
                true => Some(PodSelector::default()),
                false => PodSelector::of(index, workload),
            };
            facts.workload = Some(WorkloadFacts {
                namespace: workload.namespace.into(),
                namespace_known: network.cluster.knows(workload.namespace) && !foreign.covers(workload.namespace),
                labels_path: Path::of(template.path).with("metadata").with("labels"),
                host_network: workload.host_network,
                isolated_by: PerDirection::of(ids),
                dns_askers: if dns_blocked.is_empty() { None } else { askers() },
                dns_blocked,
                blocked: Vec::new(),
            });
        }
    }
    let visitors = visitors(additions);
    for (policy, selected) in network.policies.iter().zip(&network.selected) {
        if let Some(facts) = facts.get_mut(policy.at) {
            facts.policy = Some(policy_facts(network, &visitors, policy, selected));
        }
    }
    let workload = |number: usize| network.cluster.workloads.get(number);
    let to_pods = flows::blocked(index, network, services, needs);
    for (number, flow) in to_pods.into_iter().chain(listed::blocked(index, network, services, needs)) {
        let own = workload(number).filter(|workload| !foreign.covers(workload.namespace));
        let facts = own.and_then(|workload| facts.get_mut(workload.at)?.workload.as_mut());
        facts.into_iter().for_each(|facts| facts.blocked.push(flow.clone()));
    }
    let is_known = |at: usize| index.objects.get(at).is_some_and(|object| !foreign.covers(object.namespace));
    for (at, backend) in flows::closed_backends(index, network, services).into_iter().filter(|(at, _)| is_known(*at)) {
        facts.get_mut(at).into_iter().for_each(|facts| facts.closed_backends.push(backend.clone()));
    }
    for (number, path) in flows::unneeded(network, needs, &visitors) {
        let facts = network.policies.get(number).and_then(|policy| facts.get_mut(policy.at)?.policy.as_mut());
        facts.into_iter().for_each(|facts| facts.unneeded.push(path.clone()));
    }
    (facts, NetworkOverview { namespaces: namespaces(index, network, &foreign), invalid: network.invalid.clone() })
}

/// The port of DNS, RFC 1035.
const DNS: u16 = 53;

/// The port at which the DNS servers of OpenShift listen.
const DNS_OF_OPENSHIFT: u16 = 5353;

/// A server that pods may ask, and the port at which it listens.
type DnsServer<'a> = (Stranger<'a>, u16);

/// The cluster's DNS server: as kubeadm, kind and the cloud providers label it, or as OpenShift does.
fn dns_servers<'a>(network: &Network<'a>) -> [DnsServer<'a>; 2] {
    let server = |namespace: &'static str, pod: (&'static str, &'static str), port| {
        let labels = network.cluster.namespaces.get(namespace).cloned();
        let stranger = Stranger {
            namespace: labels.unwrap_or_else(|| Labels::default().with(NAME_LABEL, namespace)),
            pod: Labels::default().with(pod.0, pod.1),
            ports: vec![("dns", Protocol::Udp, port), ("dns-tcp", Protocol::Tcp, port)],
        };
        (stranger, port)
    };
    [
        server("kube-system", ("k8s-app", "kube-dns"), DNS),
        server("openshift-dns", ("dns.operator.openshift.io/daemonset-dns", "default"), DNS_OF_OPENSHIFT),
    ]
}

/// Whether pods ask the cluster's DNS server; `dnsPolicy: Default` asks the node's, and `None` those that it lists.
fn asks_cluster_dns(spec: Option<&kustomize::Node>) -> bool {
    !matches!(spec.and_then(|spec| spec.str_at(&["dnsPolicy"])), Some("Default" | "None"))
}

fn dns_allowed(network: &Network<'_>, workload: usize, servers: &[DnsServer<'_>], protocol: Protocol) -> bool {
    let may_ask = |(server, port): &DnsServer<'_>| network.with_stranger(Direction::Egress, workload, server).of(protocol).contains(*port);
    servers.iter().any(may_ask) || node_local_dns(network, workload, protocol)
}

/// Whether a rule names port 53 and the address at which NodeLocal DNSCache listens on each node.
fn node_local_dns(network: &Network<'_>, workload: usize, protocol: Protocol) -> bool {
    const ADDRESS: u32 = 0xA9FE_140A; // 169.254.20.10
    let policies = network.isolated_by(Direction::Egress, workload).iter().filter_map(|policy| network.policies.get(*policy));
    policies.flat_map(|policy| policy.egress.iter().flatten()).any(|rule| {
        let names_dns = |which: &Which<'_>| matches!(which, Which::Range(range) if *range == (DNS, DNS));
        let ports = rule.ports.iter().flatten().any(|port| port.protocol == protocol && names_dns(&port.which));
        let covers = |ranges: &[(u32, u32)]| ranges.iter().any(|(low, high)| (*low..=*high).contains(&ADDRESS));
        ports && rule.peers.iter().flatten().any(|peer| matches!(&peer.who, Who::Addresses { ranges, .. } if covers(ranges)))
    })
}

/// The labels of pods that are there at times.
fn visitors<'a>(additions: &Index<'a>) -> LabelIndex<'a> {
    let pods = additions.objects.iter().filter_map(|object| Some((object.namespace, Labels::new(object.pod_template()?.labels()))));
    LabelIndex::new(pods)
}

fn policy_facts<'a>(network: &Network<'a>, visitors: &LabelIndex<'a>, policy: &Policy<'a>, selected: &[usize]) -> PolicyFacts {
    let selects_nothing = selected.is_empty()
        && network.cluster.with_pods_of(policy.namespace, &policy.pods).is_empty()
        && !policy.pods.is_generic()
        && network.cluster.knows_pods(policy.namespace)
        && visitors.select(policy.namespace, &policy.pods).is_empty();
    let mut facts = PolicyFacts { selects_nothing, ..PolicyFacts::default() };
    let in_host_network = |numbers: &[usize]| {
        let workloads = &network.cluster.workloads;
        !numbers.is_empty() && numbers.iter().all(|number| workloads.get(*number).is_some_and(|workload| workload.host_network))
    };
    if !policy.pods.is_generic() && in_host_network(selected) {
        facts.host_network.push(Path::of(&["spec", "podSelector"]));
    }
    for direction in Direction::ALL {
        for rule in policy.rules(direction).unwrap_or(&[]) {
            facts.empty_peers.extend(empty_peers(network, visitors, policy, rule));
            facts.world.extend(world(direction, rule));
            let is_meant = |peer: &&Peer<'a>| {
                let names_pods = matches!(&peer.who, Who::Pods { pods, .. } if !pods.is_generic());
                names_pods && in_host_network(&network.cluster.select(&network.cluster.pods, peer, policy.namespace))
            };
            facts.host_network.extend(rule.peers.iter().flatten().filter(is_meant).map(|peer| peer.path.clone()));
        }
    }
    facts
}

/// Peers that select nothing although every namespace that they could select is known.
fn empty_peers<'a>(network: &Network<'a>, visitors: &LabelIndex<'a>, policy: &Policy<'a>, rule: &Rule<'a>) -> Vec<Path> {
    let cluster = &network.cluster;
    let peers = rule.peers.iter().flatten().filter(|peer| match &peer.who {
        Who::Addresses { .. } => false,
        Who::Pods { namespaces: None, pods } => !pods.is_generic() && cluster.knows_pods(policy.namespace),
        Who::Pods { namespaces: Some(namespaces), .. } => namespaces.pins(NAME_LABEL, |name| cluster.knows_pods(name)),
    });
    let nobody = |peer: &&Peer<'a>| {
        let of_one_pod = match &peer.who {
            Who::Pods { namespaces: None, pods } => !cluster.with_pods_of(policy.namespace, pods).is_empty(),
            _ => false,
        };
        cluster.select(&cluster.pods, peer, policy.namespace).is_empty()
            && cluster.select(visitors, peer, policy.namespace).is_empty()
            && !of_one_pod
    };
    peers.filter(nobody).map(|peer| peer.path.clone()).collect()
}

fn world(direction: Direction, rule: &Rule<'_>) -> Vec<OpenRule> {
    let all_ports = rule.ports.is_none();
    let open = |path: &Path| OpenRule { direction, path: path.clone(), all_ports };
    match &rule.peers {
        None => vec![open(&rule.path)],
        Some(peers) => {
            let everywhere = peers.iter().filter(|peer| matches!(peer.who, Who::Addresses { everywhere: true, .. }));
            everywhere.map(|peer| open(&peer.path)).collect()
        }
    }
}

fn namespaces(index: &Index<'_>, network: &Network<'_>, foreign: &Foreign<'_>) -> Vec<NamespaceFacts> {
    let cluster = &network.cluster;
    let mut denied: HashMap<&str, PerDirection<bool>> = HashMap::new();
    for (policy, selected) in network.policies.iter().zip(&network.selected) {
        // A selector that names labels but none of their values is a default too, where nothing escapes it.
        let all = || selected.len() == cluster.pods.in_namespace(policy.namespace).len();
        if !(policy.pods.is_empty() || policy.pods.is_generic() && all()) {
            continue;
        }
        let entry = denied.entry(policy.namespace).or_default();
        entry.ingress |= denies(policy, Direction::Ingress);
        entry.egress |= denies(policy, Direction::Egress);
    }
    let namespace = |name: &&str| {
        let workloads = cluster.pods.in_namespace(name);
        let first = cluster.workloads.get(*workloads.first()?)?;
        let object = index.objects.get(index.find("", "Namespace", "", name).unwrap_or(first.at))?;
        let default_deny = denied.get(name).cloned().unwrap_or_default();
        Some(NamespaceFacts { name: (*name).into(), object: object.id(), workloads: workloads.len(), default_deny })
    };
    cluster.namespaces.keys().filter(|name| cluster.knows_pods(name) && !foreign.covers(name)).filter_map(namespace).collect()
}

fn denies(policy: &Policy<'_>, direction: Direction) -> bool {
    policy.rules(direction).is_some_and(|rules| !rules.iter().any(Rule::allows_everything))
}
