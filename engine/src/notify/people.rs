//! Alerts about people and programs that get access, and about exported data. They go to the
//! recipients of their kind and to every admin, in the transaction that they report. They name
//! accounts, keys and reports, and never contain a secret or a number.

use super::raise::{Audience, plain_alert, raise_to};
use domain::audit::{Activity, By, Change};
use domain::notify::{Alert, AlertKind};
use serde_json::Value;
use store::{Db, Write};

const ACCOUNTS: &str = "/settings?tab=accounts";
const KEYS: &str = "/settings?tab=keys";

/// Commits a change like [`Write::commit`], and raises its alert.
///
/// # Errors
/// If the store fails; then nothing was changed and no alert was raised.
pub async fn commit(write: Write, change: Change) -> store::Result<()> {
    commit_all(write, vec![change]).await
}

/// Commits several changes at once and raises their alerts.
///
/// # Errors
/// If the store fails; then nothing was changed and no alert was raised.
pub async fn commit_all(mut write: Write, changes: Vec<Change>) -> store::Result<()> {
    let alerts: Vec<_> = changes.iter().filter_map(|change| alert_of(write.by(), change)).collect();
    let now = write.now();
    for alert in alerts {
        raise_to(write.conn(), now, &alert, Audience { except: None, admins: true }).await?;
    }
    write.commit_all(changes).await
}

/// Raises an alert: somebody is guessing an account's password.
///
/// # Errors
/// If the store fails.
pub(crate) async fn tell_of_guessing(db: &Db, email: &str, wrong: u32) -> store::Result<()> {
    let line = format!("{wrong} wrong passwords were tried on {email} within an hour.");
    let path = "/audit?activity=Sign-in+refused";
    let alert = plain_alert(AlertKind::Guessing, line, path);
    let mut tx = db.begin().await?;
    raise_to(&mut tx, db.clock.now(), &alert, Audience { except: None, admins: true }).await?;
    tx.commit().await?;
    Ok(())
}

/// The alert for a change; most changes have none.
fn alert_of(by: &By, change: &Change) -> Option<Alert> {
    let (who, what) = (&by.actor, &change.object);
    let was = |name| word(change.before.as_ref(), name);
    let is = |name| word(change.after.as_ref(), name);
    let (kind, path, line) = match change.activity {
        Activity::AccountAdded => {
            let line = format!("{who} added the account {what}, role {}.", is("role"));
            (AlertKind::SetUpChange, ACCOUNTS, line)
        }
        Activity::RoleChanged => {
            let (was, is) = (was("role"), is("role"));
            let line = format!("{who} changed the role of {what} from {was} to {is}.");
            (AlertKind::SetUpChange, ACCOUNTS, line)
        }
        Activity::AccountDisabled => {
            (AlertKind::SetUpChange, ACCOUNTS, format!("{who} disabled the account {what}."))
        }
        Activity::AccountEnabled => {
            (AlertKind::SetUpChange, ACCOUNTS, format!("{who} enabled the account {what}."))
        }
        Activity::ResetLinkMade => {
            let line = format!("{who} created a link with which {what} chooses a new password.");
            (AlertKind::SetUpChange, ACCOUNTS, line)
        }
        Activity::PasswordReset => {
            let line = format!("A new password for {what} was set with a link.");
            (AlertKind::SetUpChange, ACCOUNTS, line)
        }
        Activity::KeyMade => {
            let line = format!("{who} created the API key {what}, scopes {}.", is("scopes"));
            (AlertKind::SetUpChange, KEYS, line)
        }
        Activity::KeyRevoked => {
            (AlertKind::SetUpChange, KEYS, format!("{who} revoked the API key {what}."))
        }
        Activity::NumberRevealed => {
            let line =
                format!("{who} had a full number shown. The audit log records which one and why.");
            (AlertKind::DataAccess, "/audit?activity=Number+revealed", line)
        }
        Activity::Exported => {
            let (rows, format) = (super::LARGE, is("format"));
            let line = format!("{who} exported more than {rows} rows: {what}, as {format}.");
            (AlertKind::DataAccess, "/audit?activity=Report+exported", line)
        }
        _ => return None,
    };
    Some(plain_alert(kind, line, path))
}

