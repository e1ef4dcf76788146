use super::*;
use crate::events::Kind;
use crate::region_figures::HourCount;
use crate::rules::{Any, KillSwitch, Mode};
use crate::{Channel, PhoneNumber};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    crate::period::parse_time("2026-11-20T12:34:56Z").unwrap()
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// `n` attempts of a region in an hour, `ago` hours before the current one.
fn some(code: &str, ago: i64, outcome: Kind, n: u64) -> HourCount {
    let hour = hour_of(now()) - ago;
    HourCount { hour, region: region(code), channel: Channel::Sms, outcome, n, cost: None }
}

fn hours(counted: Vec<HourCount>) -> Hours {
    let mut hours = Hours::default();
    hours.put(0, hour_of(now()) + 1, counted);
    hours
}

fn keys(told: &[CausedAlert]) -> Vec<&str> {
    told.iter().map(|told| told.key.as_str()).collect()
}

/// 14 days with `each` sends at this hour.
fn fortnight(each: u64) -> Vec<HourCount> {
    (1..=14).map(|day| some("JM", day * 24, Kind::Sent, each)).collect()
}

#[test]
fn three_times_the_usual_is_a_surge() {
    let hour = hour_of(now());
    for (usual, observed, surge) in
        [(10, 29, false), (10, 30, true), (0, 19, false), (0, 20, true), (1, 19, false)]
    {
        let mut counted = fortnight(usual);
        // The store has at least a day of data, whatever the region.
        counted.push(some("US", 15 * 24, Kind::Sent, 1));
        counted.push(some("JM", 0, Kind::Delivered, observed));
        let told = surges(&hours(counted), now());
        let expected = if surge { vec![format!("JM sends {hour}")] } else { Vec::new() };
        assert_eq!(keys(&told), expected, "{observed} against {usual}");
    }
}

#[test]
fn one_wild_day_does_not_make_another_usual_and_other_hours_do_not_count() {
    let mut counted = fortnight(8);
    counted.push(some("JM", 24, Kind::Sent, 5_000));
    counted.push(some("JM", 25, Kind::Sent, 5_000));
    counted.push(some("JM", 0, Kind::Sent, 24));
    let told = surges(&hours(counted), now());
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].alert.line,
        "Jamaica (JM): 24 codes sent between 12:00 and 13:00 UTC on 20 Nov 2026; usual at this \
         hour: 8."
    );
    assert_eq!(
        told[0].alert.path,
        "/sign-ins?region=JM&from=2026-11-20T12:00:00Z&to=2026-11-20T13:00:00Z"
    );
}

#[test]
fn failures_surge_by_themselves_and_the_hour_before_is_looked_at_too() {
    let mut counted: Vec<_> =
        (1..=14).map(|day| some("GB", day * 24 + 1, Kind::Sent, 90)).collect();
    counted.push(some("GB", 1, Kind::Failed, 60));
    counted.push(some("GB", 1, Kind::Blocked, 60));
    // The gate's own refusals do not count.
    counted.push(some("GB", 0, Kind::Refused, 900));
    let told = surges(&hours(counted), now());
    assert_eq!(keys(&told), [format!("GB failures {}", hour_of(now()) - 1)]);
    assert!(told[0].alert.line.contains("120 failed attempts between 11:00 and 12:00 UTC"));
}

#[test]
fn codes_let_go_by_the_gate_surge_although_no_provider_tells_of_them() {
    let counted = vec![some("US", 24, Kind::Requested, 5), some("US", 0, Kind::Requested, 20)];
    assert_eq!(surges(&hours(counted), now()).len(), 1);
}

#[test]
fn nothing_is_a_surge_on_a_stores_first_day() {
    let counted = vec![some("US", 23, Kind::Sent, 1), some("US", 0, Kind::Sent, 5_000)];
    assert!(surges(&hours(counted), now()).is_empty());
    assert!(surges(&Hours::default(), now()).is_empty());
}

fn recent(code: &str, verified: u64, sent: u64) -> BTreeMap<Region, Figures> {
    let mut figures = Figures::default();
    figures.count(Kind::Verified, verified);
    figures.count(Kind::Sent, sent - verified);
    BTreeMap::from([(region(code), figures)])
}

#[test]
fn conversion_has_fallen_at_half_of_what_it_was() {
    // 80 of 100 before.
    let before = vec![some("JM", 48, Kind::Verified, 80), some("JM", 24, Kind::Sent, 20)];
    let hours = hours(before);
    for (verified, sent, fallen) in
        [(12, 30, true), (13, 30, false), (0, 30, true), (0, 29, false), (40, 100, true)]
    {
        let told = conversions(&hours, &recent("JM", verified, sent), now());
        assert_eq!(told.len(), usize::from(fallen), "{verified} of {sent}");
    }
    let told = conversions(&hours, &recent("JM", 12, 30), now());
    assert_eq!(
        told[0].alert.line,
        "Jamaica (JM): 12 of the 30 codes of the last 3 hours were verified (40 %); in the 14 \
         days before it was 80 %."
    );
    assert_eq!(told[0].again_after, Some(TimeDelta::hours(6)));
}

