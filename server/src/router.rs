//! Every route of the server, in one list, and the layers around them.

use crate::config::Config;
use crate::engine_errors::AWAY;
use crate::failure::{Failure, Reader};
use crate::guard::ask_again;
use crate::hosts::Hosts;
use crate::shown::{context, page};
use crate::state::{Route, State};
use crate::{
    access, api, audit, client, countries, export, guard, headers, hosts, live, rules, session,
    site, stop, tiles, upload,
};
use app::Assets;
use app::form::UnstoredResult;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on, post};
use domain::Fault;
use domain::doors::LIVE;
use engine::Engine;
use http::{Method, StatusCode, header};

/// The server's router, for a listener that provides connection info.
pub async fn router(engine: Engine, config: &Config, assets: Assets) -> Router {
    over(State::new(engine, assets), config)
}

/// As [`router`], on a given state.
pub(crate) fn over(state: State, config: &Config) -> Router {
    let https = config.public_url.as_ref().is_some_and(|url| url.is_https());
    let finder = client::Finder {
        proxies: config.trusted_proxies.clone().into(),
        strays: state.strays.clone(),
        clock: state.engine.db.clock,
    };
    let hosts = (Hosts::of(config), state.clone());
    let mut router = Router::new();
    for (_, path, handler) in list(&state) {
        router = router.route(&path, handler);
    }
    // The last layer is the first to see a request.
    router
        .layer(from_fn_with_state(state.clone(), guard::watch))
        .layer(session::layer(state.engine.db.clone(), https))
        .layer(from_fn(session::by_itself))
        .layer(from_fn_with_state(hosts, hosts::check))
        .layer(from_fn_with_state(finder, client::find))
        .layer(from_fn_with_state(https, headers::put))
        .layer(from_fn_with_state(state.clone(), access::log))
        .with_state(state)
}

/// Method and path of every route, including the pages and forms that register themselves.
pub fn routes(state: &State) -> Vec<(Method, String)> {
    list(state).into_iter().map(|(method, path, _)| (method, path)).collect()
}

fn list(state: &State) -> Vec<Route> {
    let mut routes = vec![
        (Method::GET, "/audit/check".into(), get(audit::check)),
        (Method::GET, "/countries/custom-policy.xml".into(), get(countries::custom_policy)),
        (Method::GET, "/countries/external-id.json".into(), get(countries::external_id)),
        (Method::GET, "/countries/language-file".into(), get(countries::to_tab)),
        (Method::GET, "/countries/language-file/new".into(), get(countries::new_file)),
        file("/countries/language-file", post(countries::language_file)),
        (Method::GET, "/export/{report}".into(), get(export::for_account)),
        (Method::GET, "/imports/{id}/rejected".into(), get(upload::rejected)),
        file("/imports", post(upload::take)),
        (Method::GET, LIVE.into(), get(live::listen)),
        (Method::GET, "/pkg/{*path}".into(), get(site::file)),
        (Method::GET, "/rules/figures".into(), get(rules::figures)),
        (Method::GET, "/rules/numbers.csv".into(), get(rules::numbers_csv)),
        (Method::GET, "/rules/prices.csv".into(), get(rules::prices_csv)),
        file("/rules/numbers", post(rules::numbers)),
        file("/rules/prices", post(rules::prices)),
        (Method::GET, "/settings/imports".into(), get(upload::list)),
        (Method::GET, "/tiles/{tile}".into(), get(tiles::get)),
        (Method::POST, "/stop/{token}".into(), post(stop::stop)),
    ];
    routes.extend(api::routes());
    routes.extend(pages(state));
    routes.extend(forms(state));
    routes
}

/// The route of an upload. The guard applies the door's limit to the body; axum's own limit would
/// be 2 MiB.
fn file(path: &'static str, take: MethodRouter<State>) -> Route {
    (Method::POST, path.into(), take.layer(DefaultBodyLimit::disable()))
}

/// The console's pages, as its own router lists them.
fn pages(state: &State) -> Vec<Route> {
    let mut routes = Vec::new();
    for listing in leptos_axum::generate_route_list(app::App) {
        let options = state.leptos.clone();
        let page = leptos_axum::render_app_async_with_context(context(state), move || {
            app::shell(options.clone())
        });
        routes.push((Method::GET, listing.path().to_owned(), get(page)));
    }
    routes
}

/// The console's server functions, as they registered themselves.
fn forms(state: &State) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let (context, state) = (context(state), state.clone());
        let handler = async move |request: Request| form(state, context, request).await;
        if let Ok(filter) = MethodFilter::try_from(method.clone()) {
            routes.push((method, path.to_owned(), on(filter, handler)));
        }
    }
    routes
}

