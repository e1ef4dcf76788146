//! IP networks: where a key may be used from, which proxies are trusted.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The addresses with a common prefix (`10.0.0.0/8`, `2001:db8::/32`); a single address is a
/// network of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// The first address: bits after `prefix` are zero.
    address: IpAddr,
    /// The prefix length in bits.
    prefix: u8,
}

impl Network {
    /// The network of an address; `prefix` is limited to the address's length.
    pub fn of(address: IpAddr, prefix: u8) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let prefix = prefix.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                let first = Ipv4Addr::from_bits(v4.to_bits() & mask);
                Self { address: first.into(), prefix }
            }
            IpAddr::V6(v6) => {
                let prefix = prefix.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                let first = Ipv6Addr::from_bits(v6.to_bits() & mask);
                Self { address: first.into(), prefix }
            }
        }
    }

    /// The first address; bits after the prefix are zero.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// The network of one subscriber: an IPv4 address, an IPv6 /64 (RFC 6177 gives every site at
    /// least that).
    pub fn of_subscriber(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(_) => Self::of(address, 32),
            IpAddr::V6(_) => Self::of(address, 64),
        }
    }

    /// False for IPv6; IPv4-mapped addresses count as IPv4.
    pub(crate) fn is_ipv4(self) -> bool {
        self.address.is_ipv4()
    }

    /// The prefix length in bits, 0 to 32 or 128.
    pub(crate) fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether an address is inside. An IPv4-mapped IPv6 address counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && Self::of(address, self.prefix) == self
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "{text:?} is neither an address nor a network such as 10.0.0.0/8 or 2001:db8::/32"
            )
        };
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address = address.parse::<IpAddr>().map_err(|_| refuse())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) => digits.parse::<u8>().ok().filter(|&bits| bits <= longest),
            None => Some(longest),
        };
        let prefix = prefix.ok_or_else(refuse)?;
        // `::ffff:10.0.0.0/104` is 10.0.0.0/8; a shorter prefix would include more than IPv4.
        let mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
        match (mapped, prefix.checked_sub(96)) {
            (false, _) => Ok(Self::of(address, prefix)),
            (true, Some(prefix)) => Ok(Self::of(address, prefix)),
            (true, None) => Err(refuse()),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_hold_what_begins_alike() {
        let ten = network("10.1.2.3/8");
        assert_eq!(ten.to_string(), "10.0.0.0/8");
        assert!(ten.contains(ip("10.255.0.1")) && !ten.contains(ip("11.0.0.1")));
        assert!(ten.contains(ip("::ffff:10.0.0.1")) && !ten.contains(ip("a00::1")));
        assert!(network("0.0.0.0/0").contains(ip("203.0.113.9")));
        assert!(!network("0.0.0.0/0").contains(ip("::1")));
        assert!(network("::/0").contains(ip("2001:db8::1")));
        assert!(network("192.0.2.1").contains(ip("192.0.2.1")));
        assert!(!network("192.0.2.1").contains(ip("192.0.2.2")));
        assert_eq!(network("::ffff:10.0.0.0/104"), network("10.0.0.0/8"));
        assert_eq!(Network::of_subscriber(ip("2001:db8::5:1")), network("2001:db8::/64"));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10/8",
            "host",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "::ffff:1.2.3.4/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_network_reads_back(bits: u128, v4: u32, prefix: u8) {
            for address in [IpAddr::from(Ipv6Addr::from_bits(bits)), Ipv4Addr::from_bits(v4).into()] {
                let network = Network::of(address, prefix);
                prop_assert_eq!(network.to_string().parse(), Ok(network));
                prop_assert!(network.contains(address));
            }
        }
    }
}
