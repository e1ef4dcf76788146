//! Parts of a Microsoft record that are JSON or a string with JSON: Log Analytics writes every
//! array and object as a string. Data flattened by PowerShell is read as far as it goes.

use super::flat;
use super::listed;
use crate::Fault;
use crate::sources::key::{Key, visit_plain};
use crate::sources::text::Text;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The type of a part; its own lifetime allows parsing from a temporary string.
pub(super) trait Part {
    type Of<'a>: Deserialize<'a> + Default;

    fn own<'b>(part: Self::Of<'_>) -> Self::Of<'b>;

    /// From flattened objects (see [`flat`]); `None` if they say nothing about it.
    fn of_flat<'a>(objects: impl Iterator<Item = &'a str>) -> Option<Self::Of<'a>>;
}

/// A part, or why it could not be read.
pub(super) struct Nested<'a, P: Part>(pub(super) Result<P::Of<'a>, (Fault, String)>);

impl<P: Part> Default for Nested<'_, P> {
    fn default() -> Self {
        Self(Ok(P::Of::default()))
    }
}

impl<'a, P: Part> Nested<'a, P> {
    pub(super) fn from_text(text: &'a str) -> Self {
        let text = text.trim();
        if text.is_empty() || is_not_available(text) {
            return Self::default();
        }
        if let Some(objects) = flat::objects(text) {
            let part = P::of_flat(objects);
            return Self(part.ok_or_else(|| (Fault::Unreadable, flat::AGAIN.to_owned())));
        }
        if flat::is_type(text) {
            return Self(Err((Fault::Unreadable, flat::AGAIN.to_owned())));
        }
        // Recursive: some tools write JSON in a string in a string.
        serde_json::from_str(text).unwrap_or_else(|error| {
            let words = match text.starts_with(['{', '[', '"']) {
                true if error.is_eof() => format!("its JSON was cut off: {error}"),
                true => error.to_string(),
                false => {
                    let quoted: String = text.chars().take(QUOTED_MAX).collect();
                    format!("is not JSON; it begins with \"{quoted}\"")
                }
            };
            Self(Err((Fault::of_json(&error), words)))
        })
    }
}

/// Maximum characters of a text quoted in an error.
const QUOTED_MAX: usize = 40;

/// Whether a field counts as empty, as written by Microsoft or by its Python command line `az`.
pub(super) fn is_not_available(text: &str) -> bool {
    text.eq_ignore_ascii_case("n/a") || text == "None"
}

impl<'de, P: Part> Deserialize<'de> for Nested<'de, P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NestedVisitor(PhantomData))
    }
}

struct NestedVisitor<P>(PhantomData<P>);

impl<'de, P: Part> Visitor<'de> for NestedVisitor<P> {
    type Value = Nested<'de, P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON, or a string that holds it")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Nested::from_text(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Nested(Nested::<P>::from_text(text).0.map(P::own)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        P::Of::deserialize(SeqAccessDeserializer::new(seq)).map(|part| Nested(Ok(part)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first = map.next_key::<Key<'de>>()?.map(|Key(key)| key);
        if let Some(key) = first.as_deref().filter(|key| listed::begins(key)) {
            return read_begun(key, map);
        }
        let map = MapAccessDeserializer::new(listed::Begun { first, rest: map });
        P::Of::deserialize(map).map(|part| Nested(Ok(part)))
    }

    visit_plain!(bool => Nested(Err((Fault::InvalidType, "is true or false".to_owned()))),
        number => Nested(Err((Fault::InvalidType, "is a number".to_owned()))));
}

/// Reads an object that begins like a list (see [`listed`]) and may or may not be one.
fn read_begun<'de, P: Part, A: MapAccess<'de>>(
    first: &str,
    mut map: A,
) -> Result<Nested<'de, P>, A::Error> {
    let mut object = Map::new();
    object.insert(first.to_owned(), map.next_value()?);
    while let Some((Key(key), value)) = map.next_entry()? {
        object.insert(key.into_owned(), value);
    }
    let object = match listed::list(&object) {
        // The list may be cut off, or JSON in a string.
        Some(Value::String(text)) => return Ok(Nested(Nested::<P>::from_text(text).0.map(P::own))),
        Some(list) => list.clone(),
        None => Value::Object(object),
    };
    P::Of::deserialize(&object).map(|part| Nested(Ok(P::own(part)))).map_err(de::Error::custom)
}

/// The subject or actor of a record.
#[derive(Default)]
pub(super) struct Party<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) ip: Text<'a>,
    /// Whether a tool truncated it.
    pub(super) cut: bool,
}

impl Party<'_> {
    fn of_text(text: &str) -> Self {
        let party = flat::objects(text).and_then(PartyPart::of_flat).map(PartyPart::own);
        party.unwrap_or_else(|| Self { cut: flat::is_cut(text), ..Self::default() })
    }
}

/// See [`Party`]: the first of a list, the user of `{user, app}`.
pub(super) struct PartyPart;

impl Part for PartyPart {
    type Of<'a> = Party<'a>;

    fn own<'b>(part: Party<'_>) -> Party<'b> {
        let Party { id, name, ip, cut } = part;
        Party { id: id.into_owned(), name: name.into_owned(), ip: ip.into_owned(), cut }
    }

    fn of_flat<'a>(mut objects: impl Iterator<Item = &'a str>) -> Option<Party<'a>> {
        let object = objects.next()?;
        // People choose their names: one that looks like a member would be taken for it.
        if ["id", "userPrincipalName", "ipAddress"].iter().any(|name| flat::is_twice(object, name))
        {
            return None;
        }
        let member = |name| {
            flat::member(object, name).map_or(Text::Absent, |text| Text::Str(Cow::Borrowed(text)))
        };
        // In `{user, app}` the user is a nested object, and therefore cut off.
        let cut = flat::member(object, "user").is_some_and(|user| !user.trim().is_empty());
        let (id, name, ip) = (member("id"), member("userPrincipalName"), member("ipAddress"));
        Some(Party { id, name, ip, cut })
    }
}

/// Implements `Deserialize` for a struct whose place any JSON may take: an object is read by key, a
/// list by its first element, anything else is empty.
macro_rules! loose {
    ($name:ident, $visitor:ident, $first:literal, |$value:ident, $map:ident| { $($key:literal => $read:expr),+ $(,)? }) => {
        impl<'de> Deserialize<'de> for $name<'de> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($visitor)
            }
        }

        struct $visitor;

        impl<'de> Visitor<'de> for $visitor {
            type Value = $name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<Self::Value, A::Error> {
                let mut $value = $name::default();
                while let Some(Key(key)) = $map.next_key()? {
                    $(if key.eq_ignore_ascii_case($key) {
                        $read;
                        continue;
                    })+
                    $map.next_value::<IgnoredAny>()?;
                }
                Ok($value)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut first = None;
                if $first {
                    first = seq.next_element()?;
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(first.unwrap_or_default())
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok($name::default())
            }

            $crate::sources::key::visit_plain!(bool => $name::default(), number => $name::default());

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok($name::of_text(text))
            }
        }
    };
}

pub(super) use loose;

loose!(Party, PartyVisitor, true, |party, map| {
    "id" => party.id = map.next_value()?,
    "userprincipalname" => party.name = map.next_value()?,
    "ipaddress" => party.ip = map.next_value()?,
    "user" => party = map.next_value()?,
});
