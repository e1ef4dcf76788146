//! What single letters are to a number: digits of any script, what may stand between digits, and
//! marks that nobody sees.

/// The zeros of all decimal digits, in rows of ten (Unicode 17, general category Nd).
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce,
    0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// What a letter is worth as a digit: of any script, in circles, raised or lowered.
pub(crate) fn digit(letter: char) -> Option<u8> {
    if letter.is_ascii() {
        return letter.to_digit(10).and_then(|value| u8::try_from(value).ok());
    }
    let code = u32::from(letter);
    let value = match code {
        0xb2 | 0xb3 => code - 0xb0,
        0xb9 => 1,
        0x2070 | 0x2074..=0x2079 => code - 0x2070,
        0x2080..=0x2089 => code - 0x2080,
        // In circles, brackets, with a full stop, negative.
        0x2460..=0x2468 => code - 0x245f,
        0x2474..=0x247c => code - 0x2473,
        0x2488..=0x2490 => code - 0x2487,
        0x24ea | 0x24ff => 0,
        0x24f5..=0x24fd => code - 0x24f4,
        0x2776..=0x277e => code - 0x2775,
        0x2780..=0x2788 => code - 0x277f,
        0x278a..=0x2792 => code - 0x2789,
        0x3007 => 0,
        _ => {
            let at = ZEROS.partition_point(|zero| *zero <= code);
            code.checked_sub(*ZEROS.get(at.checked_sub(1)?)?).filter(|value| *value < 10)?
        }
    };
    u8::try_from(value).ok()
}

/// Every letter that is worth as much as a digit of 0 to 9, in the order of digits.
pub(crate) fn digits() -> [String; 10] {
    let mut digits: [String; 10] = Default::default();
    // The last of them are digits for segmented displays; nothing follows in the planes above.
    for letter in '0'..='\u{1ffff}' {
        if let Some(value) = digit(letter) {
            digits[usize::from(value)].push(letter);
        }
    }
    digits
}

/// A plus sign, whichever way it is written.
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

/// The letter that an escape at the beginning of a text stands for (`%20`, `&nbsp;`, `\u00a0`), and
/// how many bytes the escape has.
pub(crate) fn escaped(text: &str) -> Option<(char, usize)> {
    let hex = |from: usize, to: usize| {
        let digits =
            text.get(from..to).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32)
    };
    match text.as_bytes() {
        // Of more than one byte only the first, which is no letter.
        [b'%', ..] => hex(1, 3).map(|letter| (letter, 3)),
        [b'\\', b'u', ..] => hex(2, 6).map(|letter| (letter, 6)),
        _ if text.starts_with("&nbsp;") => Some(('\u{a0}', 6)),
        _ => None,
    }
}

/// Marks that nobody sees, or that only sit on the letter before them: soft hyphens, joiners,
/// marks of direction, variation selectors, combining marks and tags.
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
