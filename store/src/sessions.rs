//! Sessions of the console, found by the SHA-256 of the cookie's value.

use crate::{Result, accounts};
use chrono::{DateTime, Utc};
use domain::roles::Role;
use serde_json::Value;
use sqlx::{PgExecutor, Row as _};
use uuid::Uuid;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Who is signed in.
    pub account: Option<Holder>,
    /// What pages keep in it.
    pub data: Value,
}

/// Whose session it is, as the account is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub id: Uuid,
    /// The epoch it signed in under, which is its present one.
    pub epoch: i32,
    /// Its address.
    pub email: String,
    /// Its role.
    pub role: Role,
    /// The time zone it sees times in, an IANA name.
    pub zone: String,
}

/// Sessions begun or last seen before these times are over.
#[derive(Debug, Clone, Copy)]
pub struct Cutoffs {
    /// For `created`.
    pub created: DateTime<Utc>,
    /// For `seen`, signed in.
    pub seen: DateTime<Utc>,
    /// For `seen`, before sign-in.
    pub seen_unknown: DateTime<Utc>,
}

/// Keeps a new session.
///
/// # Errors
/// When the database refuses, a second one with this id among it.
pub async fn create(
    db: impl PgExecutor<'_>,
    id: &[u8],
    account: Option<(Uuid, i32)>,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "insert into session (id, account, epoch, data, created, seen)
         values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(id)
    .bind(account.map(|(id, _)| id))
    .bind(account.map(|(_, epoch)| epoch))
    .bind(data)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes what a session holds. One that has ended meanwhile stays ended.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    db: impl PgExecutor<'_>,
    id: &[u8],
    account: Option<(Uuid, i32)>,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("update session set account = $2, epoch = $3, data = $4, seen = $5 where id = $1")
        .bind(id)
        .bind(account.map(|(id, _)| id))
        .bind(account.map(|(_, epoch)| epoch))
        .bind(data)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// A session and its account as they are now, in one round trip; nothing when it has ended: too
/// old, too long unused, or its account changed, was disabled or is gone. When it is `used`, notes
/// once a minute that it was seen; what a page asks by itself must not keep it alive.
///
/// # Errors
/// When the database refuses, or holds what it should not.
pub async fn load(
    db: impl PgExecutor<'_>,
    id: &[u8],
    cutoffs: Cutoffs,
    now: DateTime<Utc>,
    used: bool,
) -> Result<Option<Row>> {
    let row = sqlx::query(
        "with found as (
             select * from session
             where id = $1 and created > $2
                 and seen > case when account is null then $4 else $3 end
         ),
         touched as (
             update session set seen = $5
             where $6 and id = (select id from found where seen < $5 - interval '1 minute')
         )
         select found.data, found.account, found.epoch, account.email, account.role,
             account.zone
         from found left join account on account.id = found.account
         where found.account is null
             or (account.epoch = found.epoch and account.disabled is null)",
    )
    .bind(id)
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .bind(cutoffs.seen_unknown)
    .bind(now)
    .bind(used)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let account = match row.try_get::<Option<Uuid>, _>("account")? {
        Some(id) => Some(Holder {
            id,
            epoch: row.try_get("epoch")?,
            email: row.try_get("email")?,
            role: accounts::role(row.try_get("role")?)?,
            zone: row.try_get("zone")?,
        }),
        None => None,
    };
    Ok(Some(Row { account, data: row.try_get("data")? }))
}

/// Which of these sessions have not ended, by the same rules as [`load`], signed in alone. Notes
/// nothing.
///
/// # Errors
/// When the database refuses.
pub async fn living(
    db: impl PgExecutor<'_>,
    ids: &[Vec<u8>],
    cutoffs: Cutoffs,
) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar(
        "select session.id from session join account on account.id = session.account
         where session.id = any($1) and session.created > $2 and seen > $3
             and account.epoch = session.epoch and account.disabled is null",
    )
    .bind(ids)
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .fetch_all(db)
    .await?)
}

