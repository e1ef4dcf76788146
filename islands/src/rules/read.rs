//! Converts form fields to rules and back.

use super::item::{Group, Item};
use crate::text::sentences;
use chrono::{DateTime, TimeDelta, Utc};
use domain::blocks::until;
use domain::ledger::Dimension;
use domain::rules::{
    Any, B2c, Captcha, KillSwitch, Limit, LimitAction, Mode, NumberAction, NumberRule, Settings,
    SpendCap, Texts, Trust, TypeAction, TypeRule,
};
use domain::{Fault, Invalid};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The names and values of a form.
pub type Fields = BTreeMap<String, String>;

/// The durations of a kill switch: seconds and label.
pub const LASTS: [(&str, &str); 4] =
    [("3600", "1 hour"), ("14400", "4 hours"), ("86400", "24 hours"), ("", "Until I remove it")];

/// The path of a rule in the settings: `limits.3`, `limits.new`, `trust`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePath {
    /// The path as URLs have it.
    pub word: String,
    /// The section that shows it.
    pub group: Group,
}

impl RulePath {
    /// Parses a path; `None` if no form edits it.
    pub fn read(word: &str) -> Option<Self> {
        let (name, last) = word.rsplit_once('.').unwrap_or((word, ""));
        let group = match (name, last) {
            ("kill_switches", _) => Group::KillSwitches,
            ("number_rules", _) => Group::Numbers,
            ("number_types", _) => Group::Types,
            ("spend", "currency") | ("spend.caps", _) => Group::Spending,
            ("limits", _) => Group::Limits,
            ("trust", _) => Group::Trust,
            ("captcha", _) => Group::Captcha,
            ("on_store_failure", _) => Group::Store,
            ("b2c", _) => Group::B2c,
            ("user_message" | "user_message.texts", _) => Group::Messages,
            _ => return None,
        };
        let shape = word.len() <= 80
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        shape.then(|| Self { word: word.to_owned(), group })
    }

    /// Whether it stands for a new rule.
    pub fn is_new(&self) -> bool {
        self.word.ends_with(".new")
    }

    /// The prefix of the form's ids on the page.
    pub fn root(&self) -> String {
        self.word.replace('.', "-")
    }

    /// The rule at this path.
    pub fn find(&self, settings: &Settings) -> Option<Item> {
        let items = super::item::of_group(settings, self.group);
        items.into_iter().find(|(place, _)| *place == self.word).map(|(_, item)| item)
    }
}

/// Reads a form's fields into the rule at a place; `was` is that rule before the change.
///
/// # Errors
/// One error for each invalid field.
pub fn read(
    place: &RulePath,
    fields: &Fields,
    was: Option<&Item>,
    now: DateTime<Utc>,
) -> Result<Item, Invalid> {
    let mut form = Reader { fields, was, invalid: Invalid::default() };
    let item = form.item(place, now);
    let invalid = sentences(form.invalid);
    match item {
        Some(item) => invalid.or(item),
        None => Err(invalid),
    }
}

