//! A record of Microsoft's audit log in any shape. The shapes differ in names only: no name means
//! different things in two of them.

use super::details::DetailsPart;
use super::field::Field;
use super::nested::{Nested, Part, PartyPart, is_not_available};
use super::steps::{MfaPart, StatusPart, StepsPart};
use crate::sources::key::Key;
use crate::sources::text::{Text, Wrapped};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Declares a record with accessors over its fields: each text is listed once, with its field.
macro_rules! record {
    ($($(#[$about:meta])* $text:ident: $field:ident,)+) => {
        /// A record's unvalidated fields; see [`Record::read`].
        #[derive(Default)]
        pub struct Record<'a> {
            $($(#[$about])* pub(super) $text: Text<'a>,)+
            pub(super) details: Nested<'a, DetailsPart>,
            pub(super) target: Nested<'a, PartyPart>,
            pub(super) initiator: Nested<'a, PartyPart>,
            /// The record inside a diagnostic-settings envelope.
            pub(super) properties: Nested<'a, InnerPart>,
            pub(super) status: Nested<'a, StatusPart>,
            pub(super) steps: Nested<'a, StepsPart>,
            pub(super) mfa: Nested<'a, MfaPart>,
            /// It has a field of the sign-in log.
            pub(super) sign_in: bool,
            /// It has a field of Microsoft 365's unified audit log.
            pub(super) unified: bool,
            /// It has a field that only Microsoft's records have.
            pub(super) recognised: bool,
        }

        impl<'a> Record<'a> {
            fn into_owned<'b>(self) -> Record<'b> {
                Record {
                    $($text: self.$text.into_owned(),)+
                    details: Nested(self.details.0.map(DetailsPart::own)),
                    target: Nested(self.target.0.map(PartyPart::own)),
                    initiator: Nested(self.initiator.0.map(PartyPart::own)),
                    properties: Nested(self.properties.0.map(InnerPart::own)),
                    status: Nested(self.status.0.map(StatusPart::own)),
                    steps: Nested(self.steps.0.map(StepsPart::own)),
                    mfa: Nested(self.mfa.0.map(MfaPart::own)),
                    sign_in: self.sign_in,
                    unified: self.unified,
                    recognised: self.recognised,
                }
            }

            fn slot(&mut self, field: Field) -> Option<&mut Text<'a>> {
                Some(match field {
                    $(Field::$field => &mut self.$text,)+
                    Field::TargetId => &mut self.target.0.as_mut().ok()?.id,
                    Field::TargetName => &mut self.target.0.as_mut().ok()?.name,
                    Field::ActorId => &mut self.initiator.0.as_mut().ok()?.id,
                    Field::ActorName => &mut self.initiator.0.as_mut().ok()?.name,
                    Field::ActorIp => &mut self.initiator.0.as_mut().ok()?.ip,
                    Field::Details
                    | Field::Target
                    | Field::Initiator
                    | Field::Properties
                    | Field::Steps
                    | Field::Mfa
                    | Field::Status
                    | Field::DetailKey
                    | Field::DetailValue
                    | Field::Unified
                    | Field::SignIn => return None,
                })
            }
        }
    };
}

record! {
    id: Id,
    /// `activityDateTime`, else `time` or `TimeGenerated`.
    activity_time: ActivityTime,
    log_time: LogTime,
    /// `activityDisplayName`, else `operationName`.
    activity: Activity,
    operation: Operation,
    category: Category,
    correlation: Correlation,
    result: Result,
    result_reason: ResultReason,
    result_description: ResultDescription,
    service: Service,
    tenant: Tenant,
    // Fields of the sign-in log.
    created_time: CreatedTime,
    user_id: UserId,
    user_name: UserName,
    ip: Ip,
    user_agent: UserAgent,
    app: App,
    /// The second factor: its result, its method, and the masked number.
    mfa_result: MfaResult,
    mfa_method: MfaMethod,
    mfa_number: MfaNumber,
}

impl<'a> Record<'a> {
    /// Whether it has one of Microsoft's shapes.
    pub fn is_recognised(&self) -> bool {
        self.recognised
    }

    /// Sets a field from a CSV cell.
    pub fn set(&mut self, field: Field, text: &'a str) {
        self.recognised |= field.is_microsofts();
        // A joined table has columns of several logs; only the portal's sign-ins have this one.
        let given = field == Field::MfaResult || !text.trim().is_empty();
        self.sign_in |= field.is_of_sign_in() && given;
        match field {
            Field::Details => self.details = Nested::from_text(text),
            Field::Target => self.target = Nested::from_text(text),
            Field::Initiator => self.initiator = Nested::from_text(text),
            Field::Steps => self.steps = Nested::from_text(text),
            Field::Mfa => self.mfa = Nested::from_text(text),
            Field::Status => self.status = Nested::from_text(text),
            Field::DetailKey | Field::DetailValue => {
                if let Ok(details) = &mut self.details.0 {
                    details.set(field == Field::DetailKey, text);
                }
            }
            // A CSV has no envelope.
            Field::SignIn | Field::Unified | Field::Properties => {}
            _ => {
                if let Some(slot) = self.slot(field) {
                    *slot = Text::Str(Cow::Borrowed(text));
                }
            }
        }
    }
}

impl Text<'_> {
    /// The text unless it is blank or `N/A`.
    pub(super) fn given(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Str(text) => {
                let text = text.trim();
                (!text.is_empty() && !is_not_available(text)).then_some(Cow::Borrowed(text))
            }
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Absent | Self::Other(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor { inner: false })
    }
}

struct RecordVisitor {
    /// Whether this record is inside an envelope.
    inner: bool,
}

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log record as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut record = Record::default();
        while let Some(Key(key)) = map.next_key()? {
            let Some(field) = Field::named(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            record.recognised |= field.is_microsofts();
            record.sign_in |= field.is_of_sign_in();
            record.unified |= field == Field::Unified;
            match field {
                Field::CreatedTime => record.created_time = map.next_value::<Wrapped<'_>>()?.0,
                Field::Status => record.status = map.next_value()?,
                Field::Steps => record.steps = map.next_value()?,
                Field::Mfa => record.mfa = map.next_value()?,
                Field::ActivityTime => record.activity_time = map.next_value::<Wrapped<'_>>()?.0,
                Field::LogTime => record.log_time = map.next_value::<Wrapped<'_>>()?.0,
                Field::Details => record.details = map.next_value()?,
                Field::Target => record.target = map.next_value()?,
                Field::Initiator => record.initiator = map.next_value()?,
                Field::SignIn | Field::Unified => {
                    map.next_value::<IgnoredAny>()?;
                }
                // Azure's activity log has a name and its translation.
                Field::Operation => record.operation = map.next_value::<Wrapped<'_>>()?.0,
                Field::Properties if self.inner => {
                    map.next_value::<IgnoredAny>()?;
                }
                Field::Properties => record.properties = map.next_value()?,
                _ => {
                    let value = map.next_value()?;
                    if let Some(slot) = record.slot(field) {
                        *slot = value;
                    }
                }
            }
        }
        Ok(record)
    }
}

/// The record inside an envelope. A nested envelope is ignored: no export has one, and unlimited
/// nesting could overflow the stack.
#[derive(Default)]
pub(super) struct Inner<'a>(pub(super) Option<Box<Record<'a>>>);

impl<'de> Deserialize<'de> for Inner<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = deserializer.deserialize_map(RecordVisitor { inner: true })?;
        Ok(Self(Some(Box::new(record))))
    }
}

/// See [`Inner`].
pub(super) struct InnerPart;

impl Part for InnerPart {
    type Of<'a> = Inner<'a>;

    fn own<'b>(part: Inner<'_>) -> Inner<'b> {
        Inner(part.0.map(|record| Box::new(record.into_owned())))
    }

    /// Its details and parties are nested, and lost.
    fn of_flat<'a>(_: impl Iterator<Item = &'a str>) -> Option<Inner<'a>> {
        None
    }
}
