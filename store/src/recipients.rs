//! Recipients of alerts.

use crate::Result;
use crate::parsed::{parsed, parsed_all, read_all, read_one};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::notify::{AlertKind, Reach};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

/// Advisory lock for changes of recipients.
const CHANGES: i64 = 7_700_001;

/// A stored recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Id of the recipient.
    pub id: Uuid,
    /// E-mail or webhook.
    pub kind: Reach,
    /// E-mail address or URL.
    pub address: String,
    /// Kinds of alerts it gets.
    pub events: Vec<AlertKind>,
    /// Whether its alerts are suspended.
    pub paused: bool,
    /// Time of creation.
    pub created: DateTime<Utc>,
    /// Who added it, named as in the audit log.
    pub created_by: String,
    /// Signing secret of a webhook, sealed.
    pub secret: Option<Vec<u8>>,
    /// Previous signing secret, sealed.
    pub old_secret: Option<Vec<u8>>,
    /// Until when messages are also signed with the previous secret.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Whether it was sent a message that says who added it.
    pub greeted: bool,
    /// When it unsubscribed.
    pub stopped: Option<DateTime<Utc>>,
    /// When an operator removed it.
    pub removed: Option<DateTime<Utc>>,
    /// The account, for the row of an admin, which pages neither list nor change.
    pub account: Option<Uuid>,
}

fn read(row: &PgRow) -> Result<Row> {
    Ok(Row {
        id: row.try_get("id")?,
        kind: parsed("recipient", row.try_get("kind")?)?,
        address: row.try_get("address")?,
        events: parsed_all("recipient", &row.try_get::<Vec<_>, _>("events")?)?,
        paused: row.try_get("paused")?,
        created: row.try_get("created")?,
        created_by: row.try_get("created_by")?,
        secret: row.try_get("secret")?,
        old_secret: row.try_get("old_secret")?,
        old_secret_until: row.try_get("old_secret_until")?,
        greeted: row.try_get("greeted")?,
        stopped: row.try_get("stopped")?,
        removed: row.try_get("removed")?,
        account: row.try_get("account")?,
    })
}

/// Adds a recipient; `false` if there is one with that kind and address.
pub async fn insert(write: &mut Write, new: &Row) -> Result<bool> {
    let done = sqlx::query(
        "insert into recipient (id, kind, address, events, paused, created, created_by, secret)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (kind, address) where removed is null and account is null do nothing",
    )
    .bind(new.id)
    .bind(new.kind.as_str())
    .bind(&new.address)
    .bind(words(&new.events))
    .bind(new.paused)
    .bind(new.created)
    .bind(&new.created_by)
    .bind(&new.secret)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

fn words(events: &[AlertKind]) -> Vec<&'static str> {
    events.iter().map(|kind| kind.as_str()).collect()
}

/// Adds a row for every admin without one who can sign in, so that alerts reach them.
pub async fn of_admins(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let sql =
        "insert into recipient (id, kind, address, events, created, created_by, greeted, account)
         select gen_random_uuid(), 'email', email, '{}', $1, 'Tollwarden', true, id from account
         where role = 'admin' and disabled is null
             and not exists (select from recipient where recipient.account = account.id)
         order by id
         on conflict (account) do nothing";
    sqlx::query(sql).bind(now).execute(conn).await?;
    Ok(())
}

/// Recipients that are not removed, oldest first, without the rows of admins.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Row>> {
    let sql = "select * from recipient where removed is null and account is null
             order by created, address";
    read_all(db, sqlx::query(sql), read).await
}

/// Number of recipients that get alerts of a kind, without the rows of admins.
pub async fn count_of(db: impl PgExecutor<'_>, kind: AlertKind) -> Result<i64> {
    let sql =
        "select count(*) from recipient where removed is null and stopped is null and not paused
         and account is null and $1 = any(events)";
    Ok(sqlx::query_scalar(sql).bind(kind.as_str()).fetch_one(db).await?)
}

/// The recipient with an id, removed ones included.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Row>> {
    read_one(db, sqlx::query("select * from recipient where id = $1").bind(id), read).await
}

