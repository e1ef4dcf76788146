//! The sources whose events a key may write. A source's event ids are permanent, so nobody else may
//! occupy them.

use super::{KeyName, parse_list};
use crate::{Fault, Invalid, Source};

/// Most sources listed for a key.
const SOURCES_MAX: usize = 100;

/// The sources that a key may write besides its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writes {
    /// All sources: for keys created before this restriction, because their past sources are
    /// unknown.
    Any,
    /// Only these sources.
    Listed(Vec<Source>),
}

impl Writes {
    /// Whether a key with this name may write events of a source.
    pub fn admits(&self, name: &str, source: &Source) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(sources) => source.as_str() == name || sources.contains(source),
        }
    }
}

/// Parses sources separated by commas; an empty text means only the key's own name.
///
/// # Errors
/// In field `sources`: an invalid source, `gate`, or more than 100.
pub fn parse_sources(text: &str) -> Result<Vec<Source>, Invalid> {
    let refused = |code, words: String| Invalid::one("sources", code, words);
    let sources = parse_list(text, |word| {
        let source: Source = word
            .parse()
            .map_err(|words| refused(Fault::InvalidValue, format!("Each source {words}.")))?;
        if source.as_str() == KeyName::GATE {
            let words = "gate is the source of the gate's own events; no key may write it.";
            return Err(refused(Fault::InvalidValue, words.to_owned()));
        }
        Ok(source)
    })?;
    if sources.len() > SOURCES_MAX {
        let words = format!("A key may have at most {SOURCES_MAX} sources.");
        return Err(refused(Fault::TooLarge, words));
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_writes_its_own_name_and_what_is_listed() {
        let source = |name: &str| -> Source { name.parse().unwrap() };
        let listed = Writes::Listed(parse_sources(" b2c,entra , b2c,").unwrap());
        assert_eq!(listed, Writes::Listed(vec![source("b2c"), source("entra")]));
        for (writes, own, other, b2c) in [
            (Writes::Listed(Vec::new()), true, false, false),
            (listed, true, false, true),
            (Writes::Any, true, true, true),
        ] {
            assert_eq!(writes.admits("azure", &source("azure")), own);
            assert_eq!(writes.admits("azure", &source("Azure")), other, "to the letter");
            assert_eq!(writes.admits("azure", &source("b2c")), b2c);
        }
    }

    #[test]
    fn what_no_key_may_write_is_refused() {
        let many = (0..=SOURCES_MAX).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        for text in ["gate", "a,gate ", &"x".repeat(65), "a\u{7}b", &many] {
            assert!(parse_sources(text).unwrap_err().of("sources").is_some(), "{text}");
        }
        assert_eq!(parse_sources(" , ").unwrap(), []);
    }
}
