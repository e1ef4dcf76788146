//! The audit log: who changed or saw what, as a chain of hashes (contract, section 9).

mod apart;

pub use apart::{Version, anchor, apart, chained, erased};

use crate::events::words;
use crate::secret::hmac;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::IpAddr;

/// Who did something, as the log names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A console account, by its e-mail address.
    Account(String),
    /// An API key, by its name.
    Key(String),
    /// A command on the machine.
    Command,
    /// Tollwarden itself.
    Own,
    /// Nobody known: a sign-in that was refused, a link in a mail.
    Unknown,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(email) => f.write_str(email),
            Self::Key(name) => write!(f, "key:{name}"),
            Self::Command => f.write_str("command line"),
            Self::Own => f.write_str("tollwarden"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// Who, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From which address; none for commands and Tollwarden itself.
    pub ip: Option<IpAddr>,
    /// Whether the password was given lately (see [`crate::accounts::is_fresh`]). Keys, commands
    /// and Tollwarden itself have none to give and count as if it was.
    pub fresh: bool,
}

impl By {
    /// A console account; its password was not given lately unless [`By::fresh`] says so.
    pub fn account(email: &str, ip: IpAddr) -> Self {
        Self { actor: Actor::Account(email.to_owned()), ip: Some(ip), fresh: false }
    }

    /// The same, whose password was given lately or not.
    #[must_use]
    pub fn fresh(self, fresh: bool) -> Self {
        Self { fresh, ..self }
    }

    /// An API key.
    pub fn key(name: &str, ip: IpAddr) -> Self {
        Self { actor: Actor::Key(name.to_owned()), ip: Some(ip), fresh: true }
    }

    /// Somebody unknown.
    pub fn unknown(ip: IpAddr) -> Self {
        Self { actor: Actor::Unknown, ip: Some(ip), fresh: false }
    }

    /// A command on the machine.
    pub fn command() -> Self {
        Self { actor: Actor::Command, ip: None, fresh: true }
    }

    /// Tollwarden itself.
    pub fn own() -> Self {
        Self { actor: Actor::Own, ip: None, fresh: true }
    }
}

words! {
    /// What was done. The two of fraud reports are Microsoft's own words (contract, section 5).
    Activity {
        /// A console account came in.
        SignedIn = "Signed in",
        /// A sign-in was refused.
        SignInRefused = "Sign-in refused",
        /// A console account gave its password again.
        PasswordConfirmed = "Password confirmed",
        /// A console account left.
        SignedOut = "Signed out",
        /// An account was added.
        AccountAdded = "Account added",
        /// An account's role was changed.
        RoleChanged = "Role changed",
        /// An account was shut out.
        AccountDisabled = "Account disabled",
        /// An account was let in again.
        AccountEnabled = "Account enabled",
        /// An account's sessions were ended.
        SessionsEnded = "Sessions ended",
        /// A password was changed by its holder.
        PasswordChanged = "Password changed",
        /// A link to choose a new password was made.
        ResetLinkMade = "Reset link made",
        /// A password was chosen through such a link.
        PasswordReset = "Password reset",
        /// An API key was made.
        KeyMade = "API key made",
        /// An API key was ended.
        KeyRevoked = "API key revoked",
        /// Keys were shown that did not open: unknown, ended, or from the wrong address.
        KeyRefused = "API key refused",
        /// A section of settings was changed.
        SettingsChanged = "Settings changed",
        /// The numbering plans that numbers are looked up in were changed.
        NumberDataChanged = "Number data changed",
        /// A settings change was refused: somebody else's came first.
        SettingsRefused = "Settings change refused",
        /// A user reported fraud and is blocked.
        ReportedBlocked = "Fraud reported - user is blocked for MFA",
        /// A user reported fraud; nothing else was done.
        ReportedNoAction = "Fraud reported - no action taken",
        /// A fraud report was refused.
        ReportRefused = "Fraud report refused",
        /// A fraud report was marked handled.
        ReportHandled = "Fraud report handled",
        /// Something was blocked.
        Blocked = "Blocked",
        /// Something was unblocked.
        Unblocked = "Unblocked",
        /// A user has to use another channel.
        ChannelRequired = "Other channel required",
        /// A one-time bypass was given.
        BypassGiven = "Bypass given",
        /// A bypass was taken back.
        BypassEnded = "Bypass ended",
        /// A bypass was used up.
        BypassUsed = "Bypass used",
        /// Two names were said to be of one user.
        AliasJoined = "Names joined",
        /// A name was taken out of a user's names.
        AliasParted = "Name parted",
        /// A recipient was added.
        RecipientAdded = "Recipient added",
        /// A recipient was changed.
        RecipientChanged = "Recipient changed",
        /// A recipient was removed.
        RecipientRemoved = "Recipient removed",
        /// A recipient stopped its messages by the link in them.
        RecipientStopped = "Recipient stopped by link",
        /// A webhook got another signing secret.
        SecretRotated = "Webhook secret rotated",
        /// The server's own secret was rotated.
        ServerSecretRotated = "Server secret rotated",
        /// A test message was sent.
        TestSent = "Test message sent",
        /// A message was sent again.
        MessageResent = "Message resent",
        /// A log was brought in.
        Imported = "Log imported",
        /// A report was exported.
        Exported = "Report exported",
        /// A whole number was shown to one who sees masks.
        NumberRevealed = "Number revealed",
        /// The audit log was verified.
        Verified = "Audit log verified",
        /// A request was refused: a role, a key or another site that may not.
        Refused = "Request refused",
        /// A person was taken out of every table.
        Erased = "Person erased",
        /// What was older than the retention was dropped.
        Dropped = "Old entries dropped",
        /// Numbers and networks of stored rows were written in their one spelling.
        PutRight = "Spellings put right",
        /// Browsers and operating systems of events were derived anew.
        Derived = "Families derived anew",
    }
}

