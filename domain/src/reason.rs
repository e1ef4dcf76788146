//! Why a verification failed: neutral codes and the sources' own words that lead to them.

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// A neutral reason: the same for every source.
    Reason {
        /// Not a number that exists.
        NumberInvalid = "number_invalid",
        /// A kind of number that is not served.
        NumberTypeRefused = "number_type_refused",
        /// The number has a bad name with the provider.
        BlockedReputation = "blocked_reputation",
        /// The provider takes the traffic for fraud.
        BlockedProviderFraud = "blocked_provider_fraud",
        /// The country is switched off.
        BlockedCountry = "blocked_country",
        /// Our own decision.
        BlockedLocalRule = "blocked_local_rule",
        /// Too many for one user.
        ThrottledUser = "throttled_user",
        /// Too many for one number.
        ThrottledNumber = "throttled_number",
        /// Too many from one address.
        ThrottledIp = "throttled_ip",
        /// Too many for the service.
        ThrottledService = "throttled_service",
        /// The provider could not reach the number.
        ProviderUnreachable = "provider_unreachable",
        /// The carrier refused.
        CarrierBlocked = "carrier_blocked",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The line was busy.
        Busy = "busy",
        /// A machine answered.
        Voicemail = "voicemail",
        /// The user hung up.
        HungUp = "hung_up",
        /// Sent, and nothing came back.
        PendingUnanswered = "pending_unanswered",
        /// A wrong code was typed.
        WrongCode = "wrong_code",
        /// Wrong codes too often.
        MaxAttempts = "max_attempts",
        /// The code had run out.
        ExpiredCode = "expired_code",
        /// The user declined the prompt.
        UserDenied = "user_denied",
        /// The user reported fraud.
        UserReportedFraud = "user_reported_fraud",
        /// The user is blocked.
        UserBlocked = "user_blocked",
        /// Called off.
        Canceled = "canceled",
        /// Not known.
        Unknown = "unknown",
        /// The gate: the user is blocked. This and what follows are the codes of the gate's own
        /// refusals (contract, section 4).
        BlockUser = "block_user",
        /// The gate: the number is blocked.
        BlockNumber = "block_number",
        /// The gate: the block of numbers is blocked.
        BlockNumberBlock = "block_number_block",
        /// The gate: the address or its network is blocked.
        BlockIp = "block_ip",
        /// The gate: region and channel are shut.
        KillSwitch = "kill_switch",
        /// The gate: a rule about the number.
        NumberRule = "number_rule",
        /// The gate: the region is not served.
        Region = "region",
        /// The gate: the type of number is not served.
        NumberType = "number_type",
        /// The gate: enough was spent.
        SpendCap = "spend_cap",
        /// The gate: too many for the number.
        LimitNumber = "limit_number",
        /// The gate: too many for the block of numbers.
        LimitNumberBlock = "limit_number_block",
        /// The gate: too many from the address.
        LimitIp = "limit_ip",
        /// The gate: too many from the network.
        LimitIpNetwork = "limit_ip_network",
        /// The gate: too many from the device.
        LimitDevice = "limit_device",
        /// The gate: too many for the user.
        LimitUser = "limit_user",
        /// The gate: too many to the region.
        LimitRegion = "limit_region",
        /// The gate: too many in the flow.
        LimitFlow = "limit_flow",
        /// The gate: too many altogether.
        LimitAll = "limit_all",
        /// The gate: the store could not be reached.
        StoreDown = "store_down",
    }
}

/// Parts of the sources' texts, in lower case, and what they mean; the first that is contained
/// wins. From the reason texts that Microsoft publishes of Azure AD B2C and of Entra's sign-in log.
const TEXTS: &[(&str, Reason)] = &[
    ("reported fraud", Reason::UserReportedFraud),
    ("fraud code entered", Reason::UserReportedFraud),
    ("fraud reported", Reason::UserReportedFraud),
    ("suspicious activity reported", Reason::UserReportedFraud),
    ("bad reputation", Reason::BlockedReputation),
    ("fraudulent traffic", Reason::BlockedProviderFraud),
    ("region enabled", Reason::BlockedCountry),
    ("too many requests at this moment", Reason::ThrottledService),
    ("too many times", Reason::MaxAttempts),
    ("too many attempts by user", Reason::ThrottledUser),
    ("authenticationthrottled", Reason::ThrottledUser),
    ("authenticationmethodlimitreached", Reason::ThrottledUser),
    ("maxallowedcoderetryreached", Reason::MaxAttempts),
    ("number of retry attempts", Reason::MaxAttempts),
    ("wrongcodeentered", Reason::WrongCode),
    ("incorrect code", Reason::WrongCode),
    ("phone number entered is invalid", Reason::NumberInvalid),
    ("invalid format", Reason::NumberInvalid),
    ("invalidformat", Reason::NumberInvalid),
    ("could not send", Reason::ProviderUnreachable),
    ("unable to reach", Reason::ProviderUnreachable),
    ("unreachable", Reason::ProviderUnreachable),
    ("verification is pending", Reason::PendingUnanswered),
    ("never entered the verification code", Reason::PendingUnanswered),
    ("did not respond", Reason::PendingUnanswered),
    ("voicemail", Reason::Voicemail),
    ("hung up", Reason::HungUp),
    ("user is blocked", Reason::UserBlocked),
    ("declined the authentication", Reason::UserDenied),
    ("mfa denied", Reason::UserDenied),
    ("canceled", Reason::Canceled),
    ("expired", Reason::ExpiredCode),
];

impl Reason {
    /// The reason a source's text stands for; `Unknown` when no known part is in it.
    pub fn from_text(text: &str) -> Self {
        let lower = text.to_lowercase();
        TEXTS
            .iter()
            .find(|(part, _)| lower.contains(part))
            .map_or(Self::Unknown, |(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_texts() {
        for (text, reason) in [
            ("The phone number entered is invalid.", "number_invalid"),
            (
                "There are too many requests at this moment. Please wait for some time and try again.",
                "throttled_service",
            ),
            (
                "Our provider could not send a call to the specified phone number.",
                "provider_unreachable",
            ),
            ("The phone verification is pending.", "pending_unanswered"),
            ("Phone number has bad reputation, blocking.", "blocked_reputation"),
            ("Too many attempts by user in a short period of time. Throttling.", "throttled_user"),
            ("MFA denied; Phone App Reported Fraud", "user_reported_fraud"),
            ("MFA denied, Fraud Code Entered", "user_reported_fraud"),
            ("user declined the authentication", "user_denied"),
            ("something new", "unknown"),
        ] {
            assert_eq!(Reason::from_text(text).as_str(), reason, "{text}");
        }
    }
}
