//! Erasing a person: their names and numbers, and removing them from texts.

mod spellings;
#[cfg(test)]
mod tests;

use crate::PhoneNumber;
use crate::events::fold_user;
use crate::handles::HandleKey;
use crate::keys::hex;
use crate::secret::{Secret, hmac};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

/// Hexadecimal digits of a handle.
const DIGITS: usize = 24;

/// Columns and keys whose values are Tollwarden's own words, which may happen to equal a user name.
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
/// Fewest digits of a JSON number that can be a phone number.
const WHOLE: usize = 7;

/// The person to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// By one of their user names.
    User(String),
    /// By their number.
    Phone(PhoneNumber),
}

/// A person's identifiers in tables, and what replaces them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// All user names, folded for comparison.
    pub users: Vec<String>,
    /// Numbers that identify the person.
    pub phones: Vec<PhoneNumber>,
    /// Handles in links, which can be decoded with the store's key.
    pub links: Vec<String>,
    /// The replacement: `p_` and 24 hexadecimal digits of a keyed hash, which cannot be reversed.
    pub handle: String,
}

impl Person {
    /// Collects the identifiers; `names` are the other names of the same user.
    pub fn new(whom: &Whom, names: Vec<String>, secret: &Secret) -> Self {
        let (kind, value, users, phones) = match whom {
            Whom::User(user) => {
                let user = fold_user(user);
                let mut users = names;
                users.push(user.clone());
                users.retain(|name| !name.is_empty());
                users.sort_unstable();
                users.dedup();
                // Sources may use a number as the user name …
                let phones = users.iter().filter_map(|name| name.parse().ok()).collect();
                ("user", user, users, phones)
            }
            Whom::Phone(phone) => {
                // … with or without its plus sign.
                let users = vec![phone.to_string(), phone.digits().to_string()];
                ("phone", phone.to_string(), users, vec![*phone])
            }
        };
        let mac = hmac(&secret.person_key(), &[kind.as_bytes(), b"\0", value.as_bytes()]);
        let handle = format!("p_{}", &hex(&mac)[..DIGITS]);
        Self { users, phones, links: Vec::new(), handle }
    }

    /// Adds the handles of all names and numbers.
    #[must_use]
    pub fn linked(mut self, key: &HandleKey) -> Self {
        self.links = self.users.iter().map(|user| key.user(user)).collect();
        self.links.extend(self.phones.iter().map(|phone| key.number(*phone)));
        self
    }

    /// Whether a text is only the person's name or number.
    pub fn is(&self, text: &str) -> bool {
        let folded = fold_user(text);
        let name = folded.strip_prefix("user ").unwrap_or(&folded);
        self.users.iter().any(|user| *user == folded || user == name)
    }

    /// The text with the person replaced; `None` when it does not contain them.
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

    /// Replaces the person in every text and key of a document; whether anything was found. Whole
    /// numbers count as texts.
    pub fn take_out_of(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.taken_out_of(text).map(|left| *text = left).is_some(),
            Value::Number(number) => {
                let text = Some(number.to_string()).filter(|text| text.len() >= WHOLE);
                let left = text.and_then(|text| self.taken_out_of(&text));
                left.map(|left| *value = Value::String(left)).is_some()
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

    /// As [`Self::take_out_of`], but removes whole list items about one of the numbers, because a
    /// rule cannot be read with a handle instead of its number.
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

    /// A Postgres regular expression that matches every text that names the person, and few others;
    /// case-insensitive.
    pub fn pattern(&self) -> String {
        let names = self.users.iter().flat_map(|user| spellings::name_patterns(user));
        let numbers = self.phones.iter().map(|phone| spellings::number_pattern(*phone));
        let links = self.links.iter().map(|link| spellings::escaped(link));
        names.chain(numbers).chain(links).collect::<Vec<_>>().join("|")
    }
}
