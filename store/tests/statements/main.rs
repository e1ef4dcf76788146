//! The compiler does not check SQL: here every whole statement of the store is prepared against the
//! schema, whether or not another test runs it. Composed statements are counted, so that each new
//! one is a deliberate choice.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod source;

use source::{Source, Token, macros, sources, stands, text};
use sqlx::Statement as _;
use sqlx::{AssertSqlSafe, Column as _, Executor as _, PgConnection, PgPool, SqlSafeStr as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Functions that take a statement.
const CALLS: [&str; 4] = ["query", "query_scalar", "query_as", "raw_sql"];
/// Beginnings of statements that reach these functions through a variable.
const BEGINS: [&str; 5] = ["select ", "insert into ", "update ", "delete from ", "with "];
/// Beginnings of composed statements, whose literals are only parts.
const COMPOSES: [&[&str]; 2] = [&["format", "!", "("], &["QueryBuilder", ":", ":", "new", "("]];

/// Number of composed statements by file, where Postgres allows no parameter: a variable column,
/// order or table (attempts, conversion, failures, put_right, retention, series, tallies,
/// workbook), columns shared by several statements (audit, known), tables and roles from the schema
/// (erase, roles), a cursor (erase, reports).
const COMPOSED: [(&str, usize); 18] = [
    ("attempts/keyed.rs", 3),
    ("attempts/page.rs", 2),
    ("attempts.rs", 2),
    ("audit/standing.rs", 3),
    ("audit.rs", 1),
    ("conversion.rs", 3),
    ("erase.rs", 4),
    ("events/known.rs", 2),
    ("failures.rs", 3),
    ("put_right.rs", 3),
    ("reports/attempts.rs", 1),
    ("reports/pieces.rs", 2),
    ("reports/series.rs", 1),
    ("reports.rs", 2),
    ("retention.rs", 2),
    ("roles.rs", 1),
    ("tallies.rs", 1),
    ("workbook.rs", 2),
];

/// A whole statement.
struct Whole {
    file: String,
    line: usize,
    sql: String,
}

fn store() -> Vec<Source> {
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// Index of the first argument, if a call that takes a statement is at `at`.
fn argument(tokens: &[Token], at: usize) -> Option<usize> {
    if !CALLS.iter().any(|call| stands(tokens, at, &[*call])) {
        return None;
    }
    let mut next = at + 1;
    if stands(tokens, next, &[":", ":", "<"]) {
        let mut open = 1;
        next += 3;
        while open > 0 {
            open += i32::from(stands(tokens, next, &["<"]));
            open -= i32::from(stands(tokens, next, &[">"]));
            next += 1;
        }
    }
    stands(tokens, next, &["("]).then_some(next + 1)
}

/// Literals that are passed to such a call or begin like a statement. Macros with arguments
/// (`audit/listing.rs`) are not expanded.
fn statements() -> Vec<Whole> {
    let mut sources = store();
    let macros = macros(&mut sources);
    let mut found = Vec::new();
    for Source { path, tokens } in &sources {
        let (mut at, mut given) = (0, None);
        while at < tokens.len() {
            given = argument(tokens, at).or(given);
            if let Some(begin) = COMPOSES.iter().find(|begin| stands(tokens, at, begin)) {
                let part = at + begin.len();
                at = part + usize::from(tokens[part].literal);
            } else if let Some((sql, end)) = text(tokens, at, &macros) {
                if given == Some(at)
                    || BEGINS.iter().any(|begin| sql.trim_start().starts_with(begin))
                {
                    found.push(Whole { file: path.clone(), line: tokens[at].line, sql });
                }
                at = end;
            } else {
                at += 1;
            }
        }
    }
    found
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_statement_is_one_to_postgres(pool: PgPool) {
    let statements = statements();
    assert!(statements.len() > 200, "only {} were found", statements.len());
    let mut pooled = pool.acquire().await.unwrap();
    let conn: &mut PgConnection = &mut pooled;
    let mut refused = Vec::new();
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Whole { file, line, sql } in statements {
        match conn.prepare(AssertSqlSafe(sql).into_sql_str()).await {
            Ok(prepared) => {
                let names = prepared.columns().iter().map(|column| column.name().to_owned());
                columns.entry(file).or_default().extend(names);
            }
            Err(error) => refused.push(format!("store/src/{file}:{line}: {error}")),
        }
    }
    refused.extend(unknown(&columns));
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// Columns read by a name that no statement returns, in files without composed statements. The
/// statements of a file and of its folder count; for the readers that all files share, every one.
fn unknown(columns: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut unknown = Vec::new();
    for Source { path, tokens } in store() {
        let folder = format!("{}/", path.trim_end_matches(".rs"));
        let near = columns
            .iter()
            .filter(|(file, _)| **file == path || file.starts_with(&folder) || path == "parsed.rs");
        let known: BTreeSet<_> = near.flat_map(|(_, names)| names).collect();
        if COMPOSED.iter().any(|(file, _)| *file == path) {
            continue;
        }
        let mut read = derived(&tokens);
        for at in (0..tokens.len()).filter(|at| stands(&tokens, *at, &["try_get"])) {
            let mut literals = tokens[at..].iter().skip_while(|token| token.text != "(").skip(1);
            read.extend(literals.next().filter(|name| name.literal));
        }
        for name in read.iter().filter(|name| !known.contains(&name.text)) {
            unknown.push(format!("store/src/{path}:{}: no column {}", name.line, name.text));
        }
    }
    unknown
}

/// The columns that derived `FromRow`s read: the names of fields, or what they are renamed to.
fn derived(tokens: &[Token]) -> Vec<&Token> {
    let begin = ["FromRow", ")", "]", "pub", "struct"];
    let mut columns = Vec::new();
    for at in (0..tokens.len()).filter(|at| stands(tokens, *at, &begin)) {
        let (mut renamed, mut flattened) = (None, false);
        for next in (at + begin.len()..).take_while(|next| !stands(tokens, *next, &["}"])) {
            let field = stands(tokens, next + 1, &[":"])
                && !stands(tokens, next + 2, &[":"])
                && !stands(tokens, next, &[":"]);
            flattened |= stands(tokens, next, &["flatten"]);
            if stands(tokens, next, &["rename", "="]) {
                renamed = tokens.get(next + 2);
            } else if field {
                let column = renamed.take().unwrap_or(&tokens[next]);
                columns.extend((!std::mem::take(&mut flattened)).then_some(column));
            }
        }
    }
    columns
}

#[test]
fn fields_of_rows_are_found() {
    let columns: BTreeSet<_> = store()
        .iter()
        .filter(|source| source.path.starts_with("events/") || source.path == "outbox.rs")
        .flat_map(|source| derived(&source.tokens).into_iter().map(|name| name.text.clone()))
        .collect();
    for (name, found) in [("xid_number", true), ("attempts", true), ("place", false), ("key", true)]
    {
        assert_eq!(columns.contains(name), found, "{name}: {columns:?}");
    }
}

#[test]
fn statements_are_composed_on_purpose() {
    let mut composed = Vec::new();
    for Source { path, tokens } in store() {
        let begins = [&["AssertSqlSafe", "("][..], COMPOSES[1]];
        let begin = |at: &usize| begins.iter().any(|begin| stands(&tokens, *at, begin));
        match (0..tokens.len()).filter(begin).count() {
            0 => {}
            count => composed.push((path, count)),
        }
    }
    let composed: Vec<_> = composed.iter().map(|(path, count)| (path.as_str(), *count)).collect();
    assert_eq!(composed, COMPOSED);
}

/// Other packages contain no SQL, except to create the database.
#[test]
fn sql_is_in_the_store_alone() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = BTreeSet::new();
    let mut read = 0;
    for package in ["domain", "engine", "islands", "app", "server"] {
        for Source { path, tokens } in sources(&workspace.join(package).join("src")) {
            read += 1;
            let sql = |at: usize| {
                let begins = ["query_scalar", "query_as", "raw_sql", "QueryBuilder"];
                stands(&tokens, at, &["sqlx", ":", ":", "query"])
                    || begins.iter().any(|begin| stands(&tokens, at, &[*begin]))
            };
            if (0..tokens.len()).any(sql) {
                found.insert(format!("{package}/{path}"));
            }
        }
    }
    assert!(read > 400, "only {read} files were read");
    assert_eq!(found, BTreeSet::from(["engine/postgres/postmaster.rs".to_owned()]));
}
