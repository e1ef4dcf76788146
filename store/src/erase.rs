//! Erasing a person from the tables. Tables and columns are read from the schema, so that later
//! ones are searched without being named here.

use crate::{Result, Statement};
use chrono::{DateTime, Utc};
use domain::erase::{Person, WORDS};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _};
use uuid::Uuid;

mod special;

pub use special::{aliases, settings, tallies};

/// Tables that are not searched.
const OTHERS: [&str; 12] = [
    // Contain no personal data.
    "_sqlx_migrations",
    "store_key",
    "event_key",
    "audit_head",
    "audit_anchor",
    "erasure",
    // Prefixes of numbering plans, which a person's number may begin with.
    "number_data",
    // Erased by `store::audit::erase`.
    "audit",
    "audit_value",
    // Operators: not users that codes are sent to.
    "account",
    "api_key",
    "recipient",
];

/// Rows held in memory at a time.
const PIECE: usize = 1_000;

/// Type of a column that can contain a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// `text` or `varchar`.
    Text,
    /// `json` or `jsonb`.
    Json,
    /// `text[]`.
    Texts,
}

/// A table; its partitions are not listed separately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name in the current schema.
    pub name: String,
    /// Columns that can name a person.
    columns: Vec<(String, Holds)>,
}

/// All tables that can name a person, ordered by name.
pub async fn tables(pool: &PgPool) -> Result<Vec<Table>> {
    let sql = "select c.relname::text, a.attname::text, t.typname::text
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         join pg_type t on t.oid = a.atttypid
         where c.relkind in ('r', 'p') and not c.relispartition
           and t.typname in ('text', 'varchar', 'json', 'jsonb', '_text') and a.attgenerated = ''
         order by 1, a.attnum";
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(pool).await?;
    let mut tables: Vec<Table> = Vec::new();
    for (name, column, kind) in rows {
        if OTHERS.contains(&name.as_str()) || WORDS.contains(&column.as_str()) {
            continue;
        }
        let holds = match kind.as_str() {
            "json" | "jsonb" => Holds::Json,
            "_text" => Holds::Texts,
            _ => Holds::Text,
        };
        match tables.last_mut() {
            Some(table) if table.name == name => table.columns.push((column, holds)),
            _ => tables.push(Table { name, columns: vec![(column, holds)] }),
        }
    }
    Ok(tables)
}

/// How a table's rows about the person alone are erased.
struct Own {
    table: &'static str,
    /// Condition for such rows: `$1` are the names, `$2` the numbers, `$4` the attempts.
    is: &'static str,
    /// Assignments, with the handle as `$3`; none to delete the rows.
    set: Option<&'static str>,
}

/// Rows about the person alone, including all rows of the person's attempts from any source.
const OWN: [Own; 8] = [
    Own {
        table: "event",
        is: r#"phone = any($2) or lower(normalize(btrim("user"), nfc)) = any($1)
               or attempt = any($4)"#,
        set: Some(
            r#"id = key::text, journey = null, "user" = null, phone = null, device = null,
               ip = null, user_agent = null, reason_text = null, provider_ref = null, extra = null"#,
        ),
    },
    Own {
        table: "attempt",
        is: "phone = any($2) or user_key = any($1) or id = any($4)",
        set: Some(
            r#"journey = null, "user" = null, user_key = null, phone = null, ip = null,
               reason_text = null"#,
        ),
    },
    Own {
        table: "fraud_report",
        is: "phone = any($2) or user_key = any($1)",
        set: Some(
            r#""user" = $3, user_key = $3, phone = null, ip = null, note = null, journey = null,
               external_id = id::text"#,
        ),
    },
    Own {
        table: "block",
        is: "kind = 'user' and key = any($1) or kind = 'number' and key = any($2)",
        set: None,
    },
    Own {
        table: "bypass",
        is: "kind = 'user' and key = any($1) or kind = 'number' and key = any($2)",
        set: None,
    },
    Own { table: "trusted_number", is: "phone = any($2)", set: None },
    Own { table: "user_alias", is: "name = any($1)", set: None },
    Own { table: "alert_told", is: "key = any($1) or key = any($2)", set: None },
];

