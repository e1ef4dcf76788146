//! What is allowed, field by field, with the place of each error in the document.

use super::protection::weakened;
use super::signed::signed;
use super::texts::{LANGUAGES_MAX, TEXT_MAX};
use super::{
    KILL_SWITCHES_MAX, LIMIT_MAX, LIMITS_MAX, NUMBER_RULES_MAX, NumberAction, PRICES_MAX, Settings,
    TRUST_DAYS_MAX, WINDOW_MAX, duration,
};
use crate::blocks::REASON_MAX;
use crate::ledger::Dimension;
use crate::settings::Section;
use crate::{Channel, Fault, Invalid, Region, regions};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::hash::Hash;

/// What is said of a rule that refuses and is to pass numbers that are not valid.
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

    /// Whether every value is within what is allowed, and no two rules are about the same: two that
    /// overlap are both named.
    fn check(&self) -> Result<(), Invalid> {
        let mut found = Found::default();
        self.check_kill_switches(&mut found);
        self.check_numbers(&mut found);
        self.check_spend(&mut found);
        self.check_limits(&mut found);
        self.check_rest(&mut found);
        found.0.or(())
    }

    fn signed(self, before: &Self, by: &str, now: DateTime<Utc>) -> Self {
        signed(self, before, by, now)
    }

    fn weakened_by(&self, after: &Self, now: DateTime<Utc>) -> bool {
        weakened(self, after, now)
    }
}

impl Settings {
    fn check_kill_switches(&self, found: &mut Found) {
        found.at_most("kill_switches", self.kill_switches.len(), KILL_SWITCHES_MAX);
        for (at, switch) in self.kill_switches.iter().enumerate() {
            let field = |name: &str| format!("kill_switches.{at}.{name}");
            if let super::Any::One(region) = switch.region {
                found.region(&field("region"), region);
            }
            if let super::Any::One(channel) = switch.channel {
                found.channel(&field("channel"), channel);
            }
            found.reason(&field("reason"), &switch.reason);
        }
        let key = |at: usize| {
            let switch = &self.kill_switches[at];
            (switch.region, switch.channel)
        };
        found.twice(
            "kill_switches",
            "kill switches",
            self.kill_switches.len(),
            key,
            |(region, channel)| format!("region {region}, channel {channel}"),
        );
    }

    fn check_numbers(&self, found: &mut Found) {
        found.at_most("number_rules", self.number_rules.len(), NUMBER_RULES_MAX);
        for (at, rule) in self.number_rules.iter().enumerate() {
            found.reason(&format!("number_rules.{at}.reason"), &rule.reason);
            if rule.even_invalid && rule.action == NumberAction::Deny {
                let field = format!("number_rules.{at}.even_invalid");
                found.refuse(&field, Fault::Conflict, EVEN_INVALID_ALLOWED);
            }
        }
        let key = |at: usize| self.number_rules[at].numbers;
        found.twice("number_rules", "number rules", self.number_rules.len(), key, |numbers| {
            numbers.to_string()
        });
        for (kind, rule) in &self.number_types {
            found.reason(&format!("number_types.{kind}.reason"), &rule.reason);
        }
    }

    fn check_spend(&self, found: &mut Found) {
        found.at_most("spend.prices", self.spend.prices.len(), PRICES_MAX);
        for (at, cap) in self.spend.caps.iter().enumerate() {
            let field = |name: &str| format!("spend.caps.{at}.{name}");
            if !matches!(cap.window, 3_600 | 86_400) {
                found.refuse(
                    &field("window"),
                    Fault::InvalidChoice,
                    "must be 3600 (an hour) or 86400 (a day) seconds",
                );
            }
            if cap.amount.nano() == 0 {
                let words = "must be more than 0; a kill switch for * shuts everything";
                found.refuse(&field("amount"), Fault::TooSmall, words);
            }
            found.reason(&field("reason"), &cap.reason);
        }
        let key = |at: usize| self.spend.caps[at].window;
        found.twice("spend.caps", "spend caps", self.spend.caps.len(), key, |window| {
            format!("a window of {}", duration(*window))
        });
        for (at, price) in self.spend.prices.iter().enumerate() {
            if let super::PriceTo::Region(region) = price.to {
                found.region(&format!("spend.prices.{at}.to"), region);
            }
            if let super::Any::One(channel) = price.channel {
                found.channel(&format!("spend.prices.{at}.channel"), channel);
            }
        }
        let key = |at: usize| {
            let price = &self.spend.prices[at];
            (price.to.clone(), price.channel)
        };
        found.twice("spend.prices", "prices", self.spend.prices.len(), key, |(to, channel)| {
            format!("{to} by {channel}")
        });
    }

