//! Who serves, and what that role may do: everything to rows, nothing to tables, and to the audit
//! log nothing but add to it.

use crate::Result;
use sqlx::{Acquire as _, PgConnection, PgExecutor, Row as _};

/// What the role that serves could do to the audit log's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolePower {
    /// Add to them.
    Serving,
    /// Alter or empty them, since a grant says so.
    Overgranted,
    /// Switch their triggers off, since it owns them.
    Owner,
    /// Anything.
    Superuser,
}

/// The name of the role that a connection speaks as.
///
/// # Errors
/// When the database refuses.
pub async fn current(db: impl PgExecutor<'_>) -> Result<String> {
    Ok(sqlx::query_scalar("select current_user::text").fetch_one(db).await?)
}

/// What the role that a connection speaks as could do.
///
/// # Errors
/// When the database refuses.
pub async fn power(db: impl PgExecutor<'_>) -> Result<RolePower> {
    let row = sqlx::query(
        "select rolsuper,
                pg_has_role(current_user, relowner, 'member') as owner,
                has_table_privilege('audit', 'update, delete, truncate, trigger')
                    or has_table_privilege('audit_value', 'update, delete, truncate, trigger')
                    or has_table_privilege('audit_anchor',
                        'insert, update, delete, truncate, trigger')
                    or has_table_privilege('audit_head', 'insert, delete, truncate, trigger')
                    as over
         from pg_class, pg_roles
         where pg_class.oid = to_regclass('audit') and rolname = current_user",
    )
    .fetch_one(db)
    .await?;
    Ok(if row.try_get("rolsuper")? {
        RolePower::Superuser
    } else if row.try_get("owner")? {
        RolePower::Owner
    } else if row.try_get("over")? {
        RolePower::Overgranted
    } else {
        RolePower::Serving
    })
}

/// Grants a role what serving takes, as the owner of the tables. Does nothing where all is granted
/// already. Answers whether it granted something.
///
/// # Errors
/// When the database refuses: the connection's role does not own the tables.
pub async fn grant(conn: &mut PgConnection, role: &str) -> Result<bool> {
    let mut tx = conn.begin().await?;
    // Two processes that start at once would change the same rows of Postgres' own tables.
    sqlx::query("select pg_advisory_xact_lock(hashtext('serving role'))").execute(&mut *tx).await?;
    if is_granted(&mut tx, role).await? {
        return Ok(false);
    }
    let row = sqlx::query(
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
    let (role, schema): (String, String) = (row.try_get("role")?, row.try_get("schema")?);
    let (tables, sequences): (String, String) = (row.try_get("tables")?, row.try_get("sequences")?);
    // Names that Postgres has quoted itself.
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

/// Whether a role has what [`grant`] gives, and no more.
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
