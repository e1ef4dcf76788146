//! The server's secret, 32 random bytes outside Postgres (`DIR/secret` or the environment), and the
//! keys derived from it. Read access to the whole database is not enough to forge the audit log or
//! decrypt sealed values.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;

/// HMAC-SHA-256 of the concatenated parts.
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104, section 2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The secret; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// From 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The form in `DIR/secret`: 64 hexadecimal digits.
    pub fn reveal(&self) -> String {
        crate::keys::hex(&self.0)
    }

    /// Authenticates the audit log's chain.
    pub fn audit_key(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden audit chain v1"])
    }

    /// Encrypts stored secrets, such as those of webhooks.
    pub fn seal_key(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden sealed secrets v1"])
    }

    /// Signs links in mails that need no sign-in.
    pub fn link_key(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden links v1"])
    }

    /// Signs the cookie of browsers that have signed in before.
    pub fn browser_key(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden known browsers v1"])
    }

    /// Signs captcha challenges.
    pub fn captcha_key(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden captcha v1"])
    }

    /// Keys the handles of erased people.
    pub(crate) fn person_key(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden erased people v1"])
    }

    /// A fingerprint by which a store recognises its secret; reveals nothing about it.
    pub fn check(&self) -> [u8; 32] {
        hmac(&self.0, &[b"tollwarden secret check v1"])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be 64 hexadecimal digits (32 bytes), as `openssl rand -hex 32` makes";
        crate::keys::unhex(text.trim()).map(Self).ok_or(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_never_shown() {
        let secret = Secret::new([0xab; 32]);
        assert_eq!(secret.reveal().parse::<Secret>(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        for wrong in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"é".repeat(32)] {
            assert!(wrong.parse::<Secret>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_use_has_a_key_of_its_own() {
        let secret = Secret::new([1; 32]);
        let keys = [
            secret.audit_key(),
            secret.seal_key(),
            secret.link_key(),
            secret.captcha_key(),
            secret.person_key(),
            secret.check(),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[at + 1..].contains(key));
            assert_ne!(key, &[1; 32]);
        }
    }
}
