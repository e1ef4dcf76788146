//! Request bodies of the intake: their types, their compression and their limits.

use crate::problem::Problem;
use axum::body::Body;
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::io::Read;

/// Bytes of a body after unpacking (contract, section 3).
pub const LIMIT: usize = 32 << 20;

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

/// Reads a body whole, unpacked.
///
/// # Errors
/// 413 when it is too large, 415 for a compression other than gzip, 400 when the gzip is broken.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let gzip = match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"" | b"identity") => false,
        Some(encoding) if encoding.eq_ignore_ascii_case(b"gzip") => true,
        Some(_) => {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_encoding",
                "Content-Encoding must be gzip, or absent",
            ));
        }
    };
    let bytes = Limited::new(body, LIMIT).collect().await.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            too_large()
        } else {
            Problem::bad_request("broken_body", "the body ended before it was whole")
        }
    })?;
    let bytes = bytes.to_bytes();
    if gzip { unpack(&bytes) } else { Ok(bytes.to_vec()) }
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    // One byte more than allowed tells "just fits" from "too large", whatever it would grow to.
    let limit = LIMIT as u64 + 1;
    MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut out).map_err(|error| {
        let detail = match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "the gzip data ends too early".to_owned(),
            _ => format!("the gzip data is broken: {error}"),
        };
        Problem::bad_request("broken_gzip", detail)
    })?;
    if out.len() > LIMIT { Err(too_large()) } else { Ok(out) }
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "at most 32 MiB after unpacking; send more, smaller batches",
    )
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
                "unsupported_type",
                format!("Content-Type must be {}", names.join(" or ")),
            )
        })
}

/// How deep JSON may nest (contract, section 3).
const DEPTH: usize = 32;

/// Refuses JSON that nests deeper than allowed, before anything is built of it.
///
/// # Errors
/// 400 with line and column of the first bracket too many.
pub fn check_depth(bytes: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    let (mut line, mut column) = (1_usize, 0_usize);
    for byte in bytes {
        column += 1;
        match byte {
            b'\n' => (line, column) = (line + 1, 0),
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => {
                depth += 1;
                if depth > DEPTH {
                    return Err(Problem::bad_request(
                        "too_deep",
                        format!("JSON nests deeper than {DEPTH} at line {line} column {column}"),
                    )
                    .with("line", line)
                    .with("column", column));
                }
            }
            b'}' | b']' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// 400 for JSON that cannot be read, with line and column.
pub fn malformed(error: &serde_json::Error) -> Problem {
    Problem::bad_request("malformed_json", error.to_string())
        .with("line", error.line())
        .with("column", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_texts() {
        assert!(check_depth("[".repeat(32).as_bytes()).is_ok());
        assert!(check_depth("[".repeat(33).as_bytes()).is_err());
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(40), "{".repeat(40));
        assert!(check_depth(text.as_bytes()).is_ok());
        assert!(check_depth("[],".repeat(100).as_bytes()).is_ok());
    }
}
