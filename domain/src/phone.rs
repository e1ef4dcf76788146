//! Phone numbers in E.164 shape, and how they are masked.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
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

/// A number without the scheme of a link, or the apostrophe that makes it a text in spreadsheets.
fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('\'') {
        return rest;
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

/// What people write becomes the one form that a number has: a national prefix behind the calling
/// code is gone where the metadata is at hand, as it is at every door.
impl FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let phone = Self::spelled(text)?;
        #[cfg(feature = "metadata")]
        let phone = crate::numbers::NumberFacts::of(phone).map_or(phone, |facts| facts.phone);
        Ok(phone)
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
            ("++14155552700", Err(PhoneError::Letter('+'))),
            ("+04155552700", Err(PhoneError::LeadingZero)),
            ("9.99E+10", Err(PhoneError::Scientific)),
            ("9,99E+10", Err(PhoneError::Letter(','))),
            ("+1415555270x", Err(PhoneError::Letter('x'))),
            ("+14155552700;ext=1", Err(PhoneError::Letter(';'))),
            ("+1/415/555/2700", Err(PhoneError::Letter('/'))),
            ("+\u{ff11}4155552700", Ok("+14155552700")),
            ("\u{200f}+14155552700", Ok("+14155552700")),
            ("+1 \u{ff08}415\u{ff09} 555\u{2011}27\u{b7}00", Ok("+14155552700")),
            ("+\u{661}\u{664}\u{661}5\u{966}\u{1d7d8}52700", Ok("+14150052700")),
            ("Tel:+1-415-555-2700", Ok("+14155552700")),
            ("whatsapp:+14155552700", Ok("+14155552700")),
            ("'+14155552700", Ok("+14155552700")),
            ("0014155552700", Err(PhoneError::Shape)),
            ("+00014155552700", Err(PhoneError::LeadingZero)),
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

    #[test]
    fn what_is_left_wrong_is_named() {
        for (text, name) in [("+1415555270x", "U+0078 (x)"), ("+141555527\u{7}0", "holds U+0007")] {
            let told = text.parse::<PhoneNumber>().unwrap_err().to_string();
            assert!(told.contains(name), "{told}");
        }
    }

    /// Every digit of every script that Unicode has.
    #[test]
    fn digits_of_all_scripts() {
        let mut scripts = 0;
        for zero in ('\0'..=char::MAX).filter(|letter| digit(*letter) == Some(0)) {
            scripts += 1;
            for value in 0..10_u8 {
                let letter = char::from_u32(u32::from(zero) + u32::from(value)).unwrap();
                assert_eq!(digit(letter), Some(value), "{letter:?}");
            }
        }
        assert!(scripts > 60, "{scripts}");
        assert_eq!(
            ('\0'..=char::MAX).filter(|letter| digit(*letter).is_some()).count(),
            scripts * 10
        );
    }

    /// The form that we write is read the same by both readers.
    #[test]
    fn e164_is_read_strictly() {
        for (text, expected) in [
            ("+14155552700", Ok("+14155552700")),
            ("+1 4155552700", Err(PhoneError::Letter(' '))),
            ("14155552700", Err(PhoneError::Shape)),
            ("+0415555270", Err(PhoneError::LeadingZero)),
            ("+123456", Err(PhoneError::Length(6))),
            ("+", Err(PhoneError::Length(0))),
        ] {
            let got = PhoneNumber::from_e164(text).map(|phone| phone.to_string());
            assert_eq!(got.as_deref().map_err(|error| *error), expected, "{text}");
        }
    }

    #[cfg(feature = "metadata")]
    #[test]
    fn one_number_has_one_form() {
        for text in
            ["+44 (0)7400 123456", "+447400123456", "+4407400123456", "+44 (0) 7400-123-456"]
        {
            assert_eq!(text.parse::<PhoneNumber>().unwrap().to_string(), "+447400123456", "{text}");
        }
        // Where the zero is the number's own, as in Italy, it stays.
        assert_eq!("+39 06 698 12345".parse::<PhoneNumber>().unwrap().to_string(), "+390669812345");
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
