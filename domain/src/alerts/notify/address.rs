//! Recipients' addresses and the mail server's URL, parsed once.

use super::{EmailTo, Reach};
use crate::{Fault, Invalid};
use percent_encoding::percent_decode_str;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use url::Url;

/// Maximum length of a webhook URL.
const URL_MAX: usize = 2_048;

/// A recipient's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Mail through the configured server.
    Email(EmailTo),
    /// A POST to this URL.
    Webhook(WebhookUrl),
}

impl Address {
    /// Parses an address of a kind.
    ///
    /// # Errors
    /// In field `address`: it is not an e-mail address, or not a webhook URL; see
    /// [`EmailTo::parse`] and [`WebhookUrl::parse`].
    pub fn parse(kind: Reach, text: &str) -> Result<Self, Invalid> {
        match kind {
            Reach::Email => EmailTo::parse(text).map(Self::Email),
            Reach::Webhook => WebhookUrl::parse(text).map(Self::Webhook),
        }
    }

    /// The normalised form that is stored and shown.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Webhook(url) => url.as_str(),
        }
    }
}

/// A webhook URL: `https`, or `http` to this machine only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Parses a webhook URL.
    ///
    /// # Errors
    /// In field `address`: too long, with spaces, not a URL, neither `https` nor `http` to this
    /// machine, with a user or password, with a fragment, or with port 0.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |what: &str| Invalid::one("address", Fault::InvalidValue, what);
        let text = text.trim();
        // The parser would silently drop line breaks.
        if text.len() > URL_MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            let words = "Enter an address without spaces, at most 2,048 characters.";
            return Err(refuse(words));
        }
        let usual = "Enter an address such as https://hooks.example.com/tollwarden.";
        let url = Url::parse(text).map_err(|_| refuse(usual))?;
        // A name may end with a dot, but no label is empty.
        let named = |host: &&str| !host.trim_end_matches('.').split('.').any(str::is_empty);
        let host = url.host_str().filter(named).ok_or_else(|| refuse(usual))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => {
                return Err(refuse("Use https://; http:// is allowed only for this machine."));
            }
            _ => return Err(refuse(usual)),
        }
        if !url.username().is_empty() || url.password().is_some() {
            let words = "Leave the user name and password out: messages are signed instead.";
            return Err(refuse(words));
        }
        if url.fragment().is_some() {
            return Err(refuse("Leave out what follows the #: it is never sent."));
        }
        if url.port() == Some(0) {
            return Err(refuse("Port 0 cannot be reached."));
        }
        Ok(Self(url))
    }

    /// The normalised URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// False only for `http` to this machine.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host name, or the IP address without brackets.
    pub fn host(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, with the scheme's default filled in.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// The `Host` header: includes the port only if it is not the scheme's default.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The request target: path and query.
    pub fn target(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }
}

/// Whether a host name means this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Transport security of the mail connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Plain text, to this machine only.
    None,
    /// STARTTLS; nothing is sent without it.
    Start,
    /// TLS from the first byte.
    Whole,
}

/// The mail server: `smtps://user:password@host:465`, `smtp://…?tls=required`, or
/// `smtp://localhost`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    /// A host name or IP address.
    pub host: String,
    /// By default 465 for `smtps`, 587 for `smtp`, 25 on this machine.
    pub port: u16,
    /// From the scheme and the `tls` parameter.
    pub tls: SmtpTls,
    /// User and password; `None` if the server needs none.
    pub login: Option<(String, String)>,
}

impl FromStr for SmtpUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = "write smtps://user:password@host:465 (TLS), \
                       smtp://user:password@host:587?tls=required (STARTTLS), or \
                       smtp://localhost:25 (unencrypted, only to this machine)";
        let refuse = |what: &str| format!("{what}; {allowed}");
        let url = Url::parse(text.trim()).map_err(|_| refuse("is not a URL"))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| refuse("has no host"))?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(refuse("has a path"));
        }
        let tls = match (url.scheme(), url.query()) {
            ("smtps", None) => SmtpTls::Whole,
            ("smtp", Some("tls=required")) => SmtpTls::Start,
            ("smtp", None) if is_loopback(host) => SmtpTls::None,
            ("smtp", None) => {
                return Err(refuse(
                    "would send mails and passwords unencrypted across the network",
                ));
            }
            ("smtp" | "smtps", Some(_)) => return Err(refuse("has an unknown query")),
            _ => return Err(refuse("begins with neither smtps:// nor smtp://")),
        };
        let port = url.port().unwrap_or(match tls {
            SmtpTls::None => 25,
            SmtpTls::Start => 587,
            SmtpTls::Whole => 465,
        });
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded
                .map(|text| text.into_owned())
                .map_err(|_| refuse("has a user that is not UTF-8"))
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (_, None) => return Err(refuse("has a user and no password")),
            (user, Some(password)) => Some((decode(user)?, decode(password)?)),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port, tls, login })
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({}:{}, {:?})", self.host, self.port, self.tls)
    }
}

