//! The list of an account's sessions, and the forms to end them.

use super::session::key_of;
use crate::form::{Form, engine, failed, session};
use crate::ui::{Button, ButtonKind, Hidden, When};
use crate::who::{self, signed_in};
use chrono::{DateTime, Utc};
use domain::{Fault, Invalid};
use engine::accounts::sessions::{self, handle};
use leptos::prelude::*;
use store::sessions::OpenSession;

#[component]
pub(crate) fn SessionList(
    /// The last used first.
    open: Vec<OpenSession>,
    /// Handle of the session that shows this page.
    here: Option<String>,
    action: &'static str,
    /// Further hidden fields of the form.
    #[prop(default = Vec::new())]
    hidden: Vec<(String, String)>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let lines = open.into_iter().map(|open| {
        let name = handle(&open.id);
        let mine = here.as_ref() == Some(&name);
        let browser = open.browser.unwrap_or_else(|| "Unknown browser".to_owned());
        let address = open.address.unwrap_or_else(|| "an unknown address".to_owned());
        let mut values = hidden.clone();
        values.push(("session".to_owned(), name));
        let about = format!(" {browser}, {address}");
        view! {
            <li>
                <div>
                    <b>{browser}</b>{mine.then_some(" (this one)")}
                    <p>
                        {address}", signed in "<When time=open.created now/>", last seen "
                        <When time=open.seen now/>
                    </p>
                </div>
                {(!mine).then(|| view! {
                    <form method="post" action=action>
                        <Hidden values/>
                        <Button kind=ButtonKind::Quiet>"End"<span class="hidden">{about}</span></Button>
                    </form>
                })}
            </li>
        }
    });
    let lines: Vec<_> = lines.collect();
    view! { <ul class="sessions">{lines}</ul> }
}

/// Ends another session of the same account.
#[server(prefix = "/_fn", endpoint = "end-session")]
async fn end_own_session(
    /// The session's handle.
    #[server(default)]
    session: String,
) -> Result<(), ServerFnError> {
    let form = Form::on("/account", "sessions");
    let (engine, account) = (engine()?, signed_in()?.id);
    match sessions::end(&engine.db, &who::by(), account, &session).await {
        Ok(true) => form.done("The session has ended.").await,
        Ok(false) => form.refuse(&[], gone()).await,
        Err(error) => Err(failed(&error)),
    }
}

/// Ends all other sessions of the account.
#[server(prefix = "/_fn", endpoint = "end-other-sessions")]
async fn end_other_sessions() -> Result<(), ServerFnError> {
    let form = Form::on("/account", "sessions");
    let (engine, account) = (engine()?, signed_in()?.id);
    let Some(here) = key_of(&session()?) else { return form.refuse(&[], gone()).await };
    match sessions::end_others(&engine.db, &who::by(), account, &here).await {
        Ok(_) => form.done("Every other session of this account has ended.").await,
        Err(error) => Err(failed(&error)),
    }
}

pub(crate) fn gone() -> Invalid {
    Invalid::one("sessions", Fault::NotFound, "This session has ended already.")
}
