//! The client's address, as gateways, load balancers and proxies pass it on.

use std::net::{IpAddr, SocketAddr};

/// Parses a client's address: alone, with a port, in brackets, with a zone (`fe80::1%eth0`), the
/// first of a list (`X-Forwarded-For` begins with the client), or a `for=` of RFC 7239. An IPv4
/// address mapped into IPv6 becomes IPv4. `None` for `unknown`, a name or a hidden identifier.
pub fn client_address(text: &str) -> Option<IpAddr> {
    let first = client(text);
    let (address, port) = match first.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => (first, ""),
    };
    let port = port.strip_prefix(':').map_or(port.is_empty(), |port| port.parse::<u16>().is_ok());
    let plain = match address.split_once('%') {
        Some((plain, zone)) if !zone.is_empty() => plain,
        Some(_) => return None,
        None => address,
    };
    let ip = plain.parse::<IpAddr>();
    let ip = ip.or_else(|_| plain.parse::<SocketAddr>().map(|socket| socket.ip()));
    ip.ok().filter(|_| port).map(|ip| ip.to_canonical())
}

/// As [`client_address`], but `Ok(None)` where the text says that the client is unknown: `unknown`,
/// a hidden identifier (RFC 7239, 6.2 and 6.3) or the dash of access logs.
///
/// # Errors
/// A message for every other text that is no address.
pub(crate) fn told_address(text: &str) -> Result<Option<IpAddr>, &'static str> {
    let client = client(text);
    if client.eq_ignore_ascii_case("unknown") || client.starts_with('_') || client == "-" {
        return Ok(None);
    }
    client_address(text).map(Some).ok_or(
        "must be an IPv4 or IPv6 address; a port, a zone and what follows in a list are left out",
    )
}

/// The first of a list, without the parameter name of RFC 7239.
fn client(text: &str) -> &str {
    let first = text.split([',', ';']).next().unwrap_or_default().trim();
    let named = first.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("for="));
    if named { &first[4..] } else { first }.trim().trim_matches('"').trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_proxies_write() {
        for (text, address) in [
            ("203.0.113.22", Some("203.0.113.22")),
            (" 203.0.113.22:51234", Some("203.0.113.22")),
            ("203.0.113.22:51234, 10.0.0.6", Some("203.0.113.22")),
            ("203.0.113.22, 10.0.0.6", Some("203.0.113.22")),
            ("[2001:db8::22]:443", Some("2001:db8::22")),
            ("[2001:db8::22]", Some("2001:db8::22")),
            ("2001:db8::22, 10.0.0.6", Some("2001:db8::22")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%25eth0]:8080", Some("fe80::1")),
            ("::ffff:203.0.113.22", Some("203.0.113.22")),
            ("for=\"[2001:db8:cafe::17]:4711\";proto=https", Some("2001:db8:cafe::17")),
            ("For=192.0.2.43, for=198.51.100.17", Some("192.0.2.43")),
            ("unknown", None),
            ("unknown, 203.0.113.22", None),
            ("_hidden", None),
            ("", None),
            (",203.0.113.22", None),
            ("203.0.113.22:", None),
            ("203.0.113.22:99999", None),
            ("[2001:db8::22]x", None),
            ("[2001:db8::22", None),
            ("fe80::1%", None),
            ("203.0.113.22/24", None),
            ("203.0.113.022", None),
            ("3405803798", None),
        ] {
            let expected = address.map(|address| address.parse().unwrap());
            assert_eq!(client_address(text), expected, "{text}");
        }
    }

    #[test]
    fn some_texts_say_that_the_client_is_not_told() {
        for text in ["unknown", "Unknown, 203.0.113.22", "-", "_hidden", "for=_SEVKISEK;by=x"] {
            assert_eq!(told_address(text), Ok(None), "{text}");
        }
        for text in ["", "203.0.113", "unknown.example", "localhost"] {
            assert!(told_address(text).is_err(), "{text}");
        }
        assert_eq!(told_address("203.0.113.22, 10.0.0.6"), Ok(client_address("203.0.113.22")));
    }

    proptest! {
        #[test]
        fn any_address_is_read_back(bits: u128, small: u32, port: u16) {
            let six: IpAddr = std::net::Ipv6Addr::from_bits(bits).into();
            let four: IpAddr = std::net::Ipv4Addr::from_bits(small).into();
            for ip in [six, four] {
                prop_assert_eq!(client_address(&ip.to_string()), Some(ip.to_canonical()));
                let socket = SocketAddr::new(ip, port).to_string();
                prop_assert_eq!(client_address(&socket), Some(ip.to_canonical()));
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", ascii in "[0-9a-f.:%,;\\[\\]\" ]{0,30}") {
            let _ = (client_address(&text), client_address(&ascii));
        }
    }
}