struct Reader<'a> {
    fields: &'a Fields,
    was: Option<&'a Item>,
    invalid: Invalid,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }

    /// Parses a field; `allowed` is the message if that fails.
    fn word<T: FromStr>(&mut self, name: &str, allowed: &str) -> Option<T> {
        let read = self.text(name).parse().ok();
        if read.is_none() {
            self.invalid.push(name, Fault::InvalidValue, allowed);
        }
        read
    }

    fn parsed<T: FromStr>(&mut self, name: &str) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        match self.text(name).parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.invalid.push(name, Fault::InvalidValue, error.to_string());
                None
            }
        }
    }

    fn mode(&self) -> Mode {
        self.text("mode").parse().unwrap_or(Mode::Enforce)
    }

    fn reason(&self) -> String {
        self.text("reason").to_owned()
    }

    fn until(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if let Ok(seconds) = self.text("lasts").parse::<i64>() {
            return Some(now + TimeDelta::seconds(seconds.clamp(60, 31_536_000)));
        }
        // The form has minutes; an unchanged end keeps its seconds.
        if let Some(end) =
            self.was.and_then(Item::until).filter(|end| minute(*end) == self.text("until"))
        {
            return Some(end);
        }
        match until(self.text("until"), now) {
            Ok(until) => until,
            Err(invalid) => {
                self.invalid.fields.extend(invalid.fields);
                None
            }
        }
    }

    fn window(&mut self) -> Option<u32> {
        let unit = self.text("unit").parse::<u32>().unwrap_or(1).clamp(1, 3_600);
        let count = self.word::<u32>("window", "must be a whole number of 1 or more")?;
        let window = count.checked_mul(unit);
        if window.is_none() {
            self.invalid.push("window", Fault::TooLarge, "must be at most a day (24 hours)");
        }
        window
    }

    fn item(&mut self, place: &RulePath, now: DateTime<Utc>) -> Option<Item> {
        const COUNT: &str = "must be a whole number from 1 to 10000000";
        let (by, at) = (None, None);
        Some(match place.group {
            Group::KillSwitches => {
                let region = self.word::<Any<_>>("region", "must be a region, or all");
                let channel = self.word::<Any<_>>("channel", "must be a channel, or all");
                let until = self.until(now);
                let (mode, reason) = (self.mode(), self.reason());
                let (region, channel) = (region?, channel?);
                Item::Kill(KillSwitch { region, channel, until, mode, reason, by, at })
            }
            Group::Numbers => {
                let numbers = self.parsed("numbers");
                let action = self.word::<NumberAction>("action", "must be allow or deny");
                let until = self.until(now);
                let (mode, reason) = (self.mode(), self.reason());
                let even_invalid = !self.text("even_invalid").is_empty();
                let (numbers, action) = (numbers?, action?);
                let rule =
                    NumberRule { numbers, action, even_invalid, until, mode, reason, by, at };
                Item::Number(rule)
            }
            Group::Types => {
                let kind = self.word("type", "must be one of the types");
                let action = self.word::<TypeAction>("action", "must be one of the actions");
                let rule = TypeRule { action: action?, reason: self.reason(), by, at };
                Item::Type(kind?, rule)
            }
            Group::Spending if place.word == "spend.currency" => {
                Item::Currency(self.parsed("currency")?)
            }
            Group::Spending => {
                let amount = self.parsed("amount");
                let window = self.word("window", "must be an hour or a day");
                let (mode, reason) = (self.mode(), self.reason());
                let (amount, window) = (amount?, window?);
                Item::Cap(SpendCap { amount, window, mode, reason, by, at })
            }
            Group::Limits => {
                let per = self.word::<Dimension>("per", "must be one of the list");
                let limit = self.word::<u32>("limit", COUNT);
                let window = self.window();
                let action = self.word::<LimitAction>("action", "must be one of the actions");
                let (mode, reason) = (self.mode(), self.reason());
                let (per, limit, window, action) = (per?, limit?, window?, action?);
                Item::Limit(Limit { per, limit, window, action, mode, reason, by, at })
            }
            Group::Trust => {
                let days = self.word("days", "must be a whole number of days from 1 to 90");
                let sends_a_day = self.word("sends_a_day", COUNT);
                let enabled = !self.text("enabled").is_empty();
                Item::Trust(Trust { enabled, days: days?, sends_a_day: sends_a_day? })
            }
            Group::Captcha => {
                let ask = self.word("ask", "must be nobody, untrusted or everybody");
                Item::Captcha(Captcha { ask: ask?, mode: self.mode() })
            }
            Group::Store => Item::Store(self.word("setting", "must be allow or deny")?),
            Group::B2c => {
                let channel = self.word("channel", "must be voice, sms, whatsapp or rcs");
                let phone_claim = self.text("phone_claim").to_owned();
                Item::B2c(B2c { phone_claim, channel: channel? })
            }
            Group::Messages if place.word == "user_message" => {
                Item::Desk(self.text("help_desk").to_owned(), self.text("language").to_owned())
            }
            Group::Messages => {
                // Browsers send CRLF.
                let text = |name: &str| self.text(name).replace("\r\n", "\n");
                let (deny, delay, challenge) = (text("deny"), text("delay"), text("challenge"));
                let texts = Texts { deny, delay, challenge };
                Item::Texts(self.text("language").to_owned(), texts)
            }
            Group::Prices => return None,
        })
    }
}

