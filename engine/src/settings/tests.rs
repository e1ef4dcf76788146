use super::difference::differences;
use super::*;
use domain::audit::By;
use domain::fraud_alerts::Settings;
use domain::settings::Section as _;
use serde_json::json;
use sqlx::PgPool;
use std::net::{IpAddr, Ipv4Addr};
use store::{Clock, Db};

const FRAUD: &Kind = Settings::KIND;

fn by(email: &str) -> By {
    By::account(email, IpAddr::V4(Ipv4Addr::LOCALHOST)).fresh(true)
}

fn document(change: &[(&str, Value)]) -> Value {
    let mut document = FRAUD.default_document();
    for (name, value) in change {
        document[*name] = value.clone();
    }
    document
}

async fn holds(db: &Db) -> Current<Settings> {
    let mut conn = db.conn().await.unwrap();
    load::<Settings>(&mut conn).await.unwrap()
}

async fn entries(db: &Db) -> Vec<domain::audit::Entry> {
    let filter = store::audit::Filter::default();
    let rows = store::audit::list(db.read(), &filter, None, 100).await.unwrap();
    rows.into_iter().map(|row| row.entry).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_change_is_a_version_and_an_entry(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    assert_eq!(holds(&db).await, Current { version: 0, settings: Settings::default() });
    let new = document(&[("report_code", json!("77"))]);
    let saved =
        save_document(&db, &by("a@example.com"), FRAUD, ExpectedVersion::Version(0), new.clone())
            .await
            .unwrap();
    assert!(saved.changed);
    assert_eq!(saved.current[0].version, 1);
    assert_eq!(holds(&db).await.settings.report_code.as_str(), "77");

    // The same values change nothing, and create no audit entry.
    let again =
        save_document(&db, &by("b@example.com"), FRAUD, ExpectedVersion::Version(1), new.clone())
            .await
            .unwrap();
    assert!(!again.changed);
    assert_eq!(again.current[0].version, 1);
    let entries = entries(&db).await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(entry.activity, "Settings changed");
    assert_eq!((&*entry.actor, &*entry.object), ("a@example.com", "fraud-alerts"));
    let text = |json: &Option<String>| serde_json::from_str::<Value>(json.as_ref().unwrap());
    assert_eq!(text(&entry.before).unwrap(), FRAUD.default_document());
    assert_eq!(text(&entry.after).unwrap(), new);
}

/// Who may switch a protection off: an account only with its password, a key or command at once.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_protection_is_not_switched_off_without_the_password(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let (ann, ip) = (by("a@example.com"), IpAddr::V4(Ipv4Addr::LOCALHOST));
    let (late, on) = (ann.clone().fresh(false), document(&[("allow_user_reports", json!(true))]));
    save_document(&db, &late, FRAUD, ExpectedVersion::Version(0), on.clone()).await.unwrap();
    let off = FRAUD.default_document();
    for at in ["saved", "restored"] {
        let refused = match at {
            "saved" => {
                save_document(&db, &late, FRAUD, ExpectedVersion::Version(1), off.clone()).await
            }
            _ => restore(&db, &late, FRAUD, ExpectedVersion::Version(1), Some(0)).await,
        };
        assert!(matches!(refused, Err(SaveError::AskAgain)), "{at}: {refused:?}");
    }
    assert_eq!((holds(&db).await.version, entries(&db).await.len()), (1, 1));
    let mut version = 1;
    for by in [ann, By::key("ops", ip), By::command()] {
        save_document(&db, &by, FRAUD, ExpectedVersion::Version(version), off.clone())
            .await
            .unwrap();
        save_document(&db, &late, FRAUD, ExpectedVersion::Version(version + 1), on.clone())
            .await
            .unwrap();
        version += 2;
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_second_of_two_is_told_and_it_is_on_record(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let first = document(&[("block_days", json!(7))]);
    let second = document(&[("block_days", json!(8))]);
    save_document(&db, &by("a@example.com"), FRAUD, ExpectedVersion::Version(0), first.clone())
        .await
        .unwrap();
    let refused =
        save_document(&db, &by("b@example.com"), FRAUD, ExpectedVersion::Version(0), second)
            .await
            .unwrap_err();
    let SaveError::Stale { current } = refused else { panic!("{refused}") };
    assert_eq!(current, Current { version: 1, settings: first });
    assert_eq!(holds(&db).await.settings.block_days, 7);
    let newest = entries(&db).await.remove(0);
    assert_eq!((&*newest.activity, &*newest.actor), ("Settings change refused", "b@example.com"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn of_many_at_once_one_is_first_and_without_a_version_all_are_kept(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let save_days = async |seen: ExpectedVersion, days: i64| {
        save_document(
            &db,
            &by("a@example.com"),
            FRAUD,
            seen,
            document(&[("block_days", json!(days))]),
        )
        .await
    };
    let seen = futures_all((1..=8).map(|days| save_days(ExpectedVersion::Version(0), days))).await;
    assert_eq!(seen.iter().filter(|saved| saved.is_ok()).count(), 1);
    assert_eq!(holds(&db).await.version, 1);
    let unseen = futures_all((11..=14).map(|days| save_days(ExpectedVersion::Any, days))).await;
    assert!(unseen.iter().all(Result::is_ok), "{unseen:?}");
    assert_eq!(holds(&db).await.version, 5);
}

/// Runs all at once, in this task.
async fn futures_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut set: Vec<_> = futures.map(|future| Box::pin(future)).collect();
    let mut done: Vec<Option<T>> = set.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in set.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[test]
fn every_wrong_field_is_named_with_what_is_allowed() {
    for (name, value) in [
        ("block_days", json!(-1)),
        ("block_days", json!(3_651)),
        ("block_days", json!("90")),
        ("block_days", json!(1.5)),
        ("block_days", json!(null)),
        ("report_code", json!("12345678901")),
        ("report_code", json!("7a")),
        ("report_code", json!("")),
        ("report_code", json!(77)),
        ("auto_block", json!("yes")),
        ("allow_user_reports", json!(1)),
        ("breaker", json!(0)),
        ("breaker", json!(10_001)),
    ] {
        let invalid = FRAUD.read(document(&[(name, value.clone())])).unwrap_err();
        assert_eq!(invalid.fields.len(), 1, "{name} {value}: {invalid}");
        let allowed = format!("must be {}", FRAUD.allowed(name).unwrap());
        assert_eq!(invalid.of(name), Some(allowed.as_str()), "{value}");
    }
    let two = document(&[("block_days", json!(-1)), ("<b>", json!(1))]);
    let invalid = FRAUD.read(two).unwrap_err();
    assert!(invalid.of("block_days").is_some() && invalid.of("<b>").is_some(), "{invalid}");
    for no_object in [json!([]), json!(null), json!("x")] {
        assert!(FRAUD.read(no_object).is_err());
    }
    assert_eq!(
        FRAUD.read(json!({})).unwrap(),
        FRAUD.default_document(),
        "missing settings have defaults"
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn assignments_are_read_as_the_settings_own_type(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let set_these = async |assignments: &[&str]| {
        let assignments: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
        set(&db, &By::command(), &assignments).await
    };
    let done = set_these(&[
        "fraud_alerts.allow_user_reports=true",
        "fraud_alerts.report_code=077",
        "fraud_alerts.block_days= 7 ",
    ]);
    assert!(done.await.unwrap());
    let settings = holds(&db).await.settings;
    assert!(settings.allow_user_reports);
    assert_eq!((settings.report_code.as_str(), settings.block_days), ("077", 7));
    assert_eq!(entries(&db).await.len(), 1, "one call, one entry");

    for (wrong, words) in [
        ("fraud_alerts.block_days=-1", ["fraud_alerts.block_days", "\"-1\"", "0 to 3650"]),
        ("fraud_alerts.block_days=x", ["fraud_alerts.block_days", "\"x\"", "0 to 3650"]),
        ("fraud_alerts.auto_block=yes", ["fraud_alerts.auto_block", "\"yes\"", "true or false"]),
        ("fraud_alerts.report_code=7a", ["fraud_alerts.report_code", "\"7a\"", "1 to 10 digits"]),
        ("fraud_alerts.nothing=1", ["fraud_alerts.nothing", "auto_block", "breaker"]),
        ("fraud_alerts=1", ["fraud_alerts", "auto_block", "breaker"]),
        ("nothing.at_all=1", ["nothing.at_all", "fraud_alerts", "there are"]),
        ("fraud_alerts.auto_block", ["fraud_alerts.auto_block", "NAME=VALUE", "must be"]),
        ("", ["must be", "NAME=VALUE", "fraud_alerts"]),
    ] {
        let said = set_these(&["fraud_alerts.breaker=5", wrong]).await.unwrap_err().to_string();
        assert!(words.iter().all(|word| said.contains(word)), "{wrong}: {said}");
    }
    assert_eq!(holds(&db).await.settings.breaker, 20, "one is invalid, none is set");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn history_tells_what_each_version_changed_and_leads_back(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let seven = document(&[("block_days", json!(7))]);
    let on = document(&[("block_days", json!(7)), ("auto_block", json!(true))]);
    save_document(&db, &by("a@example.com"), FRAUD, ExpectedVersion::Any, seven).await.unwrap();
    save_document(&db, &by("b@example.com"), FRAUD, ExpectedVersion::Any, on).await.unwrap();
    let past = history(&db, FRAUD, 10).await.unwrap();
    assert_eq!(past.iter().map(|past| past.version).collect::<Vec<_>>(), [2, 1, 0]);
    let auto = Difference { name: "auto_block".into(), before: json!(false), after: json!(true) };
    assert_eq!(past[0].differences, [auto]);
    assert_eq!(past[0].changed_by, "b@example.com");
    let days = Difference { name: "block_days".into(), before: json!(90), after: json!(7) };
    assert_eq!(past[1].differences, [days]);
    assert_eq!((past[2].changed, &past[2].differences), (None, &Vec::new()));
    let short = history(&db, FRAUD, 1).await.unwrap();
    assert_eq!(short, &past[..1], "differences do not depend on how many are shown");

    restore(&db, &by("c@example.com"), FRAUD, ExpectedVersion::Version(2), Some(0)).await.unwrap();
    assert_eq!(holds(&db).await, Current { version: 3, settings: Settings::default() });
    let none =
        restore(&db, &by("c@example.com"), FRAUD, ExpectedVersion::Version(3), Some(9)).await;
    assert!(matches!(none, Err(SaveError::Invalid(_))));
}

#[test]
fn differences_reach_inside() {
    let before = json!({"a": {"x": 1, "y": [1]}, "b": 2});
    let after = json!({"a": {"x": 1, "y": [1, 2]}, "c": 3});
    let names: Vec<_> = differences(&before, &after).into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["a.y", "b", "c"]);
    assert!(differences(&before, &before).is_empty());
}
