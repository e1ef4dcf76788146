//! Validates the settings; each error names its place in the document.

use super::protection::weakened;
use super::signed::signed;
use super::texts::{LANGUAGES_MAX, TEXT_MAX};
use super::{
    KILL_SWITCHES_MAX, LIMIT_MAX, LIMITS_MAX, NUMBER_RULES_MAX, NumberAction, Numbers, PRICES_MAX,
    Settings, TRUST_DAYS_MAX, WINDOW_MAX, duration,
};
use crate::blocks::REASON_MAX;
use crate::settings::Section;
use crate::{Channel, Fault, Invalid, Region, regions};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::hash::Hash;

/// Error message for `even_invalid` on a deny rule.
pub(super) const EVEN_INVALID_ALLOWED: &str = "only a rule that allows numbers passes those that are not valid; leave it out where the \
     action is deny";

impl Section for Settings {
    const NAME: &'static str = "rules";

    fn allowed(name: &str) -> Option<&'static str> {
        Some(match name {
            "on_store_failure" => "allow or deny",
            "kill_switches" => {
                "a list of {region, channel, until, mode, reason}; region and channel may be *"
            }
            "number_rules" => {
                "a list of {numbers, action, even_invalid, until, mode, reason}; numbers are \
                 +14155550100 or +1415*"
            }
            "number_types" => {
                "an object of {type: {action}}; action is allow, monitor, challenge or deny"
            }
            "spend" => "an object of {currency, caps, prices}",
            "spend.currency" => "three capital letters, such as EUR",
            "spend.caps" => "a list of {amount, window, mode}; window is 3600 or 86400 seconds",
            "spend.prices" => "a list of {to, channel, amount}; to is a region or +1876*",
            "limits" => {
                "a list of {per, limit, window, action, mode}; per is number, number_block, ip, \
                 ip_network, device, user, region, flow or all"
            }
            "trust" => "an object of {enabled, days, sends_a_day}",
            "trust.enabled" => "true or false",
            "trust.days" => "a whole number of days from 1 to 90",
            "trust.sends_a_day" => "a whole number from 1 to 10000000",
            "captcha" => "an object of {ask, mode}; ask is nobody, untrusted or everybody",
            "captcha.ask" => "nobody, untrusted or everybody",
            "captcha.mode" => "enforce or shadow",
            "user_message" => "an object of {help_desk, language, texts}",
            "user_message.help_desk" => "at most 500 characters",
            "user_message.language" => "the tag of a language that has texts, such as en",
            "user_message.texts" => "an object of {language: {deny, delay, challenge}}",
            "b2c" => "an object of {phone_claim, channel}",
            "b2c.phone_claim" => "the name of a claim, 1 to 100 characters",
            "b2c.channel" => "voice, sms, whatsapp or rcs",
            _ => return None,
        })
    }

    /// Whether every value is allowed and no two rules concern the same thing; of two that do, the
    /// later's error names both.
    fn check(&self) -> Result<(), Invalid> {
        let mut errors = Errors::default();
        self.check_kill_switches(&mut errors);
        self.check_numbers(&mut errors);
        self.check_spend(&mut errors);
        self.check_limits(&mut errors);
        self.check_rest(&mut errors);
        errors.0.or(())
    }

    fn signed(self, before: &Self, by: &str, now: DateTime<Utc>) -> Self {
        signed(self, before, by, now)
    }

    fn weakened_by(&self, after: &Self, now: DateTime<Utc>) -> bool {
        weakened(self, after, now)
    }
}

impl Settings {
    fn check_kill_switches(&self, errors: &mut Errors) {
        errors.at_most("kill_switches", self.kill_switches.len(), KILL_SWITCHES_MAX);
        for (at, switch) in self.kill_switches.iter().enumerate() {
            let field = |name: &str| format!("kill_switches.{at}.{name}");
            if let super::Any::One(region) = switch.region {
                errors.region(&field("region"), region);
            }
            if let super::Any::One(channel) = switch.channel {
                errors.channel(&field("channel"), channel);
            }
            errors.reason(&field("reason"), &switch.reason);
        }
        let keys = self.kill_switches.iter().map(|switch| (switch.region, switch.channel));
        errors.twice("kill_switches", "kill switches", keys, |(region, channel)| {
            format!("region {region}, channel {channel}")
        });
    }

    fn check_numbers(&self, errors: &mut Errors) {
        errors.at_most("number_rules", self.number_rules.len(), NUMBER_RULES_MAX);
        for (at, rule) in self.number_rules.iter().enumerate() {
            errors.reason(&format!("number_rules.{at}.reason"), &rule.reason);
            if rule.even_invalid && rule.action == NumberAction::Deny {
                let field = format!("number_rules.{at}.even_invalid");
                errors.refuse(&field, Fault::Conflict, EVEN_INVALID_ALLOWED);
            }
        }
        let keys = self.number_rules.iter().map(|rule| rule.numbers);
        errors.twice("number_rules", "number rules", keys, Numbers::to_string);
        for (kind, rule) in &self.number_types {
            errors.reason(&format!("number_types.{kind}.reason"), &rule.reason);
        }
    }

