//! The forms of accounts.

use super::paths::{CONFIRM, confirm_path, sign_in_path};
use super::{known, session};
use crate::answer::{see_other, too_many};
use crate::form::{self, Form, engine, failed};
use crate::who::signed_in;
use domain::doors::local_path;
use domain::{Fault, Invalid};
use engine::accounts::{
    AccountError, ClientAddress, Knock, ResetError, SetUpError, SignInError, SignedIn,
};
use http::request::Parts;
use leptos::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// Signs in and goes on to `next`, if that is a path of ours.
///
/// # Errors
/// When the store fails, or the address has asked too often.
#[server(prefix = "/_fn", endpoint = "sign-in")]
pub async fn sign_in(
    /// The account's address.
    #[server(default)]
    email: String,
    /// Its password.
    #[server(default)]
    password: String,
    /// Where to go then.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    let next = local_path(&next).unwrap_or("/");
    let back = sign_in_path(next);
    let form = Form { page: "/sign-in", path: &back, name: "sign-in" };
    let marks = known::marks();
    let knock = Knock { from: from(), marks: &marks };
    let invalid = match engine()?.accounts.sign_in(&email, &password, knock).await {
        Ok(signed) => return begin(signed, next).await,
        Err(SignInError::Wait(wait)) if wait.address => return Err(too_many(wait.seconds())),
        Err(SignInError::Failed(error)) => return Err(failed(&error)),
        Err(refused) => refusal(&refused),
    };
    form.refuse(&[("email", &email)], invalid).await
}

/// Makes the first account and signs it in.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "set-up")]
pub async fn set_up(
    /// The link's token.
    #[server(default)]
    token: String,
    /// The account's address.
    #[server(default)]
    email: String,
    /// Its password.
    #[server(default)]
    password: String,
    /// The same once more.
    #[server(default)]
    again: String,
) -> Result<(), ServerFnError> {
    let token = digits(&token);
    let path = format!("/set-up/{token}");
    let form = Form { page: "/set-up/{token}", path: &path, name: "set-up" };
    match engine()?.accounts.set_up(&token, [&email, &password, &again], from()).await {
        Ok(signed) => begin(signed, "/").await,
        Err(SetUpError::Dead) => {
            // The page says so itself.
            see_other(&path);
            Ok(())
        }
        Err(SetUpError::Account(error)) => {
            form.refuse(&[("email", &email)], invalid(error, "email")?).await
        }
    }
}

/// Changes one's own password; the present session goes on, all others end.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "change-password")]
pub async fn change_password(
    /// The present password.
    #[server(default)]
    current: String,
    /// The new one.
    #[server(default)]
    password: String,
    /// The new one once more.
    #[server(default)]
    again: String,
) -> Result<(), ServerFnError> {
    let form = Form::on("/account", "password");
    let (words, marks) = ([&*current, &*password, &*again], known::marks());
    let knock = Knock { from: from(), marks: &marks };
    let signed = match engine()?.accounts.change_password(signed_in()?.id, words, knock).await {
        Ok(signed) => signed,
        Err(error) => return form.refuse(&[], invalid(error, "current")?).await,
    };
    session::begin(&engine()?, &form::session()?, signed).await?;
    form.done("The password is changed. Every other session of this account has ended.").await
}

/// Takes the password of one who is signed in once more, and goes on to `next`, if that is a path
/// of ours: a form that waited for it is there as it was typed.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "confirm")]
pub async fn confirm(
    /// The password.
    #[server(default)]
    password: String,
    /// Where to go then.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    let next = local_path(&next).unwrap_or("/");
    let back = confirm_path(next);
    let form = Form { page: CONFIRM, path: &back, name: "confirm" };
    let (engine, session) = (engine()?, form::session()?);
    if let Err(error) = engine.accounts.confirm(signed_in()?.id, &password, from()).await {
        return form.refuse(&[], invalid(error, "password")?).await;
    }
    session::confirm(&session, engine.clock().now()).await?;
    form::release(&session).await.map_err(|error| failed(&error))?;
    see_other(next);
    Ok(())
}

/// Chooses a password by a link, then leads to the sign-in.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "reset")]
pub async fn reset(
    /// The link's token.
    #[server(default)]
    token: String,
    /// The new password.
    #[server(default)]
    password: String,
    /// The same once more.
    #[server(default)]
    again: String,
) -> Result<(), ServerFnError> {
    let token = digits(&token);
    let path = format!("/reset/{token}");
    match engine()?.accounts.use_reset(&token, [&password, &again], from()).await {
        Ok(()) => {
            // Whoever was signed in here before is no more, if it was this account.
            let form = Form::on("/sign-in", "sign-in");
            form.done("The password is set. Sign in with it.").await
        }
        Err(ResetError::Dead) => {
            // The page says so itself.
            see_other(&path);
            Ok(())
        }
        Err(ResetError::Account(error)) => {
            let form = Form { page: "/reset/{token}", path: &path, name: "reset" };
            form.refuse(&[], invalid(error, "password")?).await
        }
    }
}

/// Ends the session.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), ServerFnError> {
    let noted = engine()?.accounts.sign_out(&signed_in()?, from()).await;
    noted.map_err(|error| failed(&error))?;
    form::session()?.flush().await.map_err(|error| failed(&error))?;
    see_other("/sign-in");
    Ok(())
}

/// A link's token, which is hexadecimal digits: anything else must not choose where the browser
/// goes.
fn digits(token: &str) -> String {
    token.chars().filter(char::is_ascii_hexdigit).collect()
}

async fn begin(signed: SignedIn, next: &str) -> Result<(), ServerFnError> {
    session::begin(&engine()?, &form::session()?, signed).await?;
    see_other(next);
    Ok(())
}

fn refusal(refused: &SignInError) -> Invalid {
    match refused {
        SignInError::Wait(wait) => {
            let message = format!("Too many attempts. {}", wait.advice());
            Invalid::one("password", Fault::RateLimited, message)
        }
        SignInError::Busy => busy("password"),
        SignInError::Wrong | SignInError::Failed(_) => {
            Invalid::one("password", Fault::Unauthenticated, "E-mail and password do not match.")
        }
    }
}

fn busy(field: &str) -> Invalid {
    let message = "Too many passwords are being checked at the moment. Try again in a few seconds.";
    Invalid::one(field, Fault::QueueFull, message)
}

/// What the form has to say, beside `field` when it is about none.
pub(crate) fn invalid(error: AccountError, field: &str) -> Result<Invalid, ServerFnError> {
    match error {
        AccountError::Invalid(invalid) => Ok(invalid),
        error if error.is_busy() => Ok(busy(field)),
        error => Err(failed(&error)),
    }
}

/// Where the request comes from; unknown (0.0.0.0) without a listener, as in tests.
fn from() -> IpAddr {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<ClientAddress>().copied())
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}
