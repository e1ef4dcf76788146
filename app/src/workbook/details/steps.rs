//! The bucket width of the charts: chosen by the user, or by the range's length.

use super::super::view::ResolvedView;
use domain::Period;
use domain::bucket::{Bucket, Edges};
use domain::zone::Zone;

/// The bucket width that the address asks for, and the one that is used.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    /// The width that the user chose, if it is used.
    pub(super) chosen: Option<Bucket>,
    /// The width that is used.
    pub(super) bucket: Bucket,
    /// Why the requested width is not used.
    pub(super) wrong: Option<String>,
}

impl Steps {
    pub(super) fn of(asked: &ResolvedView) -> Self {
        Self::read(asked.view.word("bucket", ""), asked.query.period, asked.zone)
    }

    fn read(word: &str, period: Period, zone: Zone) -> Self {
        let automatic = Bucket::of(period);
        let instead = |wrong: String| Self {
            chosen: None,
            bucket: automatic,
            wrong: Some(format!("{wrong} Shown by {} instead.", step_name(automatic))),
        };
        if matches!(word, "" | "auto") {
            return Self { chosen: None, bucket: automatic, wrong: None };
        }
        let Ok(bucket) = word.parse::<Bucket>() else {
            let known: Vec<&str> = Bucket::ALL.iter().map(|bucket| bucket.as_str()).collect();
            return instead(format!("The steps must be one of {}.", known.join(", ")));
        };
        match bucket.edges(period, &zone) {
            Ok(_) => Self { chosen: Some(bucket), bucket, wrong: None },
            Err(_) => instead(format!(
                "Steps of a {} are too many for this range: at most {} are possible.",
                step_name(bucket),
                islands::text::thousands(domain::bucket::MOST as u64)
            )),
        }
    }

    /// The buckets of a range; `None` if even years are too many.
    pub(super) fn edges(&self, period: Period, zone: Zone) -> Option<Edges> {
        self.bucket.edges(period, &zone).or_else(|_| Bucket::Year.edges(period, &zone)).ok()
    }

    /// The widths that do not make too many buckets of a range.
    pub(super) fn choices(period: Period, zone: Zone) -> impl Iterator<Item = Bucket> {
        let fits = move |bucket: &Bucket| bucket.edges(period, &zone).is_ok();
        Bucket::ALL.iter().copied().filter(fits)
    }
}

/// The name of a width, for use after "by" and "steps of a".
pub(super) fn step_name(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::FiveMinutes => "five-minute step",
        Bucket::Quarter => "quarter of an hour",
        Bucket::SixHours => "six-hour step",
        Bucket::Minute | Bucket::Hour | Bucket::Day | Bucket::Month | Bucket::Year => bucket.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;

    fn steps(word: &str, days: i64) -> Steps {
        let to = parse_time("2026-11-20T12:00:00Z").unwrap();
        Steps::read(word, Period { from: to - chrono::Duration::days(days), to }, Zone::utc())
    }

    #[test]
    fn the_range_chooses_unless_a_hand_does() {
        assert_eq!((steps("", 30).bucket, steps("", 30).chosen), (Bucket::Day, None));
        assert_eq!(steps("", 1).bucket, Bucket::Quarter);
        let by_hand = steps("6h", 30);
        assert_eq!((by_hand.bucket, by_hand.chosen), (Bucket::SixHours, Some(Bucket::SixHours)));
        assert_eq!(by_hand.wrong, None);
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        let too_many = steps("1m", 30);
        assert_eq!((too_many.bucket, too_many.chosen), (Bucket::Day, None));
        let words = too_many.wrong.unwrap();
        assert!(words.contains("a minute are too many") && words.contains("1,500"), "{words}");
        assert!(words.contains("by day"), "{words}");
        for unknown in ["fortnight", "1M", "'; drop table event; --", "%"] {
            let words = steps(unknown, 30).wrong.unwrap();
            assert!(words.contains("1m, 5m") && !words.contains(unknown), "{words}");
        }
    }

    #[test]
    fn what_is_offered_can_be_shown() {
        let to = parse_time("2026-11-20T12:00:00Z").unwrap();
        for days in [1, 30, 90, 4_000, 36_500] {
            let period = Period { from: to - chrono::Duration::days(days), to };
            let offered: Vec<Bucket> = Steps::choices(period, Zone::utc()).collect();
            assert!(offered.contains(&Bucket::of(period)), "{days}");
            for bucket in offered {
                let shown = Steps::read(bucket.as_str(), period, Zone::utc());
                assert!(shown.edges(period, Zone::utc()).unwrap().len() <= domain::bucket::MOST);
                assert_eq!(shown.chosen, Some(bucket));
            }
        }
    }
}