    fn check_spend(&self, errors: &mut Errors) {
        errors.at_most("spend.prices", self.spend.prices.len(), PRICES_MAX);
        for (at, cap) in self.spend.caps.iter().enumerate() {
            let field = |name: &str| format!("spend.caps.{at}.{name}");
            if !matches!(cap.window, 3_600 | 86_400) {
                let words = "must be 3600 (an hour) or 86400 (a day) seconds";
                errors.refuse(&field("window"), Fault::InvalidChoice, words);
            }
            if cap.amount.nano() == 0 {
                let words = "must be more than 0; a kill switch for * shuts everything";
                errors.refuse(&field("amount"), Fault::TooSmall, words);
            }
            errors.reason(&field("reason"), &cap.reason);
        }
        let keys = self.spend.caps.iter().map(|cap| cap.window);
        errors.twice("spend.caps", "spend caps", keys, |window| {
            format!("a window of {}", duration(*window))
        });
        for (at, price) in self.spend.prices.iter().enumerate() {
            if let super::PriceTo::Region(region) = price.to {
                errors.region(&format!("spend.prices.{at}.to"), region);
            }
            if let super::Any::One(channel) = price.channel {
                errors.channel(&format!("spend.prices.{at}.channel"), channel);
            }
        }
        let keys = self.spend.prices.iter().map(|price| (price.to.clone(), price.channel));
        errors.twice("spend.prices", "prices", keys, |(to, channel)| format!("{to} by {channel}"));
    }

    fn check_limits(&self, errors: &mut Errors) {
        errors.at_most("limits", self.limits.len(), LIMITS_MAX);
        for (at, limit) in self.limits.iter().enumerate() {
            let field = |name: &str| format!("limits.{at}.{name}");
            let words = "must be a whole number from 1 to 10000000";
            errors.one_to(&field("limit"), limit.limit, LIMIT_MAX, words);
            let words = "must be 1 to 86400 seconds (a day)";
            errors.one_to(&field("window"), limit.window, WINDOW_MAX, words);
            errors.reason(&field("reason"), &limit.reason);
        }
        let keys = self.limits.iter().map(|limit| (limit.per, limit.window));
        errors.twice("limits", "limits", keys, |(per, window)| {
            format!("{per} in {}", duration(*window))
        });
    }

    fn check_rest(&self, errors: &mut Errors) {
        let words = "must be a whole number of days from 1 to 90";
        errors.one_to("trust.days", self.trust.days, TRUST_DAYS_MAX, words);
        let words = "must be a whole number from 1 to 10000000";
        errors.one_to("trust.sends_a_day", self.trust.sends_a_day, LIMIT_MAX, words);
        errors.text("user_message.help_desk", &self.user_message.help_desk);
        let texts = &self.user_message.texts;
        errors.at_most("user_message.texts", texts.len(), LANGUAGES_MAX);
        if !texts.contains_key(&self.user_message.language) {
            let words = "must be a language that has texts; it is what all others read";
            errors.refuse("user_message.language", Fault::InvalidChoice, words);
        }
        for (language, texts) in texts {
            let field = format!("user_message.texts.{language}");
            let part = |part: &str| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            };
            if language.len() > 35 || !language.split('-').all(part) {
                let words = "must be named by a language tag such as en or pt-BR (BCP 47)";
                errors.refuse(&field, Fault::InvalidValue, words);
            }
            for (name, text) in
                [("deny", &texts.deny), ("delay", &texts.delay), ("challenge", &texts.challenge)]
            {
                errors.text(&format!("{field}.{name}"), text);
            }
        }
        let claim = &self.b2c.phone_claim;
        if claim.is_empty() || claim.chars().count() > 100 || claim.chars().any(char::is_control) {
            let words = "must be the name of a claim, 1 to 100 characters";
            errors.refuse("b2c.phone_claim", Fault::of_text(claim, 100), words);
        }
        errors.channel("b2c.channel", self.b2c.channel);
    }
}

#[derive(Default)]
struct Errors(Invalid);

impl Errors {
    fn refuse(&mut self, field: &str, fault: Fault, words: &str) {
        self.0.push(field, fault, words);
    }

    fn at_most(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            self.refuse(
                field,
                Fault::TooLarge,
                &format!("has {count} entries; at most {most} are allowed"),
            );
        }
    }

    fn one_to<T: PartialOrd + From<u8>>(&mut self, field: &str, value: T, most: T, words: &str) {
        let least = T::from(1);
        if value < least || value > most {
            self.refuse(field, Fault::outside(value, least), words);
        }
    }

    fn reason(&mut self, field: &str, text: &str) {
        if text.chars().count() > REASON_MAX || text.chars().any(char::is_control) {
            let words = "must be at most 500 characters in one line";
            self.refuse(field, Fault::of_text(text, REASON_MAX), words);
        }
    }

    fn text(&mut self, field: &str, text: &str) {
        let control = |letter: char| letter.is_control() && letter != '\n';
        if text.chars().count() > TEXT_MAX || text.chars().any(control) {
            let words = "must be at most 500 characters without control characters";
            self.refuse(field, Fault::of_text(text, TEXT_MAX), words);
        }
    }

    fn region(&mut self, field: &str, region: Region) {
        if regions::info(region).is_none() {
            let words = format!("{region} is not a region that has phone numbers");
            self.0.push(field, Fault::InvalidChoice, words);
        }
    }

    fn channel(&mut self, field: &str, channel: Channel) {
        if matches!(channel, Channel::Push | Channel::Email) {
            let words = "must be voice, sms, whatsapp or rcs: the gate is for phone numbers";
            self.0.push(field, Fault::InvalidChoice, words);
        }
    }

    /// Reports each entry with the same key as an earlier one, and names both.
    fn twice<K: Hash + Eq>(
        &mut self,
        field: &str,
        what: &str,
        keys: impl Iterator<Item = K>,
        shown: impl Fn(&K) -> String,
    ) {
        let mut seen: HashMap<K, usize> = HashMap::new();
        for (at, key) in keys.enumerate() {
            if let Some(first) = seen.get(&key) {
                let words = format!(
                    "{what} {} and {} are both for {}; remove one of them",
                    first + 1,
                    at + 1,
                    shown(&key)
                );
                self.0.push(&format!("{field}.{at}"), Fault::Conflict, words);
            } else {
                seen.insert(key, at);
            }
        }
    }
}
