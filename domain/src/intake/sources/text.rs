//! A field value of any type: a record with one odd field is judged by field instead of failing as
//! a whole. Strings are borrowed where JSON allows it.

use super::Rejection;
use super::key::Key;
use crate::Fault;
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::borrow::Cow;
use std::fmt;

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Text<'a> {
    /// Missing or null.
    #[default]
    Absent,
    Str(Cow<'a, str>),
    Number(Number),
    /// Another type, by name (`an object`).
    Other(&'static str),
}

impl Text<'_> {
    /// The type's name, for messages.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Absent => "null",
            Self::Str(_) => "a string",
            Self::Number(_) => "a number",
            Self::Other(what) => what,
        }
    }

    pub(crate) fn into_owned<'b>(self) -> Text<'b> {
        match self {
            Self::Absent => Text::Absent,
            Self::Str(text) => Text::Str(Cow::Owned(text.into_owned())),
            Self::Number(number) => Text::Number(number),
            Self::Other(what) => Text::Other(what),
        }
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor { wrapped: false })
    }
}

/// A field value that may be wrapped in an object as member `value`, as Windows PowerShell 5.1
/// writes times from cmdlets (`{"value": "/Date(…)/", "DateTime": "…"}`). One with an offset has
/// `UtcDateTime` instead. `DateTime` is not used: it is shifted by the writer's zone.
#[derive(Debug, Default)]
pub(crate) struct Wrapped<'a>(pub(crate) Text<'a>);

impl<'de> Deserialize<'de> for Wrapped<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor { wrapped: true }).map(Self)
    }
}

struct TextVisitor {
    /// Whether to unwrap an object's member `value`, else `UtcDateTime`.
    wrapped: bool,
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Str(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::Str(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Text::Absent)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::Other("true or false"))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text::Number(number.into()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Text::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(number).map_or(Text::Other("a number"), Text::Number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut value, mut utc) = (None, None);
        while let Some(Key(key)) = map.next_key()? {
            if self.wrapped && key.eq_ignore_ascii_case("value") {
                value = Some(map.next_value()?);
            } else if self.wrapped && key.eq_ignore_ascii_case("utcdatetime") {
                utc = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(value.or(utc).unwrap_or(Text::Other("an object")))
    }
}

/// Refuses a text that Postgres cannot store or that exceeds the contract's limit.
pub(crate) fn within(field: &str, text: &str, limit: usize) -> Result<(), Rejection> {
    no_nul(field, text)?;
    // A text has no more characters than bytes, so most need no counting.
    if text.len() > limit {
        let count = text.chars().count();
        if count > limit {
            let message = format!("has {count} characters; at most {limit} are allowed");
            return Err(Rejection::new(Fault::TooLong, field, message));
        }
    }
    Ok(())
}

/// Refuses U+0000, which Postgres cannot store in a text.
pub(crate) fn no_nul(field: &str, text: &str) -> Result<(), Rejection> {
    if text.as_bytes().contains(&0) {
        let words = "holds the character U+0000, which cannot be stored";
        return Err(Rejection::new(Fault::InvalidValue, field, words));
    }
    Ok(())
}