    fn check_limits(&self, found: &mut Found) {
        found.at_most("limits", self.limits.len(), LIMITS_MAX);
        for (at, limit) in self.limits.iter().enumerate() {
            let field = |name: &str| format!("limits.{at}.{name}");
            if !(1..=LIMIT_MAX).contains(&limit.limit) {
                found.refuse(
                    &field("limit"),
                    Fault::outside(limit.limit, 1),
                    "must be a whole number from 1 to 10000000",
                );
            }
            if !(1..=WINDOW_MAX).contains(&limit.window) {
                found.refuse(
                    &field("window"),
                    Fault::outside(limit.window, 1),
                    "must be 1 to 86400 seconds (a day)",
                );
            }
            found.reason(&field("reason"), &limit.reason);
        }
        let key = |at: usize| (self.limits[at].per, self.limits[at].window);
        found.twice(
            "limits",
            "limits",
            self.limits.len(),
            key,
            |(per, window): &(Dimension, u32)| format!("{per} in {}", duration(*window)),
        );
    }

    fn check_rest(&self, found: &mut Found) {
        if !(1..=TRUST_DAYS_MAX).contains(&self.trust.days) {
            found.refuse(
                "trust.days",
                Fault::outside(self.trust.days, 1),
                "must be a whole number of days from 1 to 90",
            );
        }
        if !(1..=LIMIT_MAX).contains(&self.trust.sends_a_day) {
            found.refuse(
                "trust.sends_a_day",
                Fault::outside(self.trust.sends_a_day, 1),
                "must be a whole number from 1 to 10000000",
            );
        }
        found.text("user_message.help_desk", &self.user_message.help_desk);
        let texts = &self.user_message.texts;
        found.at_most("user_message.texts", texts.len(), LANGUAGES_MAX);
        if !texts.contains_key(&self.user_message.language) {
            let words = "must be a language that has texts; it is what all others read";
            found.refuse("user_message.language", Fault::InvalidChoice, words);
        }
        for (language, texts) in texts {
            let field = format!("user_message.texts.{language}");
            let part = |part: &str| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            };
            if language.len() > 35 || !language.split('-').all(part) {
                found.refuse(
                    &field,
                    Fault::InvalidValue,
                    "must be named by a language tag such as en or pt-BR (BCP 47)",
                );
            }
            for (name, text) in
                [("deny", &texts.deny), ("delay", &texts.delay), ("challenge", &texts.challenge)]
            {
                found.text(&format!("{field}.{name}"), text);
            }
        }
        let claim = &self.b2c.phone_claim;
        if claim.is_empty() || claim.chars().count() > 100 || claim.chars().any(char::is_control) {
            found.refuse(
                "b2c.phone_claim",
                Fault::of_text(claim, 100),
                "must be the name of a claim, 1 to 100 characters",
            );
        }
        found.channel("b2c.channel", self.b2c.channel);
    }
}

#[derive(Default)]
struct Found(Invalid);

impl Found {
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

    fn reason(&mut self, field: &str, text: &str) {
        if text.chars().count() > REASON_MAX || text.chars().any(char::is_control) {
            self.refuse(
                field,
                Fault::of_text(text, REASON_MAX),
                "must be at most 500 characters in one line",
            );
        }
    }

    fn text(&mut self, field: &str, text: &str) {
        let control = |letter: char| letter.is_control() && letter != '\n';
        if text.chars().count() > TEXT_MAX || text.chars().any(control) {
            self.refuse(
                field,
                Fault::of_text(text, TEXT_MAX),
                "must be at most 500 characters without control characters",
            );
        }
    }

    fn region(&mut self, field: &str, region: Region) {
        if regions::info(region).is_none() {
            let words = format!("{region} is no region that has phone numbers");
            self.0.push(field, Fault::InvalidChoice, words);
        }
    }

    fn channel(&mut self, field: &str, channel: Channel) {
        if matches!(channel, Channel::Push | Channel::Email) {
            let words = "must be voice, sms, whatsapp or rcs: the gate is for phone numbers";
            self.0.push(field, Fault::InvalidChoice, words);
        }
    }

    /// Tells of each entry that is about the same as an earlier one, and names both.
    fn twice<K: Hash + Eq>(
        &mut self,
        field: &str,
        what: &str,
        count: usize,
        key: impl Fn(usize) -> K,
        shown: impl Fn(&K) -> String + Copy,
    ) {
        let mut seen: HashMap<K, usize> = HashMap::with_capacity(count);
        for at in 0..count {
            let key = key(at);
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
