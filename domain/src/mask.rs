//! Masks: what somebody may see of a free text who may not see whole numbers. One rule for every
//! text that people, sources or providers wrote, wherever it is shown or searched.
//!
//! Digits that could be a number, seven or more with nothing but spaces, dashes, dots, slashes,
//! brackets and unseen marks between them, are hidden as a number's are: of one that is written
//! with its calling code (`+`, `00`) the code, at most the next four digits and the last two stay;
//! of any other only the last two, since nobody knows where its code would end. What is known by
//! its shape to be something else stays (see `plain`), unless it holds the very number that the
//! text is about.

mod plain;
#[cfg(test)]
mod tests;

use crate::PhoneNumber;
use crate::letters::{digit, escaped, is_plus, is_unseen, joins};
use crate::workbook::Sight;
use std::borrow::Cow;

/// What hides a digit.
const HIDDEN: char = '•';
/// Fewest digits that could be a number (see [`PhoneNumber`]).
const FEWEST: usize = 7;
/// Digits that most numbers have at least, with their calling codes.
const USUAL: usize = 10;
/// Most digits of a number.
const MOST: usize = 15;
/// Digits that stay at the end.
const TAIL: usize = 2;
/// Most letters that may stand between two digits of one number: ` - (`, and one more.
const BETWEEN: usize = 4;
/// Fewest digits of a known number, without its calling code, that are looked for.
const KNOWN: usize = 4;

impl Sight {
    /// A free text as it may be seen.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        self.about(text, None)
    }

    /// The same, to keep.
    pub fn said(self, text: &str) -> String {
        self.text(text).into_owned()
    }

    /// A free text of something that is about a number: the number is found there too where it
    /// looks like something else, or is too short to be taken for one.
    pub fn about(self, text: &str, number: Option<PhoneNumber>) -> Cow<'_, str> {
        match self {
            Self::Whole => Cow::Borrowed(text),
            Self::Masked => masked(text, number),
        }
    }

    /// A number as it may be seen.
    pub fn number(self, phone: PhoneNumber) -> String {
        match self {
            Self::Whole => phone.to_string(),
            Self::Masked => phone.masked(),
        }
    }

    /// A JSON document as it may be seen, letter by letter but for what is hidden: its texts and
    /// names. Its numbers stay, so it must be one of our own, where numbers only count.
    pub fn document(self, json: &str) -> Cow<'_, str> {
        match self {
            Self::Whole => Cow::Borrowed(json),
            Self::Masked => literals(json).map_or_else(|| masked(json, None), Cow::Owned),
        }
    }
}

/// A text with every number in it masked. What is masked already stays as it is.
pub fn masked(text: &str, known: Option<PhoneNumber>) -> Cow<'_, str> {
    let known = known.map(national);
    // Of a block of numbers some digits are open.
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

/// Whether a mask would hide something of a text: it could tell a whole number. Who sees masks
/// looks nothing up by such a text, since what is found would tell what the mask hides.
pub fn hides(text: &str) -> bool {
    matches!(masked(text, None), Cow::Owned(_))
}

/// A known number's digits without its calling code.
fn national(phone: PhoneNumber) -> String {
    let digits = phone.digits().to_string();
    digits[phone.calling_code_len()..].to_owned()
}

/// Digits, and what stands between them.
#[derive(Default)]
struct Run {
    /// The bytes it takes.
    end: usize,
    /// The digits: where each stands and what it is worth; nothing: hidden or open.
    places: Vec<(usize, Option<u8>)>,
    /// Whether a plus sign leads it.
    plus: bool,
    /// What is open at its end.
    open: Open,
}

impl Run {
    /// Whether digits behind such a letter are the same number's: behind a plus sign, and as long as
    /// there are too few for a whole number, whatever single sign stands there. Elsewhere commas and
    /// colons are those of amounts and times.
    fn goes_on_behind(&self, letter: char) -> bool {
        self.plus && self.places.len() < USUAL && letter.is_ascii_punctuation() && !is_plus(letter)
    }
}

/// Digits that a block of numbers leaves open.
#[derive(Clone, Copy, Default)]
enum Open {
    #[default]
    Nothing,
    /// So many.
    Some(usize),
    /// However many follow.
    Any,
}

/// What is shown of a run.
enum Shown {
    All,
    /// Another text.
    Instead(String),
    /// All digits but the last ones are hidden where they stand.
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

