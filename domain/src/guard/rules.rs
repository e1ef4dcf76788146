//! Settings of the gate besides countries, blocks and bypasses: kill switches, number rules, number
//! types, spend caps and prices, limits, trust, captcha, and messages to refused users (contract,
//! section 4).

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
pub use texts::{FilledText, Texts, UserTexts};

pub(crate) const NUMBER_RULES_MAX: usize = 20_000;
pub(crate) const PRICES_MAX: usize = 20_000;
pub(crate) const LIMITS_MAX: usize = 50;
pub(crate) const KILL_SWITCHES_MAX: usize = 1_000;
/// The longest window of a limit in seconds: a day, as far back as the ledger goes.
pub const WINDOW_MAX: u32 = 86_400;
pub(crate) const LIMIT_MAX: u32 = 10_000_000;
/// The longest trust of a number, in days.
pub const TRUST_DAYS_MAX: u16 = 90;

words! {
    /// Whether a rule is enforced or only logged.
    Mode, label {
        /// The rule decides.
        Enforce = "enforce" => "Enforced",
        /// Logged, without an effect on the decision.
        Shadow = "shadow" => "Shadow",
    }
}

words! {
    /// The decision while the store is unreachable.
    OnStoreFailure {
        /// Codes are sent.
        Allow = "allow",
        /// No codes are sent.
        Deny = "deny",
    }
}

words! {
    /// The effect of a number rule.
    NumberAction {
        /// Skips all later checks.
        Allow = "allow",
        /// Refuses the code.
        Deny = "deny",
    }
}

words! {
    /// The effect of a number's type.
    TypeAction, effect {
        /// Allowed.
        Allow = "allow" => "are allowed",
        /// Allowed and marked.
        Monitor = "monitor" => "are allowed and marked",
        /// Allowed after a solved captcha.
        Challenge = "challenge" => "are allowed with a solved captcha",
        /// Refused.
        Deny = "deny" => "are refused",
    }
}

words! {
    /// What happens over a limit.
    LimitAction {
        /// The user has to wait.
        Delay = "delay",
        /// The user has to solve a captcha.
        Challenge = "challenge",
        /// Refused.
        Deny = "deny",
    }
}

words! {
    /// Which users are asked for a captcha.
    CaptchaFor {
        /// No one.
        Nobody = "nobody",
        /// Everyone whose number is not trusted.
        Untrusted = "untrusted",
        /// Everyone.
        Everybody = "everybody",
    }
}

/// Declares a rule: its own fields, a reason, and who last changed it when.
macro_rules! rule {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$about])* pub $field: $kind,)+
            /// A comment of at most 500 characters.
            #[serde(default)]
            pub reason: String,
            /// Who last changed it; set by Tollwarden.
            #[serde(default)]
            pub by: Option<String>,
            /// When it was last changed; set by Tollwarden.
            #[serde(default)]
            pub at: Option<DateTime<Utc>>,
        }
    };
}

rule! {
    /// Refuses every code to a region over a channel until it expires.
    KillSwitch {
        /// The region of the number, or every region.
        region: Any<Region>,
        /// The channel of the code, or every channel.
        #[serde(default = "all")]
        channel: Any<Channel>,
        /// When it expires; `None` until it is removed.
        #[serde(default)]
        until: Option<DateTime<Utc>>,
        /// In shadow mode it is only logged.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

rule! {
    /// Allows or denies a number, or all numbers with a prefix. The longest match wins.
    NumberRule {
        /// `+14155550100` for one number, `+1415*` for a prefix.
        numbers: Numbers,
        /// Allow or deny.
        action: NumberAction,
        /// Whether it also allows numbers of no numbering plan (`number_invalid`); only with the
        /// action allow. Plans open area codes before the metadata knows them.
        #[serde(default)]
        even_invalid: bool,
        /// When it expires; `None` until it is removed.
        #[serde(default)]
        until: Option<DateTime<Utc>>,
        /// In shadow mode it is only logged.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

rule! {
    /// The action for numbers of one type.
    TypeRule {
        /// What happens to such a number.
        action: TypeAction,
    }
}

rule! {
    /// A maximum spend in a sliding window.
    SpendCap {
        /// In the price table's currency.
        amount: Amount,
        /// In seconds: 3600 or 86400.
        window: u32,
        /// In shadow mode it is only logged.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

/// The cost of one code to a region, or to numbers with a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// `JM`, or `+1876*`.
    pub to: PriceTo,
    /// The channel of the code, or every channel.
    pub channel: Any<Channel>,
    /// In the price table's currency.
    pub amount: Amount,
}

/// The destination of a price. Prefixes take precedence over regions, long ones over short ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PriceTo {
    /// Every number of a region.
    Region(Region),
    /// Numbers with a prefix.
    Numbers(Numbers),
}

/// Spend caps, and prices for codes whose events report no cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spend {
    /// The currency of caps and prices.
    pub currency: Currency,
    /// At most one per window.
    pub caps: Vec<SpendCap>,
    /// The price table.
    pub prices: Vec<Price>,
}

rule! {
    /// Maximum codes per number, address, user … in a sliding window.
    Limit {
        /// What is counted separately.
        per: Dimension,
        /// The number allowed, from 1.
        limit: u32,
        /// In seconds, 1 to 86400.
        window: u32,
        /// What happens over the limit.
        #[serde(default = "delay")]
        action: LimitAction,
        /// In shadow mode it is only logged.
        #[serde(default = "enforce")]
        mode: Mode,
    }
}

/// When numbers are trusted: they pass country rules, and limits delay them instead of refusing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// Whether any number is trusted.
    pub enabled: bool,
    /// Days of trust after a verification, 1 to 90.
    pub days: u16,
    /// A number is trusted only up to this many codes to it per day.
    pub sends_a_day: u32,
}

/// When a captcha is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Captcha {
    /// The users it is required of.
    pub ask: CaptchaFor,
    /// In shadow mode it is only logged.
    pub mode: Mode,
}

/// The API connector for Azure AD B2C.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct B2c {
    /// The claim that contains the number.
    pub phone_claim: String,
    /// The assumed channel, since the connector's request does not name it.
    pub channel: Channel,
}

/// The settings section `rules`. Missing fields get their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The decision while the store is unreachable.
    pub on_store_failure: OnStoreFailure,
    /// Regions and channels that are shut off.
    pub kill_switches: Vec<KillSwitch>,
    /// Allowed and denied numbers.
    pub number_rules: Vec<NumberRule>,
    /// Actions by number type; types not listed are allowed.
    pub number_types: BTreeMap<NumberType, TypeRule>,
    /// Caps and prices.
    pub spend: Spend,
    /// Rate limits.
    pub limits: Vec<Limit>,
    /// When numbers are trusted.
    pub trust: Trust,
    /// When a captcha is required.
    pub captcha: Captcha,
    /// Messages to refused users.
    pub user_message: UserTexts,
    /// The API connector for Azure AD B2C.
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
