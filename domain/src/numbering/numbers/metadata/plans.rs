//! The current numbering plans: Google's metadata, built in or from a file. A process has one at a
//! time; all servers of a store use the same.

use super::NumberType;
use super::data::{NumberData, NumberDataError};
use crate::{PhoneNumber, Region};
use rlibphonenumber::interfaces::AsOriginal as _;
use rlibphonenumber::metadata_validator::validate_metadata;
use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumberUtil, Region as Place,
    get_national_significant_number_owned as national,
};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// The built-in version of Google's metadata, as the library's release names it.
pub(crate) const BUILT_IN: &str = "9.0.42";

/// Belarus: the only calling code in the built-in plans with valid numbers from which the parser
/// drops a national prefix, making them invalid. The test over the fixture finds it.
const BELARUS: i32 = 375;

/// How many built-in regions a file may lack: Google occasionally removes one, as it did with
/// Western Sahara. A file that lacks more is incomplete.
const LACKING_MAX: usize = 3;
/// Percentage of Google's example numbers in the built-in plans that must stay valid and in their
/// region under a file: plans change slowly.
const EXAMPLES_KEPT: usize = 95;

/// Numbering plans of all regions.
pub struct Plans {
    /// The library with a file's metadata; `None` for the built-in one.
    brought: Option<PhoneNumberUtil>,
    /// Calling codes that need the library's slower lookup order and parser, because the fast path
    /// gives other results.
    pub(super) careful: BTreeSet<i32>,
    name: String,
}

static HELD: LazyLock<RwLock<Arc<Plans>>> = LazyLock::new(|| RwLock::new(Plans::built_in()));

impl Plans {
    /// The plans compiled into this program.
    pub fn built_in() -> Arc<Self> {
        let careful = BTreeSet::from([BELARUS]);
        Arc::new(Self { brought: None, careful, name: format!("{BUILT_IN} (built in)") })
    }

    /// The plans in use in this process.
    pub fn current() -> Arc<Self> {
        Arc::clone(&HELD.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes these the plans in use in this process.
    pub fn hold(self: Arc<Self>) {
        *HELD.write().unwrap_or_else(PoisonError::into_inner) = self;
    }

    /// Plans from a file, with a display name.
    ///
    /// # Errors
    /// A pattern is invalid, or the file is incomplete compared with the built-in plans.
    pub fn brought(data: &NumberData, name: &str) -> Result<Self, NumberDataError> {
        let said = |error: &dyn fmt::Display| NumberDataError::new(error.to_string());
        validate_metadata(data.metadata().clone(), false).map_err(|error| said(&error))?;
        let util = PhoneNumberUtil::new_for_metadata(data.metadata().clone());
        let util = util.map_err(|error| said(&error))?;
        let mut plans =
            Self { brought: Some(util), careful: BTreeSet::new(), name: name.to_owned() };
        plans.careful = plans.other_when_quick();
        plans.check_beside(&Self::built_in())?;
        Ok(plans)
    }

    /// The display name: a version, or the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn util(&self) -> &PhoneNumberUtil {
        self.brought.as_ref().unwrap_or(&PHONE_NUMBER_UTIL)
    }

    /// Every region of these plans except [`Region::WORLD`], by calling code, the main region of
    /// each code first.
    pub fn regions(&self) -> Vec<Region> {
        let mut regions = Vec::new();
        for code in self.util().get_supported_calling_codes() {
            let places = self.util().get_regions_for_country_calling_code(code);
            let places = places.into_iter().flatten().map(region).enumerate();
            let placed = places.map(|(at, region)| (at > 0, code, at, region));
            regions.extend(placed.filter(|(.., region)| *region != Region::WORLD));
        }
        regions.sort_unstable();
        regions.into_iter().map(|(.., region)| region).collect()
    }

    /// The metadata's example numbers, one per type and region.
    fn examples(&self) -> Vec<(i32, PhoneNumber)> {
        let mut examples = Vec::new();
        for code in self.util().get_supported_calling_codes() {
            let places = self.util().get_regions_for_country_calling_code(code);
            for place in places.into_iter().flatten() {
                let numbers =
                    NumberType::ALL.iter().filter_map(|kind| self.example_of(code, place, *kind));
                examples.extend(numbers.map(|number| (code, number)));
            }
        }
        examples
    }

    /// The example number of a type in a region's plan, unless it is too short for E.164.
    pub(super) fn example_of(
        &self,
        code: i32,
        place: Place,
        kind: NumberType,
    ) -> Option<PhoneNumber> {
        let util = self.util().as_original();
        let data = util.get_metadata_for_region_or_calling_code(code, place)?;
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

    /// Calling codes with an example number for which the fast lookup differs from the library's.
    fn other_when_quick(&self) -> BTreeSet<i32> {
        let is_other = |code: i32, phone: PhoneNumber| {
            let text = phone.to_string();
            let rest = &text[1 + code.to_string().len()..];
            let places = self.util().get_regions_for_country_calling_code(code);
            let places: Vec<Place> = places.into_iter().flatten().collect();
            let quick = self.find_quickly(code, rest, &places);
            let reads = self.read(&text).map(|parsed| national(&parsed));
            quick != self.find_in_turn(code, rest, &places) || reads.as_deref() != Some(rest)
        };
        let examples = self.examples().into_iter();
        let mut codes: BTreeSet<i32> = examples
            .filter(|(code, phone)| is_other(*code, *phone))
            .map(|(code, _)| code)
            .collect();
        codes.insert(BELARUS);
        codes
    }

    /// Whether these plans are complete compared with known ones.
    fn check_beside(&self, whole: &Self) -> Result<(), NumberDataError> {
        let known: BTreeSet<Region> = self.regions().into_iter().collect();
        let lacking: Vec<String> = whole
            .regions()
            .into_iter()
            .filter(|region| !known.contains(region))
            .map(|region| region.to_string())
            .collect();
        if lacking.len() > LACKING_MAX {
            let (first, count) = (lacking[..LACKING_MAX].join(", "), lacking.len() - LACKING_MAX);
            return Err(NumberDataError::new(format!(
                "has no numbering plan for {first} and {count} more regions that are known here; \
                 at most {LACKING_MAX} may be missing"
            )));
        }
        let before = whole.examples().into_iter().filter_map(|(_, phone)| whole.facts(phone).ok());
        let before: Vec<_> = before.filter(|facts| facts.valid).collect();
        let kept = before.iter().filter(|was| {
            let now = self.facts(was.phone);
            now.is_ok_and(|now| now.valid && now.region == was.region)
        });
        let (kept, all) = (kept.count(), before.len());
        if kept * 100 < all * EXAMPLES_KEPT {
            return Err(NumberDataError::new(format!(
                "knows {kept} of the {all} numbers that Google gives as examples; at least \
                 {EXAMPLES_KEPT} of 100 must stay valid and in their region"
            )));
        }
        Ok(())
    }
}

impl fmt::Debug for Plans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plans").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The library's region as ours.
pub(super) fn region(place: Place) -> Region {
    place.as_region_str().as_str().parse().unwrap_or(Region::WORLD)
}
