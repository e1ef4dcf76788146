//! Sessions: when they end.

use super::*;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn they_end_unused_and_old(pool: PgPool) {
    let site = at(&pool, noon()).await;
    site.account(ANN, Role::Admin).await;
    let cookie = site.sign_in(ANN).await;
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
    assert!(told(&site, &answer).await.contains("The password is changed."));
    assert!(signed_in(&site, &now).await);
    assert!(!signed_in(&site, &there).await, "another session went on");
    assert!(!signed_in(&site, &here).await, "the old id went on");
    assert_eq!(site.knock(ANN, PASSWORD).await.location(), "/sign-in");
    assert_eq!(site.knock(ANN, new).await.location(), "/");
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
    let bob = store::accounts::by_email(&site.db.pool, "bob@example.com").await.unwrap().unwrap();
    let cookie = site.sign_in("bob@example.com").await;
    engine::accounts::set_role(&site.db, &By::command(), bob.id, Role::Auditor).await.unwrap();
    assert!(!signed_in(&site, &cookie).await);
    let cookie = site.sign_in("bob@example.com").await;
    engine::accounts::set_disabled(&site.db, &By::command(), bob.id, true).await.unwrap();
    assert!(!signed_in(&site, &cookie).await);
    assert_eq!(site.knock("bob@example.com", PASSWORD).await.location(), "/sign-in");
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
        sqlx::query_scalar("select id from session").fetch_all(&site.db.pool).await.unwrap();
    assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), [32]);
    let data: String = sqlx::query_scalar("select data::text from session")
        .fetch_one(&site.db.pool)
        .await
        .unwrap();
    assert!(!data.contains(&value));
}
