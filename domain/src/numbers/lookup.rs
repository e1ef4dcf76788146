//! Looking a number up in Google's metadata. The gate does so for every request, so the digits are
//! taken as they stand wherever that gives what the library's own, slower reading of text gives.

use super::{Lengths, NumberError, NumberFacts, NumberType};
use crate::{PhoneNumber, Region};
use rlibphonenumber::interfaces::AsOriginal;
use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType,
    Region as Place, get_national_significant_number_owned as national,
};

/// The one calling code (Belarus) with numbers that are valid as they stand, and of which reading
/// drops a national prefix nevertheless, so that they are not: the test over the fixture finds it.
const READ_ALWAYS: i32 = 375;

impl NumberFacts {
    /// Looks a number up.
    ///
    /// # Errors
    /// When its calling code is not assigned, or has no numbers of that length. All else has an
    /// answer, and be it that the number is not valid.
    pub fn of(phone: PhoneNumber) -> Result<Self, NumberError> {
        let text = phone.to_string();
        let Some((code, rest)) = split(&text) else {
            return Err(unknown(&text));
        };
        let found = find(code, rest);
        if found.kind != PhoneNumberType::Unknown && code != READ_ALWAYS {
            return Ok(facts(phone, code, found));
        }
        let Some(parsed) = read(&text) else {
            return Err(impossible(code, rest));
        };
        if !PHONE_NUMBER_UTIL.is_possible_number(&parsed) {
            return Err(impossible(code, rest));
        }
        let number = national(&parsed);
        let found = if number == rest { found } else { find(code, &number) };
        let e164 = parsed.format_as(PhoneNumberFormat::E164);
        let e164 = PhoneNumber::from_e164(&e164).unwrap_or(phone);
        // Reading drops one national prefix: with two of them it would be another number, which
        // blocks and limits of this one do not hold.
        match e164.digits() < phone.digits() {
            true => Self::of(e164),
            false => Ok(facts(e164, code, found)),
        }
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

/// The region a number belongs to by its prefix, [`NumberFacts::region`] for numbers of whatever
/// length; `None` when its calling code is not assigned.
pub(crate) fn region_of(phone: PhoneNumber) -> Option<Region> {
    let text = phone.to_string();
    let (code, rest) = split(&text)?;
    // Most calling codes have one region: nothing else needs to be looked at.
    let mut places = PHONE_NUMBER_UTIL.get_regions_for_country_calling_code(code)?;
    if places.len() == 1 {
        return places.next().map(region);
    }
    let found = find(code, rest);
    if found.kind != PhoneNumberType::Unknown && code != READ_ALWAYS {
        return Some(settled(code, rest, found));
    }
    let number = read(&text).map(|parsed| national(&parsed));
    Some(match number {
        Some(number) if number != rest => settled(code, &number, find(code, &number)),
        _ => settled(code, rest, found),
    })
}

/// Calling code, and what follows it; `None` when no such calling code is assigned. None begins
/// with another (ITU-T E.164).
fn split(text: &str) -> Option<(i32, &str)> {
    let digits = text.strip_prefix('+')?;
    (1..=3).find_map(|count| {
        let (code, rest) = digits.split_at_checked(count)?;
        let code = code.parse().ok()?;
        PHONE_NUMBER_UTIL.get_region_for_country_code(code).map(|_| (code, rest))
    })
}

/// By the library's own rules, which drop a national prefix.
fn read(text: &str) -> Option<Parsed> {
    PHONE_NUMBER_UTIL.parse(text, None).ok()
}

/// What the metadata says of a number.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The region by area code or by type, if they tell.
    pub(super) place: Option<Place>,
    /// Unknown when it is not valid.
    pub(super) kind: PhoneNumberType,
}

/// As the library's `get_region_for_number` and `get_number_type`, in one go. Where several
/// regions share a calling code, the library asks each in turn for its area codes and then all its
/// types; area codes are cheap, so they are asked first here, after the main region.
pub(super) fn find(code: i32, number: &str) -> Found {
    let util = PHONE_NUMBER_UTIL.as_original();
    let Some(places) = util.get_regions_for_country_calling_code(code) else {
        return Found { place: None, kind: PhoneNumberType::Unknown };
    };
    let metadata = |place| util.get_metadata_for_region_or_calling_code(code, place);
    let kind = |place| {
        let kind = metadata(place).map(|data| util.get_number_type_helper(number, data));
        kind.and_then(Result::ok).unwrap_or(PhoneNumberType::Unknown)
    };
    let by_area = |place: &Place| {
        let area = metadata(*place).and_then(|data| data.leading_digits().anchor_start().ok()?);
        area.is_some_and(|pattern| pattern.is_match(number))
    };
    let places: Vec<Place> = places.collect();
    let Some((main, others)) = places.split_first() else {
        return Found { place: None, kind: PhoneNumberType::Unknown };
    };
    let own = kind(*main);
    if others.is_empty() || own != PhoneNumberType::Unknown || by_area(main) {
        return Found { place: Some(*main), kind: own };
    }
    if let Some(place) = others.iter().copied().find(by_area) {
        return Found { place: Some(place), kind: kind(place) };
    }
    let typed = others.iter().map(|place| Found { place: Some(*place), kind: kind(*place) });
    let mut typed = typed.filter(|found| found.kind != PhoneNumberType::Unknown);
    typed.next().unwrap_or(Found { place: None, kind: PhoneNumberType::Unknown })
}

fn facts(phone: PhoneNumber, code: i32, found: Found) -> NumberFacts {
    let text = phone.to_string();
    let rest = split(&text).map_or("", |(_, rest)| rest);
    NumberFacts {
        phone,
        region: settled(code, rest, found),
        calling_code: short(code),
        kind: word(found.kind),
        valid: found.kind != PhoneNumberType::Unknown,
    }
}

/// By what was found, else by area code, else the calling code's main region.
fn settled(code: i32, number: &str, found: Found) -> Region {
    let own = found.place.map(region).or_else(|| crown_dependency(code, number));
    let main = || PHONE_NUMBER_UTIL.get_region_for_country_code(code).map(region);
    own.or_else(main).unwrap_or(Region::WORLD)
}

fn region(place: Place) -> Region {
    place.as_region_str().as_str().parse().unwrap_or(Region::WORLD)
}

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

fn impossible(code: i32, number: &str) -> NumberError {
    NumberError::ImpossibleLength {
        calling_code: short(code),
        digits: u8::try_from(number.len()).unwrap_or_default(),
        possible: lengths(code),
    }
}

/// How many digits may follow a calling code.
fn lengths(code: i32) -> Lengths {
    let fits = |digits: &u8| {
        let national_number = 10_u64.pow(u32::from(*digits) - 1);
        let example = Parsed { country_code: code, national_number, ..Parsed::default() };
        let length = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&example);
        length == Ok(NumberLengthType::IsPossible)
    };
    (1..=14).filter(fits).fold(Lengths::default(), Lengths::and)
}

/// Whether numbers that begin so, without the plus sign, can have one of these counts of digits in
/// all. `digits` holds the whole calling code, three digits or more.
///
/// # Errors
/// When the calling code is not assigned, or has no numbers of such a length.
pub(crate) fn check_lengths(digits: &str, counts: &[usize]) -> Result<(), NumberError> {
    let text = format!("+{digits}");
    let Some((code, rest)) = split(&text) else { return Err(unknown(&text)) };
    let before = digits.len() - rest.len();
    let possible = lengths(code);
    let fits = |count: &usize| possible.iter().any(|length| usize::from(length) + before == *count);
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
