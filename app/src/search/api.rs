//! Unblocking and letting through once, from the answer's page.

use super::{PATH, address};
use crate::form::{Form, engine, failed};
use crate::who;
use domain::{Fault, Invalid};
use engine::blocks::BlockError;
use islands::text::sentences;
use leptos::prelude::*;

/// Whom a form was about, said on the page once it is done. Names stay as the asker sees them.
const DONE: &str = "done";

/// Unblocks, for a reason.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "search-unblock")]
pub async fn search_unblock(
    /// What the page was asked.
    #[server(default)]
    q: String,
    /// The block.
    #[server(default)]
    id: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let block = id.parse().unwrap_or_default();
    let (path, name) = (address(&q), format!("unblock-{block}"));
    let form = |name| Form { page: PATH, path: &path, name };
    match engine::blocks::end(&engine()?.db, &who::by(), block, &reason).await {
        Ok(block) => form(DONE).done(&format!("{} is unblocked.", block.value)).await,
        Err(BlockError::Invalid(invalid)) => {
            form(&name).refuse(&[("reason", &reason)], invalid).await
        }
        Err(BlockError::Missing) => form(DONE).done("That block does not hold any more.").await,
        Err(error) => Err(failed(&error)),
    }
}

/// Lets a user or a number through once, for a reason.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "search-bypass")]
pub async fn search_bypass(
    /// What the page was asked.
    #[server(default)]
    q: String,
    /// The handle of who is let through.
    #[server(default)]
    of: String,
    /// How long the bypass waits to be used.
    #[server(default)]
    seconds: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let path = address(&q);
    let form = |name| Form { page: PATH, path: &path, name };
    let kept = [("seconds", &*seconds), ("reason", &reason)];
    let time = seconds.trim().parse().ok();
    match engine::helpdesk::bypass(&engine()?, &who::by(), &of, time, &reason).await {
        Ok(bypass) => {
            let until = crate::zone::moment(bypass.until);
            let whom = bypass.value;
            form(DONE).done(&format!("{whom} is let through once, until {until}.")).await
        }
        Err(BlockError::Invalid(invalid)) => form("bypass").refuse(&kept, sentences(invalid)).await,
        Err(error @ BlockError::AlreadyBypassed(_)) => {
            let words = format!("This {error}.");
            form("bypass").refuse(&kept, Invalid::one("reason", Fault::Duplicate, words)).await
        }
        Err(error) => Err(failed(&error)),
    }
}