#[test]
fn conversion_is_compared_with_enough_or_not_at_all() {
    for before in [
        vec![],
        vec![some("JM", 48, Kind::Verified, 29)],
        // Nobody ever verified, so there is no rate.
        vec![some("JM", 48, Kind::Sent, 500)],
        // Another region, and before the 14 days.
        vec![some("US", 48, Kind::Verified, 500), some("JM", 15 * 24 + 4, Kind::Verified, 500)],
        // The judged hours themselves.
        vec![some("JM", 1, Kind::Verified, 500)],
    ] {
        let told = conversions(&hours(before), &recent("JM", 0, 100), now());
        assert!(told.is_empty(), "{told:?}");
    }
    let (from, to) = conversion_window(now());
    assert_eq!((now() - from, now() - to), (TimeDelta::hours(3), TimeDelta::minutes(10)));
}

#[test]
fn traffic_is_first_when_there_was_none_in_90_days() {
    let counted = vec![
        some("US", 25, Kind::Sent, 1),
        some("US", 0, Kind::Sent, 1),
        some("JM", 0, Kind::Sent, 2),
        some("JM", 1, Kind::Refused, 1),
        some("GB", 2, Kind::Sent, 1),
        some("GB", 0, Kind::Sent, 1),
        some("001", 1, Kind::Refused, 1),
    ];
    let told = first_traffic(&hours(counted.clone()), now());
    assert_eq!(keys(&told), ["001", "JM"]);
    assert_eq!(
        told[1].alert.line,
        "Jamaica (JM): 3 attempts, 1 of them refused since 11:00 UTC, and none in the 90 days \
         before."
    );
    assert!(told[0].alert.line.contains("1 attempt, refused since 11:00 UTC"), "{told:?}");

    let mut old = hours(counted);
    old.put(
        (hour_of(now()) - 89 * 24).div_euclid(24) * 24,
        hour_of(now()) - 88 * 24,
        [some("JM", 89 * 24, Kind::Refused, 1)],
    );
    old.forget(now());
    assert_eq!(keys(&first_traffic(&old, now())), ["001"], "there was an attempt in 90 days");
}

#[test]
fn nothing_is_first_on_a_stores_first_day() {
    for first in [23, 24] {
        let counted = vec![some("US", first, Kind::Sent, 1), some("JM", 0, Kind::Sent, 1)];
        assert!(first_traffic(&hours(counted), now()).is_empty(), "{first} hours ago");
    }
}

fn switch(code: &str, until: Option<i64>) -> KillSwitch {
    KillSwitch {
        region: code.parse().unwrap(),
        channel: Any::One(Channel::Sms),
        until: until.map(|minutes| now() + TimeDelta::minutes(minutes)),
        mode: Mode::Enforce,
        reason: "Pumping.".into(),
        by: None,
        at: None,
    }
}

#[test]
fn kill_switches_are_told_of_when_set_and_when_taken_away() {
    let jm = switch("JM", Some(60));
    let told = |before: &[KillSwitch], after: &[KillSwitch]| {
        switches_changed("ann@example.com", before, after, now()).map(|alert| alert.line)
    };
    assert_eq!(
        told(&[], std::slice::from_ref(&jm)).unwrap(),
        "ann@example.com set a kill switch: No codes to Jamaica by sms until 20 Nov 2026, 13:34 \
         UTC. Reason: Pumping."
    );
    assert_eq!(
        told(std::slice::from_ref(&jm), &[]).unwrap(),
        "ann@example.com removed a kill switch: JM by sms is no longer on."
    );
    let later = switch("JM", Some(120));
    let line = told(std::slice::from_ref(&jm), std::slice::from_ref(&later)).unwrap();
    assert!(line.contains("set a kill switch") && line.contains("14:34"), "{line}");
    assert!(!line.contains("took"), "{line}");
    let shadow = KillSwitch { mode: Mode::Shadow, ..jm.clone() };
    assert!(told(&[], &[shadow]).unwrap().contains("In shadow: nothing is refused yet."));

    let reason = KillSwitch { reason: "Other".into(), ..jm.clone() };
    assert_eq!(told(std::slice::from_ref(&jm), &[reason]), None, "it refuses as before");
    assert_eq!(told(std::slice::from_ref(&jm), std::slice::from_ref(&jm)), None);
    assert_eq!(told(&[switch("US", Some(0))], &[]), None, "it was over already");

    let many: Vec<_> = ["AG", "BB", "DM", "GD", "JM"].map(|code| switch(code, None)).into();
    let alert = switches_changed("ann", &[], &many, now()).unwrap();
    assert_eq!(alert.count, 5);
    assert!(alert.line.ends_with(" 2 more"), "{}", alert.line);
}

