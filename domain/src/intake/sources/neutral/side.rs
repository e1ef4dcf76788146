//! An event's price, carrier network and client address. An unreadable price or network, or an
//! address declared as unknown, never causes a refusal: it is kept in `extra` if there is room.

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

/// Characters kept of a value.
const KEPT: usize = 200;
/// Maximum decimals of an amount (contract, section 3).
const DECIMALS: u32 = 9;
/// Exclusive upper bound of an amount: 15 digits before the point.
const MOST: i64 = 1_000_000_000_000_000;

/// Reads a price: `{"amount":"0.0300","currency":"EUR"}`. The amount may be a number, and negative
/// as in account statements; the currency may be in lower case. Null means not known yet.
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
        // As JSON, which escapes the bytes that the store refuses.
        keep(extra, "cost_raw", &given.to_string());
    }
    cost
}

/// Reads a network as `MCC-MNC`; `23415`, `234-15` and `234 15` are equal. The country code has
/// three digits, the network code two or three with significant leading zeros (ITU-T E.212, 6.1).
pub(super) fn carrier(given: &Text<'_>, extra: &mut Map<String, Value>) -> Option<String> {
    let given = match given {
        Text::Absent => return None,
        Text::Str(text) => Cow::Borrowed(text.trim()),
        // Other numbers have lost a trailing zero: 310.410 is 310.41.
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

/// Reads the client's address. One that says it is unknown is kept in `extra`.
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

/// A network code as `MCC-MNC`; `None` if it is not one.
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
    // Digits, a point and an exponent only: `Decimal` would accept underscores.
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

/// Keeps the beginning of a text under an unused name, if there is room.
fn keep(extra: &mut Map<String, Value>, name: &str, text: &str) {
    // The store refuses the zero byte.
    let kept: String = text.replace('\0', "\u{fffd}").chars().take(KEPT).collect();
    if extra.contains_key(name) || size(extra) + 8 * KEPT > EXTRA {
        return;
    }
    extra.insert(name.to_owned(), Value::String(kept));
}