impl Activity {
    /// Whether entries of this kind tell of accounts, keys, recipients and Tollwarden itself alone.
    /// All others may name a person whom a code was for, so their texts are kept apart.
    pub fn is_of_operators(self) -> bool {
        matches!(
            self,
            Self::SignedIn
                | Self::SignedOut
                | Self::AccountAdded
                | Self::RoleChanged
                | Self::AccountDisabled
                | Self::AccountEnabled
                | Self::SessionsEnded
                | Self::PasswordChanged
                | Self::PasswordConfirmed
                | Self::ResetLinkMade
                | Self::PasswordReset
                | Self::KeyMade
                | Self::KeyRevoked
                | Self::RecipientAdded
                | Self::RecipientChanged
                | Self::RecipientRemoved
                | Self::RecipientStopped
                | Self::KeyRefused
                | Self::SecretRotated
                | Self::ServerSecretRotated
                | Self::TestSent
                | Self::MessageResent
                | Self::Verified
                | Self::Erased
                | Self::Dropped
                | Self::PutRight
                | Self::Derived
                | Self::NumberDataChanged
        )
    }
}

/// One thing done: what, to what, and how it was before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What.
    pub activity: Activity,
    /// To what: a user, a section of settings, a report's name.
    pub object: String,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
}

impl Change {
    /// Something done to an object.
    pub fn new(activity: Activity, object: impl Into<String>) -> Self {
        Self { activity, object: object.into(), before: None, after: None }
    }

    /// How it was.
    #[must_use]
    pub fn before(self, value: Value) -> Self {
        Self { before: Some(value), ..self }
    }

    /// How it is.
    #[must_use]
    pub fn after(self, value: Value) -> Self {
        Self { after: Some(value), ..self }
    }
}

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// When, in microseconds.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// From where.
    pub source_ip: Option<String>,
    /// What.
    pub activity: String,
    /// To what.
    pub object: String,
    /// How it was, as JSON, letter by letter.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
}

/// An entry's hash.
pub type Link = [u8; 32];

/// What comes before the first entry.
pub const ROOT: Link = [0; 32];

