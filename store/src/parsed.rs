//! Reading rows, and parsing of text and byte columns; failures are [`Error::Corrupt`].

use crate::{Error, Result, Statement};
use domain::Cost;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use std::fmt::Display;
use std::str::FromStr;

pub(crate) fn parsed<T: FromStr<Err: Display>>(table: &'static str, text: &str) -> Result<T> {
    text.parse::<T>().map_err(|error: T::Err| Error::corrupt(table, error))
}

/// [`parsed`] for each text of an array column.
pub(crate) fn parsed_all<T: FromStr<Err: Display>>(
    table: &'static str,
    texts: &[String],
) -> Result<Vec<T>> {
    texts.iter().map(|text| parsed(table, text)).collect()
}

/// [`parsed`] for a nullable column.
pub(crate) fn parsed_if<T: FromStr<Err: Display>>(
    table: &'static str,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| parsed(table, text)).transpose()
}

/// [`parsed_if`] for a column by name, which the error then contains.
pub(crate) fn named<T: FromStr<Err: Display>>(
    table: &'static str,
    row: &PgRow,
    name: &'static str,
) -> Result<Option<T>> {
    let text: Option<&str> = row.try_get(name)?;
    text.map(str::parse::<T>)
        .transpose()
        .map_err(|error: T::Err| Error::corrupt(table, format_args!("{name}: {error}")))
}

/// The cost of an event, from its two columns.
pub(crate) fn cost(row: &PgRow) -> Result<Option<Cost>> {
    let (amount, currency): (Option<Decimal>, Option<String>) =
        (row.try_get("cost_amount")?, row.try_get("cost_currency")?);
    Ok(amount.zip(currency).map(|(amount, currency)| Cost { amount, currency }))
}

/// All rows of a statement, each read by `read`.
pub(crate) async fn read_all<T>(
    db: impl PgExecutor<'_>,
    statement: Statement<'_>,
    read: fn(&PgRow) -> Result<T>,
) -> Result<Vec<T>> {
    statement.fetch_all(db).await?.iter().map(read).collect()
}

/// The row of a statement that has at most one, read by `read`.
pub(crate) async fn read_one<T>(
    db: impl PgExecutor<'_>,
    statement: Statement<'_>,
    read: fn(&PgRow) -> Result<T>,
) -> Result<Option<T>> {
    statement.fetch_optional(db).await?.as_ref().map(read).transpose()
}

/// One value of each row, to bind as an array for `unnest`.
pub(crate) fn column<'a, R, T>(rows: &'a [R], get: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(get).collect()
}

/// Bytes of a fixed length; `what` names them in the error.
pub(crate) fn sized<const N: usize>(
    table: &'static str,
    what: &str,
    bytes: Vec<u8>,
) -> Result<[u8; N]> {
    bytes.try_into().map_err(|bytes: Vec<u8>| {
        Error::corrupt(table, format_args!("a {what} of {} bytes", bytes.len()))
    })
}
