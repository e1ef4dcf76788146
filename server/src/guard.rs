//! The guard: one place that every request passes. It finds the request's row in
//! `domain::doors`, refuses what has none, finds out who knocks, and opens or does not.

mod again;
mod key;
mod refused;

use crate::bodies::{self, Bodies, Held};
use crate::failure::{Failure, Reader};
use crate::hosts::same_origin;
use crate::masks;
use crate::query;
use crate::session::is_by_itself;
use crate::state::State;
use app::accounts::{session, sign_in_path};
use app::form;
use axum::body::Body;
use axum::extract::{self, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use domain::accounts::is_fresh;
use domain::audit::{Activity, By, Change};
use domain::doors::{self, Door, Found, Kind};
use domain::roles::{Caller, Need, Shut};
use engine::accounts::{Account, Fresh};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use refused::{Refused, client, store_unavailable};
use serde_json::json;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_sessions::Session;
use tower_sessions::session::Error as SessionError;

pub use again::{WORDS as ASK_AGAIN, refusal as ask_again};

/// The door whose body is written to disk as it arrives, however long that takes.
const FILES: &str = "/imports";
/// When a body takes longer than this to arrive, who sent it is looked at again: they may have lost
/// their rights meanwhile.
const SLOW: Duration = Duration::from_millis(250);

/// Lets a request through, or answers it.
pub async fn watch(
    extract::State(state): extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let reader = Reader::of(&request);
    // What the console's own router would make of an address without a route is not asked: it also
    // takes addresses that ours does not, such as those with a slash at the end.
    let path = request.extensions().get::<MatchedPath>();
    let here = request.uri().path();
    let Some(path) = path.filter(|_| doors::is_address(here) && query::is_text(here)) else {
        return not_found().answer(&state.assets, &reader);
    };
    let door = match doors::find(request.method().as_str(), path.as_str()) {
        Found::Door(door) => door,
        Found::OtherMethods(methods) => return other_methods(&methods, &state, &reader),
        // A route that nobody entered into the table is closed.
        Found::Nothing => return not_found().answer(&state.assets, &reader),
    };
    // Before anything is asked of the store: held until the page is made.
    let _place = match state.pages.enter(door).await {
        Ok(place) => place,
        Err(failure) => return failure.answer(&state.assets, &reader),
    };
    match enter(door, &state, &mut request, false).await {
        Ok(()) => _ = request.extensions_mut().insert(door),
        Err(refused) => return refuse(refused, door, &state, &reader).await,
    }
    if let Err(invalid) = query::check(door, request.uri().query().unwrap_or_default()) {
        return query::refuse(&invalid, &state.assets, &reader);
    }
    let begun = Instant::now();
    let (mut request, held) = match take_body(door, &state.bodies, request).await {
        Ok(taken) => taken,
        Err(failure) => return failure.answer(&state.assets, &reader),
    };
    // Who was let in may not be any more by the time that the body is whole.
    if begun.elapsed() > SLOW
        && let Err(refused) = enter_again(door, &state, &mut request).await
    {
        return refuse(refused, door, &state, &reader).await;
    }
    let request = match again::ask(door, &state.assets, &reader, request).await {
        ControlFlow::Continue(request) => request,
        ControlFlow::Break(response) => return response,
    };
    let masks = masks::needed(door, request.extensions().get::<Account>());
    let _turn = match state.pages.turn(door, &state.engine.reports).await {
        Ok(turn) => turn,
        Err(failure) => return failure.answer(&state.assets, &reader),
    };
    let answer = state.pages.make(door, next.run(request));
    let answer = tokio::time::timeout(bodies::takes(door), answer).await;
    if let Some(failure) = held.and_then(|held| held.failure()) {
        return failure.answer(&state.assets, &reader);
    }
    match answer {
        // Server functions answer their own forms so.
        Ok(response) if door.kind != Kind::Form && is_bare(&response) => {
            let words = "This request could not be read: it is not what this address takes.";
            let failure = Failure::new(response.status(), Fault::Unreadable, words);
            failure.answer(&state.assets, &reader)
        }
        Ok(response) if masks => masks::put(response).await,
        Ok(response) => response,
        Err(_) => {
            let words = "This took too long. Try again, or ask for less.";
            let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, Fault::Timeout, words);
            failure.retry_after(5).answer(&state.assets, &reader)
        }
    }
}

