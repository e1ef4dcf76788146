//! Phone numbers in E.164 shape, and how they are masked.

use crate::words::as_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A number of E.164 shape: a plus sign and 7 to 15 digits, the first of them not zero
/// (ITU-T E.164, 6.2.1: at most 15 digits, and no calling code begins with zero). It need not be
/// a number that anybody has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(u64);

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// A spreadsheet has turned the number into a float: its digits are lost.
    #[error(
        "a spreadsheet wrote this number in scientific notation and lost its digits; export the column as text"
    )]
    Scientific,
    /// No plus sign before its digits.
    #[error(
        "must be a plus sign followed by digits only (spaces, dashes, dots and brackets are ignored)"
    )]
    Shape,
    /// Something else than a plus sign, digits and what is ignored.
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
    /// The digits without the plus sign, as one number.
    pub fn digits(self) -> u64 {
        self.0
    }

    /// From the digits as one number.
    ///
    /// # Errors
    /// When they are fewer than 7 or more than 15.
    pub fn from_digits(digits: u64) -> Result<Self, PhoneError> {
        let count = digits.checked_ilog10().map_or(1, |log| log as usize + 1);
        if (7..=15).contains(&count) { Ok(Self(digits)) } else { Err(PhoneError::Length(count)) }
    }

    /// From E.164 as we write it: a plus sign and digits, nothing else. For what the store holds:
    /// it is not looked up, as what people write is.
    ///
    /// # Errors
    /// See [`PhoneError`].
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

    /// From what people write, without looking it up. Spaces, dashes, brackets and dots of any
    /// script are ignored, and so are marks that nobody sees; digits of any script count; `tel:`
    /// and `whatsapp:` before it are taken off, and the apostrophe that spreadsheets put before a
    /// text.
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
                _ => match digit(letter) {
                    Some(0) if count == 0 && plus => return Err(PhoneError::LeadingZero),
                    Some(digit) => {
                        count += 1;
                        if count <= 15 {
                            digits = digits * 10 + u64::from(digit);
                        }
                    }
                    // `9.99E+10` has its dot before the exponent: judged below.
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

    /// How many digits the calling code has: 1, 2 or 3. Codes not assigned count as 3, as the
    /// ITU reserves them (ITU-T E.164 Annex to Operational Bulletin 1114).
    pub fn calling_code_len(self) -> usize {
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

    /// The number as somebody may see it who may not see whole numbers: the calling code, at most
    /// the next four digits and the last two are kept, and at least four are `•`.
    pub fn masked(self) -> String {
        let text = self.0.to_string();
        let (head, tail) = kept(text.len(), self.calling_code_len());
        let mut out = String::with_capacity(text.len() * 2);
        out.push('+');
        for (at, digit) in text.chars().enumerate() {
            let kept = at < head || at >= text.len() - tail;
            out.push(if kept { digit } else { '•' });
        }
        out
    }
}

/// How many digits of a number a mask keeps at the beginning (the calling code and at most four)
/// and at the end (two), of all its digits; at least four lie between.
pub(crate) fn kept(digits: usize, code: usize) -> (usize, usize) {
    let rest = digits.saturating_sub(code);
    let tail = rest.saturating_sub(4).min(2);
    (code + rest.saturating_sub(4 + tail).min(4), tail)
}

/// A number without the scheme of a link, or what spreadsheets make of one: a text by an apostrophe
/// or by `="…"`, a number with a decimal (`+14155550100.0`).
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

/// The value of a decimal digit of any script.
fn digit(letter: char) -> Option<u8> {
    let is_digit = |code: u32| {
        char::from_u32(code)
            .is_some_and(|letter| letter.general_category() == GeneralCategory::DecimalNumber)
    };
    if letter.is_ascii() {
        return letter.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
    }
    let code = u32::from(letter);
    if !is_digit(code) {
        return None;
    }
    // Each script's ten stand in order, and begin with its zero (Unicode, section 4.6).
    let before = (1..code).take_while(|back| is_digit(code - back)).count();
    u8::try_from(before % 10).ok()
}

/// Whether a letter is not to be seen: a mark of direction, of zero width, of bytes' order.
pub(crate) fn is_unseen(letter: char) -> bool {
    letter.general_category() == GeneralCategory::Format
}

/// Whether a letter only makes a number easier to read, or is not to be seen at all.
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

/// What people write as a number, without what only makes it easier to read: digits are ASCII's,
/// the plus sign is. Everything else stays as it is.
pub(crate) fn plain(text: &str) -> String {
    without_scheme(text)
        .chars()
        .filter(|letter| !is_typography(*letter))
        .map(|letter| match (letter, digit(letter)) {
            ('\u{ff0b}' | '\u{fe62}', _) => '+',
            (_, Some(digit)) => char::from(b'0' + digit),
            _ => letter,
        })
        .collect()
}

/// Whether a text is what a spreadsheet makes of a number: `4.47E+11`, `4,47E+11`.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix('+');
    digits(&mantissa.replacen([',', '.'], "", 1)) && exponent.is_some_and(digits)
}

/// A letter by its code point, and as it is where it can be seen.
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

/// Logs see the mask: whole numbers never reach them.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

as_text!(PhoneNumber);

#[cfg(test)]
mod tests;
