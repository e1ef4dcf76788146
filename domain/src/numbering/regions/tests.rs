use super::*;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const CODES: &str = include_str!("../../../../testdata/numbers/codes.csv");

/// The fixture's regions and calling codes, from Google's Python implementation.
fn expected() -> BTreeMap<String, BTreeSet<String>> {
    let mut regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows = CODES.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    for (code, those) in rows.filter_map(|line| line.split_once(',')) {
        for region in those.split(' ') {
            regions.entry(region.to_owned()).or_default().insert(code.to_owned());
        }
    }
    regions
}

fn calling_code(prefix: &str) -> String {
    prefix.trim_start_matches('+').split(' ').next().unwrap().to_owned()
}

#[test]
fn all_regions_with_their_calling_codes_are_there() {
    let codes =
        |info: &RegionInfo| info.calling_codes.iter().map(|code| calling_code(code)).collect();
    let listed = all().iter().map(|info| (info.region.to_string(), codes(info)));
    assert_eq!(listed.collect::<BTreeMap<String, BTreeSet<String>>>(), expected());
    assert_eq!(all().len(), 246, "none twice");
}

#[test]
fn they_stand_by_name() {
    let plain = |text: &str| -> String {
        text.nfd().filter(|letter| !is_combining_mark(*letter)).collect::<String>().to_lowercase()
    };
    let names: Vec<String> = all().iter().map(|info| plain(info.name)).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "sorted, and no name twice");
}

#[test]
fn they_are_found() {
    let found = |code: &str| info(code.parse().unwrap()).map(|info| info.name);
    assert_eq!(found("XK"), Some("Kosovo"));
    assert_eq!(found("001"), Some("No country"));
    assert_eq!(found("AQ"), None);
    assert_eq!(name(&"AQ".parse().unwrap()), "AQ");
}

/// The crate's list equals the fixture's, so that a newer crate with more regions is noticed.
#[test]
fn the_metadata_knows_no_others() {
    let supported = rlibphonenumber::PHONE_NUMBER_UTIL.get_supported_regions();
    let mut supported: Vec<String> =
        supported.map(|region| region.as_region_str().as_str().to_owned()).collect();
    supported.push("001".to_owned());
    supported.sort_unstable();
    let mut listed: Vec<String> = all().iter().map(|info| info.region.to_string()).collect();
    listed.sort_unstable();
    assert_eq!(listed, supported);
}

/// Every area code listed with a calling code has a number of its region.
#[test]
fn area_codes_belong_to_their_regions() {
    for info in all() {
        for prefix in info.calling_codes.iter().filter(|prefix| prefix.contains(' ')) {
            let digits: String = prefix.chars().filter(char::is_ascii_digit).collect();
            let belongs = |tail: u32| {
                let long = format!("+{digits}{tail:03}34567890");
                (7..=12).any(|count| {
                    let facts = crate::numbers::NumberFacts::parse(&long[..=count]);
                    facts.is_ok_and(|facts| facts.valid && facts.region == info.region)
                })
            };
            assert!((0..1_000).any(belongs), "{} {prefix}", info.name);
        }
    }
}
