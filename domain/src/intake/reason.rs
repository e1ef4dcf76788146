//! Why a verification failed: neutral reasons, and how sources' texts map to them.

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// A reason that is the same for every source.
    Reason, words {
        /// The number does not exist.
        NumberInvalid = "number_invalid" => "not a valid number",
        /// The type of number is not supported.
        NumberTypeRefused = "number_type_refused" => "number type not served",
        /// The provider blocks the number for its reputation.
        BlockedReputation = "blocked_reputation" => "bad reputation with the provider",
        /// The provider considers the traffic fraud.
        BlockedProviderFraud = "blocked_provider_fraud" => "flagged as fraud by the provider",
        /// The country is turned off.
        BlockedCountry = "blocked_country" => "country switched off",
        /// A rule of the application refused it.
        BlockedLocalRule = "blocked_local_rule" => "refused by a rule here",
        /// Too many requests by one user.
        ThrottledUser = "throttled_user" => "too many attempts by the user",
        /// Too many requests to one number.
        ThrottledNumber = "throttled_number" => "too many attempts to the number",
        /// Too many requests from one address.
        ThrottledIp = "throttled_ip" => "too many attempts from the address",
        /// Too many requests to the service.
        ThrottledService = "throttled_service" => "too many requests to the service",
        /// The provider could not reach the number.
        ProviderUnreachable = "provider_unreachable" => "the provider could not reach the number",
        /// The carrier refused it.
        CarrierBlocked = "carrier_blocked" => "refused by the carrier",
        /// The call was not answered.
        NoAnswer = "no_answer" => "no answer",
        /// The line was busy.
        Busy = "busy" => "line busy",
        /// An answering machine took the call.
        Voicemail = "voicemail" => "voicemail",
        /// The user hung up.
        HungUp = "hung_up" => "hung up",
        /// Sent, without any answer so far.
        PendingUnanswered = "pending_unanswered" => "no code entered",
        /// A wrong code was entered.
        WrongCode = "wrong_code" => "wrong code",
        /// Too many wrong codes.
        MaxAttempts = "max_attempts" => "too many wrong codes",
        /// The code had expired.
        ExpiredCode = "expired_code" => "the code expired",
        /// The user declined the prompt.
        UserDenied = "user_denied" => "declined by the user",
        /// The user reported fraud.
        UserReportedFraud = "user_reported_fraud" => "reported as fraud by the user",
        /// The user is blocked.
        UserBlocked = "user_blocked" => "the user is blocked",
        /// The verification was canceled.
        Canceled = "canceled" => "cancelled",
        /// No reason is known.
        Unknown = "unknown" => "no known reason",
        /// The gate: the user is blocked. From here on, the codes of the gate's own refusals
        /// (contract, section 4).
        BlockUser = "block_user" => "the user is blocked here",
        /// The gate: the number is blocked.
        BlockNumber = "block_number" => "the number is blocked here",
        /// The gate: the number's block is blocked.
        BlockNumberBlock = "block_number_block" => "the block of numbers is blocked here",
        /// The gate: the address or its network is blocked.
        BlockIp = "block_ip" => "the IP address is blocked here",
        /// The gate: a kill switch for region and channel.
        KillSwitch = "kill_switch" => "kill switch",
        /// The gate: a number rule denies it.
        NumberRule = "number_rule" => "refused by a number rule",
        /// The gate: the region is not allowed.
        Region = "region" => "region not allowed",
        /// The gate: the type of number is denied.
        NumberType = "number_type" => "type of number not allowed",
        /// The gate: a spend cap is reached.
        SpendCap = "spend_cap" => "spend cap reached",
        /// The gate: over the limit of the number.
        LimitNumber = "limit_number" => "too many codes to the number",
        /// The gate: over the limit of the number's block.
        LimitNumberBlock = "limit_number_block" => "too many codes to the block of numbers",
        /// The gate: over the limit of the address.
        LimitIp = "limit_ip" => "too many codes from the address",
        /// The gate: over the limit of the network.
        LimitIpNetwork = "limit_ip_network" => "too many codes from the network",
        /// The gate: over the limit of the device.
        LimitDevice = "limit_device" => "too many codes from the device",
        /// The gate: over the limit of the user.
        LimitUser = "limit_user" => "too many codes for the user",
        /// The gate: over the limit of the region.
        LimitRegion = "limit_region" => "too many codes to the region",
        /// The gate: over the limit of the flow.
        LimitFlow = "limit_flow" => "too many codes in the flow",
        /// The gate: over the limit of all requests.
        LimitAll = "limit_all" => "too many codes altogether",
        /// The gate: the store was unreachable.
        StoreDown = "store_down" => "the store could not be reached",
    }
}

/// Substrings of sources' texts in lower case, and their reasons; the first match wins. From the
/// texts that Microsoft publishes for Azure AD B2C and Entra's sign-in log.
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
    /// The reason of a source's text; `Unknown` if no known part occurs in it.
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
