use super::super::{ChannelCountries, Mode};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn regions_of(codes: &[&str]) -> BTreeSet<Region> {
    codes.iter().map(|code| region(code)).collect()
}

fn with(mode: Mode, codes: &[&str]) -> Settings {
    let countries = ChannelCountries { mode, regions: regions_of(codes) };
    Settings { voice: countries.clone(), sms: countries, ..Settings::default() }
}

/// The regions that Microsoft counts under a code.
fn of_code(code: u16) -> BTreeSet<Region> {
    let all = regions::all().iter().map(|info| info.region);
    all.filter(|region| calling_code(*region) == Some(code)).collect()
}

#[test]
fn the_preset_is_microsofts() {
    assert!(DEFAULT_OFF.is_sorted_by(|a, b| a < b), "rising, none twice");
    assert_eq!(DEFAULT_OFF.len(), 114);
    for (code, expected) in [
        (7, &["RU", "KZ"][..]),
        (212, &["MA", "EH"]),
        (262, &["RE", "YT"]),
        (290, &["SH", "TA"]),
        (377, &["MC"]),
        (383, &["XK"]),
        (590, &["GP", "BL", "MF"]),
        (672, &["NF"]),
        (690, &["TK"]),
        (970, &["PS"]),
        (1721, &["SX"]),
        (1784, &["VC"]),
        (1876, &["JM"]),
    ] {
        assert_eq!(of_code(code), regions_of(expected), "{code}");
        assert!(DEFAULT_OFF.contains(&code), "{code}");
    }
    let off = default_off_regions();
    for code in DEFAULT_OFF {
        let regions = of_code(code);
        assert!(!regions.is_empty() && regions.is_subset(&off), "{code}");
    }
    for on in ["US", "CA", "DO", "PR", "GB", "DE", "IN", "BR", "CW", "BQ", "001"] {
        assert!(!off.contains(&region(on)), "{on}");
    }
    // 114 codes, and the second and third regions of those that are shared.
    assert_eq!(off.len(), 114 + 6, "KZ, EH, YT, TA, BL, MF");
}

#[test]
fn every_region_has_one_code_and_001_none() {
    for info in regions::all() {
        if info.region == Region::WORLD {
            assert_eq!(calling_code(info.region), None);
            continue;
        }
        let code = calling_code(info.region).unwrap();
        for shown in info.calling_codes {
            let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
            let first = if code > 999 { 1 } else { code };
            assert!(digits.starts_with(&first.to_string()), "{shown} {code}");
        }
    }
    for (code, expected) in [("GB", 44), ("JE", 44), ("US", 1), ("BS", 1), ("AX", 358), ("VA", 39)]
    {
        assert_eq!(calling_code(region(code)), Some(expected), "{code}");
    }
    assert_eq!(calling_code(region("AQ")), None);
}

#[test]
fn every_region_is_every_code() {
    let lists = external_id_lists(&Settings::default());
    assert_eq!(lists.sms_options.include_additional_regions, DEFAULT_OFF);
    assert!(lists.sms_options.exclude_regions.is_empty());
    assert_eq!(lists.sms_options, lists.voice_options);
    assert!(lists.shared.is_empty());
    assert_eq!(external_id_lists(&with(Mode::Monitor, &["US"])), lists, "monitored goes out");
    let none = external_id_lists(&with(Mode::Allowlist, &[])).sms_options;
    assert!(none.include_additional_regions.is_empty());
    assert!(none.exclude_regions.contains(&1) && none.exclude_regions.contains(&49));
}

#[test]
fn what_microsoft_has_by_itself_needs_no_list() {
    let all: Vec<&str> = regions::all().iter().map(|info| info.region.as_str()).collect();
    let off = default_off_regions();
    let on: Vec<&str> = all.into_iter().filter(|code| !off.contains(&region(code))).collect();
    let lists = external_id_lists(&with(Mode::Allowlist, &on));
    assert_eq!(lists.sms_options, PhoneOptions::default());
    assert_eq!(lists.voice_options, PhoneOptions::default());
    assert!(lists.shared.is_empty(), "{:?}", lists.shared);
}

