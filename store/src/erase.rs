//! Taking a person out of the tables: which tables and columns there are is read from the schema,
//! so that a table made later is searched without being named here.

use crate::Result;
use chrono::{DateTime, Utc};
use domain::erase::{Person, WORDS};
use serde_json::Value;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Row as _};
use uuid::Uuid;

mod special;

pub use special::{aliases, settings, tallies};

/// Tables that are not searched.
const OTHERS: [&str; 12] = [
    // No person is in them.
    "_sqlx_migrations",
    "store_key",
    "event_key",
    "audit_head",
    "audit_anchor",
    "erasure",
    // Digits of numbering plans that a person's number may begin with, and commands.
    "number_data",
    // The audit log has a way of its own: see `store::audit::erase`.
    "audit",
    "audit_value",
    // Operators: they are no persons whom a code was for.
    "account",
    "api_key",
    "recipient",
];

/// Rows that are held in memory at once.
const PIECE: usize = 1_000;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A text.
    Text,
    /// A document.
    Json,
    /// A list of texts.
    Texts,
}

/// A table; one that is kept by months is one here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns that can name a person.
    pub columns: Vec<(String, Holds)>,
}

/// Every table of the schema that can name a person, by its name.
///
/// # Errors
/// When the database refuses.
pub async fn tables(pool: &PgPool) -> Result<Vec<Table>> {
    let rows = sqlx::query(
        "select c.relname::text, a.attname::text, t.typname::text
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         join pg_type t on t.oid = a.atttypid
         where c.relkind in ('r', 'p') and not c.relispartition
           and t.typname in ('text', 'varchar', 'json', 'jsonb', '_text') and a.attgenerated = ''
         order by 1, a.attnum",
    )
    .fetch_all(pool)
    .await?;
    let mut tables: Vec<Table> = Vec::new();
    for row in &rows {
        let name: String = row.try_get(0)?;
        let (column, kind): (String, String) = (row.try_get(1)?, row.try_get(2)?);
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

/// What becomes of a row that is the person's own, besides losing their name.
struct Own {
    /// The table.
    table: &'static str,
    /// Which rows they are: `$1` are the names, `$2` the numbers.
    is: &'static str,
    /// What is set, `$3` being the handle; none: the row goes whole.
    set: Option<&'static str>,
}

/// Rows of an attempt that is the person's are the person's own, whoever told of them.
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

/// Whom to take out, as statements are given it.
#[derive(Debug)]
pub struct Names<'p> {
    person: &'p Person,
    pattern: String,
    phones: Vec<String>,
    /// The person's attempts.
    pub attempts: Vec<Uuid>,
}

impl<'p> Names<'p> {
    /// Of a person whose attempts are not looked up yet.
    pub fn new(person: &'p Person) -> Self {
        let phones = person.phones.iter().map(ToString::to_string).collect();
        Self { person, pattern: person.pattern(), phones, attempts: Vec::new() }
    }

    /// The pattern that fits texts that name the person.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whose they are.
    pub fn person(&self) -> &'p Person {
        self.person
    }

    fn bind<'q>(
        &'q self,
        query: Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments> {
        query
            .bind(&self.person.users)
            .bind(&self.phones)
            .bind(&self.person.handle)
            .bind(&self.attempts)
    }
}

/// Looks up the person's attempts, day by day, as the indexes on names and numbers have them.
///
/// # Errors
/// When the database refuses.
pub async fn attempts(pool: &PgPool, names: &mut Names<'_>) -> Result<()> {
    let ids = sqlx::query_scalar(
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
    names.attempts = ids;
    Ok(())
}

/// Takes the person out of a table's rows; how many rows had them. Locks those rows alone.
///
/// # Errors
/// When the database refuses.
pub async fn from_table(conn: &mut PgConnection, table: &Table, names: &Names<'_>) -> Result<u64> {
    let mut rows = 0;
    // Texts first: what is the person's own is found by names that stand in columns of their own.
    let own = OWN.iter().find(|own| own.table == table.name);
    rows += redact(conn, table, names, own).await?;
    if let Some(own) = own {
        rows += own_rows(conn, table, names, own).await?;
    }
    Ok(rows)
}

/// Names every parameter of [`Names::bind`], so that each has a type in every statement.
const EVERY: &str = "$1::text[] is not null and $2::text[] is not null and $3::text is not null
    and $4::uuid[] is not null";

async fn own_rows(
    conn: &mut PgConnection,
    table: &Table,
    names: &Names<'_>,
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

/// Takes the person out of texts of rows that are not their own. Rows are read some at a time: one
/// who is in a million of them takes no more memory than another.
async fn redact(
    conn: &mut PgConnection,
    table: &Table,
    names: &Names<'_>,
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
            // A row of their own is counted, and goes or loses the rest, afterwards.
            if mine && own.is_some_and(|own| own.set.is_none()) {
                continue;
            }
            let left = left_of(row, table, names.person, own.is_some())?;
            if !left.is_empty() {
                rows += u64::from(!mine);
                put(conn, row, table, &shown, left).await?;
            }
        }
    }
    sqlx::query("close erased").execute(conn).await?;
    Ok(rows)
}

/// Writes what is left of a row's columns.
async fn put(
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

/// Columns by which a row is known to be the person's own: they are emptied with it.
const OWN_COLUMNS: [&str; 3] = ["user", "user_key", "phone"];

/// The columns that name the person, by their place, with what is left of each. In a table that has
/// rows of a person's own, those by which they are known are left out.
fn left_of(
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
        // What Postgres wrote as JSON can be read.
        let Ok(mut value) = serde_json::from_str::<Value>(&text) else { continue };
        if person.take_out_of(&mut value) {
            left.push((at, value.to_string()));
        }
    }
    Ok(left)
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The newest erasure's number; 0 before the first.
///
/// # Errors
/// When the database refuses.
pub async fn newest(pool: &PgPool) -> Result<i64> {
    let sql = "select coalesce(max(id), 0) from erasure";
    Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
}

/// When somebody was last erased.
///
/// # Errors
/// When the database refuses.
pub async fn last(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar("select max(time) from erasure").fetch_one(conn).await?)
}

/// Notes an erasure, for every server to read anew what it keeps in memory.
///
/// # Errors
/// When the database refuses.
pub async fn note(conn: &mut PgConnection, handle: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query("insert into erasure (time, handle) values ($1, $2)")
        .bind(now)
        .bind(handle)
        .execute(conn)
        .await?;
    Ok(())
}
