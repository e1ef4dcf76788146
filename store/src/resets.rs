//! Links to choose a new password.

use crate::parsed::read_one;
use crate::write::Write;
use crate::{Result, accounts};
use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

/// Stores a link's hash in place of the account's earlier links, and deletes expired ones. The link
/// is bound to the account's present epoch.
pub async fn add(
    write: &mut Write,
    hash: &[u8],
    account: Uuid,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "delete from reset_link where expires <= $1 or account = $2";
    sqlx::query(sql).bind(now).bind(account).execute(write.conn()).await?;
    let sql = "insert into reset_link (hash, account, epoch, expires)
         select $1, id, epoch, $3 from account where id = $2";
    sqlx::query(sql).bind(hash).bind(account).bind(expires).execute(write.conn()).await?;
    Ok(())
}

/// The account of a link that may be used: not expired, and the account neither changed since nor
/// disabled.
pub async fn account_of(
    db: impl PgExecutor<'_>,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<accounts::Row>> {
    let sql = "select account.* from reset_link join account on account.id = reset_link.account
         where hash = $1 and expires > $2 and account.epoch = reset_link.epoch
             and account.disabled is null";
    read_one(db, sqlx::query(sql).bind(hash).bind(now), accounts::read).await
}

/// Deletes an account's links.
pub async fn drop_of(write: &mut Write, account: Uuid) -> Result<()> {
    let sql = "delete from reset_link where account = $1";
    sqlx::query(sql).bind(account).execute(write.conn()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use chrono::TimeDelta;
    use domain::roles::Role;
    use sqlx::PgPool;
    use testkit::noon;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_link_lives_as_long_as_its_account_stays_as_it_is(pool: PgPool) -> Result<()> {
        let (id, later) = (Uuid::from_u128(1), noon() + TimeDelta::hours(1));
        written(&pool, async |write| {
            accounts::insert(write, id, "a@example.com", Role::Admin, "x", noon()).await
        })
        .await?;
        let lives = async |hash: &[u8], now| -> Result<bool> {
            Ok(account_of(&pool, hash, now).await?.is_some_and(|row| row.id == id))
        };
        written(&pool, async |write| add(write, b"one", id, later, noon()).await).await?;
        assert!(lives(b"one", noon()).await? && !lives(b"other", noon()).await?);
        assert!(!lives(b"one", later).await?, "over");
        written(&pool, async |write| add(write, b"two", id, later, noon()).await).await?;
        assert!(!lives(b"one", noon()).await? && lives(b"two", noon()).await?, "the newer holds");
        written(&pool, async |write| accounts::replace_password(write, id, "y").await).await?;
        assert!(!lives(b"two", noon()).await?, "another password");
        written(&pool, async |write| add(write, b"three", id, later, noon()).await).await?;
        assert!(lives(b"three", noon()).await?);
        written(&pool, async |write| drop_of(write, id).await).await?;
        assert!(!lives(b"three", noon()).await?);
        Ok(())
    }
}
