//! Sets of ports, one for each protocol.

use serde::Serialize;

/// The protocols that a NetworkPolicy can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// Stream Control Transmission Protocol.
    Sctp,
    /// Transmission Control Protocol.
    Tcp,
    /// User Datagram Protocol.
    Udp,
}

impl Protocol {
    /// All of them, in the order of their names.
    pub const ALL: [Protocol; 3] = [Protocol::Sctp, Protocol::Tcp, Protocol::Udp];

    /// Reads the API's name of a protocol.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "SCTP" => Some(Protocol::Sctp),
            "TCP" => Some(Protocol::Tcp),
            "UDP" => Some(Protocol::Udp),
            _ => None,
        }
    }
}

/// An inclusive range of port numbers; it serialises as `[low, high]`.
pub type PortRange = (u16, u16);

/// A set of port numbers: ascending, disjoint and not adjacent ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PortSet(Vec<PortRange>);

impl PortSet {
    /// Ports 1 to 65535.
    pub fn all() -> Self {
        PortSet(vec![(1, u16::MAX)])
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> &[PortRange] {
        &self.0
    }

    /// Whether no port is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a port is in it.
    pub fn contains(&self, port: u16) -> bool {
        self.0.get(self.0.partition_point(|(_, high)| *high < port)).is_some_and(|(low, _)| *low <= port)
    }

    /// Puts a range into the set.
    pub fn insert(&mut self, (mut low, mut high): PortRange) {
        let start = self.0.partition_point(|(_, end)| end.saturating_add(1) < low);
        let end = self.0.partition_point(|(begin, _)| *begin <= high.saturating_add(1));
        if let Some(touched) = self.0.get(start..end) {
            if let (Some(first), Some(last)) = (touched.first(), touched.last()) {
                low = low.min(first.0);
                high = high.max(last.1);
            }
            self.0.splice(start..end, [(low, high)]);
        }
    }

    /// Puts everything that is in another set into this one.
    pub fn add(&mut self, other: &PortSet) {
        other.0.iter().for_each(|range| self.insert(*range));
    }

    /// What is in this set and not in another one.
    pub fn without(&self, other: &PortSet) -> PortSet {
        let mut left = Vec::new();
        for (low, high) in &self.0 {
            let mut next = Some(*low);
            let first = other.0.partition_point(|(_, end)| end < low);
            for (begin, end) in other.0.get(first..).unwrap_or(&[]).iter().take_while(|(begin, _)| begin <= high) {
                left.extend(next.filter(|start| start < begin).map(|start| (start, begin - 1)));
                next = end.checked_add(1);
            }
            left.extend(next.filter(|start| start <= high).map(|start| (start, *high)));
        }
        PortSet(left)
    }

    /// What is in both.
    pub fn intersection(&self, other: &PortSet) -> PortSet {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (low, high) = (a.0.max(b.0), a.1.min(b.1));
            if low <= high {
                both.push((low, high));
            }
            if a.1 < b.1 {
                left.next()
            } else {
                right.next()
            };
        }
        PortSet(both)
    }
}

/// A set of ports for each protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ports([PortSet; 3]);

impl Ports {
    /// All ports of all protocols.
    pub fn all() -> Self {
        Ports([PortSet::all(), PortSet::all(), PortSet::all()])
    }

    /// The ports of one protocol.
    pub fn of(&self, protocol: Protocol) -> &PortSet {
        let [sctp, tcp, udp] = &self.0;
        match protocol {
            Protocol::Sctp => sctp,
            Protocol::Tcp => tcp,
            Protocol::Udp => udp,
        }
    }

    /// Whether no port of any protocol is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(PortSet::is_empty)
    }

    fn of_mut(&mut self, protocol: Protocol) -> &mut PortSet {
        let [sctp, tcp, udp] = &mut self.0;
        match protocol {
            Protocol::Sctp => sctp,
            Protocol::Tcp => tcp,
            Protocol::Udp => udp,
        }
    }

    /// Puts a range of ports of one protocol into the set.
    pub fn insert(&mut self, protocol: Protocol, range: PortRange) {
        self.of_mut(protocol).insert(range);
    }

    /// Puts everything that is in another set into this one.
    pub fn add(&mut self, other: &Ports) {
        for protocol in Protocol::ALL {
            self.of_mut(protocol).add(other.of(protocol));
        }
    }

    /// What is in this set and not in another one.
    pub fn without(&self, other: &Ports) -> Ports {
        Ports(Protocol::ALL.map(|protocol| self.of(protocol).without(other.of(protocol))))
    }

    /// What is in both.
    pub fn intersection(&self, other: &Ports) -> Ports {
        Ports(Protocol::ALL.map(|protocol| self.of(protocol).intersection(other.of(protocol))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[PortRange]) -> PortSet {
        let mut set = PortSet::default();
        ranges.iter().for_each(|range| set.insert(*range));
        set
    }

    /// What is taken away and what is left make the whole, and have nothing in common.
    #[test]
    fn what_is_without_another_set() {
        for (left, right, expected) in [
            (&[(1, 65535)][..], &[(80, 80)][..], &[(1, 79), (81, 65535)][..]),
            (&[(1, 10), (20, 30)], &[(5, 25)], &[(1, 4), (26, 30)]),
            (&[(80, 80)], &[(1, 65535)], &[]),
            (&[(80, 80)], &[], &[(80, 80)]),
            (&[(1, 65535)], &[(1, 1), (65535, 65535)], &[(2, 65534)]),
        ] {
            let without = set(left).without(&set(right));
            assert_eq!(without.ranges(), expected);
            assert!(without.intersection(&set(right)).is_empty());
            let mut whole = without;
            whole.add(&set(left).intersection(&set(right)));
            assert_eq!(whole, set(left));
        }
    }
}
