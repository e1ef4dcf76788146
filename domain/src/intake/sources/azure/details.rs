//! `additionalDetails`: a record's keys and values in every form that tools write. Unreadable
//! details are an error: the record would be stored without its number, and a later, better export
//! would be a duplicate.

use super::flat;
use super::nested::Part;
use crate::sources::key::{Key, visit_plain};
use crate::sources::text::Text;
use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The error for anything else.
const ODD: &str = "contains no readable keys and values; allowed is a list of {\"key\": ..., \
     \"value\": ...}, as Microsoft Graph writes it";

/// A list of `{key, value}` pairs, or an object with them as members.
#[derive(Default)]
pub(super) struct Details<'a> {
    pub(super) pairs: Vec<(Cow<'a, str>, Text<'a>)>,
    /// Why some details could not be read, if any.
    pub(super) unread: Option<&'static str>,
    /// Whether it is a single pair without a list: KQL's `mv-expand` makes a row of each pair.
    pub(super) lone: bool,
}

/// See [`Details`].
pub(super) struct DetailsPart;

impl Part for DetailsPart {
    type Of<'a> = Details<'a>;

    fn own<'b>(part: Details<'_>) -> Details<'b> {
        let own = |(key, value): (Cow<'_, str>, Text<'_>)| {
            (Cow::Owned(key.into_owned()), value.into_owned())
        };
        let Details { pairs, unread, lone } = part;
        Details { pairs: pairs.into_iter().map(own).collect(), unread, lone }
    }

    fn of_flat<'a>(objects: impl Iterator<Item = &'a str>) -> Option<Details<'a>> {
        let text = |text| Text::Str(Cow::Borrowed(text));
        let pair = |(key, value)| (Cow::Borrowed(key), text(value));
        let pairs = objects.map(|object| flat::pair(object).map(pair));
        let pairs: Vec<(Cow<'a, str>, Text<'a>)> = pairs.collect::<Option<_>>()?;
        // A value that looks like the next pair would be taken for it.
        let twice =
            |at: usize| pairs[..at].iter().any(|(key, _)| key.eq_ignore_ascii_case(&pairs[at].0));
        (!(0..pairs.len()).any(twice)).then(|| Details { pairs, ..Details::default() })
    }
}

impl<'a> Details<'a> {
    /// Adds a cell of a table with alternating columns for keys and values.
    pub(super) fn set(&mut self, is_key: bool, text: &'a str) {
        if is_key {
            self.pairs.push((Cow::Borrowed(text), Text::Absent));
        } else if let Some((_, value)) = self.pairs.last_mut() {
            *value = Text::Str(Cow::Borrowed(text));
        }
    }

    /// From an object: `{key, value}` is one pair, otherwise the member names are keys.
    fn of_members(mut pairs: Vec<(Cow<'a, str>, Text<'a>)>) -> Self {
        let value = pairs.iter().position(|(name, _)| name.eq_ignore_ascii_case("value"));
        if let ([(one, _), (other, _)], Some(value)) = (pairs.as_slice(), value)
            && is_key(if value == 0 { other } else { one })
        {
            let (_, value) = pairs.swap_remove(value);
            let key = pairs.pop().map(|(_, key)| key).unwrap_or_default();
            let element = Element::of(key, value);
            return Self { lone: true, ..Self::of_elements([element].into_iter()) };
        }
        let nothing = |(_, value): &(_, Text<'_>)| matches!(value, Text::Other(_));
        let unread = (!pairs.is_empty() && pairs.iter().all(nothing)).then_some(ODD);
        Self { pairs, unread, lone: false }
    }

    fn of_elements(elements: impl Iterator<Item = Element<'a>>) -> Self {
        let mut details = Self::default();
        let mut odd = false;
        for element in elements {
            match element {
                Element::Nothing => {}
                Element::Pair(key, value) => details.pairs.push((key, value)),
                Element::Odd => odd = true,
                Element::Unread(why) => details.unread = details.unread.or(Some(why)),
            }
        }
        if odd && details.pairs.is_empty() {
            details.unread.get_or_insert(ODD);
        }
        details
    }
}

impl<'de> Deserialize<'de> for Details<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DetailsVisitor;

        impl<'de> Visitor<'de> for DetailsVisitor {
            type Value = Details<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of keys and values")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Details::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                let elements = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Details::of_elements(elements.into_iter()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Details::of_members(members))
            }
        }

        deserializer.deserialize_any(DetailsVisitor)
    }
}

/// Whether this member is a pair's key.
fn is_key(name: &str) -> bool {
    ["key", "name"].iter().any(|key| name.eq_ignore_ascii_case(key))
}

enum Element<'a> {
    Nothing,
    Pair(Cow<'a, str>, Text<'a>),
    /// Not a pair, which no export contains; ignored beside valid ones.
    Odd,
    /// A text that is not a pair, with the error.
    Unread(&'static str),
}

impl<'a> Element<'a> {
    fn of(key: Text<'a>, value: Text<'a>) -> Self {
        match (key, value) {
            (Text::Str(key), value) => Self::Pair(key, value),
            (Text::Absent, Text::Absent) => Self::Nothing,
            _ => Self::Odd,
        }
    }

    fn of_text(text: &str) -> Self {
        let pair = |key: &str, value: &str| {
            let value = Text::Str(Cow::Owned(value.to_owned()));
            Self::Pair(Cow::Owned(key.to_owned()), value)
        };
        if text.trim().is_empty() {
            return Self::Nothing;
        }
        let flat = flat::objects(text).and_then(|mut objects| {
            let pair = flat::pair(objects.next()?);
            // A second pair belongs to a value.
            pair.filter(|_| objects.next().is_none())
        });
        match flat {
            Some((key, value)) => pair(key, value),
            None if flat::is_cut(text) => Self::Unread(flat::AGAIN),
            None => match labelled(text) {
                Some((key, value)) => pair(key, value),
                None => Self::Unread(ODD),
            },
        }
    }
}

/// `PhoneNumber: +14155550100`.
fn labelled(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let key = key.trim();
    let named = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    (named && key.as_bytes().first()?.is_ascii_alphabetic()).then_some((key, value.trim()))
}

impl<'de> Deserialize<'de> for Element<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key and its value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut key, mut value) = (None, None);
        while let Some(Key(name)) = map.next_key()? {
            if name.eq_ignore_ascii_case("value") {
                value = Some(map.next_value()?);
            } else if is_key(&name) && key.is_none() {
                key = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(match key {
            Some(key) => Element::of(key, value.unwrap_or_default()),
            None => Element::Odd,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Odd)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Element::of_text(text))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Element::Nothing)
    }

    visit_plain!(bool => Element::Odd, number => Element::Odd);
}
