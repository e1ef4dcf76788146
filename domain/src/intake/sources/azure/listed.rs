//! Lists that Windows PowerShell 5.1's `ConvertTo-Json` writes as objects, even inside records:
//! `{"value": [...], "Count": 7}`.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Whether an object with this first key may be a list.
pub(super) fn begins(key: &str) -> bool {
    ["value", "count"].iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// The list inside such an object.
pub(super) fn list(object: &Map<String, Value>) -> Option<&Value> {
    let member = |name: &str| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let (value, count) = (member("value")?, member("count"));
    let whole = object.len() == 1 + usize::from(count.is_some());
    (whole && (count.is_some() || value.is_array())).then_some(value)
}

/// An object whose first key has been read.
pub(super) struct Begun<'de, A> {
    pub(super) first: Option<Cow<'de, str>>,
    pub(super) rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Begun<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(Cow::Borrowed(key)) => {
                seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
            }
            Some(Cow::Owned(key)) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
