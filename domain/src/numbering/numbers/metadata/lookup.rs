//! Looks numbers up in Google's metadata. The gate does so for every request, so the digits are
//! used directly wherever that gives the same result as the library's slower text parser.

use super::plans::region;
use super::{Lengths, NumberError, NumberFacts, NumberType, Plans};
use crate::{PhoneNumber, Region};
use rlibphonenumber::interfaces::AsOriginal;
use rlibphonenumber::{
    NumberLengthType, PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType, Region as Place,
    get_national_significant_number_owned as national,
};

impl NumberFacts {
    /// Looks a number up in the process's current numbering plans.
    ///
    /// # Errors
    /// [`NumberError::UnknownCallingCode`] and [`NumberError::ImpossibleLength`]. An invalid number
    /// is not an error.
    pub fn of(phone: PhoneNumber) -> Result<Self, NumberError> {
        Plans::current().facts(phone)
    }

    /// Parses a number and looks it up.
    ///
    /// # Errors
    /// [`NumberError::Missing`] if the text is empty, [`NumberError::Shape`] if it is not a plus
    /// sign and 7 to 15 digits, and the errors of [`Self::of`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if text.trim().is_empty() {
            return Err(NumberError::Missing);
        }
        Self::of(PhoneNumber::spelled(text)?)
    }
}

/// The number without a national prefix.
///
/// # Errors
/// Those of [`NumberFacts::of`].
pub(crate) fn canonical(phone: PhoneNumber) -> Result<PhoneNumber, NumberError> {
    NumberFacts::of(phone).map(|facts| facts.phone)
}

/// [`Plans::region_of`] in the current plans.
pub(crate) fn region_of(phone: PhoneNumber) -> Option<Region> {
    Plans::current().region_of(phone)
}

/// [`Plans::check_lengths`] in the current plans.
///
/// # Errors
/// Those of [`Plans::check_lengths`].
pub(crate) fn check_lengths(digits: &str, counts: &[usize]) -> Result<(), NumberError> {
    Plans::current().check_lengths(digits, counts)
}

impl Plans {
    /// Looks a number up in these plans.
    ///
    /// # Errors
    /// Those of [`NumberFacts::of`].
    pub fn facts(&self, phone: PhoneNumber) -> Result<NumberFacts, NumberError> {
        let text = phone.to_string();
        let Some((code, rest)) = self.split(&text) else {
            return Err(unknown(&text));
        };
        let found = self.find(code, rest);
        if found.kind != PhoneNumberType::Unknown && !self.careful.contains(&code) {
            return Ok(self.number_facts(phone, code, found));
        }
        let Some(parsed) = self.read(&text) else {
            return Err(self.impossible(code, rest));
        };
        if !self.util().is_possible_number(&parsed) {
            return Err(self.impossible(code, rest));
        }
        let number = national(&parsed);
        let found = if number == rest { found } else { self.find(code, &number) };
        let e164 = self.util().format(&parsed, PhoneNumberFormat::E164);
        let e164 = PhoneNumber::from_e164(&e164).unwrap_or(phone);
        // The parser drops one national prefix; with two of them the result would be another
        // number, which this one's blocks and limits do not cover.
        match e164.digits() < phone.digits() {
            true => self.facts(e164),
            false => Ok(self.number_facts(e164, code, found)),
        }
    }

    /// The region of a number's prefix, as [`NumberFacts::region`] but for numbers of any length;
    /// `None` if its calling code is not assigned.
    pub(super) fn region_of(&self, phone: PhoneNumber) -> Option<Region> {
        let text = phone.to_string();
        let (code, rest) = self.split(&text)?;
        // Most calling codes have one region and need no further lookup.
        let mut places = self.util().get_regions_for_country_calling_code(code)?;
        if places.len() == 1 {
            return places.next().map(region);
        }
        let found = self.find(code, rest);
        if found.kind != PhoneNumberType::Unknown && !self.careful.contains(&code) {
            return Some(self.settled(code, rest, found));
        }
        let number = self.read(&text).map(|parsed| national(&parsed));
        Some(match number {
            Some(number) if number != rest => self.settled(code, &number, self.find(code, &number)),
            _ => self.settled(code, rest, found),
        })
    }

