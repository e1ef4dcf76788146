//! Phone numbers in E.164 form, and their masks.

use crate::letters::decimal;
use crate::words::as_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A number in E.164 form: a plus sign and 7 to 15 digits, the first not zero (ITU-T E.164, 6.2.1:
/// at most 15 digits, and no calling code begins with zero). It need not be assigned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(u64);

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// A spreadsheet turned the number into a float and lost digits.
    #[error(
        "a spreadsheet wrote this number in scientific notation and lost its digits; export the column as text"
    )]
    Scientific,
    /// The digits have no plus sign before them.
    #[error(
        "must be a plus sign followed by digits only (spaces, dashes, dots and brackets are ignored)"
    )]
    Shape,
    /// A character other than a plus sign, digits and ignored ones.
    #[error(
        "must be a plus sign followed by digits only (spaces, dashes, dots and brackets are \
         ignored); it holds {}",
        named(*.0)
    )]
    Letter(char),
    /// Fewer than 7 or more than 15 digits.
    #[error("has {0} digits; 7 to 15 are allowed")]
    Length(usize),
    /// The first digit is a zero.
    #[error("begins with a zero after the plus sign; no calling code does")]
    LeadingZero,
}

impl PhoneNumber {
    /// The digits without the plus sign, as one integer.
    pub fn digits(self) -> u64 {
        self.0
    }

    /// From the digits as one integer.
    ///
    /// # Errors
    /// [`PhoneError::Length`] for fewer than 7 or more than 15 digits.
    pub fn from_digits(digits: u64) -> Result<Self, PhoneError> {
        let count = digits.checked_ilog10().map_or(1, |log| log as usize + 1);
        if (7..=15).contains(&count) { Ok(Self(digits)) } else { Err(PhoneError::Length(count)) }
    }

    /// From the canonical form, a plus sign and digits only, without a metadata lookup: for numbers
    /// from the store.
    ///
    /// # Errors
    /// [`PhoneError::Shape`] without a plus sign, [`PhoneError::Letter`] for anything but digits
    /// after it, [`PhoneError::LeadingZero`] and [`PhoneError::Length`].
    pub fn from_e164(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError::Shape)?;
        if let Some(letter) = digits.chars().find(|letter| !letter.is_ascii_digit()) {
            return Err(PhoneError::Letter(letter));
        }
        match digits.len() {
            _ if digits.starts_with('0') => Err(PhoneError::LeadingZero),
            7..=15 => digits.parse().map(Self).map_err(|_| PhoneError::Shape),
            length => Err(PhoneError::Length(length)),
        }
    }

    /// From what people write, without a metadata lookup. Digits of any script count. Spaces,
    /// dashes, brackets and dots of any script and invisible marks are ignored; a leading `tel:` or
    /// `whatsapp:` and the apostrophe of spreadsheets are removed.
    ///
    /// # Errors
    /// See [`PhoneError`].
    pub(crate) fn spelled(text: &str) -> Result<Self, PhoneError> {
        let mut digits: u64 = 0;
        let mut count = 0_usize;
        let mut plus = false;
        let mut scientific = false;
        for letter in without_scheme(text).chars() {
            match letter {
                '+' | '\u{ff0b}' | '\u{fe62}' if !plus && count == 0 => plus = true,
                'e' | 'E' if count > 0 => scientific = true,
                '+' if scientific => {}
                _ => match decimal(letter) {
                    Some(0) if count == 0 && plus => return Err(PhoneError::LeadingZero),
                    Some(digit) => {
                        count += 1;
                        if count <= 15 {
                            digits = digits * 10 + u64::from(digit);
                        }
                    }
                    // `9.99E+10` has its dot before the exponent; handled below.
                    None if is_typography(letter) => {}
                    None => return Err(PhoneError::Letter(letter)),
                },
            }
        }
        if scientific {
            return Err(PhoneError::Scientific);
        }
        if !plus {
            return Err(PhoneError::Shape);
        }
        if !(7..=15).contains(&count) {
            return Err(PhoneError::Length(count));
        }
        Ok(Self(digits))
    }

    /// Length of the calling code: 1, 2 or 3. Unassigned codes count as 3, as the ITU reserves them
    /// (ITU-T E.164 Annex to Operational Bulletin 1114).
    pub(crate) fn calling_code_len(self) -> usize {
        let text = self.0.to_string();
        let two: u32 = text.get(..2).and_then(|t| t.parse().ok()).unwrap_or(0);
        match two {
            10..=19 | 70..=79 => 1,
            20
            | 27
            | 30..=34
            | 36
            | 39..=41
            | 43..=49
            | 51..=58
            | 60..=66
            | 81
            | 82
            | 84
            | 86
            | 90..=95
            | 98 => 2,
            _ => 3,
        }
    }

    /// The number for viewers who may not see whole numbers: shows the calling code, at most the
    /// next four digits and the last two; at least four are `•`.
    pub fn masked(self) -> String {
        let text = self.0.to_string();
        let (head, tail) = shown_digits(text.len(), self.calling_code_len());
        let mut out = String::with_capacity(text.len() * 2);
        out.push('+');
        for (at, digit) in text.chars().enumerate() {
            let kept = at < head || at >= text.len() - tail;
            out.push(if kept { digit } else { '•' });
        }
        out
    }
}

