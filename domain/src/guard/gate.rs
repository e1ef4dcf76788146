//! The gate: whether a code may be sent, and why (contract, section 4). One pure function decides
//! live requests, dry runs, shadow rules and replays alike.

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

use crate::events::{attempt_of, fold_user};
use crate::ledger::{Dimension, Entry, EntryKind};
use crate::numbers::NumberFacts;
use crate::rules::{Amount, Mode, OnStoreFailure};
use crate::words::words;
use crate::{Channel, PhoneNumber};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};
use std::net::IpAddr;
use uuid::Uuid;

pub use ask::{DecisionRequest, Note};
pub use decide::decide;
pub use id::DecisionId;
pub use rules::Rules;
pub use standing::{Active, BlocksAndBypasses};
pub use verdict::Verdict;

words! {
    /// A decision's reason, as a word for programs.
    Code, label {
        /// A one-time bypass applied.
        Bypass = "bypass" => "Bypass",
        /// The user is blocked.
        BlockUser = "block_user" => "User blocked",
        /// The number is blocked.
        BlockNumber = "block_number" => "Number blocked",
        /// The block of numbers around it is blocked.
        BlockNumberBlock = "block_number_block" => "Block of numbers blocked",
        /// The address or its network is blocked.
        BlockIp = "block_ip" => "IP address blocked",
        /// A kill switch closed region and channel.
        KillSwitch = "kill_switch" => "Kill switch",
        /// No number like this is assigned.
        NumberInvalid = "number_invalid" => "Number not valid",
        /// A rule for this number.
        NumberRule = "number_rule" => "Number rule",
        /// The channel does not serve the region.
        Region = "region" => "Region not allowed",
        /// The type of number is not served.
        NumberType = "number_type" => "Type of number",
        /// A spend cap is reached.
        SpendCap = "spend_cap" => "Spend cap",
        /// Too many codes for the number.
        LimitNumber = "limit_number" => "Limit per number",
        /// Too many codes for the block of numbers.
        LimitNumberBlock = "limit_number_block" => "Limit per block of numbers",
        /// Too many codes for the address.
        LimitIp = "limit_ip" => "Limit per IP address",
        /// Too many codes for the network.
        LimitIpNetwork = "limit_ip_network" => "Limit per IP network",
        /// Too many codes for the device.
        LimitDevice = "limit_device" => "Limit per device",
        /// Too many codes for the user.
        LimitUser = "limit_user" => "Limit per user",
        /// Too many codes to the region.
        LimitRegion = "limit_region" => "Limit per region",
        /// Too many codes in the flow.
        LimitFlow = "limit_flow" => "Limit per flow",
        /// Too many codes in total.
        LimitAll = "limit_all" => "Total limit",
        /// A captcha is required.
        Captcha = "captcha" => "Captcha",
        /// The number was verified recently.
        Trusted = "trusted" => "Trusted number",
        /// The store was not available.
        StoreDown = "store_down" => "Store unreachable",
    }
}

impl Code {
    /// The code of a limit by what it counts.
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

    /// What the limit counts; `None` for other codes.
    pub fn limit(self) -> Option<Dimension> {
        Dimension::ALL.iter().copied().find(|per| Self::of_limit(*per) == self)
    }
}

/// An observed or allowed amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Deserialize)]
#[serde(untagged)]
pub enum Quantity {
    /// A number of codes.
    Count(u64),
    /// An amount in the currency of the price table.
    Money(#[serde(deserialize_with = "read_money")] Amount),
}

/// A JSON number: whole for counts, with decimals for money.
impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => to.serialize_u64(*count),
            Self::Money(amount) => {
                // Only for display: 15 digits are exact.
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
pub struct ReasonEntry {
    /// The kind of rule.
    pub code: Code,
    /// The rule as the page describes it: `5 per 10 min per number`.
    pub rule: String,
    /// Whether the rule decides or only marks.
    pub mode: Mode,
    /// What was counted, including this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Quantity>,
    /// What is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Quantity>,
    /// The seconds that `limit` applies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// A sentence for people.
    pub message: String,
}

impl ReasonEntry {
    /// A reason that decides and counts nothing.
    fn plain(code: Code, rule: impl Into<String>, message: String) -> Self {
        let (observed, limit, window) = (None, None, None);
        Self { code, rule: rule.into(), mode: Mode::Enforce, observed, limit, window, message }
    }
}

/// The result of a request's captcha.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CaptchaResult {
    /// The request had none.
    #[default]
    None,
    /// Valid, for this number, not used before.
    Solved,
    /// Not accepted, with a sentence that says why.
    Wrong(String),
}

/// A request for a code.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The number with its facts from the number data.
    pub phone: NumberFacts,
    /// How the code is to be sent.
    pub channel: Channel,
    /// The account, as the caller writes it.
    pub user: Option<String>,
    /// `user`, folded for comparison.
    pub user_key: Option<String>,
    /// The user's IP address.
    pub ip: Option<IpAddr>,
    /// The header of the user's browser.
    pub user_agent: Option<String>,
    /// The caller's id of the user's device.
    pub device: Option<String>,
    /// The user flow (Microsoft: policy).
    pub flow: Option<String>,
    /// Given by the caller or generated.
    pub journey: String,
    /// The checked captcha.
    pub captcha: CaptchaResult,
    /// Whether a bypass may apply; false where it cannot be used up.
    pub may_bypass: bool,
}

