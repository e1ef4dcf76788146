//! Adding accounts and changing what they may do. Every change is committed with its audit entry.

use super::{Account, password};
use crate::notify::people;
use chrono::{DateTime, Utc};
use domain::accounts::{EmailAddress, NewPassword};
use domain::audit::{Activity, By, Change};
use domain::roles::Role;
use domain::zone::Zone;
use domain::{Fault, Invalid};
use serde_json::json;
use store::accounts::Row;
use store::{Db, Write};
use uuid::Uuid;

/// Why an account was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The input is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// This account does not exist.
    #[error("there is no such account")]
    Missing,
    /// It is the last admin that can sign in.
    #[error("this is the last admin who can sign in; add another admin first")]
    LastAdmin,
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] password::Failed),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl AccountError {
    /// Whether the only reason is that too many passwords are being checked at the moment.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Password(password::Failed::Busy))
    }
}

/// Adds an account.
///
/// # Errors
/// [`AccountError::Invalid`] in fields `email` (not an address, or taken) and `password`; a failed
/// hash or store.
pub async fn add(
    db: &Db,
    by: &By,
    email: &str,
    role: Role,
    password: &str,
) -> Result<Account, AccountError> {
    let email = EmailAddress::parse(email)?;
    let password = NewPassword::parse(password, password, &email)?;
    let hash = password::hash(&password).await?;
    let (write, account) = insert(db, by, &email, role, &hash).await?;
    people::commit(write, added(&account)).await?;
    Ok(account)
}

/// Writes a new account's row, for the caller to commit.
pub(super) async fn insert(
    db: &Db,
    by: &By,
    email: &EmailAddress,
    role: Role,
    hash: &str,
) -> Result<(Write, Account), AccountError> {
    let id = store::random::uuid();
    let mut write = db.write(by).await?;
    let now = write.now();
    if !store::accounts::insert(&mut write, id, email.as_str(), role, hash, now).await? {
        let message = format!("There is an account for {email} already.");
        return Err(Invalid::one("email", Fault::Duplicate, message).into());
    }
    Ok((write, Account { id, email: email.to_string(), role, zone: Zone::utc() }))
}

/// The audit entry of a new account.
pub(super) fn added(account: &Account) -> Change {
    tracing::info!(account = %account.id, role = %account.role, "account added");
    Change::new(Activity::AccountAdded, &account.email).after(json!({ "role": account.role }))
}

/// Gives an account another role and ends its sessions at once. If it already has the role, nothing
/// changes.
///
/// # Errors
/// [`AccountError::Missing`], or [`AccountError::LastAdmin`] if no admin would be left.
pub async fn set_role(db: &Db, by: &By, id: Uuid, role: Role) -> Result<(), AccountError> {
    let (mut write, row) = hold(db, by, id).await?;
    if row.role == role {
        return Ok(());
    }
    store::accounts::set_role(&mut write, id, role).await?;
    admin_left(&mut write).await?;
    let change = Change::new(Activity::RoleChanged, row.email)
        .before(json!({ "role": row.role }))
        .after(json!({ "role": role }));
    people::commit(write, change).await?;
    tracing::info!(account = %id, %role, "role changed");
    Ok(())
}

/// Disables an account or enables it again, and ends its sessions at once.
///
/// # Errors
/// [`AccountError::Missing`], or [`AccountError::LastAdmin`] if no admin would be left.
pub async fn set_disabled(db: &Db, by: &By, id: Uuid, disabled: bool) -> Result<(), AccountError> {
    let (mut write, row) = hold(db, by, id).await?;
    if row.disabled.is_some() == disabled {
        return Ok(());
    }
    let since: Option<DateTime<Utc>> = disabled.then(|| write.now());
    store::accounts::set_disabled(&mut write, id, since).await?;
    admin_left(&mut write).await?;
    let activity = if disabled { Activity::AccountDisabled } else { Activity::AccountEnabled };
    people::commit(write, Change::new(activity, row.email)).await?;
    tracing::info!(account = %id, disabled, "account shut or opened");
    Ok(())
}

/// Ends every session of an account at once.
///
/// # Errors
/// [`AccountError::Missing`] if there is no such account.
pub async fn end_sessions(db: &Db, by: &By, id: Uuid) -> Result<(), AccountError> {
    let (mut write, row) = hold(db, by, id).await?;
    store::accounts::end_sessions(&mut write, id).await?;
    write.commit(Change::new(Activity::SessionsEnded, row.email)).await?;
    tracing::info!(account = %id, "sessions ended");
    Ok(())
}

