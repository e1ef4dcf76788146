//! Phone numbers in E.164 shape, and how they are masked.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

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
    /// Not a plus sign followed by digits.
    #[error(
        "must be a plus sign followed by digits only (spaces, dashes, dots and brackets are ignored)"
    )]
    Shape,
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

impl FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let mut digits: u64 = 0;
        let mut count = 0_usize;
        let mut plus = false;
        let mut scientific = false;
        for letter in text.trim().chars() {
            match letter {
                ' ' | '\u{a0}' | '-' | '.' | '(' | ')' => {
                    // `9.99E+10` has its dot before the exponent: judged below.
                }
                '+' if !plus && count == 0 => plus = true,
                '0'..='9' => {
                    count += 1;
                    if count == 1 && letter == '0' && plus {
                        return Err(PhoneError::LeadingZero);
                    }
                    if count <= 15 {
                        digits = digits * 10 + u64::from(letter as u32 - '0' as u32);
                    }
                }
                'e' | 'E' if count > 0 => scientific = true,
                '+' if scientific => {}
                _ => return Err(PhoneError::Shape),
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

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(phone: PhoneNumber) -> Self {
        phone.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shapes() {
        for (text, expected) in [
            ("+14155552700", Ok("+14155552700")),
            (" +1 (415) 555-27.00 ", Ok("+14155552700")),
            ("+999000018859999", Ok("+999000018859999")),
            ("+1234567", Ok("+1234567")),
            ("+123456", Err(PhoneError::Length(6))),
            ("+1234567890123456", Err(PhoneError::Length(16))),
            ("14155552700", Err(PhoneError::Shape)),
            ("++14155552700", Err(PhoneError::Shape)),
            ("+04155552700", Err(PhoneError::LeadingZero)),
            ("9.99E+10", Err(PhoneError::Scientific)),
            ("9,99E+10", Err(PhoneError::Shape)),
            ("+1415555270x", Err(PhoneError::Shape)),
            ("+\u{ff11}4155552700", Err(PhoneError::Shape)),
            ("\u{200f}+14155552700", Err(PhoneError::Shape)),
            ("", Err(PhoneError::Shape)),
        ] {
            let got = text.parse::<PhoneNumber>().map(|phone| phone.to_string());
            assert_eq!(got.as_deref().map_err(|e| *e), expected, "{text}");
        }
    }

    #[test]
    fn masks() {
        for (text, mask) in [
            ("+14155552700", "+14155••••00"),
            ("+37125818694", "+37125••••94"),
            ("+447400738610", "+447400••••10"),
            ("+4915112345678", "+491511•••••78"),
            ("+1234567", "+1••••67"),
            ("+3712345", "+371••••"),
        ] {
            assert_eq!(text.parse::<PhoneNumber>().unwrap().masked(), mask);
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in ".{0,40}") {
            if let Ok(phone) = text.parse::<PhoneNumber>() {
                prop_assert_eq!(phone.to_string().parse::<PhoneNumber>(), Ok(phone));
            }
        }

        #[test]
        fn a_mask_hides_at_least_four(digits in 1_000_000_u64..999_999_999_999_999) {
            let phone = PhoneNumber::from_digits(digits).unwrap();
            prop_assert!(phone.masked().chars().filter(|c| *c == '•').count() >= 4);
        }
    }
}
