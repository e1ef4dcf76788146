//! Erasing a person: who that is, and how a text loses them.

mod spellings;
#[cfg(test)]
mod tests;

use crate::PhoneNumber;
use crate::events::fold_user;
use crate::handles::HandleKey;
use crate::secret::Secret;
use serde_json::Value;
use std::str::FromStr as _;
use unicode_normalization::UnicodeNormalization as _;

/// Hexadecimal digits of a handle.
const DIGITS: usize = 24;

/// Columns and keys of documents with words of Tollwarden's own, which may be somebody's name by
/// chance.
pub const WORDS: [&str; 18] = [
    "kind",
    "channel",
    "only_channel",
    "region",
    "state",
    "action",
    "outcome",
    "verdict",
    "shadow",
    "type",
    "role",
    "section",
    "cost_currency",
    "browser",
    "os",
    "alert",
    "events",
    "format",
];
/// Digits of a number that stands in a document as a number, at least.
const WHOLE: usize = 7;

/// Whom to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// A user, by one of their names.
    User(String),
    /// Whoever has a number.
    Phone(PhoneNumber),
}

/// A person as tables know them, and what stands in their place afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Every name, for comparison.
    pub users: Vec<String>,
    /// Numbers that are the person's own name.
    pub phones: Vec<PhoneNumber>,
    /// How links name them: such a handle can be read back by whoever holds the store's key.
    pub links: Vec<String>,
    /// What stands in their place: `p_` and 24 hexadecimal digits, keyed, of one way.
    pub handle: String,
}

impl Person {
    /// Of whom was asked for, with every other name of the same user.
    pub fn new(whom: &Whom, names: Vec<String>, secret: &Secret) -> Self {
        let (kind, value) = match whom {
            Whom::User(user) => ("user", fold_user(user)),
            Whom::Phone(phone) => ("phone", phone.to_string()),
        };
        let mac =
            crate::secret::hmac(&secret.person_key(), &[kind.as_bytes(), b"\0", value.as_bytes()]);
        let handle = format!("p_{}", &crate::keys::hex(&mac)[..DIGITS]);
        let (mut users, mut phones) = (Vec::new(), Vec::new());
        match whom {
            Whom::User(user) => {
                users = names;
                users.push(fold_user(user));
                users.retain(|name| !name.is_empty());
                users.sort_unstable();
                users.dedup();
                // A user whom sources call by a number.
                phones.extend(users.iter().filter_map(|name| PhoneNumber::from_str(name).ok()));
            }
            Whom::Phone(phone) => {
                phones.push(*phone);
                // Sources may call a user by the number, with or without its plus sign.
                users.extend([phone.to_string(), phone.digits().to_string()]);
            }
        }
        Self { users, phones, links: Vec::new(), handle }
    }

    /// The same, with how links name them.
    #[must_use]
    pub fn linked(mut self, key: &HandleKey) -> Self {
        self.links = self.users.iter().map(|user| key.user(user)).collect();
        self.links.extend(self.phones.iter().map(|phone| key.number(*phone)));
        self
    }

    /// Whether a text is the person's name or number and nothing else.
    pub fn is(&self, text: &str) -> bool {
        let folded = fold_user(text);
        let name = folded.strip_prefix("user ").unwrap_or(&folded);
        self.users.iter().any(|user| *user == folded || user == name)
    }

    /// The text without the person; none when it does not name them.
    pub fn taken_out_of(&self, text: &str) -> Option<String> {
        if self.is(text) {
            let user = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("user "));
            let whole = self.users.contains(&fold_user(text));
            return Some(format!("{}{}", if user && !whole { "user " } else { "" }, self.handle));
        }
        let text: String = text.nfc().collect();
        let mut places = spellings::names(&text, &self.users);
        for phone in &self.phones {
            places.extend(spellings::numbers(&text, *phone));
        }
        for link in &self.links {
            places.extend(text.match_indices(link).map(|(at, link)| (at, at + link.len())));
        }
        if places.is_empty() {
            return None;
        }
        places.sort_unstable();
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for (from, to) in places {
            if from >= at {
                out.push_str(&text[at..from]);
                out.push_str(&self.handle);
            }
            at = at.max(to);
        }
        out.push_str(&text[at..]);
        Some(out)
    }

    /// Takes the person out of every text and key of a document; whether they were in it. Whole
    /// numbers that stand as such count as texts.
    pub fn take_out_of(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.taken_out_of(text) {
                Some(left) => {
                    *text = left;
                    true
                }
                None => false,
            },
            Value::Number(number) => {
                let text = Some(number.to_string()).filter(|text| text.len() >= WHOLE);
                match text.and_then(|text| self.taken_out_of(&text)) {
                    Some(left) => {
                        *value = Value::String(left);
                        true
                    }
                    None => false,
                }
            }
            Value::Array(list) => {
                list.iter_mut().fold(false, |found, one| self.take_out_of(one) | found)
            }
            Value::Object(map) => {
                let mut found = false;
                let old = std::mem::take(map);
                for (key, mut one) in old {
                    found |= !WORDS.contains(&key.as_str()) && self.take_out_of(&mut one);
                    let left = self.taken_out_of(&key);
                    found |= left.is_some();
                    map.insert(left.unwrap_or(key), one);
                }
                found
            }
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// The same for settings: an item of a list that is of one of the numbers goes whole, since no
    /// rule can be read with a handle in the place of its number.
    pub fn take_out_of_settings(&self, value: &mut Value) -> bool {
        let mut found = false;
        match value {
            Value::Array(list) => {
                let before = list.len();
                list.retain(|one| !self.is_of_a_number(one));
                found = list.len() < before;
                list.iter_mut().for_each(|one| found |= self.take_out_of_settings(one));
            }
            Value::Object(map) => {
                map.values_mut().for_each(|one| found |= self.take_out_of_settings(one));
            }
            _ => {}
        }
        self.take_out_of(value) | found
    }

    fn is_of_a_number(&self, item: &Value) -> bool {
        let is = |text: &str| self.taken_out_of(text).is_some_and(|left| left == self.handle);
        match item {
            Value::String(text) => is(text),
            Value::Object(map) => {
                let texts = ["numbers", "number", "phone", "to"];
                texts.iter().any(|name| map.get(*name).and_then(Value::as_str).is_some_and(is))
            }
            _ => false,
        }
    }

    /// A regular expression of Postgres' that fits every text that names the person, and few
    /// others; for use without regard to case.
    pub fn pattern(&self) -> String {
        let names = self.users.iter().flat_map(|user| spellings::name_patterns(user));
        let numbers = self.phones.iter().map(|phone| spellings::number_pattern(*phone));
        let links = self.links.iter().map(|link| spellings::escaped(link));
        names.chain(numbers).chain(links).collect::<Vec<_>>().join("|")
    }
}
