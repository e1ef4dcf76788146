//! Version of the schema, and its migration.

use crate::{MIGRATOR, Result};
use sqlx::PgConnection;
use sqlx::migrate::MigrateError;

/// Whether exactly the migrations of this program have been applied. Needs no right to change the
/// schema.
pub async fn is_current(conn: &mut PgConnection) -> Result<bool> {
    let there = "select to_regclass('_sqlx_migrations') is not null";
    if !sqlx::query_scalar::<_, bool>(there).fetch_one(&mut *conn).await? {
        return Ok(false);
    }
    let sql = "select version, checksum, success from _sqlx_migrations order by version";
    let applied: Vec<(i64, Vec<u8>, bool)> = sqlx::query_as(sql).fetch_all(conn).await?;
    let wanted = MIGRATOR.iter().filter(|migration| !migration.migration_type.is_down_migration());
    let mut wanted: Vec<(i64, Vec<u8>, bool)> =
        wanted.map(|migration| (migration.version, migration.checksum.to_vec(), true)).collect();
    wanted.sort_unstable_by_key(|(version, ..)| *version);
    Ok(applied == wanted)
}

/// Applies missing migrations.
///
/// # Errors
/// [`MigrateError`] if the schema is newer than this program, or a migration fails.
pub async fn bring_up_to_date(conn: &mut PgConnection) -> std::result::Result<(), MigrateError> {
    MIGRATOR.run(conn).await
}

/// Whether a migration failed for lack of rights (SQLSTATE 42501).
pub fn is_not_allowed(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("42501")
}