/// Sets the time zone in which the holder of an account sees times, by its IANA name. It is personal
/// and not configuration, so it is not in the audit log.
///
/// # Errors
/// [`AccountError::Invalid`] in field `zone` if no zone has this name; [`AccountError::Missing`].
pub async fn set_zone(db: &Db, id: Uuid, name: &str) -> Result<Zone, AccountError> {
    let zone: Zone = name.parse().map_err(|allowed| {
        Invalid::one("zone", Fault::InvalidChoice, format!("The time zone {allowed}."))
    })?;
    let set = store::accounts::set_zone(db.facts(), id, zone.name()).await?;
    set.then_some(zone).ok_or(AccountError::Missing)
}

/// Begins a change to an account. Changes run one at a time: otherwise two admins who demote each
/// other at the same moment would both succeed.
pub(super) async fn hold(db: &Db, by: &By, id: Uuid) -> Result<(Write, Row), AccountError> {
    let mut write = db.write(by).await?;
    store::accounts::hold(write.conn()).await?;
    let row = store::accounts::by_id(write.conn(), id).await?.ok_or(AccountError::Missing)?;
    Ok((write, row))
}

async fn admin_left(write: &mut Write) -> Result<(), AccountError> {
    let admins = store::accounts::admins(write.conn()).await?;
    if admins == 0 { Err(AccountError::LastAdmin) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::zone_of;
    use super::*;
    use sqlx::PgPool;
    use store::Clock;

    fn me() -> By {
        By::command()
    }

    async fn activities(db: &Db) -> Vec<(String, String)> {
        let rows = store::audit::list(db.read(), &Default::default(), None, 100).await.unwrap();
        rows.into_iter().rev().map(|row| (row.entry.activity, row.entry.object)).collect()
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn an_address_has_one_account(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        add(&db, &me(), "a@example.com", Role::Admin, "correct horse").await.unwrap();
        let refused = add(&db, &me(), "A@example.com ", Role::Auditor, "correct horse").await;
        let Err(AccountError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!(invalid.of("email"), Some("There is an account for a@example.com already."));
        let refused = add(&db, &me(), "b@example.com", Role::Auditor, "short").await;
        assert!(matches!(refused, Err(AccountError::Invalid(_))));
        assert_eq!(activities(&db).await, [("Account added".into(), "a@example.com".into())]);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn the_last_admin_stays(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let mine = me();
        let first = add(&db, &mine, "a@example.com", Role::Admin, "correct horse").await;
        let second = add(&db, &mine, "b@example.com", Role::Admin, "correct horse").await;
        let (first, second) = (first.unwrap().id, second.unwrap().id);
        let (one, two) = tokio::join!(
            set_role(&db, &mine, first, Role::Auditor),
            set_disabled(&db, &mine, second, true)
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert!(matches!(one.and(two), Err(AccountError::LastAdmin)));
        let missing = set_role(&db, &mine, Uuid::nil(), Role::Admin).await;
        assert!(matches!(missing, Err(AccountError::Missing)));
        assert_eq!(activities(&db).await.len(), 3, "a refused change has no entry");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn what_changes_nothing_ends_no_session_and_has_no_entry(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let id = add(&db, &me(), "a@example.com", Role::Admin, "correct horse").await.unwrap().id;
        set_role(&db, &me(), id, Role::Admin).await.unwrap();
        set_disabled(&db, &me(), id, false).await.unwrap();
        assert_eq!(activities(&db).await.len(), 1);
        end_sessions(&db, &me(), id).await.unwrap();
        let row = store::accounts::by_id(db.read(), id).await.unwrap().unwrap();
        assert_eq!(row.epoch, 1);
        assert_eq!(activities(&db).await[1], ("Sessions ended".into(), "a@example.com".into()));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_time_zone_is_kept_with_the_account(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let by = me();
        let account = add(&db, &by, "a@example.com", Role::Auditor, "correct horse battery");
        let id = account.await.unwrap().id;
        let zone = set_zone(&db, id, "europe/berlin").await.unwrap();
        let row = store::accounts::by_id(db.read(), id).await.unwrap().unwrap();
        assert_eq!((row.zone.as_str(), zone_of(&row.zone), row.epoch), ("Europe/Berlin", zone, 0));

        let Err(AccountError::Invalid(invalid)) = set_zone(&db, id, "Mars/Olympus").await else {
            panic!("taken")
        };
        assert!(invalid.of("zone").unwrap().contains("Europe/Berlin"));
        assert!(matches!(set_zone(&db, Uuid::nil(), "UTC").await, Err(AccountError::Missing)));
        assert_eq!(zone_of("Mars/Olympus"), Zone::utc());
    }
}
