//! Newer metadata from a file: Google's `metadata.js`, alone or inside the npm package
//! `google-libphonenumber`. Both contain two tables, the regions of each calling code and the
//! metadata of each region, the latter as lists by the field numbers of Google's
//! `phonemetadata.proto`. Formatting patterns are left out, since nothing here formats numbers.

use super::javascript::{Js, read_value};
use rlibphonenumber::{PhoneMetadata, PhoneMetadataCollection, PhoneNumberDesc};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Maximum size in bytes, packed or unpacked: Google's files have 256 KiB, the package twice as
/// much.
pub const NUMBER_DATA_MAX: usize = 16 << 20;

/// The longest pattern in bytes; Google's longest have some thousand.
const PATTERN_MAX: usize = 50_000;

const REGIONS: &str = "countryCodeToRegionCodeMap";
const METADATA: &str = "countryToMetadata";

/// Why a file has no usable numbering plans; continues a sentence that begins with "the file".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NumberDataError(String);

impl NumberDataError {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// Metadata of every region from a file.
#[derive(Debug, Clone)]
pub struct NumberData {
    text: String,
    metadata: PhoneMetadataCollection,
}

impl NumberData {
    /// Reads one of Google's files, or the output of [`Self::text`].
    ///
    /// # Errors
    /// The file is too large, lacks a table, or a table is malformed; names the region and the
    /// field.
    pub fn read(text: &str) -> Result<Self, NumberDataError> {
        if text.len() > NUMBER_DATA_MAX {
            let (has, most) = (text.len(), NUMBER_DATA_MAX);
            return Err(NumberDataError(format!("has {has} bytes; at most {most} are allowed")));
        }
        let (regions, regions_text) = table(text, REGIONS)?;
        let (metadata, metadata_text) = table(text, METADATA)?;
        let metadata = collection(&regions, metadata)?;
        let mut kept = String::with_capacity(regions_text.len() + metadata_text.len() + 200);
        for (name, table) in [(REGIONS, regions_text), (METADATA, metadata_text)] {
            // Writing to a string cannot fail.
            let _ = writeln!(kept, "i18n.phonenumbers.metadata.{name}={table};");
        }
        Ok(Self { text: kept, metadata })
    }

    /// The two tables without the surrounding code: the form that is stored, and can be read again.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn metadata(&self) -> &PhoneMetadataCollection {
        &self.metadata
    }
}

/// A table by its name, and its source text. The package also mentions the name where it is used,
/// and has a second table for short numbers.
fn table<'a>(text: &'a str, name: &str) -> Result<(Js, &'a str), NumberDataError> {
    let full = format!("phonenumbers.metadata.{name}");
    for (at, _) in text.match_indices(&full) {
        let rest = &text[at + full.len()..];
        let Some(value) = rest.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        if !value.starts_with('{') {
            continue;
        }
        let start = text.len() - value.len();
        let (table, length) = read_value(value).map_err(|wrong| {
            let line = text[..start + wrong.at].matches('\n').count() + 1;
            NumberDataError(format!("cannot be read in line {line}: {}", wrong.words))
        })?;
        return Ok((table, &value[..length]));
    }
    Err(NumberDataError(format!(
        "has no table `{full}`; give metadata.js of Google's libphonenumber, or the npm package \
         google-libphonenumber as npm packs it"
    )))
}

fn collection(regions: &Js, metadata: Js) -> Result<PhoneMetadataCollection, NumberDataError> {
    let wrong = |words: String| NumberDataError(words);
    let Js::Object(codes) = regions else {
        return Err(wrong(format!("{REGIONS} is not an object")));
    };
    let Js::Object(rows) = metadata else {
        return Err(wrong(format!("{METADATA} is not an object")));
    };
    let mut rows: BTreeMap<String, Js> = rows.into_iter().collect();
    let mut all = Vec::with_capacity(rows.len());
    for (code, places) in codes {
        let number = code.parse::<i32>().ok().filter(|code| (1..=999).contains(code));
        let Some(number) = number else {
            return Err(wrong(format!("{REGIONS} has {code:?}, which is not a calling code")));
        };
        let Js::List(places) = places else {
            return Err(wrong(format!("{REGIONS}, {code}: must be a list of regions")));
        };
        for (at, place) in places.iter().enumerate() {
            let Js::Text(place) = place else {
                return Err(wrong(format!("{REGIONS}, {code}: must be a list of regions")));
            };
            let key = if place == "001" { code } else { place };
            let Some(row) = rows.remove(key) else {
                return Err(wrong(format!("{METADATA} has no {key}, or +{code} names it twice")));
            };
            let main = at == 0 && places.len() > 1;
            all.push(Row::new(key, row)?.metadata(place, number, main)?);
        }
    }
    match rows.keys().next() {
        Some(left) => Err(wrong(format!("{REGIONS} does not name {left}, which {METADATA} has"))),
        None => Ok(PhoneMetadataCollection { metadata: all }),
    }
}

