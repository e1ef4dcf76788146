//! Reads and writes the query strings of the console's pages.

use std::collections::BTreeMap;
use std::str::FromStr;
use url::form_urlencoded;

/// Maximum characters of a value. The longest useful one is the handle of a user name of 320
/// characters, four bytes each: 1,734 characters.
pub const LONGEST: usize = 1_800;

/// A page's query parameters, each once and none empty: trimmed, and truncated just past
/// [`LONGEST`] so that links do not grow with the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address(BTreeMap<String, String>);

impl Address {
    /// Parses a query string without its `?`. The last of repeated names wins.
    pub fn read(query: &str) -> Self {
        Self::of(form_urlencoded::parse(query.as_bytes()))
    }

    /// From pairs of names and values, as [`Address::read`].
    pub fn of<N: Into<String>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), truncated(value.as_ref())));
        let mut given: BTreeMap<String, String> = pairs.collect();
        given.retain(|_, value| !value.is_empty());
        Self(given)
    }

    /// A parameter as typed. One that was too long still is.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter as typed; empty if absent.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// A parameter's parsed value; `None` if absent or invalid.
    pub fn word<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// The item whose word the parameter is.
    pub fn one_of<T: Copy>(
        &self,
        name: &str,
        all: impl IntoIterator<Item = T>,
        word: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        all.into_iter().find(|one| word(*one) == self.text(name))
    }

    /// Sets a parameter; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        match truncated(value) {
            value if value.is_empty() => drop(self.0.remove(name)),
            value => drop(self.0.insert(name.to_owned(), value)),
        }
    }

    /// A copy with one parameter changed; see [`Self::set`].
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut copy = self.clone();
        copy.set(name, value);
        copy
    }

    /// A copy with these parameters only.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        Self(self.pairs(names).into_iter().collect())
    }

    /// Removes values that are too long, for pages without an error message beside the field.
    #[must_use]
    pub fn without_long(mut self) -> Self {
        self.0.retain(|_, value| !is_long(value));
        self
    }

    /// These parameters as pairs, in this order.
    pub fn pairs(&self, names: &[&str]) -> Vec<(String, String)> {
        let given = names.iter().filter_map(|name| self.0.get_key_value(*name));
        given.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// All parameters as pairs, by name.
    pub fn all(&self) -> Vec<(String, String)> {
        self.0.clone().into_iter().collect()
    }
}

/// A path with a query string; empty values are left out.
pub fn href<N: AsRef<str>, V: AsRef<str>>(
    path: &str,
    fields: impl IntoIterator<Item = (N, V)>,
) -> String {
    let fields = fields.into_iter().filter(|(_, value)| !value.as_ref().is_empty());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A trimmed and truncated value. A truncated one is still too long when read again.
pub fn truncated(value: &str) -> String {
    let value = value.trim();
    if is_long(value) {
        value.chars().take(LONGEST).chain(['…']).collect()
    } else {
        value.to_owned()
    }
}

fn is_long(value: &str) -> bool {
    value.chars().nth(LONGEST).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handles::HandleKey;
    use proptest::prelude::*;

    #[test]
    fn each_field_stands_there_once() {
        let address = Address::read("b=1&a=+x+&b=2&c=&%FF=1&d=+&a%20b=%2B");
        assert_eq!((address.text("a"), address.text("b"), address.get("c")), ("x", "2", None));
        assert_eq!((address.word::<u8>("b"), address.word::<u8>("a")), (Some(2), None));
        assert_eq!(Address::read("b=2&b="), Address::default());
        let changed = address.with("c", " y ").with("a", "");
        assert_eq!(href("/x", changed.pairs(&["c", "a", "b"])), "/x?c=y&b=2");
        assert_eq!(changed.only(&["b"]), Address::read("b=2"));
        assert_eq!(href("/", [("a", ""), ("b", "100% 'é&'")]), "/?b=100%25+%27%C3%A9%26%27");
        assert_eq!(href("/x", [("a", "")]), "/x");
    }

    #[test]
    fn what_is_too_long_stays_so() {
        let long = " ".to_owned() + &"é".repeat(LONGEST) + " x";
        let address = Address::default().with("a", &long).with("b", &long[..1_001]);
        assert_eq!(address.text("a").chars().count(), LONGEST + 1);
        assert_eq!(truncated(address.text("a")), address.text("a"));
        assert_eq!(address.without_long().pairs(&["a", "b"]).len(), 1);
        let longest = HandleKey::new(&[1; 32]).user(&"\u{1f600}".repeat(320));
        assert!(!is_long(&longest), "{}", longest.len());
    }

    proptest! {
        #[test]
        fn addresses_are_read_back(
            query in any::<String>(),
            long in "( |x|é){0,4}",
            value in any::<String>(),
        ) {
            let long = long.repeat(1_000);
            let address = Address::read(&query).with("long", &long).with("value", &value);
            let written = href("", address.all());
            prop_assert_eq!(Address::read(written.trim_start_matches('?')), address.clone());
            for (_, value) in address.all() {
                prop_assert!(value.chars().count() <= LONGEST + 1);
            }
        }
    }
}
