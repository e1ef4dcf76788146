//! Names of flows and apps, in memory because every page shows some.

use crate::sync::lock;
use domain::names::{Kind, Settings};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Db;
use tokio::time::Instant;

/// After this time, changes by other servers are visible here.
const FRESH: Duration = Duration::from_secs(1);
/// How far back ids are searched, in days.
const DAYS: i64 = 90;
/// Most ids listed for one kind.
const LISTED: i64 = 200;

/// The current names. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CurrentNames {
    db: Db,
    kept: Arc<Mutex<CachedNames>>,
}

#[derive(Debug, Default)]
struct CachedNames {
    names: Arc<Settings>,
    /// When they were read, and this process's change count at that time.
    read: Option<(Instant, u64)>,
}

/// An id found in events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenId {
    /// The id, as the source sent it.
    pub id: String,
    /// Number of attempts with this id.
    pub attempts: u64,
}

impl CurrentNames {
    /// Creates it without reading any names.
    pub(crate) fn new(db: Db) -> Self {
        Self { db, kept: Arc::default() }
    }

    /// The names as last read.
    pub fn last(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.kept).names)
    }

    /// Reads the names again if this process changed anything, or if a second has passed. While the
    /// store is away they do not change: no page fails because of a name.
    pub async fn follow(&self) {
        // Taken before the query: its result includes at least these changes.
        let (now, changes) = (Instant::now(), self.db.changes());
        let read = lock(&self.kept).read;
        if read.is_some_and(|(time, seen)| seen == changes && now - time < FRESH) {
            return;
        }
        let loaded = async {
            let mut conn = self.db.conn().await?;
            crate::settings::load::<Settings>(&mut conn).await
        };
        match loaded.await {
            Ok(current) => {
                let mut kept = lock(&self.kept);
                // Of two concurrent reads, the later one wins.
                if kept.read.is_none_or(|read| read <= (now, changes)) {
                    *kept = CachedNames {
                        names: Arc::new(current.settings),
                        read: Some((now, changes)),
                    };
                }
            }
            Err(error) => tracing::warn!(
                error = store::with_sources(&error),
                "names of flows and apps could not be read"
            ),
        }
    }

    /// Ids of a kind in attempts of the last 90 days, most frequent first, then by id; at most 200.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn seen(&self, kind: Kind) -> Result<Vec<SeenId>, crate::Error> {
        let from = self.db.clock.now() - chrono::TimeDelta::days(DAYS);
        let found = match kind {
            Kind::Flow => store::names::flows(self.db.read(), from, LISTED).await?,
            Kind::App => store::names::apps(self.db.read(), from, LISTED).await?,
        };
        Ok(found.into_iter().map(|(id, attempts)| SeenId { id, attempts }).collect())
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
        let names = CurrentNames::new(db.clone());
        names.follow().await;
        assert_eq!(*names.last(), Settings::default());
        let document = serde_json::json!({ "flows": { "B2C_1_up": "Sign-up" } });
        save_document(&db, &By::command(), kind(), crate::settings::ExpectedVersion::Any, document)
            .await
            .unwrap();
        assert_eq!(*names.last(), Settings::default(), "nothing was read");
        names.follow().await;
        assert_eq!(names.last().name(Kind::Flow, "B2C_1_up"), "Sign-up");
        // While the store is away, the names do not change.
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
