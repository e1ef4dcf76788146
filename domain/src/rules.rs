//! What the gate obeys besides countries, blocks and bypasses: kill switches, number rules, number
//! types, spend caps with their prices, limits, trust, the captcha, and what a refused user reads
//! (contract, section 4).

mod any;
mod check;
mod csv;
mod defaults;
mod money;
mod numbers;
mod protection;
mod sentences;
mod signed;
#[cfg(test)]
mod tests;
mod texts;

use crate::events::words;
use crate::ledger::Dimension;
use crate::numbers::NumberType;
use crate::words::as_text;
use crate::{Channel, Region};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use any::Any;
pub use csv::{number_rules_csv, prices_csv, read_number_rules, read_prices};
pub use money::{Amount, Currency};
pub use numbers::Numbers;
pub use sentences::{duration, type_sentence};
pub use texts::{Filled, Texts, UserTexts};

/// Most number rules.
pub(crate) const NUMBER_RULES_MAX: usize = 20_000;
/// Most rows of the price table.
pub(crate) const PRICES_MAX: usize = 20_000;
/// Most limits.
pub(crate) const LIMITS_MAX: usize = 50;
/// Most kill switches.
pub(crate) const KILL_SWITCHES_MAX: usize = 1_000;
/// The longest window of a limit in seconds: a day, as far back as the ledger reaches.
pub const WINDOW_MAX: u32 = 86_400;
/// The largest limit.
pub(crate) const LIMIT_MAX: u32 = 10_000_000;
/// The longest that a number stays trusted, in days.
pub const TRUST_DAYS_MAX: u16 = 90;

words! {
    /// Whether a rule decides, or only tells what it would have decided.
    Mode {
        /// It decides.
        Enforce = "enforce",
        /// It is marked, and everything goes on.
        Shadow = "shadow",
    }
}

words! {
    /// What happens while the store cannot be reached.
    OnStoreFailure {
        /// Codes go out.
        Allow = "allow",
        /// No codes go out.
        Deny = "deny",
    }
}

words! {
    /// What a number rule does.
    NumberAction {
        /// Passes everything after it.
        Allow = "allow",
        /// Refuses.
        Deny = "deny",
    }
}

words! {
    /// What happens to numbers of a type.
    TypeAction {
        /// They pass.
        Allow = "allow",
        /// They pass and are marked.
        Monitor = "monitor",
        /// They pass with a solved captcha.
        Challenge = "challenge",
        /// They are refused.
        Deny = "deny",
    }
}

words! {
    /// What happens to whoever is over a limit.
    LimitAction {
        /// They wait.
        Delay = "delay",
        /// They solve a captcha.
        Challenge = "challenge",
        /// They are refused.
        Deny = "deny",
    }
}

words! {
    /// Whom a captcha is asked of.
    CaptchaFor {
        /// Nobody.
        Nobody = "nobody",
        /// Everybody whose number is not trusted.
        Untrusted = "untrusted",
        /// Everybody.
        Everybody = "everybody",
    }
}

/// Declares a rule: what it says itself, then why, and who last changed it and when.
macro_rules! rule {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$about])* pub $field: $kind,)+
            /// Why, at most 500 characters.
            #[serde(default)]
            pub reason: String,
            /// Who last changed it; set by Tollwarden.
            #[serde(default)]
            pub by: Option<String>,
            /// When; set by Tollwarden.
            #[serde(default)]
            pub at: Option<DateTime<Utc>>,
        }
    };
}

