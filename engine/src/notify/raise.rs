//! Alerts become messages, in the transaction of what they tell of.

use chrono::{DateTime, Utc};
use domain::notify::{Alert, Fold, Window};
use sqlx::PgConnection;
use store::outbox::New;
use uuid::Uuid;

/// Writes an alert's messages for every recipient that wants it, in the caller's transaction: if
/// that is rolled back, nothing was raised. Of one kind the first leaves at once; those within the
/// following minute leave together at its end.
///
/// Locks each recipient's minute of this kind until the transaction ends, so call it late in the
/// transaction, for several kinds in the order of [`domain::notify::AlertKind`], and for a batch
/// once, with its count and users. A commit wakes nobody: whoever can call
/// [`super::Notifier::wake`] afterwards saves the worker's fifth of a second.
///
/// # Errors
/// When the store refuses; then the transaction is lost.
pub async fn raise(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    alert: &Alert,
) -> store::Result<()> {
    raise_to(conn, now, alert, Audience::default()).await
}

/// Whom an alert is for, besides the recipients of its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audience {
    /// A recipient that is not told: it is what the alert is about.
    pub except: Option<Uuid>,
    /// Whether every admin's account is told.
    pub admins: bool,
}

/// The same, for more or for fewer than the recipients of its kind.
///
/// # Errors
/// When the store refuses; then the transaction is lost.
pub async fn raise_to(
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
            Fold::First { ends } => messages.push(first(recipient, now, ends)),
            Fold::Gather { due } => {
                let id = store::random::uuid();
                let window = Window { ends: due, gathers: Some(id) };
                messages.push(New { id, recipient, due, window });
            }
            Fold::Append(message) => gathering.push((recipient, message)),
        }
    }
    if !gathering.is_empty() {
        let ids: Vec<_> = gathering.iter().map(|(_, message)| *message).collect();
        let took = store::outbox::append(conn, &ids, &alert).await?;
        // A worker whose clock is ahead of ours has it already: another minute begins.
        let gone = gathering.into_iter().filter(|(_, message)| !took.contains(message));
        let Fold::First { ends } = Window::over(now).fold(now) else { return Ok(()) };
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
