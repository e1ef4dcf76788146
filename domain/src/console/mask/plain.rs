//! Recognises digits that are not a phone number by their shape: times, identifiers, IP addresses,
//! hashes, versions and amounts.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Length in bytes of such a shape at the start of a text. `before` is the character before the
/// text.
pub(super) fn length(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|letter| letter.is_alphanumeric()) {
        return None;
    }
    let first = text.chars().next()?;
    if !(first.is_ascii_alphanumeric() || first == ':' || is_sign(first)) {
        return None;
    }
    let found = [uuid, hash, moment, day, clock, ipv4, ipv6, gecko, version, amount];
    found.iter().find_map(|shape| shape(text))
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// Number of leading bytes that match.
fn run(text: &str, fits: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| fits(*byte)).count()
}

/// As [`run`] for short shapes; `None` if more than `most` match, so that a long text is not
/// rescanned at each character.
fn short_run(text: &str, most: usize, fits: impl Fn(u8) -> bool) -> Option<usize> {
    let at = text.bytes().take(most + 1).take_while(|byte| fits(*byte)).count();
    (at <= most).then_some(at)
}

fn digits(text: &str) -> usize {
    run(text, |byte| byte.is_ascii_digit())
}

/// The number written by `count` digits from `from` on.
fn number(text: &str, from: usize, count: usize) -> Option<u32> {
    let part = text.get(from..from + count)?;
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
}

/// `at`, if nothing follows that would make the shape part of something longer.
fn ends(text: &str, at: usize) -> Option<usize> {
    let next = text.get(at..)?.chars().next();
    if next.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let further = next.is_some_and(|next| matches!(next, '.' | '-' | '/' | '_'))
        && byte(text, at + 1).is_some_and(|byte| byte.is_ascii_digit());
    (!further).then_some(at)
}

/// `6f0f2f3e-0000-4000-8000-000000000001`
fn uuid(text: &str) -> Option<usize> {
    let part = text.get(..36)?;
    let shape = part.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    if shape { ends(text, 36) } else { None }
}

