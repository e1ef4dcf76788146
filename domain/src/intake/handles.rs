//! Handles: how links, URLs and cursors name a number (`n_…`) or a user (`u_…`).
//!
//! A handle is its value, encrypted under the store's key: equal values have equal handles, and
//! handles of other stores or made-up ones are refused. The tag is an HMAC over the value, and the
//! value is XORed with a stream derived from the tag (the construction of SIV, RFC 5297, with
//! HMAC-SHA-256 for both parts).

use crate::PhoneNumber;
use crate::events::fold_user;
use crate::secret::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use subtle::ConstantTimeEq as _;

/// Bytes of a tag.
const TAG: usize = 16;
/// Bytes of a number's digits.
const NUMBER: usize = 8;
/// Most characters of a handle: that of a user name of 320 characters of four bytes.
const LETTERS: usize = 2 + (TAG + 320 * 4) * 4 / 3 + 4;

/// The key of a store's handles; `Debug` does not print it.
#[derive(Clone)]
pub struct HandleKey {
    tag: [u8; 32],
    stream: [u8; 32],
}

/// Why a handle cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// It does not have the format of a handle.
    #[error("is not a handle (n_… for a number, u_… for a user)")]
    Shape,
    /// It has the format, but is not of this store.
    #[error("was made by another store, or was changed; search for the entry again")]
    Foreign,
}

/// The value of a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handle {
    /// A phone number.
    Number(PhoneNumber),
    /// A folded user name.
    User(String),
}

/// Whether a text has the format of a handle. The digits of such a text reveal nothing, so it needs
/// no mask.
pub fn is_handle(text: &str) -> bool {
    let value = text.strip_prefix("n_").or_else(|| text.strip_prefix("u_"));
    value.is_some_and(|value| {
        URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() > TAG) && text.len() <= LETTERS
    })
}

impl HandleKey {
    /// Derives the keys from the store's 32 random bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            tag: hmac(key, &[b"tollwarden handle tag v1"]),
            stream: hmac(key, &[b"tollwarden handle stream v1"]),
        }
    }

    /// Encodes a number.
    pub fn number(&self, phone: PhoneNumber) -> String {
        self.seal('n', &phone.digits().to_be_bytes())
    }

    /// Encodes a user name, folded first.
    pub fn user(&self, name: &str) -> String {
        self.seal('u', fold_user(name).as_bytes())
    }

    /// Decodes a handle.
    ///
    /// # Errors
    /// [`HandleError::Shape`] for another format, [`HandleError::Foreign`] for a handle that this
    /// store did not make.
    pub fn read(&self, text: &str) -> Result<Handle, HandleError> {
        let (kind, rest) = text.split_once('_').ok_or(HandleError::Shape)?;
        let kind = match kind {
            "n" => 'n',
            "u" => 'u',
            _ => return Err(HandleError::Shape),
        };
        let value = self.open(kind, text.len(), rest)?;
        if kind == 'n' {
            let digits: [u8; NUMBER] = value.try_into().map_err(|_| HandleError::Foreign)?;
            let phone = PhoneNumber::from_digits(u64::from_be_bytes(digits));
            return phone.map(Handle::Number).map_err(|_| HandleError::Foreign);
        }
        String::from_utf8(value).map(Handle::User).map_err(|_| HandleError::Foreign)
    }

    fn seal(&self, kind: char, value: &[u8]) -> String {
        let tag = self.tag(kind, value);
        let mut bytes = tag.to_vec();
        bytes.extend(self.hide(&tag, value));
        format!("{kind}_{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    fn open(&self, kind: char, letters: usize, rest: &str) -> Result<Vec<u8>, HandleError> {
        if letters > LETTERS {
            return Err(HandleError::Shape);
        }
        let bytes = URL_SAFE_NO_PAD.decode(rest).map_err(|_| HandleError::Shape)?;
        let (tag, hidden) = bytes.split_first_chunk::<TAG>().ok_or(HandleError::Shape)?;
        // XOR is its own inverse.
        let value = self.hide(tag, hidden);
        if bool::from(self.tag(kind, &value).ct_eq(tag)) {
            Ok(value)
        } else {
            Err(HandleError::Foreign)
        }
    }

    fn tag(&self, kind: char, value: &[u8]) -> [u8; TAG] {
        let mut tag = [0; TAG];
        let whole = hmac(&self.tag, &[&[kind as u8], value]);
        tag.copy_from_slice(&whole[..TAG]);
        tag
    }

    fn hide(&self, tag: &[u8; TAG], value: &[u8]) -> Vec<u8> {
        let blocks = value.chunks(32).zip(0_u32..);
        blocks
            .flat_map(|(part, at)| {
                let stream = hmac(&self.stream, &[tag, &at.to_be_bytes()]);
                part.iter().zip(stream).map(|(byte, mask)| byte ^ mask).collect::<Vec<_>>()
            })
            .collect()
    }
}

