//! The list inside the file: a JSON object of codes and names, encoded as a string.

use super::super::by_name;
use super::error::{ListError, without_place};
use crate::Region;
use crate::regions::{info, name};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// The key of the drop-down's first line.
const DEFAULT: &str = "DEFAULT";

/// A region in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Never `001`, which is not a country.
    pub region: Region,
    /// The name in the list, in the file's language.
    pub name: String,
}

/// The entries in order; an entry without a region is the drop-down's first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List(Vec<(Option<Region>, String)>);

impl List {
    /// A list of only the drop-down's first line.
    pub(super) fn new(placeholder: &str) -> Self {
        Self(vec![(None, placeholder.to_owned())])
    }

    pub(super) fn regions(&self) -> impl Iterator<Item = Listed> {
        self.0
            .iter()
            .filter_map(|(region, name)| Some(Listed { region: (*region)?, name: name.clone() }))
    }

    pub(super) fn placeholder(&self) -> Option<&str> {
        self.0.iter().find(|(region, _)| region.is_none()).map(|(_, name)| name.as_str())
    }

    /// The list's text with other regions.
    pub(super) fn with(&self, wanted: &BTreeSet<Region>) -> String {
        let mut new = wanted.clone();
        let mut entries = Vec::with_capacity(wanted.len() + 1);
        for (region, name) in &self.0 {
            match region {
                None => entries.push((DEFAULT.to_owned(), name.clone())),
                Some(region) if new.remove(region) => {
                    entries.push((region.to_string(), name.clone()));
                }
                Some(_) => {}
            }
        }
        entries.extend(by_name(&new).map(|region| (region.to_string(), name(&region).to_owned())));
        text(&entries)
    }
}

/// Codes and names as a JSON object without white space, as Microsoft writes it.
fn text(entries: &[(String, String)]) -> String {
    let members: Vec<String> =
        entries.iter().map(|(code, name)| format!("{}:{}", quoted(code), quoted(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Parses a list.
pub(super) fn read(text: &str) -> Result<List, ListError> {
    let members: Members = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ListError::NoObject,
        _ => ListError::NoJson {
            line: error.line(),
            column: error.column(),
            what: without_place(&error),
        },
    })?;
    let mut entries = Vec::with_capacity(members.0.len());
    let mut seen = BTreeSet::new();
    let (mut unknown, mut repeated) = (Vec::new(), Vec::new());
    for (code, name) in members.0 {
        let Value::String(name) = name else {
            return Err(ListError::NameNoText(short(&code)));
        };
        let region = code.parse().ok().filter(|region| is_country(*region));
        if region.is_none() && code != DEFAULT {
            unknown.push(short(&code));
            continue;
        }
        if !seen.insert(region) && !repeated.contains(&code) {
            repeated.push(code);
        }
        entries.push((region, name));
    }
    if !unknown.is_empty() {
        return Err(ListError::Unknown(unknown));
    }
    if !repeated.is_empty() {
        return Err(ListError::Repeated(repeated));
    }
    Ok(List(entries))
}

/// Whether a list of countries may hold a code. Microsoft's own list has all of ISO 3166-1,
/// including a few regions without phone numbers.
fn is_country(region: Region) -> bool {
    const WITHOUT_NUMBERS: [&str; 7] = ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"];
    region != Region::WORLD
        && (info(region).is_some() || WITHOUT_NUMBERS.contains(&region.as_str()))
}

/// Quotes and shortens an arbitrary key for a message.
fn short(code: &str) -> String {
    let shown: String = code.chars().take(20).collect();
    format!("{shown:?}")
}

/// The members of an object in order, including repeated names.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
