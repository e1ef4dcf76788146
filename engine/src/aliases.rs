//! Names of one user: joined and parted by hand, and filled from events that carry two.

use domain::audit::{Activity, By, Change};
use domain::blocks::{BlockKind, TIME_ENDS_BY, Target};
use domain::{Event, Invalid};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use store::Db;
use store::aliases::{self, Name};

/// Pairs of names that a writer remembers to be joined; with more it forgets and asks the store
/// again.
const REMEMBERED: usize = 200_000;

/// Why no names were joined or parted.
#[derive(Debug, thiserror::Error)]
pub enum AliasError {
    /// What was entered.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The other name that an event carries for its user, if it does.
fn other_name(event: &Event) -> Option<(&str, &str)> {
    // Most events have little or nothing beside their columns.
    let other = event.extra.get("user_name")?.as_str()?.trim();
    let user = event.user.as_deref()?.trim();
    let fits = !other.is_empty()
        && other.chars().count() <= domain::blocks::USER_MAX
        && !other.chars().any(char::is_control);
    (fits && !user.is_empty() && user != other).then_some((user, other))
}

/// What a writer of events remembers of names.
#[derive(Debug, Default)]
pub struct Filler {
    hasher: RandomState,
    seen: HashSet<u64>,
}

impl Filler {
    /// Joins the names that events carry for one user, in the events' transaction. A pair is
    /// remembered only when it is found in the store, so a transaction that is not kept loses
    /// nothing.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn fill<'a>(
        &mut self,
        conn: &mut PgConnection,
        events: impl Iterator<Item = &'a Event>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> store::Result<()> {
        let mut pairs: Vec<(&str, &str)> = events
            .filter_map(other_name)
            .filter(|pair| !self.seen.contains(&self.hasher.hash_one(pair)))
            .collect();
        if pairs.is_empty() {
            return Ok(());
        }
        let mut twice = HashSet::new();
        pairs.retain(|pair| twice.insert(*pair));
        let known = aliases::fill(conn, &pairs, TIME_ENDS_BY, now).await?;
        if self.seen.len() + pairs.len() > REMEMBERED {
            self.seen.clear();
        }
        let known = pairs.iter().zip(known).filter(|(_, known)| *known);
        self.seen.extend(known.map(|(pair, _)| self.hasher.hash_one(pair)));
        Ok(())
    }
}

fn read(field: &str, text: &str) -> Result<Target, Invalid> {
    Target::parse(BlockKind::User, text).map_err(|words| Invalid::one(field, "invalid_user", words))
}

/// Says that two names are of one user: every name of the one and of the other is the same
/// person's then. All names of that person.
///
/// # Errors
/// In fields `name` and `other`: what is no name, or is the same person's already.
pub async fn join(db: &Db, by: &By, name: &str, other: &str) -> Result<Vec<Name>, AliasError> {
    let mut invalid = Invalid::default();
    let read = [("name", name), ("other", other)].map(|(field, text)| {
        read(field, text).map_err(|wrong| invalid.fields.extend(wrong.fields)).ok()
    });
    let [Some(name), Some(other)] = read else { return Err(invalid.into()) };
    let same = || {
        let words = "These are names of one user already.";
        AliasError::Invalid(Invalid::one("other", "same_user", words))
    };
    if name.key() == other.key() {
        return Err(same());
    }
    let mut write = db.write(by).await?;
    let now = write.now();
    let keys = [name.key(), other.key()];
    let persons = aliases::persons(write.conn(), &keys).await?;
    let known = keys.map(|key| persons.get(key).copied());
    aliases::lock(write.conn(), &known.into_iter().flatten().collect::<Vec<_>>()).await?;
    let person = known[0].or(known[1]).unwrap_or_else(|| domain::blocks::person(name.key()));
    match known {
        [Some(mine), Some(theirs)] if mine == theirs => return Err(same()),
        [Some(mine), Some(theirs)] => aliases::merge(write.conn(), theirs, mine).await?,
        _ => {}
    }
    let fresh: Vec<Name> = [&name, &other]
        .into_iter()
        .zip(known)
        .filter(|(_, known)| known.is_none())
        .map(|(target, _)| Name {
            name: target.key().to_owned(),
            shown: target.value().to_owned(),
            person,
            since: now,
            by: by.actor.to_string(),
        })
        .collect();
    aliases::add(write.conn(), &fresh).await?;
    let names = aliases::person_of(write.conn(), name.key()).await?;
    if !names.iter().any(|one| one.name == other.key()) {
        // An event made one of them known between the look and the write.
        return Err(AliasError::Invalid(Invalid::one(
            "other",
            "changed",
            "This name was joined to another user at the same moment. Look again.",
        )));
    }
    let change = Change::new(Activity::AliasJoined, name.object())
        .after(json!({ "other": other.value(), "names": shown(&names) }));
    write.commit(change).await?;
    Ok(names)
}

