//! Request bodies of the intake: their types, their compression and their limits.
//!
//! A body is kept as it came, packed if it was, and unpacked piece by piece while it is parsed,
//! on threads of their own: however much it would grow to, no more of it is held than one record,
//! and nothing goes on when its client has gone or a limit is reached.

use crate::problem::Problem;
use axum::body::Bytes;
use domain::Fault;
use engine::import::{is_marked, unmarked};
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Bytes of a body after unpacking (contract, section 3).
pub const LIMIT: usize = 32 << 20;
/// Bodies parsed at once at most, so that what unpacking holds stays small.
const PARSERS: usize = 4;

/// What a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON document.
    Json,
    /// One JSON document on each line.
    Lines,
    /// Comma-separated values with a header.
    Csv,
}

/// A body as it came.
#[derive(Debug, Clone)]
pub struct Packed {
    bytes: Bytes,
    gzip: bool,
    gone: Arc<AtomicBool>,
    fault: Arc<Mutex<Option<Problem>>>,
}

/// Reads a body whole.
///
/// # Errors
/// 413 when it is too large, 415 for a compression other than gzip.
pub async fn read(headers: &HeaderMap, body: axum::body::Body) -> Result<Packed, Problem> {
    let gzip = match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        Some(encoding) if encoding.eq_ignore_ascii_case(b"gzip") => true,
        _ => {
            check_plain(headers, "Content-Encoding must be gzip, or absent")?;
            false
        }
    };
    Ok(Packed::new(bytes(body, LIMIT, too_large).await?, gzip))
}

/// Refuses a body that is compressed, in these words.
///
/// # Errors
/// 415.
pub fn check_plain(headers: &HeaderMap, words: &str) -> Result<(), Problem> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes());
    if matches!(encoding, None | Some(b"" | b"identity")) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Fault::UnsupportedType, words))
}

/// The bytes of a body that has at most so many.
///
/// # Errors
/// `too_large` when it has more, 400 when it ends too early.
pub async fn bytes(
    body: axum::body::Body,
    limit: usize,
    too_large: impl FnOnce() -> Problem,
) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(bytes) => Ok(bytes.to_bytes()),
        Err(error) if is_limit(&*error) => Err(too_large()),
        Err(_) => {
            Err(Problem::bad_request(Fault::Unreadable, "the body ended before it was whole"))
        }
    }
}

/// Whether a body was too long, for this reader or for the guard's before it.
fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_limit)
}

/// A short body as UTF-8 without a mark.
pub fn text(bytes: Bytes) -> Bytes {
    if !is_marked(&bytes) {
        return bytes;
    }
    let mut text = Vec::with_capacity(bytes.len());
    // Bytes in memory can always be read.
    match unmarked(Cursor::new(bytes.clone())).read_to_end(&mut text) {
        Ok(_) => text.into(),
        Err(_) => bytes,
    }
}

impl Packed {
    pub(super) fn new(bytes: Bytes, gzip: bool) -> Self {
        Self { bytes, gzip, gone: Arc::default(), fault: Arc::default() }
    }

    /// What it holds, if it came as it is: unpacked, and UTF-8 without a mark.
    pub fn plain(&self) -> Option<&[u8]> {
        (!self.gzip && !is_marked(&self.bytes)).then_some(&self.bytes)
    }

    /// What it holds, piece by piece. A JSON document that nests too deep ends there.
    pub fn open(&self, document: bool) -> Unpacked {
        let bytes = Cursor::new(self.bytes.clone());
        let source: Box<dyn Read + Send> = match self.gzip {
            true => Box::new(unmarked(MultiGzDecoder::new(bytes))),
            false => Box::new(unmarked(bytes)),
        };
        // One byte more than allowed tells "just fits" from "too large", whatever it would grow to.
        let left = LIMIT + 1;
        Unpacked { source, left, depth: document.then(Depth::default), packed: self.clone() }
    }

    /// Whether nobody waits for it any more.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Why reading ended too early, if that was it, instead of what its parser made of that.
    pub fn fault(&self) -> Option<Problem> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body's content.
pub struct Unpacked {
    source: Box<dyn Read + Send>,
    left: usize,
    depth: Option<Depth>,
    packed: Packed,
}

impl std::fmt::Debug for Unpacked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacked").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Unpacked {
    fn piece(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        if self.packed.is_gone() {
            return Err(Problem::bad_request(Fault::Unreadable, "the client has gone"));
        }
        let most = into.len().min(self.left);
        let count = self.source.read(&mut into[..most]).map_err(|error| {
            let detail = match error.kind() {
                io::ErrorKind::UnexpectedEof => "the gzip data ends too early".to_owned(),
                _ => format!("the gzip data is broken: {error}"),
            };
            Problem::bad_request(Fault::Unreadable, detail)
        })?;
        self.left -= count;
        if self.left == 0 {
            return Err(too_large());
        }
        if let Some(depth) = &mut self.depth {
            depth.pass(&into[..count])?;
        }
        Ok(count)
    }
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.piece(into).map_err(|problem| {
            *self.packed.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
            io::Error::other("the body cannot be read on")
        })
    }
}

