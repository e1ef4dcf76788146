//! The numbering plans that numbers are looked up in: Google's metadata, built in or brought by a
//! file. One of them holds in a process; servers of one store hold the same.

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

/// The version of Google's metadata that is built in, as the library's release names it.
pub const BUILT_IN: &str = "9.0.42";

/// The one calling code (Belarus) of the built-in plans with numbers that are valid as they stand,
/// and of which reading drops a national prefix nevertheless, so that they are not: the test over
/// the fixture finds it.
const BELARUS: i32 = 375;

/// So many of the regions that are built in a file may lack: Google takes one out now and then, as
/// it did with Western Sahara. A file that lacks more is not whole.
const LACKING_MAX: usize = 3;
/// Of a hundred numbers that Google gives as examples in the built-in plans, so many must be valid
/// and in their region by a file, too: plans change slowly.
const EXAMPLES_KEPT: usize = 95;

/// Numbering plans of all regions.
pub struct Plans {
    /// The library with what a file brought; without one, the library's own.
    brought: Option<PhoneNumberUtil>,
    /// Calling codes whose numbers are looked up in the library's own order and reading, which
    /// takes longer: what is quicker gives another answer there.
    pub(super) careful: BTreeSet<i32>,
    name: String,
}

static HELD: LazyLock<RwLock<Arc<Plans>>> = LazyLock::new(|| RwLock::new(Plans::built_in()));

impl Plans {
    /// The plans that this program was built with.
    pub fn built_in() -> Arc<Self> {
        let careful = BTreeSet::from([BELARUS]);
        Arc::new(Self { brought: None, careful, name: format!("{BUILT_IN} (built in)") })
    }

    /// The plans that hold in this process.
    pub fn current() -> Arc<Self> {
        Arc::clone(&HELD.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets these plans hold in this process from now on.
    pub fn hold(self: Arc<Self>) {
        *HELD.write().unwrap_or_else(PoisonError::into_inner) = self;
    }

    /// Plans as a file has them, under a name for people.
    ///
    /// # Errors
    /// When a pattern cannot be read, or the file is not whole beside the built-in plans.
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

    /// What people call these plans: their version, or the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The library that looks numbers up.
    pub(super) fn util(&self) -> &PhoneNumberUtil {
        self.brought.as_ref().unwrap_or(&PHONE_NUMBER_UTIL)
    }

    /// Every region of these plans; [`Region::WORLD`] is not among them. In the order of calling
    /// codes, the main region of each code before the others that share it.
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

    /// The numbers that the metadata gives as examples, one for each type of each region.
    fn examples(&self) -> Vec<(i32, PhoneNumber)> {
        let util = self.util().as_original();
        let mut examples = Vec::new();
        for code in self.util().get_supported_calling_codes() {
            let places = self.util().get_regions_for_country_calling_code(code);
            for place in places.into_iter().flatten() {
                let data = util.get_metadata_for_region_or_calling_code(code, place);
                let Some(data) = data else { continue };
                let kinds = [
                    &data.fixed_line,
                    &data.mobile,
                    &data.toll_free,
                    &data.premium_rate,
                    &data.shared_cost,
                    &data.personal_number,
                    &data.voip,
                    &data.pager,
                    &data.uan,
                    &data.voicemail,
                ];
                let numbers = kinds.iter().filter_map(|kind| {
                    let digits = kind.original.example_number.as_deref()?;
                    // What is too short for E.164 here is no number here.
                    PhoneNumber::from_e164(&format!("+{code}{digits}")).ok()
                });
                examples.extend(numbers.map(|number| (code, number)));
            }
        }
        examples
    }

    /// Calling codes with an example of which looking up quickly says something else than the
    /// library's own order and reading do.
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

    /// Whether these plans are whole, beside others that are.
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

/// The region as we write it.
pub(super) fn region(place: Place) -> Region {
    place.as_region_str().as_str().parse().unwrap_or(Region::WORLD)
}
