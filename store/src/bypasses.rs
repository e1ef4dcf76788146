//! Bypasses: users and numbers that the gate lets through once.

use crate::After;
use crate::Result;
use crate::blocks::{End, read_end};
use crate::parsed::{parsed, read_all, read_one};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, TIME_ENDS_BY, TIME_ENDS_WHY};
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use uuid::Uuid;

/// A stored bypass.
#[derive(Clone, PartialEq, Eq)]
pub struct Bypass {
    /// Id of the bypass.
    pub id: Uuid,
    /// User or number.
    pub kind: BlockKind,
    /// Target as shown, unmasked.
    pub value: String,
    /// Target, normalised.
    pub key: String,
    /// Start time.
    pub since: DateTime<Utc>,
    /// End time, unless it is used before.
    pub until: DateTime<Utc>,
    /// Its author, named as in the audit log.
    pub by: String,
    /// Reason given by the author.
    pub reason: String,
    /// When an allowed attempt used it.
    pub used: Option<DateTime<Utc>>,
    /// Recorded end without use; see [`Bypass::ended`] for bypasses whose time is over.
    pub end: Option<End>,
}

/// Masked, so that no log contains a whole number.
impl std::fmt::Debug for Bypass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, kind, since, until, used, end, .. } = self;
        let value = domain::blocks::value_text(*kind, &self.value, domain::workbook::Sight::Masked);
        write!(f, "bypass {id} of {kind} {value:?} from {since} until {until}, {used:?}, {end:?}")
    }
}

impl Bypass {
    /// Its end without use as of `now`.
    pub fn ended(&self, now: DateTime<Utc>) -> Option<End> {
        match &self.end {
            Some(end) => Some(end.clone()),
            None if self.used.is_none() && self.until <= now => Some(End::by_time(self.until)),
            None => None,
        }
    }

    /// Whether it can be used at `now`.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.end.is_none() && self.used.is_none() && now < self.until
    }
}

fn read(row: &PgRow) -> Result<Bypass> {
    Ok(Bypass {
        id: row.try_get("id")?,
        kind: parsed("bypass", row.try_get("kind")?)?,
        value: row.try_get("value")?,
        key: row.try_get("key")?,
        since: row.try_get("since")?,
        until: row.try_get("until")?,
        by: row.try_get("by")?,
        reason: row.try_get("reason")?,
        used: row.try_get("used")?,
        end: read_end(row)?,
    })
}

