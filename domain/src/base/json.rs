//! Reads JSON and detects repeated names in objects. Serde keeps the last of two members with one
//! name, other readers the first (RFC 8259, section 4), so that one could check what another does
//! not use.

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a document and returns the first repeated name in one of its objects.
///
/// # Errors
/// When it is not JSON.
pub fn read(bytes: &[u8]) -> serde_json::Result<(Value, Option<String>)> {
    let mut twice = None;
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = Once(&mut twice).deserialize(&mut from)?;
    from.end()?;
    Ok((value, twice))
}

/// Reads a value and stores the first repeated name.
pub(crate) struct Once<'a>(pub(crate) &'a mut Option<String>);

impl Once<'_> {
    /// Reads a part of the value.
    fn part(&mut self) -> Once<'_> {
        Once(self.0)
    }
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self.part())? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if members.contains_key(&name) && self.0.is_none() {
                *self.0 = Some(name.clone());
            }
            let value = from.next_value_seed(self.part())?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn twice(text: &str) -> Option<String> {
        read(text.as_bytes()).unwrap().1
    }

    #[test]
    fn a_name_given_twice_is_seen_at_every_depth_and_in_every_spelling() {
        for (text, name) in [
            (r#"{"a": 1, "a": 1}"#, "a"),
            (r#"{"a": 1, "\u0061": 2}"#, "a"),
            (r#"{"b": {"c": 1, "c": 2}}"#, "c"),
            (r#"[[{"": 1, "": 2}]]"#, ""),
            (r#"{"b": 1, "a": {"d": 1, "d": 2}, "b": 2}"#, "d"),
        ] {
            assert_eq!(twice(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(twice(r#"{"a": {"a": [{"a": 1}, {"a": 1}]}, "A": 1}"#), None);
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for text in ["", "{", "{\"a\": 1} x", "{\"a\"}", "nul", "[1,]"] {
            let ours = read(text.as_bytes()).unwrap_err();
            let serdes = serde_json::from_str::<Value>(text).unwrap_err();
            assert_eq!((ours.line(), ours.column()), (serdes.line(), serdes.column()), "{text}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_read_as_serde_reads_it(value in any_value()) {
            let text = value.to_string();
            let read = read(text.as_bytes()).unwrap();
            prop_assert_eq!(read, (serde_json::from_str::<Value>(&text).unwrap(), None));
        }
    }
}
