//! What a file is, told by how it begins.

use super::input::MARK;
use memchr::memchr;

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON: lines, an array, or an object that holds one.
    Json,
    /// A table with a header; the byte between its cells.
    Csv(u8),
}

/// Bytes looked at, at most. More would make no difference: a header is one line.
const HEAD: usize = 64 << 10;

/// Files that people take for logs, by their first bytes, and what to do instead.
const MAGIC: &[(&[u8], &str)] = &[
    (
        b"PK\x03\x04",
        "is a ZIP archive or a spreadsheet (XLSX); unpack it, or save the sheet as CSV",
    ),
    (b"\xd0\xcf\x11\xe0", "is a spreadsheet (XLS); save the sheet as CSV"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it, or pack it with gzip"),
    (b"BZh", "is compressed with bzip2; unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "is compressed with xz; unpack it, or pack it with gzip"),
    (b"PAR1", "is Parquet; export it as JSON or CSV"),
    (b"Obj\x01", "is Avro; export it as JSON or CSV"),
    (b"%PDF", "is a PDF; export it as JSON or CSV"),
];

/// What the bytes begin, and how many to pass over before; `None` when more are needed.
pub(super) fn detect(bytes: &[u8], ended: bool) -> Option<Result<(Kind, usize), &'static str>> {
    if bytes.len() < 6 && !ended {
        return None;
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(Err(what));
    }
    let skip = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
    let text = &bytes[skip..];
    if memchr(0, &text[..text.len().min(4)]).is_some() {
        return Some(Err("is UTF-16 without its mark, UTF-32 or no text at all; save it as UTF-8"));
    }
    let Some(first) = text.iter().position(|byte| !byte.is_ascii_whitespace()) else {
        if !ended && bytes.len() < HEAD {
            return None;
        }
        // Nothing but blanks: JSON lines, none so far.
        return Some(Ok((Kind::Json, skip)));
    };
    let text = &text[first..];
    if matches!(text[0], b'{' | b'[' | 0x1e) {
        return Some(Ok((Kind::Json, skip)));
    }
    let header = match memchr(b'\n', text) {
        None if !ended && bytes.len() < HEAD => return None,
        None => text,
        Some(end) => {
            // One broken line before good ones is one bad record, not a table.
            match text[end..].iter().find(|byte| !byte.is_ascii_whitespace()) {
                None if !ended && bytes.len() < HEAD => return None,
                Some(b'{') => return Some(Ok((Kind::Json, skip))),
                _ => {}
            }
            &text[..end]
        }
    };
    Some(Ok((Kind::Csv(delimiter(header)), skip + first)))
}

/// The commonest of the usual separators: spreadsheets of some countries write semicolons.
fn delimiter(header: &[u8]) -> u8 {
    let count = |byte: u8| memchr::memchr_iter(byte, header).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        for (bytes, expected) in [
            (&b"{\"id\":1}\n"[..], Some(Ok((Kind::Json, 0)))),
            (b"\xef\xbb\xbf [{", Some(Ok((Kind::Json, 3)))),
            (b"", Some(Ok((Kind::Json, 0)))),
            (b"\n\n", Some(Ok((Kind::Json, 0)))),
            (b"\xef\xbb\xbfa,b;c\n1,2", Some(Ok((Kind::Csv(b','), 3)))),
            (b"\na;b;c\n1;2;3", Some(Ok((Kind::Csv(b';'), 1)))),
            (b"a\tb\n", Some(Ok((Kind::Csv(b'\t'), 0)))),
            (b"oops\n{\"id\":1}", Some(Ok((Kind::Json, 0)))),
        ] {
            assert_eq!(detect(bytes, true), expected, "{bytes:?}");
        }
        assert!(detect(b"{\0\"\0i\0", true).is_some_and(|kind| kind.is_err()));
        assert!(detect(b"PK\x03\x04xxxx", true).is_some_and(|kind| kind.is_err()));
        for more in [&b""[..], b"abc", b"         ", b"a,b,c,d,e", b"a,b,c,d,e\n"] {
            assert_eq!(detect(more, false), None);
        }
    }
}
