//! Forms to join and split names of users.

use super::{super::view::Tab, FormPage};
use crate::form::{engine, failed};
use crate::who;
use engine::ChangeError;
use engine::aliases::{join, part};
use islands::text::sentences;
use leptos::prelude::*;

/// Joins two names of one user.
#[server(prefix = "/_fn", endpoint = "join-names")]
async fn join_names(
    #[server(default)] name: String,
    #[server(default)] other: String,
) -> Result<(), ServerFnError> {
    let place = FormPage::tab(Tab::Names);
    let form = place.form("join");
    match join(&engine()?.db, &who::by(), &name, &other).await {
        Ok(_) => {
            let what = format!("{} and {} are now names of one user.", name.trim(), other.trim());
            form.done(&what).await
        }
        Err(ChangeError::Invalid(invalid)) => {
            form.refuse(&[("name", &name), ("other", &other)], sentences(invalid)).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Splits a name from a user's other names.
#[server(prefix = "/_fn", endpoint = "part-name")]
async fn part_name(#[server(default)] name: String) -> Result<(), ServerFnError> {
    let place = FormPage::tab(Tab::Names);
    match part(&engine()?.db, &who::by(), &name).await {
        Ok(_) => {
            let what = format!("{} is now a separate user.", name.trim());
            place.form("join").done(&what).await
        }
        Err(ChangeError::Invalid(invalid)) => {
            place.form("part").refuse(&[], sentences(invalid)).await
        }
        Err(error) => Err(failed(&error)),
    }
}
