//! An event as JSON gives it: any field may be missing or have any type.

use crate::json::Once;
use crate::sources::key::Key;
use crate::sources::text::Text;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// Declares a record: each text field is listed once.
macro_rules! record {
    ($($text:ident),+) => {
        /// An event's unvalidated fields; see [`Record::event`].
        #[derive(Debug, Default)]
        pub struct Record<'a> {
            $(pub(super) $text: Text<'a>,)+
            pub(super) cost: Option<Value>,
            pub(super) extra: Option<Value>,
            /// The first unknown field.
            pub(super) unknown: Option<String>,
            /// The first repeated name, here or nested.
            pub(super) twice: Option<String>,
            /// Number of known fields.
            pub(super) known: usize,
        }

        impl<'a> Record<'a> {
            fn text(&mut self, name: &str) -> Option<&mut Text<'a>> {
                match name {
                    $(stringify!($text) => Some(&mut self.$text),)+
                    _ => None,
                }
            }
        }

        /// Every field, for the error about an unknown one.
        pub(super) const FIELDS: &str = concat!($(stringify!($text), ", ",)+ "cost, extra");
    };
}

record! {
    id, source, time, kind, journey, user, device, flow, app, phone, channel, ip, user_agent, reason,
    reason_text, provider_ref, carrier
}

impl Record<'_> {
    /// Whether it has an unknown field: it may be another source's record.
    pub fn is_foreign(&self) -> bool {
        self.unknown.is_some()
    }

    /// Whether it has no known field.
    pub fn is_unrecognised(&self) -> bool {
        self.known == 0
    }
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut record = Record::default();
        // Known names only, so there are few.
        let mut names: Vec<Cow<'de, str>> = Vec::with_capacity(19);
        while let Some(Key(key)) = map.next_key()? {
            if names.contains(&key) {
                record.twice.get_or_insert_with(|| key.to_string());
            }
            match key.as_ref() {
                "cost" => record.cost = Some(map.next_value_seed(Once(&mut record.twice))?),
                "extra" => record.extra = Some(map.next_value_seed(Once(&mut record.twice))?),
                name => {
                    let Some(text) = record.text(name) else {
                        map.next_value::<IgnoredAny>()?;
                        record.unknown.get_or_insert_with(|| key.into_owned());
                        continue;
                    };
                    *text = map.next_value()?;
                }
            }
            record.known += 1;
            names.push(key);
        }
        Ok(record)
    }
}
