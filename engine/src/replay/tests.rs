use super::*;
use crate::Engine;
use crate::ingest::Via;
use domain::attempts::{Attempt, First};
use domain::audit::By;
use domain::countries::{ChannelCountries, Mode as Countries};
use domain::gate::Code;
use domain::ledger::Dimension;
use domain::rules::{
    Any, CaptchaFor, KillSwitch, Limit, LimitAction, Mode, NumberAction, NumberRule, Price,
    SpendCap, TypeAction, TypeRule,
};
use domain::{Channel, Event, Kind, Region, countries, rules};
use sqlx::PgPool;
use store::Clock;
use testkit::noon;
use uuid::Uuid;

mod door;
mod naive;

type Rules = rules::Settings;

const US: &str = "+12015550123";
const GB: &str = "+447400123456";
const JM: &str = "+18762101234";

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// An attempt that began `ago` minutes before noon.
fn attempt(id: u128, ago: i64, phone: &str, outcome: Kind) -> Attempt {
    let time = noon() - TimeDelta::minutes(ago);
    let event = Event {
        phone: Some(phone.parse().unwrap()),
        channel: Some(Channel::Sms),
        ..Event::new("test".parse().unwrap(), id.to_string(), time, outcome)
    };
    Attempt { id: Uuid::from_u128(id), ..Attempt::of(&event, None, None) }
}

fn by(attempt: Attempt, channel: Channel) -> Attempt {
    Attempt { channel: First::at(attempt.time, Some(channel)), ..attempt }
}

async fn put(db: &Db, attempts: Vec<Attempt>) {
    store::attempts::fold(&mut db.conn().await.unwrap(), attempts).await.unwrap();
}

/// A store with these attempts.
async fn known(pool: PgPool, attempts: Vec<Attempt>) -> Db {
    let db = Db::new(pool, Clock::fixed(noon()));
    put(&db, attempts).await;
    db
}

/// Replays in pieces so small that every history has several.
async fn asked(db: &Db, rules: Rules, countries: countries::Settings) -> Replayed {
    let size = Size { most: 1_000, counted: 1_000, piece: 2 };
    ask(db, &Replays::default(), TrialRules { rules, countries }, size).await.unwrap()
}

async fn ask_rules(db: &Db, rules: Rules) -> Replayed {
    asked(db, rules, countries::Settings::default()).await
}

fn tally(refused: u64, refused_verified: u64) -> RunCounts {
    RunCounts { refused, refused_verified, ..RunCounts::default() }
}

fn number_rule(numbers: &str, action: NumberAction) -> NumberRule {
    NumberRule {
        numbers: numbers.parse().unwrap(),
        action,
        even_invalid: false,
        until: None,
        mode: Mode::Enforce,
        reason: String::new(),
        by: None,
        at: None,
    }
}

fn switch(region: Any<Region>, until: Option<DateTime<Utc>>) -> KillSwitch {
    KillSwitch {
        region,
        channel: Any::One(Channel::Sms),
        until,
        mode: Mode::Enforce,
        reason: String::new(),
        by: None,
        at: None,
    }
}

