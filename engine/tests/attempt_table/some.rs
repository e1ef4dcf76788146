//! Random events and filters.

use super::random::bare;
pub use super::random::{now, some};
use domain::workbook::Filters;
use domain::{Channel, Cost, Event, Kind, Reason};
use proptest::prelude::*;

pub const PHONES: [&str; 8] = [
    "+14155552700",
    "+14155552701",
    "+18765550123",
    "+37125318694",
    "+37125318000",
    "+447400738610",
    "+3712345",
    "+999000018859999",
];
const IPS: [&str; 5] =
    ["203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8:1:2::3", "2001:db8:1:ffff::1"];
const FLOWS: [&str; 3] = ["B2C_1_sign_up", "100%_o'hara", "ß"];
const AGENTS: [&str; 2] =
    ["Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0", "nothing known"];
const TEXTS: [&str; 3] = ["The phone number entered is invalid.", "hung up", "no such words"];
const CARRIERS: [&str; 2] = ["247-01", "310-410"];
const COSTS: [(&str, &str); 8] = [
    ("0.0300", "EUR"),
    ("0.03", "EUR"),
    ("1.000000001", "EUR"),
    ("0", "USD"),
    ("0.07", "USD"),
    ("2", "GBP"),
    ("999999999999999.999999999", "JPY"),
    ("3.5", "CHF"),
];
const CURRENCIES: [&str; 3] = ["AUD", "SEK", "NOK"];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(words))
}

pub fn cost() -> impl Strategy<Value = Option<Cost>> {
    let usual = prop::sample::select(&COSTS[..]);
    let others = prop::sample::select(&CURRENCIES[..]).prop_map(|code| ("0.5", code));
    prop::option::of(prop_oneof![4 => usual, 1 => others].prop_map(|(amount, currency)| Cost {
        amount: amount.parse().unwrap(),
        currency: currency.to_owned(),
    }))
}

prop_compose! {
    pub fn event()(
        id in 0..1_500_u32,
        ago in prop_oneof![
            0_i64..600_000_000,               // the last ten minutes
            0_i64..8_600_000_000_000,         // the last hundred days
            0_i64..30_000_000_000_000,        // the last year
        ],
        kind in prop::sample::select(Kind::ALL),
        channel in prop::sample::select(Channel::ALL),
        phone in one_of(&PHONES),
        ip in one_of(&IPS),
        journey in prop::option::of(0_u32..200),
        (flow, agent, text, carrier) in
            (one_of(&FLOWS), one_of(&AGENTS), one_of(&TEXTS), one_of(&CARRIERS)),
        cost in cost(),
    ) -> Event {
        Event {
            flow: flow.map(str::to_owned),
            phone: phone.map(|phone| phone.parse().unwrap()),
            channel: phone.map(|_| channel),
            ip: ip.map(|ip| ip.parse().unwrap()),
            user_agent: agent.map(str::to_owned),
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            carrier: carrier.map(str::to_owned),
            cost,
            ..bare(id, ago, kind, journey)
        }
    }
}

prop_compose! {
    pub fn filters()(
        channel in prop::option::weighted(0.2, prop::sample::select(Channel::ALL)),
        phone in prop::option::weighted(0.1, prop::sample::select(&PHONES[..])),
        ip in prop::option::weighted(0.1, prop::sample::select(&IPS[..])),
        flow in prop::option::weighted(0.15, prop::sample::select(&FLOWS[..])),
        browser in prop::option::weighted(0.15, prop::sample::select(&["Firefox", "Other", "Lynx"][..])),
        region in prop::option::weighted(0.15, prop::sample::select(&["US", "LV", "GB", "FR"][..])),
        reason in prop::option::weighted(0.15, prop::sample::select(Reason::ALL)),
    ) -> Filters {
        Filters {
            channel,
            phone: phone.map(|phone| phone.parse().unwrap()),
            ip: ip.map(|ip| ip.parse().unwrap()),
            flow: flow.map(str::to_owned),
            browser: browser.map(str::to_owned),
            region: region.map(|region| region.parse().unwrap()),
            reason,
        }
    }
}
