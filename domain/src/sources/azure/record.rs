//! One record of Microsoft's audit log in any of its shapes, field by field. The shapes name the
//! same things a little differently; nothing of one shape means something else in another.

use super::nested::{DetailsPart, Nested, Part, PartyPart, is_not_available};
use crate::sources::neutral::Key;
use crate::sources::text::{Text, Wrapped};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A record's fields, not judged yet; [`Record::read`] judges them.
#[derive(Default)]
pub struct Record<'a> {
    pub(super) id: Text<'a>,
    /// `activityDateTime`, else `time` or `TimeGenerated`.
    pub(super) activity_time: Text<'a>,
    pub(super) log_time: Text<'a>,
    /// `activityDisplayName`, else `operationName`.
    pub(super) activity: Text<'a>,
    pub(super) operation: Text<'a>,
    pub(super) category: Text<'a>,
    pub(super) correlation: Text<'a>,
    pub(super) result: Text<'a>,
    pub(super) result_reason: Text<'a>,
    pub(super) result_description: Text<'a>,
    pub(super) service: Text<'a>,
    pub(super) tenant: Text<'a>,
    pub(super) details: Nested<'a, DetailsPart>,
    pub(super) target: Nested<'a, PartyPart>,
    pub(super) initiator: Nested<'a, PartyPart>,
    /// The record inside a diagnostic-settings envelope.
    pub(super) properties: Nested<'a, InnerPart>,
    /// A sign-in record: another log, with other fields.
    pub(super) sign_in: bool,
    /// Whether any field is one that only Microsoft's records have.
    pub(super) recognised: bool,
}

/// A field of a record; a CSV's header is turned into these once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The record's id.
    Id,
    /// When it happened.
    ActivityTime,
    /// When it was logged.
    LogTime,
    /// The activity's name.
    Activity,
    /// The operation's name.
    Operation,
    /// The log's category.
    Category,
    /// The journey.
    Correlation,
    /// How it ended.
    Result,
    /// Why it ended so, in the portal's and Graph's word for it.
    ResultReason,
    /// Why it ended so, in Log Analytics' word for it.
    ResultDescription,
    /// Which service logged it.
    Service,
    /// The tenant's id.
    Tenant,
    /// Keys and values.
    Details,
    /// Whom it is about.
    Target,
    /// Who began it.
    Initiator,
    /// The record inside an envelope.
    Properties,
    /// A field that only sign-in records have.
    SignIn,
}

impl Field {
    /// The field that a name stands for in any of the shapes, whatever its case. The portal adds
    /// ` [UTC]` to the names of times.
    pub fn named(name: &str) -> Option<Self> {
        // Folded on the stack, as this is done for every key of every record; no known name is
        // longer.
        let mut folded = [0; 40];
        let folded = folded.get_mut(..name.len())?;
        folded.copy_from_slice(name.as_bytes());
        folded.make_ascii_lowercase();
        let name = std::str::from_utf8(folded).ok()?.trim();
        let name = name.strip_suffix("[utc]").map_or(name, str::trim_end);
        Some(match name {
            "id" => Self::Id,
            "activitydatetime" => Self::ActivityTime,
            "time" | "timegenerated" => Self::LogTime,
            "activitydisplayname" => Self::Activity,
            "operationname" => Self::Operation,
            "category" => Self::Category,
            "correlationid" => Self::Correlation,
            "result" => Self::Result,
            "resultreason" => Self::ResultReason,
            "resultdescription" => Self::ResultDescription,
            "loggedbyservice" => Self::Service,
            "aadtenantid" => Self::Tenant,
            "additionaldetails" => Self::Details,
            "targetresources" => Self::Target,
            "initiatedby" => Self::Initiator,
            "properties" => Self::Properties,
            "createddatetime" | "authenticationdetails" | "conditionalaccessstatus" => Self::SignIn,
            _ => return None,
        })
    }

    /// Whether no event of our own could have it.
    pub fn is_microsofts(self) -> bool {
        !matches!(self, Self::Id | Self::LogTime | Self::Category | Self::Result)
    }
}

impl<'a> Record<'a> {
    /// Whether it is one of Microsoft's shapes at all.
    pub fn is_recognised(&self) -> bool {
        self.recognised
    }

    /// Sets a field from a text: a CSV's cell.
    pub fn set(&mut self, field: Field, text: &'a str) {
        self.recognised |= field.is_microsofts();
        let value = || Text::Str(Cow::Borrowed(text));
        match field {
            Field::Details => self.details = Nested::from_text(text),
            Field::Target => self.target = Nested::from_text(text),
            Field::Initiator => self.initiator = Nested::from_text(text),
            Field::SignIn => self.sign_in |= !text.trim().is_empty(),
            // No CSV has an envelope.
            Field::Properties => {}
            _ => {
                if let Some(slot) = self.slot(field) {
                    *slot = value();
                }
            }
        }
    }

    fn into_owned<'b>(self) -> Record<'b> {
        Record {
            id: self.id.into_owned(),
            activity_time: self.activity_time.into_owned(),
            log_time: self.log_time.into_owned(),
            activity: self.activity.into_owned(),
            operation: self.operation.into_owned(),
            category: self.category.into_owned(),
            correlation: self.correlation.into_owned(),
            result: self.result.into_owned(),
            result_reason: self.result_reason.into_owned(),
            result_description: self.result_description.into_owned(),
            service: self.service.into_owned(),
            tenant: self.tenant.into_owned(),
            details: Nested(self.details.0.map(DetailsPart::own)),
            target: Nested(self.target.0.map(PartyPart::own)),
            initiator: Nested(self.initiator.0.map(PartyPart::own)),
            properties: Nested(self.properties.0.map(InnerPart::own)),
            sign_in: self.sign_in,
            recognised: self.recognised,
        }
    }

    fn slot(&mut self, field: Field) -> Option<&mut Text<'a>> {
        Some(match field {
            Field::Id => &mut self.id,
            Field::ActivityTime => &mut self.activity_time,
            Field::LogTime => &mut self.log_time,
            Field::Activity => &mut self.activity,
            Field::Operation => &mut self.operation,
            Field::Category => &mut self.category,
            Field::Correlation => &mut self.correlation,
            Field::Result => &mut self.result,
            Field::ResultReason => &mut self.result_reason,
            Field::ResultDescription => &mut self.result_description,
            Field::Service => &mut self.service,
            Field::Tenant => &mut self.tenant,
            Field::Details
            | Field::Target
            | Field::Initiator
            | Field::Properties
            | Field::SignIn => return None,
        })
    }
}

impl Text<'_> {
    /// The text, unless it is blank or `N/A`.
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
    /// Whether this is the record inside an envelope.
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
            match field {
                Field::ActivityTime => record.activity_time = map.next_value::<Wrapped<'_>>()?.0,
                Field::LogTime => record.log_time = map.next_value::<Wrapped<'_>>()?.0,
                Field::Details => record.details = map.next_value()?,
                Field::Target => record.target = map.next_value()?,
                Field::Initiator => record.initiator = map.next_value()?,
                Field::SignIn => {
                    map.next_value::<IgnoredAny>()?;
                    record.sign_in = true;
                }
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

/// The record inside an envelope. An envelope inside it is passed over: there is none in any
/// export, and nesting without end would be an attack on the stack.
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

    /// Its details and parties lie deeper, and are lost.
    fn of_flat<'a>(_: impl Iterator<Item = &'a str>) -> Option<Inner<'a>> {
        None
    }
}
