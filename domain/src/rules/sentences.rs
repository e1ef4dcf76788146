//! Rules as sentences: what each does, readable aloud.

use super::Currency;
use super::{
    Any, KillSwitch, Limit, LimitAction, Mode, NumberAction, NumberRule, SpendCap, TypeAction,
};
use crate::ledger::Dimension;
use crate::numbers::NumberType;
use crate::regions;
use crate::workbook::Sight;

/// Seconds as people say them: `10 min`, `24 h`, `90 s`.
pub fn duration(seconds: u32) -> String {
    match seconds {
        s if s >= 3_600 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s >= 60 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

impl Dimension {
    /// One of it, as people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::NumberBlock => "block of 10,000 numbers",
            Self::Ip => "IP address",
            Self::IpNetwork => "IP network",
            Self::Device => "device",
            Self::User => "user",
            Self::Region => "region",
            Self::Flow => "flow",
            Self::All => "everything together",
        }
    }
}

impl Limit {
    /// Its name in decisions: `5 per 10 min per number`.
    pub fn name(&self) -> String {
        let per = if self.per == Dimension::All { "for" } else { "per" };
        format!("{} per {} {per} {}", self.limit, duration(self.window), self.per.label())
    }

    /// What it does.
    pub fn sentence(&self) -> String {
        let what = match self.action {
            LimitAction::Delay => "waits",
            LimitAction::Challenge => "solves a captcha",
            LimitAction::Deny => "is refused",
        };
        let codes = if self.limit == 1 { "code" } else { "codes" };
        let whom = match self.per {
            Dimension::All => "for everything together".to_owned(),
            per => format!("for one {}", per.label()),
        };
        let window = duration(self.window);
        format!("{} {codes} in {window} {whom}; whoever asks for more {what}.", self.limit)
    }
}

impl KillSwitch {
    /// Its name in decisions: `JM by sms`.
    pub fn name(&self) -> String {
        match (self.region, self.channel) {
            (Any::All, Any::All) => "everything".to_owned(),
            (Any::All, channel) => format!("every region by {channel}"),
            (region, Any::All) => format!("{region} by every channel"),
            (region, channel) => format!("{region} by {channel}"),
        }
    }

    /// What it does.
    pub fn sentence(&self) -> String {
        let to = match self.region {
            Any::All => "anywhere".to_owned(),
            Any::One(region) => {
                let name = regions::info(region).map_or(region.as_str(), |info| info.name);
                format!("to {name}")
            }
        };
        let by = match self.channel {
            Any::All => String::new(),
            Any::One(channel) => format!(" by {channel}"),
        };
        match self.until {
            Some(until) => {
                format!("No codes {to}{by} until {} UTC.", until.format("%-d %b %Y, %H:%M"))
            }
            None => format!("No codes {to}{by} until somebody removes this."),
        }
    }
}

impl NumberRule {
    /// Its name in decisions, as somebody may see it: `deny +1876*`.
    pub fn name(&self, sight: Sight) -> String {
        format!("{} {}", self.action, self.shown(sight))
    }

    fn shown(&self, sight: Sight) -> String {
        match sight {
            Sight::Whole => self.numbers.to_string(),
            Sight::Masked => self.numbers.masked(),
        }
    }

    /// What it does.
    pub fn sentence(&self, sight: Sight) -> String {
        let one = matches!(self.numbers, super::Numbers::One(_));
        let prefix = if one { "" } else { "Numbers that begin with " };
        let which = format!("{prefix}{}", self.shown(sight).trim_end_matches('*'));
        let does = match (self.action, one) {
            (NumberAction::Allow, true) => "is let through",
            (NumberAction::Allow, false) => "are let through",
            (NumberAction::Deny, true) => "is refused",
            (NumberAction::Deny, false) => "are refused",
        };
        let even = if self.even_invalid { ", valid or not" } else { "" };
        match self.until {
            Some(until) => {
                format!("{which} {does} until {} UTC{even}.", until.format("%-d %b %Y, %H:%M"))
            }
            None => format!("{which} {does}{even}."),
        }
    }
}

impl SpendCap {
    /// Its name in decisions: `50.00 EUR per 1 h`.
    pub fn name(&self, currency: Currency) -> String {
        format!("{} {currency} per {}", self.amount, duration(self.window))
    }

    /// What it does.
    pub fn sentence(&self, currency: Currency) -> String {
        let window = duration(self.window);
        format!("At most {} {currency} in {window}; then codes are refused.", self.amount)
    }
}

/// What happens to numbers of a type, as a sentence.
pub fn type_sentence(kind: NumberType, action: TypeAction) -> String {
    let does = match action {
        TypeAction::Allow => "pass",
        TypeAction::Monitor => "pass and are marked",
        TypeAction::Challenge => "pass with a solved captcha",
        TypeAction::Deny => "are refused",
    };
    format!("{} numbers {does}.", kind.label())
}

impl Mode {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Enforce => "Enforced",
            Self::Shadow => "Shadow",
        }
    }
}
