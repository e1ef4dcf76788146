//! Every migration is applied to filled tables: its file in `tests/data/` is run after it and
//! before the next.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use sqlx::PgPool;
use sqlx::migrate::Migrator;
use std::path::Path;

#[sqlx::test(migrations = false)]
async fn each_on_filled_tables(pool: PgPool) {
    let all: Vec<_> = store::MIGRATOR.iter().cloned().collect();
    for (at, migration) in all.iter().enumerate() {
        let upto = Migrator::with_migrations(all[..=at].to_vec());
        upto.run(&pool).await.unwrap();
        // sqlx replaces underscores in the file name by spaces.
        let name = migration.description.replace(' ', "_");
        let file = format!("{:04}_{name}.sql", migration.version);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(&file);
        let rows = std::fs::read_to_string(&path).unwrap_or_else(|_| {
            panic!("store/tests/data/{file} is missing: rows for the next migration to meet")
        });
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&pool).await.unwrap();
    }
    let events: i64 =
        sqlx::query_scalar("select count(*) from event").fetch_one(&pool).await.unwrap();
    assert_eq!(events, 2);
}

/// A key after all migrations.
async fn key(pool: &PgPool, id: &str) -> store::keys::Row {
    store::keys::by_id(pool, id).await.unwrap().unwrap()
}

#[sqlx::test(migrations = false)]
async fn keys_made_before_keep_what_they_could(pool: PgPool) {
    use domain::keys::{Marks, Rate, Writes};
    use domain::roles::Scope;
    let before = store::MIGRATOR.iter().filter(|one| one.version < 22).cloned();
    Migrator::with_migrations(before.collect()).run(&pool).await.unwrap();
    for (id, scopes, trusted) in [("a", "{read}", false), ("b", "{events:write,numbers}", true)] {
        sqlx::query(
            "insert into api_key (id, name, hash, scopes, trusted, created)
             values ($1, $1, '\\x00', $2::text[], $3, now())",
        )
        .bind(id)
        .bind(scopes)
        .bind(trusted)
        .execute(&pool)
        .await
        .unwrap();
    }
    store::MIGRATOR.run(&pool).await.unwrap();
    let (reader, writer) = (key(&pool, "a").await, key(&pool, "b").await);
    assert_eq!(reader.scopes, [Scope::Read, Scope::BlocksRead, Scope::Metrics]);
    assert_eq!(writer.scopes, [Scope::EventsWrite, Scope::Numbers]);
    for (key, trusted) in [(reader, false), (writer, true)] {
        assert_eq!((key.writes, key.rate), (Writes::Any, Rate::MAX));
        assert_eq!(key.marks, Marks { trusted, counts: true, names: true });
    }
}
