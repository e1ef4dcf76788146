use super::*;
use crate::Engine;
use crate::ingest::Via;
use domain::attempts::Attempt;
use domain::region_figures::Figures;
use domain::{Channel, Cost, Event, Kind, PhoneNumber, Region};
use sqlx::PgPool;
use std::collections::HashMap;
use store::Clock;
use testkit::past_noon;
use uuid::Uuid;

/// Numbers of three regions and one of no country.
const NUMBERS: [&str; 4] = ["+14155552700", "+18765551234", "+447400738610", "+870773111632"];

/// An event for a number, `ago` before noon.
pub(crate) fn event(id: &str, number: &str, kind: Kind, ago: TimeDelta) -> Event {
    Event {
        phone: Some(number.parse().unwrap()),
        channel: Some(Channel::Sms),
        ..Event::new("test".parse().unwrap(), id.to_owned(), past_noon() - ago, kind)
    }
}

/// Random numbers, the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// Events of a hundred days, some in one journey, some without a number.
fn some_events(dice: &mut Dice, n: u64) -> Vec<Event> {
    let one = |at: u64| {
        let days = [1, 3, 29, 31, 33, 89, 100][dice.roll(7) as usize];
        let ago = TimeDelta::microseconds(dice.roll(days * 86_400_000_000).cast_signed());
        let number = NUMBERS[dice.roll(4) as usize];
        let kind = Kind::ALL[dice.roll(Kind::ALL.len() as u64) as usize];
        let mut event = event(&format!("{at}"), number, kind, ago);
        event.channel = Some(Channel::ALL[dice.roll(3) as usize]);
        event.journey = (dice.roll(2) == 0).then(|| format!("j{}", dice.roll(n / 4)));
        event.cost = (dice.roll(3) == 0).then(|| Cost {
            amount: format!("0.{:09}", dice.roll(1_000_000_000)).parse().unwrap(),
            currency: ["EUR", "USD"][dice.roll(2) as usize].to_owned(),
        });
        if dice.roll(9) == 0 {
            (event.phone, event.channel) = (None, None);
        }
        event
    };
    (0..n).map(one).collect()
}

type SnapshotRows = (Vec<(Region, Channel, Figures)>, Vec<(Region, u64)>);

/// The same figures computed simply: events merged into attempts, then attempts counted.
fn plain(events: &[Event]) -> SnapshotRows {
    let mut attempts: HashMap<Uuid, Attempt> = HashMap::new();
    for event in events {
        let part = Attempt::of(event, event.phone.and_then(Region::of), None);
        match attempts.get_mut(&part.id) {
            Some(attempt) => attempt.merge(part),
            None => drop(attempts.insert(part.id, part)),
        }
    }
    let hour = past_noon() - TimeDelta::minutes(34) - TimeDelta::seconds(56);
    let day = hour - TimeDelta::hours(12);
    let (mut month, mut verified) = (BTreeMap::new(), BTreeMap::new());
    for attempt in attempts.values() {
        let (Some(region), Some(channel)) = (attempt.region.value(), attempt.channel.value())
        else {
            continue;
        };
        if attempt.time >= hour - TimeDelta::days(30) {
            let figures: &mut Figures = month.entry((*region, *channel)).or_default();
            figures.count(attempt.outcome, 1);
            if let Some((currency, amount)) = attempt.cost.value() {
                figures.spend(currency, *amount);
            }
        }
        if attempt.time >= day - TimeDelta::days(90) && attempt.outcome == Kind::Verified {
            *verified.entry(*region).or_default() += 1;
        }
    }
    let month = month.into_iter().map(|((region, channel), figures)| (region, channel, figures));
    (month.collect(), verified.into_iter().collect())
}

fn snapshot_rows(regions: &Regions) -> SnapshotRows {
    let month = regions.month();
    let rows = month.rows.iter().map(|row| (row.region, row.channel, row.figures.clone()));
    (rows.collect(), regions.verified().rows.clone())
}

/// Reads everything that is due, and returns the number of parts.
pub(crate) async fn settle_down(regions: &Regions) -> usize {
    let mut steps = 0;
    while regions.step().await.unwrap() == Progress::Worked {
        steps += 1;
        assert!(steps < 1_000, "there is always something to read");
    }
    steps
}

async fn submit(engine: &Engine, events: &[Event]) {
    for batch in events.chunks(500) {
        engine.ingest.submit(batch.to_vec(), Via::Api).await.unwrap();
    }
}

