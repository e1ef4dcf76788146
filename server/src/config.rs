//! The options of `serve`, from flags, environment and `tollwarden.toml`.

use crate::public_url::PublicUrl;
use crate::withheld::Withheld;
use domain::network::Network;
use domain::notify::SmtpUrl;
use engine::notify;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// The longest retention: a hundred years, in days.
const RETENTION_MAX: u32 = 36_525;

/// A retention in days; `None` keeps everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Days(Option<u32>);

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "all" => Ok(Self(None)),
            digits => match digits.parse() {
                Ok(days @ 1..=RETENTION_MAX) => Ok(Self(Some(days))),
                _ => Err(format!("must be `all` or a number of days from 1 to {RETENTION_MAX}")),
            },
        }
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(days) => write!(f, "{days}"),
            None => f.write_str("all"),
        }
    }
}

/// The server's configuration.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Where to listen: an IP address and a port
    #[arg(
        long,
        env = "TOLLWARDEN_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:3000",
        value_parser = address
    )]
    pub listen: SocketAddr,

    /// The address that people open, for example https://tollwarden.example.com; links in mails
    /// are built from it [default: the listen address]
    #[arg(long, env = "TOLLWARDEN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// In TOLLWARDEN_SMTP_URL
    #[arg(long, env = "TOLLWARDEN_SMTP_URL", hide = true, hide_env_values = true)]
    pub smtp_url: Option<Withheld>,

    /// A file with the mail server for alerts: smtps://user:password@host:465 (TLS),
    /// smtp://user:password@host:587?tls=required (STARTTLS), or smtp://localhost:25; or the
    /// address itself in TOLLWARDEN_SMTP_URL [default: none; mails can be read in the delivery log
    /// alone]
    #[arg(long, env = "TOLLWARDEN_SMTP_URL_FILE", value_name = "FILE")]
    pub smtp_url_file: Option<PathBuf>,

    /// Sender of mails, for example Tollwarden <tollwarden@example.com> [default: tollwarden
    /// at the host of public_url]
    #[arg(long, env = "TOLLWARDEN_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<notify::Sender>,

    /// Networks that webhooks may use although they are not on the public Internet: addresses
    /// and networks, separated by commas [default: none]
    #[arg(long, env = "TOLLWARDEN_WEBHOOK_ALLOW", value_name = "NETWORK", value_delimiter = ',')]
    pub webhook_allow: Vec<Network>,

    /// Proxies whose X-Forwarded-For is believed: addresses and networks, separated by commas
    /// [default: none]
    #[arg(long, env = "TOLLWARDEN_TRUSTED_PROXIES", value_name = "NETWORK", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// Listen beyond loopback although nothing in front of this server speaks TLS
    #[arg(
        long,
        env = "TOLLWARDEN_INSECURE_HTTP",
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_parser = yes_or_no
    )]
    pub insecure_http: bool,

    /// Where metrics can be read without a key: an IP address and a port [default: nowhere]
    #[arg(
        long,
        env = "TOLLWARDEN_METRICS_LISTEN",
        value_name = "ADDRESS:PORT",
        value_parser = address
    )]
    pub metrics_listen: Option<SocketAddr>,

    /// Delete events older than this many days, or keep `all`
    #[arg(long, env = "TOLLWARDEN_RETENTION_DAYS", value_name = "DAYS", default_value_t)]
    pub retention_days: Days,

    /// Delete fraud reports this many days after they were handled, or keep `all`
    #[arg(long, env = "TOLLWARDEN_RETENTION_REPORTS_DAYS", value_name = "DAYS", default_value_t)]
    pub retention_reports_days: Days,

    /// Delete blocks and bypasses this many days after they ended, or keep `all`
    #[arg(long, env = "TOLLWARDEN_RETENTION_BLOCKS_DAYS", value_name = "DAYS", default_value_t)]
    pub retention_blocks_days: Days,

    /// Delete messages that are delivered or given up this many days after they were created, or keep `all`
    #[arg(long, env = "TOLLWARDEN_RETENTION_OUTBOX_DAYS", value_name = "DAYS", default_value_t)]
    pub retention_outbox_days: Days,

    /// Delete imports and their rejected lines this many days after they ended, or keep `all`
    #[arg(long, env = "TOLLWARDEN_RETENTION_IMPORTS_DAYS", value_name = "DAYS", default_value_t)]
    pub retention_imports_days: Days,

    /// Delete the audit log's entries after this many days, or keep `all`; what is left stays a
    /// chain that can be verified
    #[arg(long, env = "TOLLWARDEN_RETENTION_AUDIT_DAYS", value_name = "DAYS", default_value_t)]
    pub retention_audit_days: Days,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: None,
            smtp_url: None,
            smtp_url_file: None,
            mail_from: None,
            webhook_allow: Vec::new(),
            trusted_proxies: Vec::new(),
            insecure_http: false,
            metrics_listen: None,
            retention_days: Days::default(),
            retention_reports_days: Days::default(),
            retention_blocks_days: Days::default(),
            retention_outbox_days: Days::default(),
            retention_imports_days: Days::default(),
            retention_audit_days: Days::default(),
        }
    }
}

