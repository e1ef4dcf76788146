//! `public_url`: the address that people type, usually that of a proxy in front of this server.

use http::Uri;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Scheme, host and port; no path, since the console is at the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    /// Lower case; an IPv6 address without its brackets.
    host: String,
    port: Option<u16>,
}

impl PublicUrl {
    pub(crate) fn is_https(&self) -> bool {
        self.https
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |what: &str| {
            format!("{text:?} {what}; it is written like https://tollwarden.example.com")
        };
        let uri: Uri = text.trim().parse().map_err(|_| refuse("is not a URL"))?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refuse("does not begin with https:// or http://")),
        };
        let authority = uri.authority().ok_or_else(|| refuse("has no host"))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(refuse("has no host, or a user"));
        }
        if uri.path_and_query().is_some_and(|rest| rest.as_str() != "/") {
            return Err(refuse("has a path; the console lives at the root of its host"));
        }
        Ok(Self { https, host: host.to_ascii_lowercase(), port: authority.port_u16() })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V6(host)) => write!(f, "{scheme}://[{host}]")?,
            _ => write!(f, "{scheme}://{}", self.host)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_read_back_without_a_trailing_slash() {
        for (text, shown) in [
            ("https://Tollwarden.Example.com/", "https://tollwarden.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
        }
    }

    #[test]
    fn other_text_is_refused_with_what_is_allowed() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://a@b",
            "https://a/b",
            "https://a?b",
        ] {
            let refused = text.parse::<PublicUrl>().unwrap_err();
            assert!(refused.contains("https://tollwarden.example.com"), "{text}: {refused}");
        }
    }
}
