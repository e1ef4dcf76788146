//! The events of one visit: the identity provider's and the telecom provider's, joined by the
//! journey.

use super::people::{COUNTRIES, Crowd, SimulatedPerson};
use super::rng::Rng;
use crate::{Channel, Cost, Event, Kind, Reason, Source};
use rust_decimal::Decimal;

/// Microseconds per second.
pub(super) const SECOND: u64 = 1_000_000;

/// An event and its time in microseconds after the simulation's start.
pub(super) type Timed = (u64, Event);

/// The sources of the simulated events.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) b2c: Source,
    pub(super) entra: Source,
    pub(super) twilio: Source,
}

/// Flows and apps by weight.
const FLOWS: &[(u64, (&str, &str))] = &[
    (560, ("B2C_1A_signup_signin", "shop-web")),
    (230, ("B2C_1_susi_mfa", "shop-app")),
    (120, ("B2C_1A_profileedit", "shop-web")),
    (90, ("B2C_1A_password_reset", "shop-web")),
];

/// The identity provider's failures before anything is sent, by weight, in Microsoft's words.
const REFUSALS: &[(u64, &str)] = &[
    (30, "The phone number entered is invalid."),
    (20, "Our provider could not send a call to the specified phone number."),
    (18, "Too many attempts by user in a short period of time. Throttling."),
    (14, "There are too many requests at this moment. Please wait for some time and try again."),
    (2, "Phone number has bad reputation, blocking."),
];

/// Microsoft's text for a wrong code.
const WRONG_CODE: &str = "User entered incorrect code.";
/// Microsoft's text while nobody answers.
const PENDING: &str = "The phone verification is pending.";

/// What the events of one attempt share.
pub(super) struct SimulatedAttempt<'a> {
    names: &'a Names,
    person: &'a SimulatedPerson,
    journey: String,
    channel: Channel,
    flow: (&'static str, &'static str),
    /// `normal` or `attack:<kind>`.
    label: &'static str,
}

impl<'a> SimulatedAttempt<'a> {
    /// An attempt on a new journey.
    pub(super) fn new(
        names: &'a Names,
        person: &'a SimulatedPerson,
        channel: Channel,
        flow: (&'static str, &'static str),
        label: &'static str,
        rng: &mut Rng,
    ) -> Self {
        Self { names, person, journey: journey(rng), channel, flow, label }
    }

    /// The identity provider's event: who, from where, with what.
    pub(super) fn identity(&self, kind: Kind, text: Option<&str>) -> Event {
        let (flow, app) = self.flow;
        let push = self.channel == Channel::Push;
        let mut event = self.event(kind, text);
        if let Some(operation) = operation(self.channel, kind, text) {
            event.extra.insert("operation".to_owned(), operation.into());
        }
        Event {
            source: if push { self.names.entra.clone() } else { self.names.b2c.clone() },
            user: Some(self.person.user.clone()),
            flow: Some(flow.to_owned()),
            app: Some(app.to_owned()),
            phone: self.person.phone.filter(|_| !push),
            ip: Some(self.person.ip),
            user_agent: Some(self.person.agent.to_owned()),
            ..event
        }
    }

    /// The telecom provider's event: number, carrier, price.
    pub(super) fn telecom(
        &self,
        kind: Kind,
        reason: Option<(Reason, &str)>,
        rng: &mut Rng,
        price: i64,
    ) -> Event {
        let country = &COUNTRIES[self.person.country];
        let mut event = Event {
            source: self.names.twilio.clone(),
            phone: self.person.phone,
            provider_ref: Some(format!("{}{:032x}", prefix(self.channel), rng.wide())),
            carrier: Some((*rng.one(country.carriers)).to_owned()),
            cost: Some(Cost { amount: Decimal::new(price, 4), currency: "USD".to_owned() }),
            ..self.event(kind, None)
        };
        if let Some((reason, text)) = reason {
            event.reason = Some(reason);
            event.reason_text = Some(text.to_owned());
        }
        event
    }

    /// The simulation sets id and time once the order is known.
    fn event(&self, kind: Kind, text: Option<&str>) -> Event {
        let mut extra = serde_json::Map::new();
        extra.insert("label".to_owned(), self.label.into());
        Event {
            journey: Some(self.journey.clone()),
            channel: Some(self.channel),
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            extra,
            ..Event::new(self.names.b2c.clone(), String::new(), chrono::DateTime::UNIX_EPOCH, kind)
        }
    }
}

/// The operation name in B2C's log, as its importer keeps it; `None` on channels that B2C has no
/// operation for. Wrong, late or missing codes belong to the verification, everything else to the
/// sending; only calls are answered while they are made, so theirs are pending there.
fn operation(channel: Channel, kind: Kind, text: Option<&str>) -> Option<&'static str> {
    let send = match channel {
        Channel::Sms => "Send SMS to verify phone number",
        Channel::Voice => "Make phone call to verify phone number",
        _ => return None,
    };
    let checked = match kind {
        Kind::Verified | Kind::Expired => true,
        Kind::Failed => text
            .is_some_and(|text| text == WRONG_CODE || (text == PENDING && channel == Channel::Sms)),
        _ => false,
    };
    Some(if checked { "Verify phone number" } else { send })
}