/// Adds a bypass; `false` if its target has one that can be used. An expired one is ended first, at
/// its end time.
pub async fn add(write: &mut Write, bypass: &Bypass, now: DateTime<Utc>) -> Result<bool> {
    sqlx::query(
        "update bypass set ended = until, ended_by = $4, end_reason = $5
         where kind = $1 and key = $2 and ended is null and used is null and until <= $3",
    )
    .bind(bypass.kind.as_str())
    .bind(&bypass.key)
    .bind(now)
    .bind(TIME_ENDS_BY)
    .bind(TIME_ENDS_WHY)
    .execute(write.conn())
    .await?;
    let done = sqlx::query(
        "insert into bypass (id, kind, value, key, since, until, by, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (kind, key) where ended is null and used is null do nothing",
    )
    .bind(bypass.id)
    .bind(bypass.kind.as_str())
    .bind(&bypass.value)
    .bind(&bypass.key)
    .bind(bypass.since)
    .bind(bypass.until)
    .bind(&bypass.by)
    .bind(&bypass.reason)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses a bypass for an allowed attempt; `false` if it cannot be used any more. Of concurrent
/// callers one succeeds; if its transaction rolls back, another does.
pub async fn use_one(db: impl PgExecutor<'_>, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    // Postgres checks the condition again after waiting for another transaction.
    let sql = "update bypass set used = $2
         where id = $1 and ended is null and used is null and until > $2";
    let done = sqlx::query(sql).bind(id).bind(now).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a bypass that can be used, and returns it; none if it cannot.
pub async fn end(write: &mut Write, id: Uuid, end: &End) -> Result<Option<Bypass>> {
    let query = sqlx::query(
        "update bypass set ended = $2, ended_by = $3, end_reason = $4
         where id = $1 and ended is null and used is null and until > $2
         returning *",
    )
    .bind(id)
    .bind(end.time)
    .bind(&end.by)
    .bind(&end.reason);
    read_one(write.conn(), query, read).await
}

/// Conditions of a page of bypasses; none means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Can be used (`true`) or not (`false`).
    pub live: Option<bool>,
    /// Normalised targets.
    pub keys: Option<Vec<String>>,
}

/// Bypasses that match, newest first, after a position if one is given.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Bypass>> {
    let sql = "select * from bypass
         where ($1::boolean is null or $1 = (ended is null and used is null and until > $3))
           and ($2::text[] is null or key = any($2))
           and ($4::timestamptz is null or since < $4 or since = $4 and id > $5)
         order by since desc, id limit $6";
    let query = sqlx::query(sql).bind(filter.live).bind(&filter.keys).bind(now);
    read_all(db, After::bind(after, query, limit), read).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use chrono::TimeDelta;
    use sqlx::PgPool;
    use testkit::noon;

    fn bypass(kind: BlockKind, key: &str, minutes: i64) -> Bypass {
        Bypass {
            id: crate::random::uuid(),
            kind,
            value: key.to_owned(),
            key: key.to_owned(),
            since: noon(),
            until: noon() + TimeDelta::minutes(minutes),
            by: "ann@example.com".into(),
            reason: "new phone".into(),
            used: None,
            end: None,
        }
    }

    async fn add_one(pool: &PgPool, bypass: &Bypass, now: DateTime<Utc>) -> Result<bool> {
        written(pool, async |write| add(write, bypass, now).await).await
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn one_of_twenty_gets_it(pool: PgPool) -> Result<()> {
        let bypass = bypass(BlockKind::Number, "+14155552700", 5);
        assert!(add_one(&pool, &bypass, noon()).await?);
        let tries = (0..20).map(|_| {
            let (pool, id) = (pool.clone(), bypass.id);
            tokio::spawn(async move { use_one(&pool, id, noon()).await })
        });
        let mut got = 0;
        for one in futures::future::join_all(tries).await {
            got += usize::from(one.unwrap()?);
        }
        assert_eq!(got, 1);
        let kept = list(&pool, &Filter::default(), None, 9, noon()).await?;
        assert_eq!((kept.len(), kept[0].used), (1, Some(noon())));
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_lost_transaction_gives_it_back(pool: PgPool) -> Result<()> {
        let bypass = bypass(BlockKind::User, "ann", 5);
        assert!(add_one(&pool, &bypass, noon()).await?);
        let mut tx = pool.begin().await?;
        assert!(use_one(&mut *tx, bypass.id, noon()).await?);
        // Another waits for the row the first one has.
        let waiting = {
            let (pool, id) = (pool.clone(), bypass.id);
            tokio::spawn(async move { use_one(&pool, id, noon()).await })
        };
        tx.rollback().await?;
        assert!(waiting.await.unwrap()?);
        assert!(!use_one(&pool, bypass.id, noon()).await?);
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_bypass_has_its_time(pool: PgPool) -> Result<()> {
        let first = bypass(BlockKind::User, "ann", 5);
        assert!(add_one(&pool, &first, noon()).await?);
        let second = Bypass { id: crate::random::uuid(), ..first.clone() };
        assert!(!add_one(&pool, &second, noon()).await?, "one can still be used");
        assert!(!use_one(&pool, first.id, first.until).await?, "its time is over");
        assert!(add_one(&pool, &second, first.until).await?);
        let end_now = End { time: noon(), by: "bob".into(), reason: "a mistake".into() };
        let ended =
            written(&pool, async |write| end(write, second.id, &end_now).await).await?.unwrap();
        assert_eq!(ended.end, Some(end_now.clone()));
        assert_eq!(
            written(&pool, async |write| end(write, second.id, &end_now).await).await?,
            None
        );
        assert_eq!(
            written(&pool, async |write| end(write, first.id, &end_now).await).await?,
            None,
            "ended by its time"
        );
        assert!(!use_one(&pool, second.id, noon()).await?);
        let live = Filter { live: Some(true), ..Filter::default() };
        assert!(list(&pool, &live, None, 9, noon()).await?.is_empty());
        let past = Filter { live: Some(false), keys: Some(vec!["ann".into()]) };
        let past = list(&pool, &past, None, 9, noon()).await?;
        assert_eq!(past.len(), 2);
        let first = past.into_iter().find(|one| one.id == first.id).unwrap();
        assert_eq!(first.end, Some(End::by_time(first.until)));
        Ok(())
    }
}
