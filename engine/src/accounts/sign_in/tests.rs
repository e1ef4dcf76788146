use super::*;
use crate::accounts::{add, set_disabled};
use crate::audit::Log;
use chrono::TimeDelta;
use domain::roles::Role;
use sqlx::PgPool;
use store::{Clock, Db};
use testkit::noon;

const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// An attempt from a browser that never signed in.
const KNOCK: SignInAttempt<'_> = SignInAttempt { from: FROM, marks: "" };

fn db(pool: PgPool) -> Db {
    Db::new(pool, Clock::fixed(noon()))
}

/// Adds an account `a@example.com` with the password `correct horse`.
async fn admin(db: &Db) -> Uuid {
    add(db, &By::command(), "a@example.com", Role::Admin, "correct horse").await.unwrap().id
}

fn accounts(db: &Db) -> Accounts {
    Accounts::new(db.clone(), Log::start(db.clone()))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_right_password_signs_in(pool: PgPool) {
    let db = db(pool);
    let account =
        add(&db, &By::command(), "Ann@Example.com", Role::Auditor, "correct horse").await.unwrap();
    let accounts = accounts(&db);
    let signed = accounts.sign_in(" ann@example.com", "correct horse", KNOCK).await.unwrap();
    assert_eq!((signed.account, signed.epoch), (account.clone(), 0));
    let row = store::accounts::by_id(db.read(), account.id).await.unwrap().unwrap();
    assert_eq!(row.signed_in, Some(db.clock.now()));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_refusal_reads_the_same_until_one_must_wait(pool: PgPool) {
    let db = db(pool);
    let account =
        add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await.unwrap();
    add(&db, &By::command(), "b@example.com", Role::Admin, "correct horse").await.unwrap();
    set_disabled(&db, &By::command(), account.id, true).await.unwrap();
    for (email, password) in [
        ("a@example.com", "correct horse"),
        ("b@example.com", "wrong"),
        ("nobody@example.com", "correct horse"),
        ("no address", "x"),
    ] {
        let accounts = accounts(&db);
        for _ in 0..3 {
            let refused = accounts.sign_in(email, password, KNOCK).await.unwrap_err();
            assert!(matches!(refused, SignInError::Wrong), "{email}");
        }
        let refused = accounts.sign_in(email, "correct horse", KNOCK).await.unwrap_err();
        let SignInError::Wait(wait) = refused else { panic!("{email}: {refused}") };
        assert_eq!(wait.advice(), "Try again in 1 second.");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn guessing_at_the_present_password_waits_too(pool: PgPool) {
    let db = db(pool);
    let id = admin(&db).await;
    let accounts = accounts(&db);
    let change = async |words: [&str; 3]| accounts.change_password(id, words, KNOCK).await;
    let field = |refused: Result<SignedIn, AccountError>| match refused {
        Err(AccountError::Invalid(invalid)) => invalid.fields[0].code,
        other => panic!("{other:?}"),
    };
    let new = "battery staple";
    assert_eq!(field(change(["correct horse", "short", "short"]).await), Fault::TooShort);
    assert_eq!(field(change(["correct horse"; 3]).await), Fault::Conflict);
    for _ in 0..3 {
        assert_eq!(field(change(["guess", new, new]).await), Fault::Unauthenticated);
    }
    assert_eq!(field(change(["correct horse", new, new]).await), Fault::RateLimited);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_browser_that_signed_in_passes_while_others_guess(pool: PgPool) {
    let db = db(pool);
    add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await.unwrap();
    add(&db, &By::command(), "b@example.com", Role::Admin, "correct horse").await.unwrap();
    let accounts = accounts(&db);
    let marks = accounts.sign_in("a@example.com", "correct horse", KNOCK).await.unwrap().marks;
    for n in 0..12 {
        let knock = SignInAttempt { from: [198, 51, 100, n].into(), marks: "" };
        let refused = accounts.sign_in("a@example.com", "guess", knock).await.unwrap_err();
        assert_eq!(matches!(refused, SignInError::Wrong), n < 11, "{n}: {refused}");
    }
    let knock = |marks| SignInAttempt { from: [203, 0, 113, 1].into(), marks };
    let sign_in =
        async |marks| accounts.sign_in("a@example.com", "correct horse", knock(marks)).await;
    assert!(matches!(sign_in("").await, Err(SignInError::Wait(_))), "a new browser waits");
    let other = accounts.sign_in("b@example.com", "correct horse", KNOCK).await.unwrap().marks;
    assert!(matches!(sign_in(&other).await, Err(SignInError::Wait(_))), "another's mark");
    sign_in(&marks).await.unwrap();
    let both = accounts.sign_in("b@example.com", "correct horse", knock(&marks)).await.unwrap();
    sign_in(&both.marks).await.unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_password_is_given_once_more_and_guesses_at_it_wait(pool: PgPool) {
    let db = db(pool);
    let added = add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await;
    let (id, accounts) = (added.unwrap().id, accounts(&db));
    accounts.confirm(id, "correct horse", FROM).await.unwrap();
    for code in [Fault::Unauthenticated; 3].into_iter().chain([Fault::RateLimited]) {
        let refused = accounts.confirm(id, "guess", FROM).await;
        let Err(AccountError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!((&*invalid.fields[0].field, invalid.fields[0].code), ("password", code));
    }
    let rows = store::audit::list(db.read(), &Default::default(), None, 9).await.unwrap();
    assert!(rows.iter().any(|row| row.entry.activity == "Password confirmed"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_new_password_replaces_the_old(pool: PgPool) {
    let db = db(pool);
    let id = admin(&db).await;
    let accounts = accounts(&db);
    let words = ["correct horse", "battery staple", "battery staple"];
    assert_eq!(accounts.change_password(id, words, KNOCK).await.unwrap().epoch, 1);
    let old = accounts.sign_in("a@example.com", "correct horse", KNOCK).await;
    assert!(matches!(old, Err(SignInError::Wrong)));
    let new = accounts.sign_in("a@example.com", "battery staple", KNOCK).await.unwrap();
    assert_eq!(new.epoch, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_way_in_and_every_refusal_is_on_the_record(pool: PgPool) {
    let db = db(pool);
    let added = add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await;
    let account = added.unwrap();
    let accounts = accounts(&db);
    let long = format!("{}@example.com", "x".repeat(200));
    accounts.sign_in("a@example.com", "correct horse", KNOCK).await.unwrap();
    for (email, password) in
        [("a@example.com", "hunter2hunter2"), ("hunter2hunter2", "x"), (&*long, "x")]
    {
        accounts.sign_in(email, password, KNOCK).await.unwrap_err();
    }
    let words = ["correct horse", "battery staple", "battery staple"];
    accounts.change_password(account.id, words, KNOCK).await.unwrap();
    accounts.sign_out(&account, FROM).await.unwrap();

    let rows = store::audit::list(db.read(), &Default::default(), None, 100).await.unwrap();
    let told: Vec<_> = rows.iter().rev().map(|row| &row.entry).collect();
    let words: Vec<_> =
        told.iter().map(|e| (&*e.actor, &*e.activity, e.object.chars().count())).collect();
    assert_eq!(
        words,
        [
            ("command line", "Account added", 13),
            ("a@example.com", "Signed in", 13),
            ("unknown", "Sign-in refused", 13),
            ("unknown", "Sign-in refused", 19),
            ("unknown", "Sign-in refused", 65),
            ("a@example.com", "Password changed", 13),
            ("a@example.com", "Signed out", 13),
        ]
    );
    assert!(told[1..].iter().all(|entry| entry.source_ip.as_deref() == Some("127.0.0.1")));
    let whole = format!("{told:?}");
    for secret in ["hunter2", "correct horse", "battery staple"] {
        assert!(!whole.contains(secret), "{whole}");
    }
}

#[test]
fn waits_are_told_in_words() {
    let advice = |millis| Wait { time: TimeDelta::milliseconds(millis), address: false }.advice();
    assert_eq!(advice(1_000), "Try again in 1 second.");
    assert_eq!(advice(1_001), "Try again in 2 seconds.");
    assert_eq!(advice(119_000), "Try again in 119 seconds.");
    assert_eq!(advice(121_000), "Try again in 3 minutes.");
}
