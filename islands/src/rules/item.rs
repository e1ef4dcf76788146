//! Single rules of the settings: their keys, sentences and last changes.

use chrono::{DateTime, Utc};
use domain::numbers::NumberType;
use domain::rules::{
    B2c, Captcha, CaptchaFor, Currency, KillSwitch, Limit, Mode, NumberRule, OnStoreFailure, Price,
    Settings, SpendCap, Texts, Trust, TypeRule, type_sentence,
};
use domain::workbook::Sight;
use serde::{Deserialize, Serialize};

/// A section of the Rules page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// `kill_switches`.
    KillSwitches,
    /// `number_rules`.
    Numbers,
    /// `number_types`.
    Types,
    /// `spend.currency` and `spend.caps`.
    Spending,
    /// `limits`.
    Limits,
    /// `trust`.
    Trust,
    /// `captcha`.
    Captcha,
    /// `on_store_failure`.
    Store,
    /// `b2c`.
    B2c,
    /// `user_message`.
    Messages,
    /// `spend.prices`.
    Prices,
}

/// One rule, or one setting outside of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// A member of `kill_switches`.
    Kill(KillSwitch),
    /// A member of `number_rules`.
    Number(NumberRule),
    /// A member of `number_types`.
    Type(NumberType, TypeRule),
    /// `spend.currency`.
    Currency(Currency),
    /// A member of `spend.caps`.
    Cap(SpendCap),
    /// A member of `spend.prices`.
    Price(Price),
    /// A member of `limits`.
    Limit(Limit),
    /// `trust`.
    Trust(Trust),
    /// `captcha`.
    Captcha(Captcha),
    /// `on_store_failure`.
    Store(OnStoreFailure),
    /// `b2c`.
    B2c(B2c),
    /// `user_message.help_desk` and `user_message.language`.
    Desk(String, String),
    /// A member of `user_message.texts`: a language and its texts.
    Texts(String, Texts),
}

/// Who last changed a rule, and when.
type Signature<'a> = (&'a mut Option<String>, &'a mut Option<DateTime<Utc>>);

impl Item {
    /// The section of the page that shows it.
    pub fn group(&self) -> Group {
        match self {
            Self::Kill(_) => Group::KillSwitches,
            Self::Number(_) => Group::Numbers,
            Self::Type(..) => Group::Types,
            Self::Currency(_) | Self::Cap(_) => Group::Spending,
            Self::Price(_) => Group::Prices,
            Self::Limit(_) => Group::Limits,
            Self::Trust(_) => Group::Trust,
            Self::Captcha(_) => Group::Captcha,
            Self::Store(_) => Group::Store,
            Self::B2c(_) => Group::B2c,
            Self::Desk(..) | Self::Texts(..) => Group::Messages,
        }
    }

    /// Identifies the rule: no two rules have the same key.
    pub fn key(&self) -> String {
        match self {
            Self::Kill(rule) => format!("kill {} {}", rule.region, rule.channel),
            Self::Number(rule) => format!("number {}", rule.numbers),
            Self::Type(kind, _) => format!("type {kind}"),
            Self::Currency(_) => "currency".to_owned(),
            Self::Cap(cap) => format!("cap {}", cap.window),
            Self::Price(price) => format!("price {} {}", price.to, price.channel),
            Self::Limit(limit) => format!("limit {} {}", limit.per, limit.window),
            Self::Trust(_) => "trust".to_owned(),
            Self::Captcha(_) => "captcha".to_owned(),
            Self::Store(_) => "store".to_owned(),
            Self::B2c(_) => "b2c".to_owned(),
            Self::Desk(..) => "desk".to_owned(),
            Self::Texts(language, _) => format!("texts {language}"),
        }
    }

