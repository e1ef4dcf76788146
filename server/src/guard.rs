//! The guard: every request passes it. It finds the request's row in `domain::doors` (without one
//! it refuses), identifies the caller and checks their permission.

mod again;
mod key;
mod refused;

use crate::bodies::{self, Bodies, BodyShare};
use crate::client;
use crate::engine_errors::AWAY;
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
use domain::doors::{self, Door, DoorMatch, Kind};
use domain::roles::{Caller, Denied, Requirement};
use engine::accounts::{Account, Fresh};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use refused::{Refused, store_unavailable};
use serde_json::json;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_sessions::Session;
use tower_sessions::session::Error as SessionError;

pub(crate) use again::refusal as ask_again;

/// The door whose body is written to disk as it arrives, and is not held in memory.
const FILES: &str = "/imports";
/// If a body takes longer than this to arrive, the caller's rights are checked again.
const SLOW: Duration = Duration::from_millis(250);

/// Lets a request through, or answers it.
pub(crate) async fn watch(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let reader = Reader::of(&request);
    let answer = pass(&state, &reader, request, next).await;
    answer.unwrap_or_else(|failure| failure.answer(&state.assets, &reader))
}

async fn pass(
    state: &State,
    reader: &Reader,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    // Addresses without a route never reach Leptos' router, which accepts more than ours, such as
    // a slash at the end.
    let path = request.extensions().get::<MatchedPath>();
    let here = request.uri().path();
    let path = path.filter(|_| doors::is_address(here) && query::is_text(here));
    let path = path.ok_or_else(not_found)?;
    let door = match doors::find(request.method().as_str(), path.as_str()) {
        DoorMatch::Door(door) => door,
        DoorMatch::OtherMethods(methods) => return Ok(other_methods(&methods, state, reader)),
        // A route that is missing in the table is closed.
        DoorMatch::Nothing => return Err(not_found()),
    };
    // Before the first query to the store; held until the page is rendered.
    let _place = state.pages.enter(door).await?;
    if let Err(refused) = enter(door, state, &mut request, false).await {
        return refuse(refused, door, state).await;
    }
    request.extensions_mut().insert(door);
    query::check(door, request.uri().query().unwrap_or_default())
        .map_err(|invalid| query::refusal(invalid, reader))?;
    let begun = Instant::now();
    let (mut request, held) = take_body(door, &state.bodies, request).await?;
    // The caller's rights may have ended while the body arrived.
    if begun.elapsed() > SLOW
        && let Err(refused) = enter_again(door, state, &mut request).await
    {
        return refuse(refused, door, state).await;
    }
    let request = match again::ask(door, reader, request).await? {
        ControlFlow::Continue(request) => request,
        ControlFlow::Break(response) => return Ok(response),
    };
    let masks = masks::needed(door, request.extensions().get::<Account>());
    let _turn = state.pages.turn(door, &state.engine.reports).await?;
    let answer = state.pages.make(door, next.run(request));
    let answer = tokio::time::timeout(bodies::takes(door), answer).await;
    if let Some(failure) = held.and_then(|held| held.failure()) {
        return Err(failure);
    }
    match answer {
        // Except for forms: their server functions answer this way.
        Ok(response) if door.kind != Kind::Form && is_bare(&response) => {
            let words = "This request could not be read: its content is not in the form that this address accepts.";
            Err(Failure::new(response.status(), Fault::Unreadable, words))
        }
        Ok(response) if masks => Ok(masks::put(response).await),
        Ok(response) => Ok(response),
        Err(_) => {
            let words = "This took too long. Try again, or request less.";
            Err(Failure::unavailable(Fault::Timeout, words, AWAY))
        }
    }
}

