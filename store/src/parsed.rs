//! Texts and bytes of rows read as what they stand for.

use crate::{Error, Result};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use std::fmt::Display;
use std::str::FromStr;

/// What a column's text stands for.
pub(crate) fn parsed<T: FromStr<Err: Display>>(table: &'static str, text: &str) -> Result<T> {
    text.parse::<T>().map_err(|error: T::Err| Error::corrupt(table, error))
}

/// The same of a column that may be null.
pub(crate) fn parsed_if<T: FromStr<Err: Display>>(
    table: &'static str,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| parsed(table, text)).transpose()
}

/// The same of a column by its name, which an error tells.
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

/// Bytes of which there are always so many; `what` is what they are called.
pub(crate) fn sized<const N: usize>(
    table: &'static str,
    what: &str,
    bytes: Vec<u8>,
) -> Result<[u8; N]> {
    bytes.try_into().map_err(|bytes: Vec<u8>| {
        Error::corrupt(table, format_args!("a {what} of {} bytes", bytes.len()))
    })
}
