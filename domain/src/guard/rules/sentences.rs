//! Rules as readable sentences.

use super::Currency;
use super::{Any, KillSwitch, Limit, LimitAction, NumberAction, NumberRule, SpendCap, TypeAction};
use crate::ledger::Dimension;
use crate::numbers::NumberType;
use crate::regions;
use crate::workbook::Sight;
use chrono::{DateTime, Utc};

/// A duration in words: `10 min`, `24 h`, `90 s`.
pub fn duration(seconds: u32) -> String {
    match seconds {
        s if s >= 3_600 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s >= 60 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

impl Limit {
    /// The name in decisions: `5 per 10 min per number`.
    pub fn name(&self) -> String {
        let per = if self.per == Dimension::All { "for" } else { "per" };
        format!("{} per {} {per} {}", self.limit, duration(self.window), self.per.label())
    }

    /// The rule's effect.
    pub fn sentence(&self) -> String {
        let what = match self.action {
            LimitAction::Delay => "delayed",
            LimitAction::Challenge => "a captcha is required",
            LimitAction::Deny => "refused",
        };
        let codes = if self.limit == 1 { "code" } else { "codes" };
        let whom = match self.per {
            Dimension::All => "in total".to_owned(),
            per => format!("for one {}", per.label()),
        };
        let window = duration(self.window);
        format!("{} {codes} in {window} {whom}; then {what}.", self.limit)
    }
}

impl KillSwitch {
    /// The name in decisions: `JM by sms`.
    pub fn name(&self) -> String {
        match (self.region, self.channel) {
            (Any::All, Any::All) => "everything".to_owned(),
            (Any::All, channel) => format!("every region by {channel}"),
            (region, Any::All) => format!("{region} by every channel"),
            (region, channel) => format!("{region} by {channel}"),
        }
    }

    /// The rule's effect.
    pub fn sentence(&self) -> String {
        let to = match self.region {
            Any::All => "anywhere".to_owned(),
            Any::One(region) => format!("to {}", regions::name(&region)),
        };
        let by = match self.channel {
            Any::All => String::new(),
            Any::One(channel) => format!(" by {channel}"),
        };
        let until = self.until.map_or_else(|| " until somebody removes this".to_owned(), until);
        format!("No codes {to}{by}{until}.")
    }
}

fn until(time: DateTime<Utc>) -> String {
    format!(" until {} UTC", time.format("%-d %b %Y, %H:%M"))
}

impl NumberRule {
    /// The name in decisions, as this viewer may see it: `deny +1876*`.
    pub fn name(&self, sight: Sight) -> String {
        format!("{} {}", self.action, self.numbers_text(sight))
    }

    fn numbers_text(&self, sight: Sight) -> String {
        match sight {
            Sight::Whole => self.numbers.to_string(),
            Sight::Masked => self.numbers.masked(),
        }
    }

    /// The rule's effect, as this viewer may see it.
    pub fn sentence(&self, sight: Sight) -> String {
        let one = matches!(self.numbers, super::Numbers::One(_));
        let prefix = if one { "" } else { "Numbers that begin with " };
        let which = format!("{prefix}{}", self.numbers_text(sight).trim_end_matches('*'));
        let does = match (self.action, one) {
            (NumberAction::Allow, true) => "is allowed",
            (NumberAction::Allow, false) => "are allowed",
            (NumberAction::Deny, true) => "is refused",
            (NumberAction::Deny, false) => "are refused",
        };
        let even = if self.even_invalid { ", valid or not" } else { "" };
        let until = self.until.map(until).unwrap_or_default();
        format!("{which} {does}{until}{even}.")
    }
}

impl SpendCap {
    /// The name in decisions: `50.00 EUR per 1 h`.
    pub fn name(&self, currency: Currency) -> String {
        format!("{} {currency} per {}", self.amount, duration(self.window))
    }

    /// The rule's effect.
    pub fn sentence(&self, currency: Currency) -> String {
        let window = duration(self.window);
        format!("At most {} {currency} in {window}; then codes are refused.", self.amount)
    }
}

/// The effect of a rule for a number type.
pub fn type_sentence(kind: NumberType, action: TypeAction) -> String {
    format!("{} numbers {}.", kind.label(), action.effect())
}
