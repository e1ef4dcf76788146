//! Requests with captcha tokens, read from JSON.

use super::{CaptchaAnswer, Provider, TOKEN};
use crate::form::ObjectReader;
use crate::{Fault, Invalid, PhoneNumber};
use serde_json::{Map, Value};

impl CaptchaAnswer {
    /// Reads the field `captcha` of a decision request. A blank token is accepted here and fails
    /// [`super::verify`].
    ///
    /// # Errors
    /// All invalid, missing and unknown fields.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "captcha", &["provider", "token"]);
        let provider = form.word("provider");
        form.require("provider", &provider, "is required: altcha");
        let token = token(&mut form);
        form.require("token", &token, "is required: what the widget made");
        let (provider, token) = (provider.unwrap_or(Provider::Altcha), token.unwrap_or_default());
        form.done(Self { provider, token })
    }
}

/// A request to verify a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The number that the challenge was issued for.
    pub phone: PhoneNumber,
    /// The widget's output.
    pub token: String,
    /// Whether to use up the token; without, it is only checked.
    pub uses: bool,
}

impl Question {
    /// Reads the request.
    ///
    /// # Errors
    /// All invalid, missing and unknown fields.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "question about a token", &["phone", "token", "use"]);
        let phone = form.phone().map(Self::phone);
        let token = token(&mut form).filter(|token| !token.trim().is_empty());
        form.require("token", &token, "is required: what the widget made");
        let uses = form.flag("use").unwrap_or_default();
        let token = token.unwrap_or_default();
        // Without a number the form has the error already.
        let phone = phone.unwrap_or_else(|| Err(Invalid::default()));
        form.and(phone.map(|phone| Self { phone, token, uses }))
    }

    /// Parses the number that a challenge or a token is for.
    ///
    /// # Errors
    /// In field `phone`, when it is not a phone number.
    pub fn phone(text: &str) -> Result<PhoneNumber, Invalid> {
        text.parse::<PhoneNumber>()
            .map_err(|error| Invalid::one("phone", Fault::InvalidPhone, error.to_string()))
    }
}

fn token(form: &mut ObjectReader<'_>) -> Option<String> {
    let token = form.raw("token")?;
    if token.len() > TOKEN {
        form.refuse("token", Fault::TooLong, &format!("has more than {TOKEN} bytes"));
    }
    Some(token.to_owned())
}
