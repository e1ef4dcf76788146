//! Database errors in words for users. Postgres' own messages name tables, columns and statements,
//! and go to the log alone.

use sqlx::Error;

/// The rest of a sentence that begins with "the database".
pub(crate) fn words(error: &Error) -> String {
    match error {
        Error::Database(error) => match error.code().as_deref() {
            Some("53100") => "has no room left on its disk".to_owned(),
            Some("53200") => "has no memory left".to_owned(),
            Some("53300") => "has no connection left".to_owned(),
            Some("57P01" | "57P02" | "57P03") => "is starting or stopping".to_owned(),
            Some("57014") => "took too long and was stopped".to_owned(),
            Some("25006") => "takes no changes: it is a standby, or read only".to_owned(),
            Some("42501") => "does not allow this to the role it was opened with".to_owned(),
            // Authentication and database name: these messages contain no statement.
            Some(code) if code.starts_with("28") || code == "3D000" => {
                format!("refused the connection: {}", error.message())
            }
            Some(code) => format!("refused (SQLSTATE {code}); the log says more"),
            None => "refused; the log says more".to_owned(),
        },
        Error::Io(error) => format!("cannot be reached: {error}"),
        Error::Tls(error) => format!("cannot be reached over TLS: {error}"),
        Error::Configuration(error) => format!("has an address that cannot be read: {error}"),
        Error::PoolTimedOut => "had no connection free in time".to_owned(),
        Error::PoolClosed => "is not used any more: the server is stopping".to_owned(),
        _ => "answered what cannot be read; the log says more".to_owned(),
    }
}

/// Whether the database or its machine is the cause: unreachable, full, starting or stopping
/// (SQLSTATE classes 08, 53, 57 and 58).
pub(crate) fn is_away(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed => true,
        Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "25006"
        }),
        _ => false,
    }
}

/// An error with all its sources, for the log.
pub fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !words.ends_with(&more) {
            words = format!("{words}: {more}");
        }
        next = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrations = false)]
    async fn no_statement_and_no_table_is_said(pool: PgPool) {
        for statement in [
            "select secret_column from hidden_table",
            "selec",
            "select 1 / 0",
            "select 'x'::int",
            "create table a (b int check (b > 0)); insert into a values (0)",
        ] {
            let error = sqlx::raw_sql(statement).execute(&pool).await.unwrap_err();
            let error = crate::Error::from(error);
            let said = error.to_string();
            for part in ["select", "hidden_table", "secret_column", "syntax", "\"a\"", "b_check"] {
                assert!(!said.contains(part), "{said}");
            }
            assert!(said.contains("SQLSTATE"), "{said}");
            assert!(with_sources(&error).len() > said.len(), "the log has it all");
            assert!(!error.is_away(), "{said}");
        }
        pool.close().await;
        let error = crate::Error::from(sqlx::query("select 1").execute(&pool).await.unwrap_err());
        assert!(error.is_away(), "{error}");
    }
}
