//! Warnings about countries and number-type rules that can never match under the current numbering
//! plans, for wherever they are set.

use crate::numbers::{MobileRegion, NumberType, Plans, PrefixMatch};
use crate::{Region, countries, regions, rules};
use rules::{Any, KillSwitch, NumberAction, NumberRule, Numbers, TypeAction};

/// Maximum regions a warning names; the rest is counted.
const NAMED_MAX: usize = 5;

/// How a warning names a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `Finland (FI)`: for people.
    Names,
    /// `FI`: where only ASCII is allowed.
    Codes,
}

impl Naming {
    fn of(self, region: Region) -> String {
        match self {
            Self::Names => format!("{} ({region})", regions::name(&region)),
            Self::Codes => region.to_string(),
        }
    }
}

/// The warning beside a region's name; `None` if its mobiles are its own.
pub fn of_region(plans: &Plans, region: Region, naming: Naming) -> Option<String> {
    match plans.mobiles(region) {
        MobileRegion::Own => None,
        MobileRegion::Of(other) => Some(format!("its mobiles count as {}", naming.of(other))),
        MobileRegion::Unknown => Some("its numbering plan has no mobiles".to_owned()),
        MobileRegion::NoNumbers(other) => {
            let other = naming.of(other);
            Some(format!("no number counts as this region: its numbers count as {other}"))
        }
    }
}

/// Warnings about the regions that country settings name: one sentence per region whose mobiles
/// belong elsewhere or do not exist.
pub fn of_countries(plans: &Plans, settings: &countries::Settings, naming: Naming) -> Vec<String> {
    let named = regions::all().iter().map(|info| info.region);
    let warning = |region: Region| {
        let names = |channel: &&crate::Channel| {
            settings.of(**channel).is_some_and(|list| list.regions.contains(&region))
        };
        let by: Vec<_> = countries::CHANNELS.iter().filter(names).copied().collect();
        if by.is_empty() {
            return None;
        }
        let what = of_region(plans, region, naming)?;
        let end = match plans.mobiles(region) {
            MobileRegion::Of(other) | MobileRegion::NoNumbers(other) => {
                let refuses = |channel: &crate::Channel| {
                    settings.judge(*channel, other) != countries::Verdict::Allowed
                };
                let without: Vec<&str> =
                    by.into_iter().filter(refuses).map(crate::Channel::as_str).collect();
                match without.is_empty() {
                    true => format!("; {other} is served"),
                    false => format!("; name {other} for {} to serve them", without.join(", ")),
                }
            }
            MobileRegion::Own | MobileRegion::Unknown => String::new(),
        };
        Some(format!("{}: {what}{end}.", naming.of(region)))
    };
    named.filter_map(warning).collect()
}

/// The regions that rules apply to: those of an allowlist and those with traffic, busiest first;
/// without any, all that have numbers.
pub fn in_view(plans: &Plans, settings: &countries::Settings, busiest: &[Region]) -> Vec<Region> {
    let lists = countries::CHANNELS.iter().filter_map(|channel| settings.of(*channel));
    let lists = lists.filter(|list| list.mode == countries::Mode::Allowlist);
    let named = lists.flat_map(|list| list.regions.iter().copied());
    let mut view: Vec<Region> = Vec::new();
    for region in busiest.iter().copied().chain(named) {
        if region != Region::WORLD && !view.contains(&region) {
            view.push(region);
        }
    }
    if view.is_empty() { plans.regions() } else { view }
}

/// Warnings about kill switches for regions whose mobiles count as another's: one sentence per
/// switch, called by `name`.
pub fn of_switches(
    plans: &Plans,
    switches: &[KillSwitch],
    naming: Naming,
    name: impl Fn(usize) -> String,
) -> Vec<String> {
    let warning = |(at, switch): (usize, &KillSwitch)| {
        let Any::One(region) = switch.region else { return None };
        let what = of_region(plans, region, naming)?;
        Some(format!("{} for {}: {what}.", name(at), naming.of(region)))
    };
    switches.iter().enumerate().filter_map(warning).collect()
}