impl Config {
    /// Checks options against each other: beyond loopback, passwords and keys must not cross the
    /// network unencrypted unless the operator insists.
    ///
    /// # Errors
    /// An option is refused; the message names it, its value and what is allowed.
    pub(crate) fn check(&self) -> Result<(), String> {
        let tls = self.public_url.as_ref().is_some_and(PublicUrl::is_https);
        if !tls && !self.insecure_http && !is_loopback(self.listen.ip()) {
            return Err(format!(
                "listen = {} is beyond loopback, so sign-ins and keys would cross the network \
                 unprotected; set public_url to the https:// address of the proxy in front, or \
                 allow it with --insecure-http",
                self.listen
            ));
        }
        self.notify()?;
        // This listener has no proxy in front.
        match self.metrics_listen {
            Some(listen) if !self.insecure_http && !is_loopback(listen.ip()) => Err(format!(
                "metrics_listen = {listen} is beyond loopback, so anybody could read the metrics; \
                 use a loopback address, read /metrics with an API key, or allow it with \
                 --insecure-http"
            )),
            _ => Ok(()),
        }
    }

    /// How long each kind of rows is kept.
    pub fn retention(&self) -> engine::retention::Retention {
        engine::retention::Retention {
            events: self.retention_days.0,
            reports: self.retention_reports_days.0,
            blocks: self.retention_blocks_days.0,
            outbox: self.retention_outbox_days.0,
            imports: self.retention_imports_days.0,
            audit: self.retention_audit_days.0,
        }
    }

    /// The options for sending alerts.
    ///
    /// # Errors
    /// `smtp_url` is invalid; the message shows it without its password.
    pub fn notify(&self) -> Result<notify::Options, String> {
        let smtp = self.smtp_url.as_ref().map(read_smtp_url).transpose()?;
        let host = self.public_url.as_ref().map_or("localhost", PublicUrl::host);
        Ok(notify::Options {
            smtp,
            from: self.mail_from.clone(),
            public_url: self.public_url.as_ref().map(PublicUrl::to_string),
            host: host.to_owned(),
            webhook_allow: self.webhook_allow.clone(),
            ..notify::Options::default()
        })
    }

    /// The server's URL for browsers, without a trailing slash. `listening` is the actual address
    /// of the listener.
    pub(crate) fn base_url(&self, listening: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.to_string(),
            None => {
                let mut address = listening;
                if address.ip().is_unspecified() {
                    address.set_ip(match address {
                        SocketAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
                        SocketAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
                    });
                }
                format!("http://{address}")
            }
        }
    }
}

/// Parses `smtp_url` here, since clap's error message would show the password.
fn read_smtp_url(url: &Withheld) -> Result<SmtpUrl, String> {
    let text = url.reveal();
    text.parse().map_err(|why: String| format!("smtp_url = {} {why}", SmtpUrl::redact(text)))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_| {
        "must be an IP address and a port, such as 127.0.0.1:3000 or [::1]:3000".to_owned()
    })
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, url: Option<&str>, insecure: bool) -> Config {
        Config {
            listen: listen.parse().unwrap(),
            public_url: url.map(|url| url.parse().unwrap()),
            insecure_http: insecure,
            ..Config::default()
        }
    }

    #[test]
    fn beyond_loopback_needs_tls_or_insistence() {
        let https = Some("https://t.example.com");
        let http = Some("http://t.example.com");
        for (listen, url, insecure, allowed) in [
            ("127.0.0.1:1", None, false, true),
            ("127.8.0.1:1", http, false, true),
            ("[::1]:1", None, false, true),
            ("[::ffff:127.0.0.1]:1", None, false, true),
            ("0.0.0.0:1", None, false, false),
            ("0.0.0.0:1", http, false, false),
            ("0.0.0.0:1", https, false, true),
            ("0.0.0.0:1", None, true, true),
            ("[::]:1", None, false, false),
            ("192.0.2.1:1", None, false, false),
        ] {
            let checked = config(listen, url, insecure).check();
            assert_eq!(checked.is_ok(), allowed, "{listen} {url:?} {insecure}");
        }
        let mut metrics = config("127.0.0.1:1", https, false);
        metrics.metrics_listen = Some("0.0.0.0:9".parse().unwrap());
        assert!(metrics.check().unwrap_err().starts_with("metrics_listen = 0.0.0.0:9"));
    }

    #[test]
    fn a_mail_server_is_judged_and_its_password_never_told() {
        let with = |url: &str| {
            let mut config = config("127.0.0.1:1", None, false);
            config.smtp_url = Some(url.into());
            config
        };
        for allowed in [
            "smtps://me:secret@mail.example.com",
            "smtp://mail.example.com?tls=required",
            "smtp://127.0.0.1:2525",
        ] {
            assert!(with(allowed).check().is_ok(), "{allowed}");
        }
        let wrong = with("smtp://me:secret@mail.example.com:25");
        let words = wrong.check().unwrap_err();
        assert!(words.starts_with("smtp_url = smtp://me:…@mail.example.com:25 would"), "{words}");
        assert!(words.contains("tls=required"), "{words}");
        assert!(!words.contains("secret") && !format!("{wrong:?}").contains("secret"));
    }

    #[test]
    fn the_address_to_open_can_be_opened() {
        let at = |text: &str| config("0.0.0.0:0", None, true).base_url(text.parse().unwrap());
        assert_eq!(at("0.0.0.0:3000"), "http://127.0.0.1:3000");
        assert_eq!(at("[::]:3000"), "http://[::1]:3000");
        assert_eq!(at("192.0.2.1:80"), "http://192.0.2.1:80");
        let named = config("127.0.0.1:1", Some("https://T.example.com/"), false);
        assert_eq!(named.base_url(named.listen), "https://t.example.com");
    }
}
