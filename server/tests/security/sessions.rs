//! Sessions: when they end.

use super::*;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn they_end_unused_and_old(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let cookie = site.member(ANN, Role::Admin).await;
    let late = at(&pool, noon() + TimeDelta::hours(12)).await;
    assert!(!signed_in(&late, &cookie).await, "unused for 12 hours");
    for day in 1..14 {
        let site = at(&pool, noon() + TimeDelta::hours(11) * day).await;
        assert!(signed_in(&site, &cookie).await, "used every 11 hours, {day}");
    }
    let old = at(&pool, noon() + TimeDelta::hours(11) * 13 + TimeDelta::hours(11)).await;
    assert!(signed_in(&old, &cookie).await);
    let over = at(&pool, noon() + TimeDelta::days(7)).await;
    assert!(!signed_in(&over, &cookie).await, "7 days after sign-in");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_new_password_ends_the_others(pool: PgPool) {
    let site = with_ann(pool).await;
    let (here, there) = (site.sign_in(ANN).await, site.sign_in(ANN).await);
    let new = "battery staple horse";
    let fields = [("current", PASSWORD), ("password", new), ("again", new)];
    let answer = site.ask(post("/_fn/change-password", &fields).cookie(&here)).await;
    assert_eq!(answer.location(), "/account");
    let now = answer.cookie().unwrap();
    assert!(page_after(&site, &answer).await.contains("Password changed."));
    assert!(signed_in(&site, &now).await);
    assert!(!signed_in(&site, &there).await, "another session went on");
    assert!(!signed_in(&site, &here).await, "the old id went on");
    assert_eq!(site.try_sign_in(ANN, PASSWORD).await.location(), "/sign-in");
    assert_eq!(site.try_sign_in(ANN, new).await.location(), "/");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_wrong_present_password_changes_nothing(pool: PgPool) {
    let site = with_ann(pool).await;
    let (here, there) = (site.sign_in(ANN).await, site.sign_in(ANN).await);
    let fields = [("current", "guess"), ("password", "x"), ("again", "y")];
    let answer = site.ask(post("/_fn/change-password", &fields).cookie(&here)).await;
    assert_eq!(answer.location(), "/account");
    let page = site.ask(get("/account").cookie(&here)).await.text;
    assert!(page.contains("A password has 12 to 256 characters; this has 1."), "{page}");
    assert!(page.contains("The two passwords differ."));
    assert!(signed_in(&site, &there).await);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn another_role_and_disabling_end_them(pool: PgPool) {
    let site = with_ann(pool).await;
    site.account("bob@example.com", Role::SecurityLead).await;
    let bob = store::accounts::by_email(site.db.read(), "bob@example.com").await.unwrap().unwrap();
    let cookie = site.sign_in("bob@example.com").await;
    engine::accounts::set_role(&site.db, &By::command(), bob.id, Role::Auditor).await.unwrap();
    assert!(!signed_in(&site, &cookie).await);
    let cookie = site.sign_in("bob@example.com").await;
    engine::accounts::set_disabled(&site.db, &By::command(), bob.id, true).await.unwrap();
    assert!(!signed_in(&site, &cookie).await);
    assert_eq!(site.try_sign_in("bob@example.com", PASSWORD).await.location(), "/sign-in");
}

/// The name of a session on a page, in its form.
fn names(page: &str) -> Vec<String> {
    let parts = page.split("name=\"session\" value=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn holders_see_and_end_their_own(pool: PgPool) {
    let site = with_ann(pool).await;
    let bob = site.member("bob@example.com", Role::SecurityLead).await;
    let fields = [("email", ANN), ("password", PASSWORD)];
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0";
    let there = post("/_fn/sign-in", &fields).header("user-agent", agent).from([203, 0, 113, 9]);
    let there = site.ask(there).await.cookie().unwrap();
    let (third, here) = (site.sign_in(ANN).await, site.sign_in(ANN).await);
    let page = site.ask(get("/account").cookie(&here)).await.text;
    assert!(page.contains("Firefox on Linux") && page.contains("203.0.113.9"), "{page}");
    assert_eq!((page.matches("(this one)").count(), names(&page).len()), (1, 2));
    for cookie in [&here, &there, &third, &bob] {
        let value = cookie.split_once('=').unwrap().1;
        assert!(!page.contains(value), "a cookie's value is on the page");
    }

    // The last used is first: Firefox is the last of the others.
    let name = names(&page).pop().unwrap();
    let end = |name: &str| post("/_fn/end-session", &[("session", name)]);
    let stranger = site.ask(end(&name).cookie(&bob)).await;
    assert!(
        site.ask(get(stranger.location()).cookie(&bob)).await.text.contains("has ended already")
    );
    assert!(signed_in(&site, &there).await, "another account ended it");
    let answer = site.ask(end(&name).cookie(&here)).await;
    assert!(
        site.ask(get(answer.location()).cookie(&here)).await.text.contains("session has ended.")
    );
    assert!(!signed_in(&site, &there).await && signed_in(&site, &third).await);
    site.ask(post("/_fn/end-other-sessions", &[]).cookie(&here)).await;
    assert!(signed_in(&site, &here).await && !signed_in(&site, &third).await);
    assert!(signed_in(&site, &bob).await, "another account's goes on");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_admin_sees_and_ends_anybodys(pool: PgPool) {
    let site = with_ann(pool).await;
    let ann = site.sign_in(ANN).await;
    let bob = site.member("bob@example.com", Role::SecurityLead).await;
    let row = store::accounts::by_email(site.db.read(), "bob@example.com").await.unwrap().unwrap();
    let (id, path) = (row.id.to_string(), format!("/settings?tab=accounts&account={}", row.id));
    let page = site.ask(get(&path).cookie(&ann)).await.text;
    let [name] = &*names(&page) else { panic!("{page}") };
    let fields = [("account", &*id), ("session", name)];
    let answer = site.ask(post("/_fn/end-account-session", &fields).cookie(&ann)).await;
    let page = site.ask(get(answer.location()).cookie(&ann)).await.text;
    assert!(
        page.contains("The session has ended.") && page.contains("It has no sessions"),
        "{page}"
    );
    assert!(!signed_in(&site, &bob).await && signed_in(&site, &ann).await);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn signing_out_ends_it(pool: PgPool) {
    let site = with_ann(pool).await;
    let cookie = site.sign_in(ANN).await;
    let answer = site.ask(post("/_fn/sign-out", &[]).cookie(&cookie)).await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert!(!signed_in(&site, &cookie).await);
    let answer = site.ask(post("/_fn/sign-out", &[]).cookie(&cookie)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.text.contains("href=\"/sign-in\""));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_store_knows_no_cookie(pool: PgPool) {
    let site = with_ann(pool).await;
    let cookie = site.sign_in(ANN).await;
    let value = cookie.split_once('=').unwrap().1.to_owned();
    let ids: Vec<Vec<u8>> =
        sqlx::query_scalar("select id from session").fetch_all(site.db.read()).await.unwrap();
    assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), [32]);
    let data: String = site.value("select data::text from session").await;
    assert!(!data.contains(&value));
}
