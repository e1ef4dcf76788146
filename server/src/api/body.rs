//! Request bodies of the intake: their types, their compression and their limits.
//!
//! A body is kept compressed and unpacked piece by piece while a separate thread parses it: only
//! one record is unpacked at a time, and parsing stops when the client disconnects or a limit is
//! reached.

use crate::failure::Failure;
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

/// The longest body after unpacking, in bytes (contract, section 3).
pub(crate) const LIMIT: usize = 32 << 20;
/// The most bodies parsed at once; limits the memory for unpacking.
const PARSERS: usize = 4;

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    /// One JSON document.
    Json,
    /// One JSON document on each line.
    Lines,
    /// Comma-separated values with a header.
    Csv,
}

/// A received body, possibly compressed.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    bytes: Bytes,
    gzip: bool,
    gone: Arc<AtomicBool>,
    fault: Arc<Mutex<Option<Failure>>>,
}

/// Receives a whole body of one of the `allowed` types.
///
/// # Errors
/// 413 if it is too large, 415 for another type, or a compression other than gzip.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: axum::body::Body,
    allowed: &[(&str, BodyFormat)],
) -> Result<(BodyFormat, Packed), Failure> {
    let form = form(headers, allowed)?;
    let gzip = match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        Some(encoding) if encoding.eq_ignore_ascii_case(b"gzip") => true,
        _ => {
            check_plain(headers, "Content-Encoding must be gzip, or absent")?;
            false
        }
    };
    Ok((form, Packed::new(bytes(body, LIMIT, too_large).await?, gzip)))
}

/// Refuses a compressed body with this message.
///
/// # Errors
/// 415 if it is compressed.
pub(crate) fn check_plain(headers: &HeaderMap, words: &str) -> Result<(), Failure> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes());
    if matches!(encoding, None | Some(b"" | b"identity")) {
        return Ok(());
    }
    Err(unsupported(words))
}

/// Receives a body of at most `limit` bytes.
///
/// # Errors
/// `too_large` if it has more, 400 if it ends too early.
pub(crate) async fn bytes(
    body: axum::body::Body,
    limit: usize,
    too_large: impl FnOnce() -> Failure,
) -> Result<Bytes, Failure> {
    match Limited::new(body, limit).collect().await {
        Ok(bytes) => Ok(bytes.to_bytes()),
        Err(error) if is_limit(&*error) => Err(too_large()),
        Err(_) => {
            Err(Failure::bad_request(Fault::Unreadable, "the body ended before it was complete"))
        }
    }
}

/// Whether a body exceeded this limit or the guard's.
fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_limit)
}

/// Converts a short body to UTF-8 without a byte-order mark.
pub(crate) fn text(bytes: Bytes) -> Bytes {
    if !is_marked(&bytes) {
        return bytes;
    }
    let mut text = Vec::with_capacity(bytes.len());
    // Reading from memory never fails.
    match unmarked(Cursor::new(bytes.clone())).read_to_end(&mut text) {
        Ok(_) => text.into(),
        Err(_) => bytes,
    }
}

impl Packed {
    pub(super) fn new(bytes: Bytes, gzip: bool) -> Self {
        Self { bytes, gzip, gone: Arc::default(), fault: Arc::default() }
    }

    /// The content, if it needs neither unpacking nor conversion to UTF-8.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        (!self.gzip && !is_marked(&self.bytes)).then_some(&self.bytes)
    }

    /// Reads the content piece by piece. With `document`, reading fails where JSON nests too deep.
    pub(crate) fn open(&self, document: bool) -> Unpacked {
        let bytes = Cursor::new(self.bytes.clone());
        let source: Box<dyn Read + Send> = match self.gzip {
            true => Box::new(unmarked(MultiGzDecoder::new(bytes))),
            false => Box::new(unmarked(bytes)),
        };
        // One byte more than allowed distinguishes "just fits" from "too large".
        let left = LIMIT + 1;
        Unpacked { source, left, depth: document.then(|| Depth::new(1)), packed: self.clone() }
    }

    /// Whether the client has disconnected.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Why reading failed; this takes precedence over the parser's error.
    pub(crate) fn fault(&self) -> Option<Failure> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Reads a body's content.
