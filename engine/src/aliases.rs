//! Names of one user: joined and separated by hand, and joined by events that carry two names.

use crate::ChangeError;
use crate::notify::raise;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::blocks::{BlockKind, TIME_ENDS_BY, Target};
use domain::notify::{Alert, AlertKind, USERS_MAX};
use domain::{Event, Fault, Invalid};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use store::Db;
use store::aliases::{self, Name, Pair};

/// Joined pairs of names that a writer remembers; beyond that it forgets them all and asks the
/// store again.
const REMEMBERED: usize = 200_000;

/// The second name that an event carries for its user, if it has one.
fn other_name(event: &Event) -> Option<(&str, &str)> {
    // Most events have few or no extra fields.
    let other = event.extra.get("user_name")?.as_str()?.trim();
    let user = event.user.as_deref()?.trim();
    let fits = !other.is_empty()
        && other.chars().count() <= domain::blocks::USER_MAX
        && !other.chars().any(char::is_control);
    (fits && !user.is_empty() && user != other).then_some((user, other))
}

/// Two names that events joined to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Joined {
    user: String,
    other: String,
    source: String,
}

/// Joins in one transaction that each have their own audit entry; the rest share one.
const SINGLE: usize = 20;

/// What a writer of events remembers about names.
#[derive(Debug, Default)]
pub(crate) struct Filler {
    hasher: RandomState,
    seen: HashSet<u64>,
    /// What the current transaction has joined.
    joined: Vec<Joined>,
}

impl Filler {
    /// Joins the names that events carry for one user, in the same transaction as the events. A
    /// pair is remembered only if it is found in the store, so a rolled-back transaction loses
    /// nothing.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn fill<'a>(
        &mut self,
        conn: &mut PgConnection,
        events: impl Iterator<Item = &'a Event>,
        now: DateTime<Utc>,
    ) -> store::Result<()> {
        self.joined.clear();
        let mut twice = HashSet::new();
        let (pairs, sources): (Vec<(&str, &str)>, Vec<&str>) = events
            .filter_map(|event| Some((other_name(event)?, event.source.as_str())))
            .filter(|(pair, _)| !self.seen.contains(&self.hasher.hash_one(pair)))
            .filter(|(pair, _)| twice.insert(*pair))
            .unzip();
        if pairs.is_empty() {
            return Ok(());
        }
        let fates = aliases::fill(conn, &pairs, TIME_ENDS_BY, now).await?;
        if self.seen.len() + pairs.len() > REMEMBERED {
            self.seen.clear();
        }
        for ((pair, source), fate) in pairs.iter().zip(sources).zip(fates) {
            match fate {
                Pair::Known => {
                    self.seen.insert(self.hasher.hash_one(pair));
                }
                Pair::Joined => {
                    let (user, other) = (pair.0.to_owned(), pair.1.to_owned());
                    self.joined.push(Joined { user, other, source: source.to_owned() });
                }
                Pair::Missed => {}
            }
        }
        Ok(())
    }

    /// Raises alerts about the names that the transaction joined; returns the audit entries to
    /// write.
    ///
    /// # Errors
    /// If the store fails; the transaction is then rolled back.
    pub(crate) async fn raise_alerts(
        &self,
        conn: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> store::Result<Vec<(By, Change)>> {
        let Some(first) = self.joined.first() else { return Ok(Vec::new()) };
        raise(conn, now, &alert(first, &self.joined)).await?;
        Ok(entries(&self.joined))
    }
}

fn alert(first: &Joined, all: &[Joined]) -> Alert {
    let Joined { user, other, source } = first;
    let more = match all.len() - 1 {
        0 => String::new(),
        more => format!(" And {more} more."),
    };
    Alert {
        kind: AlertKind::NamesJoined,
        users: all.iter().take(USERS_MAX).map(|one| one.user.clone()).collect(),
        count: all.len() as u64,
        line: format!(
            "{source} reports that {user} and {other} are one user: a block of one applies to the \
             other, a bypass does not.{more}"
        ),
        path: "/fraud-alerts?tab=names".to_owned(),
    }
}