/// A rule as its form's fields.
pub fn fields(item: &Item) -> Fields {
    let mode = item.mode().map(|mode| mode.to_string()).unwrap_or_default();
    let reason = item.reason().unwrap_or_default().to_owned();
    let until = item.until().map(minute);
    let mut fields = Fields::from([
        ("mode".to_owned(), mode),
        ("reason".to_owned(), reason),
        ("until".to_owned(), until.unwrap_or_default()),
    ]);
    let own: Vec<(&str, String)> = match item {
        Item::Kill(rule) => {
            vec![("region", rule.region.to_string()), ("channel", rule.channel.to_string())]
        }
        Item::Number(rule) => {
            vec![
                ("numbers", rule.numbers.to_string()),
                ("action", rule.action.to_string()),
                ("even_invalid", if rule.even_invalid { "1" } else { "" }.to_owned()),
            ]
        }
        Item::Type(kind, rule) => {
            vec![("type", kind.to_string()), ("action", rule.action.to_string())]
        }
        Item::Currency(currency) => vec![("currency", currency.to_string())],
        Item::Cap(cap) => {
            vec![("amount", cap.amount.to_string()), ("window", cap.window.to_string())]
        }
        Item::Limit(limit) => {
            let (count, unit) = units(limit.window);
            vec![
                ("per", limit.per.to_string()),
                ("limit", limit.limit.to_string()),
                ("window", count.to_string()),
                ("unit", unit.to_string()),
                ("action", limit.action.to_string()),
            ]
        }
        Item::Trust(trust) => vec![
            ("enabled", if trust.enabled { "1" } else { "" }.to_owned()),
            ("days", trust.days.to_string()),
            ("sends_a_day", trust.sends_a_day.to_string()),
        ],
        Item::Captcha(captcha) => vec![("ask", captcha.ask.to_string())],
        Item::Store(setting) => vec![("setting", setting.to_string())],
        Item::B2c(b2c) => {
            vec![("phone_claim", b2c.phone_claim.clone()), ("channel", b2c.channel.to_string())]
        }
        Item::Desk(desk, language) => {
            vec![("help_desk", desk.clone()), ("language", language.clone())]
        }
        Item::Texts(language, texts) => vec![
            ("language", language.clone()),
            ("deny", texts.deny.clone()),
            ("delay", texts.delay.clone()),
            ("challenge", texts.challenge.clone()),
        ],
        Item::Price(_) => Vec::new(),
    };
    fields.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
    fields
}

/// A time as in a field of the type `datetime-local`.
fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M").to_string()
}

/// Seconds in the largest unit that fits: the count, and the unit in seconds.
fn units(seconds: u32) -> (u32, u32) {
    match seconds {
        s if s >= 3_600 && s % 3_600 == 0 => (s / 3_600, 3_600),
        s if s >= 60 && s % 60 == 0 => (s / 60, 60),
        s => (s, 1),
    }
}

/// The fields of a form for a new rule.
pub fn empty(group: Group) -> Fields {
    let own: &[(&str, &str)] = match group {
        Group::KillSwitches => &[("region", "*"), ("channel", "*"), ("lasts", "3600")],
        Group::Numbers => &[("action", "deny")],
        Group::Types => &[("action", "deny")],
        Group::Spending => &[("window", "86400")],
        Group::Limits => &[("per", "number"), ("unit", "60"), ("action", "delay")],
        _ => &[],
    };
    let mode = [("mode", "enforce")];
    let pairs = own.iter().chain(&mode);
    pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests;