    /// The calling code and the rest; `None` if no such calling code is assigned. Calling codes are
    /// prefix-free (ITU-T E.164).
    fn split<'a>(&self, text: &'a str) -> Option<(i32, &'a str)> {
        let digits = text.strip_prefix('+')?;
        (1..=3).find_map(|count| {
            let (code, rest) = digits.split_at_checked(count)?;
            let code = code.parse().ok()?;
            self.util().get_region_for_country_code(code).map(|_| (code, rest))
        })
    }

    /// Parses by the library's own rules, which drop a national prefix.
    pub(super) fn read(&self, text: &str) -> Option<Parsed> {
        self.util().parse(text, None).ok()
    }

    /// The library's `get_region_for_number` and `get_number_type` in one pass.
    pub(super) fn find(&self, code: i32, number: &str) -> LookupResult {
        let Some(places) = self.util().get_regions_for_country_calling_code(code) else {
            return NOWHERE;
        };
        let places: Vec<Place> = places.collect();
        match self.careful.contains(&code) {
            true => self.find_in_turn(code, number, &places),
            false => self.find_quickly(code, number, &places),
        }
    }

    /// For regions that share a calling code, the library checks each region's area codes and then
    /// all its types. Area codes are cheap, so here they are checked first, after the main region.
    pub(super) fn find_quickly(&self, code: i32, number: &str, places: &[Place]) -> LookupResult {
        let Some((main, others)) = places.split_first() else { return NOWHERE };
        let of = |place: &Place| LookupResult {
            place: Some(*place),
            ..self.typed(code, number, *place)
        };
        let by_area = |place: &Place| self.is_in_area(code, number, *place);
        let own = of(main);
        if others.is_empty() || own.kind != PhoneNumberType::Unknown || by_area(main) {
            return own;
        }
        if let Some(place) = others.iter().copied().find(by_area) {
            return of(&place);
        }
        let mut typed = others.iter().map(of);
        typed.find(|found| found.kind != PhoneNumberType::Unknown).unwrap_or(NOWHERE)
    }

    /// In the library's order.
    pub(super) fn find_in_turn(&self, code: i32, number: &str, places: &[Place]) -> LookupResult {
        let of = |place: &Place| LookupResult {
            place: Some(*place),
            ..self.typed(code, number, *place)
        };
        if let [only] = places {
            return of(only);
        }
        let mut found = places.iter().map(of);
        let fits = |found: &LookupResult| {
            let by_area = |place| self.is_in_area(code, number, place);
            found.kind != PhoneNumberType::Unknown || found.place.is_some_and(by_area)
        };
        found.find(fits).unwrap_or(NOWHERE)
    }

    fn typed(&self, code: i32, number: &str, place: Place) -> LookupResult {
        let util = self.util().as_original();
        let data = util.get_metadata_for_region_or_calling_code(code, place);
        let kind = data.and_then(|data| util.get_number_type_helper(number, data).ok());
        LookupResult { place: None, kind: kind.unwrap_or(PhoneNumberType::Unknown) }
    }

    /// Whether a number has one of a region's area codes.
    fn is_in_area(&self, code: i32, number: &str, place: Place) -> bool {
        let util = self.util().as_original();
        let data = util.get_metadata_for_region_or_calling_code(code, place);
        let area = data.and_then(|data| data.leading_digits().anchor_start().ok()?);
        area.is_some_and(|pattern| pattern.is_match(number))
    }

    fn number_facts(&self, phone: PhoneNumber, code: i32, found: LookupResult) -> NumberFacts {
        let text = phone.to_string();
        let rest = self.split(&text).map_or("", |(_, rest)| rest);
        NumberFacts {
            phone,
            region: self.settled(code, rest, found),
            calling_code: short(code),
            kind: word(found.kind),
            valid: found.kind != PhoneNumberType::Unknown,
        }
    }

    /// The region that was found, else the area code's, else the calling code's main region.
    fn settled(&self, code: i32, number: &str, found: LookupResult) -> Region {
        let own = found.place.map(region).or_else(|| crown_dependency(code, number));
        let main = || self.util().get_region_for_country_code(code).map(region);
        own.or_else(main).unwrap_or(Region::WORLD)
    }

    fn impossible(&self, code: i32, number: &str) -> NumberError {
        NumberError::ImpossibleLength {
            calling_code: short(code),
            digits: u8::try_from(number.len()).unwrap_or_default(),
            possible: self.lengths(code),
        }
    }

    /// Possible numbers of digits after a calling code.
    fn lengths(&self, code: i32) -> Lengths {
        let fits = |digits: &u8| {
            let national_number = 10_u64.pow(u32::from(*digits) - 1);
            let example = Parsed { country_code: code, national_number, ..Parsed::default() };
            let length = self.util().is_possible_number_with_reason(&example);
            length == Ok(NumberLengthType::IsPossible)
        };
        (1..=14).filter(fits).fold(Lengths::default(), Lengths::and)
    }

    /// Whether numbers with this prefix, without the plus sign, can have one of these total
    /// lengths. `digits` contains the whole calling code, at least three digits.
    ///
    /// # Errors
    /// [`NumberError::UnknownCallingCode`], or [`NumberError::ImpossibleLength`] if no length fits.
    fn check_lengths(&self, digits: &str, counts: &[usize]) -> Result<(), NumberError> {
        let text = format!("+{digits}");
        let Some((code, rest)) = self.split(&text) else { return Err(unknown(&text)) };
        let before = digits.len() - rest.len();
        let possible = self.lengths(code);
        let fits =
            |count: &usize| possible.iter().any(|length| usize::from(length) + before == *count);
        if counts.iter().any(fits) {
            return Ok(());
        }
        let longest = counts.iter().max().map_or(0, |count| count.saturating_sub(before));
        Err(NumberError::ImpossibleLength {
            calling_code: short(code),
            digits: u8::try_from(longest).unwrap_or(u8::MAX),
            possible,
        })
    }
}

