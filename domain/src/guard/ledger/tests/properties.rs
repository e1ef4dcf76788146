use super::model::Model;
use super::*;
use proptest::prelude::*;

const NUMBERS: [&str; 5] =
    ["+14155550100", "+14155550199", "+14155560100", "+141555501001", "+4479111"];
const ADDRESSES: [&str; 6] =
    ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.77", "2001:db8:0:1::5", "2001:db8:0:2::5", "::1"];
const USERS: [&str; 3] = ["ann@example.com", "åsa@example.com", "bo"];
const DEVICES: [&str; 2] = ["phone", "ann@example.com"];
const FLOWS: [&str; 2] = ["sign-in", "reset"];
const REGIONS: [&str; 4] = ["US", "001", "AA", "ZZ"];
const WINDOWS: [i64; 6] = [1, SECOND, 10 * MINUTE, HOUR, HOUR + 1, WINDOW_MAX];

/// Times at the edges of windows to the microsecond, and others.
fn time() -> impl Strategy<Value = i64> {
    let edges = prop::sample::select(vec![
        0,
        -SECOND,
        -10 * MINUTE,
        -HOUR,
        -2 * HOUR,
        -HOUR - 1,
        -WINDOW_MAX,
        -KEEP,
        10 * MINUTE,
        HOUR,
        WINDOW_MAX,
        AHEAD,
    ]);
    prop_oneof![
        4 => (edges, -1_i64..=1).prop_map(|(edge, beside)| NOW + edge + beside),
        2 => (-120_i64..=0).prop_map(|minutes| NOW + minutes * MINUTE),
        1 => NOW - KEEP - HOUR..NOW + AHEAD + HOUR,
    ]
}

fn what() -> impl Strategy<Value = EntryKind> {
    prop_oneof![
        4 => Just(EntryKind::Requested),
        4 => Just(EntryKind::Sent),
        3 => prop::sample::select(Dimension::ALL.to_vec()).prop_map(EntryKind::Refused),
        1 => Just(EntryKind::RefusedOther),
        1 => Just(EntryKind::Verified),
        2 => Just(EntryKind::Cost),
    ]
}

