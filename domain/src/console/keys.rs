//! API keys: their names, their format (`tw_<id>_<32 random bytes>`) and their scopes.

mod marks;
mod rate;
mod writes;

pub use marks::{Mark, Marks};
pub use rate::{Rate, take};
pub use writes::{Writes, parse_sources};

use crate::roles::Scope;
use crate::{Fault, Invalid};
use std::fmt;

/// A key's name: the default source of its events and the user of basic auth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// The source of the gate's own events, which no key may have as its name.
    pub(crate) const GATE: &'static str = "gate";

    /// Parses a name: 1 to 64 characters like a source (contract, section 3), without colons, which
    /// end the user in basic auth (RFC 7617, section 2), and without control characters.
    ///
    /// # Errors
    /// In field `name`, for any other text and for `gate`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name = text.trim();
        let refuse = |code, words: &str| Err(Invalid::one("name", code, words));
        let clean = !name.chars().any(|c| c.is_control() || c == ':');
        if name == Self::GATE {
            let words = "gate is the source of the gate's own events; choose another name.";
            return refuse(Fault::InvalidValue, words);
        }
        if !clean || !(1..=64).contains(&name.chars().count()) {
            let words =
                "A key's name has 1 to 64 characters, without colons and control characters.";
            return refuse(Fault::of_text(name, 64), words);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parses scopes separated by commas.
///
/// # Errors
/// In field `scopes`: none, or an unknown one.
pub fn parse_scopes(text: &str) -> Result<Vec<Scope>, Invalid> {
    let refuse = |fault, what: String| Invalid::one("scopes", fault, what);
    let allowed = Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    let scopes = parse_list(text, |word| {
        word.parse().map_err(|_| {
            refuse(
                Fault::InvalidChoice,
                format!("{word:?} is not a scope; the scopes are {allowed}."),
            )
        })
    })?;
    if scopes.is_empty() {
        return Err(refuse(
            Fault::Required,
            format!("A key needs at least one scope of {allowed}."),
        ));
    }
    Ok(scopes)
}

/// Parses words separated by commas; repeated ones count once.
fn parse_list<T: PartialEq>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, Invalid>,
) -> Result<Vec<T>, Invalid> {
    let mut list = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let parsed = parse(word)?;
        if !list.contains(&parsed) {
            list.push(parsed);
        }
    }
    Ok(list)
}

/// A whole key; `Debug` prints only its id.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Finds the key's row: 6 random bytes in hexadecimal digits.
    pub id: String,
    /// Authenticates the key.
    pub secret: [u8; 32],
}

impl ApiKey {
    /// Parses `tw_<id>_<secret>`, both in lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("tw_")?.split_once('_')?;
        let shaped = is_hex(id, 12) && is_hex(secret, 64);
        shaped.then_some(Self { id: id.to_owned(), secret: unhex(secret)? })
    }

    /// Builds a key from random bytes.
    pub fn from_random(id: [u8; 6], secret: [u8; 32]) -> Self {
        Self { id: hex(&id), secret }
    }

    /// The whole key, to be shown once.
    pub fn reveal(&self) -> String {
        format!("tw_{}_{}", self.id, hex(&self.secret))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey(tw_{}_…)", self.id)
    }
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is this many lower-case hexadecimal digits.
pub(crate) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Decodes hexadecimal digits of either case; `None` unless they make exactly `N` bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_reads_back(id: [u8; 6], secret: [u8; 32]) {
            let key = ApiKey::from_random(id, secret);
            prop_assert_eq!(ApiKey::parse(&key.reveal()), Some(key));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", tail in "[0-9a-fé_]{0,90}") {
            ApiKey::parse(&text);
            ApiKey::parse(&format!("tw_{tail}"));
        }
    }

    #[test]
    fn other_spellings_are_no_key() {
        let key = ApiKey::from_random([1; 6], [2; 32]).reveal();
        let upper = key.to_uppercase();
        for text in
            ["", "tw_", "tw__", &key[1..], &key[..key.len() - 1], &upper, &format!("{key}0")]
        {
            assert_eq!(ApiKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_and_scopes() {
        assert_eq!(KeyName::parse(" gateway ").unwrap().as_str(), "gateway");
        for text in ["", "  ", "a:b", "a\nb", &"x".repeat(65)] {
            assert!(KeyName::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            parse_scopes("events:write, read,read").unwrap(),
            [Scope::EventsWrite, Scope::Read]
        );
        assert!(parse_scopes("").is_err());
        let refused = parse_scopes("events:write,evil").unwrap_err();
        assert!(refused.of("scopes").unwrap().contains("\"evil\""));
    }
}