/// Warnings about rules for number types that some of these regions do not have: one sentence per
/// type that is not simply allowed.
pub fn of_types(
    plans: &Plans,
    settings: &rules::Settings,
    view: &[Region],
    naming: Naming,
) -> Vec<String> {
    let ruled = settings.number_types.iter().filter(|(_, rule)| rule.action != TypeAction::Allow);
    let warning = |kind: NumberType| {
        let lacking = view.iter().filter(|region| !plans.has(**region, kind));
        let lacking: Vec<String> = lacking.map(|region| naming.of(*region)).collect();
        let (first, last) = match lacking.as_slice() {
            [] => return None,
            [only] => (only.clone(), String::new()),
            [first @ .., last] if lacking.len() <= NAMED_MAX => {
                (first.join(", "), format!(" or {last}"))
            }
            many => {
                let more = many.len() - NAMED_MAX;
                let regions = if more == 1 { "region" } else { "regions" };
                (many[..NAMED_MAX].join(", "), format!(" or {more} more {regions}"))
            }
        };
        let kind = kind.label();
        Some(format!(
            "{kind}: no number of {first}{last} is of this type; the rule never applies there."
        ))
    };
    ruled.filter_map(|(kind, _)| warning(*kind)).collect()
}

/// Lookups for all rules together: a rule that matches takes a few, one that does not 1,800.
const TRIES: usize = 50_000;
/// Maximum number rules with a warning.
const RULES_MAX: usize = 20;

