//! Finds a person in a text: a user name as a separate word, a number in any common spelling.

use crate::PhoneNumber;
use crate::letters::{self, digit, is_plus, is_unseen, joins};
use serde_json::Value;

/// Fewest letters of a name that is searched for within longer texts. A shorter one must be the
/// whole text, or follow the word `user`.
const NAME_IN_TEXT: usize = 4;
/// Fewest digits of a national number that is searched for without its calling code.
const NATIONAL: usize = 6;
/// Most characters between two digits of a number, as for masks: ` - (`, and one more.
const BETWEEN: usize = 4;

/// Extensions of imported files.
const FILES: [&str; 9] = ["ndjson", "jsonl", "json", "csv", "log", "txt", "gz", "zip", "xlsx"];

/// Byte ranges of the text that spell one of `users`, which are folded.
pub(super) fn names(text: &str, users: &[String]) -> Vec<(usize, usize)> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let mut places = Vec::new();
    for name in users.iter().filter(|name| name.chars().count() >= NAME_IN_TEXT) {
        for needle in [name.clone(), name.replace('@', "%40")] {
            let needle: Vec<char> = needle.chars().collect();
            for at in 0..letters.len() {
                if let Some(end) = spelled(&letters, at, &needle)
                    && is_word(&letters, at, end)
                {
                    let to = letters.get(end).map_or(text.len(), |(byte, _)| *byte);
                    places.push((letters[at].0, to));
                }
            }
        }
    }
    places
}

/// The end of the needle, if the letters from `at` on spell it.
fn spelled(letters: &[(usize, char)], at: usize, needle: &[char]) -> Option<usize> {
    let mut wanted = needle.iter();
    let mut at = at;
    loop {
        if wanted.as_slice().is_empty() {
            return Some(at);
        }
        let (_, letter) = letters.get(at)?;
        for low in letter.to_lowercase() {
            let want = wanted.next()?;
            if low != *want && !want.to_lowercase().eq(std::iter::once(low)) {
                return None;
            }
        }
        at += 1;
    }
}

/// Whether the range is not part of a longer name.
fn is_word(letters: &[(usize, char)], from: usize, to: usize) -> bool {
    let joins = |letter: char| letter.is_alphanumeric() || "@_+-".contains(letter);
    let letter = |at: usize| letters.get(at).map(|(_, letter)| *letter);
    let before = from.checked_sub(1).and_then(letter);
    let begins = before.is_none_or(|before| {
        // `a.anna@example.com` is another user, but a single full stop ends a sentence.
        let longer = || from.checked_sub(2).and_then(letter).is_some_and(char::is_alphanumeric);
        !joins(before) && (before != '.' || !longer())
    });
    let ends = match letter(to) {
        None => true,
        // `anna@example.com.au` is another user, but `anna@example.com.csv` is a file.
        Some('.') => {
            let rest: String = letters[to + 1..].iter().map(|(_, letter)| *letter).collect();
            let next = rest.split(|letter: char| !letter.is_alphanumeric()).next();
            next.is_none_or(|word| word.is_empty() || FILES.contains(&&*word.to_lowercase()))
        }
        Some(after) => !joins(after),
    };
    begins && ends
}

/// A digit of the text, as a byte range.
struct Digit {
    from: usize,
    to: usize,
    value: u8,
    /// Whether it is separated from the previous digit.
    apart: bool,
}

/// Byte ranges of the text that spell the number.
pub(super) fn numbers(text: &str, phone: PhoneNumber) -> Vec<(usize, usize)> {
    let (international, national) = spelt(phone);
    let mut places = Vec::new();
    for (plus, run) in runs(text) {
        let mut at = 0;
        while at < run.len() {
            let fits = |digits: &Vec<u8>| {
                let end = at + digits.len();
                end <= run.len()
                    && run[at..end].iter().map(|digit| digit.value).eq(digits.iter().copied())
                    && run.get(end).is_none_or(|next| next.apart)
            };
            let begins = at == 0 || run[at].apart;
            // After a plus sign, only an international number matches: another country may have the
            // same digits.
            let plus = plus.filter(|_| at == 0);
            let may = || international.iter().chain(national.iter().filter(|_| plus.is_none()));
            match may().filter(|_| begins).find(|digits| fits(digits)) {
                Some(digits) => {
                    let end = at + digits.len();
                    places.push((plus.unwrap_or(run[at].from), run[end - 1].to));
                    at = end;
                }
                None if plus.is_some() => at = run.len().min(next_apart(&run, at, &international)),
                None => at += 1,
            }
        }
    }
    places
}