/// Takes a name out of its user's names; it is a user's of its own then, and events do not join it
/// again. The names that are left.
///
/// # Errors
/// In field `name`: what is no name, or is joined to none.
pub async fn part(db: &Db, by: &By, name: &str) -> Result<Vec<Name>, AliasError> {
    let target = read("name", name)?;
    let mut write = db.write(by).await?;
    let names = aliases::person_of(write.conn(), target.key()).await?;
    let (mut mine, rest): (Vec<Name>, Vec<Name>) =
        names.into_iter().partition(|one| one.name == target.key());
    let Some(mine) = mine.pop().filter(|_| !rest.is_empty()) else {
        let words = "This name is joined to no other.";
        return Err(Invalid::one("name", "not_joined", words).into());
    };
    let (since, by) = (write.now(), by.actor.to_string());
    let mine = Name { person: store::random::uuid(), since, by, ..mine };
    aliases::part(write.conn(), &mine).await?;
    let change = Change::new(Activity::AliasParted, format!("user {}", mine.shown))
        .before(json!({ "names": shown(&rest) }));
    write.commit(change).await?;
    Ok(rest)
}

fn shown(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.shown.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use sqlx::PgPool;
    use store::Clock;

    fn by() -> By {
        By::account("ann@example.com", [192, 0, 2, 1].into())
    }

    fn db(pool: &PgPool) -> Db {
        Db::new(pool.clone(), Clock::system())
    }

    fn event(user: Option<&str>, extra: serde_json::Value) -> Event {
        let line = json!({"id": "1", "source": "s", "time": "2026-11-20T12:00:00Z",
            "kind": "sent", "user": user, "extra": extra});
        let (source, now) = ("s".parse().unwrap(), DateTime::from_timestamp(1_795_176_000, 0));
        domain::sources::neutral::parse(line.to_string().as_bytes(), &source, now.unwrap()).unwrap()
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn joined_and_parted_by_hand(pool: PgPool) {
        let db = db(&pool);
        let names = join(&db, &by(), "ID-1", "Bob@example.com").await.unwrap();
        assert_eq!(shown(&names), ["Bob@example.com", "ID-1"]);
        join(&db, &by(), "id-2", "robert@example.com").await.unwrap();
        let names = join(&db, &by(), "bob@example.com", "ROBERT@example.com").await.unwrap();
        assert_eq!(shown(&names), ["Bob@example.com", "ID-1", "id-2", "robert@example.com"]);
        let rest = part(&db, &by(), "id-1").await.unwrap();
        assert_eq!(shown(&rest), ["Bob@example.com", "id-2", "robert@example.com"]);
        assert_eq!(aliases::names_of(&pool, "id-1").await.unwrap(), ["id-1"]);

        for (name, other, field) in [
            ("", "bob", "name"),
            ("bob", "a\0b", "other"),
            ("bob", " BOB ", "other"),
            ("id-2", "Bob@example.com", "other"),
        ] {
            let refused = join(&db, &by(), name, other).await.unwrap_err();
            let found = matches!(&refused, AliasError::Invalid(wrong) if wrong.of(field).is_some());
            assert!(found, "{name} {other}: {refused}");
        }
        for name in ["id-1", "nobody", ""] {
            let refused = part(&db, &by(), name).await;
            assert!(matches!(refused, Err(AliasError::Invalid(_))), "{name}");
        }
        let entries = store::audit::list(&pool, &Default::default(), None, 9).await.unwrap();
        let words: Vec<_> = entries.into_iter().map(|row| row.entry.activity).collect();
        assert_eq!(words, ["Name parted", "Names joined", "Names joined", "Names joined"]);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn events_fill_and_what_was_parted_stays(pool: PgPool) {
        let db = db(&pool);
        let mut filler = Filler::default();
        let events = [
            event(Some("ID-1"), json!({"user_name": "Bob@example.com"})),
            event(Some("ID-1"), json!({"user_name": "Bob@example.com"})),
            event(None, json!({"user_name": "nobody's"})),
            event(Some("id-3"), json!({"user_name": 7})),
            event(Some("id-4"), json!({"user_name": " "})),
            event(Some("id-5"), json!({"user_name": "x".repeat(321)})),
            event(Some("id-6"), json!({})),
        ];
        let now = db.clock.now();
        // A transaction that is not kept forgets nothing.
        let mut tx = pool.begin().await.unwrap();
        filler.fill(&mut tx, events.iter(), now).await.unwrap();
        tx.rollback().await.unwrap();
        for _ in 0..3 {
            let mut tx = pool.begin().await.unwrap();
            filler.fill(&mut tx, events.iter(), now).await.unwrap();
            tx.commit().await.unwrap();
        }
        let names = aliases::names_of(&pool, "bob@example.com").await.unwrap();
        assert_eq!(names, ["bob@example.com", "id-1"]);
        assert_eq!(filler.seen.len(), 1, "the store is not asked again");
        let all: i64 =
            sqlx::query_scalar("select count(*) from user_alias").fetch_one(&pool).await.unwrap();
        assert_eq!(all, 2);

        part(&db, &by(), "bob@example.com").await.unwrap();
        let mut conn = pool.acquire().await.unwrap();
        Filler::default().fill(&mut conn, events.iter(), now).await.unwrap();
        assert_eq!(aliases::names_of(&pool, "id-1").await.unwrap(), ["id-1"]);
    }
}
