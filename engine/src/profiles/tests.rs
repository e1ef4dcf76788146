use super::*;
use crate::ingest::Via;
use chrono::{DateTime, TimeDelta, Utc};
use domain::handles::HandleKey;
use domain::period::parse_time;
use domain::region_figures::Figures;
use domain::signins::PageStart;
use domain::sources::neutral;
use domain::{Channel, Event, Kind, Period, PhoneNumber};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use store::{Clock, Db};
use testkit::noon;

/// Sends events and waits until memory may read them: transactions in other tests' databases delay
/// that, because a cluster numbers them all together.
async fn submit(engine: &Engine, events: Vec<Event>) {
    engine.ingest.submit(events, Via::Api).await.unwrap();
    let newest = "select pg_snapshot_xmin(pg_current_snapshot()) >
        (select xid from event order by xid desc limit 1)";
    for _ in 0..100_000 {
        if sqlx::query_scalar(newest).fetch_one(engine.db.read()).await.unwrap() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("some transaction of this cluster does not end");
}

fn days(days: i64) -> AttemptSelection {
    let period = Period { from: noon() - TimeDelta::days(days), to: noon() };
    AttemptSelection { period, channel: None, place: PageStart::Newest }
}

/// A random event: everything except kind and time depends on the journey.
#[derive(Debug, Clone)]
struct Drawn {
    journey: u32,
    kind: Kind,
    minute: i64,
    cost: Option<u32>,
}

fn phone(journey: u32) -> PhoneNumber {
    PhoneNumber::from_digits(14_155_552_700 + u64::from(journey % 7) * 9).unwrap()
}

fn ip(journey: u32) -> IpAddr {
    IpAddr::from([203, 0, 113, u8::try_from(journey % 5).unwrap()])
}

fn channel(journey: u32) -> Channel {
    if journey.is_multiple_of(3) { Channel::Voice } else { Channel::Sms }
}

impl Drawn {
    fn time(&self) -> DateTime<Utc> {
        noon() - TimeDelta::minutes(self.minute)
    }

    fn event(&self, at: usize) -> Event {
        let user = format!("User{}@example.com", self.journey % 4);
        let cost =
            self.cost.map(|cents| json!({ "amount": format!("0.{cents:04}"), "currency": "EUR" }));
        let event = json!({
            "id": at.to_string(), "kind": self.kind.as_str(), "time": self.time().to_rfc3339(),
            "journey": format!("j{}", self.journey), "user": user, "cost": cost,
            "phone": phone(self.journey).to_string(), "ip": ip(self.journey).to_string(),
            "channel": channel(self.journey).as_str(), "device": format!("d{}", self.journey % 2),
        });
        neutral::parse(event.to_string().as_bytes(), &"shop".parse().unwrap(), noon()).unwrap()
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let kind = proptest::sample::select(Kind::ALL.to_vec());
    let cost = proptest::option::of(1_u32..1_000);
    (0_u32..40, kind, 1_i64..6_000, cost).prop_map(|(journey, kind, minute, cost)| Drawn {
        journey,
        kind,
        minute,
        cost,
    })
}

/// A simple count: by journey, from the events.
fn counted(events: &[Drawn], asked: AttemptSelection, mine: impl Fn(u32) -> bool) -> Figures {
    let mut journeys: BTreeMap<u32, Vec<&Drawn>> = BTreeMap::new();
    events.iter().for_each(|event| journeys.entry(event.journey).or_default().push(event));
    let mut figures = Figures::default();
    for (journey, events) in journeys {
        let began = events.iter().map(|event| event.time()).min().unwrap();
        let wanted = asked.channel.is_none_or(|wanted| wanted == channel(journey));
        if !mine(journey) || !asked.period.contains(began) || !wanted {
            continue;
        }
        let kinds: BTreeSet<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        // The contract's order, strongest first.
        let order = [
            "reported",
            "verified",
            "denied",
            "blocked",
            "failed",
            "expired",
            "undelivered",
            "delivered",
            "sent",
            "refused",
        ];
        let outcome =
            order.iter().find(|kind| kinds.contains(*kind)).copied().unwrap_or("requested");
        figures.count(outcome.parse().unwrap(), 1);
        let paid = events.iter().filter_map(|event| Some((event.time(), event.cost?)));
        if let Some((_, cents)) = paid.min() {
            figures.spend("EUR", format!("0.{cents:04}").parse().unwrap());
        }
    }
    figures
}

/// The figures and lists of every page are equal to a simple count of the same events.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn figures_equal_the_events(pool: PgPool) {
    let mut runner = TestRunner::deterministic();
    let engine = Engine::start(Db::new(pool, Clock::fixed(noon()))).await.unwrap();
    for _ in 0..6 {
        for table in ["event", "event_key", "attempt"] {
            let empty = sqlx::AssertSqlSafe(format!("truncate {table}"));
            sqlx::query(empty).execute(engine.db.facts()).await.unwrap();
        }
        engine.columns.prune(true).await.unwrap();
        let events =
            proptest::collection::vec(drawn(), 20..160).new_tree(&mut runner).unwrap().current();
        let told = events.iter().enumerate().map(|(at, event)| event.event(at)).collect();
        submit(&engine, told).await;
        for channel in [None, Some(Channel::Voice)] {
            let asked = AttemptSelection { channel, ..days(3) };
            for of in 0..7 {
                one(&engine, &events, asked, of).await;
            }
        }
    }
}

async fn one(engine: &Engine, events: &[Drawn], asked: AttemptSelection, of: u32) {
    let look = async |subject: ProfileSubject| {
        profile(engine, &subject, asked, Sight::Whole).await.unwrap()
    };
    let mine = |journey: u32| journey % 7 == of;
    let number = look(ProfileSubject::Number(phone(of))).await;
    assert_eq!(number.figures, counted(events, asked, mine));
    for user in &number.users.rows {
        let of_user = |journey: u32| {
            mine(journey) && format!("User{}@example.com", journey % 4) == user.what.text
        };
        let figures = counted(events, asked, of_user);
        assert_eq!(user.figures, Figures { cost: Vec::new(), ..figures });
    }
    let users: u64 = number.users.rows.iter().map(|row| row.figures.attempts).sum();
    let ips: u64 = number.ips.rows.iter().map(|row| row.figures.attempts).sum();
    assert_eq!((users, ips), (number.figures.attempts, number.figures.attempts));
    let at = look(ProfileSubject::Ip(ip(of))).await;
    assert_eq!(at.figures, counted(events, asked, |journey| ip(journey) == ip(of)));
    let user = look(ProfileSubject::User(format!("user{of}@example.com"))).await;
    assert_eq!(user.figures, counted(events, asked, |journey| journey % 4 == of));

    // Neighbours: failures in the hours in which it failed.
    let failed = |journeys: &dyn Fn(u32) -> bool| -> BTreeSet<(i64, u32)> {
        let failed = events.iter().filter(|event| {
            event.kind.is_failure()
                && asked.period.contains(event.time())
                && asked.channel.is_none_or(|wanted| wanted == channel(event.journey))
                && journeys(event.journey)
        });
        failed.map(|event| (event.time().timestamp() / 3_600, event.journey % 7)).collect()
    };
    let own: BTreeSet<i64> = failed(&mine).into_iter().map(|(hour, _)| hour).collect();
    let met: Vec<(i64, u32)> = failed(&|journey| !mine(journey))
        .into_iter()
        .filter(|(hour, _)| own.contains(hour))
        .collect();
    let most = own.iter().map(|hour| met.iter().filter(|(at, _)| at == hour).count()).max();
    let near = number.near.unwrap();
    assert!(!near.hours_only);
    let told = near.found.hours.first().map_or(0, |hour| hour.neighbours);
    assert_eq!(told, most.unwrap_or(0) as u64);
}

fn event(id: &str, kind: &str, time: &str, more: serde_json::Value) -> Event {
    let mut event = json!({
        "id": id, "kind": kind, "time": time, "journey": id, "channel": "sms",
        "phone": "+14155552700", "user": "Ann@example.com", "ip": "203.0.113.9",
    });
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    neutral::parse(event.to_string().as_bytes(), &"shop".parse().unwrap(), noon()).unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn beyond_memory_the_hours_are_read_from_the_store(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(noon()))).await.unwrap();
    let mut events = vec![event("own", "failed", "2026-06-01T10:30:00Z", json!({}))];
    for at in 1..=14 {
        let phone = format!("+141555527{:02}", at);
        let more = json!({ "phone": phone, "ip": format!("203.0.113.{}", 100 + at) });
        events.push(event(&format!("n{at}"), "undelivered", "2026-06-01T10:59:59Z", more));
    }
    let other = json!({ "phone": "+14155552799", "ip": "203.0.113.200" });
    events.push(event("later", "failed", "2026-06-01T11:00:00Z", other.clone()));
    events.push(event("sent", "sent", "2026-06-01T10:31:00Z", other));
    let far = json!({ "phone": "+14155562701", "ip": "203.0.114.1" });
    events.push(event("far", "failed", "2026-06-01T10:31:00Z", far));
    submit(&engine, events).await;
    let period = Period { from: parse_time("2026-05-01").unwrap(), to: noon() };
    let asked = AttemptSelection { period, channel: None, place: PageStart::Newest };
    for (subject, words) in [
        (
            ProfileSubject::Number("+14155552700".parse().unwrap()),
            "14 numbers failed in the same hour",
        ),
        (ProfileSubject::Ip("203.0.113.9".parse().unwrap()), "14 numbers failed in the same hour"),
    ] {
        let near = profile(&engine, &subject, asked, Sight::Whole).await.unwrap().near.unwrap();
        assert!(near.hours_only);
        assert_eq!(near.found.sentence("number", "numbers").as_deref(), Some(words));
        assert_eq!(near.found.all, 14);
        let voice = AttemptSelection { channel: Some(Channel::Voice), ..asked };
        let near = profile(&engine, &subject, voice, Sight::Whole).await.unwrap().near.unwrap();
        assert_eq!(near.found.all, 0);
        // If the range ends within the hour, later failures are left out.
        let to = parse_time("2026-06-01T10:45:00Z").unwrap();
        let early = AttemptSelection { period: Period { to, ..period }, ..asked };
        let near = profile(&engine, &subject, early, Sight::Whole).await.unwrap().near.unwrap();
        assert_eq!((near.found.own, near.found.all), (1, 0));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_story_is_paged_and_masked(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(noon()))).await.unwrap();
    let events = (0..45).flat_map(|at| {
        let time = |second: u32| format!("2026-11-19T10:{at:02}:{second:02}Z");
        let id = format!("a{at}");
        let text = json!({ "reason": "busy", "reason_text": "+14155552700 was busy", "journey": id, "device": "+14155552700" });
        [event(&id, "sent", &time(0), json!({})), event(&format!("{id}x"), "failed", &time(9), text)]
    });
    submit(&engine, events.collect()).await;
    let subject = ProfileSubject::Number("+14155552700".parse().unwrap());
    let mut asked = days(30);
    let mut seen = Vec::new();
    loop {
        let found = profile(&engine, &subject, asked, Sight::Masked).await.unwrap();
        assert_eq!((found.figures.attempts, found.reasons.rows.len()), (45, 1), "the whole range");
        assert!(!format!("{found:?}").contains("4155552700"), "masked");
        for story in &found.story.rows {
            let kinds: Vec<_> = story.told.iter().map(|told| told.kind).collect();
            assert_eq!(kinds, [Kind::Sent, Kind::Failed]);
            seen.push(story.attempt.id);
        }
        let Some(older) = found.story.older else { break };
        asked.place = PageStart::Before(older);
    }
    assert_eq!(seen.len(), 45);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 45);
    let found = profile(&engine, &subject, days(30), Sight::Masked).await.unwrap();
    assert_eq!(found.name, "+14155••••00");
    assert_eq!(found.devices, [("+14155••••00".to_owned(), 45)]);
    let key: HandleKey = engine.handles.key().await.unwrap();
    assert_eq!(found.users.rows[0].what.handle, key.user("ann@example.com"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nobody_has_an_empty_page(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(noon()))).await.unwrap();
    for subject in [
        ProfileSubject::Number("+14155552700".parse().unwrap()),
        ProfileSubject::Ip("2001:db8::1".parse().unwrap()),
        ProfileSubject::User("o'hara%_".into()),
    ] {
        let found = profile(&engine, &subject, days(90), Sight::Whole).await.unwrap();
        assert_eq!(found.figures, Figures::default());
        assert_eq!((found.story.rows.len(), found.reports.len(), found.blocks.len()), (0, 0, 0));
        assert!(found.near.is_none_or(|near| near.found.all == 0));
    }
}
