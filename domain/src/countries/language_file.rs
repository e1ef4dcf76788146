//! Microsoft's language file of a user flow: the texts of one page in one language, among them the
//! list of countries that a phone number may be from.
//!
//! The file is somebody's work, with texts that nobody wants touched. So nothing here writes it
//! anew: the places of two values are found in it and only those are replaced.

mod error;
mod list;
mod spans;
#[cfg(test)]
mod tests;

pub use error::{FileError, LIMIT};
pub use list::Listed;

use super::by_name;
use crate::Region;
use crate::regions::name;
use list::List;
use spans::{Member, Span};
use std::collections::BTreeSet;

/// The text of the drop-down's first line where nobody has chosen another.
const PLACEHOLDER: &str = "Country/Region";
/// A byte order mark, as Windows' editors put it first.
const BOM: &str = "\u{feff}";

/// What Microsoft says of more than one language, for whoever is about to upload a file.
pub const SECONDARY_LANGUAGES: &str = "Upload the list for the primary language of the user flow \
     only. In files of its other languages leave Override at false: Microsoft holds every list \
     with Override true against each number, so a second one can stop texts to regions that you \
     allow here.";

/// A language file with a list of countries in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageFile {
    /// Whether it began with a byte order mark, which `text` lacks.
    marked: bool,
    text: String,
    row: usize,
    list: List,
    overrides: bool,
    /// Where `true` or `false` stands; a file may lack it.
    overrides_at: Option<Span>,
    value: Member,
}

impl LanguageFile {
    /// Reads a file.
    ///
    /// # Errors
    /// With what is wrong and where, in words for whoever uploaded it: more than [`LIMIT`] bytes,
    /// no UTF-8, no JSON, not one list of countries but none or several, or a list that is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() > LIMIT {
            return Err(FileError::TooLarge { bytes: bytes.len() });
        }
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(FileError::Utf16);
        }
        let whole = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            FileError::NotUtf8 { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
        })?;
        let text = whole.strip_prefix(BOM).unwrap_or(whole);
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| {
            FileError::NotJson {
                line: error.line(),
                column: error.column(),
                what: error::without_place(&error),
            }
        })?;
        let (row, members) = country_row(text)?;
        let value = only(text, &members, row, "Value")?.ok_or(FileError::NoValue { row })?;
        let line = spans::line(text, value.value.start);
        let Some(inner) = spans::string(text, &value.value) else {
            return Err(FileError::ValueNoText { row, line });
        };
        let overrides_at = only(text, &members, row, "Override")?.map(|member| member.value);
        Ok(Self {
            marked: text.len() < whole.len(),
            row,
            list: list::read(&inner, row, line)?,
            overrides: overrides_at.as_ref().is_some_and(|at| &text[at.clone()] == "true"),
            overrides_at,
            value,
            text: text.to_owned(),
        })
    }

    /// Which row of `LocalizedStrings` holds the list, from 1.
    pub fn row(&self) -> usize {
        self.row
    }

    /// The regions in the list and what they are called there, in the file's order.
    pub fn list(&self) -> Vec<Listed> {
        self.list.regions().collect()
    }

    /// The regions in the list.
    pub fn regions(&self) -> BTreeSet<Region> {
        self.list.regions().map(|listed| listed.region).collect()
    }

    /// The text of the drop-down's first line, which is no country; `None` when the file has none.
    pub fn placeholder(&self) -> Option<&str> {
        self.list.placeholder()
    }

    /// Whether Microsoft heeds the list. With `Override` false, or without it, the default list
    /// holds, which has every country.
    pub fn overrides(&self) -> bool {
        self.overrides
    }

    /// The file with these regions in its list and `Override` true, all else byte for byte as it
    /// was; the file itself when both were so already. What was in the list keeps its name and its
    /// place, new regions follow with English names in the order of these. `001` has no place in
    /// a list of countries and is left out.
    pub fn edit(&self, regions: &BTreeSet<Region>) -> String {
        let mut wanted = regions.clone();
        wanted.remove(&Region::WORLD);
        let mut changes: Vec<(Span, String)> = Vec::new();
        if wanted != self.regions() {
            let value = encode(&self.list.with(&wanted), self.text.is_ascii());
            changes.push((self.value.value.clone(), value));
        }
        match (&self.overrides_at, self.overrides) {
            (_, true) => {}
            (Some(at), false) => changes.push((at.clone(), "true".to_owned())),
            (None, false) => changes.push(self.new_override()),
        }
        changes.sort_by_key(|(at, _)| at.start);
        let mut edited = String::with_capacity(self.text.len() + 8_192);
        if self.marked {
            edited.push_str(BOM);
        }
        let mut from = 0;
        for (at, new) in changes {
            edited.push_str(&self.text[from..at.start]);
            edited.push_str(&new);
            from = at.end;
        }
        edited.push_str(&self.text[from..]);
        edited
    }

    /// The member that a row without `Override` gets, before `Value` and set as that is.
    fn new_override(&self) -> (Span, String) {
        let Member { name, value } = &self.value;
        let before = &self.text[..name.start];
        let space = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        let colon = &self.text[name.end..value.start];
        (name.start..name.start, format!("\"Override\"{colon}true,{space}"))
    }
}