/// Whether it is a refusal in plain words of a library: ours are problem details or pages.
fn is_bare(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status().is_client_error()
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

async fn refuse(refused: Refused, door: &Door, state: &State, reader: &Reader) -> Response {
    match refused {
        Refused::Failure(failure) => failure.answer(&state.assets, reader),
        Refused::Forbidden(by, failure) => {
            note(door, state, by, &failure).await;
            failure.answer(&state.assets, reader)
        }
        Refused::SignIn(path) => Redirect::to(&path).into_response(),
        Refused::Key(failure) => key::challenge(door, failure),
    }
}

/// The same as [`enter`], of whoever was let in before: by what the store has of them now.
async fn enter_again(door: &Door, state: &State, request: &mut Request) -> Result<(), Refused> {
    let session = request.extensions().get::<Session>().cloned();
    if let Some(session) = session.filter(|session| session.id().is_some()) {
        session.load().await.map_err(|error| store_unavailable(&error))?;
    }
    enter(door, state, request, true).await
}

/// Whether whoever a session let through a door may still go through it: for what is read further
/// in and may take hours to arrive.
///
/// # Errors
/// When the store cannot be asked.
pub async fn still_admits(door: &Door, session: &Session) -> Result<bool, SessionError> {
    session.load().await?;
    let account = session::account(session).await?.map(Account::from);
    let caller = account.map_or(Caller::Nobody, |account| Caller::Account(account.role));
    Ok(door.need.admits(caller).is_ok())
}

/// Finds out who knocks, notes it in the request, and says whether the door opens.
async fn enter(
    door: &Door,
    state: &State,
    request: &mut Request,
    again: bool,
) -> Result<(), Refused> {
    match (door.kind, door.need) {
        (Kind::Open, Need::Nothing) => Ok(()),
        (Kind::Api, _) => key::enter(door, state, request, again).await,
        (Kind::Page | Kind::Part | Kind::Form | Kind::Upload, _) => {
            by_session(door, state, request).await
        }
        // Commands have no route, and what is open to all asks for nothing.
        (Kind::Command | Kind::Open, _) => Err(not_found().into()),
    }
}

async fn by_session(door: &Door, state: &State, request: &mut Request) -> Result<(), Refused> {
    if !request.method().is_safe() && !same_origin(request.uri(), request.headers()) {
        let words = "This form was sent by a page of another site, so nothing was done.";
        let failure = Failure::new(StatusCode::FORBIDDEN, Fault::Forbidden, words);
        return Err(Refused::Forbidden(By::unknown(client(request)), failure));
    }
    let session = request.extensions().get::<Session>().cloned().ok_or_else(not_found)?;
    let found = session::account(&session).await.map_err(|error| store_unavailable(&error))?;
    let given = found.as_ref().and_then(|account| account.confirmed);
    let account = found.map(Account::from);
    let caller = account.as_ref().map_or(Caller::Nobody, |account| Caller::Account(account.role));
    match door.need.admits(caller) {
        Ok(()) => {}
        Err(Shut::Unknown) => return Err(sign_in_first(door, request)),
        Err(Shut::Forbidden) => {
            let from = client(request);
            let by = account.as_ref().map(|account| By::account(&account.email, from));
            let by = by.unwrap_or_else(|| By::unknown(from));
            return Err(Refused::Forbidden(by, forbidden(account.as_ref())));
        }
    }
    if let Some(account) = account {
        // What pages show by name, as it holds now.
        state.engine.names.follow().await;
        request.extensions_mut().insert(account);
        request.extensions_mut().insert(Fresh(is_fresh(given, state.engine.clock().now())));
    }
    // A page that renews itself must not take what is left for another.
    if door.kind == Kind::Page && !is_by_itself() {
        let told =
            form::take(&session, door.path).await.map_err(|error| store_unavailable(&error))?;
        if let Some(outcome) = told {
            request.extensions_mut().insert(outcome);
        }
    }
    Ok(())
}

/// People are led to the sign-in and back; programs and forms are told.
fn sign_in_first(door: &Door, request: &Request) -> Refused {
    let html = Reader::of(request).html;
    if door.kind == Kind::Page || (door.kind == Kind::Part && html) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Refused::SignIn(sign_in_path(path));
    }
    let words = "You are not signed in, or your session has ended. Nothing was done.";
    let failure = Failure::new(StatusCode::UNAUTHORIZED, Fault::Unauthenticated, words);
    failure.way_on("/sign-in", "Sign in").into()
}

fn forbidden(account: Option<&Account>) -> Failure {
    let words = match account {
        Some(account) => format!("The role {} may not do this. An admin can.", account.role),
        None => "This is not for the console.".to_owned(),
    };
    Failure::new(StatusCode::FORBIDDEN, Fault::Forbidden, words)
}

/// Writes a refusal into the audit log: by the router's path, which holds nothing of the request.
async fn note(door: &Door, state: &State, by: By, failure: &Failure) {
    let change = Change::new(Activity::Refused, format!("{} {}", door.method, door.path));
    let after = json!({ "why": failure.fault(), "detail": failure.detail() });
    state.engine.audit.log.refused(by, change.after(after)).await;
}

/// For addresses that lead nowhere.
pub fn not_found() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, Fault::NotFound, "There is nothing at this address.")
}

fn other_methods(methods: &[&str], state: &State, reader: &Reader) -> Response {
    let allowed = methods.join(", ");
    let words = format!("This address takes {allowed} alone.");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, Fault::MethodNotAllowed, words);
    let mut response = failure.answer(&state.assets, reader);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// Holds the body to the door's limit. All but files that are brought in are read here and now:
/// what reads forms further in knows no limits, and nothing is done for who may do it no more.
async fn take_body(
    door: &Door,
    bodies: &Bodies,
    request: Request,
) -> Result<(Request, Option<Arc<Held>>), Failure> {
    if door.body == 0 {
        return Ok((without_body(request), None));
    }
    let too_large = || {
        let words = format!("A request here has at most {} bytes.", door.body);
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, Fault::TooLargeBody, words)
    };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > door.body) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let (body, held) = bodies.receive(door, length, body)?;
    let body = Limited::new(body, usize::try_from(door.body).unwrap_or(usize::MAX));
    if door.path == FILES {
        return Ok((Request::from_parts(parts, Body::new(body)), Some(held)));
    }
    match body.collect().await {
        Ok(bytes) => Ok((Request::from_parts(parts, Body::from(bytes.to_bytes())), Some(held))),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) if let Some(failure) = held.failure() => Err(failure),
        Err(_) => {
            let words = "The request ended before it was whole.";
            Err(Failure::new(StatusCode::BAD_REQUEST, Fault::Unreadable, words))
        }
    }
}

fn without_body(request: Request) -> Request {
    request.map(|_| Body::empty())
}
