//! `/account`: who one is, one's time zone and password, the way out.

use crate::form::outcome;
use crate::ui::{Button, ButtonKind, Field, Notice, NoticeKind, PageHead};
use crate::who;
use crate::zone::ZoneField;
use domain::accounts::{PASSWORD_MAX, PASSWORD_MIN};
use leptos::prelude::*;

/// One's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let email = who::account().map(|account| account.email).unwrap_or_default();
    view! {
        <div class="narrow">
            <PageHead title="Account" line=format!("Signed in as {email}.")/>
            <TimeZone/>
            <Password email/>
            <section aria-labelledby="sign-out">
                <h2 id="sign-out">"Sign out"</h2>
                <p>"Ends this session. Others of this account go on."</p>
                <form method="post" action="/_fn/sign-out">
                    <Button kind=ButtonKind::Quiet>"Sign out"</Button>
                </form>
            </section>
        </div>
    }
}

/// The form that chooses the time zone.
#[component]
fn TimeZone() -> impl IntoView {
    let tried = outcome("zone");
    let error = tried.error("zone");
    let kept = who::account().map(|account| account.zone).unwrap_or_default();
    let value = if error.is_some() { tried.value("zone") } else { kept.to_string() };
    view! {
        <section aria-labelledby="time-zone">
            <h2 id="time-zone">"Time zone"</h2>
            {tried.done().map(|done| {
                let done = done.to_owned();
                view! { <Notice kind=NoticeKind::Done>{done}</Notice> }
            })}
            <form class="form" method="post" action="/_fn/time-zone">
                <ZoneField value error/>
                <div class="form-end"><Button>"Use this time zone"</Button></div>
            </form>
        </section>
    }
}

/// The form that changes the password.
#[component]
fn Password(email: String) -> impl IntoView {
    let tried = outcome("password");
    view! {
        <section aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            {tried.done().map(|done| {
                let done = done.to_owned();
                view! { <Notice kind=NoticeKind::Done>{done}</Notice> }
            })}
            <form class="form" method="post" action="/_fn/change-password">
                // Tells password managers whose password this is.
                <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
                <Field
                    label="Present password" name="current" kind="password"
                    autocomplete="current-password" error=tried.error("current") required=true
                />
                <Field
                    label="New password" name="password" kind="password"
                    autocomplete="new-password" error=tried.error("password")
                    help=format!("{PASSWORD_MIN} to {PASSWORD_MAX} characters.") required=true
                />
                <Field
                    label="New password again" name="again" kind="password"
                    autocomplete="new-password" error=tried.error("again") required=true
                />
                <div class="form-end"><Button>"Change password"</Button></div>
            </form>
        </section>
    }
}
