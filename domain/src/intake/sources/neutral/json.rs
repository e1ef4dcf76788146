//! Writes events in our own JSON, for `simulate` and exports.

use crate::Event;
use chrono::SecondsFormat;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// An event in its JSON shape, without absent fields. A cost's amount is a string, so that no
/// reader makes a float of it.
struct Written<'a>(&'a Event);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let event = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("id", &event.id)?;
        map.serialize_entry("source", event.source.as_str())?;
        map.serialize_entry("time", &event.time.to_rfc3339_opts(SecondsFormat::AutoSi, true))?;
        map.serialize_entry("kind", event.kind.as_str())?;
        given(&mut map, "journey", event.journey.as_deref())?;
        given(&mut map, "user", event.user.as_deref())?;
        given(&mut map, "device", event.device.as_deref())?;
        given(&mut map, "flow", event.flow.as_deref())?;
        given(&mut map, "app", event.app.as_deref())?;
        given(&mut map, "phone", event.phone)?;
        given(&mut map, "channel", event.channel.map(|channel| channel.as_str()))?;
        given(&mut map, "ip", event.ip)?;
        given(&mut map, "user_agent", event.user_agent.as_deref())?;
        given(&mut map, "reason", event.reason.map(|reason| reason.as_str()))?;
        given(&mut map, "reason_text", event.reason_text.as_deref())?;
        given(&mut map, "provider_ref", event.provider_ref.as_deref())?;
        given(&mut map, "carrier", event.carrier.as_deref())?;
        given(&mut map, "cost", event.cost.as_ref())?;
        given(&mut map, "extra", Some(&event.extra).filter(|extra| !extra.is_empty()))?;
        map.end()
    }
}

fn given<M: SerializeMap>(
    map: &mut M,
    name: &str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

/// The event in the format of [`super::parse`], with the whole phone number, as one line of text
/// without its line end.
pub fn to_line(event: &Event) -> String {
    // Strings, numbers and maps with string keys always serialise.
    serde_json::to_string(&Written(event)).unwrap_or_default()
}
