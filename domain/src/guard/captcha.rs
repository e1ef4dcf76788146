//! The captcha: ALTCHA's proof of work in its documented form (version 1), self-hosted. A challenge
//! is a SHA-256 digest; the client finds the number that was hashed. The salt holds the expiry and
//! a keyed hash of the phone number. Widget and server share nothing but the challenge, so the
//! server stores nothing before it is solved.

mod question;
mod solver;

use crate::events::{hash16, words};
use crate::keys::{hex, is_hex};
use crate::secret::hmac;
use crate::{Fault, PhoneNumber};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

pub use question::Question;
pub use solver::{Solver, SolverProgress};

/// The only algorithm that is issued and accepted.
pub(crate) const ALGORITHM: &str = "SHA-256";
/// The largest number to find; half of them are tried on average.
const MAXNUMBER: u64 = 100_000;
/// Seconds until a challenge expires.
const SECONDS: i64 = 600;
/// Most bytes of a token; the widget's tokens have about 500.
pub const TOKEN: usize = 4 << 10;

words! {
    /// The captcha's provider.
    Provider {
        /// ALTCHA's format, from our own endpoints.
        Altcha = "altcha",
    }
}

/// The field `captcha` of a decision request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptchaAnswer {
    /// The only one so far is ALTCHA.
    pub provider: Provider,
    /// The widget's output, up to [`TOKEN`] bytes; checked by [`verify`].
    pub token: String,
}

/// A challenge as the widget expects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Always `SHA-256`.
    pub algorithm: String,
    /// SHA-256 of the salt followed by the number, in hexadecimal digits.
    pub challenge: String,
    /// Random digits, then `?expires=<unix seconds>&phone=<keyed hash>&`.
    pub salt: String,
    /// HMAC-SHA-256 of `challenge`, in hexadecimal digits.
    pub signature: String,
    /// The largest number to try.
    pub maxnumber: u64,
}

impl Challenge {
    /// The expiry in the salt; `None` if the salt is not ours.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        Salt::read(&self.salt).map(|salt| salt.expires)
    }
}

/// A valid solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// The same for every token of one challenge, so that each is accepted once.
    pub id: Uuid,
    /// The challenge's expiry.
    pub expires: DateTime<Utc>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaptchaError {
    /// It does not have the format of the widget's tokens.
    #[error(
        "the token is not one that the widget makes from our challenges: base64 of a JSON object \
         with algorithm, challenge, number, salt and signature"
    )]
    Malformed,
    /// The challenge was not issued here.
    #[error("the challenge was not issued here, or has been changed")]
    Signature,
    /// The number is wrong, or the salt was changed.
    #[error("the number found does not solve the challenge")]
    Solution,
    /// Solved, but for another phone number.
    #[error("the challenge was issued for another phone number")]
    OtherNumber,
    /// Solved too late.
    #[error("the challenge has expired; ask for a new one")]
    Expired,
    /// Solved, but used before. Only the store knows: [`verify`] never returns it.
    #[error("the challenge has been used before; ask for a new one")]
    Used,
}

impl CaptchaError {
    /// The fault code, which says whether a new challenge may help.
    pub fn fault(self) -> Fault {
        match self {
            Self::Malformed | Self::Signature | Self::Solution => Fault::CaptchaInvalid,
            Self::OtherNumber => Fault::CaptchaOtherNumber,
            Self::Expired => Fault::CaptchaExpired,
            Self::Used => Fault::CaptchaUsed,
        }
    }
}

/// Issues a challenge for a phone number. `number` is the number to find, modulo `MAXNUMBER` + 1;
/// it and `random` must be unpredictable.
pub fn issue(
    key: &[u8; 32],
    phone: PhoneNumber,
    now: DateTime<Utc>,
    random: [u8; 16],
    number: u64,
) -> Challenge {
    let expires = now.timestamp().saturating_add(SECONDS);
    let random = hex(&random);
    let tag = hex(&tag(key, &random, phone));
    // The ampersand separates salt and number (GHSA-6gvq-jcmp-8959): without it, digits could move
    // from one to the other.
    let salt = format!("{random}?expires={expires}&phone={tag}&");
    let challenge = digest(&salt, number % (MAXNUMBER + 1));
    Challenge {
        algorithm: ALGORITHM.to_owned(),
        signature: sign(key, &challenge),
        challenge,
        salt,
        maxnumber: MAXNUMBER,
    }
}

/// Checks a token for a phone number. Expiry and phone number are checked last, when the token is
/// known to be genuine. A clock that went backwards only extends a challenge.
///
/// # Errors
/// The first check that failed; never [`CaptchaError::Used`].
pub fn verify(
    key: &[u8; 32],
    phone: PhoneNumber,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Solved, CaptchaError> {
    let token = Token::read(token).ok_or(CaptchaError::Malformed)?;
    let salt = Salt::read(&token.salt).ok_or(CaptchaError::Malformed)?;
    let signature = sign(key, &token.challenge);
    if !same(&signature, &token.signature) {
        return Err(CaptchaError::Signature);
    }
    if !same(&digest(&token.salt, token.number), &token.challenge) {
        return Err(CaptchaError::Solution);
    }
    if !same(&hex(&tag(key, salt.random, phone)), salt.phone) {
        return Err(CaptchaError::OtherNumber);
    }
    if now >= salt.expires {
        return Err(CaptchaError::Expired);
    }
    Ok(Solved { id: hash16(&[signature.as_bytes()]), expires: salt.expires })
}

/// Builds the token as the widget does. No part of our challenges needs escaping in JSON.
pub fn token(challenge: &Challenge, number: u64) -> String {
    let Challenge { challenge, salt, signature, .. } = challenge;
    STANDARD.encode(format!(
        "{{\"algorithm\":\"{ALGORITHM}\",\"challenge\":\"{challenge}\",\"number\":{number},\
         \"salt\":\"{salt}\",\"signature\":\"{signature}\"}}"
    ))
}

/// The widget's token; its `took` is ignored.
#[derive(Deserialize)]
struct Token {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

impl Token {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > TOKEN {
            return None;
        }
        let json = STANDARD.decode(text).ok()?;
        let token: Self = serde_json::from_slice(&json).ok()?;
        (token.algorithm == ALGORITHM).then_some(token)
    }
}

/// A salt of ours, parsed.
struct Salt<'a> {
    random: &'a str,
    expires: DateTime<Utc>,
    phone: &'a str,
}

impl<'a> Salt<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (random, rest) = text.split_once("?expires=")?;
        let (expires, rest) = rest.split_once("&phone=")?;
        let phone = rest.strip_suffix('&')?;
        if !is_hex(random, 32) || !is_hex(phone, 64) {
            return None;
        }
        let seconds: i64 = expires.parse().ok()?;
        Some(Self { random, expires: DateTime::from_timestamp(seconds, 0)?, phone })
    }
}

/// A phone number's keyed hash. It differs in every challenge, so that two challenges do not reveal
/// that they are for one number.
fn tag(key: &[u8; 32], random: &str, phone: PhoneNumber) -> [u8; 32] {
    hmac(key, &[b"phone ", random.as_bytes(), &phone.digits().to_be_bytes()])
}

fn digest(salt: &str, number: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(number.to_string());
    hex(&hash.finalize())
}

fn sign(key: &[u8; 32], challenge: &str) -> String {
    hex(&hmac(key, &[challenge.as_bytes()]))
}

/// Compares in constant time.
fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests;
