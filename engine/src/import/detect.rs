//! Detects the kind of a file from its beginning.

use super::input::MARK;
use memchr::{memchr, memchr2};

/// What the file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON: lines, an array, or an object that contains one.
    Json,
    /// A table with a header.
    Csv {
        /// The byte that separates cells.
        delimiter: u8,
        /// Whether its lines end with carriage returns only.
        returns: bool,
    },
}

/// Most bytes examined. More would make no difference: a header is one line.
const HEAD: usize = 64 << 10;

/// Files that people mistake for logs, by their first bytes, with advice.
const MAGIC: &[(&[u8], &str)] = &[
    (
        b"PK\x03\x04",
        "is a ZIP archive or a spreadsheet (XLSX); unpack it, or save the sheet as CSV",
    ),
    (b"PK\x05\x06", "is an empty ZIP archive"),
    (b"\x1f\x8b", "is compressed with gzip twice; unpack it once"),
    (b"\xd0\xcf\x11\xe0", "is a spreadsheet (XLS); save the sheet as CSV"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it, or pack it with gzip"),
    (b"BZh", "is compressed with bzip2; unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "is compressed with xz; unpack it, or pack it with gzip"),
    (b"PAR1", "is Parquet; export it as JSON or CSV"),
    (b"Obj\x01", "is Avro; export it as JSON or CSV"),
    (b"%PDF", "is a PDF; export it as JSON or CSV"),
];

/// Where the first header of a tar archive has its magic (POSIX.1-2017, pax, "ustar Interchange
/// Format"), and the magic.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// What the bytes begin with, and how many to skip before it; `None` if more are needed.
pub(super) fn detect(bytes: &[u8], ended: bool) -> Option<Result<(Kind, usize), &'static str>> {
    if bytes.len() < 6 && !ended {
        return None;
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(Err(what));
    }
    if is_tar(bytes, ended)? {
        return Some(Err("is a tar archive; unpack it and import the files in it"));
    }
    let mut skip = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
    let text = &bytes[skip..];
    if memchr(0, &text[..text.len().min(4)]).is_some() {
        return Some(Err(
            "is UTF-16 without a byte-order mark, UTF-32 or not text; save it as UTF-8",
        ));
    }
    let more = !ended && bytes.len() < HEAD;
    let mut delimiter = None;
    let text = loop {
        let text = &bytes[skip..];
        let Some(first) = text.iter().position(|byte| !byte.is_ascii_whitespace()) else {
            // Only blanks: JSON lines without any record so far.
            return (!more).then_some(Ok((Kind::Json, skip)));
        };
        skip += first;
        let text = &bytes[skip..];
        match preamble(text, more)? {
            None => break text,
            Some((length, said)) => {
                skip += length;
                delimiter = said.or(delimiter);
            }
        }
    };
    if matches!(text[0], b'{' | b'[' | 0x1e) {
        return Some(Ok((Kind::Json, skip)));
    }
    let (header, returns) = header(text, more)?;
    // A single broken line before good ones is a bad record, not a table.
    match text[header.len()..].iter().find(|byte| !byte.is_ascii_whitespace()) {
        None if more => return None,
        Some(b'{') => return Some(Ok((Kind::Json, skip))),
        _ => {}
    }
    let delimiter = delimiter.unwrap_or_else(|| usual_delimiter(header));
    Some(Ok((Kind::Csv { delimiter, returns }, skip)))
}

/// Whether it is a tar archive: a text file has no zeros before the magic's position.
fn is_tar(bytes: &[u8], ended: bool) -> Option<bool> {
    let (at, name) = TAR;
    match bytes.get(at..at + name.len()) {
        Some(said) => Some(said == name),
        None if !ended && memchr(0, bytes).is_some() => None,
        None => Some(false),
    }
}

/// A line before a table's header, and the separator that it names: `#TYPE ...`, which Windows
/// PowerShell 5.1's `Export-Csv` writes, or Excel's `sep=;`. Returns the line's length.
fn preamble(text: &[u8], more: bool) -> Option<Option<(usize, Option<u8>)>> {
    const BEGINNINGS: [&[u8]; 3] = [b"#TYPE ", b"sep=", b"\"sep="];
    let head = &text[..text.len().min(6)];
    let begins = |with: &&[u8]| {
        let common = with.len().min(head.len());
        head[..common].eq_ignore_ascii_case(&with[..common])
    };
    let Some(begin) = BEGINNINGS.iter().copied().find(|with| begins(with)) else {
        return Some(None);
    };
    let end = match memchr2(b'\n', b'\r', text) {
        Some(end) => end,
        None if more => return None,
        None => text.len(),
    };
    let line = &text[..end];
    let Some(rest) = line.get(begin.len()..) else { return Some(None) };
    if begin[0] == b'#' {
        return Some(Some((end, None)));
    }
    let said = match rest.trim_ascii_end().strip_suffix(b"\"") {
        Some(quoted) if begin[0] == b'"' => quoted,
        _ => rest,
    };
    Some(match said {
        b"\\t" => Some((end, Some(b'\t'))),
        [first, others @ ..] if first.is_ascii() && others.iter().all(|byte| byte == first) => {
            Some((end, Some(*first)))
        }
        _ => None,
    })
}

/// A table's first line, and whether a carriage return alone ends it; everything, if nothing ends
/// it.
fn header(text: &[u8], more: bool) -> Option<(&[u8], bool)> {
    let newline = memchr(b'\n', text);
    let before = &text[..newline.unwrap_or(text.len())];
    if let Some(end) = unquoted_return(before) {
        // Some tools write several carriage returns before a line feed.
        match text[end..].iter().find(|byte| **byte != b'\r') {
            None if more => return None,
            Some(b'\n') => {}
            _ => return Some((&text[..end], true)),
        }
    }
    match newline {
        None if more => None,
        None => Some((text, false)),
        Some(end) => Some((&text[..end], false)),
    }
}

/// The first carriage return outside quotes.
fn unquoted_return(text: &[u8]) -> Option<usize> {
    let (mut at, mut quoted) = (0, false);
    while let Some(next) = memchr2(b'\r', b'"', &text[at..]) {
        match text[at + next] {
            b'"' => quoted = !quoted,
            _ if !quoted => return Some(at + next),
            _ => {}
        }
        at += next + 1;
    }
    None
}

/// The most frequent of the usual separators: spreadsheets in some countries write semicolons.
fn usual_delimiter(header: &[u8]) -> u8 {
    let count = |byte: u8| memchr::memchr_iter(byte, header).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        let table = |delimiter, returns, skip| Some(Ok((Kind::Csv { delimiter, returns }, skip)));
        for (bytes, expected) in [
            (&b"{\"id\":1}\n"[..], Some(Ok((Kind::Json, 0)))),
            (b"\xef\xbb\xbf [{", Some(Ok((Kind::Json, 4)))),
            (b"", Some(Ok((Kind::Json, 0)))),
            (b"\n\n", Some(Ok((Kind::Json, 0)))),
            (b"\xef\xbb\xbfa,b;c\n1,2", table(b',', false, 3)),
            (b"\na;b;c\n1;2;3", table(b';', false, 1)),
            (b"a\tb\n", table(b'\t', false, 0)),
            (b"a,b\r1,2\r", table(b',', true, 0)),
            (b"a,\"b\rc\"\n1,2\r", table(b',', false, 0)),
            (b"a,b\r\r\n1,2\r\r\n", table(b',', false, 0)),
            (b"#TYPE System.Object\r\na,b\r\n", table(b',', false, 21)),
            (b"#type x\rsep=;\ra,a,b;c\r", table(b';', true, 14)),
            (b"\"sep=,\"\na;b;c,d\n", table(b',', false, 8)),
            (b"sep=\t\na,b,c\td\n", table(b'\t', false, 6)),
            (b"sep=\\t\na,b,c\td\n", table(b'\t', false, 7)),
            (b"sep=ab,c\n1,2\n", table(b',', false, 0)),
            (b"sep=;\n", Some(Ok((Kind::Json, 5)))),
            (b"oops\n{\"id\":1}", Some(Ok((Kind::Json, 0)))),
        ] {
            assert_eq!(detect(bytes, true), expected, "{bytes:?}");
        }
        assert!(detect(b"{\0\"\0i\0", true).is_some_and(|kind| kind.is_err()));
        assert!(detect(b"PK\x03\x04xxxx", true).is_some_and(|kind| kind.is_err()));
        let mut tar = b"a.json".to_vec();
        tar.resize(257, 0);
        assert_eq!(detect(&tar, false), None);
        tar.extend(b"ustar\x0000");
        assert!(detect(&tar, true).is_some_and(|kind| kind.is_err_and(|why| why.contains("tar"))));
        for more in
            [&b""[..], b"abc", b"         ", b"a,b,c,d,e", b"a,b,c,d,e\n", b"a,b,c,d\r", b"sep=;;;"]
        {
            assert_eq!(detect(more, false), None);
        }
    }
}
