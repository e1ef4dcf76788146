//! The account that is opened: role, sessions, password, access.

use super::links::ACCOUNTS;
use crate::form::{Outcome, outcome};
use crate::ui::{Button, ButtonKind, FormResult, Hidden, Icon, Select};
use crate::{accounts::sessions::SessionList, who::role_name};
use chrono::{DateTime, Utc};
use domain::roles::Role;
use leptos::prelude::*;
use store::{accounts::Row, sessions::OpenSession};

const LAST: &str = "This is the last admin who can sign in, so it cannot be disabled and its role \
    cannot be changed. Add another admin first.";

pub(super) fn roles() -> Vec<(String, String)> {
    Role::ALL.iter().map(|role| (role.to_string(), role_name(*role).to_owned())).collect()
}

#[component]
pub(super) fn Opened(
    row: Row,
    open: Vec<OpenSession>,
    /// Whether it is the last admin who can sign in.
    last: bool,
    own: bool,
    now: DateTime<Utc>,
) -> impl IntoView {
    let id = row.id.to_string();
    let tried = outcome("account");
    // Ignore the result of a form that was about another account.
    let tried = if tried.value("account") == id { tried } else { Outcome::default() };
    let hidden = vec![("account".to_owned(), id)];
    let error = |field: &str| tried.error(field).map(|words| view! { <Wrong words/> });
    let (role_error, rest) = (tried.error("role"), hidden.clone());
    let role = Some(tried.value("new_role")).filter(|role| !role.is_empty());
    let role = role.unwrap_or_else(|| row.role.to_string());
    view! {
        <section class="panel opened" aria-labelledby="opened-title">
            <h2 id="opened-title">{row.email.clone()}</h2>
            <FormResult tried=tried.clone()/>
            <div class="parts">
                <div class="part">
                    <h3>"Role"</h3>
                    {if last {
                        view! { <p>{role_name(row.role)}". "{LAST}</p>{error("role")} }.into_any()
                    } else {
                        view! {
                            <form class="inline-form" method="post" action="/_fn/change-role">
                                <Hidden values=rest/>
                                <Select
                                    label="New role" name="new_role" options=roles() value=role
                                    error=role_error help="A change ends its sessions."
                                />
                                <Button kind=ButtonKind::Quiet>"Change role"</Button>
                            </form>
                        }
                        .into_any()
                    }}
                </div>
                <div class="part">
                    <h3>"Sessions"</h3>
                    <Sessions open own hidden=hidden.clone() now/>
                    <form method="post" action="/_fn/end-sessions">
                        <Hidden values=hidden.clone()/>
                        <p>"Everybody signed in with this account must sign in again."</p>
                        <Button kind=ButtonKind::Quiet>"End its sessions"</Button>
                        {error("sessions")}
                    </form>
                </div>
                <div class="part">
                    <h3>"Password"</h3>
                    <Password own disabled=row.disabled.is_some() hidden=hidden.clone()/>
                    {error("reset")}
                </div>
                <div class="part">
                    <h3>"Access"</h3>
                    <Access row last hidden/>
                    {error("disabled")}
                </div>
            </div>
            <p class="opened-end"><a href=ACCOUNTS>"Close"</a></p>
        </section>
    }
}

#[component]
fn Wrong(words: String) -> impl IntoView {
    view! { <p class="field-error" role="alert"><Icon name="alert"/>{words}</p> }
}

/// The account's sessions. The admin's own are on the page `/account`, which marks the current one.
#[component]
fn Sessions(
    open: Vec<OpenSession>,
    own: bool,
    hidden: Vec<(String, String)>,
    now: DateTime<Utc>,
) -> impl IntoView {
    if own {
        return view! { <p>"See and end individual sessions under " <a href="/account#sessions">"your account"</a> "."</p> }
            .into_any();
    }
    if open.is_empty() {
        return view! { <p>"It has no sessions."</p> }.into_any();
    }
    view! { <SessionList open here=None action="/_fn/end-account-session" hidden now/> }.into_any()
}

#[component]
fn Password(own: bool, disabled: bool, hidden: Vec<(String, String)>) -> impl IntoView {
    if own {
        return view! { <p>"Change your own under " <a href="/account">"your account"</a> "."</p> }
            .into_any();
    }
    if disabled {
        return view! { <p>"A disabled account cannot choose a password. Enable it first."</p> }
            .into_any();
    }
    view! {
        <form method="post" action="/_fn/reset-account">
            <Hidden values=hidden/>
            <p>"A link with which the account's owner chooses a new password. It works once, \
                within an hour, and ends the account's sessions."</p>
            <Button kind=ButtonKind::Quiet>"Create a reset link"</Button>
        </form>
    }
    .into_any()
}

/// The forms to disable, with a confirmation, and to enable.
#[component]
fn Access(row: Row, last: bool, hidden: Vec<(String, String)>) -> impl IntoView {
    if last {
        return view! { <p>{LAST}</p> }.into_any();
    }
    if row.disabled.is_some() {
        return view! {
            <form method="post" action="/_fn/disable-account">
                <Hidden values=hidden/>
                <p>"It is disabled: nobody can sign in with it."</p>
                <Button kind=ButtonKind::Quiet name="disabled" value="no">"Enable"</Button>
            </form>
        }
        .into_any();
    }
    let label = format!("Disable {}", row.email);
    view! {
        <details class="ask">
            <summary class="button danger">"Disable …"</summary>
            <form method="post" action="/_fn/disable-account">
                <Hidden values=hidden/>
                <p>"Its sessions end at once, and nobody can sign in with it until it is enabled again."</p>
                <Button kind=ButtonKind::Danger name="disabled" value="yes">{label}</Button>
            </form>
        </details>
    }
    .into_any()
}
