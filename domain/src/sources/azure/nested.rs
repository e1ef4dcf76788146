//! The parts of a Microsoft record that are JSON, or JSON inside a string: Log Analytics writes
//! every array and object as a string. What PowerShell has flattened is read as far as it is there.

use super::flat;
use crate::Fault;
use crate::sources::neutral::Key;
use crate::sources::text::Text;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// What a part holds, with a lifetime of its own so that it can be read from a passing string.
pub(super) trait Part {
    /// The part, borrowing from the JSON.
    type Of<'a>: Deserialize<'a> + Default;

    /// The same without a borrow.
    fn own<'b>(part: Self::Of<'_>) -> Self::Of<'b>;

    /// From objects that were flattened (see [`flat`]); none where they say nothing of it.
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
    /// From a string that holds JSON.
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
        Self(
            serde_json::from_str(text).map_err(|error| (Fault::of_json(&error), error.to_string())),
        )
    }
}

/// How a field is left empty: Microsoft's way, and that of its command line `az`, which is Python.
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

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Nested::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        P::Of::deserialize(SeqAccessDeserializer::new(seq)).map(|part| Nested(Ok(part)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        P::Of::deserialize(MapAccessDeserializer::new(map)).map(|part| Nested(Ok(part)))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Nested(Err((Fault::InvalidType, "is true or false".to_owned()))))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Nested(Err((Fault::InvalidType, "is a number".to_owned()))))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Nested(Err((Fault::InvalidType, "is a number".to_owned()))))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Nested(Err((Fault::InvalidType, "is a number".to_owned()))))
    }
}

/// `additionalDetails`: a list of `{key, value}` pairs, or an object of them.
#[derive(Default)]
pub(super) struct Details<'a> {
    pub(super) pairs: Vec<(Cow<'a, str>, Text<'a>)>,
    /// Whether any of them was cut off by a tool.
    pub(super) cut: bool,
}

/// See [`Details`].
pub(super) struct DetailsPart;

impl Part for DetailsPart {
    type Of<'a> = Details<'a>;

    fn own<'b>(part: Details<'_>) -> Details<'b> {
        let own = |(key, value): (Cow<'_, str>, Text<'_>)| {
            (Cow::Owned(key.into_owned()), value.into_owned())
        };
        Details { pairs: part.pairs.into_iter().map(own).collect(), cut: part.cut }
    }

    fn of_flat<'a>(objects: impl Iterator<Item = &'a str>) -> Option<Details<'a>> {
        let text = |text| Text::Str(Cow::Borrowed(text));
        let pair = |(key, value)| (Cow::Borrowed(key), text(value));
        let pairs = objects.map(|object| flat::pair(object).map(pair));
        let pairs: Vec<(Cow<'a, str>, Text<'a>)> = pairs.collect::<Option<_>>()?;
        // A value that looks like the next pair would be taken for it.
        let twice =
            |at: usize| pairs[..at].iter().any(|(key, _)| key.eq_ignore_ascii_case(&pairs[at].0));
        (!(0..pairs.len()).any(twice)).then_some(Details { pairs, cut: false })
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

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut details = Details { pairs: Vec::with_capacity(8), cut: false };
                while let Some(Pair { key, value, cut }) = seq.next_element()? {
                    details.cut |= cut;
                    if let Text::Str(key) = key {
                        details.pairs.push((key, value));
                    }
                }
                Ok(details)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    pairs.push((key, value));
                }
                Ok(Details { pairs, cut: false })
            }
        }

        deserializer.deserialize_any(DetailsVisitor)
    }
}

impl<'a> Details<'a> {
    /// Takes a cell of a table that has keys and values in columns of their own, in turn.
    pub(super) fn set(&mut self, is_key: bool, text: &'a str) {
        if is_key {
            self.pairs.push((Cow::Borrowed(text), Text::Absent));
        } else if let Some((_, value)) = self.pairs.last_mut() {
            *value = Text::Str(Cow::Borrowed(text));
        }
    }
}

/// One pair; other members are passed over, and so is an element that is no object.
#[derive(Default)]
struct Pair<'a> {
    key: Text<'a>,
    value: Text<'a>,
    /// Whether a tool has cut it off.
    cut: bool,
}

impl Pair<'_> {
    fn of_text(text: &str) -> Self {
        let own = |text: &str| Text::Str(Cow::Owned(text.to_owned()));
        match flat::objects(text).and_then(|mut objects| {
            let pair = flat::pair(objects.next()?);
            // What looks like a second one is part of a value.
            pair.filter(|_| objects.next().is_none())
        }) {
            Some((key, value)) => Self { key: own(key), value: own(value), cut: false },
            None => Self { cut: flat::is_cut(text), ..Self::default() },
        }
    }
}

/// Who a record is about, or who began it.
#[derive(Default)]
pub(super) struct Party<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) ip: Text<'a>,
    /// Whether a tool has cut it off.
    pub(super) cut: bool,
}

impl Party<'_> {
    fn of_text(text: &str) -> Self {
        let party = flat::objects(text).and_then(PartyPart::of_flat).map(PartyPart::own);
        party.unwrap_or_else(|| Self { cut: flat::is_cut(text), ..Self::default() })
    }
}

/// See [`Party`]: of a list the first, of `{user, app}` the user.
pub(super) struct PartyPart;

impl Part for PartyPart {
    type Of<'a> = Party<'a>;