/// The person to erase, as statement arguments.
#[derive(Debug)]
pub struct PersonArguments<'p> {
    /// The person to erase.
    pub person: &'p Person,
    /// Regular expression for texts that name the person.
    pub pattern: String,
    phones: Vec<String>,
    /// Ids of the person's attempts.
    pub attempts: Vec<Uuid>,
}

impl<'p> PersonArguments<'p> {
    /// Without attempts, which [`attempts`] looks up.
    pub fn new(person: &'p Person) -> Self {
        let phones = person.phones.iter().map(ToString::to_string).collect();
        Self { person, pattern: person.pattern(), phones, attempts: Vec::new() }
    }

    fn bind<'q>(&'q self, query: Statement<'q>) -> Statement<'q> {
        query
            .bind(&self.person.users)
            .bind(&self.phones)
            .bind(&self.person.handle)
            .bind(&self.attempts)
    }
}

/// Looks up the person's attempts by day, since the indexes on names and numbers start with it.
pub async fn attempts(pool: &PgPool, names: &mut PersonArguments<'_>) -> Result<()> {
    names.attempts = sqlx::query_scalar(
        "with recursive days as (
             select (timezone('UTC', min(time))::date) as day from attempt
             union all
             select day + 1 from days
             where day < (select (timezone('UTC', max(time))::date) from attempt)
         )
         select found.id from days cross join lateral (
             select id from attempt join unnest($1::text[]) as name on true
             where (timezone('UTC', time)::date) = day and hashtext(user_key) = hashtext(name)
               and user_key = name
             union
             select id from attempt join unnest($2::text[]) as number on true
             where (timezone('UTC', time)::date) = day and hashtext(phone) = hashtext(number)
               and phone = number
         ) as found",
    )
    .bind(&names.person.users)
    .bind(&names.phones)
    .fetch_all(pool)
    .await?;
    Ok(())
}

/// Erases the person from a table; returns how many rows named them. Locks only those rows.
pub async fn from_table(
    conn: &mut PgConnection,
    table: &Table,
    names: &PersonArguments<'_>,
) -> Result<u64> {
    let mut rows = 0;
    // Texts first: they leave the columns that the person's own rows are found by.
    let own = OWN.iter().find(|own| own.table == table.name);
    rows += redact(conn, table, names, own).await?;
    if let Some(own) = own {
        rows += own_rows(conn, table, names, own).await?;
    }
    Ok(rows)
}

/// Uses every parameter of [`PersonArguments::bind`], so that each has a type in every statement.
const EVERY: &str = "$1::text[] is not null and $2::text[] is not null and $3::text is not null
    and $4::uuid[] is not null";

async fn own_rows(
    conn: &mut PgConnection,
    table: &Table,
    names: &PersonArguments<'_>,
    own: &Own,
) -> Result<u64> {
    let (name, is) = (quoted(&table.name), own.is);
    let sql = match own.set {
        Some(set) => format!("update {name} set {set} where ({is}) and {EVERY}"),
        None => format!("delete from {name} where ({is}) and {EVERY}"),
    };
    let query = names.bind(sqlx::query(AssertSqlSafe(sql)));
    Ok(query.execute(conn).await?.rows_affected())
}

