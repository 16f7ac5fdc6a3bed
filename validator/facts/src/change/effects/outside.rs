//! Addresses outside of the cluster that are open on one side only.

use std::collections::BTreeMap;

use crate::traffic::addresses::{self, AddressRange};
use crate::traffic::ports::{PortSet, Ports, Protocol};

/// What a workload may exchange with addresses.
type Open = [(Protocol, AddressRange, PortSet)];

/// The most ranges that are named.
const MOST: usize = 3;

/// What `is` allows and `was` does not: ranges of addresses, by their ports.
pub(super) fn beyond(was: &Open, is: &Open) -> Vec<(Ports, Vec<AddressRange>)> {
    let mut starts: Vec<u32> = was.iter().chain(is).flat_map(|(_, (low, high), _)| [Some(*low), high.checked_add(1)]).flatten().collect();
    starts.sort_unstable();
    starts.dedup();
    let at = |open: &Open, address: u32| {
        let mut ports = Ports::default();
        for (protocol, (low, high), set) in open {
            if (*low..=*high).contains(&address) {
                set.ranges().iter().for_each(|range| ports.insert(*protocol, *range));
            }
        }
        ports
    };
    let mut found: BTreeMap<Vec<PortSet>, (Ports, Vec<AddressRange>)> = BTreeMap::new();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(u32::MAX, |next| next - 1);
        let ports = at(is, *start).without(&at(was, *start));
        if ports.is_empty() {
            continue;
        }
        let key = Protocol::ALL.iter().map(|protocol| ports.of(*protocol).clone()).collect();
        let (_, ranges) = found.entry(key).or_insert_with(|| (ports, Vec::new()));
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*start) => *last = end,
            _ => ranges.push((*start, end)),
        }
    }
    found.into_values().collect()
}

/// Whether they are most of all addresses, so anybody.
pub(super) fn is_world(ranges: &[AddressRange]) -> bool {
    ranges.iter().map(|(low, high)| u64::from(high - low) + 1).sum::<u64>() > u64::from(u32::MAX) / 2
}

/// The addresses for people.
pub(super) fn words(ranges: &[AddressRange]) -> String {
    if *ranges == [addresses::EVERYWHERE] {
        return "any address".to_owned();
    }
    if is_world(ranges) {
        return "nearly any address".to_owned();
    }
    let shown = |range: &AddressRange| {
        let text = addresses::display(*range);
        text.split_once('-').filter(|(low, high)| low == high).map_or_else(|| text.clone(), |(low, _)| low.to_owned())
    };
    let text = ranges.iter().take(MOST).map(shown).collect::<Vec<_>>().join(", ");
    if ranges.len() > MOST { format!("{text} and {} more ranges", ranges.len() - MOST) } else { text }
}
