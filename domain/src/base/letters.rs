//! Character classes in written numbers: digits of any script, separators, invisible marks.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The value of a decimal digit of any script.
pub(crate) fn decimal(letter: char) -> Option<u8> {
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
    // Each script's ten digits are consecutive and begin with zero (Unicode, section 4.6).
    let before = (1..code).take_while(|back| is_digit(code - back)).count();
    u8::try_from(before % 10).ok()
}

/// The value of a character as a digit, in any script, circled, raised or lowered.
pub(crate) fn digit(letter: char) -> Option<u8> {
    let code = u32::from(letter);
    let value = match code {
        0xb2 | 0xb3 => code - 0xb0,
        0xb9 => 1,
        0x2070 | 0x2074..=0x2079 => code - 0x2070,
        0x2080..=0x2089 => code - 0x2080,
        // Circled, bracketed, with a full stop, negative.
        0x2460..=0x2468 => code - 0x245f,
        0x2474..=0x247c => code - 0x2473,
        0x2488..=0x2490 => code - 0x2487,
        0x24ea | 0x24ff => 0,
        0x24f5..=0x24fd => code - 0x24f4,
        0x2776..=0x277e => code - 0x2775,
        0x2780..=0x2788 => code - 0x277f,
        0x278a..=0x2792 => code - 0x2789,
        0x3007 => 0,
        _ => return decimal(letter),
    };
    u8::try_from(value).ok()
}

/// For each digit from 0 to 9, every character with its value.
pub(crate) fn digits() -> [String; 10] {
    let mut digits: [String; 10] = Default::default();
    // The last of them are segmented digits; the planes above have none.
    for letter in '0'..='\u{1ffff}' {
        if let Some(value) = digit(letter) {
            digits[usize::from(value)].push(letter);
        }
    }
    digits
}

/// A plus sign of any form.
pub(crate) fn is_plus(letter: char) -> bool {
    matches!(letter, '+' | '\u{ff0b}' | '\u{fe62}' | '\u{207a}' | '\u{208a}' | '\u{2795}')
}

/// What people write between the digits of a number: spaces of every width, dashes, dots, slashes,
/// bars, brackets, underscores, apostrophes and semicolons.
pub(crate) fn joins(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '.' | '/' | '\\' | '(' | ')' | '[' | ']' | '_' | '~' | '\'' | ';' | '|'
                | '\u{b7}'
                // Dashes and the minus sign.
                | '\u{2010}'
                ..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}'
                | '\u{301c}' | '\u{3030}' | '\u{30fc}' | '\u{fe31}' | '\u{fe32}' | '\u{fe58}'
                | '\u{fe63}' | '\u{ff0d}' | '\u{ff70}' | '\u{ff5e}'
                // Dots.
                | '\u{2024}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{3002}' | '\u{30fb}'
                | '\u{fe52}' | '\u{ff0e}' | '\u{ff61}' | '\u{ff65}'
                // Slashes.
                | '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{ff0f}' | '\u{ff3c}'
                // Brackets and the low line.
                | '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3d}' | '\u{3014}' | '\u{3015}'
                | '\u{fe59}' | '\u{fe5a}' | '\u{207d}' | '\u{207e}' | '\u{208d}' | '\u{208e}'
                | '\u{ff3f}'
        )
}

/// The character of an escape at the start of a text (`%20`, `&nbsp;`, `\u00a0`), and the escape's
/// length in bytes.
pub(crate) fn escaped(text: &str) -> Option<(char, usize)> {
    let hex = |from: usize, to: usize| {
        let digits =
            text.get(from..to).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32)
    };
    match text.as_bytes() {
        // Of a multi-byte sequence only the first byte, which is no character.
        [b'%', ..] => hex(1, 3).map(|letter| (letter, 3)),
        [b'\\', b'u', ..] => hex(2, 6).map(|letter| (letter, 6)),
        _ if text.starts_with("&nbsp;") => Some(('\u{a0}', 6)),
        _ => None,
    }
}

/// Invisible and direction-changing characters, which could make a name look like another.
pub(crate) fn turns(letter: char) -> bool {
    matches!(letter,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Invisible or combining characters: soft hyphens, joiners, direction marks, variation selectors,
/// combining marks and tags.
pub(crate) fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
