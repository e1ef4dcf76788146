//! Changes of rights, and switching a protection off, ask for the password again.

use super::*;
use domain::doors::DOORS;
use domain::roles::{Permission, Requirement};

const CONFIRM: &str = "/account/confirm?next=";

async fn entries(site: &TestServer) -> i64 {
    store::audit::head(site.db.read()).await.unwrap().seq
}

fn minutes(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

/// A program gets no page that asks for the password, but a refusal.
async fn program_is_refused(site: &TestServer, path: &str, cookie: &str, form: &str) {
    let program = TestRequest::new(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .cookie(cookie)
        .body(form);
    let answer = site.ask(program).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text);
    assert!(answer.text.contains("urn:tollwarden:ask_again"), "{}", answer.text);
}

/// Every door of the table that asks, ten minutes after the sign-in and a moment before.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_door_that_asks_does_nothing_without_the_password(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let cookie = site.member(ANN, Role::Admin).await;
    let (early, late) =
        (at(&pool, minutes(10) - TimeDelta::seconds(1)).await, at(&pool, minutes(10)).await);
    let asking: Vec<_> = DOORS.iter().filter(|door| door.ask_again.is_some()).collect();
    for path in ["change-role", "make-key", "revoke-key", "reset-account", "end-sessions"] {
        assert!(asking.iter().any(|door| door.path == format!("/_fn/{path}")), "{path}");
    }
    for door in asking {
        assert!(matches!(door.need, Requirement::Session(Permission::SetUp | Permission::Guard)));
        let before = entries(&late).await;
        let answer = late.ask(post(door.path, &[("name", "x")]).cookie(&cookie)).await;
        assert!(answer.location().starts_with(CONFIRM), "{}: {}", door.path, answer.location());
        program_is_refused(&late, door.path, &cookie, "").await;
        assert_eq!(entries(&late).await, before, "{} did something", door.path);

        let answer = early.ask(post(door.path, &[]).cookie(&cookie)).await;
        assert!(!answer.location().starts_with(CONFIRM), "{} asked too early", door.path);
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{}", door.path);
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_form_comes_back_as_it_was_typed(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let cookie = site.member(ANN, Role::Admin).await;
    let late = at(&pool, minutes(11)).await;
    let fields = [("name", "gateway nine"), ("scopes[]", "read")];
    let form = post("/_fn/make-key", &fields).header("referer", "http://x/settings?tab=keys&key=1");
    let answer = late.ask(form.cookie(&cookie)).await;
    let (confirm, next) = (answer.location().to_owned(), "/settings?tab=keys&key=1");
    let page = late.ask(get(&confirm).cookie(&cookie)).await.text;
    assert!(
        page.contains("Confirm your password") && page.contains("tab=keys&amp;key=1"),
        "{page}"
    );
    let keys = late.ask(get("/settings?tab=keys").cookie(&cookie)).await.text;
    assert!(!keys.contains("gateway nine"), "before the password");

    let give = |password| post("/_fn/confirm", &[("password", password), ("next", next)]);
    let wrong = late.ask(give("guess").cookie(&cookie)).await;
    assert_eq!(wrong.location(), confirm);
    let page = late.ask(get(&confirm).cookie(&cookie)).await.text;
    assert!(page.contains("This is not your current password."), "{page}");
    let right = late.ask(give(PASSWORD).cookie(&cookie)).await;
    assert_eq!((right.status, right.location()), (StatusCode::SEE_OTHER, next));
    let fresh = right.cookie().unwrap();
    assert!(!signed_in(&late, &cookie).await, "the session goes on under a new id alone");

    let page = late.ask(get(next).cookie(&fresh)).await.text;
    assert!(
        page.contains("gateway nine") && page.contains("Nothing has been changed yet"),
        "{page}"
    );
    let made = late.ask(post("/_fn/make-key", &fields).cookie(&fresh)).await;
    assert!(made.text.contains("Key gateway nine created."), "{}", made.text);
    assert!(
        !late.ask(get(next).cookie(&fresh)).await.text.contains("Nothing has been changed yet")
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn guesses_at_it_wait_and_another_sites_next_is_not_gone_to(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let cookie = site.member(ANN, Role::Auditor).await;
    let give = |password, next| post("/_fn/confirm", &[("password", password), ("next", next)]);
    let answer = site.ask(give(PASSWORD, "//evil.example").cookie(&cookie)).await;
    assert_eq!(answer.location(), "/");
    let cookie = answer.cookie().unwrap();
    for words in ["This is not your current password."; 3].into_iter().chain(["Too many attempts."])
    {
        let answer = site.ask(give("guess", "/").cookie(&cookie)).await;
        let page = site.ask(get(answer.location()).cookie(&cookie)).await.text;
        assert!(page.contains(words), "{page}");
    }
}

/// Some doors ask depending on the form: switching off asks, switching on does not.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn switching_a_protection_off_asks(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let cookie = site.member(ANN, Role::Admin).await;
    let late = at(&pool, minutes(11)).await;
    let fields = |version, on| {
        let fields = [("version", version), ("report_code", "0"), ("block_days", "9")];
        let on: Option<(&str, &str)> = on;
        let fields = fields.into_iter().chain([("breaker", "20")]).chain(on);
        post("/_fn/save-fraud-alerts", &fields.collect::<Vec<_>>())
    };
    let on = fields("0", Some(("allow_user_reports", "1")));
    let answer = late.ask(on.cookie(&cookie)).await;
    assert!(answer.location().starts_with("/fraud-alerts"), "{}", answer.location());
    let answer = late.ask(fields("1", None).cookie(&cookie)).await;
    assert!(answer.location().starts_with(CONFIRM), "{}", answer.location());
    let form = [("password", PASSWORD), ("next", "/fraud-alerts?tab=settings")];
    let given = late.ask(post("/_fn/confirm", &form).cookie(&cookie)).await;
    let cookie = given.cookie().unwrap();
    let page = late.ask(get(given.location()).cookie(&cookie)).await.text;
    assert!(page.contains("Nothing has been changed yet"), "{page}");
    let answer = late.ask(fields("1", None).cookie(&cookie)).await;
    assert!(answer.location().starts_with("/fraud-alerts"), "{}", answer.location());
    let later = at(&pool, minutes(30)).await;
    program_is_refused(&later, "/_fn/notification-kinds", &cookie, "version=0").await;
}