fn entries(joined: &[Joined]) -> Vec<(By, Change)> {
    if joined.len() <= SINGLE {
        let entry = |one: &Joined| {
            let change = Change::new(Activity::AliasJoined, format!("user {}", one.user));
            (By::own(), change.after(json!({ "other": one.other, "source": one.source })))
        };
        return joined.iter().map(entry).collect();
    }
    let first: Vec<_> = joined
        .iter()
        .take(SINGLE)
        .map(|one| json!({ "user": one.user, "other": one.other, "source": one.source }))
        .collect();
    let change = Change::new(Activity::AliasJoined, format!("{} pairs of names", joined.len()));
    vec![(By::own(), change.after(json!({ "pairs": joined.len(), "first": first })))]
}

fn read(field: &str, text: &str) -> Result<Target, Invalid> {
    let fault = || domain::blocks::fault(Some(BlockKind::User), text);
    Target::parse(BlockKind::User, text).map_err(|words| Invalid::one(field, fault(), words))
}

/// Joins two names: all names of both become names of one person. Returns all of them.
///
/// # Errors
/// [`ChangeError::Invalid`] in fields `name` and `other`: not a name, or joined already.
pub async fn join(db: &Db, by: &By, name: &str, other: &str) -> Result<Vec<Name>, ChangeError> {
    let mut invalid = Invalid::default();
    let read =
        [("name", name), ("other", other)].map(|(field, text)| invalid.keep(read(field, text)));
    let [Some(name), Some(other)] = read else { return Err(invalid.into()) };
    let same = || {
        let words = "These are names of one user already.";
        ChangeError::Invalid(Invalid::one("other", Fault::Duplicate, words))
    };
    if name.key() == other.key() {
        return Err(same());
    }
    let mut write = db.write(by).await?;
    let now = write.now();
    let keys = [name.key(), other.key()];
    let whose = aliases::whose(write.conn(), &keys).await?;
    let hands = keys.map(|key| whose.get(key).map(|name| name.hand));
    let known = keys.map(|key| whose.get(key).map(|name| name.person));
    aliases::lock(write.conn(), &known.into_iter().flatten().collect::<Vec<_>>()).await?;
    let person = known[0].or(known[1]).unwrap_or_else(|| domain::blocks::person(name.key()));
    match known {
        // A person may confirm what events joined.
        [Some(mine), Some(theirs)] if mine == theirs && hands[0] == hands[1] => {
            return Err(same());
        }
        [Some(mine), Some(theirs)] if mine != theirs => {
            aliases::merge(&mut write, theirs, mine).await?;
        }
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
            hand: domain::blocks::person(target.key()),
            since: now,
            by: by.actor.to_string(),
        })
        .collect();
    aliases::add(write.conn(), &fresh).await?;
    let names = aliases::person_of(write.conn(), name.key()).await?;
    if !names.iter().any(|one| one.name == other.key()) {
        // An event stored one of the names between the check and the write.
        let words = "This name was joined to another user at the same moment. Look again.";
        return Err(Invalid::one("other", Fault::Stale, words).into());
    }
    aliases::join_by_hand(&mut write, name.key(), other.key()).await?;
    let change = Change::new(Activity::AliasJoined, name.object())
        .after(json!({ "other": other.value(), "names": shown_names(&names) }));
    write.commit(change).await?;
    Ok(names)
}

/// Separates a name from its user: it becomes a user by itself, and events do not join it again.
/// Returns the remaining names.
///
/// # Errors
/// [`ChangeError::Invalid`] in field `name`: not a name, or not joined to any.
pub async fn part(db: &Db, by: &By, name: &str) -> Result<Vec<Name>, ChangeError> {
    let target = read("name", name)?;
    let mut write = db.write(by).await?;
    let names = aliases::person_of(write.conn(), target.key()).await?;
    let (mut mine, rest): (Vec<Name>, Vec<Name>) =
        names.into_iter().partition(|one| one.name == target.key());
    let Some(mine) = mine.pop().filter(|_| !rest.is_empty()) else {
        let words = "This name is not joined to another.";
        return Err(Invalid::one("name", Fault::NotFound, words).into());
    };
    let (since, by) = (write.now(), by.actor.to_string());
    let (person, hand) = (store::random::uuid(), store::random::uuid());
    let mine = Name { person, hand, since, by, ..mine };
    aliases::part(&mut write, &mine).await?;
    let change = Change::new(Activity::AliasParted, format!("user {}", mine.shown))
        .before(json!({ "names": shown_names(&rest) }));
    write.commit(change).await?;
    Ok(rest)
}

