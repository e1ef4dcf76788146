//! Console accounts, and the set-up links for the first one.

use crate::Result;
use crate::parsed::{parsed, read_all, read_one};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::roles::Role;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Stable key; the address can change hands, this cannot.
    pub id: Uuid,
    /// E-mail address, in lower case.
    pub email: String,
    /// Decides which doors are open.
    pub role: Role,
    /// Argon2id hash of the password, as a PHC string.
    pub password: String,
    /// Sessions of another epoch have ended.
    pub epoch: i32,
    /// Since when it may not sign in, if disabled.
    pub disabled: Option<DateTime<Utc>>,
    /// Time of creation.
    pub created: DateTime<Utc>,
    /// Time of the last sign-in, if any.
    pub signed_in: Option<DateTime<Utc>>,
    /// IANA name of the time zone it sees times in.
    pub zone: String,
}

pub(crate) fn read(row: &PgRow) -> Result<Row> {
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

/// Adds an account; `false` if its address is taken.
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

/// The account with an address, if any.
pub async fn by_email(db: impl PgExecutor<'_>, email: &str) -> Result<Option<Row>> {
    let sql = "select * from account where email = $1";
    read_one(db, sqlx::query(sql).bind(email), read).await
}

/// The account with an id, if any.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Row>> {
    read_one(db, sqlx::query("select * from account where id = $1").bind(id), read).await
}

/// All accounts, ordered by address.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Row>> {
    read_all(db, sqlx::query("select * from account order by email"), read).await
}

/// Whether there is any account.
pub async fn any(db: impl PgExecutor<'_>) -> Result<bool> {
    Ok(sqlx::query_scalar("select exists (select from account)").fetch_one(db).await?)
}

/// Locks the table until the transaction ends, so that no other one adds an account.
pub async fn hold(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("lock table account in share row exclusive mode").execute(conn).await?;
    Ok(())
}

/// Stores the time of a sign-in.
pub async fn signed_in(write: &mut Write, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let sql = "update account set signed_in = $2 where id = $1";
    sqlx::query(sql).bind(id).bind(now).execute(write.conn()).await?;
    Ok(())
}

/// Changes the password and ends the sessions if the stored hash is still `old`; the new epoch, or
/// none if the password was changed in the meantime.
pub async fn set_password(
    write: &mut Write,
    id: Uuid,
    old: &str,
    new: &str,
) -> Result<Option<i32>> {
    let sql = "update account set password = $3, epoch = epoch + 1 where id = $1 and password = $2
         returning epoch";
    Ok(sqlx::query_scalar(sql).bind(id).bind(old).bind(new).fetch_optional(write.conn()).await?)
}

/// Changes the role and ends the sessions; `false` if there is no such account.
pub async fn set_role(write: &mut Write, id: Uuid, role: Role) -> Result<bool> {
    let sql = "update account set role = $2, epoch = epoch + 1 where id = $1";
    let done = sqlx::query(sql).bind(id).bind(role.as_str()).execute(write.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Disables an account since a time, or enables it again, and ends its sessions; `false` if there
/// is no such account.
pub async fn set_disabled(
    write: &mut Write,
    id: Uuid,
    since: Option<DateTime<Utc>>,
) -> Result<bool> {
    let sql = "update account set disabled = $2, epoch = epoch + 1 where id = $1";
    let done = sqlx::query(sql).bind(id).bind(since).execute(write.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Changes the time zone; `false` if there is no such account.
pub async fn set_zone(db: impl PgExecutor<'_>, id: Uuid, zone: &str) -> Result<bool> {
    let sql = "update account set zone = $2 where id = $1";
    let done = sqlx::query(sql).bind(id).bind(zone).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an account's sessions; `false` if there is no such account.
pub async fn end_sessions(write: &mut Write, id: Uuid) -> Result<bool> {
    let sql = "update account set epoch = epoch + 1 where id = $1";
    let done = sqlx::query(sql).bind(id).execute(write.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Number of admins that are not disabled.
pub async fn admins(db: impl PgExecutor<'_>) -> Result<i64> {
    let sql = "select count(*) from account where role = 'admin' and disabled is null";
    Ok(sqlx::query_scalar(sql).fetch_one(db).await?)
}

/// Stores a set-up link's hash, and deletes expired ones.
pub async fn add_link(
    conn: &mut PgConnection,
    hash: &[u8],
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from set_up where expires <= $1").bind(now).execute(&mut *conn).await?;
    let sql = "insert into set_up (hash, expires) values ($1, $2)";
    sqlx::query(sql).bind(hash).bind(expires).execute(conn).await?;
    Ok(())
}

/// Whether a set-up link may be used: known, not expired, and no account exists.
pub async fn link_lives(db: impl PgExecutor<'_>, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let sql = "select exists (select from set_up where hash = $1 and expires > $2)
            and not exists (select from account)";
    Ok(sqlx::query_scalar(sql).bind(hash).bind(now).fetch_one(db).await?)
}

/// Changes the password, whatever the present one is, and ends the sessions.
pub async fn replace_password(write: &mut Write, id: Uuid, new: &str) -> Result<()> {
    let sql = "update account set password = $2, epoch = epoch + 1 where id = $1";
    sqlx::query(sql).bind(id).bind(new).execute(write.conn()).await?;
    Ok(())
}

/// Deletes every set-up link.
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
