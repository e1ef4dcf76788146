//! Linked names: what different sources call the same person.

use crate::Result;
use crate::parsed::column;
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::blocks::person;
use domain::events::fold_user;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A user name linked to a person.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Name {
    /// Normalised name, the primary key.
    pub name: String,
    /// Spelling when first seen.
    pub shown: String,
    /// Shared by all names of a person.
    pub person: Uuid,
    /// Shared by names that were linked by hand; unique for names linked by events.
    pub hand: Uuid,
    /// When it was linked to the person.
    pub since: DateTime<Utc>,
    /// Actor who linked it.
    pub by: String,
}

/// All normalised names of the person with this name; the name alone if it is not linked.
pub async fn names_of(db: impl PgExecutor<'_>, name: &str) -> Result<Vec<String>> {
    let sql = "select other.name
         from user_alias mine join user_alias other on other.person = mine.person
         where mine.name = $1 order by other.name";
    names_or_own(db, sql, name).await
}

/// [`names_of`] for names linked by hand.
pub async fn names_by_hand(db: impl PgExecutor<'_>, name: &str) -> Result<Vec<String>> {
    let sql = "select other.name
         from user_alias mine join user_alias other on other.hand = mine.hand
         where mine.name = $1 order by other.name";
    names_or_own(db, sql, name).await
}

async fn names_or_own(
    db: impl PgExecutor<'_>,
    sql: &'static str,
    name: &str,
) -> Result<Vec<String>> {
    let names: Vec<String> = sqlx::query_scalar(sql).bind(name).fetch_all(db).await?;
    Ok(if names.is_empty() { vec![name.to_owned()] } else { names })
}

/// All names of the person with this name, with their details; none if it is not linked.
pub async fn person_of(db: impl PgExecutor<'_>, name: &str) -> Result<Vec<Name>> {
    let sql =
        "select other.* from user_alias mine join user_alias other on other.person = mine.person
         where mine.name = $1 order by other.name";
    Ok(sqlx::query_as(sql).bind(name).fetch_all(db).await?)
}

/// The known ones of these names, by normalised name.
pub async fn whose(db: impl PgExecutor<'_>, names: &[&str]) -> Result<HashMap<String, Name>> {
    let sql = "select * from user_alias where name = any($1)";
    let known: Vec<Name> = sqlx::query_as(sql).bind(names).fetch_all(db).await?;
    Ok(known.into_iter().map(|name| (name.name.clone(), name)).collect())
}

/// Adds names that are not known yet, and returns these.
pub async fn add(db: impl PgExecutor<'_>, names: &[Name]) -> Result<HashSet<String>> {
    // Ordered, so that two writers cannot deadlock.
    let mut names: Vec<&Name> = names.iter().collect();
    names.sort_unstable_by_key(|name| &name.name);
    let added: Vec<String> = sqlx::query_scalar(
        "insert into user_alias (name, shown, person, hand, since, by)
         select * from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[],
             $6::text[])
         on conflict (name) do nothing returning name",
    )
    .bind(column(&names, |name| name.name.as_str()))
    .bind(column(&names, |name| name.shown.as_str()))
    .bind(column(&names, |name| name.person))
    .bind(column(&names, |name| name.hand))
    .bind(column(&names, |name| name.since))
    .bind(column(&names, |name| name.by.as_str()))
    .fetch_all(db)
    .await?;
    Ok(added.into_iter().collect())
}

/// Marks two names as linked by hand, with all names that are linked by hand to `other`.
pub async fn join_by_hand(write: &mut Write, name: &str, other: &str) -> Result<()> {
    let sql = "update user_alias set hand = (select hand from user_alias where name = $1)
         where hand = (select hand from user_alias where name = $2)";
    sqlx::query(sql).bind(name).bind(other).execute(write.conn()).await?;
    Ok(())
}

/// Moves all names of a person to another person.
pub async fn merge(write: &mut Write, from: Uuid, into: Uuid) -> Result<()> {
    let sql = "update user_alias set person = $2 where person = $1";
    sqlx::query(sql).bind(from).bind(into).execute(write.conn()).await?;
    Ok(())
}

/// Moves a name to a person of its own.
pub async fn part(write: &mut Write, name: &Name) -> Result<()> {
    let sql = "update user_alias set person = $2, since = $3, by = $4, hand = $5 where name = $1";
    sqlx::query(sql)
        .bind(&name.name)
        .bind(name.person)
        .bind(name.since)
        .bind(&name.by)
        .bind(name.hand)
        .execute(write.conn())
        .await?;
    Ok(())
}

/// Locks all names of these persons until the transaction ends.
pub async fn lock(conn: &mut PgConnection, persons: &[Uuid]) -> Result<()> {
    let sql = "select 1 from user_alias where person = any($1) order by name for update";
    sqlx::query(sql).bind(persons).execute(conn).await?;
    Ok(())
}

/// Names of persons with more than one, grouped by person, in the order of person ids, after one if
/// it is given.
pub async fn list(
    db: impl PgExecutor<'_>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Vec<Name>>> {
    let sql = "with shown as (
            select person from user_alias where $1::uuid is null or person > $1
            group by person having count(*) > 1 order by person limit $2
         )
         select user_alias.* from user_alias join shown using (person) order by person, name";
    let names: Vec<Name> = sqlx::query_as(sql).bind(after).bind(limit).fetch_all(db).await?;
    let mut persons: Vec<Vec<Name>> = Vec::new();
    for name in names {
        match persons.last_mut() {
            Some(names) if names.first().is_some_and(|one| one.person == name.person) => {
                names.push(name);
            }
            _ => persons.push(vec![name]),
        }
    }
    Ok(persons)
}

