//! Repeated events: fields that the first record lacked are filled from a later one, so that a
//! better export can complete a bad one.

use super::Event;
use crate::sources::neutral::{EXTRA, size};
use chrono::TimeDelta;
use serde_json::{Map, Value};

impl Event {
    /// Fills missing fields from a later record of the same event, and says whether any were.
    /// Existing values stay. A record of another source, id, kind or time is ignored.
    ///
    /// Times may differ by less than a second: some tools write milliseconds.
    pub fn fill(&mut self, later: Self) -> bool {
        fn take<T>(mine: &mut Option<T>, theirs: Option<T>) -> bool {
            let takes = mine.is_none();
            *mine = mine.take().or(theirs);
            takes && mine.is_some()
        }
        let apart = (self.time - later.time).abs();
        if self.key() != later.key() || self.kind != later.kind || apart >= TimeDelta::seconds(1) {
            return false;
        }
        let mut filled = take(&mut self.journey, later.journey);
        filled |= take(&mut self.user, later.user);
        filled |= take(&mut self.device, later.device);
        filled |= take(&mut self.flow, later.flow);
        filled |= take(&mut self.app, later.app);
        filled |= take(&mut self.channel, later.channel);
        filled |= take(&mut self.phone, later.phone);
        filled |= take(&mut self.ip, later.ip);
        filled |= take(&mut self.user_agent, later.user_agent);
        filled |= take(&mut self.reason, later.reason);
        filled |= take(&mut self.reason_text, later.reason_text);
        filled |= take(&mut self.provider_ref, later.provider_ref);
        filled |= take(&mut self.carrier, later.carrier);
        filled |= take(&mut self.cost, later.cost);
        filled |= fill_extra(&mut self.extra, later.extra);
        filled |= self.take_raw_phone();
        filled
    }

    /// A number without a channel was kept in `extra`. Some exports report number and channel in
    /// separate rows.
    fn take_raw_phone(&mut self) -> bool {
        const RAW: &str = "phone_raw";
        if self.phone.is_none() && self.channel.is_some() {
            let raw = self.extra.get(RAW).and_then(Value::as_str);
            self.phone = raw.and_then(|raw| raw.parse().ok());
            if self.phone.is_some() {
                self.extra.remove(RAW);
                return true;
            }
        }
        false
    }
}

/// Adds missing members as far as there is room for them.
fn fill_extra(mine: &mut Map<String, Value>, theirs: Map<String, Value>) -> bool {
    let mut filled = false;
    for (key, value) in theirs {
        // Details are filled pair by pair.
        let before = mine.get(&key).cloned();
        let more = match (before.clone(), value) {
            (None, value) => value,
            (Some(Value::Object(mut inner)), Value::Object(others)) if key == DETAILS => {
                let had = inner.len();
                others.into_iter().for_each(|(key, value)| _ = inner.entry(key).or_insert(value));
                if inner.len() == had {
                    continue;
                }
                Value::Object(inner)
            }
            _ => continue,
        };
        mine.insert(key.clone(), more);
        if size(mine) > EXTRA {
            match before {
                Some(before) => _ = mine.insert(key, before),
                None => _ = mine.remove(&key),
            }
            continue;
        }
        filled = true;
    }
    filled
}

/// The pairs of a log's record that have no column: see `sources::azure`.
const DETAILS: &str = "details";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::parse_time;
    use crate::sources::neutral;
    use serde_json::json;

    fn event(json: Value) -> Event {
        let now = parse_time("2026-11-20T12:00:00Z").unwrap();
        neutral::parse(json.to_string().as_bytes(), &"b2c".parse().unwrap(), now).unwrap()
    }

    fn full_event() -> Event {
        event(json!({"id": "1", "time": "2026-11-20T09:00:00.123Z", "kind": "failed",
            "journey": "j", "user": "u", "device": "d", "flow": "f", "app": "a",
            "phone": "+14155550100", "channel": "sms", "ip": "192.0.2.1", "user_agent": "curl/8",
            "reason": "carrier_blocked", "reason_text": "Carrier refused", "provider_ref": "SM1",
            "carrier": "234-15", "cost": {"amount": "0.01", "currency": "EUR"},
            "extra": {"tenant": "t", "more": 1}}))
    }

    fn bare() -> Event {
        event(json!({"id": "1", "time": "2026-11-20T09:00:00.123456Z", "kind": "failed"}))
    }

    #[test]
    fn what_is_missing_is_taken_and_what_is_there_stays() {
        let mut first = bare();
        assert!(first.fill(full_event()));
        assert_eq!(first, Event { time: first.time, ..full_event() });
        assert!(!first.fill(full_event()), "there is nothing left to take");

        let mut first = full_event();
        let mut other = full_event();
        other.user = Some("another".to_owned());
        other.phone = "+14155550199".parse().ok();
        other.extra = Map::from_iter([("tenant".to_owned(), json!("another"))]);
        assert!(!first.fill(other));
        assert_eq!(first, full_event());
        assert!(!first.fill(bare()));
        assert_eq!(first, full_event());
    }

    #[test]
    fn something_else_is_told_of_elsewhere() {
        for change in [
            |event: &mut Event| event.id.push('2'),
            |event: &mut Event| event.source = "entra".parse().unwrap(),
            |event: &mut Event| event.kind = crate::Kind::Sent,
            |event: &mut Event| event.time += TimeDelta::seconds(2),
        ] {
            let mut later = full_event();
            change(&mut later);
            let mut first = bare();
            assert!(!first.fill(later));
            assert_eq!(first, bare());
        }
    }

    /// As rows of one detail each tell of an event.
    #[test]
    fn details_are_filled_pair_by_pair() {
        let mut first = bare();
        let tell = |members: Value| {
            let mut later = bare();
            later.extra = members.as_object().unwrap().clone();
            later
        };
        assert!(first.fill(tell(json!({"phone_raw": "+14155550100", "details": {"a": "1"}}))));
        assert!(first.fill(tell(json!({"details": {"a": "2", "b": "3"}}))));
        assert!(!first.fill(tell(json!({"details": {"b": "4"}}))));
        assert_eq!(first.extra["details"], json!({"a": "1", "b": "3"}));
        assert_eq!(first.phone, None, "no channel is known yet");
        let mut channel = bare();
        channel.channel = Some(crate::Channel::Voice);
        assert!(first.fill(channel));
        assert_eq!(first.phone.unwrap().to_string(), "+14155550100");
        assert!(!first.extra.contains_key("phone_raw"));
    }

    #[test]
    fn what_else_was_said_is_taken_while_there_is_room() {
        let mut first = bare();
        first.extra.insert("a".to_owned(), json!("x".repeat(EXTRA - 20)));
        let mut later = bare();
        later.extra.insert("b".to_owned(), json!("y".repeat(100)));
        assert!(!first.clone().fill(later.clone()));
        later.extra.insert("b".to_owned(), json!(""));
        assert!(first.fill(later));
        assert_eq!(first.extra["b"], "");
    }
}
