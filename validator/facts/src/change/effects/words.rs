//! Flows in words.

use std::collections::BTreeMap;

use crate::traffic::ports::{PortSet, Ports, Protocol};

/// The most names that stand at one end of a flow.
const MOST: usize = 5;

/// A workload's id for people, without the namespace that is understood.
pub(super) fn workload(id: &str, namespace: &str) -> String {
    let mut parts = id.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(own), Some(kind), Some(name)) if own == namespace => format!("{kind} {name}"),
        (Some(own), Some(kind), Some(name)) => format!("{kind} {own}/{name}"),
        _ => id.to_owned(),
    }
}

/// `TCP 80, 443, UDP 53`; `all ports` of all protocols.
pub(super) fn ports(ports: &Ports) -> String {
    if Protocol::ALL.iter().all(|protocol| *ports.of(*protocol) == PortSet::all()) {
        return "all ports".to_owned();
    }
    let range = |(low, high): &(u16, u16)| if low == high { low.to_string() } else { format!("{low}-{high}") };
    let of = |protocol: &Protocol| {
        let name = match protocol {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
        };
        let set = ports.of(*protocol);
        if *set == PortSet::all() {
            return Some(format!("all {name} ports"));
        }
        let ranges: Vec<String> = set.ranges().iter().take(MOST).map(range).collect();
        let more = if set.ranges().len() > MOST { " …" } else { "" };
        (!ranges.is_empty()).then(|| format!("{name} {}{more}", ranges.join(", ")))
    };
    [Protocol::Tcp, Protocol::Udp, Protocol::Sctp].iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// Who talks to whom at which ports, in words: what has the same ends or ports is put together.
pub(super) fn flows(rows: Vec<(Vec<String>, Vec<String>, String)>) -> Vec<String> {
    let mut by_listener: BTreeMap<(String, Vec<String>), Vec<String>> = BTreeMap::new();
    for (from, to, ports) in rows {
        by_listener.entry((ports, to)).or_default().extend(from);
    }
    let mut by_sender: BTreeMap<(String, Vec<String>), Vec<String>> = BTreeMap::new();
    for ((ports, to), mut from) in by_listener {
        from.sort();
        from.dedup();
        by_sender.entry((ports, from)).or_default().extend(to);
    }
    let text = |((ports, from), mut to): ((String, Vec<String>), Vec<String>)| {
        to.sort();
        to.dedup();
        match (&*from, &*to) {
            ([one], [other]) if one == other => format!("among the Pods of {one} {ports}"),
            _ => format!("{} → {} {ports}", names(&from), names(&to)),
        }
    };
    by_sender.into_iter().map(text).collect()
}

fn names(names: &[String]) -> String {
    let mut text = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text.push_str(&format!(" and {} more", names.len() - MOST));
    }
    text
}