/// A member of an audit entry's document, in words.
fn word(value: Option<&Value>, name: &str) -> String {
    match value.and_then(|value| value.get(name)) {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{add, invite, reset, set_disabled, set_role};
    use crate::keys::{NewKey, create, revoke};
    use crate::notify::Notifier;
    use chrono::{DateTime, TimeDelta};
    use domain::keys::KeyName;
    use domain::notify::{NewRecipient, Reach};
    use domain::roles::{Role, Scope};
    use sqlx::PgPool;
    use store::Clock;

    async fn messages(pool: &PgPool) -> Vec<(String, String, String)> {
        sqlx::query_as(
            "select recipient.address, outbox.alert, payload ->> 'line'
             from outbox join recipient on recipient.id = outbox.recipient
             order by outbox.created, outbox.due, recipient.address",
        )
        .fetch_all(pool)
        .await
        .unwrap()
    }

    /// Each at a different hour, so that every alert is the first of its kind and is sent alone.
    fn at(pool: &PgPool, hour: i64) -> Db {
        let start = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        Db::new(pool.clone(), Clock::fixed(start + TimeDelta::hours(hour)))
    }

    const PASSWORD: &str = "correct horse battery";

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn every_admin_is_told_of_accounts_roles_keys_and_links(pool: PgPool) {
        let by = By::account("root@example.com", [192, 0, 2, 1].into());
        let add = async |hour, email, role| add(&at(&pool, hour), &by, email, role, PASSWORD).await;
        let ann = add(0, "ann@example.com", Role::Admin).await.unwrap().id;
        add(1, "off@example.com", Role::Admin).await.unwrap();
        let bob = add(2, "bob@example.com", Role::Auditor).await.unwrap().id;
        let off = store::accounts::by_email(&pool, "off@example.com").await.unwrap().unwrap().id;
        set_disabled(&at(&pool, 3), &by, off, true).await.unwrap();
        sqlx::query("delete from outbox").execute(&pool).await.unwrap();

        set_role(&at(&pool, 4), &by, bob, Role::SecurityLead).await.unwrap();
        set_disabled(&at(&pool, 5), &by, bob, true).await.unwrap();
        set_disabled(&at(&pool, 6), &by, bob, false).await.unwrap();
        let link = reset(&at(&pool, 7), &by, bob).await.unwrap();
        let (_, invited) =
            invite(&at(&pool, 8), &by, "new@example.com", Role::Auditor).await.unwrap();
        let scopes = vec![Scope::Read, Scope::Admin];
        let new = NewKey::new(KeyName::parse("gateway").unwrap(), scopes);
        let key = create(&at(&pool, 9), &By::command(), new).await.unwrap();
        assert!(revoke(&at(&pool, 10), &by, &key.id).await.unwrap());
        let told = messages(&pool).await;
        let lines: Vec<_> = told.iter().map(|(_, _, line)| &**line).collect();
        assert_eq!(
            lines,
            [
                "root@example.com changed the role of bob@example.com from auditor to security-lead.",
                "root@example.com disabled the account bob@example.com.",
                "root@example.com enabled the account bob@example.com.",
                "root@example.com created a link with which bob@example.com chooses a new password.",
                "root@example.com added the account new@example.com, role auditor.",
                "root@example.com created a link with which new@example.com chooses a new password.",
                "command line created the API key gateway, scopes read, admin.",
                "root@example.com revoked the API key gateway.",
            ]
        );
        assert!(
            told.iter().all(|(to, kind, _)| to == "ann@example.com" && kind == "set_up_change")
        );
        let whole = format!("{told:?}");
        for secret in [link.path(), invited.path(), key.reveal()] {
            assert!(!whole.contains(secret.rsplit(['/', '_']).next().unwrap()), "{whole}");
        }
        // A rolled-back change raises no alert.
        set_role(&at(&pool, 11), &by, ann, Role::Auditor).await.unwrap_err();
        assert_eq!(messages(&pool).await.len(), told.len());
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn an_admin_who_is_a_recipient_is_told_once_and_no_page_lists_its_row(pool: PgPool) {
        let by = By::command();
        add(&at(&pool, 0), &by, "ann@example.com", Role::Admin, PASSWORD).await.unwrap();
        let notifier = Notifier::new(at(&pool, 1));
        let new = |address: &str| NewRecipient {
            kind: Reach::Email,
            address: address.into(),
            events: None,
        };
        let (own, _) = notifier.add(&by, new("ann@example.com")).await.unwrap();
        sqlx::query("delete from outbox").execute(&pool).await.unwrap();
        tell_of_guessing(&at(&pool, 2), "bob@example.com", 10).await.unwrap();
        assert_eq!(messages(&pool).await.len(), 1);
        // The admin is still notified when it is removed.
        Notifier::new(at(&pool, 3)).remove(&by, own.id).await.unwrap();
        let told = messages(&pool).await;
        assert!(told[1].2.contains("removed the recipient ann@example.com"), "{told:?}");
        tell_of_guessing(&at(&pool, 4), "bob@example.com", 10).await.unwrap();
        assert_eq!(messages(&pool).await.len(), 3);
        assert_eq!(store::recipients::list(&pool).await.unwrap(), []);
        let hidden: uuid::Uuid =
            sqlx::query_scalar("select id from recipient where account is not null")
                .fetch_one(&pool)
                .await
                .unwrap();
        notifier.remove(&by, hidden).await.unwrap_err();
        notifier.add(&by, new("ann@example.com")).await.unwrap();
    }
}
