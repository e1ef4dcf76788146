//! Searches by trial whether any number has a given prefix.

use super::Plans;
use crate::PhoneNumber;

/// Which numbers have a given prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrefixMatch {
    /// At least one valid number.
    Valid,
    /// None: a national prefix follows the calling code, which stored numbers do not have.
    NationalPrefix,
    /// No number that was tried is valid.
    NoneValid,
}

/// Digits appended after the tried ones; numbering plans rarely look that far.
const TAILS: [&str; 2] = ["2345678923456", "0000000000000"];
/// Lengths of numbers, most common first.
const LENGTHS: [usize; 9] = [12, 11, 10, 13, 9, 14, 8, 15, 7];

impl Plans {
    /// Classifies a prefix of at most 14 digits: tries every pair of digits after it, in all
    /// lengths that numbers have. Each try is subtracted from `tries`; `None` if they run out.
    pub(crate) fn beginning(&self, digits: u64, tries: &mut usize) -> Option<PrefixMatch> {
        let text = digits.to_string();
        let mut stripped = false;
        // Few plans have 0 or 1 there.
        let next = (20..100).chain(0..20);
        for (next, tail) in next.flat_map(|next| TAILS.map(|tail| (next, tail))) {
            let long = format!("{text}{next:02}{tail}");
            for length in LENGTHS.into_iter().filter(|length| *length >= text.len()) {
                *tries = tries.checked_sub(1)?;
                let phone = long.get(..length).and_then(|digits| digits.parse().ok());
                let phone = phone.and_then(|digits| PhoneNumber::from_digits(digits).ok());
                let Some(facts) = phone.and_then(|phone| self.facts(phone).ok()) else { continue };
                let begins = facts.phone.digits().to_string().starts_with(&text);
                if begins && facts.valid {
                    return Some(PrefixMatch::Valid);
                }
                stripped |= facts.valid;
            }
        }
        Some(if stripped { PrefixMatch::NationalPrefix } else { PrefixMatch::NoneValid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::string::string_regex;
    use proptest::test_runner::TestRunner;
    use rlibphonenumber::Region as Place;
    use rlibphonenumber::interfaces::AsOriginal as _;
    use std::collections::BTreeSet;

    #[test]
    fn tries_are_counted() {
        let plans = Plans::built_in();
        let mut tries = 2_000;
        assert_eq!(plans.beginning(447_400, &mut tries), Some(PrefixMatch::Valid));
        assert!(tries > 1_990, "{tries}");
        assert_eq!(plans.beginning(1999, &mut 1_000), None);
    }

    #[test]
    fn national_prefixes_and_codes_not_in_service_are_told() {
        let plans = Plans::built_in();
        for (digits, expected) in [
            (4_407_400, PrefixMatch::NationalPrefix),
            (49_0151, PrefixMatch::NationalPrefix),
            (1_1415, PrefixMatch::NationalPrefix),
            (39_06, PrefixMatch::Valid),
            (1999, PrefixMatch::NoneValid),
            (44, PrefixMatch::Valid),
            (1, PrefixMatch::Valid),
            (999, PrefixMatch::NoneValid),
            (447_400, PrefixMatch::Valid),
            (88_213, PrefixMatch::Valid),
        ] {
            assert_eq!(plans.beginning(digits, &mut 2_000), Some(expected), "{digits}");
        }
    }

    /// The calling code of every region, and the patterns of its types.
    fn patterns(plans: &Plans) -> Vec<(i32, String)> {
        let regions = plans.regions().into_iter();
        let of_region = regions.filter_map(|region| {
            let place = Place::from_code(region.as_str()).ok()?;
            let code = plans.util().get_country_code_for_region(place)?;
            let data = plans.util().as_original().get_metadata_for_region(place)?;
            let types = [
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
            let patterns = types.map(|one| one.national_number_pattern().original_base());
            let patterns = patterns.iter().filter(|pattern| !pattern.is_empty());
            // ASCII digits only when generating numbers.
            Some(patterns.map(|one| (code, one.replace("\\d", "[0-9]"))).collect::<Vec<_>>())
        });
        of_region.flatten().collect()
    }

    /// Generated numbers of every region and type: each of their prefixes is found. One in 500 may
    /// be missed, a short prefix that few numbers have; the messages are worded accordingly.
    #[test]
    fn hardly_a_beginning_of_a_valid_number_is_missed() {
        let plans = Plans::built_in();
        let mut runner = TestRunner::deterministic();
        let mut beginnings: BTreeSet<u64> = BTreeSet::new();
        for (code, pattern) in patterns(&plans) {
            let numbers = string_regex(&pattern).unwrap();
            for _ in 0..3 {
                let number = format!("{code}{}", numbers.new_tree(&mut runner).unwrap().current());
                let phone = number.parse().ok().and_then(|one| PhoneNumber::from_digits(one).ok());
                let facts = phone.and_then(|phone| plans.facts(phone).ok());
                if facts.is_some_and(|facts| facts.valid && Some(facts.phone) == phone) {
                    let lengths = 1..=number.len().min(14);
                    beginnings
                        .extend(lengths.map(|length| number[..length].parse::<u64>().unwrap()));
                }
            }
        }
        let missed: Vec<&u64> = beginnings
            .iter()
            .filter(|digits| plans.beginning(**digits, &mut 2_000) != Some(PrefixMatch::Valid))
            .collect();
        assert!(beginnings.len() > 10_000, "{}", beginnings.len());
        assert!(missed.len() * 500 < beginnings.len(), "{missed:?} of {}", beginnings.len());
        assert!(missed.iter().all(|digits| **digits < 100_000), "{missed:?}");
    }
}
