//! The forms of accounts.

use super::paths::{CONFIRM, confirm_path, sign_in_path};
use super::{known, session};
use crate::answer::{redirect, too_many};
use crate::form::{self, Form, engine, failed};
use crate::who::{client_address, signed_in};
use domain::{Fault, Invalid, doors::local_path};
use engine::accounts::{AccountError, LinkError, SignInAttempt, SignInError, SignedIn};
use leptos::prelude::*;

/// Signs in and redirects to `next` if it is a local path.
#[server(prefix = "/_fn", endpoint = "sign-in")]
async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), ServerFnError> {
    let next = local_path(&next).unwrap_or("/");
    let back = sign_in_path(next);
    let form = Form { page: "/sign-in", path: &back, name: "sign-in" };
    let marks = known::marks();
    let knock = SignInAttempt { from: client_address(), marks: &marks };
    let invalid = match engine()?.accounts.sign_in(&email, &password, knock).await {
        Ok(signed) => return begin(signed, next).await,
        Err(SignInError::Wait(wait)) if wait.address => return Err(too_many(wait.seconds())),
        Err(SignInError::Failed(error)) => return Err(failed(&error)),
        Err(refused) => refusal(&refused),
    };
    form.refuse(&[("email", &email)], invalid).await
}

/// Creates the first account and signs it in.
#[server(prefix = "/_fn", endpoint = "set-up")]
async fn set_up(
    #[server(default)] token: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] again: String,
) -> Result<(), ServerFnError> {
    let token = digits(&token);
    let path = format!("/set-up/{token}");
    let form = Form { page: "/set-up/{token}", path: &path, name: "set-up" };
    match engine()?.accounts.set_up(&token, [&email, &password, &again], client_address()).await {
        Ok(signed) => begin(signed, "/").await,
        Err(LinkError::Dead) => redirect(&path), // The page says that it is gone.
        Err(LinkError::Account(error)) => {
            form.refuse(&[("email", &email)], invalid(error, "email")?).await
        }
    }
}

/// Changes the account's own password. This session continues, all others end.
#[server(prefix = "/_fn", endpoint = "change-password")]
async fn change_password(
    #[server(default)] current: String,
    #[server(default)] password: String,
    #[server(default)] again: String,
) -> Result<(), ServerFnError> {
    let form = Form::on("/account", "password");
    let (words, marks) = ([&*current, &*password, &*again], known::marks());
    let knock = SignInAttempt { from: client_address(), marks: &marks };
    let signed = match engine()?.accounts.change_password(signed_in()?.id, words, knock).await {
        Ok(signed) => signed,
        Err(error) => return form.refuse(&[], invalid(error, "current")?).await,
    };
    session::begin(&engine()?, &form::session()?, signed).await?;
    form.done("Password changed. All other sessions of this account have ended.").await
}

/// Confirms the password of the signed-in account and redirects to `next` if it is a local path. A
/// form that waited for it is filled in there.
#[server(prefix = "/_fn", endpoint = "confirm")]
async fn confirm(
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), ServerFnError> {
    let next = local_path(&next).unwrap_or("/");
    let back = confirm_path(next);
    let form = Form { page: CONFIRM, path: &back, name: "confirm" };
    let (engine, session) = (engine()?, form::session()?);
    if let Err(error) = engine.accounts.confirm(signed_in()?.id, &password, client_address()).await
    {
        return form.refuse(&[], invalid(error, "password")?).await;
    }
    session::confirm(&session, engine.clock().now()).await?;
    form::release(&session).await.map_err(|error| failed(&error))?;
    redirect(next)
}

/// Sets a password by a reset link, then redirects to the sign-in.
#[server(prefix = "/_fn", endpoint = "reset")]
async fn reset(
    #[server(default)] token: String,
    #[server(default)] password: String,
    #[server(default)] again: String,
) -> Result<(), ServerFnError> {
    let token = digits(&token);
    let path = format!("/reset/{token}");
    match engine()?.accounts.use_reset(&token, [&password, &again], client_address()).await {
        Ok(()) => {
            // The reset ended all sessions of the account, including this one if it was the
            // account's.
            let form = Form::on("/sign-in", "sign-in");
            form.done("Password set. Sign in with it.").await
        }
        Err(LinkError::Dead) => redirect(&path), // The page says that it is gone.
        Err(LinkError::Account(error)) => {
            let form = Form { page: "/reset/{token}", path: &path, name: "reset" };
            form.refuse(&[], invalid(error, "password")?).await
        }
    }
}

#[server(prefix = "/_fn", endpoint = "sign-out")]
async fn sign_out() -> Result<(), ServerFnError> {
    let noted = engine()?.accounts.sign_out(&signed_in()?, client_address()).await;
    noted.map_err(|error| failed(&error))?;
    form::session()?.flush().await.map_err(|error| failed(&error))?;
    redirect("/sign-in")
}

/// A link's token: hex digits only, so that other text cannot change the redirect.
fn digits(token: &str) -> String {
    token.chars().filter(char::is_ascii_hexdigit).collect()
}

async fn begin(signed: SignedIn, next: &str) -> Result<(), ServerFnError> {
    session::begin(&engine()?, &form::session()?, signed).await?;
    redirect(next)
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

/// The errors to show; those about no field of the form go to `field`.
pub(crate) fn invalid(error: AccountError, field: &str) -> Result<Invalid, ServerFnError> {
    match error {
        AccountError::Invalid(invalid) => Ok(invalid),
        error if error.is_busy() => Ok(busy(field)),
        error => Err(failed(&error)),
    }
}
