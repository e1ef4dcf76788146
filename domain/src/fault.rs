//! What can be wrong with a request, a field or a record, in one word for each fault.

use crate::events::words;
use serde::{Deserialize, Deserializer, Serialize};

words! {
    /// What was wrong, in a word that programs know (contract, section 11). Why the gate decides
    /// as it does is no fault: see [`crate::gate::Code`] and [`crate::Reason`].
    Fault {
        /// It is missing (422).
        Required = "required",
        /// Nothing here has that name (422).
        UnknownField = "unknown_field",
        /// It is of another JSON type than it must be (422).
        InvalidType = "invalid_type",
        /// A text has too many characters, or a record too many bytes (422).
        TooLong = "too_long",
        /// A text has too few characters (422).
        TooShort = "too_short",
        /// A number is below the least that is allowed (422).
        TooSmall = "too_small",
        /// A number is above the most that is allowed, or there are too many entries, rows or
        /// bytes of it (422).
        TooLarge = "too_large",
        /// It is none of the words, regions or names to choose from (422).
        InvalidChoice = "invalid_choice",
        /// It is no time that can be read (422).
        InvalidTime = "invalid_time",
        /// It is no phone number (422).
        InvalidPhone = "invalid_phone",
        /// It is no IPv4 or IPv6 address, or no network of them (422).
        InvalidIp = "invalid_ip",
        /// It is no JSON, or nests too deep (400).
        InvalidJson = "invalid_json",
        /// It is not there, or not there any more (404).
        NotFound = "not_found",
        /// It was changed since it was read (412).
        Stale = "stale",
        /// It must be said which version the change is of: `If-Match` (428).
        PreconditionRequired = "precondition_required",
        /// Who asks is known and may not do this (403).
        Forbidden = "forbidden",
        /// Who asks is not known: no key, no session, or a wrong one or a wrong password (401).
        Unauthenticated = "unauthenticated",
        /// Whoever asks does so too often (429).
        RateLimited = "rate_limited",
        /// Too much waits here already, whoever asks (429 or 503).
        QueueFull = "queue_full",
        /// The body has too many bytes or records (413).
        TooLargeBody = "too_large_body",
        /// The body is of another media type or compression than is taken (415).
        UnsupportedType = "unsupported_type",
        /// The key may not write events of this source (in a rejection).
        SourceNotAllowed = "source_not_allowed",
        /// A time that can be read lies too early or too late (422).
        TimeOutOfRange = "time_out_of_range",
        /// It is there already, or twice (409 or 422).
        Duplicate = "duplicate",
        /// It contradicts another field, or what holds now (409 or 422).
        Conflict = "conflict",
        /// Something is wrong with the server (500).
        Internal = "internal",
        /// The database or the disk cannot do it now (503).
        StoreUnavailable = "store_unavailable",

        /// Fields or records are wrong; the answer has each with a fault of its own (422).
        Invalid = "invalid",
        /// It is not of the form that it must have: an e-mail address, a URL, a name, an amount
        /// (422).
        InvalidValue = "invalid_value",
        /// The bytes are not what they should be: gzip, a form, a table, UTF-8, a log (400).
        Unreadable = "unreadable",
        /// The code to report fraud is another (422).
        WrongCode = "wrong_code",
        /// Users may not report fraud (409).
        FraudAlertsOff = "fraud_alerts_off",
        /// The password must be given again first (403).
        AskAgain = "ask_again",
        /// The token proves no work on a challenge of ours.
        CaptchaInvalid = "captcha_invalid",
        /// The challenge was issued for another phone number.
        CaptchaOtherNumber = "captcha_other_number",
        /// The challenge is solved too late.
        CaptchaExpired = "captcha_expired",
        /// The token was used before.
        CaptchaUsed = "captcha_used",
        /// The address takes other methods (405).
        MethodNotAllowed = "method_not_allowed",
        /// The server does not answer for that host (421).
        UnknownHost = "unknown_host",
        /// The body took too long to arrive (408), or the answer to be made (503).
        Timeout = "timeout",
        /// The server is stopping (503).
        Stopping = "stopping",
    }
}

impl Fault {
    /// Of a number outside of what is allowed, which begins at `least`.
    pub fn outside<T: PartialOrd>(number: T, least: T) -> Self {
        if number < least { Self::TooSmall } else { Self::TooLarge }
    }

    /// Of a text that may not be as it is, and may have at most so many characters.
    pub(crate) fn of_text(text: &str, most: usize) -> Self {
        match text.chars().count() {
            0 => Self::Required,
            count if count > most => Self::TooLong,
            _ => Self::InvalidValue,
        }
    }

    /// Of JSON that cannot be read as what it should be. Serde tells it by its words alone; the
    /// last ones are of our own types.
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

    /// Reads what may have been kept by an older version, which had other words.
    pub(crate) fn kept<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
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
