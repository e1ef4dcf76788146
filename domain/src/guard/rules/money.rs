//! Amounts of money and currencies.

use crate::words::as_text;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Nano units per unit.
const NANO: i64 = 1_000_000_000;
/// The largest amount in settings and prices.
const MAX: i64 = 1_000_000_000;

/// A non-negative amount in nano units of a currency (nine decimals, the most that event costs
/// have), up to a thousand million. Serialised as a decimal string: `"0.0450"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(i64);

impl Amount {
    /// Billionths of the currency.
    pub fn nano(self) -> i64 {
        self.0
    }

    /// From a sum of nano units; negative sums become 0.
    pub fn from_nano(nano: i64) -> Self {
        Self(nano.max(0))
    }

    /// From an event's cost, which has at most nine decimals; limited to the maximum.
    pub fn of(amount: Decimal) -> Self {
        let nano = amount.checked_mul(Decimal::from(NANO)).and_then(|nano| nano.round().to_i64());
        Self::from_nano(nano.unwrap_or(i64::MAX / 4).min(i64::MAX / 4))
    }
}

impl FromStr for Amount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALLOWED: &str =
            "must be an amount such as 0.045, not negative, with at most 9 decimals";
        let text = text.trim();
        let shape = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let amount = Decimal::from_str(text).map_err(|_| ALLOWED)?;
        if !shape || amount.scale() > 9 || amount > Decimal::from(MAX) {
            return Err(ALLOWED);
        }
        Ok(Self::of(amount))
    }
}

as_text!(Amount);

/// At least two decimals, more if they are not zero.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / NANO, self.0 % NANO);
        let decimals = format!("{part:09}");
        let kept = decimals.trim_end_matches('0').len().max(2);
        write!(f, "{whole}.{}", &decimals[..kept])
    }
}

/// An ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Three capital letters.
    pub fn as_str(&self) -> &str {
        // Only capital letters are ever stored.
        std::str::from_utf8(&self.0).unwrap_or("EUR")
    }

    /// The warning that event costs in other currencies do not count for the caps; `None` if there
    /// are none.
    pub fn uncounted(self, others: &[String]) -> Option<String> {
        let others = others.join(", ");
        (!others.is_empty()).then(|| {
            format!(
                "Events of the last 24 hours have costs in {others}; caps are in {self} and count \
                 none of these."
            )
        })
    }
}

impl Default for Currency {
    fn default() -> Self {
        Self(*b"EUR")
    }
}

impl FromStr for Currency {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err("must be three capital letters, such as EUR (ISO 4217)"),
        }
    }
}

as_text!(Currency);

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
