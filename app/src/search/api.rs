//! Forms of the page: unblock, and let through once.

use super::{PATH, address};
use crate::form::{Form, engine, failed};
use crate::who;
use domain::{Fault, Invalid};
use engine::blocks::BlockError;
use islands::text::sentences;
use leptos::prelude::*;

/// Name under which both forms report success.
const DONE: &str = "done";

/// Ends a block.
///
/// # Errors
/// If the store fails.
#[server(prefix = "/_fn", endpoint = "search-unblock")]
pub(crate) async fn search_unblock(
    /// The search of the page, to return to it.
    #[server(default)]
    q: String,
    #[server(default)] id: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let block = id.parse().unwrap_or_default();
    let (path, name) = (address(&q), format!("unblock-{block}"));
    let form = |name| Form { page: PATH, path: &path, name };
    match engine::blocks::end(&engine()?.db, &who::by(), block, &reason).await {
        Ok(block) => form(DONE).done(&format!("{} is unblocked.", block.value)).await,
        Err(BlockError::Invalid(invalid)) => {
            form(&name).refuse(&[("reason", &reason)], invalid).await
        }
        Err(BlockError::Missing) => form(DONE).done("That block is no longer active.").await,
        Err(error) => Err(failed(&error)),
    }
}

/// Lets a user or a number through once.
///
/// # Errors
/// If the store fails.
#[server(prefix = "/_fn", endpoint = "search-bypass")]
pub(crate) async fn search_bypass(
    /// The search of the page, to return to it.
    #[server(default)]
    q: String,
    /// Handle of the user or number.
    #[server(default)]
    of: String,
    /// How long the bypass is valid.
    #[server(default)]
    seconds: String,
    #[server(default)] reason: String,
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
