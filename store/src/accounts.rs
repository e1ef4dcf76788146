//! Accounts, and the links that make the first one.

use crate::Result;
use crate::parsed::parsed;
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::roles::Role;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

/// An account as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// Its e-mail address, lower case.
    pub email: String,
    /// Its role.
    pub role: Role,
    /// Its password's argon2id hash, as a PHC string.
    pub password: String,
    /// Sessions begun under another epoch are over.
    pub epoch: i32,
    /// Since when it may not sign in.
    pub disabled: Option<DateTime<Utc>>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it last signed in.
    pub signed_in: Option<DateTime<Utc>>,
    /// The time zone it sees times in, an IANA name.
    pub zone: String,
}

pub(crate) fn read(row: PgRow) -> Result<Row> {
    Ok(Row {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: parsed("account", row.try_get("role")?)?,
        password: row.try_get("password")?,
        epoch: row.try_get("epoch")?,
        disabled: row.try_get("disabled")?,
        created: row.try_get("created")?,
        signed_in: row.try_get("signed_in")?,
        zone: row.try_get("zone")?,
    })
}

/// Adds an account; `false` when its address is taken.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    write: &mut Write,
    id: Uuid,
    email: &str,
    role: Role,
    password: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = sqlx::query(
        "insert into account (id, email, role, password, created) values ($1, $2, $3, $4, $5)
         on conflict (email) do nothing",
    )
    .bind(id)
    .bind(email)
    .bind(role.as_str())
    .bind(password)
    .bind(now)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The account of an address.
///
/// # Errors
/// When the database refuses, or holds what it should not.
pub async fn by_email(db: impl PgExecutor<'_>, email: &str) -> Result<Option<Row>> {
    let row = sqlx::query("select * from account where email = $1")
        .bind(email)
        .fetch_optional(db)
        .await?;
    row.map(read).transpose()
}

/// The account of an id.
///
/// # Errors
/// When the database refuses, or holds what it should not.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Row>> {
    let row =
        sqlx::query("select * from account where id = $1").bind(id).fetch_optional(db).await?;
    row.map(read).transpose()
}

/// Every account, by address.
///
/// # Errors
/// When the database refuses, or holds what it should not.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Row>> {
    let rows = sqlx::query("select * from account order by email").fetch_all(db).await?;
    rows.into_iter().map(read).collect()
}

/// Whether there is any account.
///
/// # Errors
/// When the database refuses.
pub async fn any(db: impl PgExecutor<'_>) -> Result<bool> {
    Ok(sqlx::query_scalar("select exists (select from account)").fetch_one(db).await?)
}

/// Until this transaction ends, nobody else adds an account.
///
/// # Errors
/// When the database refuses.
pub async fn hold(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("lock table account in share row exclusive mode").execute(conn).await?;
    Ok(())
}

/// Notes a sign-in.
///
/// # Errors
/// When the database refuses.
pub async fn signed_in(write: &mut Write, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query("update account set signed_in = $2 where id = $1")
        .bind(id)
        .bind(now)
        .execute(write.conn())
        .await?;
    Ok(())
}

/// Gives an account another password, ending its sessions, if the present one is still `old`;
/// the new epoch, or nothing when the password was changed meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn set_password(
    write: &mut Write,
    id: Uuid,
    old: &str,
    new: &str,
) -> Result<Option<i32>> {
    Ok(sqlx::query_scalar(
        "update account set password = $3, epoch = epoch + 1 where id = $1 and password = $2
         returning epoch",
    )
    .bind(id)
    .bind(old)
    .bind(new)
    .fetch_optional(write.conn())
    .await?)
}

