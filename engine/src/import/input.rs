//! Reads bytes: decompresses gzip, converts UTF-16 with a byte order mark to UTF-8, holds them in
//! one bounded buffer and tracks their position.

use super::colours::Colours;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read at once: large enough that system calls do not matter, small enough that an import
/// needs only a few megabytes.
const CHUNK: usize = 256 << 10;

/// The first two bytes of every gzip member (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The byte order mark U+FEFF in UTF-16, little and big endian (Unicode 16.0, section 23.8).
const UTF_16: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
/// The byte order mark in UTF-8.
pub(super) const MARK: &[u8] = "\u{feff}".as_bytes();

/// Counts the bytes that come out of a reader.
pub(super) struct Counting<R> {
    reader: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// How a stream was encoded, if not as plain UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wrapped {
    pub(super) gzip: bool,
    pub(super) utf16: bool,
}

impl Wrapped {
    /// Whether each byte in the output is the input's byte at the same position.
    pub(super) fn is_plain(self) -> bool {
        self == Self::default()
    }
}

/// The stream as decompressed UTF-8, and how it was encoded. `count` counts the input bytes.
pub(super) fn open(
    reader: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
) -> io::Result<(Box<dyn Read + Send>, Wrapped)> {
    let (head, whole) = begun(Counting { reader, count })?;
    let gzip = head == GZIP;
    let (reader, utf16) = if gzip {
        utf8(MultiGzDecoder::new(io::BufReader::with_capacity(CHUNK, whole)))?
    } else {
        utf8(whole)?
    };
    Ok((reader, Wrapped { gzip, utf16 }))
}

/// A stream as UTF-8 without a byte order mark, which also detects UTF-16. For streams whose
/// positions do not matter.
pub fn unmarked(reader: impl Read + Send) -> impl Read + Send {
    DecodeReaderBytesBuilder::new().utf8_passthru(true).strip_bom(true).build(reader)
}

/// Whether bytes begin with a byte order mark, so that [`unmarked`] changes them.
pub fn is_marked(bytes: &[u8]) -> bool {
    UTF_16.iter().any(|mark| bytes.starts_with(mark)) || bytes.starts_with(MARK)
}

/// A stream as UTF-8, and whether it was UTF-16. The byte order mark shows that, which Windows
/// PowerShell and Excel write. An unpaired surrogate becomes U+FFFD.
fn utf8(reader: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let (head, whole) = begun(reader)?;
    Ok(match UTF_16.contains(&head) {
        true => (Box::new(DecodeReaderBytes::new(whole)), true),
        false => (Box::new(whole), false),
    })
}

/// A stream whose first bytes have been examined.
type ExaminedStream<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first two bytes of a stream, and the whole stream.
fn begun<R: Read>(mut reader: R) -> io::Result<([u8; 2], ExaminedStream<R>)> {
    let mut head = Vec::with_capacity(2);
    reader.by_ref().take(2).read_to_end(&mut head)?;
    let first = <[u8; 2]>::try_from(head.as_slice()).unwrap_or_default();
    Ok((first, Cursor::new(head).chain(reader)))
}

/// A position in a stream. Line and column count from 1; columns count bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamPosition {
    /// Bytes before it, decompressed.
    pub offset: u64,
    /// Line, from 1.
    pub line: u64,
    /// Column in bytes, from 1.
    pub column: u64,
}

impl StreamPosition {
    /// Position of the first byte.
    pub const START: Self = Self { offset: 0, line: 1, column: 1 };

    /// The position after some bytes.
    pub(super) fn after(self, bytes: &[u8]) -> Self {
        let offset = self.offset + bytes.len() as u64;
        match memchr::memrchr(b'\n', bytes) {
            None => Self { offset, column: self.column + bytes.len() as u64, ..self },
            Some(last) => Self {
                offset,
                line: self.line + memchr::memchr_iter(b'\n', bytes).count() as u64,
                column: (bytes.len() - last) as u64,
            },
        }
    }
}

/// The part of a stream that is being examined. It grows only while a splitter needs more bytes for
/// one record, and splitters stop at 64 KiB.
pub(super) struct Buffer {
    reader: Box<dyn Read + Send>,
    data: Vec<u8>,
    start: usize,
    end: usize,
    place: StreamPosition,
    ended: bool,
    colours: Colours,
    /// Whether carriage returns are line ends; they are converted to line feeds.
    returns: bool,
}

impl Buffer {
    pub(super) fn new(reader: Box<dyn Read + Send>, place: StreamPosition) -> Self {
        let (data, colours) = (vec![0; CHUNK], Colours::default());
        Self { reader, data, start: 0, end: 0, place, ended: false, colours, returns: false }
    }

    /// Bytes read and not passed yet.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    /// Position of the first byte not passed yet.
    pub(super) fn place(&self) -> StreamPosition {
        self.place
    }

    /// Whether the stream ends after these bytes.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether positions in the buffer are positions in the file.
    pub(super) fn is_plain(&self) -> bool {
        !self.colours.dropped()
    }

    /// From here on carriage returns end lines: Excel for Mac writes only those.
    pub(super) fn end_lines_by_returns(&mut self) {
        self.returns = true;
        returns_to_line_ends(&mut self.data[self.start..self.end]);
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.data.len()
    }

    pub(super) fn pass(&mut self, count: usize) {
        let passed = &self.data[self.start..self.start + count];
        self.place = self.place.after(passed);
        self.start += count;
    }

    /// Reads more; may block.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.data.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.data.len() {
            self.data.resize(self.end + CHUNK, 0);
        }
        loop {
            match self.reader.read(&mut self.data[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    let rest = self.colours.rest();
                    self.put(&rest);
                }
                // So far, all of it may be the start of a colour sequence.
                Ok(count) if !self.take(count) => continue,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
            return Ok(());
        }
    }

    /// Appends read bytes to the buffer; returns whether that added any.
    fn take(&mut self, count: usize) -> bool {
        let read = self.end..self.end + count;
        if self.colours.concern(&self.data[read.clone()]) {
            let plain = self.colours.strip(&self.data[read]);
            self.put(&plain);
            return !plain.is_empty();
        }
        if self.returns {
            returns_to_line_ends(&mut self.data[read]);
        }
        self.end += count;
        true
    }

    /// Appends bytes to the buffer.
    fn put(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len();
        if end > self.data.len() {
            self.data.resize(end, 0);
        }
        let into = &mut self.data[self.end..end];
        into.copy_from_slice(bytes);
        if self.returns {
            returns_to_line_ends(into);
        }
        self.end = end;
    }
}

fn returns_to_line_ends(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
}