/// Whether this is a library's plain-text refusal; ours are problem details or pages.
fn is_bare(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status().is_client_error()
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

async fn refuse(refused: Refused, door: &Door, state: &State) -> Result<Response, Failure> {
    match refused {
        Refused::Failure(failure) => Err(failure),
        Refused::Forbidden(by, failure) => {
            note(door, state, by, &failure).await;
            Err(failure)
        }
        Refused::SignIn(path) => Ok(Redirect::to(&path).into_response()),
        Refused::Key(failure) => Ok(key::challenge(door, failure)),
    }
}

/// As [`enter`], with the session as the store has it now.
async fn enter_again(door: &Door, state: &State, request: &mut Request) -> Result<(), Refused> {
    let session = request.extensions().get::<Session>().cloned();
    if let Some(session) = session.filter(|session| session.id().is_some()) {
        session.load().await.map_err(|error| store_unavailable(&error))?;
    }
    enter(door, state, request, true).await
}

/// Whether a session's account may still use a door, for uploads that take hours to arrive.
///
/// # Errors
/// The session cannot be read.
pub(crate) async fn still_admits(door: &Door, session: &Session) -> Result<bool, SessionError> {
    session.load().await?;
    let account = session::account(session).await?.map(Account::from);
    let caller = account.map_or(Caller::Nobody, |account| Caller::Account(account.role));
    Ok(door.need.admits(caller).is_ok())
}

/// Identifies the caller, notes it in the request, and checks whether the door admits them.
async fn enter(
    door: &Door,
    state: &State,
    request: &mut Request,
    again: bool,
) -> Result<(), Refused> {
    match (door.kind, door.need) {
        (Kind::Open, Requirement::Nothing) => Ok(()),
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
        return Err(Refused::Forbidden(
            By::unknown(client::address(request)),
            Failure::forbidden(words),
        ));
    }
    let session = request.extensions().get::<Session>().cloned().ok_or_else(not_found)?;
    let found = session::account(&session).await.map_err(|error| store_unavailable(&error))?;
    let given = found.as_ref().and_then(|account| account.confirmed);
    let account = found.map(Account::from);
    let caller = account.as_ref().map_or(Caller::Nobody, |account| Caller::Account(account.role));
    match door.need.admits(caller) {
        Ok(()) => {}
        Err(Denied::Unknown) => return Err(sign_in_first(door, request)),
        Err(Denied::Forbidden) => {
            let from = client::address(request);
            let by = account.as_ref().map(|account| By::account(&account.email, from));
            let by = by.unwrap_or_else(|| By::unknown(from));
            return Err(Refused::Forbidden(by, forbidden(account.as_ref())));
        }
    }
    if let Some(account) = account {
        // Refreshes the names that pages show.
        state.engine.names.follow().await;
        request.extensions_mut().insert(account);
        request.extensions_mut().insert(Fresh(is_fresh(given, state.engine.clock().now())));
    }
    // A page's automatic update must not consume a form's outcome, which the reader's next request
    // shows.
    if door.kind == Kind::Page && !is_by_itself() {
        let told =
            form::take(&session, door.path).await.map_err(|error| store_unavailable(&error))?;
        if let Some(outcome) = told {
            request.extensions_mut().insert(outcome);
        }
    }
    Ok(())
}

/// Pages redirect to the sign-in and back; forms and programs get 401.
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
    Failure::forbidden(match account {
        Some(account) => format!("The role {} may not do this. An admin can.", account.role),
        None => "This is not available in the console.".to_owned(),
    })
}

/// Records a refusal in the audit log, with the router's path, which contains nothing of the
/// request.
async fn note(door: &Door, state: &State, by: By, failure: &Failure) {
    let change = Change::new(Activity::Refused, format!("{} {}", door.method, door.path));
    let after = json!({ "why": failure.fault(), "detail": failure.detail() });
    state.engine.audit.log.refused(by, change.after(after)).await;
}

/// The answer for unknown addresses.
pub(crate) fn not_found() -> Failure {
    Failure::not_found("There is nothing at this address.")
}

fn other_methods(methods: &[&str], state: &State, reader: &Reader) -> Response {
    let allowed = methods.join(", ");
    let words = format!("This address accepts only {allowed}.");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, Fault::MethodNotAllowed, words);
    let mut response = failure.answer(&state.assets, reader);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// Enforces the door's limit on the body, and reads it here except for uploads: the readers of
/// forms have no limits, and the caller's rights are checked again once the body has arrived.
async fn take_body(
    door: &Door,
    bodies: &Bodies,
    request: Request,
) -> Result<(Request, Option<Arc<BodyShare>>), Failure> {
    if door.body == 0 {
        return Ok((without_body(request), None));
    }
    let too_large =
        || Failure::too_large(format!("A request here has at most {} bytes.", door.body));
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
            let words = "The request ended before it was complete.";
            Err(Failure::bad_request(Fault::Unreadable, words))
        }
    }
}

fn without_body(request: Request) -> Request {
    request.map(|_| Body::empty())
}