/// Saves other rules as the current ones.
async fn hold(db: &Db, rules: &Rules) {
    let section = domain::settings::section("rules").unwrap();
    let document = serde_json::to_value(rules).unwrap();
    settings::save_document(db, &By::command(), section, settings::ExpectedVersion::Any, document)
        .await
        .unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_region_refused_shows_what_it_would_have_cost(pool: PgPool) {
    let db = known(
        pool,
        vec![
            attempt(1, 50, JM, Kind::Sent),
            attempt(2, 40, "+18762105678", Kind::Verified),
            // Trusted since the previous attempt.
            attempt(3, 30, "+18762105678", Kind::Sent),
            attempt(4, 20, US, Kind::Verified),
            by(attempt(5, 10, JM, Kind::Verified), Channel::Voice),
        ],
    )
    .await;
    let sms = ChannelCountries { mode: Countries::Allowlist, regions: [region("US")].into() };
    let countries = countries::Settings { sms, ..countries::Settings::default() };
    let replayed = asked(&db, Rules::default(), countries.clone()).await;
    assert_eq!(replayed.newly, [(Code::Region, 2, 1)]);
    assert_eq!((replayed.before, replayed.after), (tally(0, 0), tally(2, 1)));
    assert_eq!((replayed.looked_at, replayed.of, replayed.of_at_least), (5, 5, false));
    assert_eq!((replayed.from, replayed.to), (noon() - TimeDelta::days(30), noon()));

    let mut distrust = Rules::default();
    distrust.trust.enabled = false;
    let replayed = asked(&db, distrust, countries).await;
    assert_eq!(replayed.newly, [(Code::Region, 3, 1)]);
    assert_eq!(replayed.newly_refused(), (3, 1));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn number_rules_count_as_if_they_had_held_all_along(pool: PgPool) {
    let db = known(
        pool,
        vec![
            attempt(1, 50, JM, Kind::Verified),
            attempt(2, 40, "+18762105678", Kind::Verified),
            attempt(3, 30, "+18769995678", Kind::Sent),
            attempt(4, 20, GB, Kind::Verified),
        ],
    )
    .await;
    let mut rules = Rules {
        number_rules: vec![
            number_rule("+1876*", NumberAction::Deny),
            number_rule("+1876210*", NumberAction::Allow),
            number_rule(JM, NumberAction::Deny),
            number_rule("+44*", NumberAction::Deny),
        ],
        ..Rules::default()
    };
    // One ends soon, one has ended.
    rules.number_rules[0].until = Some(noon() + TimeDelta::minutes(1));
    rules.number_rules[3].until = Some(noon());
    let replayed = ask_rules(&db, rules).await;
    assert_eq!(replayed.newly, [(Code::NumberRule, 2, 1)]);
    assert_eq!(replayed.after, tally(2, 1));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_lower_limit_counts_what_it_lets_out_itself(pool: PgPool) {
    // Written in reverse order: only the start times matter.
    let times = [11, 10, 5, 1, 0];
    let id = |ago: i64| ago.unsigned_abs().into();
    let outcome = |ago| if ago == 5 { Kind::Verified } else { Kind::Refused };
    let attempts = times.into_iter().map(|ago| attempt(id(ago), 20 + ago, US, outcome(ago)));
    let db = known(pool, attempts.rev().collect()).await;
    let limits = vec![Limit::new(Dimension::Number, 2, 600)];
    let replayed = ask_rules(&db, Rules { limits: limits.clone(), ..Rules::default() }).await;
    // 11 and 10 are sent. 5 waits; the window of 1 no longer contains 11, that of 0 no longer 10.
    let after = RunCounts { delayed: 1, delayed_verified: 1, ..tally(1, 1) };
    assert_eq!(replayed.newly, [(Code::LimitNumber, 1, 1)]);
    assert_eq!((replayed.before, replayed.after), (tally(0, 0), after));

    // A higher limit than the current one.
    hold(&db, &Rules { limits, ..Rules::default() }).await;
    let replayed = ask_rules(&db, Rules::default()).await;
    assert_eq!((replayed.before, replayed.after), (after, tally(0, 0)));
    assert_eq!((replayed.spared, replayed.newly), ((1, 1), Vec::new()));

    // Attempts denied for good no longer count as delayed, and no more are refused than before.
    let mut hard = Limit::new(Dimension::Number, 2, 600);
    hard.action = LimitAction::Deny;
    let replayed = ask_rules(&db, Rules { limits: vec![hard], ..Rules::default() }).await;
    assert_eq!((replayed.after, replayed.newly), (tally(1, 1), Vec::new()));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn kill_switches_count_as_if_they_had_held_all_along(pool: PgPool) {
    let attempts = vec![
        attempt(1, 60 * 24 * 20, JM, Kind::Verified),
        attempt(2, 60, JM, Kind::Sent),
        by(attempt(3, 50, JM, Kind::Sent), Channel::Voice),
        attempt(4, 40, US, Kind::Sent),
    ];
    let db = known(pool, attempts).await;
    let with = |until, by: Any<Region>| Rules {
        kill_switches: vec![switch(by, until)],
        ..Rules::default()
    };
    let jamaica = Any::One(region("JM"));
    // It is added for one hour from now, but is replayed for the whole range.
    let hour = Some(noon() + TimeDelta::hours(1));
    for until in [None, hour] {
        let replayed = ask_rules(&db, with(until, jamaica)).await;
        assert_eq!(replayed.newly, [(Code::KillSwitch, 2, 1)], "{until:?}");
    }
    let replayed = ask_rules(&db, with(None, Any::All)).await;
    assert_eq!(replayed.newly, [(Code::KillSwitch, 3, 1)]);
    let over = ask_rules(&db, with(Some(noon()), jamaica)).await;
    assert_eq!((over.newly, over.after), (Vec::new(), tally(0, 0)));
    // A current kill switch applies to both runs.
    hold(&db, &with(hour, jamaica)).await;
    let replayed = ask_rules(&db, with(None, jamaica)).await;
    assert_eq!((replayed.before, replayed.after), (tally(2, 1), tally(2, 1)));
    assert_eq!((replayed.newly, replayed.spared), (Vec::new(), (0, 0)));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_spend_cap_counts_by_the_price_table(pool: PgPool) {
    let attempts = vec![
        attempt(1, 120, JM, Kind::Sent),
        attempt(2, 50, JM, Kind::Sent),
        attempt(3, 40, US, Kind::Sent),
        attempt(4, 30, "+18762105678", Kind::Verified),
        attempt(5, 20, GB, Kind::Verified),
    ];
    let db = known(pool, attempts).await;
    let price = |to: &str, amount: &str| Price {
        to: to.parse().unwrap(),
        channel: Any::All,
        amount: amount.parse().unwrap(),
    };
    let cap = SpendCap {
        amount: "0.25".parse().unwrap(),
        window: 3_600,
        mode: Mode::Enforce,
        reason: String::new(),
        by: None,
        at: None,
    };
    let mut rules = Rules::default();
    rules.spend.caps = vec![cap];
    rules.spend.prices = vec![price("JM", "0.20"), price("+1876210123*", "0.24")];
    // 0.24 more than an hour ago no longer counts; 0.24, then nothing, then 0.20 exceeds the cap;
    // codes without a price are sent until the cap is reached.
    let replayed = ask_rules(&db, rules.clone()).await;
    assert_eq!(replayed.newly, [(Code::SpendCap, 1, 1)]);
    rules.spend.caps[0].amount = "0.24".parse().unwrap();
    let replayed = ask_rules(&db, rules.clone()).await;
    assert_eq!(replayed.newly, [(Code::SpendCap, 3, 2)]);
    rules.spend.caps[0].mode = Mode::Shadow;
    assert_eq!(ask_rules(&db, rules).await.newly, []);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_edit_that_changes_nothing_refuses_nothing_new(pool: PgPool) {
    let mut attempts: Vec<_> = (0..12).map(|n| attempt(n, 5, US, Kind::Verified)).collect();
    attempts.push(attempt(99, 4, "+19002345678", Kind::Verified));
    let db = known(pool, attempts).await;
    let replayed = ask_rules(&db, Rules::default()).await;
    // 5 in 10 minutes are sent, 7 wait, and one number is premium rate.
    let refused = RunCounts { delayed: 7, delayed_verified: 7, ..tally(8, 8) };
    assert_eq!((replayed.before, replayed.after), (refused, refused));
    assert_eq!((replayed.newly, replayed.spared), (Vec::new(), (0, 0)));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn reasons_come_with_the_most_frequent_first(pool: PgPool) {
    let mut attempts: Vec<_> = (0..4).map(|n| attempt(n, 9, US, Kind::Verified)).collect();
    attempts.push(attempt(4, 8, GB, Kind::Verified));
    attempts.push(attempt(5, 7, JM, Kind::Sent));
    let db = known(pool, attempts).await;
    let limits = vec![Limit::new(Dimension::Number, 1, 60)];
    let kill_switches = vec![switch(Any::One(region("GB")), None)];
    let number_rules = vec![number_rule("+1876*", NumberAction::Deny)];
    let rules = Rules { limits, kill_switches, number_rules, ..Rules::default() };
    let expected = [(Code::LimitNumber, 3, 3), (Code::KillSwitch, 1, 1), (Code::NumberRule, 1, 0)];
    assert_eq!(ask_rules(&db, rules).await.newly, expected);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn captchas_count_apart(pool: PgPool) {
    let db = known(
        pool,
        vec![
            attempt(1, 9, US, Kind::Verified),
            attempt(2, 8, US, Kind::Sent),
            attempt(3, 7, GB, Kind::Sent),
        ],
    )
    .await;
    let mut rules = Rules::default();
    rules.captcha.ask = CaptchaFor::Untrusted;
    let replayed = ask_rules(&db, rules).await;
    let challenged = RunCounts { challenged: 2, challenged_verified: 1, ..RunCounts::default() };
    assert_eq!((replayed.after, replayed.newly), (challenged, Vec::new()));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn only_questions_to_the_gate_are_looked_at(pool: PgPool) {
    let month = 60 * 24 * 30;
    let db = known(
        pool,
        vec![
            attempt(1, month + 1, US, Kind::Sent),
            attempt(2, month, US, Kind::Sent),
            attempt(3, 0, US, Kind::Sent),
            attempt(4, -5, US, Kind::Sent),
            by(attempt(5, 5, US, Kind::Sent), Channel::Email),
            by(attempt(6, 5, US, Kind::Sent), Channel::Push),
            Attempt { phone: First::default(), ..attempt(7, 5, US, Kind::Sent) },
            // An unassigned calling code, and a number that is too short for its calling code.
            attempt(8, 5, "+999123456789", Kind::Sent),
            attempt(9, 5, "+1201555", Kind::Sent),
            // Nobody can have it, but a request for it is possible.
            attempt(10, 5, "+12015550", Kind::Sent),
            by(attempt(11, 5, US, Kind::Refused), Channel::Rcs),
        ],
    )
    .await;
    let mut rules = Rules::default();
    let mobile = domain::numbers::NumberType::FixedLineOrMobile;
    rules.number_types.insert(mobile, TypeRule::new(TypeAction::Deny));
    let replayed = ask_rules(&db, rules).await;
    assert_eq!((replayed.looked_at, replayed.left_out, replayed.of), (3, 2, 5), "{replayed:?}");
    assert_eq!((replayed.before, replayed.after), (tally(1, 0), tally(3, 0)));
    assert_eq!(replayed.newly, [(Code::NumberType, 2, 0)]);
}
