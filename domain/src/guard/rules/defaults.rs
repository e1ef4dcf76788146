//! The default settings (contract, section 4).

use super::{
    B2c, Captcha, CaptchaFor, Limit, LimitAction, Mode, OnStoreFailure, Settings, Spend, Trust,
    TypeAction, TypeRule, UserTexts,
};
use crate::Channel;
use crate::ledger::Dimension;
use crate::numbers::NumberType;

impl Limit {
    /// A default limit, which delays.
    pub fn new(per: Dimension, limit: u32, window: u32) -> Self {
        Self {
            per,
            limit,
            window,
            action: LimitAction::Delay,
            mode: Mode::Enforce,
            reason: String::new(),
            by: None,
            at: None,
        }
    }
}

impl TypeRule {
    /// A rule without author or reason.
    pub fn new(action: TypeAction) -> Self {
        Self { action, reason: String::new(), by: None, at: None }
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self { enabled: true, days: 90, sends_a_day: 20 }
    }
}

impl Default for Captcha {
    fn default() -> Self {
        Self { ask: CaptchaFor::Nobody, mode: Mode::Enforce }
    }
}

impl Default for B2c {
    fn default() -> Self {
        Self { phone_claim: "phoneNumber".to_owned(), channel: Channel::Sms }
    }
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTES: u32 = 60;
        const HOUR: u32 = 3_600;
        // Contract, section 4.
        let limits = [
            (Dimension::Number, 5, 10 * MINUTES),
            (Dimension::Number, 10, 24 * HOUR),
            (Dimension::NumberBlock, 20, HOUR),
            (Dimension::Ip, 10, HOUR),
            (Dimension::IpNetwork, 50, HOUR),
            (Dimension::User, 10, HOUR),
            (Dimension::Device, 10, HOUR),
        ];
        let types = [
            (NumberType::PremiumRate, TypeAction::Deny),
            (NumberType::SharedCost, TypeAction::Deny),
            (NumberType::Uan, TypeAction::Deny),
            (NumberType::Pager, TypeAction::Deny),
            (NumberType::Voicemail, TypeAction::Deny),
            (NumberType::Voip, TypeAction::Monitor),
        ];
        Self {
            on_store_failure: OnStoreFailure::Allow,
            kill_switches: Vec::new(),
            number_rules: Vec::new(),
            number_types: types.map(|(kind, action)| (kind, TypeRule::new(action))).into(),
            spend: Spend::default(),
            limits: limits.map(|(per, limit, window)| Limit::new(per, limit, window)).into(),
            trust: Trust::default(),
            captcha: Captcha::default(),
            user_message: UserTexts::default(),
            b2c: B2c::default(),
        }
    }
}