rule! {
    /// Refuses every code to a region by a channel until a time. It ends by itself then.
    KillSwitch {
        /// Where to.
        region: Any<Region>,
        /// By what.
        #[serde(default = "all")]
        channel: Any<Channel>,
        /// Until when; nothing: until it is taken away.
        #[serde(default)]
        until: Option<DateTime<Utc>>,
        /// Whether it decides.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

rule! {
    /// Lets a number, or all that begin with the same digits, pass or not. The longest wins.
    NumberRule {
        /// Which: `+14155550100` one number, `+1415*` all that begin so.
        numbers: Numbers,
        /// What it does.
        action: NumberAction,
        /// Whether it also lets through what no numbering plan has (`number_invalid`); only where
        /// the action is to allow. Plans open area codes before the metadata knows them.
        #[serde(default)]
        even_invalid: bool,
        /// Until when; nothing: until it is taken away.
        #[serde(default)]
        until: Option<DateTime<Utc>>,
        /// Whether it decides.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

rule! {
    /// What happens to numbers of one type.
    TypeRule {
        /// What happens.
        action: TypeAction,
    }
}

rule! {
    /// What may be spent in a sliding window.
    SpendCap {
        /// How much, in the currency of the table.
        amount: Amount,
        /// In how many seconds: 3600 or 86400.
        window: u32,
        /// Whether it decides.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

/// What one code costs to a region, or to numbers that begin with the same digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// `JM`, or `+1876*`.
    pub to: PriceTo,
    /// By what.
    pub channel: Any<Channel>,
    /// How much, in the currency of the table.
    pub amount: Amount,
}

/// Where a price holds. Beginnings of numbers go before regions, long ones before short ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PriceTo {
    /// A region.
    Region(Region),
    /// Numbers that begin so.
    Numbers(Numbers),
}

/// What may be spent, and what codes cost where the events do not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spend {
    /// The currency of caps and prices.
    pub currency: Currency,
    /// The caps: at most one for each window.
    pub caps: Vec<SpendCap>,
    /// The price table.
    pub prices: Vec<Price>,
}

rule! {
    /// How many codes there may be for one number, address, user … in a sliding window.
    Limit {
        /// For each what.
        per: Dimension,
        /// How many, from 1.
        limit: u32,
        /// In how many seconds, 1 to 86400.
        window: u32,
        /// What happens to whoever is over it.
        #[serde(default = "delay")]
        action: LimitAction,
        /// Whether it decides.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

/// Whose numbers pass countries, and wait instead of being refused by limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// Whether any number is trusted.
    pub enabled: bool,
    /// For how many days after it verified, 1 to 90.
    pub days: u16,
    /// With at most how many codes to it within a day.
    pub sends_a_day: u32,
}

/// Whom a captcha is asked of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Captcha {
    /// Whom.
    pub ask: CaptchaFor,
    /// Whether it decides.
    pub mode: Mode,
}

/// The API connector of Azure AD B2C.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct B2c {
    /// The claim that holds the number.
    pub phone_claim: String,
    /// The channel that is asked about; the connector's request does not say.
    pub channel: Channel,
}

/// The settings of the section `rules`. A document without one of them has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What happens while the store cannot be reached.
    pub on_store_failure: OnStoreFailure,
    /// Regions and channels that are shut.
    pub kill_switches: Vec<KillSwitch>,
    /// Numbers that pass, and that do not.
    pub number_rules: Vec<NumberRule>,
    /// Types of numbers; those not named pass.
    pub number_types: BTreeMap<NumberType, TypeRule>,
    /// Money.
    pub spend: Spend,
    /// How often.
    pub limits: Vec<Limit>,
    /// Whose numbers are trusted.
    pub trust: Trust,
    /// Whom a captcha is asked of.
    pub captcha: Captcha,
    /// What a refused user reads.
    pub user_message: UserTexts,
    /// The API connector.
    pub b2c: B2c,
}

fn enforce() -> Mode {
    Mode::Enforce
}

fn delay() -> LimitAction {
    LimitAction::Delay
}

fn all() -> Any<Channel> {
    Any::All
}

impl FromStr for PriceTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with('+') {
            return text.parse().map(Self::Numbers);
        }
        text.parse().map(Self::Region).map_err(|_| {
            "must be a region of two capital letters, 001, or the beginning of numbers such as \
             +1876*"
                .to_owned()
        })
    }
}

as_text!(PriceTo);

impl fmt::Display for PriceTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(region) => region.fmt(f),
            Self::Numbers(numbers) => numbers.fmt(f),
        }
    }
}