impl SmtpUrl {
    /// A mail server URL without its password, however malformed: anything that does not look like
    /// a host may be part of one.
    pub fn redact(text: &str) -> String {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (format!("{scheme}://"), rest),
            None => (String::new(), text),
        };
        let shown =
            |host: &str| if is_like_host(host) { host.to_owned() } else { "…".to_owned() };
        if !scheme.is_empty() && !matches!(&*scheme, "smtp://" | "smtps://") {
            return "…".to_owned();
        }
        match rest.rsplit_once('@') {
            None => format!("{scheme}{}", shown(rest)),
            Some((login, host)) => match login.split_once(':') {
                Some((user, _)) => format!("{scheme}{user}:…@{}", shown(host)),
                None => format!("{scheme}…@{}", shown(host)),
            },
        }
    }
}

/// Whether a text is at most a host, a port and `?tls=…`.
fn is_like_host(text: &str) -> bool {
    let (place, query) = text.split_once('?').unwrap_or((text, "tls="));
    let place = place.strip_suffix('/').unwrap_or(place);
    let word = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    let is_port = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !query.strip_prefix("tls=").is_some_and(word) {
        return false;
    }
    if let Some((ip, port)) = place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return ip.parse::<Ipv6Addr>().is_ok() && is_port(port.strip_prefix(':').unwrap_or(port));
    }
    let (name, port) = place.split_once(':').unwrap_or((place, ""));
    is_port(port) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhook_addresses() {
        let url = WebhookUrl::parse("https://Hooks.Example.com:8443/a?b=c").unwrap();
        assert_eq!((url.host(), url.port(), url.is_https()), ("hooks.example.com", 8443, true));
        assert_eq!(
            (url.authority().as_str(), url.target().as_str()),
            ("hooks.example.com:8443", "/a?b=c")
        );
        let plain = WebhookUrl::parse("http://127.0.0.1:9000").unwrap();
        assert_eq!((plain.port(), plain.target().as_str()), (9000, "/"));
        let six = WebhookUrl::parse("https://[2606:4700::1]/x").unwrap();
        assert_eq!((six.host(), six.port()), ("2606:4700::1", 443));
        assert_eq!(six.authority(), "[2606:4700::1]");
        for wrong in [
            "",
            "hooks.example.com",
            "ftp://example.com",
            "http://example.com/",
            "http://10.0.0.1/",
            "https://user:pw@example.com/",
            "https://user@example.com/",
            "https://example.com/#x",
            "https://example.com:0/",
            "https://",
            "https://..",
            "https://hooks..example.com/",
            "https://.example.com/",
            "https://exa mple.com/",
            "https://example.com/\r\nX: y",
            "javascript:alert(1)",
            &format!("https://example.com/{}", "a".repeat(2_048)),
        ] {
            let refused = WebhookUrl::parse(wrong).unwrap_err();
            assert!(refused.of("address").is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn mail_servers() {
        let read = |text: &str| text.parse::<SmtpUrl>();
        let whole = read("smtps://me:p%40ss@mail.example.com").unwrap();
        assert_eq!(
            (whole.host.as_str(), whole.port, whole.tls),
            ("mail.example.com", 465, SmtpTls::Whole)
        );
        assert_eq!(whole.login, Some(("me".to_owned(), "p@ss".to_owned())));
        assert!(!format!("{whole:?}").contains("p@ss"));
        let start = read("smtp://mail.example.com?tls=required").unwrap();
        assert_eq!((start.port, start.tls, start.login), (587, SmtpTls::Start, None));
        for local in ["smtp://localhost:2525", "smtp://127.0.0.1:2525", "smtp://[::1]:2525/"] {
            let url = read(local).unwrap();
            assert_eq!((url.port, url.tls), (2525, SmtpTls::None), "{local}");
        }
        for wrong in [
            "",
            "mail.example.com",
            "smtp://",
            "smtp://mail.example.com",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://localhost.evil.example",
            "smtp://10.0.0.1:25",
            "smtps://mail.example.com?tls=none",
            "smtps://user@mail.example.com",
            "smtps://mail.example.com/path",
            "http://mail.example.com",
        ] {
            let refused = read(wrong).unwrap_err();
            assert!(refused.contains("smtps://user:password@host:465"), "{wrong}: {refused}");
        }
    }

    #[test]
    fn a_password_is_never_told() {
        for (text, shown) in [
            ("smtp://me:secret@mail.example.com", "smtp://me:…@mail.example.com"),
            ("smtp://me:se/cr@et@mail.example.com", "smtp://me:…@mail.example.com"),
            ("me:secret@mail.example.com", "me:…@mail.example.com"),
            ("smtp://secret@mail.example.com", "smtp://…@mail.example.com"),
            ("smtp://mail.example.com", "smtp://mail.example.com"),
            ("smtp://mail.example.com:25?tls=required", "smtp://mail.example.com:25?tls=required"),
            ("smtps://[2001:db8::1]:465/", "smtps://[2001:db8::1]:465/"),
            // Without an @, or with it elsewhere, the password may be anywhere.
            ("smtps://me:secret%40mail.example.com", "smtps://…"),
            ("smtps://me:secret:mail.example.com", "smtps://…"),
            ("smtps://me@secret:mail.example.com", "smtps://…@…"),
            ("smtps://mail.example.com?password=secret", "smtps://…"),
            ("smtps://mail.example.com/secret", "smtps://…"),
            ("smtps://me:@secret@", "smtps://me:…@"),
            ("secret://mail.example.com", "…"),
            ("smtps:/me:secret/mail.example.com", "…"),
        ] {
            assert_eq!(SmtpUrl::redact(text), shown);
        }
    }
}
