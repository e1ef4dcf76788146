//! What numbers of a region can be according to the plans: where its mobiles belong, and which
//! types exist. Regions with a shared calling code share numbers with its main region, which is
//! checked first.

use super::{NumberType, Plans};
use crate::{PhoneNumber, Region, regions};
use rlibphonenumber::Region as Place;
use rlibphonenumber::interfaces::AsOriginal as _;

/// Where a region's mobile numbers are assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MobileRegion {
    /// To the region itself.
    Own,
    /// To another region, whose plan is checked first and includes these numbers.
    Of(Region),
    /// No mobile numbers are known, but others are.
    Unknown,
    /// As [`Self::Of`], and no number of any other type belongs to the region either.
    NoNumbers(Region),
}

/// A number, and those that differ from it in one digit after the calling code.
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
    /// Where a region's mobiles belong, judged by its plan's example and numbers that differ in one
    /// digit.
    pub(crate) fn mobiles(&self, region: Region) -> MobileRegion {
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
            Some(_) if some(NumberType::Mobile) => MobileRegion::Own,
            Some(other) if NumberType::ALL.iter().any(|kind| some(*kind)) => {
                MobileRegion::Of(other)
            }
            Some(other) => MobileRegion::NoNumbers(other),
            None if region == Region::WORLD => MobileRegion::Own,
            None if self.calling_code(region).is_some() => MobileRegion::Unknown,
            // Newer plans may lack a known region.
            None => {
                self.of_calling_code(region).map_or(MobileRegion::Unknown, MobileRegion::NoNumbers)
            }
        }
    }

    /// Whether a number can have this region and type. Plans do not say whether fixed lines and
    /// mobiles are distinguished for all of a region's numbers; where it is unclear, both and
    /// *fixed line or mobile* are possible.
    pub(crate) fn has(&self, region: Region, kind: NumberType) -> bool {
        let same = self.tells_no_mobiles(region);
        let example = |kind| {
            let facts = self.example(region, kind).and_then(|phone| self.facts(phone).ok());
            facts.filter(|facts| facts.region == region)
        };
        let belongs = |kind| example(kind).is_some();
        match kind {
            NumberType::Unknown => true,
            NumberType::FixedLineOrMobile => {
                same || belongs(NumberType::FixedLine) && belongs(NumberType::Mobile)
            }
            NumberType::FixedLine | NumberType::Mobile => !same && belongs(kind),
            _ => example(kind).is_some_and(|facts| facts.kind == kind),
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

    /// The example number of a type in a region's plan.
    fn example(&self, region: Region, kind: NumberType) -> Option<PhoneNumber> {
        let code = self.calling_code(region)?;
        let place = Place::from_code(region.as_str()).ok()?;
        self.example_of(code, place, kind)
    }

    /// The main region of the calling code listed for a region.
    fn of_calling_code(&self, region: Region) -> Option<Region> {
        let code = regions::info(region)?.calling_codes.first()?;
        let code = code.trim_start_matches('+').split(' ').next()?.parse().ok()?;
        let place = self.util().get_region_for_country_code(code)?;
        Some(super::plans::region(place))
    }
}
