//! Attempts: the fold of one journey's events. The order of events does not matter, so late events,
//! a second server and a rebuild all lead to the same row.

use crate::{Channel, Cost, Event, Kind, PhoneNumber, Reason, Region};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use uuid::Uuid;

/// The value of the earliest event that has one. Of two events at the same time the smaller value
/// wins, so that order does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First<T>(pub Option<(DateTime<Utc>, T)>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord + Clone> First<T> {
    /// The value of a single event.
    pub fn at(time: DateTime<Utc>, value: Option<T>) -> Self {
        Self(value.map(|value| (time, value)))
    }

    fn merge(&mut self, other: Self) {
        match (&self.0, other.0) {
            (_, None) => {}
            (Some(mine), Some(theirs)) if *mine <= theirs => {}
            (_, theirs) => self.0 = theirs,
        }
    }

    /// The winning value; `None` where no event had one.
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// The time of the event that the value is from.
    pub fn time(&self) -> Option<DateTime<Utc>> {
        self.0.as_ref().map(|(time, _)| *time)
    }
}

/// One phone verification (contract, section 1). The fields of type [`First`] are from the first
/// event that has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// See [`Event::attempt`].
    pub id: Uuid,
    /// The time of the earliest event.
    pub time: DateTime<Utc>,
    /// The strongest kind among the events.
    pub outcome: Kind,
    /// The time of the newest event of that kind.
    pub outcome_time: DateTime<Utc>,
    /// The neutral reason of that event.
    pub reason: Option<Reason>,
    /// The source's own text of that reason.
    pub reason_text: Option<String>,
    /// The correlation id that joins the events.
    pub journey: First<String>,
    /// The account, as the source writes it.
    pub user: First<String>,
    /// The number that was called or texted.
    pub phone: First<PhoneNumber>,
    /// The number's region, if the caller of [`Attempt::of`] found one.
    pub region: First<Region>,
    /// How the code was sent.
    pub channel: First<Channel>,
    /// The user flow (Microsoft: policy).
    pub flow: First<String>,
    /// The application that asked for the code.
    pub app: First<String>,
    /// The user's IP address.
    pub ip: First<IpAddr>,
    /// The browser's family, without its version.
    pub browser: First<String>,
    /// Mobile country and network code, `MCC-MNC`.
    pub carrier: First<String>,
    /// Currency and amount.
    pub cost: First<(String, rust_decimal::Decimal)>,
    /// Whether any event says that the code was delivered.
    pub delivered: bool,
}

impl Attempt {
    /// The attempt as a single event describes it.
    pub fn of(event: &Event, region: Option<Region>, browser: Option<&str>) -> Self {
        let time = event.time;
        let text = |value: &Option<String>| First::at(time, value.clone());
        Self {
            id: event.attempt(),
            time,
            outcome: event.kind,
            outcome_time: time,
            reason: event.reason,
            reason_text: event.reason_text.clone(),
            journey: text(&event.journey),
            user: text(&event.user),
            phone: First::at(time, event.phone),
            region: First::at(time, region),
            channel: First::at(time, event.channel),
            flow: text(&event.flow),
            app: text(&event.app),
            ip: First::at(time, event.ip),
            browser: First::at(time, browser.map(str::to_owned)),
            carrier: text(&event.carrier),
            cost: First::at(
                time,
                event.cost.as_ref().map(|Cost { amount, currency }| (currency.clone(), *amount)),
            ),
            delivered: event.kind == Kind::Delivered,
        }
    }

    /// What decides the outcome: strength, then time; kind, reason and text break ties, so that
    /// order does not matter.
    fn rank(&self) -> (u8, DateTime<Utc>, Kind, Option<Reason>, Option<&str>) {
        let Self { outcome, outcome_time, reason, reason_text, .. } = self;
        (outcome.strength(), *outcome_time, *outcome, *reason, reason_text.as_deref())
    }

    /// Merges another part of the same attempt.
    pub fn merge(&mut self, other: Self) {
        if other.rank() > self.rank() {
            self.outcome = other.outcome;
            self.outcome_time = other.outcome_time;
            self.reason = other.reason;
            self.reason_text = other.reason_text;
        }
        self.time = self.time.min(other.time);
        self.journey.merge(other.journey);
        self.user.merge(other.user);
        self.phone.merge(other.phone);
        self.region.merge(other.region);
        self.channel.merge(other.channel);
        self.flow.merge(other.flow);
        self.app.merge(other.app);
        self.ip.merge(other.ip);
        self.browser.merge(other.browser);
        self.carrier.merge(other.carrier);
        self.cost.merge(other.cost);
        self.delivered |= other.delivered;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(second: i64, kind: Kind, user: Option<&str>, text: Option<&str>) -> Event {
        let time = DateTime::from_timestamp(1_600_000_000 + second, 0).unwrap();
        Event {
            journey: Some("j".into()),
            user: user.map(str::to_owned),
            channel: Some(Channel::Sms),
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            ..Event::new("test".parse().unwrap(), format!("{second}{kind}"), time, kind)
        }
    }

    fn fold(events: &[Event]) -> Attempt {
        let mut parts = events.iter().map(|event| Attempt::of(event, None, None));
        let mut attempt = parts.next().unwrap();
        parts.for_each(|part| attempt.merge(part));
        attempt
    }

    #[test]
    fn strongest_outcome_newest_reason_first_columns() {
        let attempt = fold(&[
            event(3, Kind::Failed, Some("late"), Some("hung up")),
            event(1, Kind::Sent, None, None),
            event(2, Kind::Failed, Some("first"), Some("busy line")),
        ]);
        assert_eq!(attempt.outcome, Kind::Failed);
        assert_eq!(attempt.reason, Some(Reason::HungUp));
        assert_eq!(attempt.user.value().unwrap(), "first");
        assert_eq!(attempt.time.timestamp(), 1_600_000_001);
    }

    proptest! {
        #[test]
        fn order_does_not_matter(
            raw in proptest::collection::vec((0_i64..4, 0_usize..13, 0_usize..4, 0_usize..4), 1..8),
            turn in 0_usize..8,
        ) {
            let users = [None, Some("a"), Some("b"), Some("c")];
            let texts = [None, Some("busy"), Some("hung up"), Some("expired")];
            let events: Vec<_> = raw
                .iter()
                .map(|(second, kind, user, text)| {
                    event(*second, Kind::ALL[*kind], users[*user], texts[*text])
                })
                .collect();
            let mut turned = events.clone();
            let middle = turn % turned.len();
            turned.rotate_left(middle);
            let mut reversed = events.clone();
            reversed.reverse();
            prop_assert_eq!(fold(&events), fold(&turned));
            prop_assert_eq!(fold(&events), fold(&reversed));
        }
    }
}
