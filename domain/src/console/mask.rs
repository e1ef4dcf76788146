//! Masks phone numbers in free text for readers who may not see whole numbers. One rule for every
//! text that people, sources or providers wrote, wherever it is shown or searched.
//!
//! Seven or more digits with only spaces, dashes, dots, slashes, brackets and invisible marks
//! between them could be a number. If written with its calling code (`+`, `00`), the code, at most
//! the next four digits and the last two stay visible; otherwise only the last two, since it is
//! unknown where the calling code would end. Text recognised as something else by its shape stays
//! (see `plain`), unless it contains the very number that the text is about.

mod plain;
#[cfg(test)]
mod tests;

use crate::PhoneNumber;
use crate::letters::{digit, escaped, is_plus, is_unseen, joins};
use crate::workbook::Sight;
use std::borrow::Cow;

const HIDDEN: char = '•';
/// The shortest number (see [`PhoneNumber`]).
const FEWEST: usize = 7;
/// Most numbers have at least this many digits, with their calling code.
const USUAL: usize = 10;
/// The longest number.
const MOST: usize = 15;
/// Visible digits at the end.
const TAIL: usize = 2;
/// Maximum characters between two digits of one number: ` - (`, and one more.
const BETWEEN: usize = 4;
/// The shortest known number, without its calling code, that is searched for.
const KNOWN: usize = 4;

impl Sight {
    /// A free text as this viewer may see it.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        self.about(text, None)
    }

    /// As [`Self::text`], owned.
    pub fn text_owned(self, text: &str) -> String {
        self.text(text).into_owned()
    }

    /// A free text about a known number, which is also found where it looks like something else or
    /// is too short to be recognised.
    pub fn about(self, text: &str, number: Option<PhoneNumber>) -> Cow<'_, str> {
        match self {
            Self::Whole => Cow::Borrowed(text),
            Self::Masked => masked(text, number),
        }
    }

    /// A number as this viewer may see it.
    pub fn number(self, phone: PhoneNumber) -> String {
        match self {
            Self::Whole => phone.to_string(),
            Self::Masked => phone.masked(),
        }
    }

    /// A JSON document, byte for byte except for masked strings and names. JSON numbers stay, so it
    /// must be a document of our own, where numbers are only counts.
    pub fn document(self, json: &str) -> Cow<'_, str> {
        match self {
            Self::Whole => Cow::Borrowed(json),
            Self::Masked => literals(json).map_or_else(|| masked(json, None), Cow::Owned),
        }
    }
}

/// Masks every number in a text. Text already masked does not change.
pub fn masked(text: &str, known: Option<PhoneNumber>) -> Cow<'_, str> {
    let known = known.map(national);
    // In a block of numbers some digits are placeholders.
    let fewest = if text.contains(['x', 'X', '*']) { FEWEST - 4 } else { FEWEST };
    let needed = known.as_ref().map_or(fewest, |known| known.len().min(fewest));
    let more = |letter: &char| digit(*letter).is_some();
    if text.chars().filter(more).take(needed).count() < needed {
        return Cow::Borrowed(text);
    }
    let mut out = Masker { text, known, out: String::with_capacity(text.len()), at: 0 };
    out.all();
    if out.out == text { Cow::Borrowed(text) } else { Cow::Owned(out.out) }
}

/// Whether a mask would hide part of a text, because it could contain a whole number. Viewers who
/// see masks must not search by such a text: the result would reveal what the mask hides.
pub fn hides(text: &str) -> bool {
    matches!(masked(text, None), Cow::Owned(_))
}

/// A number's digits without its calling code.
fn national(phone: PhoneNumber) -> String {
    let digits = phone.digits().to_string();
    digits[phone.calling_code_len()..].to_owned()
}

/// A run of digits and separators.
#[derive(Default)]
struct Run {
    /// End position in bytes.
    end: usize,
    /// The digits: position and value; `None` if masked or a placeholder.
    places: Vec<(usize, Option<u8>)>,
    /// Whether it begins with a plus sign.
    plus: bool,
    /// Placeholders at its end.
    open: OpenDigits,
}

impl Run {
    /// Whether digits after this character continue the number: after a plus sign, as long as there
    /// are too few digits for a number, any single character may separate them. Elsewhere commas
    /// and colons belong to amounts and times.
    fn goes_on_behind(&self, letter: char) -> bool {
        self.plus && self.places.len() < USUAL && letter.is_ascii_punctuation() && !is_plus(letter)
    }
}