    /// What it does, as a sentence; `sight` may mask its numbers.
    pub fn sentence(&self, currency: Currency, sight: Sight) -> String {
        match self {
            Self::Kill(rule) => rule.sentence(),
            Self::Number(rule) => rule.sentence(sight),
            Self::Type(kind, rule) => type_sentence(*kind, rule.action),
            Self::Currency(currency) => format!("Caps and prices are in {currency}."),
            Self::Cap(cap) => cap.sentence(currency),
            Self::Price(price) => price_words(price, currency, sight),
            Self::Limit(limit) => limit.sentence(),
            Self::Trust(trust) => trust_words(trust),
            Self::Captcha(captcha) => captcha_words(captcha.ask).to_owned(),
            Self::Store(setting) => store_words(*setting).to_owned(),
            Self::B2c(b2c) => format!(
                "The number is in the claim {}, and is checked for {}.",
                b2c.phone_claim, b2c.channel
            ),
            Self::Desk(desk, language) => {
                let desk = if desk.is_empty() { "nobody yet" } else { desk };
                format!("Users are sent to: {desk}. Users of other languages see: {language}.")
            }
            Self::Texts(language, texts) => {
                format!("{language}: “{}” – “{}” – “{}”", texts.deny, texts.delay, texts.challenge)
            }
        }
    }

    /// The sentence with the mode and the reason, for lists of changes.
    pub fn full_sentence(&self, currency: Currency, sight: Sight) -> String {
        let mut told = self.sentence(currency, sight);
        if self.mode() == Some(Mode::Shadow) {
            told.push_str(" (shadow)");
        }
        if let Some(reason) = self.reason() {
            told.push_str(&format!(" Reason: {}", sight.text_owned(reason)));
        }
        told
    }

    /// `None` for rules that have no mode.
    pub fn mode(&self) -> Option<Mode> {
        match self {
            Self::Kill(rule) => Some(rule.mode),
            Self::Number(rule) => Some(rule.mode),
            Self::Cap(cap) => Some(cap.mode),
            Self::Limit(limit) => Some(limit.mode),
            Self::Captcha(captcha) => Some(captcha.mode),
            _ => None,
        }
    }

    /// The reason that somebody wrote, if any.
    pub fn reason(&self) -> Option<&str> {
        let reason = match self {
            Self::Kill(rule) => &rule.reason,
            Self::Number(rule) => &rule.reason,
            Self::Type(_, rule) => &rule.reason,
            Self::Cap(cap) => &cap.reason,
            Self::Limit(limit) => &limit.reason,
            _ => return None,
        };
        Some(reason.as_str()).filter(|reason| !reason.is_empty())
    }

    /// When it ends; `None` for never.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Kill(rule) => rule.until,
            Self::Number(rule) => rule.until,
            _ => None,
        }
    }

    /// Who last changed it, and when; `None` for a default, and for rules that do not record it.
    pub fn signature(&self) -> Option<(String, DateTime<Utc>)> {
        let mut item = self.clone();
        let (by, at) = item.signed()?;
        Some((by.take()?, at.take()?))
    }

    /// Whether rules of this kind record who changed them.
    pub fn is_signed(&self) -> bool {
        self.clone().signed().is_some()
    }

    /// Whether two rules are equal, apart from who changed them.
    pub fn says(&self, other: &Self) -> bool {
        self.bare() == other.bare()
    }

    /// Whether it can change the gate's decisions.
    pub fn decides(&self) -> bool {
        !matches!(self.group(), Group::Messages | Group::B2c | Group::Store)
    }

    fn bare(&self) -> Self {
        let mut bare = self.clone();
        if let Some((by, at)) = bare.signed() {
            (*by, *at) = (None, None);
        }
        bare
    }

    fn signed(&mut self) -> Option<Signature<'_>> {
        match self {
            Self::Kill(rule) => Some((&mut rule.by, &mut rule.at)),
            Self::Number(rule) => Some((&mut rule.by, &mut rule.at)),
            Self::Type(_, rule) => Some((&mut rule.by, &mut rule.at)),
            Self::Cap(cap) => Some((&mut cap.by, &mut cap.at)),
            Self::Limit(limit) => Some((&mut limit.by, &mut limit.at)),
            _ => None,
        }
    }
}

