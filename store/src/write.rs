//! The audited transaction: no change commits without its audit entry.

use crate::{Db, Result, audit};
use chrono::{DateTime, Utc};
use domain::audit::{By, Change};
use sqlx::{PgConnection, Postgres, Transaction};

/// A transaction that commits only together with audit entries. Dropped, it rolls back.
///
/// Functions that change accounts, keys, settings, blocks, bypasses, recipients or names take it:
///
/// ```
/// # use domain::audit::{Activity, By, Change};
/// # async fn end(db: &store::Db, id: uuid::Uuid) -> store::Result<()> {
/// let mut write = db.write(&By::command()).await?;
/// store::accounts::end_sessions(&mut write, id).await?;
/// write.commit(Change::new(Activity::SessionsEnded, "ann@example.com")).await
/// # }
/// ```
///
/// They do not take a plain connection:
///
/// ```compile_fail
/// # async fn end(db: &store::Db, id: uuid::Uuid) -> store::Result<()> {
/// store::accounts::end_sessions(db.facts(), id).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Write {
    tx: Transaction<'static, Postgres>,
    by: By,
    now: DateTime<Utc>,
    db: Db,
}

/// A transaction with its audit entries written, ready to commit. Dropped, it rolls back.
#[must_use = "dropped, it rolls back"]
#[derive(Debug)]
pub struct Recorded<'c>(Transaction<'c, Postgres>);

impl Recorded<'_> {
    /// Commits.
    ///
    /// # Errors
    /// [`crate::Error::Sql`]; if the connection was lost, it is unknown whether the commit
    /// happened.
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}

impl Db {
    /// Writes audit entries in a transaction of their own, without invalidating caches.
    pub async fn record(&self, entries: &[(By, Change)]) -> Result<()> {
        let tx = self.begin().await?;
        self.record_in(tx, self.clock.now(), entries).await?.commit().await
    }

    /// Appends a transaction's audit entries, as its last statement: the chain's head stays locked
    /// until the commit. Every entry is written through here.
    ///
    /// # Errors
    /// [`crate::Error::AnotherSecret`] if the chain was started under another secret.
    pub async fn record_in<'c>(
        &self,
        mut tx: Transaction<'c, Postgres>,
        now: DateTime<Utc>,
        entries: &[(By, Change)],
    ) -> Result<Recorded<'c>> {
        audit::append(&mut tx, &self.secret, now, entries).await?;
        Ok(Recorded(tx))
    }

    /// Begins a change on behalf of `by`.
    pub async fn write(&self, by: &By) -> Result<Write> {
        Ok(Write {
            tx: self.begin().await?,
            by: by.clone(),
            now: self.clock.now(),
            db: self.clone(),
        })
    }
}

impl Write {
    /// The transaction's connection.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// When this began: the timestamp of all it writes.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Actor of the audit entries.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// Commits with one audit entry. On an error nothing is changed.
    pub async fn commit(self, change: Change) -> Result<()> {
        self.commit_all(vec![change]).await
    }

    /// Commits with several audit entries of the same actor.
    pub async fn commit_all(self, changes: Vec<Change>) -> Result<()> {
        let by = self.by.clone();
        let entries: Vec<(By, Change)> =
            changes.into_iter().map(|change| (by.clone(), change)).collect();
        self.commit_entries(&entries).await
    }

    /// Commits with audit entries of several actors.
    pub async fn commit_entries(self, entries: &[(By, Change)]) -> Result<()> {
        self.db.record_in(self.tx, self.now, entries).await?.commit().await?;
        self.db.changed();
        Ok(())
    }
}

/// For tests: commits what `act` writes, with an audit entry.
#[cfg(test)]
pub(crate) async fn written<T>(
    pool: &sqlx::PgPool,
    act: impl AsyncFnOnce(&mut Write) -> Result<T>,
) -> Result<T> {
    let db = Db::new(pool.clone(), crate::Clock::system());
    let mut write = db.write(&By::command()).await?;
    let done = act(&mut write).await?;
    write.commit(Change::new(domain::audit::Activity::SettingsChanged, "a test")).await?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use crate::{Clock, Db, Result};
    use domain::audit::{Activity, By, Change};
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn what_is_not_told_is_not_done(pool: PgPool) -> Result<()> {
        let db = Db::new(pool, Clock::system());
        let insert = "insert into settings (section, version, document, changed, changed_by)
                      values ('x', $1, '{}', now(), 'a')";
        let mut write = db.write(&By::command()).await?;
        sqlx::query(insert).bind(1_i64).execute(write.conn()).await?;
        drop(write);
        assert_eq!(db.changes(), 0, "nothing was changed");
        let mut write = db.write(&By::command()).await?;
        sqlx::query(insert).bind(2_i64).execute(write.conn()).await?;
        write.commit(Change::new(Activity::SettingsChanged, "x")).await?;
        assert_eq!(db.clone().changes(), 1, "all that keep something in memory are told");

        let versions: Vec<i64> =
            sqlx::query_scalar("select version from settings").fetch_all(db.read()).await?;
        assert_eq!(versions, [2]);
        let entries: i64 =
            sqlx::query_scalar("select count(*) from audit").fetch_one(db.read()).await?;
        assert_eq!(entries, 1);
        Ok(())
    }
}
