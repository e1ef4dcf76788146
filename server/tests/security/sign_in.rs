//! Signing in: where it leads, what it tells, how often it may be tried.

use super::*;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn pages_lead_there_and_back(pool: PgPool) {
    let site = with_ann(pool).await;
    let answer = site.ask(get("/?range=7d&tab=details")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/sign-in?next=%2F%3Frange%3D7d%26tab%3Ddetails");
    let page = site.ask(get(answer.location())).await;
    assert!(page.text.contains("value=\"/?range=7d&amp;tab=details\""), "{}", page.text);

    let next = "/?range=7d&tab=details";
    let fields = [("email", ANN), ("password", PASSWORD), ("next", next)];
    assert_eq!(site.ask(post("/_fn/sign-in", &fields)).await.location(), next);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_leads_nowhere_else(pool: PgPool) {
    let site = with_ann(pool).await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:x",
    ] {
        let fields = [("email", ANN), ("password", PASSWORD), ("next", next)];
        let answer = site.ask(post("/_fn/sign-in", &fields)).await;
        assert_eq!(answer.location(), "/", "{next:?}");
        let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = site.ask(get(&format!("/sign-in?next={encoded}"))).await;
        assert!(!page.text.contains("name=\"next\""), "{next:?}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_refused_form_keeps_its_values_but_no_secret(pool: PgPool) {
    let site = with_ann(pool).await;
    let answer = site.try_sign_in(ANN, "my secret guess").await;
    assert_eq!(answer.location(), "/sign-in");
    let cookie = answer.cookie().unwrap();
    let page = site.ask(get("/sign-in").cookie(&cookie)).await.text;
    assert!(page.contains("value=\"ann@example.com\""), "{page}");
    assert!(page.contains("E-mail and password do not match."));
    assert!(!page.contains("my secret guess"));
    let page = site.ask(get("/sign-in").cookie(&cookie)).await.text;
    assert!(!page.contains("do not match"), "told twice");
    let kept: Vec<String> = sqlx::query_scalar("select data::text from session")
        .fetch_all(site.db.read())
        .await
        .unwrap();
    assert!(kept.iter().all(|data| !data.contains("secret")), "{kept:?}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_session_gets_a_new_id(pool: PgPool) {
    let site = with_ann(pool).await;
    let before = site.try_sign_in(ANN, "wrong").await.cookie().unwrap();
    let ask = post("/_fn/sign-in", &[("email", ANN), ("password", PASSWORD)]);
    let after = site.ask(ask.cookie(&before)).await.cookie().unwrap();
    assert_ne!(before, after);
    assert!(signed_in(&site, &after).await);
    assert!(!signed_in(&site, &before).await, "an id from before signed in");
    // A made-up id is not used either.
    let planted = "session=AAAAAAAAAAAAAAAAAAAAAA";
    let ask = post("/_fn/sign-in", &[("email", ANN), ("password", PASSWORD)]);
    let after = site.ask(ask.cookie(planted)).await.cookie().unwrap();
    assert_ne!(after, planted);
    assert!(!signed_in(&site, planted).await);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn unknown_accounts_are_answered_as_known_ones(pool: PgPool) {
    let site = with_ann(pool).await;
    let mut seen = [ANN, "nobody@example.com"].map(|email| (email, Duration::MAX, String::new()));
    // In turns, and the shortest of several: other tests take the cores too.
    for n in 0..8 {
        for (email, best, main) in &mut seen {
            let start = Instant::now();
            let ask = post("/_fn/sign-in", &[("email", email), ("password", "wrong")]);
            let answer = site.ask(ask.from([10, 0, 0, n])).await;
            *best = start.elapsed().min(*best);
            let page = page_after(&site, &answer).await.replace(*email, "…");
            // What stands around it carries a nonce.
            let (_, rest) = page.split_once("<main").unwrap();
            *main = rest.split_once("</main>").unwrap().0.to_owned();
        }
    }
    let [(_, known, page), (_, unknown, other)] = seen;
    assert_eq!(page, other);
    assert!(known < unknown * 2 && unknown < known * 2, "{known:?} {unknown:?}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn guessing_waits_longer_each_time(pool: PgPool) {
    let site = at(&pool, noon()).await;
    site.account(ANN, Role::Admin).await;
    for _ in 0..3 {
        site.try_sign_in(ANN, "wrong").await;
    }
    let answer = site.try_sign_in(ANN, PASSWORD).await;
    assert!(page_after(&site, &answer).await.contains("Too many attempts. Try again in 1 second."));
    // From another address the account is open: nobody can lock it.
    let ask = post("/_fn/sign-in", &[("email", ANN), ("password", PASSWORD)]);
    assert_eq!(site.ask(ask.from([203, 0, 113, 1])).await.location(), "/");
}

/// Guesses from many addresses slow unknown browsers only; the tenth one raises an alert.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_known_browser_passes_while_the_account_is_guessed_at(pool: PgPool) {
    let site = at(&pool, noon()).await;
    site.account(ANN, Role::Admin).await;
    let answer = site.try_sign_in(ANN, PASSWORD).await;
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let known = lines.into_iter().find(|line| line.starts_with("known=")).unwrap();
    assert!(known.contains("HttpOnly") && known.contains("SameSite=Strict"), "{known}");
    let known = known.split(';').next().unwrap().to_owned();
    let knock = |password, n| {
        post("/_fn/sign-in", &[("email", ANN), ("password", password)]).from([198, 51, 100, n])
    };
    for n in 100..111 {
        assert_eq!(site.ask(knock("a wrong guess", n)).await.location(), "/sign-in");
    }
    let answer = site.ask(knock(PASSWORD, 120)).await;
    assert!(page_after(&site, &answer).await.contains("Too many attempts. Try again in 1 second."));
    let answer = site.ask(knock(PASSWORD, 121).cookie(&known)).await;
    assert_eq!(answer.location(), "/", "a browser that signed in before");
    let told = "select count(*) from outbox where alert = 'guessing'";
    assert_eq!(site.value::<i64>(told).await, 1, "told once, to the one admin");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_address_has_a_budget(pool: PgPool) {
    let site = at(&pool, noon()).await;
    // Waiting attempts count too, so that few hashes are made here.
    for _ in 0..30 {
        assert_eq!(site.try_sign_in("a@example.com", "wrong").await.status, StatusCode::SEE_OTHER);
    }
    let sessions = async || site.value::<i64>("select count(*) from session").await;
    let before = sessions().await;
    let answer = site.try_sign_in("b@example.com", "wrong").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "20");
    assert!(answer.text.contains("Try again in 20 s"), "{}", answer.text);
    assert_eq!(sessions().await, before, "a row for a refusal");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_server_whose_secret_was_rotated_says_so(pool: PgPool) {
    let site = with_ann(pool).await;
    let dir = tempfile::tempdir().unwrap();
    engine::secret::check(&site.engine.db).await.unwrap();
    site.engine.look_whether_ready().await;
    assert_eq!(site.ask(get("/readyz")).await.status, StatusCode::OK);
    let by = By::command();
    let new = dir.path().join("new");
    engine::secret::rotate_into(&site.engine.db, &by, &new).await.unwrap();
    site.engine.look_whether_ready().await;
    assert_eq!(site.ask(get("/readyz")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = site.try_sign_in(ANN, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert!(answer.text.contains("another server's secret"), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "5");
}