impl fmt::Debug for HandleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandleKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> HandleKey {
        HandleKey::new(&[7; 32])
    }

    #[test]
    fn names_that_compare_equal_have_one_handle() {
        let handle = key().user(" A\u{30a}sa@Example.com ");
        assert_eq!(handle, key().user("\u{e5}SA@example.com"));
        assert_eq!(key().read(&handle), Ok(Handle::User("åsa@example.com".into())));
        assert_ne!(handle, key().user("asa@example.com"));
    }

    #[test]
    fn a_handle_is_of_one_store_and_of_one_kind() {
        let phone: PhoneNumber = "+14155552700".parse().unwrap();
        let handle = key().number(phone);
        assert!(handle.starts_with("n_") && !handle.contains("4155552700"), "{handle}");
        let other = HandleKey::new(&[8; 32]);
        assert_eq!(other.read(&handle), Err(HandleError::Foreign));
        assert_ne!(other.number(phone), handle);
        let turned = handle.replacen("n_", "u_", 1);
        assert_eq!(key().read(&turned), Err(HandleError::Foreign));
    }

    #[test]
    fn what_is_no_handle_is_told_from_what_is_anothers() {
        let long = format!("u_{}", "A".repeat(10_000));
        for text in ["", "n", "n_", "u_AAAA", "x_AAAAAAAAAAAAAAAAAAAAAAAA", "n_%27", "u_é", &long]
        {
            assert_eq!(key().read(text), Err(HandleError::Shape), "{text:.20}");
        }
        assert_eq!(key().read(&format!("n_{}", "A".repeat(32))), Err(HandleError::Foreign));
        assert_eq!(format!("{:?}", key()), "HandleKey(…)");
    }

    proptest! {
        #[test]
        fn users_are_read_back(name in "\\PC{1,320}", bytes in any::<[u8; 32]>()) {
            let key = HandleKey::new(&bytes);
            let read = key.read(&key.user(&name));
            // Folding can make a name longer than any user's; such a name has no handle.
            match read {
                Ok(handle) => prop_assert_eq!(handle, Handle::User(fold_user(&name))),
                Err(error) => {
                    prop_assert_eq!(error, HandleError::Shape);
                    prop_assert!(fold_user(&name).len() > 320 * 4);
                }
            }
        }

        #[test]
        fn numbers_are_read_back(digits in 1_000_000_u64..999_999_999_999_999) {
            let phone = PhoneNumber::from_digits(digits).unwrap();
            prop_assert_eq!(key().read(&key().number(phone)), Ok(Handle::Number(phone)));
        }

        #[test]
        fn no_changed_letter_passes(at in 2_usize..34, letter in "[A-Za-z0-9_-]") {
            let handle = key().number(PhoneNumber::from_digits(4_915_112_345_678).unwrap());
            let mut changed = handle.clone();
            changed.replace_range(at..=at, &letter);
            if changed != handle {
                prop_assert!(key().read(&changed).is_err());
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            prop_assert!(key().read(&text).is_err());
        }
    }
}
