//! Amounts, rates and prefixes as displayed.

use crate::PhoneNumber;
use rust_decimal::{Decimal, RoundingStrategy};

/// Formats an amount with thousands separators and at least one decimal: `1,234.50`. An amount that
/// would round to zero is `< 0.01`.
pub fn money(amount: Decimal, decimals: u32) -> String {
    let mut rounded =
        amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    if rounded.is_zero() && !amount.is_zero() {
        return format!("< {}", Decimal::new(1, decimals));
    }
    let text = rounded.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + text.len() / 3 + 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{out}.{part}")
}

/// A share to a tenth of a percent: `3.2 %`; `< 0.1 %` for a small part, `> 99.9 %` for almost the
/// whole, empty if the whole is 0.
pub fn percent(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole));
    if whole == 0 {
        return String::new();
    }
    match (part * 2_000 / whole).div_ceil(2) {
        _ if part == 0 => "0.0 %".to_owned(),
        _ if part == whole => "100.0 %".to_owned(),
        0 => "< 0.1 %".to_owned(),
        1_000.. => "> 99.9 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A calling prefix with its calling code set apart: `+371 253`. Other texts are unchanged.
pub fn prefix_text(key: &str) -> String {
    let digits = key.strip_prefix('+').filter(|digits| {
        !digits.is_empty() && digits.len() <= 7 && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let code = |digits: &str| -> Option<usize> {
        let phone = PhoneNumber::from_e164(&format!("+{digits:0<7}")).ok()?;
        Some(phone.calling_code_len())
    };
    match digits.and_then(|digits| Some((digits, code(digits)?))) {
        Some((digits, code)) if code < digits.len() => {
            let (code, rest) = digits.split_at(code);
            format!("+{code} {rest}")
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (amount, decimals, expected) in [
            ("0", 2, "0.00"),
            ("0.0300", 2, "0.03"),
            ("0.03", 4, "0.0300"),
            ("0.03125", 4, "0.0313"),
            ("1234567.5", 2, "1,234,567.50"),
            ("999.995", 2, "1,000.00"),
            ("0.004", 2, "< 0.01"),
            ("0.00004", 4, "< 0.0001"),
        ] {
            assert_eq!(money(amount.parse().unwrap(), decimals), expected, "{amount}");
        }
    }

    #[test]
    fn rates() {
        for (part, whole, expected) in [
            (0, 0, ""),
            (0, 5, "0.0 %"),
            (5, 5, "100.0 %"),
            (1, 3, "33.3 %"),
            (2, 3, "66.7 %"),
            (1, 5_000, "< 0.1 %"),
            (4_999, 5_000, "> 99.9 %"),
            (1, 2, "50.0 %"),
            (u64::MAX, u64::MAX, "100.0 %"),
        ] {
            assert_eq!(percent(part, whole), expected, "{part} of {whole}");
        }
    }

    #[test]
    fn prefixes_stand_apart_from_their_codes() {
        for (key, expected) in [
            ("+371253", "+371 253"),
            ("+1415", "+1 415"),
            ("+371", "+371"),
            ("", ""),
            ("+", "+"),
            ("no prefix", "no prefix"),
        ] {
            assert_eq!(prefix_text(key), expected);
        }
    }
}
