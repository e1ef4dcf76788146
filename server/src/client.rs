//! A client's address: the peer's, or the one that trusted proxies report.

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use domain::network::Network;
use engine::accounts::ClientAddress;
use http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use store::Clock;

/// The header in which proxies write the client's address.
const FORWARDED: &str = "x-forwarded-for";

/// How long an untrusted proxy is shown, and not logged again.
const LATELY: TimeDelta = TimeDelta::hours(24);

/// The last untrusted peer that sent `X-Forwarded-For`: most likely a proxy that is missing in
/// `trusted_proxies`, so that all its clients seem to have its address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strays(Arc<Mutex<Option<StrayAddress>>>);

/// The address, and when it was first seen.
type StrayAddress = (IpAddr, DateTime<Utc>);

impl Strays {
    /// The address, if it was seen within a day.
    pub(crate) fn lately(&self, now: DateTime<Utc>) -> Option<IpAddr> {
        let newest = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.filter(|(_, since)| now - *since < LATELY).map(|(address, _)| address)
    }

    /// Remembers a peer and logs it once a day, so that strangers cannot fill the log.
    fn note(&self, peer: IpAddr, now: DateTime<Utc>) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.is_some_and(|(_, since)| now - since < LATELY) {
            return;
        }
        *newest = Some((peer, now));
        tracing::warn!(
            %peer,
            "X-Forwarded-For came from an address that is not among trusted_proxies, so it was \
             ignored; if it is your proxy, set trusted_proxies, or everybody behind it appears to \
             have its address"
        );
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Finder {
    pub(crate) proxies: Arc<[Network]>,
    pub(crate) strays: Strays,
    pub(crate) clock: Clock,
}

/// Puts the [`ClientAddress`] into the request.
pub(crate) async fn find(
    State(finder): State<Finder>,
    mut request: Request,
    next: Next,
) -> Response {
    let Finder { proxies, strays, clock } = finder;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // Only a router without a listener has no peer; nothing trusts 0.0.0.0.
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let peer = peer.to_canonical();
    let address = behind(peer, request.headers(), &proxies);
    let believed = proxies.iter().any(|network| network.contains(peer));
    if !believed && request.headers().contains_key(FORWARDED) {
        strays.note(peer, clock.now());
    }
    request.extensions_mut().insert(ClientAddress(address));
    let mut response = next.run(request).await;
    // For the line in the log.
    response.extensions_mut().insert(ClientAddress(address));
    response
}

/// The address that [`find`] found; 0.0.0.0 only in a router without its layers.
pub(crate) fn address(request: &Request) -> IpAddr {
    let from = request.extensions().get::<ClientAddress>();
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}

/// Walks `X-Forwarded-For` from the right, where the nearest proxy wrote, as long as the writer is
/// trusted. The client may have invented everything to the left of that.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut client = peer;
    let lines: Vec<_> = headers.get_all(FORWARDED).iter().collect();
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
            // Not an address: ignore the rest.
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
