//! The forms of the captcha page.

use super::PATH;
use crate::form::{Form, engine, failed};
use domain::captcha::{CaptchaError, TOKEN};
use domain::{Fault, Invalid, PhoneNumber};
use islands::text::sentence;
use leptos::prelude::*;

/// Names of the two forms; each keeps the values of the other.
pub(super) const ASK: &str = "challenge";
pub(super) const VERIFY: &str = "verify";

const SOLVE_PLACE: &str = "/captcha#solve";
const VERIFY_PLACE: &str = "/captcha#verify";

fn read(phone: &str) -> Result<PhoneNumber, Invalid> {
    phone
        .parse::<PhoneNumber>()
        .map_err(|error| Invalid::one("phone", Fault::InvalidPhone, sentence(&error.to_string())))
}

#[server(prefix = "/_fn", endpoint = "captcha-challenge")]
async fn captcha_challenge(#[server(default)] phone: String) -> Result<(), ServerFnError> {
    let form = |path| Form { page: PATH, path, name: ASK };
    match read(&phone) {
        Ok(number) => {
            let challenge = engine::captcha::issue(&engine()?.db, number);
            let json = serde_json::to_string(&challenge).map_err(|error| failed(&error))?;
            let values = [("phone", &*number.to_string()), ("challenge", &json)];
            form(SOLVE_PLACE).done_with(&values, "A challenge was issued.").await
        }
        Err(invalid) => form(PATH).refuse(&[("phone", &phone)], invalid).await,
    }
}

/// Verifies a token for a number.
#[server(prefix = "/_fn", endpoint = "captcha-verify")]
async fn captcha_verify(
    #[server(default)] phone: String,
    /// The challenge on the page, as JSON, to keep it there.
    #[server(default)]
    challenge: String,
    #[server(default)] token: String,
    /// `yes` consumes the token.
    #[server(default)]
    spend: String,
) -> Result<(), ServerFnError> {
    let form = Form { page: PATH, path: VERIFY_PLACE, name: VERIFY };
    let values = [("phone", &*phone), ("challenge", &challenge), ("token", &token)];
    let number = match read(&phone) {
        Ok(number) => number,
        Err(invalid) => return form.refuse(&values, invalid).await,
    };
    if token.trim().is_empty() {
        let words = "Solve a challenge first, or paste a token.";
        return form.refuse(&values, Invalid::one("token", Fault::Required, words)).await;
    }
    let (db, spend) = (&engine()?.db, spend == "yes");
    let judged = if token.len() > TOKEN {
        Err(CaptchaError::Malformed)
    } else if spend {
        let used = engine::captcha::verify(db, number, &token, true).await;
        used.map_err(|error| failed(&error))?
    } else {
        engine::captcha::check(db, number, &token)
    };
    match judged {
        Ok(solved) => {
            let until = solved.expires.format("%H:%M:%S UTC");
            let words = if spend {
                "Valid, and now used: it is refused next time.".to_owned()
            } else {
                format!("Valid until {until}, unless it is used before.")
            };
            form.done_with(&values, &words).await
        }
        Err(error) => {
            let invalid = Invalid::one("token", error.fault(), sentence(&error.to_string()));
            form.refuse(&values, invalid).await
        }
    }
}
