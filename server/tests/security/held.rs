//! Requests that are held open: nothing is done if the sender loses their rights meanwhile.

use super::*;
use engine::accounts::{end_sessions, set_disabled, set_role};
use engine::keys::Keys;
use serde_json::json;
use uuid::Uuid;

async fn id_of(site: &TestServer, email: &str) -> Uuid {
    let id = sqlx::query_scalar("select id from account where email = $1");
    id.bind(email).fetch_one(site.db.read()).await.unwrap()
}

async fn accounts(site: &TestServer) -> i64 {
    site.value("select count(*) from account").await
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_form_of_a_session_that_ended_meanwhile(pool: PgPool) {
    let site = with_ann(pool).await;
    site.account("root@example.com", Role::Admin).await;
    let ann = id_of(&site, ANN).await;
    let add = |cookie: &str, email: &str| {
        post("/_fn/add-account", &[("email", email), ("role", "admin"), ("password", PASSWORD)])
            .cookie(cookie)
    };
    // A slow request alone is done.
    let cookie = site.sign_in(ANN).await;
    let answer = site.ask_in_halves(add(&cookie, "x@example.com"), async {}).await;
    assert_eq!((answer.status, accounts(&site).await), (StatusCode::SEE_OTHER, 3));
    for ends in 0..3 {
        let cookie = site.sign_in(ANN).await;
        let db = site.db.clone();
        let meanwhile = async move {
            let by = By::command();
            match ends {
                0 => end_sessions(&db, &by, ann).await.unwrap(),
                1 => set_role(&db, &by, ann, Role::Auditor).await.unwrap(),
                _ => set_disabled(&db, &by, ann, true).await.unwrap(),
            }
        };
        let answer = site.ask_in_halves(add(&cookie, "late@example.com"), meanwhile).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{ends}: {}", answer.text);
        assert_eq!(accounts(&site).await, 3, "{ends}");
        set_role(&site.db, &By::command(), ann, Role::Admin).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_file_of_a_session_that_ended_meanwhile(pool: PgPool) {
    let site = with_ann(pool).await;
    let cookie = site.sign_in(ANN).await;
    let ann = id_of(&site, ANN).await;
    let body = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.ndjson\"\r\n\r\n\
                {\"id\":\"1\",\"time\":\"2026-11-20T09:00:00Z\",\"kind\":\"sent\"}\r\n--x--\r\n";
    let ask = || {
        let ask = TestRequest::new(Method::POST, "/imports").cookie(&cookie).body(body);
        ask.header("content-type", "multipart/form-data; boundary=x")
    };
    let jobs = async || site.value::<i64>("select count(*) from import_job").await;
    site.ask_in_halves(ask(), async {}).await;
    assert_eq!(jobs().await, 1);
    let db = site.db.clone();
    let meanwhile = async move { end_sessions(&db, &By::command(), ann).await.unwrap() };
    site.ask_in_halves(ask(), meanwhile).await;
    assert_eq!(jobs().await, 1, "the file of nobody");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_body_of_a_key_that_was_revoked_meanwhile(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let bodies = [
        (
            "/api/v1/events",
            json!({"id": "1", "time": "2026-11-20T09:00:00Z", "kind": "sent", "source": "test"}),
        ),
        ("/api/v1/blocks", json!({"kind": "user", "value": "eve", "reason": "a test"})),
    ];
    for (path, body) in bodies {
        let key = site.key(path.rsplit('/').next().unwrap(), Scope::ALL).await;
        let (db, id) = (site.db.clone(), key[3..15].to_owned());
        let ask = TestRequest::new(Method::POST, path).key(&key).json(&body);
        // On another server.
        let other = Keys::new(db);
        let meanwhile = async move { assert!(other.revoke(&By::command(), &id).await.unwrap()) };
        let answer = site.ask_in_halves(ask, meanwhile).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.text);
    }
    let kept = "select (select count(*) from event) + (select count(*) from block)";
    assert_eq!(site.value::<i64>(kept).await, 0);
}
