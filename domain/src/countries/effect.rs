//! What the last 30 days would have been refused under other countries: reckoned from the regions'
//! figures, so that a page answers at once.

use super::{CHANNELS, Settings, Verdict};
use crate::region_figures::Month;
use crate::{Channel, Region};

/// The attempts to one region by one channel, all of them refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedRegion {
    /// The channel.
    pub channel: Channel,
    /// The region.
    pub region: Region,
    /// Attempts.
    pub attempts: u64,
    /// How many of them had verified.
    pub verified: u64,
}

/// What would have been refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegionEffect {
    /// Attempts.
    pub attempts: u64,
    /// How many of them had verified.
    pub verified: u64,
    /// The same by channel in the order of the page, then region; only where there were attempts.
    pub rows: Vec<RefusedRegion>,
}

impl RegionEffect {
    fn of(rows: Vec<RefusedRegion>) -> Self {
        Self {
            attempts: rows.iter().map(|row| row.attempts).sum(),
            verified: rows.iter().map(|row| row.verified).sum(),
            rows,
        }
    }

    /// The part of it that other countries would have let through: what an edit refuses newly.
    /// Both are to be of the same month.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let refused = |row: &&RefusedRegion| {
            !other
                .rows
                .iter()
                .any(|other| (other.channel, other.region) == (row.channel, row.region))
        };
        Self::of(self.rows.iter().filter(refused).copied().collect())
    }
}

/// What these countries alone would have refused of a month's attempts, also of those that were
/// refused then. Monitored regions are let through. Numbers that were trusted count as any: of
/// these the gate would have let some through.
pub fn would_refuse_by_region(month: &Month, countries: &Settings) -> RegionEffect {
    let refused = CHANNELS.into_iter().flat_map(|channel| {
        let rows = month.rows.iter().filter(move |row| row.channel == channel);
        rows.filter(|row| countries.judge(row.channel, row.region) == Verdict::Refused)
    });
    let rows = refused.map(|row| RefusedRegion {
        channel: row.channel,
        region: row.region,
        attempts: row.figures.attempts,
        verified: row.figures.verified,
    });
    RegionEffect::of(rows.filter(|row| row.attempts > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{ChannelCountries, Mode};
    use super::*;
    use crate::Kind;
    use crate::region_figures::{Figures, Row};
    use chrono::DateTime;

    fn region(code: &str) -> Region {
        code.parse().unwrap()
    }

    fn of(mode: Mode, codes: &[&str]) -> ChannelCountries {
        ChannelCountries { mode, regions: codes.iter().map(|code| region(code)).collect() }
    }

    /// To a region by a channel, how many came to which outcome.
    type Cell<'a> = (&'a str, Channel, &'a [(Kind, u64)]);

    fn month(rows: &[Cell<'_>]) -> Month {
        let row = |(code, channel, outcomes): &Cell<'_>| {
            let mut figures = Figures::default();
            outcomes.iter().for_each(|(outcome, n)| figures.count(*outcome, *n));
            Row { region: region(code), channel: *channel, figures }
        };
        let mut rows: Vec<_> = rows.iter().map(row).collect();
        rows.sort_by_key(|row| (row.region, row.channel));
        let epoch = DateTime::UNIX_EPOCH;
        Month { from: epoch, as_of: epoch, loading: false, rows }
    }

    fn told(effect: &RegionEffect) -> Vec<(&str, &str, u64, u64)> {
        let row = |row: &RefusedRegion| (row.channel.as_str(), row.attempts, row.verified);
        let codes = effect.rows.iter().map(|row| row.region.as_str());
        let rows = effect.rows.iter().map(row).zip(codes);
        rows.map(|((channel, n, good), code)| (channel, code, n, good)).collect()
    }

    fn some() -> Month {
        use Channel::{Email, Push, Sms, Voice};
        month(&[
            ("US", Voice, &[(Kind::Sent, 1), (Kind::Verified, 2)]),
            ("US", Sms, &[(Kind::Verified, 5), (Kind::Failed, 1)]),
            // Whatever became of them, each was one attempt.
            ("JM", Sms, &[(Kind::Refused, 1), (Kind::Blocked, 2), (Kind::Requested, 4)]),
            ("JM", Voice, &[(Kind::Reported, 8), (Kind::Verified, 16), (Kind::Undelivered, 32)]),
            ("GB", Sms, &[(Kind::Sent, 0)]),
            ("001", Sms, &[(Kind::Failed, 7)]),
            ("JM", Push, &[(Kind::Verified, 100)]),
            ("JM", Email, &[(Kind::Verified, 100)]),
        ])
    }

    #[test]
    fn each_channel_refuses_by_its_own_list() {
        let voice = of(Mode::Allowlist, &["US"]);
        let sms = of(Mode::Monitor, &["US"]);
        let countries = Settings { voice, sms, ..Settings::default() };
        let effect = would_refuse_by_region(&some(), &countries);
        assert_eq!(told(&effect), [("voice", "JM", 56, 16), ("sms", "001", 7, 0)]);
        assert_eq!((effect.attempts, effect.verified), (63, 16));

        let sms = of(Mode::Allowlist, &["001"]);
        let effect = would_refuse_by_region(&some(), &Settings { sms, ..Settings::default() });
        assert_eq!(told(&effect), [("sms", "JM", 7, 0), ("sms", "US", 6, 5)]);
        assert_eq!((effect.attempts, effect.verified), (13, 5));
    }

    #[test]
    fn what_is_new_is_what_was_let_through_before() {
        let before = would_refuse_by_region(&some(), &Settings::default());
        assert_eq!(told(&before), [("sms", "001", 7, 0)]);
        let voice = of(Mode::Allowlist, &[]);
        let after = would_refuse_by_region(&some(), &Settings { voice, ..Settings::default() });
        let new = after.without(&before);
        assert_eq!(told(&new), [("voice", "JM", 56, 16), ("voice", "US", 3, 2)]);
        assert_eq!((new.attempts, new.verified), (59, 18));
        assert_eq!(before.without(&before), RegionEffect::default());
        assert_eq!(before.without(&RegionEffect::default()), before);
    }
}
