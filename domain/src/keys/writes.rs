//! The sources whose events a key may write: a source's ids are for ever, and nobody else may use
//! them up.

use super::KeyName;
use crate::{Fault, Invalid, Source};

/// Most sources that are listed at a key.
const SOURCES_MAX: usize = 100;

/// The sources whose events a key may write, besides that of its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writes {
    /// Any: keys made before keys were bound to sources. Nothing tells which of them wrote what.
    Any,
    /// These.
    Listed(Vec<Source>),
}

impl Writes {
    /// Whether a key of a name may write events of a source.
    pub fn admits(&self, name: &str, source: &Source) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(sources) => source.as_str() == name || sources.contains(source),
        }
    }
}

/// Reads sources separated by commas, each once; none: the key's own name alone.
///
/// # Errors
/// In field `sources`: what no source is called, `gate`, or more than 100.
pub fn parse_sources(text: &str) -> Result<Vec<Source>, Invalid> {
    let refuse = |code, words: String| Err(Invalid::one("sources", code, words));
    let mut sources = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let source: Source = match word.parse() {
            Ok(source) => source,
            Err(words) => return refuse(Fault::InvalidValue, format!("Each source {words}.")),
        };
        if source.as_str() == KeyName::GATE {
            let words = "gate is the source of the gate's own events; no key may write it.";
            return refuse(Fault::InvalidValue, words.to_owned());
        }
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    if sources.len() > SOURCES_MAX {
        return refuse(Fault::TooLarge, format!("A key may have at most {SOURCES_MAX} sources."));
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
