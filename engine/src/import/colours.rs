//! Removes a terminal's colour sequences (`ESC [ 94 m`), which command-line tools write into their
//! output: `az` with `-o jsonc` does. JSON never contains that byte.

use memchr::memchr;

const ESCAPE: u8 = 0x1b;
/// Longest sequence in bytes; anything longer is something else.
const LONGEST: usize = 24;

/// Removes sequences from a stream that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Colours {
    /// The start of a possible sequence, from the previous piece.
    held: Vec<u8>,
    /// Whether any sequence was removed.
    dropped: bool,
}

impl Colours {
    /// Whether any sequence was removed: then positions in the stream differ from those in the
    /// file.
    pub(super) fn dropped(&self) -> bool {
        self.dropped
    }

    /// Whether a piece may contain sequences.
    pub(super) fn concern(&self, piece: &[u8]) -> bool {
        !self.held.is_empty() || memchr(ESCAPE, piece).is_some()
    }

    /// A piece without its sequences.
    pub(super) fn strip(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(piece.len() + self.held.len());
        for byte in piece {
            match (self.held.len(), byte) {
                (1, b'[') => self.held.push(*byte),
                (2.., b'0'..=b'9' | b';') if self.held.len() < LONGEST => self.held.push(*byte),
                // Colours, and clearing to the end of the line.
                (2.., b'm' | b'K') => {
                    self.held.clear();
                    self.dropped = true;
                }
                _ => {
                    plain.append(&mut self.held);
                    match *byte {
                        ESCAPE => self.held.push(ESCAPE),
                        byte => plain.push(byte),
                    }
                }
            }
        }
        plain
    }

    /// The bytes left over at the end of the stream.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sequences_are_taken_out() {
        for (text, expected) in [
            ("{\x1b[37m\x1b[39;49;00m\n \x1b[94m\"a\"\x1b[K}", "{\n \"a\"}"),
            ("a\x1b\x1b[0mb\x1b]c\x1b[1Ad\x1b[", "a\x1bb\x1b]c\x1b[1Ad\x1b["),
            ("\x1b[1111111111111111111111111m", "\x1b[1111111111111111111111111m"),
            ("plain", "plain"),
        ] {
            for size in 1..=text.len() {
                let mut colours = Colours::default();
                let mut plain: Vec<u8> =
                    text.as_bytes().chunks(size).flat_map(|piece| colours.strip(piece)).collect();
                plain.extend(colours.rest());
                assert_eq!(String::from_utf8(plain).unwrap(), expected, "{size}");
                assert_eq!(colours.dropped(), text.contains("\x1b[0m") || text.contains("[K"));
            }
        }
    }
}
