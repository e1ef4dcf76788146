//! Neighbours: numbers of one block, or addresses of one network, that failed too. Adjacent numbers
//! that fail within the same hour are a sign of pumping.

use crate::PhoneNumber;
use crate::region_figures::{hour_of, hour_start};
use crate::workbook::Sight;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

/// Numbers of trailing digits that blocks of numbers leave open, narrowest first.
pub const OPEN: [u8; 3] = [2, 3, 4];

/// A number without its last `open` digits, and its length: equal for numbers of one block.
fn block_digits(phone: PhoneNumber, open: u8) -> (u64, u32) {
    let digits = phone.digits();
    (digits / 10_u64.pow(u32::from(open)), digits.ilog10())
}

/// The narrowest block that two numbers share, as its number of open digits; `None` if they share
/// none or are equal.
pub fn open_between(one: PhoneNumber, other: PhoneNumber) -> Option<u8> {
    let shared =
        OPEN.into_iter().find(|open| block_digits(one, *open) == block_digits(other, *open));
    shared.filter(|_| one != other)
}

/// A number's block as shown: `+1415555xxxx` with 4 open digits. A number has at least 7 digits, so
/// some always remain.
pub fn block_of(phone: PhoneNumber, open: u8) -> String {
    let (digits, _) = block_digits(phone, open);
    format!("+{digits}{}", "x".repeat(usize::from(open)))
}

/// The block as this viewer may see it: digits masked in the number are masked in its block, since
/// the two together would reveal more than the mask does.
pub fn shown_block(phone: PhoneNumber, open: u8, sight: Sight) -> String {
    if sight == Sight::Whole {
        return block_of(phone, open);
    }
    let (mask, open) = (phone.masked(), usize::from(open));
    let kept = mask.chars().count().saturating_sub(open);
    mask.chars().take(kept).chain(std::iter::repeat_n('x', open)).collect()
}

/// An hour with failures, and how many neighbours failed in it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// The start of the hour, UTC.
    pub start: DateTime<Utc>,
    /// Distinct neighbours that failed in this hour.
    pub neighbours: u64,
}

/// A neighbour that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour<K> {
    /// The neighbouring number or address.
    pub of: K,
    /// Distance: the open digits of the shared block; 0 for addresses.
    pub open: u8,
    /// All its failures in the range.
    pub failures: u64,
    /// Failures in an hour in which the subject failed as well.
    pub together: u64,
    /// Time of its latest failure.
    pub last: DateTime<Utc>,
}

/// The failures near a subject: a number or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours<K> {
    /// The subject's own failures.
    pub own: u64,
    /// Hours in which the subject and neighbours failed: busiest first, then newest.
    pub hours: Vec<Hour>,
    /// Number of neighbours within 2, 3 and 4 open digits, cumulative.
    pub within: [u64; 3],
    /// Neighbours, those that failed in the same hours first, then nearest, then most failures;
    /// truncated to the requested maximum.
    pub rows: Vec<Neighbour<K>>,
    /// Number of neighbours before truncation.
    pub all: u64,
}

impl<K> Neighbours<K> {
    /// `14 adjacent numbers failed in the same hour`, for the busiest hour. `None` if no neighbour
    /// failed in an hour of the subject's failures.
    pub fn sentence(&self, one: &str, more: &str) -> Option<String> {
        let count = self.hours.first()?.neighbours;
        let noun = if count == 1 { one } else { more };
        Some(format!("{count} {noun} failed in the same hour"))
    }
}

