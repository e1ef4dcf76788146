//! API keys: what they are called, how they are written (`tw_<id>_<32 random bytes>`), and what
//! they may do.

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
    /// The source of the gate's own events, which no key is called.
    pub(crate) const GATE: &'static str = "gate";

    /// Reads a name: 1 to 64 characters, as a source (contract, section 3), without colons, which
    /// end the user in basic auth (RFC 7617, section 2), and without control characters.
    ///
    /// # Errors
    /// In field `name`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name = text.trim();
        let clean = !name.chars().any(|c| c.is_control() || c == ':');
        if name == Self::GATE {
            let words = "gate is the source of the gate's own events; take another name.";
            return Err(Invalid::one("name", Fault::InvalidValue, words));
        }
        if clean && (1..=64).contains(&name.chars().count()) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Invalid::one(
                "name",
                Fault::of_text(name, 64),
                "A key's name has 1 to 64 characters, without colons and control characters.",
            ))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads scopes separated by commas.
///
/// # Errors
/// In field `scopes`: none at all, or one that does not exist.
pub fn parse_scopes(text: &str) -> Result<Vec<Scope>, Invalid> {
    let refuse = |fault, what: String| Invalid::one("scopes", fault, what);
    let allowed = Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    let mut scopes = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let scope = word.parse().map_err(|_| {
            refuse(Fault::InvalidChoice, format!("{word:?} is no scope; the scopes are {allowed}."))
        })?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(refuse(
            Fault::Required,
            format!("A key needs at least one scope of {allowed}."),
        ));
    }
    Ok(scopes)
}

/// A key as its holder shows it; never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The part that finds its row: 6 random bytes.
    pub id: String,
    /// The part that proves it.
    pub secret: [u8; 32],
}

impl ApiKey {
    /// Reads `tw_<id>_<secret>`, both parts in lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("tw_")?.split_once('_')?;
        let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if id.len() != 12 || secret.len() != 64 || !hex(id) || !hex(secret) {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(secret.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self { id: id.to_owned(), secret: bytes })
    }

    /// A key of these random bytes.
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