/// A recipient that is not removed, locked until the transaction ends. Changes of recipients
/// exclude each other, since each alerts the other recipients and might deadlock. Locking order
/// everywhere: recipient, windows, messages.
pub async fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Option<Row>> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(CHANGES).execute(&mut *conn).await?;
    // `no key`: does not block inserts of messages that refer to the row.
    let sql = "select * from recipient where id = $1 and removed is null for no key update";
    read_one(conn, sqlx::query(sql).bind(id), read).await
}

/// All recipients, removed ones included, locked as by [`lock`].
pub async fn lock_all(conn: &mut PgConnection) -> Result<Vec<Row>> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(CHANGES).execute(&mut *conn).await?;
    let sql = "select * from recipient order by id for no key update";
    read_all(conn, sqlx::query(sql), read).await
}

/// Stores a recipient's secrets after they were sealed again.
pub async fn reseal(conn: &mut PgConnection, row: &Row) -> Result<()> {
    let sql = "update recipient set secret = $2, old_secret = $3 where id = $1";
    sqlx::query(sql).bind(row.id).bind(&row.secret).bind(&row.old_secret).execute(conn).await?;
    Ok(())
}

/// Updates all columns of a recipient that can change.
pub async fn update(write: &mut Write, row: &Row, removed_by: Option<&str>) -> Result<()> {
    sqlx::query(
        "update recipient set events = $2, paused = $3, secret = $4, old_secret = $5,
            old_secret_until = $6, greeted = $7, stopped = $8, removed = $9, removed_by = $10
         where id = $1",
    )
    .bind(row.id)
    .bind(words(&row.events))
    .bind(row.paused)
    .bind(&row.secret)
    .bind(&row.old_secret)
    .bind(row.old_secret_until)
    .bind(row.greeted)
    .bind(row.stopped)
    .bind(row.removed)
    .bind(removed_by)
    .execute(write.conn())
    .await?;
    Ok(())
}

/// Records that a recipient was sent a message that says who added it.
pub async fn greeted(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    let sql = "update recipient set greeted = true where id = $1 and not greeted";
    sqlx::query(sql).bind(id).execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use sqlx::PgPool;
    use testkit::noon;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_recipient_is_kept_changed_and_removed(pool: PgPool) -> Result<()> {
        let mut row = Row {
            id: Uuid::from_u128(1),
            kind: Reach::Webhook,
            address: "https://hooks.example.com/".into(),
            events: AlertKind::ALL.to_vec(),
            paused: false,
            created: noon(),
            created_by: "a@example.com".into(),
            secret: Some(vec![1, 2]),
            old_secret: None,
            old_secret_until: None,
            greeted: false,
            stopped: None,
            removed: None,
            account: None,
        };
        let mut conn = pool.acquire().await?;
        assert!(written(&pool, async |write| insert(write, &row).await).await?);
        let second = Row { id: Uuid::from_u128(2), ..row.clone() };
        assert!(
            !written(&pool, async |write| insert(write, &second).await).await?,
            "two of one address"
        );
        assert_eq!(list(&pool).await?, [row.clone()]);
        assert_eq!(count_of(&pool, AlertKind::Block).await?, 1);
        greeted(&mut conn, row.id).await?;

        row.events = vec![AlertKind::Block];
        (row.paused, row.greeted, row.old_secret) = (true, true, Some(vec![3]));
        row.old_secret_until = Some(noon());
        written(&pool, async |write| update(write, &row, None).await).await?;
        assert_eq!(lock(&mut conn, row.id).await?, Some(row.clone()));
        assert_eq!(count_of(&pool, AlertKind::Block).await?, 0, "it is paused");

        row.removed = Some(noon());
        written(&pool, async |write| update(write, &row, Some("b@example.com")).await).await?;
        assert_eq!(lock(&mut conn, row.id).await?, None);
        assert_eq!(by_id(&pool, row.id).await?, Some(row));
        assert!(list(&pool).await?.is_empty());
        assert!(
            written(&pool, async |write| insert(write, &second).await).await?,
            "a removed one's address is free"
        );
        Ok(())
    }
}