/// The threads that bodies are parsed on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Parsers(Arc<Semaphore>);

impl Default for Parsers {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(cores.clamp(1, PARSERS))))
    }
}

impl Parsers {
    /// Parses a body on a thread that nothing else waits for, when one is free. It ends early when
    /// this future is dropped.
    ///
    /// # Errors
    /// `work`'s own.
    pub async fn run<T: Send + 'static>(
        &self,
        packed: Packed,
        work: impl FnOnce(&Packed) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _gone = Gone(Arc::clone(&packed.gone));
        let place = Arc::clone(&self.0).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&packed)
        });
        done.await.map_err(|error| Problem::internal(&error))?
    }
}

/// Says that nobody waits any more, when it is dropped.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn too_large() -> Problem {
    let words = format!("at most {} MiB after unpacking; send more, smaller batches", LIMIT >> 20);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Fault::TooLargeBody, words)
}

/// The form that `Content-Type` names, out of those allowed.
///
/// # Errors
/// 415 with what is allowed.
pub fn form(headers: &HeaderMap, allowed: &[(&str, Form)]) -> Result<Form, Problem> {
    let sent =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    allowed
        .iter()
        .find(|(name, _)| essence.eq_ignore_ascii_case(name))
        .map(|(_, form)| *form)
        .ok_or_else(|| {
            let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
            Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Fault::UnsupportedType,
                format!("Content-Type must be {}", names.join(" or ")),
            )
        })
}

/// How deep JSON may nest (contract, section 3).
const DEPTH: usize = 32;

/// How deep the JSON nests that has been passed.
#[derive(Debug)]
struct Depth {
    depth: usize,
    text: bool,
    escaped: bool,
    line: usize,
    column: usize,
}

impl Default for Depth {
    fn default() -> Self {
        Self { depth: 0, text: false, escaped: false, line: 1, column: 0 }
    }
}

impl Depth {
    fn pass(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        for byte in bytes {
            self.column += 1;
            match byte {
                b'\n' => (self.line, self.column) = (self.line + 1, 0),
                _ if self.escaped => self.escaped = false,
                b'\\' if self.text => self.escaped = true,
                b'"' => self.text = !self.text,
                b'{' | b'[' if !self.text => {
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(self.too_deep());
                    }
                }
                b'}' | b']' if !self.text => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(())
    }

    fn too_deep(&self) -> Problem {
        let Self { line, column, .. } = *self;
        let words = format!("JSON nests deeper than {DEPTH} at line {line} column {column}");
        Problem::bad_request(Fault::InvalidJson, words).with("line", line).with("column", column)
    }
}

/// Refuses JSON that nests deeper than allowed, before anything is built of it.
///
/// # Errors
/// 400 with line and column of the first bracket too many.
pub fn check_depth(bytes: &[u8]) -> Result<(), Problem> {
    Depth::default().pass(bytes)
}

/// The same for one line of many, by its number from 1.
///
/// # Errors
/// 400 with line and column of the first bracket too many.
pub fn check_depth_of_line(bytes: &[u8], line: usize) -> Result<(), Problem> {
    Depth { line, ..Depth::default() }.pass(bytes)
}

/// 400 for JSON that cannot be read, with line and column.
pub fn malformed(error: &serde_json::Error) -> Problem {
    Problem::bad_request(Fault::InvalidJson, error.to_string())
        .with("line", error.line())
        .with("column", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    #[test]
    fn depth_counts_brackets_outside_texts() {
        assert!(check_depth("[".repeat(32).as_bytes()).is_ok());
        assert!(check_depth("[".repeat(33).as_bytes()).is_err());
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(40), "{".repeat(40));
        assert!(check_depth(text.as_bytes()).is_ok());
        assert!(check_depth("[],".repeat(100).as_bytes()).is_ok());
    }

    fn gzip(bytes: &[u8]) -> Packed {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        Packed::new(gzip.finish().unwrap().into(), true)
    }

    #[test]
    fn as_much_as_is_allowed_comes_out_and_no_more() {
        let mut all = Vec::new();
        let fits = gzip(&vec![b' '; LIMIT]);
        assert_eq!(fits.open(false).read_to_end(&mut all).unwrap(), LIMIT);
        assert!(fits.fault().is_none());
        let bomb = gzip(&vec![b' '; LIMIT + 1]);
        assert!(bomb.open(false).read_to_end(&mut Vec::new()).is_err());
        assert!(bomb.fault().is_some());
    }

    #[tokio::test]
    async fn work_ends_when_its_client_has_gone() {
        let (began, begins) = tokio::sync::oneshot::channel();
        let (ended, ends) = tokio::sync::oneshot::channel();
        let parsers = Parsers::default();
        let parse = move |packed: &Packed| {
            let _ = began.send(());
            while packed.open(false).read(&mut [0]).is_ok() {}
            let _ = ended.send(());
            Ok(())
        };
        let work = tokio::spawn(async move { parsers.run(gzip(b"a"), parse).await });
        begins.await.unwrap();
        work.abort();
        ends.await.unwrap();
    }
}
