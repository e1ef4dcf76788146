//! Tables that need more than the replacement of texts.

use super::{PersonArguments, Table};
use crate::Result;
use serde_json::Value;
use sqlx::{PgConnection, Row as _};

/// Erases the person from all versions of all settings sections; returns how many versions named
/// them.
pub async fn settings(conn: &mut PgConnection, names: &PersonArguments<'_>) -> Result<u64> {
    let sql = "select section, version, document, changed_by from settings
               where concat_ws(E'\\n', document::text, changed_by) ~* $1 for update";
    let found = sqlx::query(sql).bind(&names.pattern).fetch_all(&mut *conn).await?;
    let mut rows = 0;
    for row in &found {
        let mut document: Value = row.try_get("document")?;
        let by: &str = row.try_get("changed_by")?;
        let left = names.person.taken_out_of(by);
        if !names.person.take_out_of_settings(&mut document) && left.is_none() {
            continue;
        }
        rows += 1;
        sqlx::query(
            "update settings set document = $3, changed_by = $4
             where section = $1 and version = $2",
        )
        .bind(row.try_get::<&str, _>("section")?)
        .bind(row.try_get::<i64, _>("version")?)
        .bind(document)
        .bind(left.as_deref().unwrap_or(by))
        .execute(&mut *conn)
        .await?;
    }
    Ok(rows)
}

/// Erases the person from the keys of tallies and merges tallies whose keys are then the same;
/// returns how many tallies named them.
pub async fn tallies(conn: &mut PgConnection, names: &PersonArguments<'_>) -> Result<u64> {
    let sql = "select grain, dim, bucket, channel, key, detail, writer, n from tally
               where concat_ws(E'\\n', key, detail) ~* $1 for update";
    let found = sqlx::query(sql).bind(&names.pattern).fetch_all(&mut *conn).await?;
    let mut rows = 0;
    for row in &found {
        let (key, detail): (String, String) = (row.try_get("key")?, row.try_get("detail")?);
        let person = names.person;
        let left = (person.taken_out_of(&key), person.taken_out_of(&detail));
        if left == (None, None) {
            continue;
        }
        rows += 1;
        sqlx::query(
            "with old as (
                 delete from tally where grain = $1 and dim = $2 and bucket = $3 and channel = $4
                     and key = $5 and detail = $6 and writer = $7
                 returning n
             )
             insert into tally (grain, dim, bucket, channel, key, detail, writer, n)
             select $1, $2, $3, $4, $8, $9, $7, n from old
             on conflict (grain, dim, bucket, channel, key, detail, writer)
             do update set n = tally.n + excluded.n",
        )
        .bind(row.try_get::<i16, _>("grain")?)
        .bind(row.try_get::<i16, _>("dim")?)
        .bind(row.try_get::<chrono::DateTime<chrono::Utc>, _>("bucket")?)
        .bind(row.try_get::<&str, _>("channel")?)
        .bind(&key)
        .bind(&detail)
        .bind(row.try_get::<i16, _>("writer")?)
        .bind(left.0.as_ref().unwrap_or(&key))
        .bind(left.1.as_ref().unwrap_or(&detail))
        .execute(&mut *conn)
        .await?;
    }
    Ok(rows)
}

/// Removes the table of linked names from the list, to be erased last: until then, an interrupted
/// erasure can find all names again.
pub fn aliases(tables: &mut Vec<Table>) -> Option<Table> {
    let at = tables.iter().position(|table| table.name == "user_alias")?;
    Some(tables.remove(at))
}
