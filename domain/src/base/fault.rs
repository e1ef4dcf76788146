//! Fault codes of requests, fields and records.

use crate::events::words;
use serde::{Deserialize, Deserializer, Serialize};

words! {
    /// What was wrong, as a word for programs (contract, section 11). The gate's reasons are not
    /// faults: see [`crate::gate::Code`] and [`crate::Reason`].
    Fault {
        /// A required value is missing (422).
        Required = "required",
        /// There is no field of this name (422).
        UnknownField = "unknown_field",
        /// The value has another JSON type (422).
        InvalidType = "invalid_type",
        /// A text has too many characters, or a record too many bytes (422).
        TooLong = "too_long",
        /// A text has too few characters (422).
        TooShort = "too_short",
        /// A number is below its minimum (422).
        TooSmall = "too_small",
        /// A number is above its maximum, or there are too many entries, rows or bytes (422).
        TooLarge = "too_large",
        /// It is not one of the allowed words, regions or names (422).
        InvalidChoice = "invalid_choice",
        /// It cannot be parsed as a time (422).
        InvalidTime = "invalid_time",
        /// It is not a phone number (422).
        InvalidPhone = "invalid_phone",
        /// It is not an IPv4 or IPv6 address or network (422).
        InvalidIp = "invalid_ip",
        /// It is not JSON, or nests too deep (400).
        InvalidJson = "invalid_json",
        /// It does not exist, or no longer (404).
        NotFound = "not_found",
        /// It was changed since it was read (412).
        Stale = "stale",
        /// The header `If-Match` with the version is missing (428).
        PreconditionRequired = "precondition_required",
        /// The caller is known but not allowed to do this (403).
        Forbidden = "forbidden",
        /// The key, session or password is missing or wrong (401).
        Unauthenticated = "unauthenticated",
        /// The caller sends too many requests (429).
        RateLimited = "rate_limited",
        /// Too many requests are waiting, from any caller (429 or 503).
        QueueFull = "queue_full",
        /// The body has too many bytes or records (413).
        TooLargeBody = "too_large_body",
        /// The body's media type or compression is not supported (415).
        UnsupportedType = "unsupported_type",
        /// The key may not write events of this source (in a rejection).
        SourceNotAllowed = "source_not_allowed",
        /// A valid time is too early or too late (422).
        TimeOutOfRange = "time_out_of_range",
        /// It exists already, or occurs twice (409 or 422).
        Duplicate = "duplicate",
        /// It contradicts another field, or the current state (409 or 422).
        Conflict = "conflict",
        /// The server failed (500).
        Internal = "internal",
        /// The database or the disk is not available (503).
        StoreUnavailable = "store_unavailable",

        /// Fields or records are invalid; the answer lists a fault for each (422).
        Invalid = "invalid",
        /// It does not have the required format: an e-mail address, a URL, a name, an amount (422).
        InvalidValue = "invalid_value",
        /// The bytes cannot be decoded: gzip, a form, a table, UTF-8, a log (400).
        Unreadable = "unreadable",
        /// The code to report fraud is wrong (422).
        WrongCode = "wrong_code",
        /// User reports are switched off (409).
        FraudAlertsOff = "fraud_alerts_off",
        /// The password must be given again first (403).
        AskAgain = "ask_again",
        /// The token is not a solution of a challenge of ours.
        CaptchaInvalid = "captcha_invalid",
        /// The challenge was issued for another phone number.
        CaptchaOtherNumber = "captcha_other_number",
        /// The challenge was solved too late.
        CaptchaExpired = "captcha_expired",
        /// The token was used before.
        CaptchaUsed = "captcha_used",
        /// The address supports other methods (405).
        MethodNotAllowed = "method_not_allowed",
        /// The server does not answer for this host (421).
        UnknownHost = "unknown_host",
        /// The body took too long to arrive (408), or the answer to compute (503).
        Timeout = "timeout",
        /// The server is stopping (503).
        Stopping = "stopping",
    }
}

impl Fault {
    /// The fault of a number outside a range that begins at `least`.
    pub fn outside<T: PartialOrd>(number: T, least: T) -> Self {
        if number < least { Self::TooSmall } else { Self::TooLarge }
    }

    /// The fault of an invalid text that may have at most `most` characters.
    pub(crate) fn of_text(text: &str, most: usize) -> Self {
        match text.chars().count() {
            0 => Self::Required,
            count if count > most => Self::TooLong,
            _ => Self::InvalidValue,
        }
    }

    /// The fault of a JSON error. Serde's kinds are only visible in its messages; the last three
    /// messages are of our own types.
    pub fn of_json(error: &serde_json::Error) -> Self {
        const WORDS: [(&str, Fault); 11] = [
            ("invalid type", Fault::InvalidType),
            ("invalid length", Fault::InvalidType),
            ("invalid value: integer `-", Fault::TooSmall),
            ("invalid value: integer", Fault::TooLarge),
            ("missing field", Fault::Required),
            ("unknown field", Fault::UnknownField),
            ("duplicate field", Fault::Duplicate),
            ("unknown variant", Fault::InvalidChoice),
            ("must be one of", Fault::InvalidChoice),
            ("must be two capital letters", Fault::InvalidChoice),
            ("must be a list", Fault::InvalidType),
        ];
        if !error.is_data() {
            return Self::InvalidJson;
        }
        let said = error.to_string();
        let known = WORDS.iter().find(|(words, _)| said.starts_with(words));
        known.map_or(Self::InvalidValue, |(_, fault)| *fault)
    }

    /// Deserializes a fault, perhaps stored by an older version with other words.
    pub(crate) fn deserialize_known<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(from)?.parse().unwrap_or(Self::InvalidValue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldError, Kind, Region};
    use serde_json::from_str;

    #[test]
    fn json_is_told_apart_from_what_it_holds() {
        let of = |error: serde_json::Error| Fault::of_json(&error);
        assert_eq!(of(from_str::<u8>("1x").unwrap_err()), Fault::InvalidJson);
        assert_eq!(of(from_str::<u8>("[]").unwrap_err()), Fault::InvalidType);
        assert_eq!(of(from_str::<u8>("-1").unwrap_err()), Fault::TooSmall);
        assert_eq!(of(from_str::<u8>("256").unwrap_err()), Fault::TooLarge);
        assert_eq!(of(from_str::<Kind>("\"x\"").unwrap_err()), Fault::InvalidChoice);
        assert_eq!(of(from_str::<Region>("\"usa\"").unwrap_err()), Fault::InvalidChoice);
        let field = r#"{"field": "a"}"#;
        assert_eq!(of(from_str::<FieldError>(field).unwrap_err()), Fault::Required);
    }

    #[test]
    fn a_word_of_an_older_version_does_not_stop_the_reader() {
        let kept = r#"{"field": "a", "code": "password_weak", "message": "b"}"#;
        assert_eq!(from_str::<FieldError>(kept).unwrap().code, Fault::InvalidValue);
    }
}
