//! Authenticates programs by their API keys.

use super::refused::{Refused, store_unavailable};
use crate::client;
use crate::failure::Failure;
use crate::state::State;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use domain::Fault;
use domain::audit::By;
use domain::doors::Door;
use domain::roles::{Caller, Requirement};
use engine::keys::KeyError;
use http::{HeaderValue, StatusCode, header};
use tower_sessions::Session;

/// Authenticates a request by its key, notes the key's holder in the request, and checks the scope;
/// `again` if the request was admitted before.
pub(super) async fn enter(
    door: &Door,
    state: &State,
    request: &mut Request,
    again: bool,
) -> Result<(), Refused> {
    // A browser's session must not authenticate API calls (CSRF).
    request.extensions_mut().remove::<Session>();
    request.headers_mut().remove(header::COOKIE);
    if door.need == Requirement::Nothing {
        return Ok(());
    }
    let from = client::address(request);
    let header = request.headers().get(header::AUTHORIZATION);
    let header = header.map(|value| value.to_str().unwrap_or_default());
    let keys = &state.engine.keys;
    let holder = match again {
        true => keys.authenticate_again(header, door.basic, from).await,
        false => keys.authenticate(header, door.basic, from).await,
    };
    let holder = holder.map_err(|error| {
        let words = error.to_string();
        match error {
            KeyError::Missing => {
                let basic = "; or basic auth: the key's name and the key";
                let words = if door.basic { words + basic } else { words };
                Refused::Key(Failure::new(StatusCode::UNAUTHORIZED, Fault::Unauthenticated, words))
            }
            KeyError::Unknown | KeyError::Ended { .. } => {
                Refused::Key(Failure::new(StatusCode::UNAUTHORIZED, Fault::Unauthenticated, words))
            }
            // The engine records it in the audit log, together with others of that address.
            KeyError::Address { .. } => Failure::forbidden(words).into(),
            KeyError::Rate { wait, .. } => {
                let seconds = wait.as_secs().saturating_add(1);
                let failure =
                    Failure::new(StatusCode::TOO_MANY_REQUESTS, Fault::RateLimited, words);
                failure.retry_after(seconds).into()
            }
            KeyError::Store(error) => store_unavailable(&*error).into(),
        }
    })?;
    door.need.admits(Caller::Key(&holder.scopes)).map_err(|_| {
        let scope = match door.need {
            Requirement::Key(scope) => scope.as_str(),
            _ => "another",
        };
        let failure = Failure::forbidden(format!("the API key needs the scope {scope}"));
        Refused::Forbidden(By::key(&holder.name, from), failure)
    })?;
    request.extensions_mut().insert(holder);
    Ok(())
}

/// Answers with the authentication scheme (RFC 9110, section 11.6.1): bearer, or basic (RFC 7617)
/// if the door takes it.
pub(super) fn challenge(door: &Door, failure: Failure) -> Response {
    let wanted =
        if door.basic { "Basic realm=\"tollwarden\"" } else { "Bearer realm=\"tollwarden\"" };
    let mut response = failure.into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(wanted));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::Assets;
    use axum::body::Body;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use domain::doors::Kind;
    use domain::keys::KeyName;
    use domain::roles::Scope;
    use engine::Engine;
    use engine::keys::{KeyHolder, NewKey};
    use sqlx::PgPool;
    use store::{Clock, Db};

    const PLAIN: Door = Door {
        kind: Kind::Api,
        method: "POST",
        path: "/plain",
        need: Requirement::Key(Scope::DecisionsWrite),
        body: 0,
        basic: false,
        ask_again: None,
    };
    const BASIC: Door = Door { basic: true, ..PLAIN };

    async fn key(state: &State, name: &str, scope: Scope) -> String {
        let name = KeyName::parse(name).unwrap();
        let scopes = vec![scope];
        let new = NewKey::new(name, scopes);
        engine::keys::create(&state.engine.db, &By::command(), new).await.unwrap().reveal()
    }

    /// The key's name, or the status and scheme of the refusal.
    async fn enter_with(state: &State, door: &Door, with: &str) -> Result<String, (u16, String)> {
        let mut request = Request::new(Body::empty());
        if !with.is_empty() {
            request.headers_mut().insert(header::AUTHORIZATION, with.parse().unwrap());
        }
        match enter(door, state, &mut request, false).await {
            Ok(()) => Ok(request.extensions().get::<KeyHolder>().unwrap().name.clone()),
            Err(Refused::Key(failure)) => {
                let response = challenge(door, failure);
                let wanted = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
                Err((response.status().as_u16(), wanted.to_owned()))
            }
            Err(Refused::Forbidden(_, failure) | Refused::Failure(failure)) => {
                Err((failure.into_response().status().as_u16(), String::new()))
            }
            Err(Refused::SignIn(_)) => panic!("programs do not sign in"),
        }
    }

    fn basic(user: &str, key: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{user}:{key}")))
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn basic_auth_opens_only_what_takes_it(pool: PgPool) {
        let engine = Engine::start(Db::new(pool, Clock::system())).await.unwrap();
        let state = State::new(engine, Assets::default());
        let right = key(&state, "b2c", Scope::DecisionsWrite).await;
        let reader = key(&state, "reader", Scope::Read).await;
        let wants = |scheme: &str| Err((401, format!("{scheme} realm=\"tollwarden\"")));

        assert_eq!(enter_with(&state, &BASIC, &basic("b2c", &right)).await, Ok("b2c".into()));
        for door in [&BASIC, &PLAIN] {
            let bearer = format!("Bearer {right}");
            assert_eq!(enter_with(&state, door, &bearer).await, Ok("b2c".into()));
        }
        for with in ["", "Basic", "Bearer tw_", "Basic eDp5", "Digest x"] {
            assert_eq!(enter_with(&state, &BASIC, with).await, wants("Basic"), "{with}");
        }
        assert_eq!(enter_with(&state, &BASIC, &basic("reader", &right)).await, wants("Basic"));
        assert_eq!(enter_with(&state, &BASIC, &basic("b2c", &reader)).await, wants("Basic"));
        assert_eq!(enter_with(&state, &PLAIN, &basic("b2c", &right)).await, wants("Bearer"));
        let scope = enter_with(&state, &BASIC, &basic("reader", &reader)).await;
        assert_eq!(scope, Err((403, String::new())));
    }
}
