//! Finds the next record after damage.

use super::frame::{LIMIT, Step, beginning, blanks};
use super::json::{Doing, Json, Level};
use domain::Fault;
use memchr::{memchr, memchr_iter, memmem};
use serde::de::IgnoredAny;

impl Json {
    /// An element of a list that does not end where it should. If it is malformed and not only
    /// unfinished, searches for the next element by how elements begin: exports write all alike.
    pub(super) fn damaged(&mut self, bytes: &[u8]) -> Option<Step> {
        if !matches!(self.levels.last(), Some(Level::List { .. })) {
            return None;
        }
        let at = syntax_error(bytes)?;
        let beginning = match self.beginning.as_slice() {
            [] => beginning(bytes)?.to_vec(),
            seen => seen.to_vec(),
        };
        self.doing = Doing::Again { beginning, last: last(&bytes[..at]).unwrap_or(b'{') };
        Some(Step::Bad { at, fault: Fault::InvalidJson, message: "malformed JSON", next: at })
    }

    /// Whether an element of a list may contain its neighbours because of a misplaced bracket.
    pub(super) fn swallows(&self, bytes: &[u8]) -> bool {
        !self.beginning.is_empty()
            && memmem::find_iter(bytes, self.beginning.as_slice())
                .any(|at| last(&bytes[..at]) == Some(b','))
    }

    /// Gives up on a list that can no longer be followed; what comes next is examined as it comes.
    pub(super) fn drop_list(&mut self) -> Step {
        self.levels.pop();
        self.doing = Doing::Seek;
        Step::Bad { at: 0, fault: Fault::InvalidJson, message: "malformed JSON", next: 1 }
    }

    /// Skips bytes until a value begins like the damaged one.
    pub(super) fn again(&mut self, bytes: &[u8], ended: bool) -> Step {
        let Doing::Again { beginning, last: before } = &mut self.doing else {
            return Step::Pass(0);
        };
        // Outside lists a line end is enough.
        let line = self.levels.is_empty().then(|| memchr(b'\n', bytes)).flatten();
        let looked = &bytes[..line.unwrap_or(bytes.len())];
        let behind = |at: usize| last(&bytes[..at]).unwrap_or(*before);
        let alike = memmem::find_iter(looked, beginning.as_slice()).find(|at| behind(*at) == b',');
        // In JSON, only a new value can follow a closing bracket without a comma.
        let own = memchr_iter(b'{', looked).find(|at| matches!(behind(*at), b'}' | b']'));
        let own = own.filter(|_| self.levels.is_empty());
        if let Some(at) = alike.into_iter().chain(own).min() {
            self.doing = Doing::Seek;
            return Step::Pass(at);
        }
        if let Some(end) = line {
            self.doing = Doing::Seek;
            return Step::Pass(end + 1);
        }
        if ended {
            return if bytes.is_empty() { Step::End } else { Step::Pass(bytes.len()) };
        }
        // The beginning may be cut by the end of the buffer.
        match bytes.len().saturating_sub(beginning.len()) {
            0 => Step::More,
            pass => {
                *before = last(&bytes[..pass]).unwrap_or(*before);
                Step::Pass(pass)
            }
        }
    }

    /// Skips lines until one begins a value where values begin, or closes the list.
    pub(super) fn recover(&mut self, bytes: &[u8], at_line: bool, ended: bool) -> Step {
        let wanted = match self.levels.last() {
            Some(Level::List { indent: Some(indent), .. }) => *indent,
            _ => 0,
        };
        if at_line {
            let indent = blanks(bytes);
            match bytes.get(indent) {
                _ if memchr(b'\n', &bytes[..indent]).is_some() => {}
                None if !ended && indent <= LIMIT => return Step::More,
                Some(b'{') if indent == wanted => {
                    self.doing = Doing::Seek;
                    return if indent > 0 {
                        Step::Pass(indent)
                    } else {
                        self.step(bytes, 1, ended)
                    };
                }
                Some(b']') if indent < wanted && !self.levels.is_empty() => {
                    self.levels.pop();
                    self.doing = Doing::Seek;
                    return Step::Pass(indent + 1);
                }
                _ => {}
            }
        }
        match memchr(b'\n', bytes) {
            Some(end) => {
                self.doing = Doing::Recover { at_line: true };
                Step::Pass(end + 1)
            }
            None if bytes.is_empty() && ended => Step::End,
            None if bytes.is_empty() => Step::More,
            None => {
                self.doing = Doing::Recover { at_line: false };
                Step::Pass(bytes.len())
            }
        }
    }
}

/// Number of valid JSON bytes before a syntax error, if there is one.
fn syntax_error(bytes: &[u8]) -> Option<usize> {
    let error =
        serde_json::from_slice::<IgnoredAny>(bytes).err().filter(|error| !error.is_eof())?;
    let line = match error.line() {
        0 | 1 => 0,
        line => memchr_iter(b'\n', bytes).nth(line - 2)? + 1,
    };
    Some((line + error.column()).saturating_sub(1).clamp(1, bytes.len()))
}

/// The last byte that is not blank.
fn last(bytes: &[u8]) -> Option<u8> {
    bytes.iter().rev().find(|byte| !byte.is_ascii_whitespace()).copied()
}
