//! What stands out in a range: the few findings to show first to somebody who opens the workbook
//! during an attack.

use crate::Region;
use std::net::IpAddr;

/// Maximum regions reported.
const REGIONS: usize = 3;
/// Minimum codes sent for a rate to be meaningful.
const FEWEST_SENT: u64 = 20;
/// A region has enough volume with one in this many of all codes sent.
const VOLUME: u64 = 100;
/// A region stands out if its conversion is less than the others' divided by this.
const WORSE: f64 = 4.0;
/// An address stands out with one in this many of all failures …
const SHARE: u64 = 10;
/// … and at least this many.
const FEWEST_FAILURES: u64 = 50;

/// Counts of one region's attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionCount {
    /// `None` for attempts without a number.
    pub region: Option<Region>,
    /// Codes sent.
    pub sent: u64,
    /// Codes entered, of those sent.
    pub verified: u64,
    /// Attempts that failed.
    pub failed: u64,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standout {
    /// A region whose codes are sent but not entered.
    Region {
        /// The region concerned.
        region: Region,
        /// Codes sent.
        sent: u64,
        /// Codes entered, of those sent.
        verified: u64,
    },
    /// An address that causes many of the failures.
    Address {
        /// The client address concerned.
        ip: IpAddr,
        /// Failures from this address.
        failures: u64,
        /// Failures from all addresses.
        of: u64,
    },
    /// Users who denied several prompts and then approved one.
    WornDown {
        /// Number of distinct users.
        users: u64,
    },
}

/// The findings, costliest kinds first: regions by codes sent, then the address with the most
/// failures, then worn-down users.
pub fn standouts(
    regions: &[RegionCount],
    address: Option<(IpAddr, u64)>,
    failures: u64,
    worn_down: u64,
) -> Vec<Standout> {
    let sent: u64 = regions.iter().map(|one| one.sent).sum();
    let verified: u64 = regions.iter().map(|one| one.verified).sum();
    let enough = FEWEST_SENT.max(sent / VOLUME);
    let stands = |one: &&RegionCount| {
        let others = (sent - one.sent, verified - one.verified);
        let usual = others.1 as f64 / others.0.max(1) as f64;
        one.sent >= enough && (one.verified as f64 / one.sent as f64) < usual / WORSE
    };
    let mut found: Vec<_> = regions
        .iter()
        .filter(stands)
        .filter_map(|one| {
            let RegionCount { region, sent, verified, .. } = *one;
            Some((sent, Standout::Region { region: region?, sent, verified }))
        })
        .collect();
    found.sort_by_key(|(sent, _)| std::cmp::Reverse(*sent));
    let mut found: Vec<_> = found.into_iter().map(|(_, one)| one).take(REGIONS).collect();
    found.extend(
        address
            .filter(|(_, n)| *n >= FEWEST_FAILURES && *n >= failures / SHARE)
            .map(|(ip, n)| Standout::Address { ip, failures: n, of: failures }),
    );
    found.extend((worn_down > 0).then_some(Standout::WornDown { users: worn_down }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str, sent: u64, verified: u64) -> RegionCount {
        RegionCount { region: code.parse().ok(), sent, verified, failed: 0 }
    }

    fn codes(found: &[Standout]) -> Vec<&str> {
        let code = |one: &Standout| match one {
            Standout::Region { region, .. } => Some(region.as_str().to_owned().leak() as &str),
            _ => None,
        };
        found.iter().filter_map(code).collect()
    }

    #[test]
    fn regions_where_codes_do_not_come_back() {
        let found = standouts(
            &[
                region("US", 10_000, 8_000),
                region("LV", 3_400, 0),
                region("TJ", 3_000, 100),
                region("DE", 3_000, 900),
                region("FR", 30, 0),
                RegionCount { region: None, sent: 5_000, verified: 0, failed: 0 },
            ],
            None,
            0,
            0,
        );
        // Germany converts a third of the usual; France has too little volume.
        assert_eq!(codes(&found), ["LV", "TJ"]);
        assert!(standouts(&[region("US", 10_000, 0)], None, 0, 0).is_empty(), "nothing is usual");
        assert!(standouts(&[], None, 0, 0).is_empty());
    }

    #[test]
    fn an_address_with_a_tenth_of_all_failures() {
        let ip = "198.51.100.23".parse().unwrap();
        let told = |n, of| standouts(&[], Some((ip, n)), of, 0);
        assert_eq!(told(2_433, 10_707), [Standout::Address { ip, failures: 2_433, of: 10_707 }]);
        assert!(told(49, 49).is_empty());
        assert!(told(900, 10_707).is_empty());
    }

    #[test]
    fn users_who_were_worn_down() {
        assert_eq!(standouts(&[], None, 0, 7), [Standout::WornDown { users: 7 }]);
    }
}