/// Placeholder digits of a block of numbers.
#[derive(Clone, Copy, Default)]
enum OpenDigits {
    #[default]
    Nothing,
    /// A fixed number.
    Some(usize),
    /// Any number of digits.
    Any,
}

/// How a run is shown.
enum RunMask {
    All,
    /// Replaced by another text.
    Instead(String),
    /// Masked in place except for the last digits.
    Last(usize),
}

struct Masker<'t> {
    text: &'t str,
    known: Option<String>,
    out: String,
    at: usize,
}

impl Masker<'_> {
    fn all(&mut self) {
        let mut before = None;
        while let Some(letter) = self.text[self.at..].chars().next() {
            let from = self.at;
            if let Some(length) = self.plain(self.at, before) {
                self.at += length;
                self.out.push_str(&self.text[from..self.at]);
            } else if digit(letter).is_some() || is_plus(letter) {
                let run = self.run();
                self.at = run.end;
                self.write(from, &run);
            } else {
                self.at += letter.len_utf8();
                self.out.push(letter);
            }
            before = self.text[..self.at].chars().next_back();
        }
    }

    /// Length of text that is not a number by its shape and does not contain the known one.
    fn plain(&self, at: usize, before: Option<char>) -> Option<usize> {
        let tight = before.is_some_and(|letter| {
            joins(letter) && !letter.is_whitespace() && !matches!(letter, '(' | '[' | '/')
        });
        if tight || before.is_some_and(|letter| is_plus(letter) || is_unseen(letter)) {
            return None;
        }
        let text = &self.text[at..];
        let length = plain::length(text, before)?;
        let digits: String = text[..length].chars().filter_map(digit).map(letter_of).collect();
        (!self.holds_known(&digits)).then_some(length)
    }

    /// The run of digits that begins here.
    fn run(&self) -> Run {
        let mut run = Run { end: self.at, ..Run::default() };
        let (mut between, mut spaced) = (0, false);
        let mut letters = self.text[self.at..].char_indices().peekable();
        if let Some((_, first)) = letters.next_if(|(_, letter)| is_plus(*letter)) {
            run.plus = true;
            run.end += first.len_utf8();
        }
        while let Some((offset, letter)) = letters.next() {
            let at = self.at + offset;
            let (letter, length) = match escaped(&self.text[at..]) {
                Some((meant, length)) if joins(meant) || is_unseen(meant) => (meant, length),
                _ => (letter, 1),
            };
            // The rest of an escape, which is ASCII.
            for _ in 1..length {
                letters.next();
            }
            let value = digit(letter);
            if value.is_some() || letter == HIDDEN {
                // After a space something else may begin, such as a time, unless the number has
                // only begun.
                let begun = run.plus || run.places.first().is_some_and(|(_, one)| *one == Some(0));
                let whole = !begun || run.places.len() >= FEWEST;
                if spaced && whole && self.plain(at, Some(' ')).is_some() {
                    break;
                }
                run.places.push((at, value));
                run.end = at + letter.len_utf8();
                (between, spaced) = (0, false);
            } else if (joins(letter) || run.goes_on_behind(letter)) && between < BETWEEN {
                // A space counts as one, however wide.
                between += usize::from(!(spaced && letter.is_whitespace()));
                spaced = letter.is_whitespace();
            } else if !is_unseen(letter) {
                break;
            }
        }
        run.open = self.open(run.end);
        run
    }

    /// Number of placeholders here: `xxxx`.
    fn open(&self, at: usize) -> OpenDigits {
        let rest = &self.text[at..];
        if rest.starts_with('*') {
            return OpenDigits::Any;
        }
        let open = rest.chars().take_while(|letter| matches!(letter, 'x' | 'X')).count();
        let ends = rest[open..].chars().next().is_none_or(|next| !next.is_alphanumeric());
        if open >= 2 && ends { OpenDigits::Some(open) } else { OpenDigits::Nothing }
    }

    fn write(&mut self, from: usize, run: &Run) {
        match self.run_mask(run) {
            RunMask::All => self.out.push_str(&self.text[from..run.end]),
            RunMask::Instead(mask) => self.out.push_str(&mask),
            RunMask::Last(tail) => {
                let mut last = from;
                for (at, _) in &run.places[..run.places.len() - tail] {
                    self.out.push_str(&self.text[last..*at]);
                    self.out.push(HIDDEN);
                    last = at + self.text[*at..].chars().next().map_or(1, char::len_utf8);
                }
                self.out.push_str(&self.text[last..run.end]);
            }
        }
    }

    fn run_mask(&self, run: &Run) -> RunMask {
        let count = run.places.len();
        let digits = run.places.iter().filter_map(|(_, value)| *value).map(letter_of);
        let digits: String = digits.collect();
        if digits.len() < count {
            return if is_mask(run) { RunMask::All } else { RunMask::Last(0) };
        }
        // Dialled from abroad.
        let dialled = if run.plus { None } else { digits.strip_prefix("00") };
        let abroad = if run.plus { Some(&*digits) } else { dialled };
        let abroad = abroad.filter(|digits| !digits.starts_with('0'));
        let known = self.holds_known(&digits);
        let long = dialled.map_or(count, str::len);
        match (run.open, abroad) {
            (OpenDigits::Any, Some(digits)) if long <= MOST => RunMask::Instead(beginning(digits)),
            (OpenDigits::Some(open), Some(digits)) if (FEWEST..=MOST).contains(&(long + open)) => {
                RunMask::Instead(block(digits, open))
            }
            (OpenDigits::Some(open), None) if long + open >= FEWEST => RunMask::Last(0),
            _ if long < FEWEST && !known => RunMask::All,
            (OpenDigits::Nothing, Some(digits)) => {
                match PhoneNumber::from_e164(&format!("+{digits}")) {
                    Ok(phone) => RunMask::Instead(phone.masked()),
                    Err(_) => RunMask::Last(0),
                }
            }
            (OpenDigits::Nothing, None) if long <= MOST => {
                RunMask::Last(TAIL.min(count.saturating_sub(4)))
            }
            _ => RunMask::Last(0),
        }
    }

    fn holds_known(&self, digits: &str) -> bool {
        let known = self.known.as_ref().filter(|known| known.len() >= KNOWN);
        known.is_some_and(|known| digits.contains(known.as_str()))
    }
}

