//! Names joined and parted.

use super::super::view::Tab;
use super::Place;
use crate::form::{engine, failed};
use crate::who;
use engine::aliases::{AliasError, join, part};
use islands::text::sentences;
use leptos::prelude::*;

/// Says that two names are of one user.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "join-names")]
pub async fn join_names(
    /// One name.
    #[server(default)]
    name: String,
    /// The other.
    #[server(default)]
    other: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::tab(Tab::Names);
    let form = place.form("join");
    match join(&engine.db, &who::by(), &name, &other).await {
        Ok(_) => {
            let what = format!("{} and {} are names of one user now.", name.trim(), other.trim());
            form.done(&what).await
        }
        Err(AliasError::Invalid(invalid)) => {
            form.refuse(&[("name", &name), ("other", &other)], sentences(invalid)).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Takes a name out of a user's names.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "part-name")]
pub async fn part_name(
    /// The name.
    #[server(default)]
    name: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::tab(Tab::Names);
    match part(&engine.db, &who::by(), &name).await {
        Ok(_) => {
            let what = format!("{} is a user of its own now.", name.trim());
            place.form("join").done(&what).await
        }
        Err(AliasError::Invalid(invalid)) => {
            place.form("part").refuse(&[], sentences(invalid)).await
        }
        Err(error) => Err(failed(&error)),
    }
}
