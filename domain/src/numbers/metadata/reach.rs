//! What a region's numbers can be, by the plans themselves: where its mobiles belong, and which
//! types it has. Regions that share a calling code share numbers with its main region, which is
//! asked first.

use super::{NumberType, Plans};
use crate::{PhoneNumber, Region, regions};
use rlibphonenumber::Region as Place;
use rlibphonenumber::interfaces::AsOriginal as _;

/// Where the mobiles of a region belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mobiles {
    /// To the region.
    Own,
    /// To another: its plan is asked first, and has these numbers, too.
    Of(Region),
    /// There are none; other numbers of the region are known.
    Unknown,
    /// As [`Self::Of`], and no number of another type belongs to the region either.
    NoNumbers(Region),
}

/// A number, and those that differ from it in one digit after its calling code.
fn near(phone: PhoneNumber, code: i32) -> impl Iterator<Item = PhoneNumber> {
    let digits = phone.digits();
    let all = digits.checked_ilog10().map_or(1, |log| log + 1);
    let of_code = code.checked_ilog10().map_or(1, |log| log + 1);
    let places = (0..all.saturating_sub(of_code)).map(|place| 10_u64.pow(place));
    let other = places.flat_map(move |unit| {
        let rest = digits - digits / unit % 10 * unit;
        (0..10).map(move |digit| rest + digit * unit)
    });
    std::iter::once(digits).chain(other).filter_map(|digits| PhoneNumber::from_digits(digits).ok())
}

impl Plans {
    /// Where the mobiles of a region belong, by the one that its plan gives as an example and those
    /// that differ from it in one digit.
    pub(crate) fn mobiles(&self, region: Region) -> Mobiles {
        let example = |kind| self.example(region, kind);
        let some = |kind: NumberType| {
            let own = |phone| {
                let facts = self.facts(phone).ok().filter(|facts| facts.region == region);
                facts.is_some_and(|facts| {
                    facts.kind == kind || facts.kind == NumberType::FixedLineOrMobile
                })
            };
            let code = self.calling_code(region).unwrap_or_default();
            example(kind).is_some_and(|phone| near(phone, code).any(own))
        };
        match example(NumberType::Mobile).and_then(|phone| self.region_of(phone)) {
            Some(_) if some(NumberType::Mobile) => Mobiles::Own,
            Some(other) if NumberType::ALL.iter().any(|kind| some(*kind)) => Mobiles::Of(other),
            Some(other) => Mobiles::NoNumbers(other),
            None if region == Region::WORLD => Mobiles::Own,
            None if self.calling_code(region).is_some() => Mobiles::Unknown,
            // Newer plans may lack a region that is known here.
            None => self.of_calling_code(region).map_or(Mobiles::Unknown, Mobiles::NoNumbers),
        }
    }

    /// Whether a number can be of this region and this type. Whether fixed lines and mobiles are
    /// told apart for all numbers of a region or for some is not known: then both and *fixed line
    /// or mobile* can be.
    pub fn has(&self, region: Region, kind: NumberType) -> bool {
        let same = self.tells_no_mobiles(region);
        let belongs = |kind| {
            let example = self.example(region, kind).and_then(|phone| self.facts(phone).ok());
            example.is_some_and(|facts| facts.region == region)
        };
        match kind {
            NumberType::Unknown => true,
            NumberType::FixedLineOrMobile => {
                same || belongs(NumberType::FixedLine) && belongs(NumberType::Mobile)
            }
            NumberType::FixedLine | NumberType::Mobile => !same && belongs(kind),
            _ => {
                let example = self.example(region, kind).and_then(|phone| self.facts(phone).ok());
                example.is_some_and(|facts| facts.region == region && facts.kind == kind)
            }
        }
    }

    fn calling_code(&self, region: Region) -> Option<i32> {
        let place = Place::from_code(region.as_str()).ok()?;
        self.util().get_country_code_for_region(place)
    }

    /// Whether a region's plan has one pattern for fixed lines and mobiles.
    fn tells_no_mobiles(&self, region: Region) -> bool {
        let place = Place::from_code(region.as_str()).ok();
        let data = place.and_then(|place| self.util().as_original().get_metadata_for_region(place));
        data.is_some_and(|data| data.original.same_mobile_and_fixed_line_pattern())
    }

    /// The number that a region's plan gives as an example of a type.
    fn example(&self, region: Region, kind: NumberType) -> Option<PhoneNumber> {
        let code = self.calling_code(region)?;
        let place = Place::from_code(region.as_str()).ok()?;
        let data = self.util().as_original().get_metadata_for_region(place)?;
        let desc = match kind {
            NumberType::FixedLine => &data.fixed_line,
            NumberType::Mobile => &data.mobile,
            NumberType::TollFree => &data.toll_free,
            NumberType::PremiumRate => &data.premium_rate,
            NumberType::SharedCost => &data.shared_cost,
            NumberType::Voip => &data.voip,
            NumberType::PersonalNumber => &data.personal_number,
            NumberType::Pager => &data.pager,
            NumberType::Uan => &data.uan,
            NumberType::Voicemail => &data.voicemail,
            NumberType::FixedLineOrMobile | NumberType::Unknown => return None,
        };
        let digits = desc.original.example_number.as_deref()?;
        PhoneNumber::from_e164(&format!("+{code}{digits}")).ok()
    }

    /// The main region of the calling code that people know a region by.
    fn of_calling_code(&self, region: Region) -> Option<Region> {
        let code = regions::info(region)?.calling_codes.first()?;
        let code = code.trim_start_matches('+').split(' ').next()?.parse().ok()?;
        let place = self.util().get_region_for_country_code(code)?;
        Some(super::plans::region(place))
    }
}