/// A region, or a description inside it: values by field number.
struct Row {
    place: String,
    fields: Vec<Js>,
}

impl Row {
    fn new(place: &str, value: Js) -> Result<Self, NumberDataError> {
        match value {
            Js::List(fields) => Ok(Self { place: place.to_owned(), fields }),
            _ => Err(NumberDataError(format!("{place}: must be a list"))),
        }
    }

    fn wrong(&self, field: usize, must: &str) -> NumberDataError {
        NumberDataError(format!("{}, field {field}: must be {must}", self.place))
    }

    fn text(&self, field: usize) -> Result<Option<String>, NumberDataError> {
        match self.fields.get(field) {
            None | Some(Js::Nothing) => Ok(None),
            Some(Js::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(field, "a text")),
        }
    }

    /// A pattern as the library expects it: anchored at both ends.
    fn pattern(&self, field: usize) -> Result<Option<String>, NumberDataError> {
        match self.text(field)? {
            Some(pattern) if pattern.len() > PATTERN_MAX => {
                Err(self.wrong(field, &format!("at most {PATTERN_MAX} bytes long")))
            }
            pattern => Ok(pattern.map(|pattern| format!("^(?:{pattern})$"))),
        }
    }

    fn number(&self, field: usize) -> Result<Option<i32>, NumberDataError> {
        match self.fields.get(field) {
            None | Some(Js::Nothing) => Ok(None),
            Some(Js::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(self.wrong(field, "a whole number")),
        }
    }

    fn lengths(&self, field: usize) -> Result<Vec<i32>, NumberDataError> {
        let list = match self.fields.get(field) {
            None | Some(Js::Nothing) => return Ok(Vec::new()),
            Some(Js::List(list)) => list,
            Some(_) => return Err(self.wrong(field, "a list of lengths")),
        };
        let length = |value: &Js| match value {
            // -1: no such numbers exist. E.164 allows 15 digits at most.
            Js::Number(length @ (-1 | 1..=17)) => Ok(*length),
            _ => Err(self.wrong(field, "a list of lengths, 1 to 17 digits or -1")),
        };
        list.iter().map(length).collect()
    }

    /// The description of one type's numbers.
    #[expect(deprecated, reason = "the library reads the lengths from these fields")]
    fn desc(&mut self, field: usize) -> Result<Option<PhoneNumberDesc>, NumberDataError> {
        let value = self.fields.get_mut(field).map(std::mem::take);
        let Some(value) = value.filter(|value| *value != Js::Nothing) else { return Ok(None) };
        let desc = Self::new(&format!("{}, field {field}", self.place), value)?;
        Ok(Some(PhoneNumberDesc {
            national_number_pattern: desc.pattern(2)?,
            example_number: desc.text(6)?,
            possible_length: desc.lengths(9)?,
            possible_length_local_only: desc.lengths(10)?,
        }))
    }

    #[expect(deprecated, reason = "the library reads the lengths from these fields")]
    fn metadata(
        mut self,
        region: &str,
        code: i32,
        main: bool,
    ) -> Result<PhoneMetadata, NumberDataError> {
        if self.text(9)?.as_deref() != Some(region) {
            return Err(self.wrong(9, &format!("its region, {region}")));
        }
        if self.number(10)? != Some(code) {
            return Err(self.wrong(10, &format!("its calling code, {code}")));
        }
        Ok(PhoneMetadata {
            id: region.to_owned(),
            country_code: Some(code),
            main_country_for_code: Some(main),
            general_desc: self.desc(1)?,
            fixed_line: self.desc(2)?,
            mobile: self.desc(3)?,
            toll_free: self.desc(4)?,
            premium_rate: self.desc(5)?,
            shared_cost: self.desc(6)?,
            personal_number: self.desc(7)?,
            voip: self.desc(8)?,
            national_prefix_for_parsing: self.pattern(15)?,
            national_prefix_transform_rule: self.text(16)?,
            same_mobile_and_fixed_line_pattern: self.number(18)?.map(|yes| yes != 0),
            pager: self.desc(21)?,
            leading_digits: self.pattern(23)?,
            uan: self.desc(25)?,
            voicemail: self.desc(28)?,
            ..PhoneMetadata::default()
        })
    }
}
