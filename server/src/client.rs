//! Where a request comes from: the peer, or what trusted proxies say of it.

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::network::Network;
use engine::accounts::ClientAddress;
use http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// The proxies that are believed.
pub type Proxies = Arc<[Network]>;

/// Puts the [`ClientAddress`] into the request.
pub async fn find(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // Only a router without a listener has no peer; nothing trusts 0.0.0.0.
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let address = behind(peer.to_canonical(), request.headers(), &proxies);
    request.extensions_mut().insert(ClientAddress(address));
    let mut response = next.run(request).await;
    // For the line in the log.
    response.extensions_mut().insert(ClientAddress(address));
    response
}

/// Walks `X-Forwarded-For` from the right, where the nearest proxy wrote, as long as who wrote is
/// trusted. Anything left of that is the client's own story.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut client = peer;
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    let said = lines
        .iter()
        .rev()
        .flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(str::trim));
    for said in said {
        if !trusted(client) {
            break;
        }
        match read(said) {
            Some(address) => client = address,
            // A proxy that writes what is no address says nothing.
            None => break,
        }
    }
    client
}

/// An address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies: Vec<_> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("203.0.113.9", &["192.0.2.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["192.0.2.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn a_chain_is_walked_as_far_as_it_is_trusted() {
        let proxies = &["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["192.0.2.1"], proxies), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 192.0.2.1, 10.0.0.2"], proxies), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6", "192.0.2.1"], proxies), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &[], proxies), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.3"], proxies), "10.0.0.3");
    }

    #[test]
    fn spellings_of_addresses() {
        let proxies = &["127.0.0.0/8"];
        for (said, meant) in [
            ("192.0.2.1:4711", "192.0.2.1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("unknown", "127.0.0.1"),
            ("", "127.0.0.1"),
            ("6.6.6.6, nonsense", "127.0.0.1"),
        ] {
            assert_eq!(client("127.0.0.1", &[said], proxies), meant, "{said}");
        }
    }
}