/// Warnings about number rules that can never match, called by `name`: one sentence per rule for
/// the first of them, and one more if some were not checked.
pub fn of_numbers<'a>(
    plans: &Plans,
    rules: impl IntoIterator<Item = &'a NumberRule>,
    name: impl Fn(usize, Numbers) -> String,
) -> Vec<String> {
    let mut tries = TRIES;
    let mut said = Vec::new();
    for (at, rule) in rules.into_iter().enumerate() {
        // Invalid numbers are refused either way, or allowed anyway.
        let even_invalid = rule.action == NumberAction::Deny || rule.even_invalid;
        let why = match rule.numbers {
            Numbers::One(_) if even_invalid => None,
            Numbers::One(phone) => match plans.facts(phone) {
                Ok(facts) if facts.valid => None,
                _ => Some(
                    "never applies: the number is not valid; it applies if the rule also covers \
                     numbers that are not valid",
                ),
            },
            Numbers::Prefix(digits) => match plans.beginning(digits, &mut tries) {
                Some(PrefixMatch::Valid) => None,
                Some(_) if rule.even_invalid => None,
                Some(PrefixMatch::NationalPrefix) => Some(
                    "seems never to apply: leave out the national prefix after the country's code",
                ),
                Some(PrefixMatch::NoneValid) if even_invalid => None,
                Some(PrefixMatch::NoneValid) => Some(
                    "seems never to apply: no valid number begins like this; it applies if the \
                     rule also covers numbers that are not valid",
                ),
                None => {
                    said.push("Further number rules are not checked.".to_owned());
                    return said;
                }
            },
        };
        said.extend(why.map(|why| format!("{} {why}.", name(at, rule.numbers))));
        if said.len() == RULES_MAX {
            said.push("Further number rules are not checked.".to_owned());
            return said;
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::NumberType;
    use serde_json::json;

    fn region(code: &str) -> Region {
        code.parse().unwrap()
    }

    /// Regions without mobiles of their own are computed, not listed; these are the results for the
    /// built-in plans.
    #[test]
    fn regions_whose_mobiles_are_anothers_are_found() {
        let plans = Plans::built_in();
        let found: Vec<String> = regions::all()
            .iter()
            .filter_map(|info| {
                let said = of_region(&plans, info.region, Naming::Codes)?;
                Some(format!("{}: {said}", info.region))
            })
            .collect();
        assert_eq!(
            found,
            [
                "AX: its mobiles count as FI",
                "CX: its mobiles count as AU",
                "CC: its mobiles count as AU",
                "BL: its mobiles count as GP",
                "MF: its mobiles count as GP",
                "SJ: its mobiles count as NO",
                "TA: its numbering plan has no mobiles",
                "VA: its mobiles count as IT",
                "EH: no number counts as this region: its numbers count as MA",
            ]
        );
    }

    /// Checks by every four-digit prefix that the example stands for all mobiles.
    #[test]
    fn no_mobile_counts_as_a_region_that_is_said_to_have_none() {
        let plans = Plans::built_in();
        for (code, calling_code, lengths) in [
            ("AX", "358", 6..=10),
            ("CX", "61", 9..=9),
            ("CC", "61", 9..=9),
            ("BL", "590", 9..=9),
            ("MF", "590", 9..=9),
            ("SJ", "47", 8..=8),
            ("VA", "39", 9..=10),
            ("EH", "212", 9..=9),
        ] {
            for length in lengths {
                for head in 0..10_000_u32 {
                    let tail = "0123456789".get(..length - 4).unwrap();
                    let number = format!("+{calling_code}{head:04}{tail}");
                    let phone = crate::PhoneNumber::from_e164(&number).unwrap();
                    let Ok(facts) = plans.facts(phone) else { continue };
                    let own = facts.region == region(code) && facts.kind == NumberType::Mobile;
                    assert!(!own, "{code}: {number}");
                }
            }
        }
    }

    #[test]
    fn countries_say_what_to_name_instead() {
        let plans = Plans::built_in();
        let of = |document: serde_json::Value, naming| {
            of_countries(&plans, &serde_json::from_value(document).unwrap(), naming)
        };
        let list = |codes: &[&str]| json!({ "mode": "allowlist", "regions": codes });
        let both = json!({ "voice": list(&["AX", "US"]), "sms": list(&["AX", "FI"]) });
        assert_eq!(
            of(both, Naming::Names),
            ["Åland Islands (AX): its mobiles count as Finland (FI); name FI for voice to serve \
              them."]
        );
        let served = json!({ "sms": list(&["EH", "MA", "TA"]) });
        assert_eq!(
            of(served, Naming::Codes),
            [
                "TA: its numbering plan has no mobiles.",
                "EH: no number counts as this region: its numbers count as MA; MA is served.",
            ]
        );
        assert!(of(json!({ "sms": list(&["US", "JM", "JE", "001"]) }), Naming::Names).is_empty());
    }

    #[test]
    fn types_that_a_region_lacks_are_said() {
        let plans = Plans::built_in();
        for (code, kind, has) in [
            ("US", NumberType::Voip, false),
            ("US", NumberType::PremiumRate, true),
            ("US", NumberType::Mobile, false),
            ("US", NumberType::FixedLineOrMobile, true),
            ("GB", NumberType::Voip, true),
            ("GB", NumberType::Mobile, true),
            ("GB", NumberType::FixedLineOrMobile, true),
            ("AX", NumberType::Mobile, false),
            ("DE", NumberType::Unknown, true),
        ] {
            assert_eq!(plans.has(region(code), kind), has, "{code} {kind}");
        }
        let deny = json!({ "action": "deny" });
        let pass = json!({ "action": "allow" });
        let settings = json!({ "number_types": { "voip": deny, "pager": pass, "uan": deny } });
        let settings: rules::Settings = serde_json::from_value(settings).unwrap();
        let of = |codes: &[&str], naming| {
            let view: Vec<Region> = codes.iter().map(|code| region(code)).collect();
            of_types(&plans, &settings, &view, naming)
        };
        assert_eq!(
            of(&["US", "GB"], Naming::Names),
            [
                "Voice over IP: no number of United States (US) is of this type; the rule never \
                 applies there.",
                "Company number (UAN): no number of United States (US) is of this type; the rule \
                 never applies there.",
            ]
        );
        assert!(of(&["GB"], Naming::Names).is_empty());
        let many = of(&["US", "CA", "RU", "EG", "NG", "KE", "PE"], Naming::Codes);
        assert!(
            many[0].contains("no number of US, RU, EG, NG, KE or 1 more region is"),
            "{many:?}"
        );
    }

    #[test]
    fn number_rules_that_never_hold_are_said() {
        let rule = |numbers: &str, action: &str, even_invalid: bool| {
            let rule =
                json!({ "numbers": numbers, "action": action, "even_invalid": even_invalid });
            serde_json::from_value::<NumberRule>(rule).unwrap()
        };
        let rules = [
            rule("+447400*", "allow", false),
            rule("+4407400*", "deny", false),
            rule("+1999*", "allow", false),
            rule("+1999*", "allow", true),
            rule("+1999*", "deny", false),
            rule("+19995550100", "allow", false),
            rule("+14155550100", "allow", false),
            rule("+49 0151*", "allow", false),
            rule("+49 0151*", "allow", true),
        ];
        let said = of_numbers(&Plans::built_in(), &rules, |at, numbers| format!("{at} {numbers}"));
        assert_eq!(
            said,
            [
                "1 +4407400* seems never to apply: leave out the national prefix after the \
                 country's code.",
                "2 +1999* seems never to apply: no valid number begins like this; it applies if \
                 the rule also covers numbers that are not valid.",
                "5 +19995550100 never applies: the number is not valid; it applies if the rule \
                 also covers numbers that are not valid.",
                "7 +490151* seems never to apply: leave out the national prefix after the \
                 country's code.",
            ]
        );
        let said =
            |rules: &[NumberRule]| of_numbers(&Plans::built_in(), rules, |_, _| String::new());
        let many = vec![rules[1].clone(); 30];
        let many = said(&many);
        assert_eq!(many.len(), RULES_MAX + 1);
        assert_eq!(many.last().unwrap(), "Further number rules are not checked.");
        // Rules without a warning use up lookups, but not the number of warnings.
        let mut denied = vec![rules[4].clone(); 20];
        denied.push(rules[1].clone());
        assert_eq!(said(&denied).len(), 1);
        let denied = vec![rules[4].clone(); 100];
        assert_eq!(said(&denied), ["Further number rules are not checked."]);
    }

    #[test]
    fn kill_switches_that_stop_nothing_are_said() {
        let switch = |region: &str| -> KillSwitch {
            serde_json::from_value(json!({ "region": region, "reason": "tests" })).unwrap()
        };
        let switches = ["*", "US", "EH", "AX"].map(switch);
        let name = |at| format!("kill_switches.{at}");
        assert_eq!(
            of_switches(&Plans::built_in(), &switches, Naming::Codes, name),
            [
                "kill_switches.2 for EH: no number counts as this region: its numbers count as MA.",
                "kill_switches.3 for AX: its mobiles count as FI.",
            ]
        );
    }

    #[test]
    fn rules_are_for_the_regions_in_view() {
        let plans = Plans::built_in();
        let list = json!({ "mode": "allowlist", "regions": ["DE", "US", "001"] });
        let settings: countries::Settings = serde_json::from_value(json!({ "sms": list })).unwrap();
        let busiest = [region("US"), Region::WORLD, region("JM")];
        let view = in_view(&plans, &settings, &busiest);
        assert_eq!(view, ["US", "JM", "DE"].map(region));
        let all = in_view(&plans, &countries::Settings::default(), &[]);
        assert_eq!(all.len(), plans.regions().len());
        assert_eq!(all[..3], ["US", "RU", "EG"].map(region), "main regions by calling code");
    }
}
