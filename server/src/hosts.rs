//! Which hosts this server answers for, and which pages may send it forms.
//!
//! This stops DNS rebinding, where another site's name resolves to this machine, and forms sent by
//! other sites' pages (CSRF).

use crate::config::Config;
use crate::failure::{Failure, Reader};
use crate::state::State;
use axum::extract::{self, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::Fault;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};
use std::net::IpAddr;
use std::sync::Arc;

/// The hosts that this server answers for.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    public: Option<Arc<str>>,
    listen: IpAddr,
}

impl Hosts {
    pub(crate) fn of(config: &Config) -> Self {
        let public = config.public_url.as_ref().map(|url| url.host().into());
        Self { public, listen: config.listen.ip().to_canonical() }
    }

    /// Whether this server answers for a host: that of `public_url`, the listen address, or
    /// loopback, on any port. A server that listens on all addresses answers for any address, but
    /// not for any name.
    fn know(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host == "localhost" || self.public.as_deref() == Some(&*host) {
            return true;
        }
        host.parse::<IpAddr>().is_ok_and(|address| {
            let address = address.to_canonical();
            address.is_loopback() || address == self.listen || self.listen.is_unspecified()
        })
    }
}

/// Answers 421 to requests for unknown hosts.
pub(crate) async fn check(
    extract::State((hosts, state)): extract::State<(Hosts, State)>,
    request: Request,
    next: Next,
) -> Response {
    if asked(request.uri(), request.headers()).is_some_and(|host| hosts.know(host.host())) {
        return next.run(request).await;
    }
    Failure::new(
        StatusCode::MISDIRECTED_REQUEST,
        Fault::UnknownHost,
        "This server does not answer for that host. Its operator can name it as public_url.",
    )
    .answer(&state.assets, &Reader::of(&request))
}

/// A request's host: from its target, as HTTP/2 and proxies send it, or else from its only `Host`
/// header.
pub(crate) fn asked(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    // In a link built from it, the part before an `@` would be a user name.
    let plain = |authority: &Authority| !authority.as_str().contains('@');
    if let Some(authority) = uri.authority() {
        return Some(authority.clone()).filter(plain);
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok().filter(plain),
        _ => None,
    }
}

/// Whether a page of this site sent a form, according to `Sec-Fetch-Site` or else `Origin`. A
/// request with neither is not from a browser: all browsers send one of them with a POST.
pub(crate) fn same_origin(uri: &Uri, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let (Some(origin), Some(asked)) = (origin, asked(uri, headers)) else { return false };
    let usual = if origin.scheme_str() == Some("https") { 443 } else { 80 };
    origin.authority().is_some_and(|origin| {
        origin.host().eq_ignore_ascii_case(asked.host())
            && origin.port_u16().unwrap_or(usual) == asked.port_u16().unwrap_or(usual)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn hosts(listen: &str, public: Option<&str>) -> Hosts {
        Hosts { public: public.map(Into::into), listen: listen.parse().unwrap() }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn loopback_the_listener_and_public_url_are_known() {
        let hosts = hosts("192.0.2.7", Some("tw.example.com"));
        for host in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "192.0.2.7",
            "TW.example.com",
        ] {
            assert!(hosts.know(host), "{host}");
        }
        for host in
            ["evil.example", "tw.example.com.evil.example", "192.0.2.8", "localhost.evil", ""]
        {
            assert!(!hosts.know(host), "{host}");
        }
    }

    #[test]
    fn a_listener_on_every_address_knows_addresses_but_no_names() {
        let hosts = hosts("0.0.0.0", None);
        assert!(hosts.know("198.51.100.1") && hosts.know("[2001:db8::1]"));
        assert!(!hosts.know("evil.example"));
    }

    #[test]
    fn ports_do_not_matter_and_two_hosts_are_none() {
        let asked = |headers: &HeaderMap| asked(&Uri::from_static("/"), headers);
        assert_eq!(asked(&headers(&[("host", "localhost:99")])).unwrap().host(), "localhost");
        assert_eq!(asked(&headers(&[("host", "a"), ("host", "b")])), None);
        assert_eq!(asked(&headers(&[])), None);
    }

    #[test]
    fn only_our_own_pages_send_forms() {
        let same = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = headers(pairs);
            headers.insert(header::HOST, HeaderValue::from_static("tw.example.com"));
            same_origin(&Uri::from_static("/_fn/x"), &headers)
        };
        assert!(same(&[]));
        assert!(same(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(same(&[("sec-fetch-site", "none")]));
        assert!(!same(&[("sec-fetch-site", "same-site")]));
        assert!(!same(&[("sec-fetch-site", "cross-site"), ("origin", "https://tw.example.com")]));
        assert!(same(&[("origin", "https://tw.example.com")]));
        assert!(same(&[("origin", "https://tw.example.com:443")]));
        for origin in ["null", "https://evil.example", "https://tw.example.com:444", "x"] {
            assert!(!same(&[("origin", origin)]), "{origin}");
        }
    }
}
