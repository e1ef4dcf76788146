//! The page `/notifications`.

use super::add_form::AddForm;
use super::change_form::ChangeForm;
use super::kinds_form::KindsForm;
use super::log::{Log, PAGE, read_cursor};
use super::message::OpenMessage;
use super::recipients::Recipients;
use crate::page::{Failure, Head, Turn, Visit, page};
use crate::ui::{Copy, Notice, NoticeKind, PageHead, Told};
use domain::notify::{Settings, SigningSecret, shown_address};
use engine::Engine;
use engine::settings::Current;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use store::outbox::{Attempt, Cursor, Filter, Message};
use store::recipients::Row;
use uuid::Uuid;

const HEAD: Head = Head {
    title: "Notifications",
    line: "Who is told of fraud reports, blocks and trouble, and what was sent to them.",
    failed: "Notifications could not be read.",
};

/// What the URL and the last form ask for.
struct Asked {
    recipient: Option<Uuid>,
    message: Option<Uuid>,
    before: Option<Cursor>,
    /// The webhook whose new secret is shown, this once.
    secret: Option<Uuid>,
    may: bool,
    /// Whether webhooks' whole addresses are shown.
    admin: bool,
}

/// What the page shows.
struct Found {
    rows: Vec<Row>,
    opened: Option<Row>,
    message: Option<(Message, Vec<Attempt>)>,
    messages: Vec<Message>,
    secret: Option<SigningSecret>,
    kinds: Current<Settings>,
}

/// Recipients and the delivery log.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    page(HEAD, move |visit| load(visit, query))
}

async fn load(visit: Visit, query: ParamsMap) -> Result<Turn, Failure> {
    let id = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let secret = visit.tried.of("secret").done().and_then(|id| id.parse().ok());
    let asked = Asked {
        recipient: id("recipient"),
        message: id("message"),
        before: query.get("before").and_then(|text| read_cursor(&text)),
        secret: secret.filter(|_| visit.guards),
        may: visit.guards,
        admin: visit.sets_up,
    };
    let found = find(&visit.engine, &asked).await?;
    Ok(Turn::Shown(shown(&visit, &asked, found)))
}

async fn find(engine: &Engine, asked: &Asked) -> Result<Found, store::Error> {
    let db = engine.db.read();
    let mut rows = store::recipients::list(db).await?;
    let shown = |reach, address: &mut String| {
        *address = shown_address(reach, address, asked.admin);
    };
    rows.iter_mut().for_each(|row| shown(row.kind, &mut row.address));
    let opened = rows.iter().find(|row| asked.may && Some(row.id) == asked.recipient).cloned();
    let message = match asked.message {
        None => None,
        Some(id) => match store::outbox::by_id(db, id).await? {
            None => None,
            Some(mut message) => {
                shown(message.reach, &mut message.address);
                Some((message, store::outbox::attempts(db, id).await?))
            }
        },
    };
    let limit = i64::try_from(PAGE).unwrap_or(0) + 1;
    let mut messages = store::outbox::list(db, Filter::default(), asked.before, limit).await?;
    messages.iter_mut().for_each(|message| shown(message.reach, &mut message.address));
    let secret = match asked.secret {
        None => None,
        Some(id) => engine.notify.secret_of(id).await?,
    };
    let kinds = crate::saving::current(engine).await?;
    Ok(Found { rows, opened, message, messages, secret, kinds })
}

fn shown(visit: &Visit, asked: &Asked, found: Found) -> AnyView {
    let (notify, now) = (&visit.engine.notify, visit.now);
    let may = asked.may;
    let further = asked.before.is_some();
    view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        {["add", "change", "test", "message", "kinds"].map(|form| view! {
            <Told tried=visit.tried.of(form)/>
        })}
        <Warnings sends_mail=notify.sends_mail() has_links=notify.has_links()/>
        {found.secret.map(|secret| view! { <Secret secret/> })}
        <div class="panels">
            {found.message.map(|(message, attempts)| view! { <OpenMessage message attempts may now/> })}
            {found.opened.map(|row| view! { <ChangeForm row now/> })}
            <Recipients rows=found.rows may now/>
            {may.then(|| view! { <AddForm/> })}
            <KindsForm current=found.kinds may/>
            <Log messages=found.messages further now/>
        </div>
    }
    .into_any()
}

/// What keeps mails from being sent, or from leading back here.
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

/// A webhook's secret, shown this once.
#[component]
fn Secret(secret: SigningSecret) -> impl IntoView {
    let secret = secret.reveal();
    view! {
        <Notice kind=NoticeKind::Done>
            "The webhook's signing secret, shown this once. The receiver checks messages with it:"
            <span class="with-copy secret"><code>{secret.clone()}</code><Copy value=secret/></span>
        </Notice>
    }
}