/// Where the next number may begin in a run that began with a plus sign and another number: after
/// at least as many digits as a number has.
fn next_apart(run: &[Digit], at: usize, international: &[Vec<u8>]) -> usize {
    let least = international.iter().map(Vec::len).min().unwrap_or(1);
    (at + least..run.len()).find(|next| run[*next].apart).unwrap_or(run.len())
}

/// The dialled digits of a number: international spellings, national spellings.
fn spelt(phone: PhoneNumber) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let digits: Vec<u8> = phone.digits().to_string().bytes().map(|byte| byte - b'0').collect();
    let (code, own) = digits.split_at(phone.calling_code_len().min(digits.len()));
    let with = |before: &[&[u8]]| [before.concat(), own.to_vec()].concat();
    let international =
        vec![with(&[&[0, 0], code]), with(&[&[0, 1, 1], code]), with(&[code, &[0]]), with(&[code])];
    let national = if own.len() < NATIONAL { vec![] } else { vec![with(&[&[0]]), with(&[])] };
    (international, national)
}

/// Runs of digits with little between them, each with the position of a plus sign right before it.
fn runs(text: &str) -> Vec<(Option<usize>, Vec<Digit>)> {
    let mut runs: Vec<(Option<usize>, Vec<Digit>)> = Vec::new();
    let (mut between, mut broken, mut plus) = (0, true, None);
    let mut letters = text.char_indices();
    let mut spaced = false;
    while let Some((at, letter)) = letters.next() {
        let (letter, length) = match letters::escaped(&text[at..]) {
            Some((meant, length)) if joins(meant) || is_unseen(meant) => (meant, length),
            _ => (letter, 1),
        };
        // Skip the rest of an escape, whose letters have one byte each.
        for _ in 1..length {
            letters.next();
        }
        let Some(value) = digit(letter) else {
            // A series of blanks counts once.
            between += usize::from(!(spaced && letter.is_whitespace()));
            spaced = letter.is_whitespace();
            broken |= !(joins(letter) || is_unseen(letter)) || between > BETWEEN;
            // Invisible characters may stand between the sign and its number.
            if !is_unseen(letter) {
                plus = is_plus(letter).then_some(at);
            }
            continue;
        };
        let digit = Digit { from: at, to: at + letter.len_utf8(), value, apart: between > 0 };
        match runs.last_mut() {
            Some((_, run)) if !broken => run.push(digit),
            _ => runs.push((plus, vec![digit])),
        }
        (between, broken, plus, spaced) = (0, false, None, false);
    }
    runs
}

/// Patterns that match a name, case-insensitive.
pub(super) fn name_patterns(user: &str) -> Vec<String> {
    let within = user.chars().count() >= NAME_IN_TEXT;
    let wrap = |pattern: String| {
        if within { pattern } else { format!("(^|\\n|user |\")\\s*{pattern}\\s*(\\n|\"|$)") }
    };
    let mut all = vec![wrap(escaped(user))];
    if user.contains('@') {
        all.push(wrap(escaped(&user.replace('@', "%40"))));
    }
    // With JSON's escapes.
    let quoted = Value::from(user).to_string();
    let quoted = quoted.trim_matches('"');
    if quoted != user {
        all.push(wrap(escaped(quoted)));
    }
    all
}

/// A pattern that matches exactly this text.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// A pattern that matches the number's national digits, however they are separated.
pub(super) fn number_pattern(phone: PhoneNumber) -> String {
    let digits = phone.digits().to_string();
    let own = &digits[phone.calling_code_len().min(digits.len())..];
    let own = if own.len() < NATIONAL { &digits } else { own };
    let spellings = letters::digits();
    let any = |byte: u8| format!("[{}]", spellings[usize::from(byte - b'0')]);
    let digits: Vec<String> = own.bytes().map(any).collect();
    // Escapes may be in between, whose digits are not the number's.
    digits.join(r"(?:[^0-9]|%[0-9a-f]{2}|\\u[0-9a-f]{4}){0,18}?")
}
