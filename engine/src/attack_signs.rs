//! Signs of an attack on users: who was prompted until they approved, and whether automatic
//! blocking has stopped.

use chrono::{DateTime, TimeDelta, Utc};
use domain::Kind;
use domain::events::fold_user;
use domain::fatigue::{DENIED_LEAST, Fatigue, fatigue};
use domain::fraud_alerts::BREAKER_MINUTES;
use std::collections::HashMap;
use std::sync::Arc;
use store::Db;
use store::blocks::Block;
use store::signs::{self, Prompt, SkippedBlocks};
use tokio::sync::Mutex;

/// Most users examined.
const USERS: i64 = 100;
/// Most prompts examined: an attack sends a user a few dozen.
const PROMPTS: i64 = 5_000;
/// How long a tripped breaker is shown, in hours.
const BROKEN_HOURS: i64 = 24;

/// A user who was prompted until they approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatiguedUser {
    /// The user's name, as a source writes it.
    pub user: String,
    /// The prompts and their answers.
    pub fatigue: Fatigue,
}

/// How far back recent users are kept.
const LATELY: TimeDelta = TimeDelta::days(90);
/// How old the kept result may be.
const STALE: TimeDelta = TimeDelta::seconds(30);

/// The time of the lookup and its result.
type CachedUsers = (DateTime<Utc>, Arc<Vec<FatiguedUser>>);

/// Users worn down recently, cached so that pages that only mention them do not query the store
/// each time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FatigueCache {
    db: Db,
    kept: Arc<Mutex<Option<CachedUsers>>>,
}

impl FatigueCache {
    /// Creates an empty cache; it queries the store on first use.
    pub(crate) fn new(db: Db) -> Self {
        Self { db, kept: Arc::default() }
    }

    /// Drops the cached result, which may name an erased person.
    pub(crate) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    /// Users worn down in the last 90 days, newest first; at most 30 seconds old.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn worn_down(&self) -> store::Result<Arc<Vec<FatiguedUser>>> {
        let now = self.db.clock.now();
        // Concurrent callers wait for one query and share its answer.
        let mut kept = self.kept.lock().await;
        if let Some((asked, worn)) = &*kept
            && (TimeDelta::zero()..STALE).contains(&(now - *asked))
        {
            return Ok(Arc::clone(worn));
        }
        let worn = Arc::new(worn_down(&self.db, now - LATELY).await?);
        *kept = Some((now, Arc::clone(&worn)));
        Ok(worn)
    }
}

/// Users who denied several push prompts since a time and then approved one, newest first.
///
/// # Errors
/// If the store fails.
pub async fn worn_down(db: &Db, since: DateTime<Utc>) -> store::Result<Vec<FatiguedUser>> {
    let users = signs::deniers(db.read(), since, i64::from(DENIED_LEAST), USERS).await?;
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = users.iter().map(|user| fold_user(user)).collect();
    let prompts = signs::prompts(db.read(), &names, since, PROMPTS).await?;
    let mut answers: HashMap<&str, Vec<_>> = HashMap::new();
    for prompt in &prompts {
        answers.entry(&prompt.user).or_default().extend(answer(prompt));
    }
    let mut worn: Vec<FatiguedUser> = users
        .into_iter()
        .filter_map(|user| {
            let fatigue = fatigue(answers.remove(fold_user(&user).as_str())?)?;
            Some(FatiguedUser { user, fatigue })
        })
        .collect();
    worn.sort_by_key(|worn| std::cmp::Reverse(worn.fatigue.approved));
    Ok(worn)
}

/// The push prompts since a time of the user with these names, newest first, and whether they wore
/// the user down.
///
/// # Errors
/// If the store fails.
pub async fn prompts_of(
    db: &Db,
    names: &[String],
    since: DateTime<Utc>,
) -> store::Result<(Vec<Prompt>, Option<Fatigue>)> {
    let prompts = signs::prompts(db.read(), names, since, PROMPTS).await?;
    let fatigue = fatigue(prompts.iter().filter_map(answer));
    Ok((prompts, fatigue))
}

fn answer(prompt: &Prompt) -> Option<(DateTime<Utc>, Kind)> {
    Some((prompt.time, prompt.answer?))
}

/// Automatic blocking that stopped, and what it had blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The reports that led to no block.
    pub broken: SkippedBlocks,
    /// Start of the batch.
    pub from: DateTime<Utc>,
    /// The automatic blocks since then that are still active.
    pub blocks: Vec<Block>,
    /// Whether automatic blocking is still stopped.
    pub now: bool,
}

