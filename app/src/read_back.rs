//! Property tests of page URLs: a link parses back to the view it was made from.

use domain::query::LONGEST;
use proptest::prelude::*;
use proptest::{collection, sample};
use std::fmt::Debug;

/// Maximum number of fields in a generated query string.
const FIELDS: usize = 8;

/// Query strings of these fields, with known words and with arbitrary text.
pub(crate) fn queries(
    names: &'static [&'static str],
    words: &'static [&'static str],
) -> impl Strategy<Value = String> {
    let long = (LONGEST - 2..LONGEST * 3).prop_map(|long| "é".repeat(long));
    let value = prop_oneof![
        4 => sample::select(words).prop_map(str::to_owned),
        4 => "[0-9a-z +%&=.#é]{0,12}",
        1 => any::<String>(),
        1 => long,
    ];
    let pair = (sample::select(names), value).prop_map(|(name, value)| format!("{name}={value}"));
    collection::vec(pair, 0..FIELDS).prop_map(|pairs| pairs.join("&"))
}

/// The link of a query string's view parses back to the same view.
pub(crate) fn exact<V: PartialEq + Debug>(
    query: &str,
    read: impl Fn(&str) -> V,
    href: impl Fn(&V) -> String,
) {
    let view = read(query);
    assert_eq!(read(query_of(&href(&view))), view, "{query}");
    fixed(query, |query| href(&read(query)));
}

/// A link is a fixed point of parse and write, and its length is bounded.
pub(crate) fn fixed(query: &str, href: impl Fn(&str) -> String) {
    let link = href(query);
    assert_eq!(href(query_of(&link)), link, "{query}");
    assert!(link.len() < (FIELDS + 4) * (LONGEST + 20) * 12, "{}", link.len());
}

fn query_of(link: &str) -> &str {
    let link = link.split('#').next().unwrap_or_default();
    link.split_once('?').map_or("", |(_, query)| query)
}
