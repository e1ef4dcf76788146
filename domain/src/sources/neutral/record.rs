//! One event as JSON gives it: every field there or not, of whatever type.

use crate::json::Once;
use crate::sources::key::Key;
use crate::sources::text::Text;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// One event's fields, not judged yet; [`Record::event`] judges them.
#[derive(Debug, Default)]
pub struct Record<'a> {
    pub(super) id: Text<'a>,
    pub(super) source: Text<'a>,
    pub(super) time: Text<'a>,
    pub(super) kind: Text<'a>,
    pub(super) journey: Text<'a>,
    pub(super) user: Text<'a>,
    pub(super) device: Text<'a>,
    pub(super) flow: Text<'a>,
    pub(super) app: Text<'a>,
    pub(super) phone: Text<'a>,
    pub(super) channel: Text<'a>,
    pub(super) ip: Text<'a>,
    pub(super) user_agent: Text<'a>,
    pub(super) reason: Text<'a>,
    pub(super) reason_text: Text<'a>,
    pub(super) provider_ref: Text<'a>,
    pub(super) carrier: Text<'a>,
    pub(super) cost: Option<Value>,
    pub(super) extra: Option<Value>,
    /// The first field that no event has.
    pub(super) unknown: Option<String>,
    /// The first name that is given twice, here or within.
    pub(super) twice: Option<String>,
    /// How many fields are known.
    pub(super) known: usize,
}

/// Every field of an event, for the message about one that is none.
pub(super) const FIELDS: &str = "id, source, time, kind, journey, user, device, flow, app, phone, \
     channel, ip, user_agent, reason, reason_text, provider_ref, carrier, cost, extra";

/// How many names that list has.
pub(super) const NAMES: usize = 19;

impl Record<'_> {
    /// Whether it has a field that no event of ours has: it may be another source's record.
    pub fn is_foreign(&self) -> bool {
        self.unknown.is_some()
    }

    /// Whether it has no field that an event of ours has.
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
        // Known ones alone, so that they are few.
        let mut names: Vec<Cow<'de, str>> = Vec::with_capacity(NAMES);
        while let Some(Key(key)) = map.next_key()? {
            record.known += 1;
            if names.contains(&key) {
                record.twice.get_or_insert_with(|| key.to_string());
            }
            let slot = match key.as_ref() {
                "id" => Some(&mut record.id),
                "source" => Some(&mut record.source),
                "time" => Some(&mut record.time),
                "kind" => Some(&mut record.kind),
                "journey" => Some(&mut record.journey),
                "user" => Some(&mut record.user),
                "device" => Some(&mut record.device),
                "flow" => Some(&mut record.flow),
                "app" => Some(&mut record.app),
                "phone" => Some(&mut record.phone),
                "channel" => Some(&mut record.channel),
                "ip" => Some(&mut record.ip),
                "user_agent" => Some(&mut record.user_agent),
                "reason" => Some(&mut record.reason),
                "reason_text" => Some(&mut record.reason_text),
                "provider_ref" => Some(&mut record.provider_ref),
                "carrier" => Some(&mut record.carrier),
                "cost" => {
                    record.cost = Some(map.next_value_seed(Once(&mut record.twice))?);
                    None
                }
                "extra" => {
                    record.extra = Some(map.next_value_seed(Once(&mut record.twice))?);
                    None
                }
                _ => {
                    record.known -= 1;
                    if record.unknown.is_none() {
                        record.unknown = Some(key.into_owned());
                    }
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if let Some(slot) = slot {
                *slot = map.next_value()?;
            }
            names.push(key);
        }
        Ok(record)
    }
}