    fn own<'b>(part: Party<'_>) -> Party<'b> {
        let Party { id, name, ip, cut } = part;
        Party { id: id.into_owned(), name: name.into_owned(), ip: ip.into_owned(), cut }
    }

    fn of_flat<'a>(mut objects: impl Iterator<Item = &'a str>) -> Option<Party<'a>> {
        let object = objects.next()?;
        // People write their names: one that looks like a member would be taken for it.
        if ["id", "userPrincipalName", "ipAddress"].iter().any(|name| flat::is_twice(object, name))
        {
            return None;
        }
        let member = |name| {
            flat::member(object, name).map_or(Text::Absent, |text| Text::Str(Cow::Borrowed(text)))
        };
        // Of `{user, app}` the user is an object itself, and cut off where there is one.
        let cut = flat::member(object, "user").is_some_and(|user| !user.trim().is_empty());
        let (id, name, ip) = (member("id"), member("userPrincipalName"), member("ipAddress"));
        Some(Party { id, name, ip, cut })
    }
}

/// How a sign-in ended, in words.
#[derive(Default)]
pub(super) struct Status<'a> {
    pub(super) said: Text<'a>,
}

/// See [`Status`].
pub(super) struct StatusPart;

/// A second factor, and what became of it.
#[derive(Default)]
pub(super) struct Step<'a> {
    pub(super) method: Text<'a>,
    /// The masked number.
    pub(super) number: Text<'a>,
    pub(super) result: Text<'a>,
    /// Whether a tool has cut it off.
    pub(super) cut: bool,
}

/// The steps of a sign-in.
#[derive(Default)]
pub(super) struct Steps<'a>(pub(super) Vec<Step<'a>>);

/// See [`Steps`].
pub(super) struct StepsPart;

/// What became of a step.
const RESULT: &str = "authenticationStepResultDetail";

/// See [`Step`]: `mfaDetail`, which has no result.
pub(super) struct MfaPart;

impl Status<'_> {
    // Where it is a word there is nothing to read.
    fn of_text(_: &str) -> Self {
        Self::default()
    }
}

impl Step<'_> {
    fn of_text(text: &str) -> Self {
        let step = flat::objects(text).and_then(MfaPart::of_flat).map(MfaPart::own);
        step.unwrap_or_else(|| Self { cut: flat::is_cut(text), ..Self::default() })
    }
}

impl Part for StatusPart {
    type Of<'a> = Status<'a>;

    fn own<'b>(part: Status<'_>) -> Status<'b> {
        Status { said: part.said.into_owned() }
    }

    fn of_flat<'a>(mut objects: impl Iterator<Item = &'a str>) -> Option<Status<'a>> {
        let said = flat::member(objects.next()?, "additionalDetails").unwrap_or_default();
        Some(Status { said: Text::Str(Cow::Borrowed(said)) })
    }
}

impl Part for MfaPart {
    type Of<'a> = Step<'a>;

    fn own<'b>(part: Step<'_>) -> Step<'b> {
        Step {
            method: part.method.into_owned(),
            number: part.number.into_owned(),
            result: part.result.into_owned(),
            cut: part.cut,
        }
    }

    fn of_flat<'a>(mut objects: impl Iterator<Item = &'a str>) -> Option<Step<'a>> {
        let object = objects.next()?;
        let first = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| flat::member(object, name));
            found.map_or(Text::Absent, |text| Text::Str(Cow::Borrowed(text)))
        };
        Some(Step {
            method: first(["authMethod", "authenticationMethod"]),
            number: first(["authDetail", "authenticationMethodDetail"]),
            result: first([RESULT, RESULT]),
            cut: false,
        })
    }
}

impl Part for StepsPart {
    type Of<'a> = Steps<'a>;

    fn own<'b>(part: Steps<'_>) -> Steps<'b> {
        Steps(part.0.into_iter().map(MfaPart::own).collect())
    }

    fn of_flat<'a>(objects: impl Iterator<Item = &'a str>) -> Option<Steps<'a>> {
        objects
            .map(|object| MfaPart::of_flat(std::iter::once(object)))
            .collect::<Option<_>>()
            .map(Steps)
    }
}

impl<'de> Deserialize<'de> for Steps<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StepsVisitor;

        impl<'de> Visitor<'de> for StepsVisitor {
            type Value = Steps<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of steps")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Steps::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut steps = Vec::with_capacity(4);
                while let Some(step) = seq.next_element()? {
                    steps.push(step);
                }
                Ok(Steps(steps))
            }

            // PowerShell writes a list of one as that one.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Step::deserialize(MapAccessDeserializer::new(map)).map(|step| Steps(vec![step]))
            }
        }

        deserializer.deserialize_any(StepsVisitor)
    }
}

/// Implements `Deserialize` for a struct of fields that may have any JSON in their place: an
/// object is read by its keys, of a list the first element counts, anything else is empty.
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

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
                Ok($name::default())
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
                Ok($name::default())
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
                Ok($name::default())
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
                Ok($name::default())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok($name::of_text(text))
            }
        }
    };
}

loose!(Pair, PairVisitor, false, |pair, map| {
    "key" => pair.key = map.next_value()?,
    "value" => pair.value = map.next_value()?,
});

loose!(Party, PartyVisitor, true, |party, map| {
    "id" => party.id = map.next_value()?,
    "userprincipalname" => party.name = map.next_value()?,
    "ipaddress" => party.ip = map.next_value()?,
    "user" => party = map.next_value()?,
});

loose!(Status, StatusVisitor, false, |status, map| {
    "additionaldetails" => status.said = map.next_value()?,
});

loose!(Step, StepVisitor, false, |step, map| {
    "authmethod" => step.method = map.next_value()?,
    "authenticationmethod" => step.method = map.next_value()?,
    "authdetail" => step.number = map.next_value()?,
    "authenticationmethoddetail" => step.number = map.next_value()?,
    "authenticationstepresultdetail" => step.result = map.next_value()?,
});
