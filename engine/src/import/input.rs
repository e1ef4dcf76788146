//! Bytes in: unpacked if they are gzip, UTF-8 if they are UTF-16 with its mark, held in one bounded
//! buffer, their place known.

use super::colours::Colours;
use bytes::Bytes;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Bytes asked for at once: large enough that system calls do not show, small enough that an
/// import needs few megabytes in all.
const CHUNK: usize = 256 << 10;

/// The first two bytes of every gzip member (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The mark U+FEFF as UTF-16 has it, little and big end first (Unicode 16.0, section 23.8).
const UTF_16: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
/// The same as UTF-8 has it.
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

/// What a stream was, other than plain UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wrapped {
    pub(super) gzip: bool,
    pub(super) utf16: bool,
}

impl Wrapped {
    /// Whether a byte that comes out of it is one that went in, at the same place.
    pub(super) fn is_plain(self) -> bool {
        self == Self::default()
    }
}

/// The stream as UTF-8, unpacked if need be, and what it was. `count` follows the bytes that go in.
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

/// A stream as UTF-8 without a mark at its beginning, by which UTF-16 is told. For streams whose
/// places nobody asks for.
pub fn unmarked(reader: impl Read + Send) -> impl Read + Send {
    DecodeReaderBytesBuilder::new().utf8_passthru(true).strip_bom(true).build(reader)
}

/// Whether bytes begin with a mark, so that [`unmarked`] makes others of them.
pub fn is_marked(bytes: &[u8]) -> bool {
    UTF_16.iter().any(|mark| bytes.starts_with(mark)) || bytes.starts_with(MARK)
}

/// A stream as UTF-8, and whether it was UTF-16: that is told by the mark at its beginning, which
/// Windows PowerShell and Excel write. Half a pair of surrogates becomes U+FFFD.
fn utf8(reader: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let (head, whole) = begun(reader)?;
    Ok(match UTF_16.contains(&head) {
        true => (Box::new(DecodeReaderBytes::new(whole)), true),
        false => (Box::new(whole), false),
    })
}

/// A stream whose first bytes have been looked at.
type Begun<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first two bytes of a stream, and the whole of it.
fn begun<R: Read>(mut reader: R) -> io::Result<([u8; 2], Begun<R>)> {
    let mut head = Vec::with_capacity(2);
    reader.by_ref().take(2).read_to_end(&mut head)?;
    let first = <[u8; 2]>::try_from(head.as_slice()).unwrap_or_default();
    Ok((first, Cursor::new(head).chain(reader)))
}

/// A place in a stream: bytes before it, its line and its column, both from 1; columns count bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Bytes before it, unpacked.
    pub offset: u64,
    /// Its line.
    pub line: u64,
    /// Its column.
    pub column: u64,
}

impl Place {
    /// The first byte.
    pub const START: Self = Self { offset: 0, line: 1, column: 1 };

    /// The place behind some bytes.
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

/// The part of a stream that is being looked at. It grows only as long as a splitter asks for
/// more behind one record, and splitters stop asking at 64 KiB.
pub(super) struct Buffer {
    reader: Box<dyn Read + Send>,
    data: Vec<u8>,
    start: usize,
    end: usize,
    place: Place,
    ended: bool,
    colours: Colours,
    /// Whether carriage returns are line ends, and become those that are expected.
    returns: bool,
}

impl Buffer {
    pub(super) fn new(reader: Box<dyn Read + Send>, place: Place) -> Self {
        let (data, colours) = (vec![0; CHUNK], Colours::default());
        Self { reader, data, start: 0, end: 0, place, ended: false, colours, returns: false }
    }

    /// What has been read and not been passed yet.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    /// Where that begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Whether nothing comes behind it.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether a place in it is one in its file.
    pub(super) fn is_plain(&self) -> bool {
        !self.colours.dropped()
    }

    /// From here on carriage returns are line ends: Excel for Mac knows no others.
    pub(super) fn end_lines_by_returns(&mut self) {
        self.returns = true;
        returns_to_line_ends(&mut self.data[self.start..self.end]);
    }

    /// Bytes of memory that it holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.data.len()
    }

    /// Passes some bytes.
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
                // So far it may all be the beginning of a colour.
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

    /// Takes bytes that have been read to the end of those at hand; whether there are any more now.
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

    /// Puts bytes behind those at hand.
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

/// The sending half of [`upload`].
#[derive(Debug)]
pub struct Upload(mpsc::Sender<io::Result<Bytes>>);

impl Upload {
    /// Hands on a piece of the body; waits while the import is behind. `false` when the import
    /// has ended and no more is wanted.
    pub async fn send(&self, piece: io::Result<Bytes>) -> bool {
        self.0.send(piece).await.is_ok()
    }
}

/// A stream that is fed piece by piece, such as a request's body. It ends when the sending half
/// is dropped.
pub fn upload() -> (Upload, impl Read + Send + 'static) {
    let (sender, receiver) = mpsc::channel(8);
    (Upload(sender), Pieces { receiver, piece: Bytes::new() })
}

struct Pieces {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.piece = piece?,
            }
        }
        let count = into.len().min(self.piece.len());
        into[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}
