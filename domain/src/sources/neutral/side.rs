//! What stands beside an event: its price, the network it went to, the address it came from. What
//! cannot be read of a price or a network, and an address that says that it is not told, never
//! costs the event: it is kept in `extra`, where there is room.

use super::extra::{EXTRA, size};
use crate::address::told_address;
use crate::sources::Rejection;
use crate::sources::text::Text;
use crate::{Cost, Fault};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::net::IpAddr;
use std::str::FromStr as _;

/// Characters of a value that are kept.
const KEPT: usize = 200;
/// Decimals of an amount (contract, section 3).
const DECIMALS: u32 = 9;
/// One more than the largest amount: 15 digits before the point.
const MOST: i64 = 1_000_000_000_000_000;

/// A price: `{"amount":"0.0300","currency":"EUR"}`. The amount may be a number, and negative as the
/// statements of an account have it; the currency may be in small letters. Null is none yet.
pub(super) fn cost(given: Option<&Value>, extra: &mut Map<String, Value>) -> Option<Cost> {
    let given = given.filter(|given| !is_nothing(given))?;
    let read = || {
        let members = given.as_object()?;
        let amount = amount(members.get("amount")?)?;
        let currency = members.get("currency")?.as_str()?.trim().to_ascii_uppercase();
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        is_code.then_some(Cost { amount, currency })
    };
    let cost = read();
    let none_yet = given.get("amount").is_some_and(is_nothing);
    if cost.is_none() && !none_yet {
        // As JSON: no text of it holds a byte that the store refuses.
        keep(extra, "cost_raw", &given.to_string());
    }
    cost
}

/// A network, as `MCC-MNC`: `23415`, `234-15` and `234 15` are one. The country's code has three
/// digits, the network's two or three, of which leading zeros count (ITU-T E.212, 6.1).
pub(super) fn carrier(given: &Text<'_>, extra: &mut Map<String, Value>) -> Option<String> {
    let given = match given {
        Text::Absent => return None,
        Text::Str(text) => Cow::Borrowed(text.trim()),
        // Of others a zero at the end is lost already: 310.410 is 310.41.
        Text::Number(number) if number.is_u64() => Cow::Owned(number.to_string()),
        Text::Number(number) => {
            keep(extra, "carrier_raw", &number.to_string());
            return None;
        }
        Text::Other(what) => Cow::Borrowed(*what),
    };
    if given.is_empty() {
        return None;
    }
    let code = network_code(&given);
    if code.is_none() {
        keep(extra, "carrier_raw", &given);
    }
    code
}

/// The client's address. What says that it is not told is kept beside the event.
pub(super) fn ip(
    given: Option<&str>,
    extra: &mut Map<String, Value>,
) -> Result<Option<IpAddr>, Rejection> {
    let Some(text) = given else { return Ok(None) };
    let ip = told_address(text).map_err(|words| Rejection::new(Fault::InvalidIp, "ip", words))?;
    if ip.is_none() {
        keep(extra, "ip_raw", text);
    }
    Ok(ip)
}

/// A network's code in its one spelling, `MCC-MNC`; none of what is no such code.
pub fn network_code(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let apart = text.len() - digits.len();
    let separated = text.get(3..4).is_some_and(|mark| ["-", " ", "/", "_", "."].contains(&mark));
    let shaped = apart == 0 || apart == 1 && separated;
    (shaped && matches!(digits.len(), 5 | 6)).then(|| format!("{}-{}", &digits[..3], &digits[3..]))
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn amount(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    // Digits, a point and an exponent: `Decimal` alone would take underscores too.
    let plain =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+' | 'e' | 'E');
    if !text.chars().all(plain) {
        return None;
    }
    let amount = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    let amount = amount.abs();
    let shorter = amount.normalize();
    let amount = if amount.scale() > DECIMALS { shorter } else { amount };
    (amount.scale() <= DECIMALS && amount < Decimal::from(MOST)).then_some(amount)
}

/// Keeps the beginning of a text under a name that is free, where there is room.
fn keep(extra: &mut Map<String, Value>, name: &str, text: &str) {
    // The store refuses the zero byte.
    let kept: String = text.replace('\0', "\u{fffd}").chars().take(KEPT).collect();
    if extra.contains_key(name) || size(extra) + 8 * KEPT > EXTRA {
        return;
    }
    extra.insert(name.to_owned(), Value::String(kept));
}