/// How many digits a mask shows at the beginning (the calling code and at most four) and at the end
/// (two); at least four are hidden.
pub(crate) fn shown_digits(digits: usize, code: usize) -> (usize, usize) {
    let rest = digits.saturating_sub(code);
    let tail = rest.saturating_sub(4).min(2);
    (code + rest.saturating_sub(4 + tail).min(4), tail)
}

/// Removes a link's scheme and spreadsheet decoration: an apostrophe or `="…"` around a text, a
/// decimal after a number (`+14155550100.0`).
fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix('\'').unwrap_or(text);
    let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if let Some(whole) = text.strip_suffix(".0")
        && whole.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit())
    {
        return whole;
    }
    let scheme = ["tel:", "whatsapp:"].iter().find(|scheme| {
        text.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    });
    scheme.map_or(text, |scheme| &text[scheme.len()..])
}

/// Whether a character is invisible: a direction mark, zero width, or a byte-order mark.
pub(crate) fn is_unseen(letter: char) -> bool {
    letter.general_category() == GeneralCategory::Format
}

/// Whether a character only makes a number easier to read, or is invisible.
fn is_typography(letter: char) -> bool {
    let dots = ['.', '\u{b7}', '\u{2024}', '\u{ff0e}'];
    let dashes = ['\u{2212}', '\u{2043}'];
    let selects = matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    letter.is_whitespace()
        || dots.contains(&letter)
        || dashes.contains(&letter)
        || selects
        || matches!(
            letter.general_category(),
            GeneralCategory::DashPunctuation
                | GeneralCategory::OpenPunctuation
                | GeneralCategory::ClosePunctuation
                | GeneralCategory::Format
        )
}

/// A number as people write it, without typography: ASCII digits and plus sign. Other characters
/// stay.
pub(crate) fn plain(text: &str) -> String {
    without_scheme(text)
        .chars()
        .filter(|letter| !is_typography(*letter))
        .map(|letter| match (letter, decimal(letter)) {
            ('\u{ff0b}' | '\u{fe62}', _) => '+',
            (_, Some(digit)) => char::from(b'0' + digit),
            _ => letter,
        })
        .collect()
}

/// Whether a text is a spreadsheet's form of a number: `4.47E+11`, `4,47E+11`.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix('+');
    digits(&mantissa.replacen([',', '.'], "", 1)) && exponent.is_some_and(digits)
}

/// A character with its code point, shown if it is visible.
fn named(letter: char) -> String {
    let code = format!("U+{:04X}", u32::from(letter));
    match letter.is_alphanumeric() || letter.is_ascii_graphic() {
        true => format!("{code} ({letter})"),
        false => code,
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// Prints the mask, so that whole numbers never reach logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

as_text!(PhoneNumber);

#[cfg(test)]
mod tests;
