//! Adding accounts and changing what they may do.

use super::{Account, password};
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::accounts::{EmailAddress, NewPassword};
use domain::roles::Role;
use store::Db;
use uuid::Uuid;

/// Why an account was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// What was entered.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such account.
    #[error("there is no such account")]
    Missing,
    /// It is the last admin that can sign in.
    #[error("without this admin nobody could set Tollwarden up; make another admin first")]
    LastAdmin,
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] password::Failed),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl AccountError {
    /// Whether it is only that too many passwords are being checked at the moment.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Password(password::Failed::Busy))
    }
}

impl From<sqlx::Error> for AccountError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Adds an account.
///
/// # Errors
/// In fields `email` (no address, or taken) and `password`.
pub async fn add(
    db: &Db,
    email: &str,
    role: Role,
    password: &str,
) -> Result<Account, AccountError> {
    let email = EmailAddress::parse(email)?;
    let password = NewPassword::parse(password, password, &email)?;
    let hash = password::hash(&password).await?;
    let id = store::random::uuid();
    let now = db.clock.now();
    let added = store::accounts::insert(&db.pool, id, email.as_str(), role, &hash, now).await?;
    if !added {
        let message = format!("There is an account for {email} already.");
        return Err(Invalid::one("email", "email_taken", message).into());
    }
    tracing::info!(account = %id, %role, "account added");
    Ok(Account { id, email: email.to_string(), role })
}

/// Gives an account another role; its sessions end at once.
///
/// # Errors
/// [`AccountError::Missing`], or [`AccountError::LastAdmin`] when no admin would be left.
pub async fn set_role(db: &Db, id: Uuid, role: Role) -> Result<(), AccountError> {
    change(db, async |conn| store::accounts::set_role(conn, id, role).await).await?;
    tracing::info!(account = %id, %role, "role changed");
    Ok(())
}

/// Shuts an account out, or lets it in again; its sessions end at once.
///
/// # Errors
/// [`AccountError::Missing`], or [`AccountError::LastAdmin`] when no admin would be left.
pub async fn set_disabled(db: &Db, id: Uuid, disabled: bool) -> Result<(), AccountError> {
    let since: Option<DateTime<Utc>> = disabled.then(|| db.clock.now());
    change(db, async |conn| store::accounts::set_disabled(conn, id, since).await).await?;
    tracing::info!(account = %id, disabled, "account shut or opened");
    Ok(())
}

/// One change at a time, and only if an admin is left: two admins who demote each other at the
/// same moment would otherwise both succeed.
async fn change(
    db: &Db,
    with: impl AsyncFnOnce(&mut sqlx::PgConnection) -> store::Result<bool>,
) -> Result<(), AccountError> {
    let mut tx = db.pool.begin().await?;
    store::accounts::hold(&mut tx).await?;
    if !with(&mut tx).await? {
        return Err(AccountError::Missing);
    }
    if store::accounts::admins(&mut *tx).await? == 0 {
        return Err(AccountError::LastAdmin);
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;
    use store::Clock;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn an_address_has_one_account(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        add(&db, "a@example.com", Role::Admin, "correct horse").await.unwrap();
        let refused = add(&db, "A@example.com ", Role::Auditor, "correct horse").await;
        let Err(AccountError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!(invalid.of("email"), Some("There is an account for a@example.com already."));
        let refused = add(&db, "b@example.com", Role::Auditor, "short").await;
        assert!(matches!(refused, Err(AccountError::Invalid(_))));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn the_last_admin_stays(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let first = add(&db, "a@example.com", Role::Admin, "correct horse").await.unwrap().id;
        let second = add(&db, "b@example.com", Role::Admin, "correct horse").await.unwrap().id;
        let (one, two) =
            tokio::join!(set_role(&db, first, Role::Auditor), set_disabled(&db, second, true));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert!(matches!(one.and(two), Err(AccountError::LastAdmin)));
        let missing = set_role(&db, Uuid::nil(), Role::Admin).await;
        assert!(matches!(missing, Err(AccountError::Missing)));
    }
}
