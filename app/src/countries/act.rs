//! The buttons that change many regions at once.

use super::read::Action;
use domain::countries::{ChannelCountries, Mode, Settings, default_off_regions};
use domain::regions::{self, Continent};
use domain::{Fault, Invalid, Region, region_figures::VerifiedRegions};
use std::collections::BTreeSet;

/// The list after a button. No button changes `001`. Removing regions while every region is served
/// changes the mode to a list of the others.
pub(super) fn act(
    action: &Action,
    countries: ChannelCountries,
    all: &Settings,
    verified: &VerifiedRegions,
) -> Result<ChannelCountries, Invalid> {
    Ok(match action {
        Action::Allow(continent) => allow(countries, *continent),
        Action::Refuse(continent) => {
            let gone: BTreeSet<Region> = of(*continent).collect();
            let held =
                if countries.mode == Mode::All { every() } else { countries.regions.clone() };
            put(countries, held.difference(&gone).copied().collect())
        }
        Action::DefaultOff => {
            let off = default_off_regions();
            put(countries, every().difference(&off).copied().collect())
        }
        Action::Verified => put(countries, where_verified(verified)?),
        Action::Copy(channel) => all.of(*channel).cloned().unwrap_or_default(),
        Action::Look | Action::Filter | Action::Go(_) | Action::Save => countries,
    })
}

fn of(continent: Continent) -> impl Iterator<Item = Region> {
    let there = regions::all().iter().filter(move |info| info.continent == continent);
    there.map(|info| info.region).filter(|region| *region != Region::WORLD)
}

fn every() -> BTreeSet<Region> {
    regions::all().iter().map(|info| info.region).filter(|one| *one != Region::WORLD).collect()
}

fn allow(mut countries: ChannelCountries, continent: Continent) -> ChannelCountries {
    countries.regions.extend(of(continent));
    countries
}

/// Replaces the named regions; `001` stays as it was.
fn put(countries: ChannelCountries, mut regions: BTreeSet<Region>) -> ChannelCountries {
    if countries.regions.contains(&Region::WORLD) {
        regions.insert(Region::WORLD);
    }
    let mode = if countries.mode == Mode::All { Mode::Allowlist } else { countries.mode };
    ChannelCountries { mode, regions }
}

fn where_verified(verified: &VerifiedRegions) -> Result<BTreeSet<Region>, Invalid> {
    if verified.loading {
        let words = "Where users verified is still being read from the store. Try again in a \
                     minute; nothing was changed.";
        return Err(Invalid::one("countries", Fault::Conflict, words));
    }
    let known = |region: &Region| *region != Region::WORLD && regions::info(*region).is_some();
    let regions: BTreeSet<Region> =
        verified.rows.iter().map(|(region, _)| *region).filter(known).collect();
    if regions.is_empty() {
        let words = "No user verified by phone in the last 90 days, so the list would be empty. \
                     Nothing was changed.";
        return Err(Invalid::one("countries", Fault::Conflict, words));
    }
    Ok(regions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::Channel;

    fn list(mode: Mode, codes: &[&str]) -> ChannelCountries {
        ChannelCountries { mode, regions: codes.iter().map(|code| code.parse().unwrap()).collect() }
    }

    fn verified(loading: bool, codes: &[&str]) -> VerifiedRegions {
        let rows = codes.iter().map(|code| (code.parse().unwrap(), 7)).collect();
        VerifiedRegions { as_of: DateTime::UNIX_EPOCH, loading, rows }
    }

    fn done(action: Action, countries: ChannelCountries) -> ChannelCountries {
        let all = Settings { sms: list(Mode::Monitor, &["CH", "001"]), ..Settings::default() };
        act(&action, countries, &all, &verified(false, &["001", "GB", "US"])).unwrap()
    }

    #[test]
    fn continents_come_and_go_without_the_rest() {
        let few = list(Mode::Allowlist, &["US", "001"]);
        let more = done(Action::Allow(Continent::Oceania), few.clone());
        assert!(more.regions.contains(&"AU".parse().unwrap()) && more.regions.len() > 20);
        assert_eq!(done(Action::Refuse(Continent::Oceania), more), few, "there and back");
        let none = done(Action::Refuse(Continent::World), few.clone());
        assert_eq!(none, few, "001 is ticked by hand alone");
    }

    #[test]
    fn taking_away_from_everything_makes_a_list_of_the_rest() {
        let rest = done(Action::Refuse(Continent::Africa), list(Mode::All, &["001"]));
        assert_eq!(rest.mode, Mode::Allowlist);
        for (code, there) in [("US", true), ("NG", false), ("EG", false), ("001", true)] {
            assert_eq!(rest.regions.contains(&code.parse().unwrap()), there, "{code}");
        }
        let monitored = done(Action::DefaultOff, list(Mode::Monitor, &[]));
        assert_eq!(monitored.mode, Mode::Monitor);
        for (code, there) in [("US", true), ("JM", false), ("RU", false), ("001", false)] {
            assert_eq!(monitored.regions.contains(&code.parse().unwrap()), there, "{code}");
        }
    }

    #[test]
    fn presets_take_the_lists_place() {
        let put = done(Action::Verified, list(Mode::Allowlist, &["DE"]));
        assert_eq!(put, list(Mode::Allowlist, &["GB", "US"]));
        let copied = done(Action::Copy(Channel::Sms), list(Mode::All, &["DE"]));
        assert_eq!(copied, list(Mode::Monitor, &["CH", "001"]));
    }

    #[test]
    fn there_is_no_list_of_what_is_not_known() {
        let held = list(Mode::Allowlist, &["DE"]);
        for unknown in [verified(true, &["US"]), verified(false, &[]), verified(false, &["001"])] {
            let all = Settings::default();
            let refused = act(&Action::Verified, held.clone(), &all, &unknown).unwrap_err();
            assert!(refused.of("countries").is_some(), "{unknown:?}");
        }
    }
}