/// The rules of a group, each with its path in the settings, such as `limits.3`.
pub fn of_group(settings: &Settings, group: Group) -> Vec<(String, Item)> {
    fn each<T: Clone>(list: &[T], name: &str, item: fn(T) -> Item) -> Vec<(String, Item)> {
        let place = |(at, rule): (usize, &T)| (format!("{name}.{at}"), item(rule.clone()));
        list.iter().enumerate().map(place).collect()
    }
    let one = |name: &str, item: Item| vec![(name.to_owned(), item)];
    let spend = &settings.spend;
    match group {
        Group::KillSwitches => each(&settings.kill_switches, "kill_switches", Item::Kill),
        Group::Numbers => each(&settings.number_rules, "number_rules", Item::Number),
        Group::Types => {
            let item = |(kind, rule): (&NumberType, &TypeRule)| {
                (format!("number_types.{kind}"), Item::Type(*kind, rule.clone()))
            };
            settings.number_types.iter().map(item).collect()
        }
        Group::Spending => {
            let mut items = one("spend.currency", Item::Currency(spend.currency));
            items.extend(each(&spend.caps, "spend.caps", Item::Cap));
            items
        }
        Group::Prices => each(&spend.prices, "spend.prices", Item::Price),
        Group::Limits => each(&settings.limits, "limits", Item::Limit),
        Group::Trust => one("trust", Item::Trust(settings.trust.clone())),
        Group::Captcha => one("captcha", Item::Captcha(settings.captcha.clone())),
        Group::Store => one("on_store_failure", Item::Store(settings.on_store_failure)),
        Group::B2c => one("b2c", Item::B2c(settings.b2c.clone())),
        Group::Messages => {
            let message = &settings.user_message;
            let desk = Item::Desk(message.help_desk.clone(), message.language.clone());
            let mut items = one("user_message", desk);
            items.extend(message.texts.iter().map(|(language, texts)| {
                let item = Item::Texts(language.clone(), texts.clone());
                (format!("user_message.texts.{language}"), item)
            }));
            items
        }
    }
}

/// All rules, each with its path in the settings.
pub fn all(settings: &Settings) -> Vec<(String, Item)> {
    const GROUPS: [Group; 11] = [
        Group::KillSwitches,
        Group::Numbers,
        Group::Types,
        Group::Spending,
        Group::Prices,
        Group::Limits,
        Group::Trust,
        Group::Captcha,
        Group::Store,
        Group::B2c,
        Group::Messages,
    ];
    GROUPS.into_iter().flat_map(|group| of_group(settings, group)).collect()
}

fn price_words(price: &Price, currency: Currency, sight: Sight) -> String {
    let to = price_to(price, sight);
    let by = match price.channel {
        domain::rules::Any::All => String::new(),
        domain::rules::Any::One(channel) => format!(" by {channel}"),
    };
    format!("A code to {to}{by} costs {} {currency}.", price.amount)
}

/// The numbers or the region that a price is for; `sight` may mask them.
pub fn price_to(price: &Price, sight: Sight) -> String {
    match (&price.to, sight) {
        (domain::rules::PriceTo::Numbers(numbers), Sight::Masked) => numbers.masked(),
        (to, _) => to.to_string(),
    }
}

fn trust_words(trust: &Trust) -> String {
    if !trust.enabled {
        return "No number is trusted.".to_owned();
    }
    let days = if trust.days == 1 { "day" } else { "days" };
    format!(
        "A number that verified within {} {days} is trusted, with at most {} codes to it in a \
         day: it passes countries, and is delayed where a limit would refuse it.",
        trust.days, trust.sends_a_day
    )
}

fn captcha_words(ask: CaptchaFor) -> &'static str {
    match ask {
        CaptchaFor::Nobody => "Nobody needs a captcha, unless another rule requires one.",
        CaptchaFor::Untrusted => "Users whose number is not trusted must solve a captcha.",
        CaptchaFor::Everybody => "Everybody must solve a captcha.",
    }
}

fn store_words(setting: OnStoreFailure) -> &'static str {
    match setting {
        OnStoreFailure::Allow => {
            "While the store cannot be reached, codes are sent; blocks, caps and limits apply \
             from memory."
        }
        OnStoreFailure::Deny => "While the store cannot be reached, no codes are sent.",
    }
}
