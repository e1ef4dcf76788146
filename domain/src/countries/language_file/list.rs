//! The list inside the file: an object of codes and names, itself the text of a string.

use super::super::by_name;
use super::FileError;
use super::error::without_place;
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
    /// Which it is.
    pub region: Region,
    /// What the list calls it, in its language.
    pub name: String,
}

/// A list in its order; an entry without a region is the drop-down's first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List(Vec<(Option<Region>, String)>);

impl List {
    pub(super) fn regions(&self) -> impl Iterator<Item = Listed> {
        self.0
            .iter()
            .filter_map(|(region, name)| Some(Listed { region: (*region)?, name: name.clone() }))
    }

    pub(super) fn placeholder(&self) -> Option<&str> {
        self.0.iter().find(|(region, _)| region.is_none()).map(|(_, name)| name.as_str())
    }

    /// The text of the list with other regions.
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

/// Codes and names as a JSON object, without white space, as Microsoft writes it.
pub(super) fn text(entries: &[(String, String)]) -> String {
    let members: Vec<String> =
        entries.iter().map(|(code, name)| format!("{}:{}", quoted(code), quoted(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Reads a list; `row` and `line` say where it stands in the file.
pub(super) fn read(text: &str, row: usize, line: usize) -> Result<List, FileError> {
    let members: Members = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => FileError::ValueNoObject { row, line },
        _ => FileError::ValueNoJson {
            row,
            line,
            inner_line: error.line(),
            inner_column: error.column(),
            what: without_place(&error),
        },
    })?;
    let mut entries = Vec::with_capacity(members.0.len());
    let mut seen = BTreeSet::new();
    let mut unknown = Vec::new();
    let mut twice = Vec::new();
    for (code, name) in members.0 {
        let Value::String(name) = name else {
            return Err(FileError::NameNoText { row, line, code: short(&code) });
        };
        let region = if code == DEFAULT {
            None
        } else {
            let known = code.parse().ok().filter(|region| is_country(*region));
            if known.is_none() {
                unknown.push(short(&code));
                continue;
            }
            known
        };
        if !seen.insert(region) && !twice.contains(&code) {
            twice.push(code);
        }
        entries.push((region, name));
    }
    if !unknown.is_empty() {
        return Err(FileError::Unknown { row, line, codes: unknown });
    }
    if !twice.is_empty() {
        return Err(FileError::TwiceListed { row, line, codes: twice });
    }
    Ok(List(entries))
}

/// Whether a list of countries may hold a code. Microsoft's own names every one of ISO 3166-1,
/// also those few where nobody has a phone number.
fn is_country(region: Region) -> bool {
    const WITHOUT_NUMBERS: [&str; 7] = ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"];
    region != Region::WORLD
        && (info(region).is_some() || WITHOUT_NUMBERS.contains(&region.as_str()))
}

/// A key that may be anything, as a message can show it.
fn short(code: &str) -> String {
    let shown: String = code.chars().take(20).collect();
    format!("{shown:?}")
}

/// The members of an object in their order, also those of the same name.
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
