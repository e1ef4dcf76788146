//! The serving role: it may change rows but not tables, and only add to the audit log.

use crate::Result;
use sqlx::{Acquire as _, PgConnection, PgExecutor};

/// What a role could do to the tables of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolePower {
    /// Only add rows.
    Serving,
    /// Change or delete rows, because of a grant.
    Overgranted,
    /// Disable their triggers, as their owner.
    Owner,
    /// Anything, as a superuser.
    Superuser,
}

/// Name of the connection's role.
pub async fn current(db: impl PgExecutor<'_>) -> Result<String> {
    Ok(sqlx::query_scalar("select current_user::text").fetch_one(db).await?)
}

/// What the connection's role could do.
pub async fn power(db: impl PgExecutor<'_>) -> Result<RolePower> {
    let sql = "select rolsuper,
                pg_has_role(current_user, relowner, 'member'),
                has_table_privilege('audit', 'update, delete, truncate, trigger')
                    or has_table_privilege('audit_value', 'update, delete, truncate, trigger')
                    or has_table_privilege('audit_anchor',
                        'insert, update, delete, truncate, trigger')
                    or has_table_privilege('audit_head', 'insert, delete, truncate, trigger')
         from pg_class, pg_roles
         where pg_class.oid = to_regclass('audit') and rolname = current_user";
    let (superuser, owner, overgranted) = sqlx::query_as(sql).fetch_one(db).await?;
    Ok(match (superuser, owner, overgranted) {
        (true, ..) => RolePower::Superuser,
        (_, true, _) => RolePower::Owner,
        (.., true) => RolePower::Overgranted,
        (false, false, false) => RolePower::Serving,
    })
}

/// Grants a role the rights that serving needs, as the owner of the tables. Returns whether any
/// were missing.
///
/// # Errors
/// [`crate::Error::Sql`] if the connection's role does not own the tables.
pub async fn grant(conn: &mut PgConnection, role: &str) -> Result<bool> {
    let mut tx = conn.begin().await?;
    // Two processes that start at once would change the same catalog rows.
    sqlx::query("select pg_advisory_xact_lock(hashtext('serving role'))").execute(&mut *tx).await?;
    if is_granted(&mut tx, role).await? {
        return Ok(false);
    }
    let (role, schema, tables, sequences): (String, String, String, String) = sqlx::query_as(
        "select quote_ident($1) as role, quote_ident(current_schema()) as schema,
                (select string_agg(quote_ident(relname), ', ' order by relname) from pg_class
                 where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v')
                    and not relispartition and pg_has_role(relowner, 'usage')) as tables,
                (select string_agg(quote_ident(relname), ', ' order by relname) from pg_class
                 where relnamespace = current_schema()::regnamespace and relkind = 'S'
                    and pg_has_role(relowner, 'usage')) as sequences",
    )
    .bind(role)
    .fetch_one(&mut *tx)
    .await?;
    // Safe to compose: Postgres has quoted these names.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "revoke create on schema {schema} from public;
         grant usage on schema {schema} to {role};
         grant select, insert, update, delete on {tables} to {role};
         revoke all on audit, audit_value, audit_anchor, audit_head, _sqlx_migrations from {role};
         grant select, insert on audit, audit_value to {role};
         grant select on audit_anchor to {role};
         grant select, update on audit_head to {role};
         grant select on _sqlx_migrations to {role};
         grant usage, select on sequence {sequences} to {role};
         grant execute on function make_partition(text, date), drop_partition(text, date),
             audit_erase(bigint, text, json, json, bytea),
             audit_drop(bigint, bytea, timestamptz, bytea), audit_sign_anchor(bytea) to {role};"
    )))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether a role has the rights of [`grant`] and no others.
async fn is_granted(conn: &mut PgConnection, role: &str) -> Result<bool> {
    let wanting = "select exists (
            select from pg_class
            where relnamespace = current_schema()::regnamespace and not relispartition and (
                relkind in ('r', 'p', 'v') and not has_table_privilege($1, oid, 'select')
                or relkind = 'S' and not has_sequence_privilege($1, oid, 'usage')))
        or not has_function_privilege($1, 'make_partition(text, date)', 'execute')
        or not has_function_privilege($1, 'audit_sign_anchor(bytea)', 'execute')
        or not has_schema_privilege($1, current_schema(), 'usage')
        or has_schema_privilege($1, current_schema(), 'create')
        or not has_table_privilege($1, 'audit', 'insert')
        or has_table_privilege($1, 'audit', 'update, delete, truncate, trigger')
        or has_table_privilege($1, 'audit_value', 'update, delete, truncate, trigger')
        or has_table_privilege($1, 'audit_anchor', 'insert, update, delete, truncate, trigger')
        or has_table_privilege($1, 'audit_head', 'insert, delete, truncate, trigger')";
    let wanting: bool = sqlx::query_scalar(wanting).bind(role).fetch_one(conn).await?;
    Ok(!wanting)
}
