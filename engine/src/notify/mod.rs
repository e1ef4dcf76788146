//! Alerts: raised in the transaction of what they tell of, folded, and delivered by mail and
//! webhook (contract, section 9).

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
pub use people::tell_of_guessing;
pub use raise::{Audience, raise, raise_to};
pub use recipients::RecipientError;
pub use silent::tell_of_silent_sources;

use chrono::{DateTime, Utc};
use domain::network::Network;
use domain::notify::{Links, SigningSecret, SmtpUrl};
use std::time::Duration;
use store::Db;
use store::recipients::Row;

/// Exports of more rows than this are told of.
pub const LARGE: u64 = 10_000;

/// How messages leave.
#[derive(Debug, Clone)]
pub struct Options {
    /// The mail server; without it mails stay in the delivery log.
    pub smtp: Option<SmtpUrl>,
    /// Whom mails come from.
    pub from: Option<Sender>,
    /// The console's address, which alone builds links; without a slash at its end.
    pub public_url: Option<String>,
    /// The host in the sender's address when nobody has said another.
    pub host: String,
    /// Networks that webhooks may lead to although they are not public.
    pub webhook_allow: Vec<Network>,
    /// The longest that one webhook may take.
    pub timeout: Duration,
    /// The longest that one mail may take: some servers let strangers wait.
    pub mail_timeout: Duration,
    /// Certificates, in DER, that are trusted besides the system's: for tests.
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

/// Delivers alerts, and knows their recipients. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notifier {
    db: Db,
    mailer: Option<email::Mailer>,
    links: Links,
    outgoing: outgoing::Outgoing,
}

impl Notifier {
    /// Without a mail server and without an address for links.
    pub fn new(db: Db) -> Self {
        let Options { timeout, webhook_allow, .. } = Options::default();
        let outgoing = outgoing::Outgoing::new(webhook_allow, timeout, Vec::new());
        Self { db, mailer: None, links: Links::default(), outgoing }
    }

    /// As the operator wants it.
    ///
    /// # Errors
    /// When TLS to the mail server cannot be prepared.
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

    /// Whether there is a mail server; without one mails can be read in the delivery log alone.
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// The address of a path of the console, if `public_url` says where that is.
    pub fn address(&self, path: &str) -> Option<String> {
        self.has_links().then(|| self.links.to(path))
    }

    /// Whether links in mails can be followed: `public_url` is set.
    pub fn has_links(&self) -> bool {
        self.links.are_whole()
    }

    /// The secrets that sign now: the present one, and the one before it for a day.
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

    fn seal(&self, owner: uuid::Uuid, secret: &SigningSecret) -> Option<Vec<u8>> {
        seal::seal(&self.db.secret.seal_key(), owner.as_bytes(), secret.bytes())
    }
}
