//! The gate: whether a code may go out, and why (contract, section 4). One pure function decides,
//! for live requests, dry runs, shadow rules and replays of the past alike.

mod ask;
mod decide;
mod id;
mod limits;
mod rules;
mod search;
mod standing;
#[cfg(test)]
mod tests;
mod verdict;

use crate::events::{attempt_of, fold_user, words};
use crate::ledger::Dimension;
use crate::numbers::NumberFacts;
use crate::rules::{Amount, Mode};
use crate::{Channel, PhoneNumber};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};
use std::net::IpAddr;
use uuid::Uuid;

pub use ask::{Ask, Note};
pub use decide::decide;
pub use id::DecisionId;
pub use rules::Rules;
pub use standing::{Pass, Refusal, Standing};
pub use verdict::Verdict;

words! {
    /// Why, in a word that programs know.
    Code {
        /// Let through once.
        Bypass = "bypass",
        /// The user is blocked.
        BlockUser = "block_user",
        /// The number is blocked.
        BlockNumber = "block_number",
        /// The block of numbers is blocked.
        BlockNumberBlock = "block_number_block",
        /// The address, or its network, is blocked.
        BlockIp = "block_ip",
        /// Region and channel are shut.
        KillSwitch = "kill_switch",
        /// Nobody can have this number.
        NumberInvalid = "number_invalid",
        /// A rule about this number.
        NumberRule = "number_rule",
        /// The region is not served by this channel.
        Region = "region",
        /// The type of number is not served.
        NumberType = "number_type",
        /// Enough was spent.
        SpendCap = "spend_cap",
        /// Too many for the number.
        LimitNumber = "limit_number",
        /// Too many for the block of numbers.
        LimitNumberBlock = "limit_number_block",
        /// Too many from the address.
        LimitIp = "limit_ip",
        /// Too many from the network.
        LimitIpNetwork = "limit_ip_network",
        /// Too many from the device.
        LimitDevice = "limit_device",
        /// Too many for the user.
        LimitUser = "limit_user",
        /// Too many to the region.
        LimitRegion = "limit_region",
        /// Too many in the flow.
        LimitFlow = "limit_flow",
        /// Too many altogether.
        LimitAll = "limit_all",
        /// A captcha is asked for.
        Captcha = "captcha",
        /// The number verified not long ago.
        Trusted = "trusted",
        /// The store could not be reached.
        StoreDown = "store_down",
    }
}

impl Code {
    /// The code of a limit.
    pub fn of_limit(per: Dimension) -> Self {
        match per {
            Dimension::Number => Self::LimitNumber,
            Dimension::NumberBlock => Self::LimitNumberBlock,
            Dimension::Ip => Self::LimitIp,
            Dimension::IpNetwork => Self::LimitIpNetwork,
            Dimension::Device => Self::LimitDevice,
            Dimension::User => Self::LimitUser,
            Dimension::Region => Self::LimitRegion,
            Dimension::Flow => Self::LimitFlow,
            Dimension::All => Self::LimitAll,
        }
    }

    /// Which limit it is of, if it is of one.
    pub fn limit(self) -> Option<Dimension> {
        Dimension::ALL.iter().copied().find(|per| Self::of_limit(*per) == self)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Bypass => "Bypass",
            Self::BlockUser => "User blocked",
            Self::BlockNumber => "Number blocked",
            Self::BlockNumberBlock => "Block of numbers blocked",
            Self::BlockIp => "IP address blocked",
            Self::KillSwitch => "Kill switch",
            Self::NumberInvalid => "Number not valid",
            Self::NumberRule => "Number rule",
            Self::Region => "Region not allowed",
            Self::NumberType => "Type of number",
            Self::SpendCap => "Spend cap",
            Self::LimitNumber => "Limit per number",
            Self::LimitNumberBlock => "Limit per block of numbers",
            Self::LimitIp => "Limit per IP address",
            Self::LimitIpNetwork => "Limit per IP network",
            Self::LimitDevice => "Limit per device",
            Self::LimitUser => "Limit per user",
            Self::LimitRegion => "Limit per region",
            Self::LimitFlow => "Limit per flow",
            Self::LimitAll => "Limit for everything",
            Self::Captcha => "Captcha",
            Self::Trusted => "Trusted number",
            Self::StoreDown => "Store away",
        }
    }
}

/// What was counted or spent, beside what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Deserialize)]
#[serde(untagged)]
pub enum Quantity {
    /// So many.
    Count(u64),
    /// So much money.
    Money(#[serde(deserialize_with = "read_money")] Amount),
}

/// A JSON number: whole for counts, with decimals for money.
impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => to.serialize_u64(*count),
            Self::Money(amount) => {
                // Shown, not reckoned with: 15 digits of it are exact.
                to.serialize_f64(amount.to_string().parse().unwrap_or(0.0))
            }
        }
    }
}

