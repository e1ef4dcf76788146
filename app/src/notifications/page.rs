//! The page `/notifications`.

use super::change_form::ChangeForm;
use super::log::{Log, PAGE, read_cursor};
use super::{
    add_form::AddForm, kinds_form::KindsForm, message::OpenMessage, recipients::Recipients,
};
use crate::page::{Head, PageContext, PageFailure, PageResult, page};
use crate::ui::{Copy, FormResult, Notice, NoticeKind, PageHead};
use domain::notify::{SigningSecret, shown_address};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use store::outbox::Filter;
use uuid::Uuid;

const HEAD: Head = Head {
    title: "Notifications",
    line: "Who is notified of fraud reports, blocks and problems, and what was sent.",
    failed: "Notifications could not be read.",
};

/// Recipients and the delivery log.
#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    page(HEAD, move |visit| load(visit, query))
}

async fn load(visit: PageContext, query: ParamsMap) -> Result<PageResult, PageFailure> {
    let PageContext { engine, guards: may, sets_up, tried, now, .. } = visit;
    let (db, notify) = (engine.db.read(), &engine.notify);
    let id = |name: &str| query.get(name).and_then(|text| text.parse::<Uuid>().ok());
    let before = query.get("before").and_then(|text| read_cursor(&text));
    let mask = |reach, address: &mut String| *address = shown_address(reach, address, sets_up);
    let mut rows = store::recipients::list(db).await?;
    rows.iter_mut().for_each(|row| mask(row.kind, &mut row.address));
    let opened = rows.iter().find(|row| may && Some(row.id) == id("recipient")).cloned();
    let mut message = None;
    if let Some(id) = id("message")
        && let Some(mut found) = store::outbox::by_id(db, id).await?
    {
        mask(found.reach, &mut found.address);
        message = Some((found, store::outbox::attempts(db, id).await?));
    }
    let limit = i64::try_from(PAGE).unwrap_or(0) + 1;
    let mut messages = store::outbox::list(db, Filter::default(), before, limit).await?;
    messages.iter_mut().for_each(|message| mask(message.reach, &mut message.address));
    // The webhook whose new secret is shown once.
    let secret = tried.of("secret").done().and_then(|id| id.parse().ok());
    let secret = match secret.filter(|_| may) {
        Some(id) => notify.secret_of(id).await?,
        None => None,
    };
    let current = crate::saving::current(&engine).await?;
    let shown = view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        {["add", "change", "test", "message", "kinds"].map(|form| view! {
            <FormResult tried=tried.of(form)/>
        })}
        <Warnings sends_mail=notify.sends_mail() has_links=notify.has_links()/>
        {secret.map(|secret| view! { <Secret secret/> })}
        <div class="panels">
            {message.map(|(message, attempts)| view! { <OpenMessage message attempts may now/> })}
            {opened.map(|row| view! { <ChangeForm row now/> })}
            <Recipients rows may now/>
            {may.then(|| view! { <AddForm/> })}
            <KindsForm current may/>
            <Log messages further=before.is_some() now/>
        </div>
    };
    Ok(PageResult::Shown(shown.into_any()))
}

/// Warnings about missing configuration for mail and links.
#[component]
fn Warnings(sends_mail: bool, has_links: bool) -> impl IntoView {
    let mail = (!sends_mail).then(|| view! {
        <Notice kind=NoticeKind::Warning>
            "No mail server is set up, so mails are not sent: they can be read in the delivery log below. Set "
            <code>"smtp_url"</code> " to send them."
        </Notice>
    });
    let links = (!has_links).then(|| {
        view! {
            <Notice kind=NoticeKind::Warning>
                "Messages carry no links, because " <code>"public_url"</code> " is not set."
            </Notice>
        }
    });
    view! { {mail} {links} }
}

#[component]
fn Secret(secret: SigningSecret) -> impl IntoView {
    let secret = secret.reveal();
    view! {
        <Notice kind=NoticeKind::Done>
            "The webhook's signing secret, shown only once. The receiver verifies messages with it:"
            <span class="with-copy secret"><code>{secret.clone()}</code><Copy value=secret/></span>
        </Notice>
    }
}