fn prefix(channel: Channel) -> &'static str {
    if channel == Channel::Voice { "CA" } else { "SM" }
}

/// A journey id: a random UUID.
fn journey(rng: &mut Rng) -> String {
    uuid::Builder::from_u128(rng.wide())
        .with_variant(uuid::Variant::RFC4122)
        .with_version(uuid::Version::Random)
        .into_uuid()
        .to_string()
}

/// An ordinary visit that begins at `at`: up to three attempts, each on its own journey.
pub(super) fn visit(names: &Names, crowd: Crowd, at: u64, hour: u64, rng: &mut Rng) -> Vec<Timed> {
    let person = crowd.somebody(hour, rng);
    let flow = rng.weighted(FLOWS);
    let mut channel = rng.weighted(&[
        (700, Channel::Sms),
        (150, Channel::Voice),
        (80, Channel::Whatsapp),
        (70, Channel::Push),
    ]);
    let mut out = Vec::with_capacity(4);
    let mut now = at;
    for _ in 0..3 {
        let this = SimulatedAttempt::new(names, &person, channel, flow, "normal", rng);
        let done = if channel == Channel::Push {
            prompt(&this, now, rng, &mut out)
        } else {
            code(&this, now, rng, &mut out)
        };
        if done || !rng.chance(620) {
            break;
        }
        now += rng.between(35, 200) * SECOND;
        if channel == Channel::Push || (channel == Channel::Sms && rng.chance(250)) {
            channel = if channel == Channel::Push { Channel::Sms } else { Channel::Voice };
        }
    }
    out
}

/// A code by call or message; returns whether the user signed in.
fn code(this: &SimulatedAttempt<'_>, at: u64, rng: &mut Rng, out: &mut Vec<Timed>) -> bool {
    if rng.chance(52) {
        let text = rng.weighted(REFUSALS);
        out.push((at, this.identity(failure(text), Some(text))));
        return false;
    }
    out.push((at, this.identity(Kind::Sent, None)));
    let voice = this.channel == Channel::Voice;
    let country = &COUNTRIES[this.person.country];
    let price = if voice { country.call } else { country.text };
    let heard = at
        + if voice { rng.between(9, 35) } else { rng.between(1, 8) } * SECOND
        + rng.below(SECOND);
    if rng.chance(if voice { 120 } else { 40 }) {
        let (kind, why) = if voice {
            let why = rng.weighted(&[
                (60, (Reason::NoAnswer, "no-answer")),
                (25, (Reason::Busy, "busy")),
                (15, (Reason::Voicemail, "answered by a machine")),
            ]);
            (Kind::Failed, why)
        } else {
            let why = rng.weighted(&[
                (70, (Reason::ProviderUnreachable, "Unreachable destination handset")),
                (30, (Reason::CarrierBlocked, "Message blocked by the carrier")),
            ]);
            (Kind::Undelivered, why)
        };
        out.push((heard, this.telecom(kind, Some(why), rng, price)));
        return false;
    }
    out.push((heard, this.telecom(Kind::Delivered, None, rng, price)));
    let typed = heard + rng.between(4, 70) * SECOND + rng.below(SECOND);
    let (time, kind, text) = match rng.below(1_000) {
        0..=839 => (typed, Kind::Verified, None),
        840..=909 => (typed, Kind::Failed, Some(WRONG_CODE)),
        910..=949 => (at + 600 * SECOND, Kind::Expired, Some("The code has expired.")),
        950..=974 => (at + 90 * SECOND, Kind::Failed, Some(PENDING)),
        // Leaves without another event.
        _ => return false,
    };
    out.push((time, this.identity(kind, text)));
    if text == Some(WRONG_CODE) && rng.chance(800) {
        let again = typed + rng.between(5, 25) * SECOND;
        out.push((again, this.identity(Kind::Verified, None)));
        return true;
    }
    kind == Kind::Verified
}

/// The event kind of an identity provider's refusal.
pub(super) fn failure(text: &str) -> Kind {
    if text.contains("bad reputation") { Kind::Blocked } else { Kind::Failed }
}

/// A push prompt; returns whether the user signed in.
fn prompt(this: &SimulatedAttempt<'_>, at: u64, rng: &mut Rng, out: &mut Vec<Timed>) -> bool {
    out.push((at, this.identity(Kind::Prompted, None)));
    let answered = at + rng.between(3, 45) * SECOND + rng.below(SECOND);
    let (time, kind, text) = match rng.below(100) {
        0..=91 => (answered, Kind::Approved, None),
        92..=94 => (answered, Kind::Denied, Some("User declined the authentication.")),
        _ => {
            let text = "User did not respond to mobile app notification.";
            (at + 60 * SECOND, Kind::Expired, Some(text))
        }
    };
    out.push((time, this.identity(kind, text)));
    kind == Kind::Approved
}
