//! Formats numbers, long values and messages for people.

use domain::Invalid;

/// Thousands separated: `12,340`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 number`, `2 numbers`.
pub fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { more })
}

/// A change in percent with its sign: `+1,034 %`, `−12 %`, `±0 %`.
pub fn signed_percent(percent: i64) -> String {
    let sign = match percent {
        0 => "±",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{} %", thousands(percent.unsigned_abs()))
}

/// A share of a whole: `7 %`, `< 1 %` where something is there, `> 99 %` where something else is.
pub fn share(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    match (part * 200 / whole).div_ceil(2) {
        _ if part == 0 => "0 %".to_owned(),
        0 => "< 1 %".to_owned(),
        100.. if part < whole => "> 99 %".to_owned(),
        _ if part * 100 < whole => "< 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// Makes the first letter a capital.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// A message as a sentence: the domain's begin with "must" and end without a stop.
pub fn sentence(message: &str) -> String {
    match message.trim_end_matches('.') {
        "" => String::new(),
        words => capital(words) + ".",
    }
}

/// Applies [`sentence`] to every message of a form.
pub fn sentences(mut invalid: Invalid) -> Invalid {
    for error in &mut invalid.fields {
        error.message = sentence(&error.message);
    }
    invalid
}

/// How many characters at the end of a long value are kept.
const TAIL: usize = 9;
/// Values up to this many characters are never shortened.
const SHORT: usize = 28;

/// Splits a long value into a start that may be shortened and an end that stays. The end of a short
/// value is empty.
pub fn split_middle(text: &str) -> (&str, &str) {
    let letters = text.chars().count();
    if letters <= SHORT {
        return (text, "");
    }
    let at = text.char_indices().nth(letters - TAIL).map_or(text.len(), |(at, _)| at);
    text.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(thousands(12_340), "12,340");
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "number", "numbers"), "1 number");
        assert_eq!(counted(2_000, "number", "numbers"), "2,000 numbers");
    }

    #[test]
    fn percents() {
        assert_eq!(signed_percent(0), "±0 %");
        assert_eq!(signed_percent(1034), "+1,034 %");
        assert_eq!(signed_percent(-12), "−12 %");
        assert_eq!(signed_percent(i64::MIN), "−9,223,372,036,854,775,808 %");
        for (part, whole, text) in [
            (0, 0, "0 %"),
            (0, 7, "0 %"),
            (1, 1_000, "< 1 %"),
            (999, 1_000, "> 99 %"),
            (1_000, 1_000, "100 %"),
            (1, 3, "33 %"),
            (2, 3, "67 %"),
            (1, 100, "1 %"),
            (u64::MAX, u64::MAX, "100 %"),
        ] {
            assert_eq!(share(part, whole), text, "{part} of {whole}");
        }
    }

    #[test]
    fn messages() {
        assert_eq!(sentence("must be a time"), "Must be a time.");
        assert_eq!(sentence("Enter a user or a number."), "Enter a user or a number.");
        assert_eq!((sentence(""), capital("")), (String::new(), String::new()));
        let wrong = Invalid::one("at", domain::Fault::InvalidTime, "must be a time");
        assert_eq!(sentences(wrong).of("at"), Some("Must be a time."));
    }

    #[test]
    fn long_values() {
        assert_eq!(split_middle("short"), ("short", ""));
        let text = "There are too many requests at this moment.";
        let (start, end) = split_middle(text);
        assert_eq!((format!("{start}{end}").as_str(), end), (text, "s moment."));
        let umlauts = "ü".repeat(40);
        assert_eq!(split_middle(&umlauts).1.chars().count(), TAIL);
    }
}