/// The hash of an entry that follows another: HMAC-SHA-256 over the other's hash, the number, the
/// time, actor, activity, object and a digest of address, before and after. Every text has its
/// length before it, so that none can lend letters to its neighbour, and none is not empty.
pub fn link(key: &[u8; 32], previous: &Link, entry: &Entry) -> Link {
    let mut detail = Sha256::new();
    for text in [&entry.source_ip, &entry.before, &entry.after] {
        match text {
            None => detail.update([0]),
            Some(text) => {
                detail.update([1]);
                detail.update(text.len().to_be_bytes());
                detail.update(text.as_bytes());
            }
        }
    }
    let detail: [u8; 32] = detail.finalize().into();
    let texts = [&*entry.actor, &*entry.activity, &*entry.object];
    let lengths = texts.map(|text| (text.len() as u64).to_be_bytes());
    hmac(
        key,
        &[
            previous,
            &entry.seq.to_be_bytes(),
            &entry.time.timestamp_micros().to_be_bytes(),
            &lengths[0],
            texts[0].as_bytes(),
            &lengths[1],
            texts[1].as_bytes(),
            &lengths[2],
            texts[2].as_bytes(),
            &detail,
        ],
    )
}

/// A place in the chain, as `SEQ:HASH`: written down elsewhere, it shows later that nothing was
/// cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The entry's number; 0 before the first.
    pub seq: i64,
    /// Its hash.
    pub hash: Link,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, crate::keys::hex(&self.hash))
    }
}

impl std::str::FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be SEQ:HASH, a number and 64 hexadecimal digits, as the log shows it";
        let (seq, hash) = text.trim().split_once(':').ok_or(wrong)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or(wrong)?;
        if hash.len() != 64 || !hash.is_ascii() {
            return Err(wrong);
        }
        let mut link = [0; 32];
        for (at, byte) in link.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).map_err(|_| wrong)?;
        }
        Ok(Self { seq, hash: link })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            seq: 7,
            time: DateTime::from_timestamp(1_780_000_000, 123_456_000).unwrap(),
            actor: "a@example.com".into(),
            source_ip: Some("192.0.2.1".into()),
            activity: "Blocked".into(),
            object: "user x".into(),
            before: None,
            after: Some("{}".into()),
        }
    }

    #[test]
    fn every_column_counts() {
        let key = [1; 32];
        let whole = link(&key, &ROOT, &entry());
        let changes: [fn(&mut Entry); 10] = [
            |e| e.seq += 1,
            |e| e.time += chrono::TimeDelta::microseconds(1),
            |e| e.actor.push('x'),
            |e| e.source_ip = None,
            |e| e.source_ip = Some(String::new()),
            |e| e.activity.push('x'),
            |e| e.object.push('x'),
            |e| e.before = Some(String::new()),
            |e| e.after = None,
            // A letter moved from one column into the next.
            |e| {
                e.actor.push('B');
                e.activity.remove(0);
            },
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut other = entry();
            change(&mut other);
            assert_ne!(link(&key, &ROOT, &other), whole, "change {at}");
        }
        assert_ne!(link(&[2; 32], &ROOT, &entry()), whole);
        assert_ne!(link(&key, &[1; 32], &entry()), whole);
        assert_eq!(link(&key, &ROOT, &entry()), whole);
    }

    #[test]
    fn nothing_is_not_the_same_as_empty() {
        let (mut one, mut two) = (entry(), entry());
        (one.source_ip, two.source_ip) = (None, Some(String::new()));
        assert_ne!(link(&[1; 32], &ROOT, &one), link(&[1; 32], &ROOT, &two));
    }

    #[test]
    fn before_and_after_do_not_stand_in_for_each_other() {
        let (mut one, mut two) = (entry(), entry());
        (one.before, one.after) = (Some("{}".into()), None);
        (two.before, two.after) = (None, Some("{}".into()));
        assert_ne!(link(&[1; 32], &ROOT, &one), link(&[1; 32], &ROOT, &two));
    }

    #[test]
    fn a_head_is_read_back() {
        let head = Head { seq: 12, hash: [0xf0; 32] };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "12", "12:", "x:00", "-1:00", &format!("1:{}", "é".repeat(32))] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }
}
