//! Looking a number up in Google's metadata. The gate does so for every request, so the digits are
//! taken as they stand wherever that gives what the library's own, slower reading of text gives.

use super::plans::region;
use super::{Lengths, NumberError, NumberFacts, NumberType, Plans};
use crate::{PhoneNumber, Region};
use rlibphonenumber::interfaces::AsOriginal;
use rlibphonenumber::{
    NumberLengthType, PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType, Region as Place,
    get_national_significant_number_owned as national,
};

impl NumberFacts {
    /// Looks a number up in the numbering plans that hold in this process.
    ///
    /// # Errors
    /// When its calling code is not assigned, or has no numbers of that length. All else has an
    /// answer, and be it that the number is not valid.
    pub fn of(phone: PhoneNumber) -> Result<Self, NumberError> {
        Plans::current().facts(phone)
    }

    /// Reads a number and looks it up.
    ///
    /// # Errors
    /// When nothing is given, when it is not a plus sign and 7 to 15 digits, and as [`Self::of`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if text.trim().is_empty() {
            return Err(NumberError::Missing);
        }
        Self::of(PhoneNumber::spelled(text)?)
    }
}

/// The number as it is dialled from abroad: without a national prefix.
///
/// # Errors
/// As [`NumberFacts::of`].
pub(crate) fn canonical(phone: PhoneNumber) -> Result<PhoneNumber, NumberError> {
    NumberFacts::of(phone).map(|facts| facts.phone)
}

/// As [`Plans::region_of`], in the plans that hold in this process.
pub(crate) fn region_of(phone: PhoneNumber) -> Option<Region> {
    Plans::current().region_of(phone)
}

/// As [`Plans::check_lengths`], in the plans that hold in this process.
///
/// # Errors
/// When the calling code is not assigned, or has no numbers of such a length.
pub(crate) fn check_lengths(digits: &str, counts: &[usize]) -> Result<(), NumberError> {
    Plans::current().check_lengths(digits, counts)
}