/// What the metadata says about a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LookupResult {
    /// The region by area code or type, if determined.
    pub(super) place: Option<Place>,
    /// `Unknown` if it is not valid.
    pub(super) kind: PhoneNumberType,
}

/// For a number of no region.
const NOWHERE: LookupResult = LookupResult { place: None, kind: PhoneNumberType::Unknown };

/// Jersey, Guernsey and Man by area code (Ofcom, National Telephone Numbering Plan, part B). The
/// metadata recognises only whole valid numbers, so an unassigned one would count as British.
fn crown_dependency(code: i32, number: &str) -> Option<Region> {
    let word = match (code, number.get(..4)?) {
        (44, "1534") => "JE",
        (44, "1481") => "GG",
        (44, "1624") => "IM",
        _ => return None,
    };
    word.parse().ok()
}

fn word(kind: PhoneNumberType) -> NumberType {
    match kind {
        PhoneNumberType::FixedLine => NumberType::FixedLine,
        PhoneNumberType::Mobile => NumberType::Mobile,
        PhoneNumberType::FixedLineOrMobile => NumberType::FixedLineOrMobile,
        PhoneNumberType::TollFree => NumberType::TollFree,
        PhoneNumberType::PremiumRate => NumberType::PremiumRate,
        PhoneNumberType::SharedCost => NumberType::SharedCost,
        PhoneNumberType::VoIP => NumberType::Voip,
        PhoneNumberType::PersonalNumber => NumberType::PersonalNumber,
        PhoneNumberType::Pager => NumberType::Pager,
        PhoneNumberType::UAN => NumberType::Uan,
        PhoneNumberType::VoiceMail => NumberType::Voicemail,
        PhoneNumberType::Unknown => NumberType::Unknown,
    }
}

/// Calling codes have at most three digits.
fn short(code: i32) -> u16 {
    u16::try_from(code).unwrap_or_default()
}

fn unknown(text: &str) -> NumberError {
    let begins = text.get(1..4).and_then(|digits| digits.parse().ok());
    NumberError::UnknownCallingCode(begins.unwrap_or_default())
}