#[test]
fn shared_codes_stay_on_with_a_warning() {
    let lists = external_id_lists(&with(Mode::Allowlist, &["US", "GB", "KZ", "JM"]));
    let options = &lists.sms_options;
    assert_eq!(options.include_additional_regions, [7, 1876]);
    assert!(![1, 44, 7].iter().any(|code| options.exclude_regions.contains(code)));
    assert!([33, 49, 599].iter().all(|code| options.exclude_regions.contains(code)));
    let sms: Vec<u16> = lists
        .shared
        .iter()
        .filter(|shared| shared.channel == Channel::Sms)
        .map(|shared| shared.code)
        .collect();
    assert_eq!(sms, [1, 7, 44]);
    assert_eq!(lists.shared.len(), 6, "the same for calls");
    let said: Vec<String> = lists.shared.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("Texts to +1: United States is allowed here, "), "{}", said[0]);
    assert!(said[0].contains(" more are not."), "{}", said[0]);
    assert!(said[1].starts_with("Texts to +7: Kazakhstan is allowed here, Russia is not."));
    assert!(said[2].contains("Guernsey, Isle of Man and Jersey are not."), "{}", said[2]);
    assert!(said[3].starts_with("Calls to +1:"));
    // Jamaica has its own code there, so +1 does not contain it.
    assert!(!lists.shared[0].refused.contains(&region("JM")));
    assert!(!lists.shared[0].allowed.contains(&region("JM")));
}

#[test]
fn the_handler_is_as_graph_takes_it() {
    let mut settings = with(Mode::All, &[]);
    settings.voice.mode = Mode::Allowlist;
    settings.voice.regions = regions_of(&["EG"]);
    let lists = external_id_lists(&settings);
    let handler: Value = serde_json::from_str(&lists.handler_json()).unwrap();
    assert_eq!(
        handler["@odata.type"],
        "#microsoft.graph.onPhoneMethodLoadStartExternalUsersAuthHandler"
    );
    assert_eq!(handler["smsOptions"], serde_json::to_value(&lists.sms_options).unwrap());
    assert_eq!(handler["voiceOptions"], serde_json::to_value(&lists.voice_options).unwrap());
    assert_eq!(handler["voiceOptions"]["includeAdditionalRegions"], json!([20]));
    assert_eq!(handler["smsOptions"]["excludeRegions"], json!([]));
    assert_eq!(handler.as_object().unwrap().len(), 3);
}

proptest! {
    #[test]
    fn a_code_is_on_when_one_of_its_regions_is(
        mode in prop::sample::select(Mode::ALL),
        named in prop::collection::btree_set(0..regions::all().len(), 0..300),
    ) {
        let regions: BTreeSet<Region> =
            named.iter().map(|at| regions::all()[*at].region).collect();
        let sms = ChannelCountries { mode, regions };
        let lists = external_id_lists(&Settings { sms, ..Settings::default() });
        let settings = |region| match mode {
            Mode::Allowlist => named.iter().any(|at| regions::all()[*at].region == region),
            Mode::All | Mode::Monitor => true,
        };
        let PhoneOptions { include_additional_regions: on, exclude_regions: off } =
            &lists.sms_options;
        prop_assert!(on.is_sorted_by(|a, b| a < b) && off.is_sorted_by(|a, b| a < b));
        for info in regions::all().iter().filter(|info| info.region != Region::WORLD) {
            let code = calling_code(info.region).unwrap();
            prop_assert!(!(on.contains(&code) && off.contains(&code)), "{} in both", code);
            let by_default = !DEFAULT_OFF.contains(&code);
            let is_on = on.contains(&code) || (by_default && !off.contains(&code));
            let (mut wanted, mut refused) = (false, false);
            for region in of_code(code) {
                wanted |= settings(region);
                refused |= !settings(region);
            }
            prop_assert_eq!(is_on, wanted, "{}", code);
            let warned = lists.shared.iter().any(|shared| shared.code == code);
            prop_assert_eq!(warned, wanted && refused, "{}", code);
        }
    }
}