fn read_money<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
    let money = f64::deserialize(from)?;
    format!("{money:.9}").parse().map_err(serde::de::Error::custom)
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Money(amount) => amount.fmt(f),
        }
    }
}

/// One reason of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Which rule it was, in a word.
    pub code: Code,
    /// The rule as people know it: `5 per 10 min per number`.
    pub rule: String,
    /// Whether the rule decides.
    pub mode: Mode,
    /// What was counted, this request among it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Quantity>,
    /// What is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Quantity>,
    /// In how many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// A sentence that says it.
    pub message: String,
}

/// What came of the captcha that a request brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Captcha {
    /// It brought none.
    #[default]
    None,
    /// It is solved, of this number, and was not used before.
    Solved,
    /// It is not; a sentence says why.
    Wrong(String),
}

/// A request for a code.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The number, looked up.
    pub phone: NumberFacts,
    /// By what the code would travel.
    pub channel: Channel,
    /// The account, as the caller writes it.
    pub user: Option<String>,
    /// The same for comparison.
    pub user_key: Option<String>,
    /// The user's address.
    pub ip: Option<IpAddr>,
    /// The user's browser.
    pub user_agent: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The user flow.
    pub flow: Option<String>,
    /// The journey, given or made.
    pub journey: String,
    /// The captcha.
    pub captcha: Captcha,
    /// Whether a bypass may let it through; not where none can be used up.
    pub may_bypass: bool,
}

impl Request {
    /// A request that says nothing but where the code would go.
    pub fn new(phone: NumberFacts, channel: Channel, journey: String) -> Self {
        Self {
            phone,
            channel,
            user: None,
            user_key: None,
            ip: None,
            user_agent: None,
            device: None,
            flow: None,
            journey,
            captcha: Captcha::None,
            may_bypass: true,
        }
    }

    /// The same of a user.
    #[must_use]
    pub fn of_user(mut self, user: Option<String>) -> Self {
        self.user_key = user.as_deref().map(fold_user);
        self.user = user;
        self
    }

    /// The attempt it belongs to.
    pub fn attempt(&self) -> Uuid {
        attempt_of(&self.journey)
    }

    /// The number.
    pub fn number(&self) -> PhoneNumber {
        self.phone.phone
    }
}

/// What the gate decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What becomes of the request.
    pub verdict: Verdict,
    /// What would, if every shadow rule were enforced.
    pub shadow: Verdict,
    /// Seconds to wait, where the verdict is to wait.
    pub retry_after: Option<u32>,
    /// Every reason that applied, in the order of the rules.
    pub reasons: Vec<Why>,
    /// Channels that may work instead.
    pub alternatives: Vec<Channel>,
    /// The bypass that lets it through; it must still be used up.
    pub bypass: Option<Uuid>,
    /// Whether a solved captcha turned it; it must still be used up.
    pub captcha: bool,
    /// What the code costs by the price table, where it has a price.
    pub cost: Option<Amount>,
}

impl Decision {
    /// The first reason that decided: what a refusal is recorded under.
    pub fn cause(&self) -> Option<&Why> {
        cause(&self.reasons)
    }

    /// The same request answered while the store is away: what is refused stays refused, since
    /// blocks, caps and limits hold from memory; what is allowed is as the setting says.
    #[must_use]
    pub fn without_store(mut self, setting: crate::rules::OnStoreFailure) -> Self {
        use crate::rules::OnStoreFailure;
        let denies = setting == OnStoreFailure::Deny;
        let turned = denies && self.verdict.lets_out();
        if turned {
            self.verdict = Verdict::Deny;
            self.shadow = Verdict::Deny;
            self.retry_after = None;
        }
        // What it is recorded under comes first.
        let at = if turned { 0 } else { self.reasons.len() };
        self.reasons.insert(
            at,
            Why {
                code: Code::StoreDown,
                rule: format!("on_store_failure = {setting}"),
                mode: Mode::Enforce,
                observed: None,
                limit: None,
                window: None,
                message: if denies {
                    "The store cannot be reached; until it can, no codes go out.".to_owned()
                } else {
                    "The store cannot be reached; this was decided from memory and is written when \
                 it can be."
                        .to_owned()
                },
            },
        );
        self
    }
}

/// The first of a decision's reasons that decided.
pub fn cause(reasons: &[Why]) -> Option<&Why> {
    reasons.iter().find(|why| why.mode == Mode::Enforce && why.code != Code::Trusted)
}

/// The time that decisions reckon in: µs since 1970.
pub fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}