/// Result of linking a pair of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pair {
    /// Both names were known and are unchanged.
    Known,
    /// They are newly linked.
    Joined,
    /// Another transaction added one of them at the same time.
    Missed,
}

/// Links pairs of names that sources report as one user, in order; the first name of a pair is the
/// source's primary one. Two names that are both known stay unchanged, so that names unlinked by an
/// admin are not linked again. Returns the result of each pair.
pub async fn fill(
    conn: &mut PgConnection,
    pairs: &[(&str, &str)],
    by: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Pair>> {
    let folded: Vec<[(String, &str); 2]> = pairs
        .iter()
        .map(|&(user, other)| [user, other].map(|shown| (fold_user(shown), shown.trim())))
        .collect();
    let all: BTreeSet<&str> = folded.iter().flatten().map(|(name, _)| name.as_str()).collect();
    let all: Vec<&str> = all.into_iter().collect();
    let known = whose(&mut *conn, &all).await?;
    let mut persons: HashMap<String, Uuid> =
        known.into_values().map(|name| (name.name, name.person)).collect();
    let mut fresh = Vec::new();
    let mut news = Vec::with_capacity(pairs.len());
    for [(user, shown), (other, other_shown)] in &folded {
        let (mine, theirs) = (persons.get(user).copied(), persons.get(other).copied());
        let new = |(name, known): (&String, Option<Uuid>)| known.is_none().then(|| name.clone());
        news.push([(user, mine), (other, theirs)].map(new));
        // Derived from the name, so that two concurrent writers create the same person.
        let person = mine.or(theirs).unwrap_or_else(|| person(user));
        for (name, shown, known) in [(user, shown, mine), (other, other_shown, theirs)] {
            if known.is_none() && persons.insert(name.clone(), person).is_none() {
                let (hand, shown) = (domain::blocks::person(name), (*shown).to_owned());
                let (name, by) = (name.clone(), by.to_owned());
                fresh.push(Name { name, shown, person, hand, since: now, by });
            }
        }
    }
    let added = if fresh.is_empty() { HashSet::new() } else { add(conn, &fresh).await? };
    let fate = |news: [Option<String>; 2]| {
        let mut news = news.iter().flatten().peekable();
        if news.peek().is_none() {
            Pair::Known
        } else if news.all(|name| added.contains(name)) {
            Pair::Joined
        } else {
            Pair::Missed
        }
    };
    Ok(news.into_iter().map(fate).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use sqlx::PgPool;

    use super::Pair::{Joined, Known};

    async fn filled(pool: &PgPool, pairs: &[(&str, &str)]) -> Result<Vec<Pair>> {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        fill(&mut *pool.acquire().await?, pairs, "tollwarden", now).await
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn events_join_names(pool: PgPool) -> Result<()> {
        let known =
            filled(&pool, &[("ID-1", "Ann@Example.com"), ("id-1", "ann@old.example")]).await?;
        assert_eq!(known, [Joined, Joined]);
        let names = ["ann@example.com", "ann@old.example", "id-1"];
        for name in names {
            assert_eq!(names_of(&pool, name).await?, names);
        }
        assert_eq!(names_of(&pool, "bob").await?, ["bob"]);
        assert_eq!(filled(&pool, &[("id-1", "ann@example.com")]).await?, [Known]);
        let person = person_of(&pool, "id-1").await?;
        let shown: Vec<_> = person.iter().map(|name| name.shown.as_str()).collect();
        assert_eq!(shown, ["Ann@Example.com", "ann@old.example", "ID-1"]);

        // A name that later comes with another id, and one that was a second name first.
        filled(&pool, &[("id-2", "ann@example.com"), ("ann@old.example", "annie")]).await?;
        assert_eq!(names_of(&pool, "annie").await?.len(), 5);
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn what_was_parted_stays_so(pool: PgPool) -> Result<()> {
        filled(&pool, &[("id-1", "ann"), ("id-2", "bob")]).await?;
        let mut name = person_of(&pool, "ann").await?.remove(0);
        (name.person, name.hand) = (crate::random::uuid(), crate::random::uuid());
        written(&pool, async |write| part(write, &name).await).await?;
        assert_eq!(filled(&pool, &[("id-1", "ann"), ("id-1", "bob")]).await?, [Known, Known]);
        assert_eq!(names_of(&pool, "ann").await?, ["ann"]);
        assert_eq!(names_of(&pool, "id-1").await?, ["id-1"]);

        let whose = whose(&pool, &["id-1", "id-2", "nobody"]).await?;
        written(&pool, async |write| {
            merge(write, whose["id-1"].person, whose["id-2"].person).await
        })
        .await?;
        assert_eq!(names_of(&pool, "bob").await?, ["bob", "id-1", "id-2"]);
        let listed = list(&pool, None, 10).await?;
        assert_eq!(listed.len(), 1, "one name alone is not listed");
        assert!(list(&pool, Some(listed[0][0].person), 10).await?.is_empty());
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn writers_at_once_agree(pool: PgPool) -> Result<()> {
        let tries = (0..8).map(|at| {
            let pool = pool.clone();
            let other = format!("name {at}");
            tokio::spawn(async move {
                filled(&pool, &[("id", &other), ("id", "shared"), ("other", &other)]).await
            })
        });
        for one in futures::future::join_all(tries).await {
            one.unwrap()?;
        }
        assert_eq!(names_of(&pool, "id").await?.len(), 11);
        Ok(())
    }
}
