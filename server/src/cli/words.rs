//! Options that take one of some words.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::str::FromStr;

/// One of some words, all of them named in the help and in the error.
pub(super) fn words<T>(all: impl Iterator<Item = &'static str>) -> clap::builder::ValueParser
where
    T: FromStr<Err = String> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.collect::<Vec<_>>()).try_map(|word| word.parse::<T>()).into()
}
