//! Keys of JSON objects, and what visitors do with plain values.

use serde::Deserialize;
use std::borrow::Cow;

/// An object key, borrowed if it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Key<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// The methods of a `Visitor` that give the same answer for every boolean, or for every number.
macro_rules! visit_plain {
    (bool => $bool:expr, number => $number:expr) => {
        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok($bool)
        }

        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok($number)
        }

        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok($number)
        }

        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok($number)
        }
    };
}
pub(crate) use visit_plain;
