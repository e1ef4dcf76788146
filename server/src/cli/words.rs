//! Options with a fixed list of values.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::fmt::Display;
use std::str::FromStr;

/// A parser for one of these values; help and errors list them all.
pub(super) fn words<T>(all: &[T]) -> clap::builder::ValueParser
where
    T: Display + FromStr<Err = String> + Clone + Send + Sync + 'static,
{
    let all = all.iter().map(ToString::to_string);
    PossibleValuesParser::new(all).try_map(|word| word.parse::<T>()).into()
}
