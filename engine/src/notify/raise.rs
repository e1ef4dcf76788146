//! Turns alerts into messages, in the transaction that they report.

use chrono::{DateTime, Utc};
use domain::notify::{Alert, AlertKind, Grouping, Window};
use sqlx::PgConnection;
use store::outbox::New;
use uuid::Uuid;

/// Writes messages about an alert for every recipient that wants it, in the caller's transaction:
/// after a rollback there is no alert. The first message of a kind is sent at once; those within
/// the following minute are sent together at its end.
///
/// Locks each recipient's minute of this kind until the transaction ends. So call it late in the
/// transaction, for several kinds in the order of [`domain::notify::AlertKind`], and for a batch
/// once, with its count and users.
///
/// # Errors
/// If the store fails; then the transaction is lost.
pub async fn raise(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    alert: &Alert,
) -> store::Result<()> {
    raise_to(conn, now, alert, Audience::default()).await
}

/// One alert that names no user.
pub(crate) fn plain_alert(kind: AlertKind, line: String, path: impl Into<String>) -> Alert {
    Alert { kind, users: Vec::new(), count: 1, line, path: path.into() }
}

/// Who gets an alert besides the recipients of its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Audience {
    /// A recipient that is left out, because the alert is about it.
    pub(crate) except: Option<Uuid>,
    /// Whether every admin's account gets it.
    pub(crate) admins: bool,
}

/// Like [`raise`], for more or fewer than the recipients of its kind.
///
/// # Errors
/// If the store fails; then the transaction is lost.
pub(crate) async fn raise_to(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    alert: &Alert,
    Audience { except, admins }: Audience,
) -> store::Result<()> {
    let alert = alert.clean();
    if admins {
        store::recipients::of_admins(conn, now).await?;
    }
    let kind = alert.kind.as_str();
    let windows = store::outbox::windows(conn, kind, except, admins, now).await?;
    let mut messages = Vec::new();
    let mut gathering = Vec::new();
    for (recipient, window) in windows {
        match window.fold(now) {
            Grouping::First { ends } => messages.push(first(recipient, now, ends)),
            Grouping::Gather { due } => {
                let id = store::random::uuid();
                let window = Window { ends: due, gathers: Some(id) };
                messages.push(New { id, recipient, due, window });
            }
            Grouping::Append(message) => gathering.push((recipient, message)),
        }
    }
    if !gathering.is_empty() {
        let ids: Vec<_> = gathering.iter().map(|(_, message)| *message).collect();
        let took = store::outbox::append(conn, &ids, &alert).await?;
        // A worker whose clock is ahead has claimed it already: another minute begins.
        let gone = gathering.into_iter().filter(|(_, message)| !took.contains(message));
        let Grouping::First { ends } = Window::over(now).fold(now) else { return Ok(()) };
        messages.extend(gone.map(|(recipient, _)| first(recipient, now, ends)));
    }
    if messages.is_empty() {
        return Ok(());
    }
    store::outbox::put(conn, &alert, now, &messages).await
}

fn first(recipient: Uuid, now: DateTime<Utc>, ends: DateTime<Utc>) -> New {
    let window = Window { ends, gathers: None };
    New { id: store::random::uuid(), recipient, due: now, window }
}