    /// What is no number by its shape, unless it holds the known one.
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
            // The rest of an escape, whose letters have one byte each.
            for _ in 1..length {
                letters.next();
            }
            let value = digit(letter);
            if value.is_some() || letter == HIDDEN {
                // After a space something else may begin, such as a time. Not where a number has
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
                // However wide a space is, it is one.
                between += usize::from(!(spaced && letter.is_whitespace()));
                spaced = letter.is_whitespace();
            } else if !is_unseen(letter) {
                break;
            }
        }
        run.open = self.open(run.end);
        run
    }

    /// How many digits are left open here: `xxxx`.
    fn open(&self, at: usize) -> Open {
        let rest = &self.text[at..];
        if rest.starts_with('*') {
            return Open::Any;
        }
        let open = rest.chars().take_while(|letter| matches!(letter, 'x' | 'X')).count();
        let ends = rest[open..].chars().next().is_none_or(|next| !next.is_alphanumeric());
        if open >= 2 && ends { Open::Some(open) } else { Open::Nothing }
    }

    fn write(&mut self, from: usize, run: &Run) {
        match self.shown(run) {
            Shown::All => self.out.push_str(&self.text[from..run.end]),
            Shown::Instead(mask) => self.out.push_str(&mask),
            Shown::Last(tail) => {
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

    /// What is shown of a run.
    fn shown(&self, run: &Run) -> Shown {
        let count = run.places.len();
        let digits = run.places.iter().filter_map(|(_, value)| *value).map(letter_of);
        let digits: String = digits.collect();
        if digits.len() < count {
            return if is_mask(run) { Shown::All } else { Shown::Last(0) };
        }
        // As dialled from abroad.
        let dialled = if run.plus { None } else { digits.strip_prefix("00") };
        let abroad = if run.plus { Some(&*digits) } else { dialled };
        let abroad = abroad.filter(|digits| !digits.starts_with('0'));
        let known = self.holds_known(&digits);
        let long = dialled.map_or(count, str::len);
        match (run.open, abroad) {
            (Open::Any, Some(digits)) if long <= MOST => Shown::Instead(beginning(digits)),
            (Open::Some(open), Some(digits)) if (FEWEST..=MOST).contains(&(long + open)) => {
                Shown::Instead(block(digits, open))
            }
            (Open::Some(open), None) if long + open >= FEWEST => Shown::Last(0),
            _ if long < FEWEST && !known => Shown::All,
            (Open::Nothing, Some(digits)) => match PhoneNumber::from_e164(&format!("+{digits}")) {
                Ok(phone) => Shown::Instead(phone.masked()),
                Err(_) => Shown::Last(0),
            },
            (Open::Nothing, None) if long <= MOST => Shown::Last(TAIL.min(count.saturating_sub(4))),
            _ => Shown::Last(0),
        }
    }

    fn holds_known(&self, digits: &str) -> bool {
        let known = self.known.as_ref().filter(|known| known.len() >= KNOWN);
        known.is_some_and(|known| digits.contains(known.as_str()))
    }
}

/// Whether what is hidden in a run is hidden by masks: a calling code and four digits at most
/// before it, two at most after each, and four at least in them.
fn is_mask(run: &Run) -> bool {
    let mut groups = run.places.split(|(_, value)| value.is_none()).map(<[_]>::len);
    let head = groups.next().unwrap_or(0);
    let hidden = run.places.iter().filter(|(_, value)| value.is_none()).count();
    let open = if let Open::Some(open) = run.open { open } else { 0 };
    head <= 3 + 4 && groups.all(|group| group <= TAIL) && hidden + open >= 4
}

/// The beginning of numbers: what a mask may show of one, and a star.
fn beginning(digits: &str) -> String {
    let head = digits.len().min(5);
    format!("+{}{}", &digits[..head], "•".repeat(digits.len() - head))
}

/// A block of numbers that leaves some last digits open: as many of the others stay as of a number
/// in it, so that the block tells nothing that a mask beside it hides. The open ones follow.
pub fn block(digits: &str, open: usize) -> String {
    // Digits alone may be too few for a number; what is added changes no calling code.
    let code =
        PhoneNumber::from_e164(&format!("+{digits:0<7}")).map_or(3, PhoneNumber::calling_code_len);
    let (head, _) = crate::phone::kept(digits.len() + open, code);
    let head = head.min(digits.len());
    format!("+{}{}", &digits[..head], "•".repeat(digits.len() - head))
}

fn letter_of(value: u8) -> char {
    char::from(b'0' + value)
}

/// A document whose texts are masked; nothing when it is none.
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
