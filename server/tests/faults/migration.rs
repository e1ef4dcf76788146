//! A migration that is interrupted.

use super::desk::DataDirectory;
use super::extent;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use std::time::Duration;

/// Migrations in the newest of the old schemas: the next one changes the table `attempt`.
const OLD: usize = 14;
/// Rows that it has to work on.
const ROWS: i64 = 20_000;
const FILL: &str = "insert into attempt (id, time, outcome, outcome_time, origins)
    select gen_random_uuid(), now() - n * interval '1 second', 'delivered', now(), array[]::bigint[]
    from generate_series(1, 20000) n";

/// From each older schema, a migration is killed while it waits for a locked table. Run again, it
/// completes.
#[test]
fn cut_off() {
    let desk = DataDirectory::new();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let cluster = desk.cluster().await;
        let rounds = usize::try_from(extent().rounds).unwrap();
        for old in (1..=OLD).rev().take(rounds) {
            let url = make_old(cluster.url(), old).await;
            let pool = PgPool::connect(&url).await.unwrap();
            let migrate = || {
                let mut command = desk.command(&["migrate"]);
                command.env("DATABASE_URL", &url).env("TOLLWARDEN_SECRET", "07".repeat(32));
                command
            };
            let mut reader = pool.begin().await.unwrap();
            sqlx::query("lock table attempt").execute(&mut *reader).await.unwrap();
            let mut child = migrate().spawn().unwrap();
            wait_until_it_waits(&pool).await;
            child.kill().unwrap();
            child.wait().unwrap();
            reader.rollback().await.unwrap();

            let again = migrate().output().unwrap();
            let said = String::from_utf8_lossy(&again.stderr);
            assert!(again.status.success(), "{said}");
            let done: Vec<(i64, bool)> =
                sqlx::query_as("select version, success from _sqlx_migrations order by version")
                    .fetch_all(&pool)
                    .await
                    .unwrap();
            let wanted: Vec<_> = store::MIGRATOR.iter().map(|one| (one.version, true)).collect();
            assert_eq!(done, wanted);
            let rows: i64 =
                sqlx::query_scalar("select count(*) from attempt").fetch_one(&pool).await.unwrap();
            assert_eq!(rows, ROWS);
            pool.close().await;
        }
        println!("fault: migration cut × {rounds}: each went on from where it was");
        cluster.leave().await.unwrap();
    });
}

/// A database as an older version left it; its address.
async fn make_old(url: &str, migrations: usize) -> String {
    let name = format!("old_{migrations}");
    let mut admin = PgConnection::connect(url).await.unwrap();
    let create = AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    let old = url.replacen("/tollwarden?", &format!("/{name}?"), 1);
    assert_ne!(old, url);
    let pool = PgPool::connect(&old).await.unwrap();
    let all: Vec<_> = store::MIGRATOR.iter().cloned().collect();
    Migrator::with_migrations(all[..migrations].to_vec()).run(&pool).await.unwrap();
    sqlx::raw_sql(FILL).execute(&pool).await.unwrap();
    pool.close().await;
    old
}

async fn wait_until_it_waits(pool: &PgPool) {
    let waits = "select exists (select from pg_stat_activity
                                where datname = current_database() and wait_event_type = 'Lock')";
    for _ in 0..1_200 {
        if sqlx::query_scalar(waits).fetch_one(pool).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the migration never came to the table");
}