fn pick<const N: usize>(from: [&'static str; N]) -> impl Strategy<Value = Option<&'static str>> {
    prop::option::weighted(0.8, prop::sample::select(from.to_vec()))
}

fn told_of(what: impl Strategy<Value = EntryKind>) -> impl Strategy<Value = OwnedEvent> {
    let who = (pick(NUMBERS), pick(ADDRESSES), pick(REGIONS));
    let texts = (pick(USERS), pick(DEVICES), pick(FLOWS));
    let cost = (prop::option::of(0_i64..5), any::<bool>());
    (what, 0_u32..12, time(), who, texts, cost).prop_map(
        |(what, journey, time, who, texts, cost)| OwnedEvent {
            phone: who.0.map(number),
            ip: who.1.map(|ip| ip.parse().unwrap()),
            region: who.2.map(|region| region.parse().unwrap()),
            user: texts.0,
            device: texts.1,
            flow: texts.2,
            cost: cost.0.map(|cost| cost * 30_000_000),
            priced_by_event: cost.1,
            ..OwnedEvent::new(what, &journey.to_string(), time)
        },
    )
}

fn events() -> impl Strategy<Value = Vec<OwnedEvent>> {
    prop::collection::vec(told_of(what()), 0..100)
}

fn keys() -> Vec<Key<'static>> {
    let numbers = NUMBERS.map(number);
    let ips = ADDRESSES.map(|ip| ip.parse().unwrap());
    std::iter::once(Key::All)
        .chain(numbers.map(Key::Number))
        .chain(numbers.map(|number| Key::NumberBlock(NumberBlock::of(number))))
        .chain(ips.map(Key::Ip))
        .chain(ips.map(Key::IpNetwork))
        .chain(USERS.map(Key::User))
        .chain(DEVICES.map(Key::Device))
        .chain(FLOWS.map(Key::Flow))
        .chain(REGIONS.map(|region| Key::Region(region.parse().unwrap())))
        .chain([Key::User("nobody"), Key::Number(number("+999000018859"))])
        .collect()
}

/// A ledger's answers at one time.
#[derive(Debug, PartialEq)]
struct Answer {
    counts: Vec<u64>,
    fits: Vec<i64>,
    refusals: Vec<u32>,
    spent: Vec<Spent>,
}

fn answer(ledger: &Ledger, now: i64, limit: u64) -> Answer {
    let keys = keys();
    let each = || keys.iter().flat_map(|key| WINDOWS.map(|window| (key, window)));
    Answer {
        counts: each().map(|(key, window)| ledger.count(key, now, window)).collect(),
        fits: each().map(|(key, window)| ledger.fits_at(key, now, window, limit)).collect(),
        refusals: keys.iter().map(|key| ledger.refusals(key, now)).collect(),
        spent: WINDOWS.map(|window| ledger.spent(now, window)).to_vec(),
    }
}

fn model_answer(model: &Model, now: i64, limit: u64) -> Answer {
    let keys = keys();
    let each = || keys.iter().flat_map(|key| WINDOWS.map(|window| (key, window)));
    Answer {
        counts: each().map(|(key, window)| model.count(key, now, window)).collect(),
        fits: each().map(|(key, window)| model.fits_at(key, now, window, limit)).collect(),
        refusals: keys.iter().map(|key| model.refusals(key, now)).collect(),
        spent: WINDOWS.map(|window| model.spent(now, window)).to_vec(),
    }
}

/// Whether two ledgers answer alike about what was told, at these times.
fn same(
    first: &Ledger,
    again: &Ledger,
    told: &[OwnedEvent],
    asked: &[i64],
) -> Result<(), TestCaseError> {
    prop_assert_eq!((first.len(), first.oldest()), (again.len(), again.oldest()));
    for now in asked {
        prop_assert_eq!(answer(first, *now, 2), answer(again, *now, 2));
    }
    for told in told {
        prop_assert_eq!(first.seen(told.attempt), again.seen(told.attempt));
    }
    Ok(())
}

/// Query times from just before `NOW` on.
fn asked() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(time(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_answers_as_the_list_does(told in events(), asked in asked(), limit in 1_u64..6) {
        let (ledger, model) = (folded(&told), Model::of(&told));
        prop_assert_eq!(ledger.len(), model.len());
        prop_assert_eq!(ledger.oldest(), model.oldest());
        for now in asked {
            prop_assert_eq!(answer(&ledger, now, limit), model_answer(&model, now, limit));
        }
    }

    #[test]
    fn any_order_ends_the_same(
        (told, shuffled) in events().prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
        asked in asked(),
    ) {
        let (first, again) = (folded(&told), folded(&shuffled));
        same(&first, &again, &told, &asked)?;
    }

    /// Whatever arrived between a reservation and its removal.
    #[test]
    fn taken_back_it_was_never_there(
        told in events(),
        reserved in told_of(Just(EntryKind::Requested)),
        at in any::<prop::sample::Index>(),
        asked in asked(),
    ) {
        // Of two at the same time either may be meant.
        let twin = |told: &OwnedEvent| told.attempt == reserved.attempt && told.time == reserved.time;
        let told: Vec<OwnedEvent> = told.into_iter().filter(|told| !twin(told)).collect();
        let without = folded(&told);
        let mut with = told.clone();
        with.insert(at.index(told.len() + 1), reserved.clone());
        let mut ledger = folded(&with);
        ledger.take_back(reserved.attempt, reserved.time);
        same(&ledger, &without, &with, &asked)?;
    }

    #[test]
    fn forgetting_changes_no_answer_within_a_day(told in events(), ahead in 0..30 * HOUR) {
        let now = NOW + ahead;
        let mut ledger = folded(&told);
        let before = answer(&ledger, now, 2);
        let old = Model::of(&told).count(&Key::All, now - WINDOW_MAX - 1, i64::from(u32::MAX) * 1_000);
        prop_assert_eq!(ledger.forget_before(now - WINDOW_MAX) as u64, old);
        prop_assert_eq!(ledger.forget_before(now - WINDOW_MAX), 0);
        prop_assert!(ledger.oldest().is_none_or(|oldest| oldest >= now - WINDOW_MAX));
        prop_assert_eq!(answer(&ledger, now, 2), before);
    }

    #[test]
    fn empty_again_it_holds_nothing(told in events()) {
        let mut ledger = folded(&told);
        ledger.forget_before(NOW + 2 * AHEAD);
        prop_assert_eq!((ledger.len(), ledger.oldest(), ledger.rows.held()), (0, None, 0));
        prop_assert!(ledger.repeats.is_empty());
        prop_assert_eq!(answer(&ledger, NOW, 1), Answer {
            refusals: answer(&ledger, NOW, 1).refusals,
            ..answer(&Ledger::default(), NOW, 1)
        });
    }

    #[test]
    fn addresses_are_one_subscribers(a: u128, b: u128, near: bool) {
        use crate::network::Network;
        use std::net::Ipv6Addr;
        let b = if near { a ^ (b & 0xffff_ffff_ffff_ffff_ffff) } else { b };
        let (a, b) = (IpAddr::from(Ipv6Addr::from_bits(a)), IpAddr::from(Ipv6Addr::from_bits(b)));
        let same = Network::of_subscriber(a) == Network::of_subscriber(b);
        prop_assert_eq!(pack::Address::of(a) == pack::Address::of(b), same);
        let same = Network::of(a, 48) == Network::of(b, 48);
        prop_assert_eq!(pack::Address::of(a).network() == pack::Address::of(b).network(), same);
    }

    #[test]
    fn blocks_of_numbers_are_all_but_four_digits(a in 1_000_000_u64..9_999_999_999, b in 0_u64..20_000) {
        let (a, b) = (PhoneNumber::from_digits(a).unwrap(), PhoneNumber::from_digits(a + b).unwrap());
        let block = |number: PhoneNumber| {
            let text = number.to_string();
            (text.len(), text[..text.len() - 4].to_owned())
        };
        prop_assert_eq!(NumberBlock::of(a) == NumberBlock::of(b), block(a) == block(b));
    }
}