impl Request {
    /// A request with only a destination.
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
            captcha: CaptchaResult::None,
            may_bypass: true,
        }
    }

    /// Sets the user.
    #[must_use]
    pub fn of_user(mut self, user: Option<String>) -> Self {
        self.user_key = user.as_deref().map(fold_user);
        self.user = user;
        self
    }

    /// The attempt's id.
    pub fn attempt(&self) -> Uuid {
        attempt_of(&self.journey)
    }

    /// What the ledger counts once the request is decided, with the keys of event and attempt.
    pub fn entry(
        &self,
        (key, attempt): (Uuid, Uuid),
        time: i64,
        what: EntryKind,
        cost: Option<Amount>,
    ) -> Entry<'_> {
        Entry {
            key,
            time,
            what,
            attempt,
            phone: Some(self.number()),
            region: Some(self.phone.region),
            channel: Some(self.channel),
            ip: self.ip,
            user: self.user_key.as_deref(),
            device: self.device.as_deref(),
            flow: self.flow.as_deref(),
            cost: cost.map(Amount::nano),
            priced_by_event: false,
        }
    }

    /// The number in its canonical form.
    pub fn number(&self) -> PhoneNumber {
        self.phone.phone
    }
}

/// The gate's decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What happens to the request.
    pub verdict: Verdict,
    /// The verdict if every shadow rule were enforced.
    pub shadow: Verdict,
    /// Seconds to wait, if the verdict is `delay`.
    pub retry_after: Option<u32>,
    /// All reasons that applied, in the order of the rules.
    pub reasons: Vec<ReasonEntry>,
    /// Channels that may work instead.
    pub alternatives: Vec<Channel>,
    /// The bypass that applied; the caller must use it up.
    pub bypass: Option<Uuid>,
    /// Whether a solved captcha changed the verdict; the caller must use it up.
    pub captcha: bool,
    /// The code's price by the price table, if it has one.
    pub cost: Option<Amount>,
}

impl Decision {
    /// The first reason that decided: the refusal's recorded reason.
    pub fn cause(&self) -> Option<&ReasonEntry> {
        cause(&self.reasons)
    }

    /// The decision while the store is not available: refusals stay, because blocks, caps and
    /// limits are in memory; the rest follows `setting`.
    #[must_use]
    pub fn without_store(mut self, setting: OnStoreFailure) -> Self {
        let denies = setting == OnStoreFailure::Deny;
        let turned = denies && self.verdict.lets_out();
        if turned {
            self.verdict = Verdict::Deny;
            self.shadow = Verdict::Deny;
            self.retry_after = None;
        }
        let message = if denies {
            "The store cannot be reached; until it can, no codes are sent."
        } else {
            "The store cannot be reached; this was decided from memory and is written when it can \
             be."
        };
        let rule = format!("on_store_failure = {setting}");
        // The recorded reason is the first.
        let at = if turned { 0 } else { self.reasons.len() };
        self.reasons.insert(at, ReasonEntry::plain(Code::StoreDown, rule, message.to_owned()));
        self
    }
}

/// The first reason that decided.
pub fn cause(reasons: &[ReasonEntry]) -> Option<&ReasonEntry> {
    reasons.iter().find(|why| why.mode == Mode::Enforce && why.code != Code::Trusted)
}

/// The gate's unit of time: µs since 1970.
pub fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}
