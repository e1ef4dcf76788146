//! Console accounts: e-mail addresses and passwords.

mod known;
#[cfg(feature = "passwords")]
mod password;

pub use known::{knows, with_mark};
#[cfg(feature = "passwords")]
pub use password::NewPassword;

use crate::letters::is_unseen;
use crate::{Fault, Invalid};
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// An account's e-mail address: trimmed, NFC, lower case.
///
/// Only the shape is checked: one `@` with text on both sides, no blanks, at most 254 characters
/// (RFC 5321, section 4.5.3.1.3, without the angle brackets).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses and normalizes an address.
    ///
    /// # Errors
    /// In field `email`, when the text does not have the shape of an address.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let address = text.trim().nfc().collect::<String>().to_lowercase();
        let shaped = address.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        });
        let clean = !address.chars().any(|c| c.is_whitespace() || c.is_control() || is_unseen(c));
        if shaped && clean && address.len() <= 254 {
            Ok(Self(address))
        } else {
            Err(Invalid::one(
                "email",
                Fault::InvalidValue,
                "Enter an e-mail address such as name@example.com, at most 254 characters.",
            ))
        }
    }

    /// The normalized address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How recently the password must have been given for changes to permissions or protections
/// (contract, section 11).
pub const ASK_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// Whether the password was given recently enough. A time in the future, from another server's
/// clock, counts as if it were as far in the past.
pub fn is_fresh(given: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    given.is_some_and(|given| (now - given).abs() < ASK_AGAIN)
}

/// Fewest characters of a password. NIST SP 800-63B asks for 8 at least, and for 15 where the
/// password is the only factor; with rate-limited guessing, 12 is in between.
pub const PASSWORD_MIN: usize = 12;
/// Most characters of a password: more than a password manager generates, and cheap to hash.
pub const PASSWORD_MAX: usize = 256;

/// Normalizes a password for hashing, because keyboards compose letters differently (SP 800-63B,
/// section 5.1.1.2).
pub fn normal(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_no_marks_that_nobody_sees() {
        assert!(EmailAddress::parse("ann@example.com").is_ok());
        for text in ["an\u{200b}n@example.com", "\u{202e}ann@example.com", "ann@exam\u{ad}ple.com"]
        {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_password_is_fresh_for_ten_minutes() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (seconds, fresh) in [(0, true), (599, true), (600, false), (-599, true), (-600, false)]
        {
            let given = now - TimeDelta::seconds(seconds);
            assert_eq!(is_fresh(Some(given), now), fresh, "{seconds}");
        }
        assert!(!is_fresh(None, now));
    }

    #[test]
    fn an_address_is_trimmed_and_lower_case() {
        let address = EmailAddress::parse("  Ann.B@Example.COM\n").unwrap();
        assert_eq!(address.as_str(), "ann.b@example.com");
    }

    #[test]
    fn other_shapes_are_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in ["", "ann", "@example.com", "ann@", "a@b@c", "a b@c", "a\u{0}@c", &long] {
            let refused = EmailAddress::parse(text).unwrap_err();
            assert!(refused.of("email").is_some(), "{text:?}");
        }
    }

    #[test]
    fn composed_and_decomposed_spellings_are_one_password() {
        assert_eq!(normal("re\u{301}sume\u{301}"), normal("r\u{e9}sum\u{e9}"));
    }
}