fn shown_names(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.shown.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(shown_names(&names), ["Bob@example.com", "ID-1"]);
        join(&db, &by(), "id-2", "robert@example.com").await.unwrap();
        let names = join(&db, &by(), "bob@example.com", "ROBERT@example.com").await.unwrap();
        assert_eq!(shown_names(&names), ["Bob@example.com", "ID-1", "id-2", "robert@example.com"]);
        let rest = part(&db, &by(), "id-1").await.unwrap();
        assert_eq!(shown_names(&rest), ["Bob@example.com", "id-2", "robert@example.com"]);
        assert_eq!(aliases::names_of(&pool, "id-1").await.unwrap(), ["id-1"]);

        for (name, other, field) in [
            ("", "bob", "name"),
            ("bob", "a\0b", "other"),
            ("bob", " BOB ", "other"),
            ("id-2", "Bob@example.com", "other"),
        ] {
            let refused = join(&db, &by(), name, other).await.unwrap_err();
            let found =
                matches!(&refused, ChangeError::Invalid(wrong) if wrong.of(field).is_some());
            assert!(found, "{name} {other}: {refused}");
        }
        for name in ["id-1", "nobody", ""] {
            let refused = part(&db, &by(), name).await;
            assert!(matches!(refused, Err(ChangeError::Invalid(_))), "{name}");
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
        // A rolled-back transaction loses nothing.
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
        assert_eq!(filler.seen.len(), 1, "the store is not queried again");
        let all: i64 =
            sqlx::query_scalar("select count(*) from user_alias").fetch_one(&pool).await.unwrap();
        assert_eq!(all, 2);
        assert!(filler.joined.is_empty(), "the third time nothing is joined");

        part(&db, &by(), "bob@example.com").await.unwrap();
        let mut conn = pool.acquire().await.unwrap();
        Filler::default().fill(&mut conn, events.iter(), now).await.unwrap();
        assert_eq!(aliases::names_of(&pool, "id-1").await.unwrap(), ["id-1"]);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn what_events_join_is_told_once_and_many_at_once_together(pool: PgPool) {
        let db = db(&pool);
        let now = db.clock.now();
        let mut filler = Filler::default();
        let many: Vec<_> = (0..30)
            .map(|n| {
                event(Some(&format!("id-{n}")), json!({"user_name": format!("u{n}@example.com")}))
            })
            .collect();
        for events in [&many[..1], &many[..1], &many[..]] {
            let mut tx = pool.begin().await.unwrap();
            filler.fill(&mut tx, events.iter(), now).await.unwrap();
            let entries = filler.raise_alerts(&mut tx, now).await.unwrap();
            db.record_in(tx, now, &entries).await.unwrap().commit().await.unwrap();
        }
        let entries = store::audit::list(&pool, &Default::default(), None, 9).await.unwrap();
        let told: Vec<_> = entries
            .iter()
            .map(|row| (row.entry.object.as_str(), row.entry.actor.as_str()))
            .collect();
        assert_eq!(told, [("29 pairs of names", "tollwarden"), ("user id-0", "tollwarden")]);
        let after = entries[1].entry.after.as_deref().unwrap();
        assert_eq!(after, r#"{"other":"u0@example.com","source":"s"}"#);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_person_may_confirm_what_events_joined(pool: PgPool) {
        let db = db(&pool);
        let hands = async || -> i64 {
            let sql = "select count(distinct hand) from user_alias";
            sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
        };
        let mut conn = pool.acquire().await.unwrap();
        let events = [event(Some("id-1"), json!({"user_name": "ann"}))];
        Filler::default().fill(&mut conn, events.iter(), db.clock.now()).await.unwrap();
        assert_eq!(hands().await, 2, "events join nothing by hand");
        join(&db, &by(), "ann", "ID-1").await.unwrap();
        assert_eq!(hands().await, 1);
        assert!(join(&db, &by(), "ann", "id-1").await.is_err(), "there is nothing left to join");
        // Events joined two names and a person joins a third to one of them: it belongs to the
        // other only through events.
        let events = [event(Some("id-2"), json!({"user_name": "bob"}))];
        Filler::default().fill(&mut conn, events.iter(), db.clock.now()).await.unwrap();
        join(&db, &by(), "ann", "bob").await.unwrap();
        assert_eq!(hands().await, 2);
        assert_eq!(aliases::names_of(&pool, "id-2").await.unwrap().len(), 4);
        part(&db, &by(), "ann").await.unwrap();
        assert_eq!(hands().await, 3);
    }
}
