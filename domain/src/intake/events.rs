//! Events: immutable facts with a time and a source.

mod fill;

use crate::words::as_text;
use crate::{PhoneNumber, Reason};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

pub(crate) use crate::words::words;

words! {
    /// What an event reports.
    Kind {
        /// A code was requested.
        Requested = "requested",
        /// The gate refused the request; not a failure.
        Refused = "refused",
        /// Handed to the telecom provider.
        Sent = "sent",
        /// Arrived at the handset.
        Delivered = "delivered",
        /// Did not arrive.
        Undelivered = "undelivered",
        /// The user proved to hold the number.
        Verified = "verified",
        /// The provider or the user failed.
        Failed = "failed",
        /// The code expired.
        Expired = "expired",
        /// The provider refused.
        Blocked = "blocked",
        /// The user reported fraud.
        Reported = "reported",
        /// A push prompt was shown.
        Prompted = "prompted",
        /// A push prompt was denied.
        Denied = "denied",
        /// A push prompt was approved.
        Approved = "approved",
    }
}

impl Kind {
    /// Whether it counts as a failure (contract, section 1).
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Blocked | Self::Undelivered | Self::Expired)
    }

    /// The rank among an attempt's events: the strongest decides the outcome (contract, section 1).
    /// `requested`, `prompted` and `approved` are equally weak.
    pub fn strength(self) -> u8 {
        match self {
            Self::Reported => 11,
            Self::Verified => 10,
            Self::Denied => 9,
            Self::Blocked => 8,
            Self::Failed => 7,
            Self::Expired => 6,
            Self::Undelivered => 5,
            Self::Delivered => 4,
            Self::Sent => 3,
            Self::Refused => 2,
            Self::Requested | Self::Prompted | Self::Approved => 1,
        }
    }
}

words! {
    /// How a code is sent.
    Channel {
        /// A call.
        Voice = "voice",
        /// A text message.
        Sms = "sms",
        /// A WhatsApp message.
        Whatsapp = "whatsapp",
        /// A push prompt in an app.
        Push = "push",
        /// An e-mail.
        Email = "email",
        /// An RCS message.
        Rcs = "rcs",
    }
}

/// A system that sends events: `b2c`, `entra`, `twilio`, an API key's name. 1 to 64 characters
/// without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Source(String);

impl Source {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Source {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 64 || text.chars().any(char::is_control) {
            return Err("must be 1 to 64 characters without control characters");
        }
        Ok(Self(text.to_owned()))
    }
}

as_text!(Source);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event's permanent identity: the first 16 bytes of SHA-256(source ‖ 0 ‖ id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventKey(pub Uuid);

impl EventKey {
    /// The key of an id within its source.
    pub fn new(source: &Source, id: &str) -> Self {
        Self(hash16(&[source.as_str().as_bytes(), id.as_bytes()]))
    }
}

/// The first 16 bytes of SHA-256 over the parts, separated by zero bytes.
pub(crate) fn hash16(parts: &[&[u8]]) -> Uuid {
    // A digest has more than 16 bytes.
    Uuid::from_slice(&Sha256::digest(parts.join(&0_u8))[..16]).unwrap_or_default()
}

/// The id of a journey's attempt.
pub fn attempt_of(journey: &str) -> Uuid {
    hash16(&[b"journey", journey.as_bytes()])
}

/// The cost of a message or call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Not negative, at most 9 decimals.
    pub amount: Decimal,
    /// ISO 4217: three capital letters.
    pub currency: String,
}

/// A user name for comparison: trimmed, NFC, lower case.
pub fn fold_user(user: &str) -> String {
    user.trim().nfc().collect::<String>().to_lowercase()
}

/// One immutable fact. Its parser has enforced the limits of the contract, section 3.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The system that sent it.
    pub source: Source,
    /// Unique within the source, at most 200 characters.
    pub id: String,
    /// With microseconds.
    pub time: DateTime<Utc>,
    /// What it reports.
    pub kind: Kind,
    /// The correlation id that joins the events of an attempt.
    pub journey: Option<String>,
    /// The account, as the source writes it.
    pub user: Option<String>,
    /// The source's id of the user's device.
    pub device: Option<String>,
    /// The user flow (Microsoft: policy).
    pub flow: Option<String>,
    /// The application that asked for the code.
    pub app: Option<String>,
    /// The number that was called or texted.
    pub phone: Option<PhoneNumber>,
    /// How the code was sent; always present when `phone` is.
    pub channel: Option<Channel>,
    /// The user's IP address.
    pub ip: Option<IpAddr>,
    /// The header of the user's browser.
    pub user_agent: Option<String>,
    /// The neutral reason of a failure.
    pub reason: Option<Reason>,
    /// The source's own text of the reason.
    pub reason_text: Option<String>,
    /// The provider's id of the message or call.
    pub provider_ref: Option<String>,
    /// Mobile country and network code, `MCC-MNC`.
    pub carrier: Option<String>,
    /// The cost of the message or call.
    pub cost: Option<Cost>,
    /// Other data from the source: stored and shown, not counted. At most 16 KiB as JSON.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl Event {
    /// An event with nothing but what every event has.
    pub fn new(source: Source, id: String, time: DateTime<Utc>, kind: Kind) -> Self {
        Self {
            source,
            id,
            time,
            kind,
            journey: None,
            user: None,
            device: None,
            flow: None,
            app: None,
            phone: None,
            channel: None,
            ip: None,
            user_agent: None,
            reason: None,
            reason_text: None,
            provider_ref: None,
            carrier: None,
            cost: None,
            extra: serde_json::Map::new(),
        }
    }

    /// The identity within the store.
    pub fn key(&self) -> EventKey {
        EventKey::new(&self.source, &self.id)
    }

    /// The attempt's id: the journey's, or the event's own without a journey.
    pub fn attempt(&self) -> Uuid {
        match &self.journey {
            Some(journey) => attempt_of(journey),
            None => self.key().0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_separate_source_and_id() {
        let (ab, a): (Source, Source) = ("ab".parse().unwrap(), "a".parse().unwrap());
        assert_ne!(EventKey::new(&ab, "c"), EventKey::new(&a, "bc"));
    }

    #[test]
    fn strengths_follow_the_contract() {
        let mut kinds: Vec<_> = Kind::ALL.to_vec();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.strength()));
        let words: Vec<_> = kinds.iter().map(|kind| kind.as_str()).take(10).collect();
        assert_eq!(
            words.join(" > "),
            "reported > verified > denied > blocked > failed > expired > undelivered > delivered > sent > refused"
        );
    }

    #[test]
    fn words_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("Sent".parse::<Kind>().unwrap_err().contains("requested, refused"));
        assert_eq!(fold_user(" A\u{30a}sa@Example.com "), "åsa@example.com");
    }
}
