//! Alerts: raised in the transaction that they report, collected, and delivered by mail and webhook
//! (contract, section 9).

mod email;
mod outbox;
mod outgoing;
pub mod people;
mod raise;
mod recipients;
pub(crate) mod seal;
mod silent;

pub use email::Sender;
pub use outbox::{Delivered, letter};
pub(crate) use people::tell_of_guessing;
pub use raise::raise;
pub(crate) use raise::{Audience, plain_alert, raise_to};
pub use recipients::RecipientError;
pub use silent::tell_of_silent_sources;

use chrono::{DateTime, Utc};
use domain::network::Network;
use domain::notify::{Links, SigningSecret, SmtpUrl};
use std::time::Duration;
use store::Db;
use store::recipients::Row;

/// Exports of more rows than this raise an alert.
pub const LARGE: u64 = 10_000;

/// How messages are sent.
#[derive(Debug, Clone)]
pub struct Options {
    /// The mail server; without one, mails stay in the delivery log.
    pub smtp: Option<SmtpUrl>,
    /// Sender address of mails.
    pub from: Option<Sender>,
    /// The console's address, used for all links; without a trailing slash.
    pub public_url: Option<String>,
    /// Host in the sender's address if `from` is not set.
    pub host: String,
    /// Networks that webhooks may reach although they are not public.
    pub webhook_allow: Vec<Network>,
    /// Time limit for one webhook call.
    pub timeout: Duration,
    /// Time limit for one mail: some servers make unknown senders wait.
    pub mail_timeout: Duration,
    /// Certificates, in DER, trusted in addition to the system's: for tests.
    pub trust: Vec<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            smtp: None,
            from: None,
            public_url: None,
            host: "localhost".to_owned(),
            webhook_allow: Vec::new(),
            timeout: Duration::from_secs(10),
            mail_timeout: Duration::from_secs(25),
            trust: Vec::new(),
        }
    }
}

/// Delivers alerts and manages their recipients. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notifier {
    db: Db,
    mailer: Option<email::Mailer>,
    links: Links,
    outgoing: outgoing::Outgoing,
}

impl Notifier {
    /// Creates it without a mail server and without an address for links.
    pub(crate) fn new(db: Db) -> Self {
        let Options { timeout, webhook_allow, .. } = Options::default();
        let outgoing = outgoing::Outgoing::new(webhook_allow, timeout, Vec::new());
        Self { db, mailer: None, links: Links::default(), outgoing }
    }

    /// Creates it with the operator's options.
    ///
    /// # Errors
    /// If TLS for the mail server cannot be set up.
    pub fn with(db: Db, options: Options) -> Result<Self, String> {
        let Options { smtp, from, public_url, host, webhook_allow, timeout, mail_timeout, trust } =
            options;
        let from = from.unwrap_or_else(|| Sender::at(&host));
        let mailer =
            smtp.map(|url| email::Mailer::new(&url, from, mail_timeout, &trust)).transpose()?;
        let trust = trust.into_iter().map(Into::into).collect();
        let outgoing = outgoing::Outgoing::new(webhook_allow, timeout, trust);
        Ok(Self { db, mailer, links: Links::new(public_url), outgoing })
    }

    /// Whether there is a mail server; without one, mails are only in the delivery log.
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// The URL for a path of the console, if `public_url` is set.
    pub fn address(&self, path: &str) -> Option<String> {
        self.has_links().then(|| self.links.to(path))
    }

    /// Whether mails can contain links: `public_url` is set.
    pub fn has_links(&self) -> bool {
        self.links.are_whole()
    }

    /// The current signing secrets: the latest one, and for a day the previous one.
    fn signing_secrets(&self, recipient: &Row, now: DateTime<Utc>) -> Vec<SigningSecret> {
        let old = recipient.old_secret_until.is_some_and(|until| now < until);
        let sealed = [recipient.secret.as_ref(), recipient.old_secret.as_ref().filter(|_| old)];
        let open = |sealed: &Vec<u8>| self.open(recipient.id, sealed);
        sealed.into_iter().flatten().filter_map(open).collect()
    }

    fn open(&self, owner: uuid::Uuid, sealed: &[u8]) -> Option<SigningSecret> {
        let bytes = seal::open(&self.db.secret.seal_key(), owner.as_bytes(), sealed)?;
        Some(SigningSecret::new(bytes.try_into().ok()?))
    }
}
