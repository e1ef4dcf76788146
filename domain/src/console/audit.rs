//! The audit log: who changed or viewed what, as a chain of hashes (contract, section 9).

mod apart;

pub use apart::{Version, anchor, apart, chained, erased};

use crate::events::words;
use crate::keys::{hex, unhex};
use crate::secret::hmac;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::IpAddr;

/// Who did something, as the log shows it.
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
    /// Not identified: a refused sign-in, or a link in a mail.
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

/// Who acts, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The identity that the log shows.
    pub actor: Actor,
    /// `None` for commands and Tollwarden itself.
    pub ip: Option<IpAddr>,
    /// Whether the password was given lately (see [`crate::accounts::is_fresh`]); always true for
    /// keys, commands and Tollwarden itself, which have none.
    pub fresh: bool,
}

impl By {
    /// A console account whose password was not given lately.
    pub fn account(email: &str, ip: IpAddr) -> Self {
        Self { actor: Actor::Account(email.to_owned()), ip: Some(ip), fresh: false }
    }

    /// Sets whether the password was given lately.
    #[must_use]
    pub fn fresh(self, fresh: bool) -> Self {
        Self { fresh, ..self }
    }

    /// An API key, by its name.
    pub fn key(name: &str, ip: IpAddr) -> Self {
        Self { actor: Actor::Key(name.to_owned()), ip: Some(ip), fresh: true }
    }

    /// Somebody who is not identified.
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
        /// A console account signed in.
        SignedIn = "Signed in",
        /// A sign-in was refused.
        SignInRefused = "Sign-in refused",
        /// A console account gave its password again.
        PasswordConfirmed = "Password confirmed",
        /// A console account signed out.
        SignedOut = "Signed out",
        /// An account was added.
        AccountAdded = "Account added",
        /// An account's role was changed.
        RoleChanged = "Role changed",
        /// An account was disabled.
        AccountDisabled = "Account disabled",
        /// A disabled account was enabled again.
        AccountEnabled = "Account enabled",
        /// An account's sessions were ended.
        SessionsEnded = "Sessions ended",
        /// The holder of an account changed its password.
        PasswordChanged = "Password changed",
        /// A link to choose a new password was made.
        ResetLinkMade = "Reset link made",
        /// A password was set through such a link.
        PasswordReset = "Password reset",
        /// An API key was created.
        KeyMade = "API key made",
        /// An API key was revoked.
        KeyRevoked = "API key revoked",
        /// Invalid keys were used: unknown, revoked, or from the wrong address.
        KeyRefused = "API key refused",
        /// A section of settings was changed.
        SettingsChanged = "Settings changed",
        /// The numbering plans were replaced.
        NumberDataChanged = "Number data changed",
        /// A settings change was refused, because another was saved first.
        SettingsRefused = "Settings change refused",
        /// A user reported fraud and was blocked.
        ReportedBlocked = "Fraud reported - user is blocked for MFA",
        /// A user reported fraud; it was only recorded.
        ReportedNoAction = "Fraud reported - no action taken",
        /// A fraud report was refused.
        ReportRefused = "Fraud report refused",
        /// A fraud report was marked handled.
        ReportHandled = "Fraud report handled",
        /// Something was blocked.
        Blocked = "Blocked",
        /// Something was unblocked.
        Unblocked = "Unblocked",
        /// A user was restricted to one channel.
        ChannelRequired = "Other channel required",
        /// A one-time bypass was given.
        BypassGiven = "Bypass given",
        /// A bypass was withdrawn before use.
        BypassEnded = "Bypass ended",
        /// A bypass was used up.
        BypassUsed = "Bypass used",
        /// Two names were declared to be one user.
        AliasJoined = "Names joined",
        /// A name was removed from a user's names.
        AliasParted = "Name parted",
        /// A recipient was added.
        RecipientAdded = "Recipient added",
        /// A recipient was changed.
        RecipientChanged = "Recipient changed",
        /// A recipient was removed.
        RecipientRemoved = "Recipient removed",
        /// A recipient unsubscribed by the link in a message.
        RecipientStopped = "Recipient stopped by link",
        /// A webhook's signing secret was replaced.
        SecretRotated = "Webhook secret rotated",
        /// The server's own secret was rotated.
        ServerSecretRotated = "Server secret rotated",
        /// A test message was sent.
        TestSent = "Test message sent",
        /// A message was sent again.
        MessageResent = "Message resent",
        /// A log was imported.
        Imported = "Log imported",
        /// A report was exported.
        Exported = "Report exported",
        /// A whole number was shown to somebody who sees masks.
        NumberRevealed = "Number revealed",
        /// The audit log was verified.
        Verified = "Audit log verified",
        /// A request was refused: role, key or origin did not allow it.
        Refused = "Request refused",
        /// A person was erased from every table.
        Erased = "Person erased",
        /// Entries older than the retention were deleted.
        Dropped = "Old entries dropped",
        /// Numbers and networks of stored rows were normalized.
        PutRight = "Spellings put right",
        /// Browsers and operating systems of events were derived again.
        Derived = "Families derived anew",
    }
}

impl Activity {
    /// Whether entries of this kind concern only accounts, keys, recipients and Tollwarden itself.
    /// All others may name an end user, so their texts are stored apart from the chain.
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

/// One audited action, with the state before and after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The kind of action.
    pub activity: Activity,
    /// The object: a user, a section of settings, a report's name.
    pub object: String,
    /// The state before; `None` where there was none.
    pub before: Option<Value>,
    /// The state after; `None` where there is none.
    pub after: Option<Value>,
}

impl Change {
    /// An action without state before or after.
    pub fn new(activity: Activity, object: impl Into<String>) -> Self {
        Self { activity, object: object.into(), before: None, after: None }
    }

    /// Adds the state before.
    #[must_use]
    pub fn before(self, value: Value) -> Self {
        Self { before: Some(value), ..self }
    }

    /// Adds the state after.
    #[must_use]
    pub fn after(self, value: Value) -> Self {
        Self { after: Some(value), ..self }
    }
}

/// An entry as the log stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3 … without gaps.
    pub seq: i64,
    /// With microseconds.
    pub time: DateTime<Utc>,
    /// The text of an [`Actor`].
    pub actor: String,
    /// `None` for commands and Tollwarden itself.
    pub source_ip: Option<String>,
    /// A word of [`Activity`], perhaps one of a newer version.
    pub activity: String,
    /// See [`Change::object`].
    pub object: String,
    /// JSON, byte for byte as it was stored.
    pub before: Option<String>,
    /// JSON, byte for byte as it was stored.
    pub after: Option<String>,
}

/// The hash of an entry, which the next one includes.
pub type Link = [u8; 32];

/// The hash that the first entry is chained to.
pub const ROOT: Link = [0; 32];

/// The hash of an entry: HMAC-SHA-256 over the previous hash, the number, the time, actor,
/// activity, object and a digest of address, before and after. Texts are length-prefixed, so that
/// letters cannot move between columns, and an absent text differs from an empty one.
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

/// A position in the chain, as `SEQ:HASH`. Kept elsewhere, it later proves that no entries were cut
/// off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The entry's number; 0 before the first.
    pub seq: i64,
    /// The entry's hash; [`ROOT`] before the first.
    pub hash: Link,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, hex(&self.hash))
    }
}

impl std::str::FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be SEQ:HASH, a number and 64 hexadecimal digits, as the log shows it";
        let (seq, hash) = text.trim().split_once(':').ok_or(wrong)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or(wrong)?;
        Ok(Self { seq, hash: unhex(hash).ok_or(wrong)? })
    }
}

#[cfg(test)]
mod tests;