pub(crate) struct Unpacked {
    source: Box<dyn Read + Send>,
    left: usize,
    depth: Option<Depth>,
    packed: Packed,
}

impl Unpacked {
    fn piece(&mut self, into: &mut [u8]) -> Result<usize, Failure> {
        if self.packed.is_gone() {
            return Err(Failure::bad_request(Fault::Unreadable, "the client has gone"));
        }
        let most = into.len().min(self.left);
        let count = self.source.read(&mut into[..most]).map_err(|error| {
            let detail = match error.kind() {
                io::ErrorKind::UnexpectedEof => "the gzip data ends too early".to_owned(),
                _ => format!("the gzip data is broken: {error}"),
            };
            Failure::bad_request(Fault::Unreadable, detail)
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

/// Limits how many bodies are parsed at once. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Parsers(Arc<Semaphore>);

impl Default for Parsers {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(cores.clamp(1, PARSERS))))
    }
}

impl Parsers {
    /// Parses a body on a blocking thread, when one is free. Stops early when this future is
    /// dropped.
    ///
    /// # Errors
    /// Those of `work`; 500 if it panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        packed: Packed,
        work: impl FnOnce(&Packed) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let _gone = AbandonedOnDrop(Arc::clone(&packed.gone));
        let place = Arc::clone(&self.0).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&packed)
        });
        done.await.map_err(|error| Failure::internal(&error))?
    }
}

/// Marks a body as abandoned when dropped.
struct AbandonedOnDrop(Arc<AtomicBool>);

impl Drop for AbandonedOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn too_large() -> Failure {
    Failure::too_large(format!(
        "at most {} MiB after unpacking; send more, smaller batches",
        LIMIT >> 20
    ))
}

fn unsupported(words: impl Into<String>) -> Failure {
    Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Fault::UnsupportedType, words)
}

/// The format that `Content-Type` names.
///
/// # Errors
/// 415 if it is not in `allowed`.
pub(crate) fn form(
    headers: &HeaderMap,
    allowed: &[(&str, BodyFormat)],
) -> Result<BodyFormat, Failure> {
    let sent =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    allowed
        .iter()
        .find(|(name, _)| essence.eq_ignore_ascii_case(name))
        .map(|(_, form)| *form)
        .ok_or_else(|| {
            let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
            unsupported(format!("Content-Type must be {}", names.join(" or ")))
        })
}

/// How deep JSON may nest (contract, section 3).
const DEPTH: usize = 32;

/// The nesting depth of the JSON read so far.
#[derive(Debug)]
struct Depth {
    depth: usize,
    text: bool,
    escaped: bool,
    line: usize,
    column: usize,
}

impl Depth {
    fn new(line: usize) -> Self {
        Self { depth: 0, text: false, escaped: false, line, column: 0 }
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<(), Failure> {
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

    fn too_deep(&self) -> Failure {
        let Self { line, column, .. } = *self;
        let words = format!("JSON nests deeper than {DEPTH} at line {line} column {column}");
        Failure::bad_request(Fault::InvalidJson, words).with("line", line).with("column", column)
    }
}

/// Refuses JSON that nests deeper than allowed, before it is parsed. `line` is the number of its
/// first line in the body.
///
/// # Errors
/// 400 with line and column of the first bracket too many.
pub(crate) fn check_depth(bytes: &[u8], line: usize) -> Result<(), Failure> {
    Depth::new(line).pass(bytes)
}

/// 400 for JSON that cannot be parsed, with line and column.
pub(crate) fn malformed(error: &serde_json::Error) -> Failure {
    Failure::bad_request(Fault::InvalidJson, error.to_string())
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
        assert!(check_depth("[".repeat(32).as_bytes(), 1).is_ok());
        assert!(check_depth("[".repeat(33).as_bytes(), 1).is_err());
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(40), "{".repeat(40));
        assert!(check_depth(text.as_bytes(), 1).is_ok());
        assert!(check_depth("[],".repeat(100).as_bytes(), 1).is_ok());
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
