//! What one visit leaves in the logs: the identity provider's events and the telecom provider's,
//! joined by the journey.

use super::names::Names;
use super::people::{Crowd, LANDS, Person};
use super::rng::Rng;
use crate::{Channel, Cost, Event, Kind, Reason};
use rust_decimal::Decimal;

/// Microseconds of a second.
pub(super) const SECOND: u64 = 1_000_000;

/// An event and when it happens, in microseconds after the simulation's start.
pub(super) type Timed = (u64, Event);

/// Which flow asks, by weight.
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

/// What is said of a code that is not the one sent.
const WRONG_CODE: &str = "User entered incorrect code.";
/// What is said while nobody answers.
const PENDING: &str = "The phone verification is pending.";

/// What the events of one try have in common.
pub(super) struct Try<'a> {
    pub(super) names: &'a Names,
    pub(super) person: &'a Person,
    pub(super) journey: String,
    pub(super) channel: Channel,
    pub(super) flow: (&'static str, &'static str),
    /// `normal` or `attack:<kind>`.
    pub(super) label: &'static str,
}

impl Try<'_> {
    /// An event as the identity provider sees it: who, from where, with what.
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

    /// An event as the telecom provider sees it: the number, the carrier, the price.
    pub(super) fn telecom(
        &self,
        kind: Kind,
        reason: Option<(Reason, &str)>,
        rng: &mut Rng,
        price: i64,
    ) -> Event {
        let land = &LANDS[self.person.land];
        let mut event = Event {
            source: self.names.twilio.clone(),
            phone: self.person.phone,
            provider_ref: Some(format!("{}{:032x}", prefix(self.channel), rng.wide())),
            carrier: Some((*rng.one(land.carriers)).to_owned()),
            cost: Some(Cost { amount: Decimal::new(price, 4), currency: "USD".to_owned() }),
            ..self.event(kind, None)
        };
        if let Some((reason, text)) = reason {
            event.reason = Some(reason);
            event.reason_text = Some(text.to_owned());
        }
        event
    }

    /// Id and time are the simulation's to set, when it knows the order.
    fn event(&self, kind: Kind, text: Option<&str>) -> Event {
        let mut extra = serde_json::Map::new();
        extra.insert("label".to_owned(), self.label.into());
        Event {
            source: self.names.b2c.clone(),
            id: String::new(),
            time: chrono::DateTime::UNIX_EPOCH,
            kind,
            journey: Some(self.journey.clone()),
            user: None,
            device: None,
            flow: None,
            app: None,
            phone: None,
            channel: Some(self.channel),
            ip: None,
            user_agent: None,
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            provider_ref: None,
            carrier: None,
            cost: None,
            extra,
        }
    }
}

/// What B2C's log calls it, as its importer keeps it; nothing on channels that B2C has no
/// operation for. A wrong, late or missing answer is told of the code's check, all else of its
/// sending; only calls are answered while they are made, so that theirs are pending there.
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

/// A journey's name: a random UUID's shape.
pub(super) fn journey(rng: &mut Rng) -> String {
    uuid::Builder::from_u128(rng.wide())
        .with_variant(uuid::Variant::RFC4122)
        .with_version(uuid::Version::Random)
        .into_uuid()
        .to_string()
}

/// An ordinary visit that begins at `at`: up to three tries, each on a journey of its own.
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
        let this =
            Try { names, person: &person, journey: journey(rng), channel, flow, label: "normal" };
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

/// A code by call or message. Answers whether the user got in.
fn code(this: &Try<'_>, at: u64, rng: &mut Rng, out: &mut Vec<Timed>) -> bool {
    if rng.chance(52) {
        let text = rng.weighted(REFUSALS);
        out.push((at, this.identity(failure(text), Some(text))));
        return false;
    }
    out.push((at, this.identity(Kind::Sent, None)));
    let voice = this.channel == Channel::Voice;
    let land = &LANDS[this.person.land];
    let price = if voice { land.call } else { land.text };
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
    match rng.below(1_000) {
        0..=839 => {
            out.push((typed, this.identity(Kind::Verified, None)));
            true
        }
        840..=909 => {
            out.push((typed, this.identity(Kind::Failed, Some(WRONG_CODE))));
            let again = rng.chance(800);
            if again {
                out.push((
                    typed + rng.between(5, 25) * SECOND,
                    this.identity(Kind::Verified, None),
                ));
            }
            again
        }
        910..=949 => {
            out.push((
                at + 600 * SECOND,
                this.identity(Kind::Expired, Some("The code has expired.")),
            ));
            false
        }
        950..=974 => {
            out.push((at + 90 * SECOND, this.identity(Kind::Failed, Some(PENDING))));
            false
        }
        // Walks away without a word.
        _ => false,
    }
}

/// What kind of event a refusal of the identity provider is.
pub(super) fn failure(text: &str) -> Kind {
    if text.contains("bad reputation") { Kind::Blocked } else { Kind::Failed }
}

/// A push prompt. Answers whether the user got in.
fn prompt(this: &Try<'_>, at: u64, rng: &mut Rng, out: &mut Vec<Timed>) -> bool {
    out.push((at, this.identity(Kind::Prompted, None)));
    let answered = at + rng.between(3, 45) * SECOND + rng.below(SECOND);
    match rng.below(100) {
        0..=91 => {
            out.push((answered, this.identity(Kind::Approved, None)));
            true
        }
        92..=94 => {
            out.push((
                answered,
                this.identity(Kind::Denied, Some("User declined the authentication.")),
            ));
            false
        }
        _ => {
            let text = "User did not respond to mobile app notification.";
            out.push((at + 60 * SECOND, this.identity(Kind::Expired, Some(text))));
            false
        }
    }
}
