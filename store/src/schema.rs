//! The schema's version: whether it is this program's, and bringing it up to date.

use crate::{MIGRATOR, Result};
use sqlx::migrate::MigrateError;
use sqlx::{PgConnection, Row as _};

/// Whether every migration of this program has been applied as it stands here, and no other. A
/// role that may not change the schema can ask.
///
/// # Errors
/// When the database refuses.
pub async fn is_current(conn: &mut PgConnection) -> Result<bool> {
    let there = "select to_regclass('_sqlx_migrations') is not null";
    if !sqlx::query_scalar::<_, bool>(there).fetch_one(&mut *conn).await? {
        return Ok(false);
    }
    let sql = "select version, checksum, success from _sqlx_migrations order by version";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    let mut applied = Vec::with_capacity(rows.len());
    for row in &rows {
        let checksum: Vec<u8> = row.try_get("checksum")?;
        applied.push((row.try_get("version")?, checksum, row.try_get("success")?));
    }
    let wanted = MIGRATOR.iter().filter(|migration| !migration.migration_type.is_down_migration());
    let mut wanted: Vec<(i64, Vec<u8>, bool)> =
        wanted.map(|migration| (migration.version, migration.checksum.to_vec(), true)).collect();
    wanted.sort_unstable_by_key(|(version, ..)| *version);
    Ok(applied == wanted)
}

/// Applies the migrations that are missing.
///
/// # Errors
/// When the schema is a newer program's, or a migration fails.
pub async fn bring_up_to_date(conn: &mut PgConnection) -> std::result::Result<(), MigrateError> {
    MIGRATOR.run(conn).await
}

/// Whether a migration failed since the role may not change the schema (SQLSTATE 42501).
pub fn is_not_allowed(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("42501")
}