/// Whether automatic blocking stopped within the last day. It is shown until the batch is lifted
/// and the breaker's time is over.
///
/// # Errors
/// If the store fails.
pub async fn stopped(db: &Db) -> store::Result<Option<Stopped>> {
    let now = db.clock.now();
    let minutes = TimeDelta::minutes(BREAKER_MINUTES);
    let Some(broken) = signs::broken(db.read(), now - TimeDelta::hours(BROKEN_HOURS)).await? else {
        return Ok(None);
    };
    let from = broken.first - minutes;
    let blocks = store::blocks::live_auto(db.read(), from, now).await?;
    let still = now - broken.last < minutes;
    let told = still || !blocks.is_empty();
    Ok(told.then_some(Stopped { broken, from, blocks, now: still }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use crate::ingest::Via;
    use domain::simulate::{Attack, simulate};
    use sqlx::PgPool;
    use std::collections::BTreeSet;
    use store::Clock;

    /// In a month of `make demo`, every user whom the simulation wore down is found, and nobody
    /// else except users it prompted.
    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn whom_the_simulation_wore_down_is_found(pool: PgPool) {
        let begin = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let db = Db::new(pool, Clock::fixed(begin + TimeDelta::days(31)));
        let engine = Engine::start(db.clone()).await.unwrap();
        let events: Vec<_> =
            simulate(20_000, 30, 7, begin, &[Attack::PushFatigue]).unwrap().collect();
        let attack = |event: &&domain::Event| event.extra["label"] == Attack::PushFatigue.label();
        let of = |kind: Option<Kind>| -> BTreeSet<String> {
            let events = events.iter().filter(attack);
            let events = events.filter(|event| kind.is_none_or(|kind| event.kind == kind));
            events.filter_map(|event| event.user.clone()).collect()
        };
        let (attacked, gave_in) = (of(None), of(Some(Kind::Approved)));
        assert!(!gave_in.is_empty(), "the seed has no user who gives in");
        engine.ingest.submit(events.clone(), Via::Import).await.unwrap();
        let worn = worn_down(&db, begin).await.unwrap();
        let found: BTreeSet<String> = worn.iter().map(|worn| worn.user.clone()).collect();
        assert!(gave_in.is_subset(&found) && found.is_subset(&attacked), "{found:?}");
        let later = worn_down(&db, begin + TimeDelta::days(60)).await.unwrap();
        assert_eq!(later, []);
        let names = [fold_user(&worn[0].user)];
        let (prompts, fatigue) = prompts_of(&db, &names, begin).await.unwrap();
        assert_eq!(fatigue, Some(worn[0].fatigue));
        assert!(prompts.len() as u32 > worn[0].fatigue.denied);

        // A user's later report of the prompt does not remove the mark.
        let approved = prompts.iter().find(|prompt| prompt.answer == Some(Kind::Approved));
        let approved = approved.unwrap().attempt;
        let mut report = events.into_iter().find(|event| event.attempt() == approved).unwrap();
        report.id.push_str("-report");
        (report.kind, report.time) = (Kind::Reported, db.clock.now());
        engine.ingest.submit(vec![report], Via::Import).await.unwrap();
        let (prompts, again) = prompts_of(&db, &names, begin).await.unwrap();
        assert!(prompts.iter().any(|prompt| prompt.outcome == Kind::Reported));
        assert_eq!(again, fatigue);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_stopped_breaker_is_told_until_its_batch_is_lifted(pool: PgPool) {
        let noon = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let at = |minutes| Db::new(pool.clone(), Clock::fixed(noon + TimeDelta::minutes(minutes)));
        assert_eq!(stopped(&at(0)).await.unwrap(), None);
        let insert = r#"insert into fraud_report (id, api_key, external_id, received, time, "user",
                user_key, channel, attempt, action, broken)
            values (gen_random_uuid(), 'k', $1, $2, $2, 'u', 'u', 'push', gen_random_uuid(),
                'no_action', true)"#;
        sqlx::query(insert).bind("1").bind(noon).execute(&pool).await.unwrap();
        sqlx::query(
            "insert into block (id, kind, value, key, since, by, reason, auto)
             select gen_random_uuid(), 'user', 'u' || n, 'u' || n, $1::timestamptz - n * interval '4 minutes', 'x', 'y',
                    true from generate_series(0, 3) as n",
        )
        .bind(noon)
        .execute(&pool)
        .await
        .unwrap();
        let told = stopped(&at(1)).await.unwrap().unwrap();
        assert_eq!((told.now, told.blocks.len(), told.broken.reports), (true, 3, 1));
        let told = stopped(&at(11)).await.unwrap().unwrap();
        assert!(!told.now, "it blocks again");
        assert!(stopped(&at(25 * 60)).await.unwrap().is_none());
        sqlx::query("update block set ended = since").execute(&pool).await.unwrap();
        assert_eq!(stopped(&at(11)).await.unwrap(), None, "lifted");
        assert!(stopped(&at(1)).await.unwrap().is_some(), "still stopped");
    }
}