/// A language file that holds nothing but the list of these regions, in the order of their English
/// names, `001` left out. It leaves every other text of the page as Microsoft has it.
pub fn new_file(regions: &BTreeSet<Region>) -> String {
    let value = encode(&list_text(regions), false);
    format!(
        "{{\n  \"LocalizedStrings\": [\n    {{\n      \"ElementType\": \"UxElement\",\n      \
         \"ElementId\": null,\n      \"StringId\": \"countryList\",\n      \"Override\": true,\n      \
         \"Value\": {value}\n    }}\n  ],\n  \"LocalizedCollections\": []\n}}\n"
    )
}

/// The list of these regions as Microsoft's `countryList` writes it, not yet inside a string.
pub(super) fn list_text(regions: &BTreeSet<Region>) -> String {
    let mut list = vec![("DEFAULT".to_owned(), PLACEHOLDER.to_owned())];
    let countries = by_name(regions).filter(|region| *region != Region::WORLD);
    list.extend(countries.map(|region| (region.to_string(), name(&region).to_owned())));
    list::text(&list)
}

/// The one row that holds the list: its number from 1, and its members.
fn country_row(text: &str) -> Result<(usize, Vec<Member>), FileError> {
    let whole = spans::whole(text);
    let root = spans::members(text, &whole);
    let strings = only(text, &root, 0, "LocalizedStrings")?.map(|member| member.value);
    let Some(strings) = strings.filter(|at| text[at.start..].starts_with('[')) else {
        return Err(FileError::NoStrings);
    };
    let mut found = Vec::new();
    for (at, row) in spans::items(text, &strings).iter().enumerate() {
        let members = spans::members(text, row);
        let is_list = |member: &Member| {
            is(text, &member.name, "StringId") && is(text, &member.value, "countryList")
        };
        if members.iter().any(is_list) {
            only(text, &members, at + 1, "StringId")?;
            found.push((at + 1, members));
        }
    }
    if found.len() > 1 {
        return Err(FileError::Several { rows: found.iter().map(|(row, _)| *row).collect() });
    }
    found.pop().ok_or(FileError::NoList)
}

/// The member of a name, when there is one.
fn only(
    text: &str,
    members: &[Member],
    row: usize,
    name: &'static str,
) -> Result<Option<Member>, FileError> {
    let mut named = members.iter().filter(|member| is(text, &member.name, name));
    let first = named.next().cloned();
    match named.next() {
        Some(second) => {
            let line = spans::line(text, second.name.start);
            Err(FileError::Twice { name, row: (row > 0).then_some(row), line })
        }
        None => Ok(first),
    }
}

fn is(text: &str, span: &Span, expected: &str) -> bool {
    spans::string(text, span).is_some_and(|found| found == expected)
}

/// A text as a JSON string. `ascii` writes all else as escapes, for files that do so.
fn encode(text: &str, ascii: bool) -> String {
    let plain = list::quoted(text);
    if !ascii || plain.is_ascii() {
        return plain;
    }
    let mut escaped = String::with_capacity(plain.len() * 2);
    for c in plain.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}
