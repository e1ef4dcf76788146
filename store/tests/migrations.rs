//! Every migration is applied to tables that hold rows: each has a file of its name in
//! `tests/data/`, which is run after it and before the next.
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
        // sqlx writes the file name's underscores as spaces.
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
    assert_eq!(events, 1);
}