/// Whether the run's hidden digits come from masks: at most a calling code and four digits before
/// them, at most two after each, and at least four hidden.
fn is_mask(run: &Run) -> bool {
    let mut groups = run.places.split(|(_, value)| value.is_none()).map(<[_]>::len);
    let head = groups.next().unwrap_or(0);
    let hidden = run.places.iter().filter(|(_, value)| value.is_none()).count();
    let open = if let OpenDigits::Some(open) = run.open { open } else { 0 };
    head <= 3 + 4 && groups.all(|group| group <= TAIL) && hidden + open >= 4
}

/// A number prefix: shows a calling code and at most four digits.
pub(crate) fn beginning(digits: &str) -> String {
    first_shown(digits, 5)
}

/// Digits of which at most the first `head` are shown.
fn first_shown(digits: &str, head: usize) -> String {
    let head = head.min(digits.len());
    format!("+{}{}", &digits[..head], "•".repeat(digits.len() - head))
}

/// A block of numbers that leaves its last digits open. As many of the others stay visible as in a
/// masked number, so that the block reveals nothing that a mask beside it hides. The placeholders
/// follow.
pub fn block(digits: &str, open: usize) -> String {
    // The digits alone may be too few for a number; padding does not change the calling code.
    let code =
        PhoneNumber::from_e164(&format!("+{digits:0<7}")).map_or(3, PhoneNumber::calling_code_len);
    let (head, _) = crate::phone::shown_digits(digits.len() + open, code);
    first_shown(digits, head)
}

fn letter_of(value: u8) -> char {
    char::from(b'0' + value)
}

/// A document with its strings masked; `None` if it is not JSON.
fn literals(json: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(json).ok()?;
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(from) = rest.find('"') {
        let mut slashed = false;
        let end = rest[from + 1..].find(|letter| {
            let ends = letter == '"' && !slashed;
            slashed = letter == '\\' && !slashed;
            ends
        })?;
        let (literal, after) = rest[from..].split_at(end + 2);
        out.push_str(&rest[..from]);
        let text: String = serde_json::from_str(literal).ok()?;
        match masked(&text, None) {
            Cow::Borrowed(_) => out.push_str(literal),
            Cow::Owned(masked) => out.push_str(&serde_json::to_string(&masked).ok()?),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
