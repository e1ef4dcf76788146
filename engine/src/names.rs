//! Flows' and apps' names, in memory: every page shows some.

use domain::names::{Kind, Settings};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::Db;
use tokio::time::Instant;

/// What another server changed shows here after so long.
const FRESH: Duration = Duration::from_secs(1);
/// How far back ids are looked for.
const DAYS: i64 = 90;
/// Ids of one kind that are listed at most.
const LISTED: i64 = 200;

/// The names that hold. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Names {
    db: Db,
    kept: Arc<RwLock<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    names: Arc<Settings>,
    /// When they were read, and how many changes this process had made by then.
    read: Option<(Instant, u64)>,
}

/// An id that events carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The id.
    pub id: String,
    /// Attempts that carried it.
    pub attempts: u64,
}

impl Names {
    /// Over the store, with nothing read.
    pub fn new(db: Db) -> Self {
        Self { db, kept: Arc::default() }
    }

    /// As they were last read.
    pub fn last(&self) -> Arc<Settings> {
        Arc::clone(&self.kept.read().unwrap_or_else(PoisonError::into_inner).names)
    }

    /// Reads them again if this process changed anything since, or a second has passed. While the
    /// store is away, they stay as they were: no page fails for a name.
    pub async fn follow(&self) {
        // Read before the store is asked: what is read holds at least these changes.
        let (now, changes) = (Instant::now(), self.db.changes());
        let read = self.kept.read().unwrap_or_else(PoisonError::into_inner).read;
        if read.is_some_and(|(time, seen)| seen == changes && now - time < FRESH) {
            return;
        }
        let loaded = async {
            let mut conn = self.db.conn().await?;
            crate::settings::load::<Settings>(&mut conn).await
        };
        match loaded.await {
            Ok(current) => {
                let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                // Of two at once, the later reading stays.
                if kept.read.is_none_or(|read| read <= (now, changes)) {
                    *kept = Kept { names: Arc::new(current.settings), read: Some((now, changes)) };
                }
            }
            Err(error) => tracing::warn!(
                error = store::whole(&error),
                "names of flows and apps could not be read"
            ),
        }
    }

    /// The ids of a kind that attempts of the last 90 days carried, most frequent first, then by
    /// id; at most 200.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn seen(&self, kind: Kind) -> Result<Vec<Seen>, crate::Error> {
        let from = self.db.clock.now() - chrono::TimeDelta::days(DAYS);
        let found = match kind {
            Kind::Flow => store::names::flows(self.db.read(), from, LISTED).await?,
            Kind::App => store::names::apps(self.db.read(), from, LISTED).await?,
        };
        Ok(found.into_iter().map(|(id, attempts)| Seen { id, attempts }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::save_document;
    use domain::audit::By;
    use sqlx::PgPool;
    use store::Clock;

    fn kind() -> &'static domain::settings::Kind {
        domain::settings::section("names").unwrap()
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_saved_name_holds_at_once(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let names = Names::new(db.clone());
        names.follow().await;
        assert_eq!(*names.last(), Settings::default());
        let document = serde_json::json!({ "flows": { "B2C_1_up": "Sign-up" } });
        save_document(&db, &By::command(), kind(), crate::settings::Seen::Any, document)
            .await
            .unwrap();
        assert_eq!(*names.last(), Settings::default(), "nobody has looked");
        names.follow().await;
        assert_eq!(names.last().name(Kind::Flow, "B2C_1_up"), "Sign-up");
        // While the store is away, they stay.
        db.close().await;
        db.changed();
        names.follow().await;
        assert_eq!(names.last().name(Kind::Flow, "B2C_1_up"), "Sign-up");
    }

    #[test]
    fn a_wrong_name_is_told_by_its_field() {
        let long = serde_json::json!({ "flows": { "a": "x".repeat(81), "b": "B" } });
        let invalid = kind().read(long).unwrap_err();
        assert_eq!(invalid.fields.len(), 1);
        assert!(invalid.of("flows.a").is_some_and(|words| words.contains("80")), "{invalid}");
        for (document, field) in [
            (serde_json::json!({ "flows": { "a": 5 } }), "flows"),
            (serde_json::json!({ "apps": [] }), "apps"),
            (serde_json::json!({ "users": {} }), "users"),
        ] {
            let invalid = kind().read(document).unwrap_err();
            assert!(invalid.of(field).is_some(), "{invalid}");
        }
    }
}
