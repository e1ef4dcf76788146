//! The page `/notifications`.

use super::PATH;
use super::add_form::AddForm;
use super::change_form::ChangeForm;
use super::kinds_form::KindsForm;
use super::log::{Log, PAGE, read_cursor};
use super::message::OpenMessage;
use super::recipients::Recipients;
use crate::form::outcome;
use crate::ui::{Copy, Failed, Notice, NoticeKind, PageHead};
use crate::who;
use chrono::{DateTime, Utc};
use domain::notify::{Settings, SigningSecret, shown_address};
use domain::roles::Permission;
use engine::Engine;
use engine::settings::{self, Current};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use store::outbox::{Attempt, Cursor, Filter, Message};
use store::recipients::Row;
use uuid::Uuid;

const TITLE: &str = "Notifications";
const LINE: &str = "Who is told of fraud reports, blocks and trouble, and what was sent to them.";

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
    let id = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let (may, admin) = (who::may(Permission::Guard), who::may(Permission::SetUp));
    let secret = outcome("secret").done().and_then(|id| id.parse().ok()).filter(|_| may);
    let before = query.get("before").and_then(|text| read_cursor(&text));
    let asked =
        Asked { recipient: id("recipient"), message: id("message"), before, secret, may, admin };
    let engine = use_context::<Engine>();
    view! {
        <PageHead title=TITLE line=LINE/>
        <Done/>
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                let Some(engine) = engine else { return lost("the engine is not running") };
                match find(&engine, &asked).await {
                    Ok(found) => shown(&engine, &asked, found),
                    Err(error) => lost(&error.to_string()),
                }
            })}
        </Suspense>
    }
}

/// What the last form did.
#[component]
fn Done() -> impl IntoView {
    ["add", "change", "test", "message", "kinds"].map(|form| {
        let done = outcome(form).done().map(str::to_owned);
        done.map(|done| view! { <Notice kind=NoticeKind::Done>{done}</Notice> })
    })
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
    let mut conn = db.acquire().await?;
    let kinds = settings::load::<Settings>(&mut conn).await?;
    Ok(Found { rows, opened, message, messages, secret, kinds })
}

fn shown(engine: &Engine, asked: &Asked, found: Found) -> AnyView {
    let now: DateTime<Utc> = engine.clock().now();
    let may = asked.may;
    let further = asked.before.is_some();
    view! {
        <Warnings sends_mail=engine.notify.sends_mail() has_links=engine.notify.has_links()/>
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

fn lost(error: &str) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "notifications could not be read");
    view! { <Failed what="Notifications could not be read." reference retry=PATH/> }.into_any()
}