/// Combines failures. `own` are the subject's failure times (µs since 1970), `others` those of
/// everything near it, in any order; `open` gives the distance. Returns at most `most` neighbours.
pub fn neighbours<K: Copy + Ord + Hash>(
    own: &[i64],
    others: impl IntoIterator<Item = (i64, K)>,
    open: impl Fn(K) -> u8,
    most: usize,
) -> Neighbours<K> {
    let at = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or_default();
    let hour = |micros: i64| hour_of(at(micros));
    let hours: HashSet<i64> = own.iter().map(|micros| hour(*micros)).collect();
    let mut found: HashMap<K, (u64, u64, i64)> = HashMap::new();
    let mut met: HashSet<(i64, K)> = HashSet::new();
    for (micros, of) in others {
        let hour = hour(micros);
        let together = hours.contains(&hour);
        if together {
            met.insert((hour, of));
        }
        let entry = found.entry(of).or_insert((0, 0, micros));
        *entry = (entry.0 + 1, entry.1 + u64::from(together), entry.2.max(micros));
    }
    let mut busy: BTreeMap<i64, u64> = BTreeMap::new();
    for (hour, _) in met {
        *busy.entry(hour).or_default() += 1;
    }
    let mut hours: Vec<Hour> = busy
        .into_iter()
        .map(|(hour, neighbours)| Hour { start: hour_start(hour), neighbours })
        .collect();
    hours.sort_by_key(|hour| std::cmp::Reverse((hour.neighbours, hour.start)));
    let mut rows: Vec<Neighbour<K>> = found
        .into_iter()
        .map(|(of, (failures, together, last))| Neighbour {
            of,
            open: open(of),
            failures,
            together,
            last: at(last),
        })
        .collect();
    let within = OPEN.map(|most| rows.iter().filter(|row| row.open <= most).count() as u64);
    let all = rows.len() as u64;
    let order = |row: &Neighbour<K>| {
        let most = std::cmp::Reverse(row.failures);
        (row.together == 0, row.open, most, row.of)
    };
    rows.sort_unstable_by_key(order);
    rows.truncate(most);
    Neighbours { own: own.len() as u64, hours, within, rows, all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const MINUTE: i64 = 60_000_000;
    const HOUR: i64 = 60 * MINUTE;

    fn phone(text: &str) -> PhoneNumber {
        text.parse().unwrap()
    }

    fn near(one: PhoneNumber) -> impl Fn(PhoneNumber) -> u8 {
        move |other| open_between(one, other).unwrap_or(9)
    }

    #[test]
    fn numbers_share_the_narrowest_block() {
        let one = phone("+14155552700");
        for (other, open) in [
            ("+14155552799", Some(2)),
            ("+14155552600", Some(3)),
            ("+14155559999", Some(4)),
            ("+14155562700", None),
            ("+14155552700", None),
            ("+1415555270", None),
            ("+141555527001", None),
        ] {
            assert_eq!(open_between(one, phone(other)), open, "{other}");
        }
        assert_eq!(block_of(one, 4), "+1415555xxxx");
        assert_eq!(block_of(one, 2), "+141555527xx");
        assert_eq!(block_of(phone("+1000000"), 4), "+100xxxx");
    }

    #[test]
    fn a_mask_and_a_block_beside_it_hide_the_same() {
        let one = phone("+37125818738");
        assert_eq!(one.masked(), "+37125••••38");
        assert_eq!(shown_block(one, 4, Sight::Masked), "+37125••xxxx");
        assert_eq!(shown_block(one, 2, Sight::Masked), "+37125••••xx");
        assert_eq!(shown_block(one, 3, Sight::Whole), "+37125818xxx");
    }

    #[test]
    fn those_of_the_same_hour_are_told() {
        let one = phone("+14155552700");
        // 10:05 and 12:59:59.999999.
        let own = [10 * HOUR + 5 * MINUTE, 13 * HOUR - 1];
        let numbers: Vec<_> =
            (0..14).map(|at| phone(&format!("+14155552{:03}", 701 + at))).collect();
        let mut others: Vec<_> =
            numbers.iter().map(|number| (10 * HOUR + 59 * MINUTE, *number)).collect();
        others.push((12 * HOUR, numbers[0]));
        others.push((13 * HOUR, phone("+14155552600")));
        others.push((10 * HOUR, numbers[0]));
        let found = neighbours(&own, others, near(one), 100);
        let words = found.sentence("adjacent number", "adjacent numbers");
        assert_eq!(words.as_deref(), Some("14 adjacent numbers failed in the same hour"));
        let told: Vec<_> = found
            .hours
            .iter()
            .map(|hour| (hour.start.timestamp() / 3_600, hour.neighbours))
            .collect();
        assert_eq!(told, [(10, 14), (12, 1)]);
        assert_eq!((found.own, found.all, found.within), (2, 15, [14, 15, 15]));
        let first = &found.rows[0];
        assert_eq!((first.of, first.open, first.failures, first.together), (numbers[0], 2, 3, 3));
        let last = found.rows.last().unwrap();
        assert_eq!((last.of, last.open, last.together), (phone("+14155552600"), 3, 0));
    }

    #[test]
    fn alone_nothing_is_said() {
        let one = phone("+14155552700");
        let others = [(HOUR, phone("+14155552701"))];
        for own in [&[][..], &[2 * HOUR]] {
            let found = neighbours(own, others, near(one), 10);
            assert_eq!(found.sentence("number", "numbers"), None);
            assert_eq!((found.all, found.hours.len()), (1, 0));
        }
        let found = neighbours(&[HOUR + 1], others, near(one), 10);
        assert_eq!(
            found.sentence("number", "numbers").unwrap(),
            "1 number failed in the same hour"
        );
        assert_eq!(neighbours(&[HOUR], others, near(one), 0).rows, []);
    }

    proptest! {
        /// Compared with counting hour by hour and neighbour by neighbour.
        #[test]
        fn equals_the_long_way(
            own in proptest::collection::vec(0_i64..(8 * HOUR), 0..6),
            raw in proptest::collection::vec((0_i64..(8 * HOUR), 0_u64..40), 0..60),
        ) {
            let one = phone("+14155552700");
            let others: Vec<_> = raw
                .iter()
                .map(|(time, at)| (*time, PhoneNumber::from_digits(14_155_552_701 + at * 37).unwrap()))
                .collect();
            let found = neighbours(&own, others.clone(), near(one), 1_000);
            let keys: BTreeSet<_> = others.iter().map(|(_, of)| *of).collect();
            prop_assert_eq!(found.all, keys.len() as u64);
            for row in &found.rows {
                let mine = || others.iter().filter(|(_, of)| *of == row.of);
                prop_assert_eq!(row.failures, mine().count() as u64);
                let together = mine().filter(|(time, _)| own.iter().any(|own| own / HOUR == time / HOUR));
                prop_assert_eq!(row.together, together.count() as u64);
                prop_assert_eq!(Some(row.last.timestamp_micros()), mine().map(|(time, _)| *time).max());
            }
            let mut most = 0;
            for hour in own.iter().map(|time| time / HOUR).collect::<BTreeSet<_>>() {
                let met: BTreeSet<_> = others.iter().filter(|(time, _)| time / HOUR == hour).map(|(_, of)| of).collect();
                let told = found.hours.iter().find(|told| told.start.timestamp() / 3_600 == hour);
                prop_assert_eq!(told.map_or(0, |told| told.neighbours), met.len() as u64);
                most = most.max(met.len() as u64);
            }
            prop_assert_eq!(found.hours.first().map_or(0, |hour| hour.neighbours), most);
            for (open, count) in OPEN.iter().zip(found.within) {
                let near = keys.iter().filter(|key| open_between(one, **key).is_some_and(|near| near <= *open));
                prop_assert_eq!(count, near.count() as u64);
            }
        }
    }
}
