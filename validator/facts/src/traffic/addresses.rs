//! IPv4 address ranges and the CIDRs of `ipBlock`.
//!
//! IPv6 blocks are read and checked, but cover no IPv4 address, and only IPv4 is analysed.

use std::net::{IpAddr, Ipv4Addr};

/// An inclusive range of IPv4 addresses.
pub type AddressRange = (u32, u32);

/// All IPv4 addresses.
pub const EVERYWHERE: AddressRange = (0, u32::MAX);

/// A network in CIDR notation, its host bits masked away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// First address, IPv4 in the low 32 bits.
    first: u128,
    /// Last address.
    last: u128,
    v6: bool,
}

impl Cidr {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`. Host bits and leading zeros (decimal) are read as the API server reads them.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let length: u32 = length.parse().ok()?;
        let (address, bits, v6) = match without_leading_zeros(address)?.parse().ok()? {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32u32, false),
            IpAddr::V6(address) => (address.to_bits(), 128, true),
        };
        let host_bits = bits.checked_sub(length)?;
        let hosts = if host_bits == 128 { u128::MAX } else { (1u128 << host_bits) - 1 };
        Some(Cidr { first: address & !hosts, last: address | hosts, v6 })
    }

    /// Whether another network lies in this one and is smaller.
    pub fn strictly_contains(&self, other: &Cidr) -> bool {
        self.v6 == other.v6 && self.first <= other.first && other.last <= self.last && self != other
    }

    /// Whether it is every address of its family.
    pub fn is_everything(&self) -> bool {
        self.first == 0 && self.last == if self.v6 { u128::MAX } else { u128::from(u32::MAX) }
    }

    /// The IPv4 addresses in it.
    pub fn ipv4(&self) -> Option<AddressRange> {
        if self.v6 {
            return None;
        }
        Some((u32::try_from(self.first).ok()?, u32::try_from(self.last).ok()?))
    }
}

fn without_leading_zeros(address: &str) -> Option<String> {
    if address.contains(':') {
        return Some(address.to_owned());
    }
    let octet =
        |octet: &str| octet.parse::<u8>().ok().filter(|_| octet.bytes().all(|byte| byte.is_ascii_digit())).map(|octet| octet.to_string());
    Some(address.split('.').map(octet).collect::<Option<Vec<_>>>()?.join("."))
}

/// The parts of `block` that are in none of `except`, ascending.
pub fn without(block: AddressRange, except: &mut [AddressRange]) -> Vec<AddressRange> {
    except.sort_unstable();
    let mut left = Vec::new();
    let mut next = Some(block.0);
    for (low, high) in except.iter() {
        let Some(start) = next else { break };
        if *low > start {
            left.push((start, low - 1));
        }
        next = high.checked_add(1).map(|after| after.max(start));
    }
    left.extend(next.filter(|start| *start <= block.1).map(|start| (start, block.1)));
    left
}

/// `10.0.0.0-10.255.255.255`
pub fn display((low, high): AddressRange) -> String {
    format!("{}-{}", Ipv4Addr::from_bits(low), Ipv4Addr::from_bits(high))
}
