//! The audited transaction: what is changed through it is on the record, or is not changed.

use crate::{Db, Result, audit};
use chrono::{DateTime, Utc};
use domain::audit::{By, Change};
use sqlx::{PgConnection, Postgres, Transaction};

/// A transaction whose only way to be kept is to say what was done. Dropped, it rolls back.
///
/// What changes accounts, keys, settings, blocks, bypasses, recipients or names takes it:
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
/// Without it, nothing is changed:
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

/// A transaction that has nothing left to do but to be kept. Dropped, it rolls back.
#[must_use = "dropped, it rolls back"]
#[derive(Debug)]
pub struct Recorded<'c>(Transaction<'c, Postgres>);

impl Recorded<'_> {
    /// Keeps it.
    ///
    /// # Errors
    /// When the database refuses, or goes away: then nobody knows whether it was kept.
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}

impl Db {
    /// Puts on the record what changes nothing that is kept in memory.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn record(&self, entries: &[(By, Change)]) -> Result<()> {
        let tx = self.begin().await?;
        self.record_in(tx, self.clock.now(), entries).await?.commit().await
    }

    /// Puts on the record, as the last statement of a transaction of facts, what it did: the lock
    /// on the chain's head is held for no longer than the commit takes. The one place that the
    /// chain grows at.
    ///
    /// # Errors
    /// When the database refuses, or was begun under another secret.
    pub async fn record_in<'c>(
        &self,
        mut tx: Transaction<'c, Postgres>,
        now: DateTime<Utc>,
        entries: &[(By, Change)],
    ) -> Result<Recorded<'c>> {
        audit::append(&mut tx, &self.secret, now, entries).await?;
        Ok(Recorded(tx))
    }

    /// Begins to change something in somebody's name.
    ///
    /// # Errors
    /// When the database cannot be reached.
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
    /// The connection.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// When this began: the time of all that is written through it.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// In whose name.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// Keeps what was done, with its entry in the audit log as the last statement: the lock on
    /// the chain's head is held for no longer than the commit takes.
    ///
    /// # Errors
    /// When the database refuses; then nothing was done.
    pub async fn commit(self, change: Change) -> Result<()> {
        self.commit_all(vec![change]).await
    }

    /// The same for several things done at once, each with its entry.
    ///
    /// # Errors
    /// When the database refuses; then nothing was done.
    pub async fn commit_all(self, changes: Vec<Change>) -> Result<()> {
        let by = self.by.clone();
        let entries: Vec<(By, Change)> =
            changes.into_iter().map(|change| (by.clone(), change)).collect();
        self.commit_entries(&entries).await
    }

    /// The same for what several did, each with their entry.
    ///
    /// # Errors
    /// When the database refuses; then nothing was done.
    pub async fn commit_entries(self, entries: &[(By, Change)]) -> Result<()> {
        self.db.record_in(self.tx, self.now, entries).await?.commit().await?;
        self.db.changed();
        Ok(())
    }
}

/// For tests: keeps what an act writes, with an entry.
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
