//! The captcha: ALTCHA's proof of work in its documented form (version 1), self-hosted. A
//! challenge is a SHA-256 digest; whoever is to prove work finds the number that was hashed. The
//! salt says until when and for which phone number, the latter as a keyed hash and never itself.
//! Widget and server share nothing but the challenge, so nothing is kept until it is solved.

mod question;
mod solver;

use crate::events::words;
use crate::keys::hex;
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
pub use solver::{Solver, Step};

/// The only algorithm that is issued and taken.
pub(crate) const ALGORITHM: &str = "SHA-256";
/// The largest number there is to find: half of it are tried on average.
const MAXNUMBER: u64 = 100_000;
/// How long a challenge holds, in seconds.
const SECONDS: i64 = 600;
/// Bytes of a token at most; the widget's have some 500.
pub const TOKEN: usize = 4 << 10;

words! {
    /// Whose captcha it is.
    Provider {
        /// Our own endpoints, ALTCHA's form.
        Altcha = "altcha",
    }
}

/// What a request for a decision carries as `captcha`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whose captcha it is.
    pub provider: Provider,
    /// What the widget made: up to [`TOKEN`] bytes, judged by [`verify`].
    pub token: String,
}

/// A challenge as the widget reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// `SHA-256`.
    pub algorithm: String,
    /// SHA-256 of the salt followed by the number to find, in hexadecimal digits.
    pub challenge: String,
    /// Random digits, then `?expires=<unix seconds>&phone=<keyed hash>&`.
    pub salt: String,
    /// HMAC-SHA-256 of `challenge`, in hexadecimal digits.
    pub signature: String,
    /// Up to where to try.
    pub maxnumber: u64,
}

impl Challenge {
    /// When it ends, as its salt says; nothing for a salt that is none of ours.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        Salt::read(&self.salt).map(|salt| salt.expires)
    }
}

/// A solved challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// The same for every token of one challenge: by it, one is used once.
    pub id: Uuid,
    /// When the challenge ends.
    pub expires: DateTime<Utc>,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaptchaError {
    /// It is not of the form that the widget makes of our challenges.
    #[error(
        "the token is not what the widget makes of a challenge of ours: base64 of a JSON object \
         with algorithm, challenge, number, salt and signature"
    )]
    Malformed,
    /// The challenge is not one of ours.
    #[error("the challenge was not issued here, or has been changed")]
    Signature,
    /// The number found is wrong, or the salt is not the one issued.
    #[error("the number found does not solve the challenge")]
    Solution,
    /// The challenge is solved, and was issued for another phone number.
    #[error("the challenge was issued for another phone number")]
    OtherNumber,
    /// The challenge is solved, and its time is over.
    #[error("the challenge has expired; ask for a new one")]
    Expired,
    /// The challenge is solved, and was used before; said by whoever keeps what was used.
    #[error("the challenge has been used before; ask for a new one")]
    Used,
}

impl CaptchaError {
    /// What is wrong, for programs: whether another challenge may help.
    pub fn fault(self) -> Fault {
        match self {
            Self::Malformed | Self::Signature | Self::Solution => Fault::CaptchaInvalid,
            Self::OtherNumber => Fault::CaptchaOtherNumber,
            Self::Expired => Fault::CaptchaExpired,
            Self::Used => Fault::CaptchaUsed,
        }
    }
}

/// A challenge for a phone number that holds for ten minutes. `number` is what there is to find,
/// taken modulo `MAXNUMBER` + 1; it and `random` must not be foreseeable.
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
    // The ampersand at the end parts the salt from the number (GHSA-6gvq-jcmp-8959): without it,
    // digits could move from one to the other.
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

/// Judges a token for a phone number. Time and number are judged last, when nothing of the token
/// can have been made up. A clock that went backwards makes a challenge hold longer, no more.
///
/// # Errors
/// Why it proves nothing; never [`CaptchaError::Used`].
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
    let mut id = [0; 16];
    id.copy_from_slice(&Sha256::digest(&signature)[..16]);
    Ok(Solved { id: Uuid::from_bytes(id), expires: salt.expires })
}

/// The token of a challenge and the number found, as the widget makes it. No part of a challenge
/// of ours has a character that JSON would escape.
pub fn token(challenge: &Challenge, number: u64) -> String {
    let Challenge { challenge, salt, signature, .. } = challenge;
    STANDARD.encode(format!(
        "{{\"algorithm\":\"{ALGORITHM}\",\"challenge\":\"{challenge}\",\"number\":{number},\
         \"salt\":\"{salt}\",\"signature\":\"{signature}\"}}"
    ))
}

/// What the widget sends back; it adds how long it took, which is of no account.
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

/// A salt of ours; anything written otherwise is none.
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

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// A phone number's keyed hash, another one in every challenge, so that nobody sees from two of
/// them that they are for one number.
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

/// Compares in a time that says nothing about where the texts differ.
fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests;
