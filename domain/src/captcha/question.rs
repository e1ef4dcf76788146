//! What is sent about tokens, read from JSON.

use super::{Answer, Provider, TOKEN};
use crate::form::Form;
use crate::{Fault, Invalid, PhoneNumber};
use serde_json::{Map, Value};

impl Answer {
    /// Reads what a request for a decision carries. A blank token is one that proves nothing.
    ///
    /// # Errors
    /// For each field that is wrong or missing, and each that there is none of.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = Form::of(json, "captcha", &["provider", "token"]);
        let provider = form.word("provider");
        form.require("provider", &provider, "is required: altcha");
        let token = token(&mut form);
        form.require("token", &token, "is required: what the widget made");
        let (provider, token) = (provider.unwrap_or(Provider::Altcha), token.unwrap_or_default());
        form.done(Self { provider, token })
    }
}

/// What is asked of a token by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// For which number it should prove work.
    pub phone: PhoneNumber,
    /// What the widget made.
    pub token: String,
    /// Whether it is used up.
    pub uses: bool,
}

impl Question {
    /// Reads a question's JSON object.
    ///
    /// # Errors
    /// For each field that is wrong or missing, and each that no question has.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = Form::of(json, "question about a token", &["phone", "token", "use"]);
        let phone = form.phone().map(Self::phone);
        let token = token(&mut form).filter(|token| !token.trim().is_empty());
        form.require("token", &token, "is required: what the widget made");
        let uses = form.flag("use").unwrap_or_default();
        let token = token.unwrap_or_default();
        match phone {
            Some(phone) => form.and(phone.map(|phone| Self { phone, token, uses })),
            // Told of above.
            None => form.and(Err(Invalid::default())),
        }
    }

    /// Reads the number that a challenge or a token is for.
    ///
    /// # Errors
    /// In field `phone`.
    pub fn phone(text: &str) -> Result<PhoneNumber, Invalid> {
        text.parse::<PhoneNumber>()
            .map_err(|error| Invalid::one("phone", Fault::InvalidPhone, error.to_string()))
    }
}

fn token(form: &mut Form<'_>) -> Option<String> {
    let token = form.raw("token")?;
    if token.len() > TOKEN {
        form.refuse("token", Fault::TooLong, &format!("has more than {TOKEN} bytes"));
    }
    Some(token.to_owned())
}
