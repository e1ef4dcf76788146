//! The page `/account`: time zone, password, sessions, sign-out.

use super::{new_password, session::key_of, sessions::SessionList};
use crate::form::{engine_of_request, outcome, session};
use crate::ui::{Button, ButtonKind, Field, FormResult, PageHead};
use crate::{page::log_load_error, who, zone::ZoneField};
use engine::accounts::sessions::{handle, list};
use leptos::prelude::*;

#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let email = who::account().map(|account| account.email).unwrap_or_default();
    view! {
        <div class="narrow">
            <PageHead title="Account" line=format!("Signed in as {email}.")/>
            <TimeZone/>
            <Password email/>
            <Sessions/>
            <section aria-labelledby="sign-out">
                <h2 id="sign-out">"Sign out"</h2>
                <p>"Ends this session. Your other sessions stay signed in."</p>
                <form method="post" action="/_fn/sign-out">
                    <Button kind=ButtonKind::Quiet>"Sign out"</Button>
                </form>
            </section>
        </div>
    }
}

#[component]
fn TimeZone() -> impl IntoView {
    let tried = outcome("zone");
    let error = tried.error("zone");
    let kept = who::account().map(|account| account.zone).unwrap_or_default();
    let value = if error.is_some() { tried.value("zone") } else { kept.to_string() };
    view! {
        <section aria-labelledby="time-zone">
            <h2 id="time-zone">"Time zone"</h2>
            <FormResult tried=tried.clone()/>
            <form class="form" method="post" action="/_fn/time-zone">
                <ZoneField value error/>
                <div class="form-end"><Button>"Use this time zone"</Button></div>
            </form>
        </section>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let tried = outcome("sessions");
    // Read the context before the first await, while it is available.
    let engine = engine_of_request().ok();
    let here = session().ok().and_then(|session| key_of(&session)).map(|key| handle(&key));
    let me = who::account().map(|account| account.id);
    let list = Suspend::new(async move {
        let (Some(engine), Some(me)) = (engine, me) else { return ().into_any() };
        let now = engine.clock().now();
        match list(&engine.db, me).await {
            Ok(open) => {
                let others = open.len() > 1;
                view! {
                    <SessionList open here action="/_fn/end-session" now/>
                    {others.then(|| view! {
                        <form method="post" action="/_fn/end-other-sessions">
                            <Button kind=ButtonKind::Quiet>"End all other sessions"</Button>
                        </form>
                    })}
                }
                .into_any()
            }
            Err(error) => log_load_error("sessions", &error)
                .view("The sessions could not be read.", "/account"),
        }
    });
    view! {
        <section aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <p>"Where this account is signed in. End sessions you do not recognise, and change \
                your password."</p>
            <FormResult tried wrong=&["sessions"]/>
            <Suspense fallback=|| ()>{list}</Suspense>
        </section>
    }
}

#[component]
fn Password(email: String) -> impl IntoView {
    let tried = outcome("password");
    view! {
        <section aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <FormResult tried=tried.clone()/>
            <form class="form" method="post" action="/_fn/change-password">
                // Tells password managers whose password this is.
                <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
                <Field
                    label="Current password" name="current" kind="password"
                    autocomplete="current-password" error=tried.error("current") required=true
                />
                {new_password("New password", &tried, false)}
                <div class="form-end"><Button>"Change password"</Button></div>
            </form>
        </section>
    }
}
