//! Microsoft's language file of a user flow: the texts of one page in one language, including the
//! list of countries that a phone number may be from.
//!
//! Users may have edited the other texts, so the file is never rewritten as a whole: only two
//! values are located and replaced.

mod error;
mod list;
mod spans;
#[cfg(test)]
mod tests;

pub use error::{FileError, LIMIT};
pub use list::Listed;

use crate::Region;
use error::ListError;
use list::List;
use spans::{Member, Span};
use std::collections::BTreeSet;

/// The first line of the drop-down, unless the file has its own.
const PLACEHOLDER: &str = "Country/Region";
/// The byte order mark, which Windows' editors add.
const BOM: &str = "\u{feff}";

/// Advice on user flows with several languages, shown with the download.
pub const SECONDARY_LANGUAGES: &str = "Upload the list for the primary language of the user flow \
     only. In files of its other languages leave Override at false: Microsoft holds every list \
     with Override true against each number, so a second one can stop texts to regions that you \
     allow here.";

/// A language file with a list of countries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageFile {
    /// Whether the file began with a byte order mark, which `text` lacks.
    marked: bool,
    text: String,
    row: usize,
    list: List,
    overrides: bool,
    /// The position of `true` or `false`; `None` when the row has no `Override`.
    overrides_at: Option<Span>,
    value: Member,
}

impl LanguageFile {
    /// Parses a file.
    ///
    /// # Errors
    /// What is wrong and where: more than [`LIMIT`] bytes, not UTF-8, not JSON, none or several
    /// lists of countries, or an invalid list.
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
        let list = spans::string(text, &value.value).ok_or(ListError::NoText);
        let list = list.and_then(|inner| list::read(&inner));
        let overrides_at = only(text, &members, row, "Override")?.map(|member| member.value);
        Ok(Self {
            marked: text.len() < whole.len(),
            row,
            list: list.map_err(|error| FileError::List { row, line, error })?,
            overrides: overrides_at.as_ref().is_some_and(|at| &text[at.clone()] == "true"),
            overrides_at,
            value,
            text: text.to_owned(),
        })
    }

    /// The row of `LocalizedStrings` that holds the list, from 1.
    pub fn row(&self) -> usize {
        self.row
    }

    /// The regions in the list with their names there, in the file's order.
    pub fn list(&self) -> Vec<Listed> {
        self.list.regions().collect()
    }

    /// The regions in the list.
    pub fn regions(&self) -> BTreeSet<Region> {
        self.list.regions().map(|listed| listed.region).collect()
    }

    /// The first line of the drop-down; `None` when the file has none.
    pub fn placeholder(&self) -> Option<&str> {
        self.list.placeholder()
    }

    /// Whether Microsoft uses the list. Without `Override` true, its default list applies, which
    /// has every country.
    pub fn overrides(&self) -> bool {
        self.overrides
    }

    /// The file with these regions in its list and `Override` true; everything else stays byte for
    /// byte. Regions that were in the list keep their name and position; new ones follow, with
    /// English names and sorted by them. `001` is not a country and is left out.
    pub fn edit(&self, regions: &BTreeSet<Region>) -> String {
        let wanted = countries(regions);
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

    /// The member to insert before `Value` in a row without `Override`, with the same white space.
    fn new_override(&self) -> (Span, String) {
        let Member { name, value } = &self.value;
        let before = &self.text[..name.start];
        let space = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        let colon = &self.text[name.end..value.start];
        (name.start..name.start, format!("\"Override\"{colon}true,{space}"))
    }
}

/// A language file with only the list of these regions, sorted by their English names, without
/// `001`. Microsoft's other texts of the page stay in effect.
pub fn new_file(regions: &BTreeSet<Region>) -> String {
    let value = encode(&list_text(regions), false);
    format!(
        "{{\n  \"LocalizedStrings\": [\n    {{\n      \"ElementType\": \"UxElement\",\n      \
         \"ElementId\": null,\n      \"StringId\": \"countryList\",\n      \"Override\": true,\n      \
         \"Value\": {value}\n    }}\n  ],\n  \"LocalizedCollections\": []\n}}\n"
    )
}

/// The list in the format of Microsoft's `countryList`, not yet encoded as a JSON string.
pub(super) fn list_text(regions: &BTreeSet<Region>) -> String {
    List::new(PLACEHOLDER).with(&countries(regions))
}

/// The regions without `001`, which is not a country.
fn countries(regions: &BTreeSet<Region>) -> BTreeSet<Region> {
    regions.iter().copied().filter(|region| *region != Region::WORLD).collect()
}

/// The one row that holds the list: its number from 1, and its members.
fn country_row(text: &str) -> Result<(usize, Vec<Member>), FileError> {
    let whole = spans::value_span(text);
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

/// The member with a name; an error when there are two.
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

/// A text as a JSON string; `ascii` escapes everything else, for files that do so.
fn encode(text: &str, ascii: bool) -> String {
    let plain = list::quoted(text);
    if !ascii || plain.is_ascii() {
        return plain;
    }
    let escaped = plain.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    escaped.collect()
}
