//! Parts of sign-in records: status and steps.

use super::flat;
use super::nested::{Part, loose};
use crate::sources::key::Key;
use crate::sources::text::Text;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A sign-in's result in words.
#[derive(Default)]
pub(super) struct Status<'a> {
    pub(super) said: Text<'a>,
}

/// See [`Status`].
pub(super) struct StatusPart;

/// A second factor and its result.
#[derive(Default)]
pub(super) struct Step<'a> {
    pub(super) method: Text<'a>,
    /// Masked.
    pub(super) number: Text<'a>,
    pub(super) result: Text<'a>,
    /// Whether a tool truncated it.
    pub(super) cut: bool,
}

#[derive(Default)]
pub(super) struct Steps<'a>(pub(super) Vec<Step<'a>>);

/// See [`Steps`].
pub(super) struct StepsPart;

/// The member with a step's result.
const RESULT: &str = "authenticationStepResultDetail";

/// Reads `mfaDetail` as a [`Step`] without a result.
pub(super) struct MfaPart;

impl Status<'_> {
    // A single word carries no data.
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

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Steps)
            }

            // PowerShell writes a list of one as its element.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Step::deserialize(MapAccessDeserializer::new(map)).map(|step| Steps(vec![step]))
            }
        }

        deserializer.deserialize_any(StepsVisitor)
    }
}

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