#[test]
fn a_switch_resumes_when_its_time_is_over() {
    let told = switches_resumed(
        &[
            switch("JM", Some(0)),
            switch("US", Some(1)),
            switch("GB", None),
            switch("DE", Some(-24 * 60)),
            KillSwitch { mode: Mode::Shadow, ..switch("FR", Some(-1)) },
        ],
        now(),
    );
    assert_eq!(keys(&told), ["JM sms 2026-11-20T12:34:56.000000Z"]);
    assert!(told[0].alert.line.contains("JM by sms expired at 20 Nov 2026, 12:34 UTC"));
}

#[test]
fn a_cap_is_told_with_its_name() {
    let told = cap_reached("50.00 EUR per 24 h", 7);
    assert_eq!((told.key.as_str(), told.alert.count), ("50.00 EUR per 24 h", 7));
    assert!(told.alert.line.starts_with("The spend cap 50.00 EUR per 24 h is reached"));
    assert_eq!(cap_reached("x", 0).alert.count, 1);
}

/// Cleaning a message changes nothing: no text is cut or masked, and every path leads into the
/// console.
#[test]
fn messages_are_clean() {
    let counted = [fortnight(1), vec![some("001", 0, Kind::Failed, 90)]].concat();
    let hours = hours(counted);
    let jm = [switch("JM", Some(-1))];
    let mut all = surges(&hours, now());
    all.extend(first_traffic(&hours, now()));
    all.extend(switches_resumed(&jm, now()));
    all.push(cap_reached("1.00 EUR per 1 h", 1));
    assert_eq!(all.len(), 5);
    for told in all {
        assert_eq!(told.alert.clean(), told.alert);
        assert!(told.alert.line.parse::<PhoneNumber>().is_err());
    }
}

#[test]
fn what_is_found_together_is_told_together() {
    assert_eq!(together(&[]), None);
    let first =
        ["AG", "BB", "DM", "GD", "GY", "JM", "LC"].map(|code| some(code, 0, Kind::Sent, 20));
    let told =
        first_traffic(&hours([&first[..], &[some("US", 30, Kind::Sent, 1)]].concat()), now());
    assert_eq!(together(&told[..1]), Some(told[0].alert.clone()));
    let all = together(&told).unwrap();
    assert_eq!((all.count, all.path.as_str()), (7, "/sign-ins?range=4h"));
    assert!(all.line.contains("(AG)") && all.line.contains("(GY)"), "{}", all.line);
    assert!(!all.line.contains("(JM)") && all.line.ends_with(" And 2 more."), "{}", all.line);
    assert_eq!(all.clean(), all, "it is not cut");
    let same = together(&[told[0].clone(), told[0].clone()]).unwrap();
    assert_eq!(same.path, told[0].alert.path);
}

proptest! {
    /// A surge matches its sentence whatever the days before.
    #[test]
    fn surges_follow_the_median(
        days in proptest::collection::vec(0_u64..60, 1..15),
        observed in 0_u64..200,
    ) {
        let mut counted: Vec<_> = days
            .iter()
            .zip(1_i64..)
            .map(|(n, day)| some("JM", day * 24, Kind::Sent, *n))
            .collect();
        // The store goes back to the last of them.
        counted.extend(days.iter().zip(1_i64..).map(|(_, day)| some("US", day * 24, Kind::Sent, 1)));
        counted.push(some("JM", 0, Kind::Sent, observed));
        let mut sorted = days.clone();
        sorted.sort_unstable();
        let n = sorted.len();
        let median = if n % 2 == 1 {
            sorted[n / 2] as f64
        } else {
            (sorted[n / 2 - 1] + sorted[n / 2]) as f64 / 2.0
        };
        let surge = observed >= 20 && observed as f64 >= 3.0 * median;
        prop_assert_eq!(!surges(&hours(counted), now()).is_empty(), surge);
    }

    /// Lower conversion never ends a fall.
    #[test]
    fn conversion_falls_with_what_is_typed_in(
        verified in 1_u64..500, more in 0_u64..500, sent in 30_u64..500,
    ) {
        let before = vec![
            some("JM", 48, Kind::Verified, verified), some("JM", 48, Kind::Sent, more),
        ];
        let hours = hours(before);
        let fallen: Vec<bool> = (0..=sent)
            .map(|n| !conversions(&hours, &recent("JM", n, sent), now()).is_empty())
            .collect();
        prop_assert!(fallen.windows(2).all(|pair| pair[0] || !pair[1]));
        if verified + more >= 30 {
            prop_assert!(fallen[0]);
            prop_assert!(!fallen[sent as usize], "all are typed in");
        } else {
            prop_assert!(!fallen[0]);
        }
    }
}
