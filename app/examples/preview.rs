//! preview (not committed)
use app::{App, Assets, shell};
use axum::{Router, extract::{Path, Query as AxQuery, RawQuery}, response::{Html, IntoResponse}, routing::get};
use domain::workbook::Tile;
use engine::Engine;
use engine::accounts::Account;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};

#[tokio::main]
async fn main() {
    let url = std::env::var("PREVIEW_DB").unwrap();
    let pool = sqlx_pool(&url).await;
    let now = domain::period::parse_time("2020-12-05T00:00:00Z").unwrap();
    let db = store::Db { pool, clock: store::Clock::fixed(now) };
    let engine = Engine::start(db).await.unwrap();
    if std::env::args().any(|a| a == "--load") {
        let text = std::fs::read_to_string("/work/shared/data/b2c/diag.jsonl").unwrap();
        let mut events = vec![];
        for line in text.lines() {
            if let Ok(domain::sources::Read::Event(e)) = domain::sources::azure::parse(line.as_bytes(), now) { events.push(*e); }
        }
        println!("{} events", events.len());
        for c in events.chunks(500) {
            println!("{:?}", engine.ingest.submit(c.to_vec(), engine::ingest::Via::Import).await.map(|c| (c.accepted, c.duplicates)));
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    let pkg = std::env::var("PREVIEW_PKG").unwrap_or("/tmp/twpkg".into());
    let assets = Assets { css: "/pkg/x/main.css".into(), js: "/pkg/x/tollwarden.js".into(), wasm: "/pkg/x/tollwarden_bg.wasm".into(), font: "/pkg/x/inter.woff2".into() };
    let conf = LeptosOptions::builder().output_name("tollwarden").build();
    let routes = generate_route_list(App);
    let role = match std::env::var("PREVIEW_ROLE").as_deref() { Ok("auditor") => domain::roles::Role::Auditor, _ => domain::roles::Role::Admin };
    let context = { let engine = engine.clone(); move || {
        provide_context(engine.clone());
        provide_context(assets.clone());
        let anon = use_context::<http::request::Parts>().is_some_and(|p| p.uri.path() == "/sign-in" || p.uri.path().starts_with("/set-up"));
        if !anon { provide_context(Account { id: store::random::uuid(), email: "dana.reyes@contoso.example".into(), role }); }
        if let (Some(n), Some(r)) = (leptos::nonce::use_nonce(), use_context::<leptos_axum::ResponseOptions>()) {
            r.insert_header(http::header::CONTENT_SECURITY_POLICY, http::HeaderValue::from_str(&format!("script-src 'nonce-{n}' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")).unwrap());
        }
    }};
    let c2 = context.clone();
    let router = Router::new()
        .leptos_routes_with_context(&conf, routes, context.clone(), { let conf = conf.clone(); move || shell(conf.clone()) })
        .route("/_fn/{*path}", axum::routing::post(move |req: axum::extract::Request| { let c = c2.clone(); async move { leptos_axum::handle_server_fns_with_context(c, req).await } }))
        .route("/pkg/x/{file}", get(move |Path(file): Path<String>| { let pkg = pkg.clone(); async move {
            let ty = match file.rsplit('.').next() { Some("css") => "text/css", Some("js") => "text/javascript", Some("wasm") => "application/wasm", _ => "font/woff2" };
            match std::fs::read(format!("{pkg}/{file}")) { Ok(b) => ([(http::header::CONTENT_TYPE, ty)], b).into_response(), Err(_) => http::StatusCode::NOT_FOUND.into_response() }
        }}))
        .route("/tiles/{tile}", get(move |Path(tile): Path<String>, RawQuery(q): RawQuery| { let engine = engine.clone(); async move {
            let tile: Tile = tile.parse().unwrap();
            let q = q.unwrap_or_default();
            if q.contains("slow") { tokio::time::sleep(std::time::Duration::from_secs(3)).await; }
            if q.contains("boom") { return (http::StatusCode::INTERNAL_SERVER_ERROR, "boom").into_response(); }
            match app::workbook::fragment(tile, &q, &engine, domain::workbook::Sight::Whole).await { Ok(h) => Html(h).into_response(), Err(f) => (http::StatusCode::INTERNAL_SERVER_ERROR, Html(f.html)).into_response() }
        }}));
    let router = router.fallback(leptos_axum::render_app_async_with_context(context.clone(), { let conf = conf.clone(); move || shell(conf.clone()) }));
    let router: Router = router.with_state(conf);
    let _ = std::marker::PhantomData::<AxQuery<()>>;
    let l = tokio::net::TcpListener::bind("127.0.0.1:3999").await.unwrap();
    println!("up");
    axum::serve(l, router).await.unwrap();
}
async fn sqlx_pool(url: &str) -> sqlx::PgPool {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    store::MIGRATOR.run(&pool).await.unwrap();
    pool
}