/// A hexadecimal digest or random id of a usual length; providers prefix theirs with up to three
/// letters. Digits alone do not count.
fn hash(text: &str) -> Option<usize> {
    let word = run(text, |byte| byte.is_ascii_alphanumeric());
    (0..=3).find_map(|prefix| {
        let (before, rest) = text[..word].split_at_checked(prefix)?;
        let fits = matches!(rest.len(), 32 | 40 | 48 | 56 | 64 | 96 | 128)
            && before.bytes().all(|byte| byte.is_ascii_alphabetic())
            && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
            && rest.bytes().filter(u8::is_ascii_alphabetic).count() >= 6;
        if fits { ends(text, word) } else { None }
    })
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    (1900..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// The length of a date such as `2026-11-20`.
fn written_day(text: &str) -> Option<usize> {
    let mark = byte(text, 4).filter(|mark| matches!(mark, b'-' | b'/' | b'.'))?;
    let fits = byte(text, 7) == Some(mark)
        && is_day(number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?);
    fits.then_some(10)
}

/// `2026-11-20T12:00:00.000000Z`, `2026-11-20 12:00`
fn moment(text: &str) -> Option<usize> {
    let day = written_day(text)?;
    let time = match byte(text, day)? {
        b'T' | b't' | b' ' => written_clock(text.get(day + 1..)?)?,
        _ => return None,
    };
    let at = day + 1 + time;
    let rest = text.get(at..)?;
    let zone = match rest.bytes().next() {
        Some(b'Z' | b'z') => 1,
        Some(b'+' | b'-') if number(rest, 1, 2).is_some_and(|hours| hours <= 14) => {
            match (byte(rest, 3), number(rest, 4, 2), number(rest, 3, 2)) {
                (Some(b':'), Some(0..=59), _) => 6,
                (_, _, Some(0..=59)) => 5,
                _ => 0,
            }
        }
        _ => 0,
    };
    ends(text, at + zone)
}

/// `2026-11-20`, `20.11.2026`, `11/20/2026`
fn day(text: &str) -> Option<usize> {
    if let Some(length) = written_day(text) {
        return ends(text, length);
    }
    let first = digits(text);
    let mark = byte(text, first).filter(|mark| matches!(mark, b'.' | b'/' | b'-'))?;
    let second = digits(text.get(first + 1..)?);
    let year = first + second + 2;
    if !(1..=2).contains(&first) || !(1..=2).contains(&second) || byte(text, year - 1) != Some(mark)
    {
        return None;
    }
    let (one, other) = (number(text, 0, first)?, number(text, first + 1, second)?);
    let of = number(text, year, 4)?;
    let fits = is_day(of, one, other) || is_day(of, other, one);
    if fits { ends(text, year + 4) } else { None }
}

/// The length of a time such as `12:00` or `12:00:05.123456`.
fn written_clock(text: &str) -> Option<usize> {
    let hours = digits(text);
    let fits = (1..=2).contains(&hours)
        && number(text, 0, hours)? < 25
        && byte(text, hours) == Some(b':')
        && number(text, hours + 1, 2)? < 60;
    if !fits {
        return None;
    }
    let minutes = hours + 3;
    let seconds = byte(text, minutes) == Some(b':')
        && number(text, minutes + 1, 2).is_some_and(|seconds| seconds <= 60);
    if !seconds {
        return Some(minutes);
    }
    let seconds = minutes + 3;
    let fraction = digits(text.get(seconds + 1..).unwrap_or_default());
    // Nanoseconds are the finest unit in use.
    let has = matches!(byte(text, seconds), Some(b'.' | b',')) && (1..=9).contains(&fraction);
    Some(if has { seconds + 1 + fraction } else { seconds })
}

fn clock(text: &str) -> Option<usize> {
    let at = written_clock(text)?;
    let at = if byte(text, at) == Some(b'Z') { at + 1 } else { at };
    ends(text, at)
}

/// `192.0.2.1`, `192.0.2.0/24`, `192.0.2.1:443`
fn ipv4(text: &str) -> Option<usize> {
    let at = run(text, |byte| byte.is_ascii_digit() || byte == b'.');
    let at = text[..at].trim_end_matches('.').len();
    text[..at].parse::<Ipv4Addr>().ok()?;
    let rest = text.get(at + 1..).unwrap_or_default();
    let more = digits(rest);
    let network = number(rest, 0, more).is_some_and(|bits| bits <= 32);
    match byte(text, at) {
        Some(b'/') if (1..=2).contains(&more) && network => ends(text, at + 1 + more),
        Some(b':') if (1..=5).contains(&more) => ends(text, at + 1 + more),
        _ => ends(text, at),
    }
}

/// `2001:db8::1`, `2001:db8::/32`
fn ipv6(text: &str) -> Option<usize> {
    // The longest address has 45 bytes, and dots may follow it.
    let fits = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let at = short_run(text, 64, fits)?;
    let at = text[..at].trim_end_matches('.').len();
    text[..at].parse::<Ipv6Addr>().ok()?;
    let more = digits(text.get(at + 1..).unwrap_or_default());
    let network = byte(text, at) == Some(b'/') && (1..=3).contains(&more);
    ends(text, if network { at + 1 + more } else { at })
}

/// Part of every Firefox user agent.
fn gecko(text: &str) -> Option<usize> {
    const GECKO: &str = "Gecko/20100101";
    if text.starts_with(GECKO) { ends(text, GECKO.len()) } else { None }
}

/// `120.0.6099.129`: no phone number has a group that is only a zero.
fn version(text: &str) -> Option<usize> {
    let at = run(text, |byte| byte.is_ascii_digit() || byte == b'.');
    let at = text[..at].trim_end_matches('.').len();
    let groups: Vec<&str> = text[..at].split('.').collect();
    let short = groups.iter().all(|group| (1..=5).contains(&group.len()));
    let first = groups.first().is_some_and(|first| !first.starts_with('0'));
    let zero = groups.iter().skip(1).any(|group| *group == "0");
    if groups.len() >= 3 && short && first && zero { ends(text, at) } else { None }
}

const CURRENCIES: &[&str] = &[
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
    "IDR", "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SAR",
    "SEK", "SGD", "THB", "TRY", "UAH", "USD", "VND", "ZAR",
];

fn is_sign(letter: char) -> bool {
    matches!(letter, '$' | '€' | '£' | '¥' | '₹')
}

/// Length in bytes of a currency sign or code at the start.
fn currency(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if is_sign(first) {
        return Some(first.len_utf8());
    }
    let code = CURRENCIES.iter().find(|code| text.starts_with(**code))?;
    let next = text[code.len()..].chars().next();
    (!next.is_some_and(char::is_alphabetic)).then_some(code.len())
}

/// `1,234,567.89 USD`, `EUR 1.234.567,89`, `$1234567.89`: grouped thousands or a fraction, next to
/// a currency.
fn amount(text: &str) -> Option<usize> {
    let space = |at: usize| usize::from(byte(text, at) == Some(b' '));
    if let Some(sign) = currency(text) {
        let from = sign + space(sign);
        return ends(text, from + written_amount(text.get(from..)?)?);
    }
    let at = written_amount(text)?;
    let from = at + space(at);
    Some(from + currency(text.get(from..)?)?)
}

fn written_amount(text: &str) -> Option<usize> {
    // The longest amount has 20 bytes, and punctuation may follow it.
    let fits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'\'');
    let at = short_run(text, 24, fits)?;
    let at = text[..at].trim_end_matches(['.', ',', '\'']).len();
    let groups: Vec<&str> = text[..at].split(['.', ',', '\'']).collect();
    let (first, rest) = groups.split_first()?;
    let (last, between) = rest.split_last()?;
    let thousands = |group: &&&str| group.len() == 3;
    let grouped = (1..=3).contains(&first.len())
        && between.iter().filter(thousands).count() == between.len()
        && (1..=3).contains(&last.len());
    let whole = between.is_empty() && (1..=9).contains(&first.len()) && last.len() <= 2;
    let fits = !first.starts_with('0') || first.len() == 1;
    (fits && (grouped || whole) && at <= 20).then_some(at)
}