/// Ends a session.
///
/// # Errors
/// When the database refuses.
pub async fn delete(db: impl PgExecutor<'_>, id: &[u8]) -> Result<()> {
    sqlx::query("delete from session where id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Removes up to 1,000 sessions that are over; how many.
///
/// # Errors
/// When the database refuses.
pub async fn prune(db: impl PgExecutor<'_>, cutoffs: Cutoffs) -> Result<u64> {
    let done = sqlx::query(
        "delete from session where id in (
             select session.id from session left join account on account.id = session.account
             where session.created <= $1
                 or seen <= case when session.account is null then $3 else $2 end
                 or account.epoch <> session.epoch or account.disabled is not null
             limit 1000
         )",
    )
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .bind(cutoffs.seen_unknown)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone};
    use serde_json::json;
    use sqlx::PgPool;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
    }

    fn cutoffs(now: DateTime<Utc>) -> Cutoffs {
        Cutoffs {
            created: now - TimeDelta::days(7),
            seen: now - TimeDelta::hours(12),
            seen_unknown: now - TimeDelta::minutes(15),
        }
    }

    async fn account(pool: &PgPool) -> Result<Uuid> {
        let id = Uuid::from_u128(7);
        accounts::insert(pool, id, "a@example.com", Role::Auditor, "x", noon()).await?;
        Ok(id)
    }

    async fn at(pool: &PgPool, id: &[u8], now: DateTime<Utc>) -> Result<Option<Row>> {
        load(pool, id, cutoffs(now), now, true).await
    }

    async fn lives(pool: &PgPool, id: &[u8], now: DateTime<Utc>) -> Result<bool> {
        Ok(living(pool, &[b"other".to_vec(), id.to_vec()], cutoffs(now)).await? == [id])
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_session_says_who_holds_it(pool: PgPool) -> Result<()> {
        let id = account(&pool).await?;
        create(&pool, b"s", None, &json!({"a": 1}), noon()).await?;
        assert!(create(&pool, b"s", None, &json!({}), noon()).await.is_err());
        let row = at(&pool, b"s", noon()).await?.unwrap();
        assert_eq!(row, Row { account: None, data: json!({"a": 1}) });

        save(&pool, b"s", Some((id, 0)), &json!({}), noon()).await?;
        let holder = at(&pool, b"s", noon()).await?.unwrap().account.unwrap();
        assert_eq!((holder.email.as_str(), holder.role), ("a@example.com", Role::Auditor));

        delete(&pool, b"s").await?;
        save(&pool, b"s", Some((id, 0)), &json!({}), noon()).await?;
        assert_eq!(at(&pool, b"s", noon()).await?, None, "an ended session came back");
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn any_change_of_the_account_ends_it(pool: PgPool) -> Result<()> {
        let id = account(&pool).await?;
        for change in 0..3 {
            let epoch = accounts::by_id(&pool, id).await?.unwrap().epoch;
            create(&pool, &[change], Some((id, epoch)), &json!({}), noon()).await?;
            assert!(at(&pool, &[change], noon()).await?.is_some());
            assert!(lives(&pool, &[change], noon()).await?);
            match change {
                0 => drop(accounts::set_role(&pool, id, Role::Admin).await?),
                1 => drop(accounts::set_password(&pool, id, "x", "y").await?),
                _ => drop(accounts::set_disabled(&pool, id, Some(noon())).await?),
            }
            assert_eq!(at(&pool, &[change], noon()).await?, None, "change {change}");
            assert!(!lives(&pool, &[change], noon()).await?, "change {change}");
        }
        assert_eq!(prune(&pool, cutoffs(noon())).await?, 3);
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn what_a_page_asks_by_itself_does_not_keep_it_alive(pool: PgPool) -> Result<()> {
        let id = account(&pool).await?;
        create(&pool, b"left", Some((id, 0)), &json!({}), noon()).await?;
        for hour in 1..12 {
            let now = noon() + TimeDelta::hours(hour);
            assert!(load(&pool, b"left", cutoffs(now), now, false).await?.is_some(), "{hour}");
            assert!(lives(&pool, b"left", now).await?, "{hour}");
        }
        let now = noon() + TimeDelta::hours(12);
        assert!(!lives(&pool, b"left", now).await?);
        assert!(load(&pool, b"left", cutoffs(now), now, false).await?.is_none());
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn it_ends_when_unused_and_when_old(pool: PgPool) -> Result<()> {
        let id = account(&pool).await?;
        create(&pool, b"known", Some((id, 0)), &json!({}), noon()).await?;
        create(&pool, b"unknown", None, &json!({}), noon()).await?;
        let (minutes, hours) = (TimeDelta::minutes(15), TimeDelta::hours(12));
        assert!(at(&pool, b"unknown", noon() + minutes).await?.is_none());
        assert!(at(&pool, b"known", noon() + hours).await?.is_none());

        // Used every 11 hours, it lasts the 7 days and not longer.
        let mut now = noon();
        while now + TimeDelta::hours(11) < noon() + TimeDelta::days(7) {
            now += TimeDelta::hours(11);
            assert!(at(&pool, b"known", now).await?.is_some(), "{now}");
        }
        assert!(at(&pool, b"known", noon() + TimeDelta::days(7)).await?.is_none());
        assert_eq!(prune(&pool, cutoffs(noon() + minutes)).await?, 1);
        assert_eq!(prune(&pool, cutoffs(noon() + TimeDelta::days(8))).await?, 1);
        Ok(())
    }
}
