//! Decision ids: ULIDs, which sort by time.

use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Crockford's base 32.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A decision's id: 48 bits of milliseconds since 1970 and 80 random bits, written in 26 letters
/// (ULID specification, 2016).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecisionId(pub Uuid);

impl DecisionId {
    /// Combines a time and 10 random bytes.
    pub fn new(time: DateTime<Utc>, random: [u8; 10]) -> Self {
        let millis = u64::try_from(time.timestamp_millis()).unwrap_or(0);
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        Self(Uuid::from_bytes(bytes))
    }

    /// The time of the decision, to the millisecond.
    pub fn time(self) -> DateTime<Utc> {
        let millis = i64::try_from(self.0.as_u128() >> 80).unwrap_or(0);
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.as_u128();
        let mut text = [0_u8; 26];
        for (at, letter) in text.iter_mut().enumerate() {
            let shift = 125 - 5 * at;
            *letter = LETTERS[usize::try_from(bits >> shift & 31).unwrap_or(0)];
        }
        // The text is ASCII.
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for DecisionId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALLOWED: &str = "must be the 26 letters and digits of a decision's id";
        if text.len() != 26 {
            return Err(ALLOWED);
        }
        let mut bits: u128 = 0;
        for (at, letter) in text.bytes().enumerate() {
            let letter = letter.to_ascii_uppercase();
            let value = LETTERS.iter().position(|known| *known == letter).ok_or(ALLOWED)?;
            // 26 letters hold 130 bits, so the first has only three.
            if at == 0 && value > 7 {
                return Err(ALLOWED);
            }
            bits = bits << 5 | value as u128;
        }
        Ok(Self(Uuid::from_u128(bits)))
    }
}