impl Plans {
    /// Looks a number up in these plans.
    ///
    /// # Errors
    /// As [`NumberFacts::of`].
    pub fn facts(&self, phone: PhoneNumber) -> Result<NumberFacts, NumberError> {
        let text = phone.to_string();
        let Some((code, rest)) = self.split(&text) else {
            return Err(unknown(&text));
        };
        let found = self.find(code, rest);
        if found.kind != PhoneNumberType::Unknown && !self.careful.contains(&code) {
            return Ok(self.told(phone, code, found));
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
        // Reading drops one national prefix: with two of them it would be another number, which
        // blocks and limits of this one do not hold.
        match e164.digits() < phone.digits() {
            true => self.facts(e164),
            false => Ok(self.told(e164, code, found)),
        }
    }

    /// The region a number belongs to by its prefix, [`NumberFacts::region`] for numbers of whatever
    /// length; `None` when its calling code is not assigned.
    pub(super) fn region_of(&self, phone: PhoneNumber) -> Option<Region> {
        let text = phone.to_string();
        let (code, rest) = self.split(&text)?;
        // Most calling codes have one region: nothing else needs to be looked at.
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

    /// Calling code, and what follows it; `None` when no such calling code is assigned. None begins
    /// with another (ITU-T E.164).
    fn split<'a>(&self, text: &'a str) -> Option<(i32, &'a str)> {
        let digits = text.strip_prefix('+')?;
        (1..=3).find_map(|count| {
            let (code, rest) = digits.split_at_checked(count)?;
            let code = code.parse().ok()?;
            self.util().get_region_for_country_code(code).map(|_| (code, rest))
        })
    }

    /// By the library's own rules, which drop a national prefix.
    pub(super) fn read(&self, text: &str) -> Option<Parsed> {
        self.util().parse(text, None).ok()
    }

    /// As the library's `get_region_for_number` and `get_number_type`, in one go.
    pub(super) fn find(&self, code: i32, number: &str) -> Found {
        let Some(places) = self.util().get_regions_for_country_calling_code(code) else {
            return NOWHERE;
        };
        let places: Vec<Place> = places.collect();
        match self.careful.contains(&code) {
            true => self.find_in_turn(code, number, &places),
            false => self.find_quickly(code, number, &places),
        }
    }

    /// Where several regions share a calling code, the library asks each in turn for its area
    /// codes and then all its types; area codes are cheap, so they are asked first here, after the
    /// main region.
    pub(super) fn find_quickly(&self, code: i32, number: &str, places: &[Place]) -> Found {
        let Some((main, others)) = places.split_first() else { return NOWHERE };
        let of = |place: &Place| Found { place: Some(*place), ..self.typed(code, number, *place) };
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

    /// In the library's own order.
    pub(super) fn find_in_turn(&self, code: i32, number: &str, places: &[Place]) -> Found {
        let of = |place: &Place| Found { place: Some(*place), ..self.typed(code, number, *place) };
        if let [only] = places {
            return of(only);
        }
        let mut found = places.iter().map(of);
        let fits = |found: &Found| {
            let by_area = |place| self.is_in_area(code, number, place);
            found.kind != PhoneNumberType::Unknown || found.place.is_some_and(by_area)
        };
        found.find(fits).unwrap_or(NOWHERE)
    }

    fn typed(&self, code: i32, number: &str, place: Place) -> Found {
        let util = self.util().as_original();
        let data = util.get_metadata_for_region_or_calling_code(code, place);
        let kind = data.and_then(|data| util.get_number_type_helper(number, data).ok());
        Found { place: None, kind: kind.unwrap_or(PhoneNumberType::Unknown) }
    }

    /// Whether a region's area codes hold a number.
    fn is_in_area(&self, code: i32, number: &str, place: Place) -> bool {
        let util = self.util().as_original();
        let data = util.get_metadata_for_region_or_calling_code(code, place);
        let area = data.and_then(|data| data.leading_digits().anchor_start().ok()?);
        area.is_some_and(|pattern| pattern.is_match(number))
    }

    fn told(&self, phone: PhoneNumber, code: i32, found: Found) -> NumberFacts {
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

    /// By what was found, else by area code, else the calling code's main region.
    fn settled(&self, code: i32, number: &str, found: Found) -> Region {
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

    /// How many digits may follow a calling code.
    fn lengths(&self, code: i32) -> Lengths {
        let fits = |digits: &u8| {
            let national_number = 10_u64.pow(u32::from(*digits) - 1);
            let example = Parsed { country_code: code, national_number, ..Parsed::default() };
            let length = self.util().is_possible_number_with_reason(&example);
            length == Ok(NumberLengthType::IsPossible)
        };
        (1..=14).filter(fits).fold(Lengths::default(), Lengths::and)
    }

    /// Whether numbers that begin so, without the plus sign, can have one of these counts of digits in
    /// all. `digits` holds the whole calling code, three digits or more.
    ///
    /// # Errors
    /// When the calling code is not assigned, or has no numbers of such a length.
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

/// What the metadata says of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// The region by area code or by type, if they tell.
    pub(super) place: Option<Place>,
    /// Unknown when it is not valid.
    pub(super) kind: PhoneNumberType,
}

/// Of a number that no region has.
const NOWHERE: Found = Found { place: None, kind: PhoneNumberType::Unknown };

/// Jersey, Guernsey and Man by area code (Ofcom, National Telephone Numbering Plan, part B): the
/// metadata knows them by whole valid numbers alone, so that a number nobody was given would count
/// as British.
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

/// Codes have at most three digits.
fn short(code: i32) -> u16 {
    u16::try_from(code).unwrap_or_default()
}

fn unknown(text: &str) -> NumberError {
    let begins = text.get(1..4).and_then(|digits| digits.parse().ok());
    NumberError::UnknownCallingCode(begins.unwrap_or_default())
}
