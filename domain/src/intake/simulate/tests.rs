use super::*;
use crate::{Channel, Kind};
use std::collections::{BTreeMap, HashMap, HashSet};

const START: &str = "2026-03-02T00:00:00Z";

fn run(events: u64, days: u32, seed: u64, attacks: &[Attack]) -> Vec<Event> {
    simulate(events, days, seed, START.parse().unwrap(), attacks).unwrap().collect()
}

fn label(event: &Event) -> &str {
    event.extra["label"].as_str().unwrap()
}

#[test]
fn exact_ordered_unique_and_repeatable() {
    for events in [0, 1, 7, 100, 5_000] {
        let all = run(events, 3, 42, Attack::ALL);
        assert_eq!(all.len() as u64, events);
        assert!(all.is_sorted_by_key(|event| event.time));
        let ids: HashSet<_> = all.iter().map(Event::key).collect();
        assert_eq!(ids.len(), all.len());
        assert_eq!(all, run(events, 3, 42, Attack::ALL));
    }
    assert_ne!(run(100, 3, 42, &[]), run(100, 3, 43, &[]));
}

#[test]
fn days_are_filled_and_ids_differ_between_simulations() {
    let all = run(20_000, 30, 1, &[]);
    let day = |event: &Event| (event.time - START.parse::<DateTime<Utc>>().unwrap()).num_days();
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    all.iter().for_each(|event| *days.entry(day(event)).or_default() += 1);
    assert!((30..=31).contains(&days.len()), "{days:?}");
    // Sundays are quieter than Tuesdays.
    assert!(days[&6] * 3 < days[&1] * 2 + 200, "{days:?}");
    let other = simulate(20_000, 30, 1, "2026-04-06T00:00:00Z".parse().unwrap(), &[]).unwrap();
    assert_ne!(other.take(1).next().unwrap().id, all[0].id);
}

#[test]
fn ordinary_traffic_looks_ordinary() {
    let all = run(40_000, 30, 9, &[]);
    let count = |test: &dyn Fn(&Event) -> bool| all.iter().filter(|event| test(event)).count();
    let failures = count(&|event| event.kind.is_failure());
    assert!(
        (2_800..=3_600).contains(&failures),
        "{failures} of 40000 are failures; 8 % are wanted"
    );
    assert_eq!(count(&|event| label(event) != "normal"), 0);
    assert!(all.iter().all(|event| event.phone.is_none() || event.channel.is_some()));
    assert!(all.iter().filter(|event| event.kind.is_failure()).all(|event| event.reason.is_some()));
    let (sent, verified) =
        (count(&|event| event.kind == Kind::Sent), count(&|event| event.kind == Kind::Verified));
    assert!(verified * 100 / sent >= 75 && verified < sent, "{verified} of {sent}");
    // The telecom provider's events join the identity provider's and add what only it knows.
    let journeys: HashSet<_> = all
        .iter()
        .filter(|event| event.source.as_str() == "b2c")
        .map(|event| event.journey.clone())
        .collect();
    let telecom: Vec<_> = all.iter().filter(|event| event.source.as_str() == "twilio").collect();
    assert!(telecom.len() > 8_000);
    assert!(telecom.iter().all(|event| event.cost.is_some() && event.user.is_none()));
    assert!(telecom.iter().all(|event| journeys.contains(&event.journey)));
    let people: HashSet<_> = all.iter().filter_map(|event| event.user.as_deref()).collect();
    assert!(people.len() > 1_000);
}

#[test]
fn attacks_look_like_themselves() {
    let all = run(60_000, 30, 5, Attack::ALL);
    let mut by: HashMap<&str, Vec<&Event>> = HashMap::new();
    all.iter().for_each(|event| by.entry(label(event)).or_default().push(event));
    let of = |attack: Attack| &by[attack.label()];
    assert!(by["normal"].len() > 50_000);

    let calls = of(Attack::AdjacentCalls);
    let blocks: HashSet<_> =
        calls.iter().map(|event| event.phone.unwrap().digits() / 100).collect();
    let callers: HashSet<_> = calls.iter().filter_map(|event| event.ip).collect();
    assert_eq!((blocks.len(), callers.len()), (3, 4));
    let failed = calls.iter().filter(|event| event.kind.is_failure()).count();
    assert!(failed * 10 > calls.len() * 8);
    assert!(calls.iter().any(|event| event.kind == Kind::Blocked));

    let texts = of(Attack::SmsPumping);
    assert!(texts.iter().all(|event| event.kind != Kind::Verified));
    let senders: HashSet<_> = texts.iter().filter_map(|event| event.ip).collect();
    assert!(senders.len() * 3 > texts.len());

    let prompts = of(Attack::PushFatigue);
    let denied = prompts.iter().filter(|event| event.kind == Kind::Denied).count();
    let approved = prompts.iter().filter(|event| event.kind == Kind::Approved).count();
    assert!(approved > 0 && denied > 5 * approved, "{denied} {approved}");
}

#[test]
fn calls_and_texts_say_which_operation_it_was() {
    let all = run(20_000, 30, 9, Attack::ALL);
    let mut seen = HashSet::new();
    for event in &all {
        let operation = event.extra.get("operation").map(|text| text.as_str().unwrap());
        let known = event.source.as_str() == "b2c"
            && matches!(event.channel, Some(Channel::Sms | Channel::Voice));
        assert_eq!(operation.is_some(), known, "{event:?}");
        seen.extend(operation.map(|operation| (operation, event.channel.unwrap(), event.kind)));
    }
    let (sms, call, check) = (
        "Send SMS to verify phone number",
        "Make phone call to verify phone number",
        "Verify phone number",
    );
    let mut expected = HashSet::new();
    for kind in [Kind::Sent, Kind::Failed, Kind::Blocked] {
        expected.extend([(sms, Channel::Sms, kind), (call, Channel::Voice, kind)]);
    }
    for kind in [Kind::Verified, Kind::Failed, Kind::Expired] {
        expected.extend([(check, Channel::Sms, kind), (check, Channel::Voice, kind)]);
    }
    assert_eq!(seen, expected);
}

#[test]
fn attacked_numbers_are_where_they_should_be() {
    use crate::Region;
    for event in run(4_000, 2, 5, &[Attack::AdjacentCalls, Attack::SmsPumping]) {
        let region = event.phone.and_then(Region::of);
        match label(&event) {
            "attack:adjacent-calls" => assert_eq!(region.unwrap().as_str(), "LV"),
            "attack:sms-pumping" => assert_eq!(region.unwrap().as_str(), "TJ"),
            _ => assert!(event.phone.is_none() || region.is_some()),
        }
    }
}

#[test]
fn little_is_held_at_a_time() {
    let mut simulation = simulate(200_000, 30, 3, START.parse().unwrap(), &[]).unwrap();
    let mut most = 0;
    while simulation.next().is_some() {
        most = most.max(simulation.waiting.len());
    }
    assert!(most < 1_000, "{most} events were waiting");
}

#[test]
fn out_of_range_is_refused() {
    let refused =
        |days, start: &str| simulate(1, days, 1, start.parse().unwrap(), &[]).unwrap_err();
    assert!(refused(0, START).of("days").unwrap().contains("1 to 3650"));
    assert!(refused(1, "1999-12-31T00:00:00Z").of("start").is_some());
}