/// Erases the person from texts. Rows are read in pieces, so that memory does not grow with their
/// number.
async fn redact(
    conn: &mut PgConnection,
    table: &Table,
    names: &PersonArguments<'_>,
    own: Option<&Own>,
) -> Result<u64> {
    let shown: Vec<String> = table.columns.iter().map(|(name, _)| quoted(name)).collect();
    let texts: Vec<String> = table
        .columns
        .iter()
        .zip(&shown)
        .map(|((_, holds), name)| match holds {
            Holds::Text => name.clone(),
            Holds::Json => format!("{name}::text"),
            Holds::Texts => format!("to_json({name})::text"),
        })
        .collect();
    let whose = own.map_or("false", |own| own.is);
    let sql = format!(
        "declare erased no scroll cursor for
         select ctid::text, tableoid::bigint, ({whose}) is true, {list} from {table}
         where concat_ws(E'\\n', {list}) ~* $5 and {EVERY}
         for update",
        list = texts.join(", "),
        table = quoted(&table.name),
    );
    let declare = names.bind(sqlx::query(AssertSqlSafe(sql))).bind(&names.pattern);
    declare.persistent(false).execute(&mut *conn).await?;
    let mut rows = 0;
    loop {
        let fetch = sqlx::query(AssertSqlSafe(format!("fetch {PIECE} from erased")));
        let found = fetch.persistent(false).fetch_all(&mut *conn).await?;
        if found.is_empty() {
            break;
        }
        for row in &found {
            let mine: bool = row.try_get(2)?;
            // The person's own rows are counted and deleted afterwards.
            if mine && own.is_some_and(|own| own.set.is_none()) {
                continue;
            }
            let left = redacted(row, table, names.person, own.is_some())?;
            if !left.is_empty() {
                rows += u64::from(!mine);
                update_row(conn, row, table, &shown, left).await?;
            }
        }
    }
    sqlx::query("close erased").execute(conn).await?;
    Ok(rows)
}

/// Updates a row's columns.
async fn update_row(
    conn: &mut PgConnection,
    row: &PgRow,
    table: &Table,
    shown: &[String],
    left: Vec<(usize, String)>,
) -> Result<()> {
    let set: Vec<String> = left
        .iter()
        .enumerate()
        .map(|(at, (column, _))| {
            let (name, value) = (&shown[*column], at + 3);
            match table.columns[*column].1 {
                Holds::Text => format!("{name} = ${value}"),
                Holds::Json => format!("{name} = ${value}::json"),
                Holds::Texts => {
                    format!("{name} = array(select json_array_elements_text(${value}::json))")
                }
            }
        })
        .collect();
    let sql = format!(
        "update {} set {} where ctid = $1::tid and tableoid = $2::bigint::oid",
        quoted(&table.name),
        set.join(", ")
    );
    let (at, part): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let mut update = sqlx::query(AssertSqlSafe(sql)).bind(at).bind(part);
    for (_, value) in left {
        update = update.bind(value);
    }
    update.execute(conn).await?;
    Ok(())
}

/// Columns that identify the person's own rows, and are erased with those.
const OWN_COLUMNS: [&str; 3] = ["user", "user_key", "phone"];

/// Indexes of the columns that name the person, with their remaining texts. If `owned`, columns
/// that identify the person's own rows are left to those.
fn redacted(
    row: &PgRow,
    table: &Table,
    person: &Person,
    owned: bool,
) -> Result<Vec<(usize, String)>> {
    let mut left = Vec::new();
    for (at, (name, holds)) in table.columns.iter().enumerate() {
        let Some(text) = row.try_get::<Option<String>, _>(at + 3)? else { continue };
        let own = owned && OWN_COLUMNS.contains(&name.as_str());
        if own && (name == "phone" || person.is(&text)) {
            continue;
        }
        if *holds == Holds::Text {
            left.extend(person.taken_out_of(&text).map(|text| (at, text)));
            continue;
        }
        // JSON from Postgres always parses.
        let Ok(mut value) = serde_json::from_str::<Value>(&text) else { continue };
        if person.take_out_of(&mut value) {
            left.push((at, value.to_string()));
        }
    }
    Ok(left)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Number of the latest erasure; 0 before the first.
pub async fn newest(pool: &PgPool) -> Result<i64> {
    let sql = "select coalesce(max(id), 0) from erasure";
    Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
}

/// Time of the latest erasure.
pub async fn last(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar("select max(time) from erasure").fetch_one(conn).await?)
}

/// Records an erasure, which makes all servers reload their caches.
pub async fn note(conn: &mut PgConnection, handle: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "insert into erasure (time, handle) values ($1, $2)";
    sqlx::query(sql).bind(now).bind(handle).execute(conn).await?;
    Ok(())
}