/// Runs a server function and answers its errors with a page or problem details: Leptos would
/// redirect to the form with the error in the URL.
async fn form(
    state: State,
    context: impl Fn() + Clone + Send + 'static,
    request: Request,
) -> Response {
    let reader = Reader::of(&request);
    let (mut kept, body) = request.into_parts();
    let once = UnstoredResult::default();
    kept.extensions.insert(once.clone());
    let request = Request::from_parts(kept.clone(), body);
    let response = leptos_axum::handle_server_fns_with_context(context, request).await;
    if let Some((path, outcome)) = once.take() {
        kept.extensions.insert(outcome);
        return page(&state, kept, &path).await;
    }
    let (parts, mut body) = response.into_response().into_parts();
    let location = parts.headers.get(header::LOCATION).map(|to| to.as_bytes());
    let mut went_back = location.is_some_and(|to| to.windows(6).any(|part| part == b"__err="));
    // Our own forms redirect with 303. Without a `Referer`, Leptos answers a form that it cannot
    // read with 302, as if it had succeeded.
    if parts.status == StatusCode::FOUND && !went_back {
        went_back = is_unread(std::mem::take(&mut body)).await;
    }
    if !went_back && !parts.status.is_client_error() && !parts.status.is_server_error() {
        return Response::from_parts(parts, body);
    }
    let failure = match parts.status {
        StatusCode::TOO_MANY_REQUESTS => {
            let seconds = parts.headers.get(header::RETRY_AFTER);
            let seconds = seconds.and_then(|text| text.to_str().ok()?.parse().ok()).unwrap_or(1);
            let words = format!("Too many attempts from your address. Try again in {seconds} s.");
            let failure = Failure::new(parts.status, Fault::RateLimited, words);
            failure.retry_after(seconds).way_on("/sign-in", "Sign in")
        }
        // A program called a server function that needs a recently entered password.
        StatusCode::FORBIDDEN => ask_again(),
        status if status.is_server_error() && !is_unread(body).await => {
            went_wrong(status, state.engine.is_ready())
        }
        _ => {
            let words = "The form could not be read. Reload its page and send it again.";
            Failure::bad_request(Fault::Unreadable, words)
        }
    };
    failure.answer(&state.assets, &reader)
}

/// The answer to a server error. While the server is not ready, its database is the likely cause.
fn went_wrong(status: StatusCode, ready: bool) -> Failure {
    if ready {
        let words = "Something went wrong on the server. Its log has the details under this \
                     reference.";
        return Failure::new(status, Fault::Internal, words);
    }
    let words = "This server is not available: its database does not answer, or uses another \
                 server's secret. Its log says which. Try again in a moment.";
    Failure::unavailable(Fault::StoreUnavailable, words, AWAY)
}

/// Whether the body is Leptos' error for arguments that it cannot parse. It may quote the form, whose
/// size the guard bounds.
async fn is_unread(body: Body) -> bool {
    let Ok(text) = axum::body::to_bytes(body, usize::MAX).await else { return false };
    [&b"Args|"[..], b"MissingArg|", b"Deserialization|"].iter().any(|kind| text.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::doors::{self, Kind};
    use domain::roles::Requirement;
    use http_body_util::BodyExt;
    use sqlx::PgPool;
    use tower::ServiceExt;

    /// Second line of defence: without the guard, pages that need a sign-in still show nothing.
    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn without_the_guard_no_closed_page_is_shown(pool: PgPool) {
        let clock = store::Clock::system();
        let engine = Engine::start(store::Db::new(pool, clock)).await.unwrap();
        let state = State::new(engine, Assets::default());
        let mut router = Router::new();
        for (_, path, handler) in pages(&state) {
            router = router.route(&path, handler);
        }
        let router = router.with_state(state);
        let mut asked = 0;
        for door in doors::DOORS.iter().filter(|door| door.kind == Kind::Page) {
            let path = door.path.replace(['{', '}'], "");
            for unguarded in [None, Some(door)] {
                let mut request = Request::get(&path).body(Body::empty()).unwrap();
                if let Some(door) = unguarded {
                    request.extensions_mut().insert(door);
                }
                let response = router.clone().oneshot(request).await.unwrap();
                let status = response.status();
                let bytes = response.into_body().collect().await.unwrap().to_bytes();
                let html = String::from_utf8_lossy(&bytes);
                let shown = html.contains("class=\"top\"");
                let open = unguarded.is_some() && door.need == Requirement::Nothing;
                assert_eq!(shown, open, "{path}: {html}");
                assert!(open || status == StatusCode::NOT_FOUND, "{path}: {status}");
                asked += 1;
            }
        }
        assert!(asked > 40, "{asked}");
    }
}
