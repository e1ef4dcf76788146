//! Finds the next record after damage.

use super::frame::{FrameStep, LIMIT, beginning, blanks};
use super::json::{Json, Level, SplitterState};
use domain::Fault;
use memchr::{memchr, memchr_iter, memmem};
use serde::de::IgnoredAny;

impl Json {
    /// An element of a list that does not end where it should. If it is malformed and not only
    /// unfinished, searches for the next element by how elements begin: exports write all alike.
    pub(super) fn damaged(&mut self, bytes: &[u8]) -> Option<FrameStep> {
        if !matches!(self.levels.last(), Some(Level::List { .. })) {
            return None;
        }
        let at = syntax_error(bytes)?;
        let beginning = match self.beginning.as_slice() {
            [] => beginning(bytes)?.to_vec(),
            seen => seen.to_vec(),
        };
        self.doing = SplitterState::Again { beginning, last: last(&bytes[..at]).unwrap_or(b'{') };
        Some(FrameStep::Bad { at, fault: Fault::InvalidJson, message: "malformed JSON", next: at })
    }

    /// Whether an element of a list may contain its neighbours because of a misplaced bracket.
    pub(super) fn swallows(&self, bytes: &[u8]) -> bool {
        !self.beginning.is_empty()
            && memmem::find_iter(bytes, self.beginning.as_slice())
                .any(|at| last(&bytes[..at]) == Some(b','))
    }

    /// Gives up on a list that can no longer be followed; what comes next is examined as it comes.
    pub(super) fn drop_list(&mut self) -> FrameStep {
        self.levels.pop();
        self.doing = SplitterState::Seek;
        FrameStep::Bad { at: 0, fault: Fault::InvalidJson, message: "malformed JSON", next: 1 }
    }

    /// Skips bytes until a value begins like the damaged one.
    pub(super) fn again(&mut self, bytes: &[u8], ended: bool) -> FrameStep {
        let SplitterState::Again { beginning, last: before } = &mut self.doing else {
            return FrameStep::Pass(0);
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
            self.doing = SplitterState::Seek;
            return FrameStep::Pass(at);
        }
        if let Some(end) = line {
            self.doing = SplitterState::Seek;
            return FrameStep::Pass(end + 1);
        }
        if ended {
            return if bytes.is_empty() { FrameStep::End } else { FrameStep::Pass(bytes.len()) };
        }
        // The beginning may be cut by the end of the buffer.
        match bytes.len().saturating_sub(beginning.len()) {
            0 => FrameStep::More,
            pass => {
                *before = last(&bytes[..pass]).unwrap_or(*before);
                FrameStep::Pass(pass)
            }
        }
    }

    /// Skips lines until one begins a value where values begin, or closes the list.
    pub(super) fn recover(&mut self, bytes: &[u8], at_line: bool, ended: bool) -> FrameStep {
        let wanted = match self.levels.last() {
            Some(Level::List { indent: Some(indent), .. }) => *indent,
            _ => 0,
        };
        if at_line {
            let indent = blanks(bytes);
            match bytes.get(indent) {
                _ if memchr(b'\n', &bytes[..indent]).is_some() => {}
                None if !ended && indent <= LIMIT => return FrameStep::More,
                Some(b'{') if indent == wanted => {
                    self.doing = SplitterState::Seek;
                    return if indent > 0 {
                        FrameStep::Pass(indent)
                    } else {
                        self.step(bytes, 1, ended)
                    };
                }
                Some(b']') if indent < wanted && !self.levels.is_empty() => {
                    self.levels.pop();
                    self.doing = SplitterState::Seek;
                    return FrameStep::Pass(indent + 1);
                }
                _ => {}
            }
        }
        match memchr(b'\n', bytes) {
            Some(end) => {
                self.doing = SplitterState::Recover { at_line: true };
                FrameStep::Pass(end + 1)
            }
            None if bytes.is_empty() && ended => FrameStep::End,
            None if bytes.is_empty() => FrameStep::More,
            None => {
                self.doing = SplitterState::Recover { at_line: false };
                FrameStep::Pass(bytes.len())
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
