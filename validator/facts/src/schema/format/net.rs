//! IP addresses and CIDR blocks.
//!
//! Up to 1.35 the API server reads them as old Go did: leading zeros are allowed and a block may have bits set behind its prefix.
//! From 1.36 on it refuses both, and IPv4 addresses written as IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    ip: IpAddr,
    prefix: u8,
}

/// What is wrong with an address or block.
pub(crate) type Parsed<T> = Result<T, &'static str>;

/// Reads an address.
pub(crate) fn ip(text: &str, strict: bool) -> Parsed<IpAddr> {
    let ip = sloppy_ip(text).ok_or("must be an IP address such as \"10.9.8.7\" or \"2001:db8::1\"")?;
    if strict && text.parse::<IpAddr>().is_err() {
        return Err("must not have leading zeros");
    }
    if strict && matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some()) {
        return Err("must not be an IPv4 address written as IPv6");
    }
    Ok(ip)
}

fn sloppy_ip(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    let part = |part: &str| {
        if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<u32>().ok().and_then(|n| u8::try_from(n).ok()) } else { None }
    };
    let parts: Option<Vec<u8>> = text.split('.').map(part).collect();
    let parts: [u8; 4] = parts?.try_into().ok()?;
    Some(IpAddr::V4(Ipv4Addr::from(parts)))
}

/// Reads a block.
pub(crate) fn cidr(text: &str, strict: bool) -> Parsed<Cidr> {
    const WRONG: &str = "must be a CIDR block such as \"10.9.8.0/24\" or \"2001:db8::/64\"";
    let (address, length) = text.split_once('/').ok_or(WRONG)?;
    let ip = sloppy_ip(address).ok_or(WRONG)?;
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let prefix: u8 = if digits { length.parse().map_err(|_| WRONG)? } else { return Err(WRONG) };
    let block = Cidr { ip, prefix };
    if prefix > block.bits() {
        return Err(WRONG);
    }
    if strict {
        if address.parse::<IpAddr>().is_err() || (length.len() > 1 && length.starts_with('0')) {
            return Err("must not have leading zeros");
        }
        if matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some()) {
            return Err("must not be an IPv4 block written as IPv6");
        }
        if block.number() & block.mask() != block.number() {
            return Err("must not have bits set behind its prefix");
        }
    }
    Ok(block)
}

impl Cidr {
    fn bits(self) -> u8 {
        if self.ip.is_ipv4() { 32 } else { 128 }
    }

    /// The address in the low bits.
    fn number(self) -> u128 {
        match self.ip {
            IpAddr::V4(ip) => u128::from(u32::from(ip)),
            IpAddr::V6(ip) => u128::from(ip),
        }
    }

    fn mask(self) -> u128 {
        let all = if self.bits() == 32 { u128::from(u32::MAX) } else { u128::MAX };
        let host = u32::from(self.bits() - self.prefix);
        all & u128::MAX.checked_shl(host).unwrap_or(0)
    }

    /// Whether every address of `inner` is in this block and some of this block's are not in `inner`.
    pub(crate) fn strictly_contains(self, inner: Cidr) -> bool {
        self.bits() == inner.bits() && self.prefix < inner.prefix && inner.number() & self.mask() == self.number() & self.mask()
    }
}

/// Why an address cannot be an endpoint's or an external one.
pub(crate) fn special(ip: IpAddr) -> Option<&'static str> {
    let (unspecified, loopback, link_local, multicast) = match ip {
        IpAddr::V4(ip) => {
            (ip.is_unspecified(), ip.is_loopback(), ip.is_link_local(), ip.octets()[0] == 224 && ip.octets()[1] == 0 && ip.octets()[2] == 0)
        }
        IpAddr::V6(ip) => {
            (ip == Ipv6Addr::UNSPECIFIED, ip.is_loopback(), ip.segments()[0] & 0xffc0 == 0xfe80, ip.segments()[0] & 0xff0f == 0xff02)
        }
    };
    match () {
        () if unspecified => Some("must not be the unspecified address (0.0.0.0 or ::)"),
        () if loopback => Some("must not be a loopback address (127.0.0.0/8 or ::1)"),
        () if link_local => Some("must not be a link-local address (169.254.0.0/16 or fe80::/10)"),
        () if multicast => Some("must not be a link-local multicast address (224.0.0.0/24 or ff02::/10)"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, sloppy, strict) in [
            ("10.0.0.1", true, true),
            ("010.000.0.1", true, false),
            ("::1", true, true),
            ("::ffff:10.0.0.1", true, false),
            ("10.0.0", false, false),
            ("10.0.0.256", false, false),
            ("a.b", false, false),
            ("", false, false),
            ("fe80::1%eth0", false, false),
        ] {
            assert_eq!((ip(text, false).is_ok(), ip(text, true).is_ok()), (sloppy, strict), "{text:?}");
        }
    }

    #[test]
    fn blocks() {
        for (text, sloppy, strict) in [
            ("10.0.0.0/8", true, true),
            ("10.1.2.3/8", true, false),
            ("10.0.0.0/08", true, false),
            ("10.0.0.0/33", false, false),
            ("10.0.0.1", false, false),
            ("2001:db8::/32", true, true),
            ("::/0", true, true),
            ("0.0.0.0/0", true, true),
            ("10.0.0.0/", false, false),
        ] {
            assert_eq!((cidr(text, false).is_ok(), cidr(text, true).is_ok()), (sloppy, strict), "{text:?}");
        }
        let block = |text| cidr(text, false).unwrap();
        assert!(block("10.0.0.0/8").strictly_contains(block("10.1.0.0/16")));
        assert!(!block("10.0.0.0/8").strictly_contains(block("10.0.0.0/8")));
        assert!(!block("10.0.0.0/8").strictly_contains(block("11.0.0.0/16")));
        assert!(!block("0.0.0.0/0").strictly_contains(block("2001:db8::/32")));
        assert!(block("::/0").strictly_contains(block("2001:db8::/32")));
    }
}
