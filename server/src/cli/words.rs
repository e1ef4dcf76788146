//! Options that take one of some words.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::fmt::Display;
use std::str::FromStr;

/// One of some words, all of them named in the help and in the error.
pub(super) fn words<T>(all: &[T]) -> clap::builder::ValueParser
where
    T: Display + FromStr<Err = String> + Clone + Send + Sync + 'static,
{
    let all = all.iter().map(ToString::to_string);
    PossibleValuesParser::new(all).try_map(|word| word.parse::<T>()).into()
}
