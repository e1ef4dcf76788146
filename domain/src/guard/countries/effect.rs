//! What other countries settings would have refused in the last 30 days, computed from the regions'
//! figures so that the page answers at once.

use super::{CHANNELS, Settings, Verdict};
use crate::region_figures::{Month, Row};

/// Everything that would have been refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegionEffect {
    /// The sum over all rows.
    pub attempts: u64,
    /// The sum over all rows.
    pub verified: u64,
    /// By channel in the order of the page, then by region; only rows with attempts.
    pub rows: Vec<Row>,
}

impl RegionEffect {
    fn of(rows: Vec<Row>) -> Self {
        Self {
            attempts: rows.iter().map(|row| row.figures.attempts).sum(),
            verified: rows.iter().map(|row| row.figures.verified).sum(),
            rows,
        }
    }

    /// The rows that `other` does not refuse: what an edit refuses in addition. Both must be of the
    /// same month.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let same = |a: &Row, b: &Row| (a.channel, a.region) == (b.channel, b.region);
        let rows = self.rows.iter();
        let rows = rows.filter(|row| !other.rows.iter().any(|other| same(row, other)));
        Self::of(rows.cloned().collect())
    }
}

/// What these countries alone would have refused of a month's attempts, including those that were
/// refused anyway. Monitored regions pass. Trust is ignored: the gate would have let some of the
/// trusted numbers through.
pub fn would_refuse_by_region(month: &Month, countries: &Settings) -> RegionEffect {
    let rows = CHANNELS.into_iter().flat_map(|channel| {
        let rows = month.rows.iter().filter(move |row| row.channel == channel);
        rows.filter(|row| countries.judge(row.channel, row.region) == Verdict::Refused)
    });
    RegionEffect::of(rows.filter(|row| row.figures.attempts > 0).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::super::Mode;
    use super::super::settings::tests::{of, region};
    use super::*;
    use crate::region_figures::Figures;
    use crate::{Channel, Kind};
    use chrono::DateTime;

    /// Region, channel, and how many attempts had which outcome.
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

    fn row_counts(effect: &RegionEffect) -> Vec<(&str, &str, u64, u64)> {
        let row = |row: &'_ Row| (row.figures.attempts, row.figures.verified);
        let codes = effect.rows.iter().map(|row| (row.channel.as_str(), row.region.as_str()));
        let rows = effect.rows.iter().map(row).zip(codes);
        rows.map(|((n, good), (channel, code))| (channel, code, n, good)).collect()
    }

    fn some() -> Month {
        use Channel::{Email, Push, Sms, Voice};
        month(&[
            ("US", Voice, &[(Kind::Sent, 1), (Kind::Verified, 2)]),
            ("US", Sms, &[(Kind::Verified, 5), (Kind::Failed, 1)]),
            // Every outcome counts as one attempt.
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
        assert_eq!(row_counts(&effect), [("voice", "JM", 56, 16), ("sms", "001", 7, 0)]);
        assert_eq!((effect.attempts, effect.verified), (63, 16));

        let sms = of(Mode::Allowlist, &["001"]);
        let effect = would_refuse_by_region(&some(), &Settings { sms, ..Settings::default() });
        assert_eq!(row_counts(&effect), [("sms", "JM", 7, 0), ("sms", "US", 6, 5)]);
        assert_eq!((effect.attempts, effect.verified), (13, 5));
    }

    #[test]
    fn what_is_new_is_what_was_let_through_before() {
        let before = would_refuse_by_region(&some(), &Settings::default());
        assert_eq!(row_counts(&before), [("sms", "001", 7, 0)]);
        let voice = of(Mode::Allowlist, &[]);
        let after = would_refuse_by_region(&some(), &Settings { voice, ..Settings::default() });
        let new = after.without(&before);
        assert_eq!(row_counts(&new), [("voice", "JM", 56, 16), ("voice", "US", 3, 2)]);
        assert_eq!((new.attempts, new.verified), (59, 18));
        assert_eq!(before.without(&before), RegionEffect::default());
        assert_eq!(before.without(&RegionEffect::default()), before);
    }
}
