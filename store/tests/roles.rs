//! The serving role can do its work but cannot change tables: tried as that role.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use chrono::{TimeZone as _, Utc};
use domain::audit::{Activity, By, Change};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use store::partitions::{self, Month};
use store::roles::{self, RolePower};
use store::{Clock, Db};

/// A role for one test, and a pool that connects as it.
struct Serving {
    owner: PgPool,
    name: String,
    pool: PgPool,
}

impl Serving {
    async fn new(owner: &PgPool) -> Self {
        let name = format!("serving_{}", domain::keys::hex(&store::random::bytes::<8>()));
        let make = AssertSqlSafe(format!("create role {name} login"));
        sqlx::raw_sql(make).execute(owner).await.unwrap();
        let options = owner.connect_options().as_ref().clone().username(&name);
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
        Self { owner: owner.clone(), name, pool }
    }

    async fn grant(&self) -> bool {
        let mut conn = self.owner.acquire().await.unwrap();
        roles::grant(&mut conn, &self.name).await.unwrap()
    }

    /// Drops the role, which otherwise stays in the cluster.
    async fn end(self) {
        self.pool.close().await;
        let name = &self.name;
        let drop = AssertSqlSafe(format!("drop owned by {name}; drop role {name}"));
        sqlx::raw_sql(drop).execute(&self.owner).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_serving_role_cannot_alter_the_audit_log(pool: PgPool) {
    let serving = Serving::new(&pool).await;
    assert!(serving.grant().await);
    assert!(!serving.grant().await, "granted once");
    let db = Db::new(serving.pool.clone(), Clock::system());
    for n in 0..3 {
        let write = db.write(&By::command()).await.unwrap();
        write.commit(Change::new(Activity::TestSent, format!("{n}"))).await.unwrap();
    }
    for sql in [
        "alter table audit disable trigger all",
        "alter table audit disable trigger audit_unchanged",
        "alter table audit_head disable trigger all",
        "drop trigger audit_unchanged on audit",
        "create trigger x before insert on audit for each row execute function stamp_xid()",
        "update audit set actor = 'x'",
        "delete from audit",
        "truncate audit",
        "drop table audit",
        "alter table audit add column x int",
        "alter table audit owner to current_user",
        "insert into audit_head (one, seq, hash) values (false, 0, '')",
        "delete from audit_head",
        "truncate audit_head",
        "drop table audit_head",
        "set session_replication_role = replica",
        "create or replace function audit_refuse() returns trigger language plpgsql as
             $$ begin return old; end $$",
        "alter function audit_refuse() rename to x",
        "drop function audit_refuse() cascade",
        "create rule x as on insert to audit do instead nothing",
        "create table x (a int)",
        "create function x() returns int language sql as 'select 1'",
        "truncate event",
        "drop table event cascade",
        "alter table account add column x int",
        "delete from _sqlx_migrations",
        "update _sqlx_migrations set checksum = ''",
        "create role x superuser",
        "alter role current_user superuser",
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/passwd')",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&serving.pool).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
    }
    let entries: i64 =
        sqlx::query_scalar("select count(*) from audit").fetch_one(&pool).await.unwrap();
    assert_eq!(entries, 3);
    serving.end().await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn partitions_come_and_go_as_the_serving_role(pool: PgPool) {
    let serving = Serving::new(&pool).await;
    serving.grant().await;
    let months: Vec<Month> = [(2026, 1), (2026, 2), (2026, 12), (2027, 1)]
        .map(|(year, month)| Month::of(Utc.with_ymd_and_hms(year, month, 5, 0, 0, 0).unwrap()))
        .into();
    partitions::ensure(&serving.pool, &months).await.unwrap();
    partitions::ensure(&serving.pool, &months).await.unwrap();
    let count = "select count(*) from pg_inherits
                 where inhparent in ('event'::regclass, 'decision'::regclass)";
    let parts = || async { sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await.unwrap() };
    assert_eq!(parts().await, 8);
    let dropped = partitions::drop_before(&serving.pool, months[2].start()).await.unwrap();
    assert_eq!((dropped, parts().await), (4, 4));
    for odd in [
        "select make_partition('audit', '2026-01-01')",
        "select make_partition('event', '2026-01-02')",
        "select make_partition('event', '9999-01-01')",
        "select make_partition('event', null)",
        "select make_partition(null, '2026-01-01')",
        "select make_partition('event; drop table audit', '2026-01-01')",
        "select drop_partition('audit', '2026-01-01')",
        "select drop_partition(null, '2026-01-01')",
        "select drop_partition('event', null)",
    ] {
        let refused = sqlx::raw_sql(odd).execute(&serving.pool).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("22023"), "{odd}: {refused}");
    }
    // The caller's temporary table is not used instead of the real one.
    let mut conn = serving.pool.acquire().await.unwrap();
    let temporary = "create temporary table event (time timestamptz) partition by range (time)";
    sqlx::raw_sql(temporary).execute(&mut *conn).await.unwrap();
    let make = "select make_partition('event', '2030-01-01')";
    sqlx::raw_sql(make).execute(&mut *conn).await.unwrap();
    assert_eq!(parts().await, 5);
    drop(conn);

    // A role without grants may not.
    let stranger = Serving::new(&pool).await;
    let refused = partitions::ensure(&stranger.pool, &months).await.unwrap_err();
    let store::Error::Sql(refused) = refused else { panic!("{refused}") };
    let code = refused.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("42501"), "insufficient_privilege: {refused}");
    stranger.end().await;
    serving.end().await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_table_is_granted_and_none_too_much(pool: PgPool) {
    let serving = Serving::new(&pool).await;
    serving.grant().await;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select relname::text, concat_ws(',',
            case when has_table_privilege($1, oid, 'select') then 'select' end,
            case when has_table_privilege($1, oid, 'insert') then 'insert' end,
            case when has_table_privilege($1, oid, 'update') then 'update' end,
            case when has_table_privilege($1, oid, 'delete') then 'delete' end,
            case when has_table_privilege($1, oid, 'truncate') then 'truncate' end,
            case when has_table_privilege($1, oid, 'trigger') then 'trigger' end)
         from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and not relispartition",
    )
    .bind(&serving.name)
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(tables.len() > 20);
    for (table, may) in tables {
        let expected = match table.as_str() {
            "audit" | "audit_value" => "select,insert",
            "audit_anchor" => "select",
            "audit_head" => "select,update",
            "_sqlx_migrations" => "select",
            _ => "select,insert,update,delete",
        };
        assert_eq!(may, expected, "{table}");
    }
    // Tables of later migrations are granted at the next start; excess rights are revoked.
    sqlx::raw_sql("create table later (a int)").execute(&pool).await.unwrap();
    assert!(serving.grant().await);
    for (what, table) in [
        ("update", "audit"),
        ("delete", "audit_value"),
        ("insert", "audit_anchor"),
        ("trigger", "audit_head"),
    ] {
        let more = AssertSqlSafe(format!("grant {what} on {table} to {}", serving.name));
        sqlx::raw_sql(more).execute(&pool).await.unwrap();
        assert_eq!(roles::power(&serving.pool).await.unwrap(), RolePower::Overgranted, "{table}");
        assert!(serving.grant().await, "{table}");
    }
    assert_eq!(roles::power(&serving.pool).await.unwrap(), RolePower::Serving);
    assert!(!serving.grant().await);
    assert_eq!(roles::power(&pool).await.unwrap(), RolePower::Superuser);
    let owner = AssertSqlSafe(format!("alter table audit owner to {}", serving.name));
    sqlx::raw_sql(owner).execute(&pool).await.unwrap();
    assert_eq!(roles::power(&serving.pool).await.unwrap(), RolePower::Owner);
    sqlx::raw_sql("alter table audit owner to current_user").execute(&pool).await.unwrap();
    serving.end().await;
}

#[sqlx::test(migrations = false)]
async fn a_role_that_may_not_migrate_sees_whether_it_must_be(pool: PgPool) {
    let serving = Serving::new(&pool).await;
    let mut conn = serving.pool.acquire().await.unwrap();
    assert!(!store::schema::is_current(&mut conn).await.unwrap());
    let close = "revoke create on schema public from public";
    sqlx::raw_sql(close).execute(&pool).await.unwrap();
    let error = store::schema::bring_up_to_date(&mut conn).await.unwrap_err();
    assert!(store::schema::is_not_allowed(&error), "{error}");
    // It holds the lock of the migrations until it is closed.
    conn.close().await.unwrap();
    let mut owner = pool.acquire().await.unwrap();
    store::schema::bring_up_to_date(&mut owner).await.unwrap();
    serving.grant().await;
    let mut conn = serving.pool.acquire().await.unwrap();
    assert!(store::schema::is_current(&mut conn).await.unwrap());
    let newer = "insert into _sqlx_migrations values (99999, 'later', now(), true, '', 0)";
    sqlx::raw_sql(newer).execute(&pool).await.unwrap();
    assert!(!store::schema::is_current(&mut conn).await.unwrap());
    drop(conn);
    serving.end().await;
}
