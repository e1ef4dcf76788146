use super::*;
use proptest::prelude::*;
use testkit::past_noon;

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn one(hour: i64, code: &str, outcome: Kind) -> HourCount {
    HourCount { hour, region: region(code), channel: Channel::Sms, outcome, n: 1, cost: None }
}

#[test]
fn every_outcome_counts_as_the_table_says() {
    let told = |figures: &Figures| {
        [figures.sent, figures.verified, figures.failed, figures.refused, figures.unsettled]
    };
    for &outcome in Kind::ALL {
        let mut figures = Figures::default();
        figures.count(outcome, 2);
        let expected = match outcome {
            Kind::Sent | Kind::Delivered | Kind::Reported | Kind::Denied => [2, 0, 0, 0, 0],
            Kind::Verified => [2, 2, 0, 0, 0],
            Kind::Failed | Kind::Expired | Kind::Undelivered => [2, 0, 2, 0, 0],
            Kind::Blocked => [0, 0, 2, 0, 0],
            Kind::Refused => [0, 0, 0, 2, 0],
            Kind::Requested | Kind::Prompted | Kind::Approved => [0, 0, 0, 0, 2],
        };
        assert_eq!(told(&figures), expected, "{outcome}");
        assert_eq!(outcome.is_failure(), figures.failed > 0, "{outcome}");
    }
}

#[test]
fn costs_add_up_by_currency_and_never_overflow() {
    let mut figures = Figures::default();
    figures.spend("USD", Decimal::MAX);
    figures.spend("EUR", Decimal::new(5, 2));
    figures.spend("EUR", Decimal::new(7, 2));
    figures.spend("USD", Decimal::MAX);
    let expected = [("EUR".to_owned(), Decimal::new(12, 2)), ("USD".to_owned(), Decimal::MAX)];
    assert_eq!(figures.cost, expected);
    assert_eq!(figures.rate(), None);
    figures.count(Kind::Verified, 1);
    figures.count(Kind::Sent, 3);
    assert_eq!(figures.rate(), Some(0.25));
}

#[test]
fn what_is_put_again_takes_the_place_of_what_was() {
    let mut hours = Hours::default();
    let now = hour_of(past_noon());
    hours.put(now - 1, now + 1, [one(now - 1, "US", Kind::Sent), one(now, "US", Kind::Sent)]);
    // An hour outside the range is ignored.
    hours.put(now, now + 1, [one(now, "JM", Kind::Verified), one(now - 1, "JM", Kind::Sent)]);
    let rows = hours.month(past_noon());
    let told: Vec<_> = rows.iter().map(|row| (row.region.as_str(), row.figures.sent)).collect();
    assert_eq!(told, [("JM", 1), ("US", 1)]);
    assert_eq!(hours.verified(), [(region("JM"), 1)]);
}

#[test]
fn the_month_loses_its_oldest_hour_and_the_quarter_its_oldest_day() {
    let mut hours = Hours::default();
    let now = hour_of(past_noon());
    let month = Hours::month_begin(past_noon());
    let oldest = Hours::first_day(past_noon()) * 24;
    hours.put(
        oldest - 24,
        now + 1,
        [
            one(oldest - 1, "AA", Kind::Verified),
            one(oldest, "BB", Kind::Verified),
            one(month - 1, "CC", Kind::Sent),
            one(month, "DD", Kind::Verified),
        ],
    );
    hours.forget(past_noon());
    let known: Vec<_> = hours.month(past_noon()).iter().map(|row| row.region).collect();
    assert_eq!(known, [region("DD")]);
    assert_eq!(hours.verified(), [(region("BB"), 1), (region("DD"), 1)]);
    assert_eq!(hours.first(), Some(oldest));
    let before: Vec<_> = hours.regions_before(month).into_iter().collect();
    assert_eq!(before, [region("BB"), region("CC")], "attempts are remembered without a success");
    let later = past_noon() + chrono::TimeDelta::hours(1);
    assert!(hours.month(later).is_empty());
}

#[test]
fn a_month_is_asked_by_region_and_channel() {
    let mut hours = Hours::default();
    let now = hour_of(past_noon());
    let call = HourCount { channel: Channel::Voice, ..one(now, "US", Kind::Verified) };
    hours.put(now, now + 1, [one(now, "US", Kind::Sent), call, one(now, "JM", Kind::Sent)]);
    let rows = hours.month(past_noon());
    let month = Month { from: past_noon(), as_of: past_noon(), loading: false, rows };
    assert_eq!(month.of(region("US"), Channel::Voice).verified, 1);
    assert_eq!(month.of(region("US"), Channel::Push), Figures::default());
}

proptest! {
    /// However a range is split into pieces and read again, the figures equal one plain count.
    #[test]
    fn pieces_make_the_whole(
        raw in proptest::collection::vec((0_i64..2_400, 0_usize..4, 0_usize..13, 0_i64..3), 0..60),
        cuts in proptest::collection::vec(0_i64..100, 0..6),
    ) {
        let now = hour_of(past_noon());
        let all: Vec<_> = raw.iter().map(|(ago, code, kind, cost)| HourCount {
            channel: if kind % 2 == 0 { Channel::Sms } else { Channel::Voice },
            cost: (*cost > 0).then(|| ("EUR".to_owned(), Decimal::new(*cost, 1))),
            ..one(now - ago, ["US", "JM", "GB", "001"][*code], Kind::ALL[*kind])
        }).collect();
        let mut hours = Hours::default();
        let today = now.div_euclid(24);
        for day in cuts.into_iter().map(|cut| today - cut).chain(today - DAYS..=today) {
            let rows = all.iter().filter(|one| one.hour.div_euclid(24) == day).cloned();
            hours.put(day * 24, day * 24 + 24, rows);
            hours.forget(past_noon());
        }
        let mut plain = Hours::default();
        plain.put(0, now + 1, all.clone());
        prop_assert_eq!(hours.month(past_noon()), plain.month(past_noon()));
        let mut sums = std::collections::BTreeMap::new();
        for one in &all {
            if one.outcome == Kind::Verified && one.hour.div_euclid(24) >= today - DAYS {
                *sums.entry(one.region).or_insert(0) += 1;
            }
        }
        prop_assert_eq!(hours.verified(), sums.into_iter().collect::<Vec<_>>());
    }
}