/// Gives an account another role, ending its sessions; `false` without such an account.
///
/// # Errors
/// When the database refuses.
pub async fn set_role(write: &mut Write, id: Uuid, role: Role) -> Result<bool> {
    let done = sqlx::query("update account set role = $2, epoch = epoch + 1 where id = $1")
        .bind(id)
        .bind(role.as_str())
        .execute(write.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Shuts an account out since a time, or lets it in again; either way its sessions end. `false`
/// without such an account.
///
/// # Errors
/// When the database refuses.
pub async fn set_disabled(
    write: &mut Write,
    id: Uuid,
    since: Option<DateTime<Utc>>,
) -> Result<bool> {
    let done = sqlx::query("update account set disabled = $2, epoch = epoch + 1 where id = $1")
        .bind(id)
        .bind(since)
        .execute(write.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives an account another time zone; `false` without such an account.
///
/// # Errors
/// When the database refuses.
pub async fn set_zone(db: impl PgExecutor<'_>, id: Uuid, zone: &str) -> Result<bool> {
    let done = sqlx::query("update account set zone = $2 where id = $1")
        .bind(id)
        .bind(zone)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an account's sessions; `false` without such an account.
///
/// # Errors
/// When the database refuses.
pub async fn end_sessions(write: &mut Write, id: Uuid) -> Result<bool> {
    let done = sqlx::query("update account set epoch = epoch + 1 where id = $1")
        .bind(id)
        .execute(write.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// How many admins can sign in.
///
/// # Errors
/// When the database refuses.
pub async fn admins(db: impl PgExecutor<'_>) -> Result<i64> {
    Ok(sqlx::query_scalar("select count(*) from account where role = 'admin' and disabled is null")
        .fetch_one(db)
        .await?)
}

/// Keeps a set-up link's hash, and drops those that are over.
///
/// # Errors
/// When the database refuses.
pub async fn add_link(
    conn: &mut PgConnection,
    hash: &[u8],
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from set_up where expires <= $1").bind(now).execute(&mut *conn).await?;
    sqlx::query("insert into set_up (hash, expires) values ($1, $2)")
        .bind(hash)
        .bind(expires)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether a set-up link may be used: known, not over, and there is no account.
///
/// # Errors
/// When the database refuses.
pub async fn link_lives(db: impl PgExecutor<'_>, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "select exists (select from set_up where hash = $1 and expires > $2)
            and not exists (select from account)",
    )
    .bind(hash)
    .bind(now)
    .fetch_one(db)
    .await?)
}

/// Gives an account another password whatever the present one is, ending its sessions.
///
/// # Errors
/// When the database refuses.
pub async fn replace_password(write: &mut Write, id: Uuid, new: &str) -> Result<()> {
    sqlx::query("update account set password = $2, epoch = epoch + 1 where id = $1")
        .bind(id)
        .bind(new)
        .execute(write.conn())
        .await?;
    Ok(())
}

/// Drops every set-up link.
///
/// # Errors
/// When the database refuses.
pub async fn drop_links(write: &mut Write) -> Result<()> {
    sqlx::query("delete from set_up").execute(write.conn()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use chrono::TimeDelta;
    use sqlx::PgPool;
    use testkit::noon;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn an_account_is_kept_and_changed(pool: PgPool) -> Result<()> {
        let id = Uuid::from_u128(1);
        assert!(!any(&pool).await?);
        assert!(
            written(&pool, async |write| insert(
                write,
                id,
                "a@example.com",
                Role::Admin,
                "one",
                noon()
            )
            .await)
            .await?
        );
        assert!(
            !written(&pool, async |write| insert(
                write,
                Uuid::from_u128(2),
                "a@example.com",
                Role::Auditor,
                "x",
                noon()
            )
            .await)
            .await?
        );
        assert!(any(&pool).await?);

        assert_eq!(
            written(&pool, async |write| set_password(write, id, "wrong", "two").await).await?,
            None
        );
        assert_eq!(
            written(&pool, async |write| set_password(write, id, "one", "two").await).await?,
            Some(1)
        );
        assert_eq!(admins(&pool).await?, 1);
        assert!(written(&pool, async |write| set_role(write, id, Role::SecurityLead).await).await?);
        assert!(written(&pool, async |write| set_disabled(write, id, Some(noon())).await).await?);
        assert!(!written(&pool, async |write| set_disabled(write, Uuid::nil(), None).await).await?);
        assert!(
            !written(&pool, async |write| set_role(write, Uuid::nil(), Role::Admin).await).await?
        );
        assert!(written(&pool, async |write| end_sessions(write, id).await).await?);
        assert!(!written(&pool, async |write| end_sessions(write, Uuid::nil()).await).await?);
        written(&pool, async |write| signed_in(write, id, noon()).await).await?;
        assert!(set_zone(&pool, id, "Asia/Kathmandu").await?);
        assert!(!set_zone(&pool, Uuid::nil(), "UTC").await?);

        let row = by_email(&pool, "a@example.com").await?.unwrap();
        assert_eq!(
            row,
            Row {
                id,
                email: "a@example.com".into(),
                role: Role::SecurityLead,
                password: "two".into(),
                epoch: 4,
                disabled: Some(noon()),
                created: noon(),
                signed_in: Some(noon()),
                zone: "Asia/Kathmandu".into(),
            }
        );
        assert_eq!(by_id(&pool, id).await?.as_ref(), Some(&row));
        assert_eq!(list(&pool).await?, [row]);
        assert_eq!(admins(&pool).await?, 0);
        assert_eq!(by_email(&pool, "b@example.com").await?, None);
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_link_lives_until_its_time_or_an_account(pool: PgPool) -> Result<()> {
        let later = noon() + TimeDelta::hours(1);
        let mut conn = pool.acquire().await?;
        add_link(&mut conn, b"old", noon(), noon() - TimeDelta::hours(1)).await?;
        add_link(&mut conn, b"link", later, noon()).await?;
        assert!(link_lives(&pool, b"link", noon()).await?);
        assert!(!link_lives(&pool, b"link", later).await?);
        assert!(!link_lives(&pool, b"old", noon()).await?);
        assert!(!link_lives(&pool, b"other", noon()).await?);

        written(&pool, async |write| {
            hold(write.conn()).await?;
            insert(write, Uuid::nil(), "a@example.com", Role::Admin, "x", noon()).await
        })
        .await?;
        assert!(!link_lives(&pool, b"link", noon()).await?);
        written(&pool, async |write| drop_links(write).await).await?;
        assert_eq!(
            sqlx::query_scalar::<_, i64>("select count(*) from set_up").fetch_one(&pool).await?,
            0
        );
        Ok(())
    }
}
