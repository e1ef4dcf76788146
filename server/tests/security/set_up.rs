//! The link that makes the first account.

use super::*;
use engine::accounts::issue_link;

const FORM: [(&str, &str); 3] = [("email", ANN), ("password", PASSWORD), ("again", PASSWORD)];

async fn send(site: &TestServer, token: &str, fields: &[(&str, &str)]) -> TestResponse {
    let fields: Vec<_> = [("token", token)].iter().chain(fields).copied().collect();
    site.ask(post("/_fn/set-up", &fields)).await
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_link_makes_the_first_admin_once(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let link = issue_link(&site.db).await.unwrap().unwrap();
    for _ in 0..2 {
        let page = site.ask(get(&link.path())).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Password again"), "looking uses nothing up");
    }
    let answer = send(&site, link.token(), &FORM).await;
    assert_eq!(answer.location(), "/");
    assert!(signed_in(&site, &answer.cookie().unwrap()).await);

    assert_eq!(site.ask(get(&link.path())).await.status, StatusCode::NOT_FOUND);
    let again = send(&site, link.token(), &[("email", "eve@example.com"), FORM[1], FORM[2]]).await;
    assert!(again.cookie().is_none());
    assert_eq!(store::accounts::list(site.db.read()).await.unwrap().len(), 1);
    assert!(issue_link(&site.db).await.unwrap().is_none());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_dies_after_an_hour_and_with_an_account(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let link = issue_link(&site.db).await.unwrap().unwrap();
    let late = at(&pool, noon() + TimeDelta::hours(1)).await;
    assert_eq!(late.ask(get(&link.path())).await.status, StatusCode::NOT_FOUND);
    assert!(send(&late, link.token(), &FORM).await.cookie().is_none());
    site.account("first@example.com", Role::Auditor).await;
    assert_eq!(site.ask(get(&link.path())).await.status, StatusCode::NOT_FOUND);
    assert!(send(&site, link.token(), &FORM).await.cookie().is_none());
    assert_eq!(store::accounts::list(&pool).await.unwrap().len(), 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_refused_form_leaves_the_link_and_no_token(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let link = issue_link(&site.db).await.unwrap().unwrap();
    let answer = send(&site, link.token(), &[FORM[0], ("password", "short"), ("again", "x")]).await;
    let page = page_after(&site, &answer).await;
    assert!(page.contains("value=\"ann@example.com\"") && !page.contains("short\""), "{page}");
    assert!(page.contains("A password has 12 to 256 characters; this has 5."));
    let kept: String = site.value("select data::text from session").await;
    assert!(!kept.contains(link.token()));
    let hashes: Vec<Vec<u8>> =
        sqlx::query_scalar("select hash from set_up").fetch_all(site.db.read()).await.unwrap();
    assert_eq!(hashes[0].len(), 32);
    assert_eq!(send(&site, link.token(), &FORM).await.location(), "/");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_made_up_link_chooses_no_way(pool: PgPool) {
    let site = TestServer::new(pool).await;
    assert_eq!(site.ask(get("/set-up/0123")).await.status, StatusCode::NOT_FOUND);
    let answer = send(&site, "../../evil", &FORM).await;
    assert_eq!(answer.location(), "/set-up/e");
}