fn later(regions: &Regions, after: TimeDelta) -> Regions {
    let clock = Clock::fixed(past_noon() + after);
    Regions { db: regions.db.clone().with_clock(clock), ..regions.clone() }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn figures_are_those_of_a_plain_computation(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(past_noon()))).await.unwrap();
    let regions = Regions::new(engine.db.clone());
    let mut dice = Dice(1);
    let mut events = some_events(&mut dice, 3_000);
    let more = events.split_off(2_000);
    submit(&engine, &events).await;

    assert!(regions.month().loading && regions.month().rows.is_empty(), "nothing is read yet");
    assert_eq!(regions.step().await.unwrap(), Progress::Worked);
    assert!(regions.month().loading && regions.verified().loading);
    assert_eq!(settle_down(&regions).await, 91, "each day once");
    assert!(!regions.month().loading && !regions.verified().loading);
    assert_eq!(snapshot_rows(&regions), plain(&events));
    assert_eq!(regions.step().await.unwrap(), Progress::Idle);

    // Imports a log of the last hundred days, with late events of known journeys.
    submit(&engine, &more).await;
    events.extend(more);
    let regions = later(&regions, REST_MAX);
    assert!(settle_down(&regions).await > 1);
    let regions = later(&regions, REST_MAX + LATE);
    settle_down(&regions).await;
    // Changed attempts on days without a new event are found after a restart.
    let again = later(&Regions::new(regions.db.clone()), REST_MAX + LATE);
    settle_down(&again).await;
    assert_eq!(snapshot_rows(&again), plain(&events));
    let days = |regions: &Regions| {
        regions
            .with_hours(|hours| hours.between(hour_of(past_noon()) - 48, hour_of(past_noon()) + 1))
    };
    assert_eq!(days(&regions), days(&again), "the last days are current without that");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_comes_now_shows_within_20_seconds_and_what_is_old_when_it_changes(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(past_noon()))).await.unwrap();
    let regions = Regions::new(engine.db.clone());
    let us: Region = "US".parse().unwrap();
    settle_down(&regions).await;
    let sent = event("a", NUMBERS[0], Kind::Sent, TimeDelta::seconds(1));
    let old = event("b", NUMBERS[0], Kind::Verified, TimeDelta::days(20));
    submit(&engine, &[sent]).await;
    assert_eq!(settle_down(&later(&regions, TimeDelta::seconds(19))).await, 0);
    let soon = later(&regions, FRESH);
    assert_eq!(soon.step().await.unwrap(), Progress::Worked);
    assert_eq!(soon.month().of(us, Channel::Sms).sent, 1);
    assert_eq!(soon.month().as_of, past_noon() + FRESH);

    submit(&engine, &[old]).await;
    settle_down(&later(&regions, REST_MAX)).await;
    assert_eq!(regions.month().of(us, Channel::Sms).sent, 2);
    assert_eq!(regions.verified().rows, [(us, 1)]);

    // `settle` does not wait.
    submit(&engine, &[event("c", NUMBERS[1], Kind::Sent, TimeDelta::days(60))]).await;
    let before = hour_of(past_noon()) - 2;
    let jm: Region = "JM".parse().unwrap();
    let knows = || regions.with_hours(|hours| hours.regions_before(before).contains(&jm));
    assert!(!knows());
    regions.settle().await.unwrap();
    assert!(knows());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_clock_going_on_forgets_and_going_back_reads_again(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(past_noon()))).await.unwrap();
    let regions = Regions::new(engine.db.clone());
    submit(&engine, &[event("a", NUMBERS[0], Kind::Verified, TimeDelta::zero())]).await;
    settle_down(&regions).await;
    assert_eq!(regions.month().rows.len(), 1);
    let month = later(&regions, TimeDelta::days(31));
    assert!(settle_down(&month).await >= 31, "new days are read");
    assert!(month.month().rows.is_empty());
    assert_eq!(month.verified().rows.len(), 1);
    let quarter = later(&regions, TimeDelta::days(91));
    settle_down(&quarter).await;
    assert!(quarter.verified().rows.is_empty());
    settle_down(&regions).await;
    assert_eq!(regions.month().rows.len(), 1, "the clock was corrected");
    assert!(!regions.verified().loading);
}

#[test]
fn a_numbers_region_is_known() {
    let regions = NUMBERS.map(|number| Region::of(number.parse::<PhoneNumber>().unwrap()).unwrap());
    assert_eq!(regions.map(|region| region.to_string()), ["US", "JM", "GB", "001"]);
}

/// `cargo test -p tollwarden-engine --lib regions:: -- --ignored --nocapture` prints the figures
/// for a million attempts; with `REGIONS_URL`, for that store.
#[sqlx::test(migrator = "store::MIGRATOR")]
#[ignore = "measures"]
async fn how_long_it_takes(pool: PgPool) {
    let (pool, now) = match std::env::var("REGIONS_URL") {
        Ok(url) => (PgPool::connect(&url).await.unwrap(), past_noon() + TimeDelta::days(1)),
        Err(_) => {
            let fill = "insert into attempt (id, time, outcome, outcome_time, region, channel,
                    cost_amount, cost_currency, origins)
                select gen_random_uuid(), t, (array['verified', 'sent', 'failed'])[1 + n % 3], t,
                    chr(65 + n % 5) || chr(65 + n % 13),
                    case n % 2 when 0 then 'sms' else 'voice' end, 0.05, 'EUR', '{}'
                from generate_series(0, 999999) n,
                    lateral (select $1::timestamptz - n * interval '2.592 seconds') as at (t)";
            sqlx::query(fill).bind(past_noon()).execute(&pool).await.unwrap();
            (pool, past_noon())
        }
    };
    let regions = Regions::new(Db::new(pool, Clock::fixed(now)));
    let begun = Instant::now();
    let mut month = None;
    let mut slowest = std::time::Duration::ZERO;
    loop {
        let step = Instant::now();
        if regions.step().await.unwrap() == Progress::Idle {
            break;
        }
        slowest = slowest.max(step.elapsed());
        if !regions.month().loading {
            month.get_or_insert_with(|| begun.elapsed());
        }
    }
    println!("30 days {month:?}, 90 days {:?}, slowest piece {slowest:?}", begun.elapsed());
    let fresh = later(&regions, now - past_noon() + FRESH);
    let step = Instant::now();
    fresh.step().await.unwrap();
    println!("newest hours {:?}", step.elapsed());
    let read = Instant::now();
    for _ in 0..1_000 {
        std::hint::black_box(regions.month());
    }
    let rows = regions.month().rows.len();
    println!("month() {:?} for {rows} rows", read.elapsed() / 1_000);
    assert!(rows > 0);
}
