//! Reads the records of a body one by one, without building a list of them, and stops at the limit
//! of a batch.

use super::body::{self, BodyFormat, Packed};
use super::intake;
use crate::failure::Failure;
use domain::Fault;
use serde::Deserialize as _;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::io::{BufRead, BufReader, Read as _};

/// The longest record, in bytes (contract, section 3).
const RECORD: usize = 64 << 10;
/// The size of the buffer for unpacking, in bytes.
const PIECE: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record<'a> {
    Whole(&'a [u8]),
    /// Longer than allowed; with its length in bytes.
    Long(usize),
}

impl<'a> Record<'a> {
    /// The record, or the rejection of one that is too long.
    pub(super) fn bytes(self) -> Result<&'a [u8], domain::sources::Rejection> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::Long(length) => Err(domain::sources::Rejection::new(
                Fault::TooLong,
                "",
                format!("the record is {length} bytes long; at most {RECORD} are allowed"),
            )),
        }
    }
}

/// # Errors
/// 413 beyond the limits of a batch, 400 if the body is not JSON or cannot be unpacked.
pub(super) fn parse<T>(
    packed: &Packed,
    form: BodyFormat,
    read: impl Fn(Record<'_>) -> T,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let each = |record: Record<'_>| {
        if all.len() == intake::BATCH {
            return Err(intake::too_many());
        }
        all.push(read(record));
        Ok(())
    };
    let done = match form {
        BodyFormat::Lines => lines(packed, each),
        _ => documents(packed, each),
    };
    // The reader's error is the cause of the parser's.
    if let Some(fault) = packed.fault() {
        return Err(fault);
    }
    done.map(|()| all)
}

/// Reads NDJSON; blank lines are skipped.
fn lines(
    packed: &Packed,
    mut each: impl FnMut(Record<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut from = BufReader::with_capacity(PIECE, packed.open(false));
    let mut line = Vec::new();
    let mut number = 1;
    loop {
        number += skip_blank(&mut from).map_err(broken)?;
        line.clear();
        // A record of full length, its line end, and one byte more to detect a longer one.
        let most = RECORD as u64 + 3;
        let read = from.by_ref().take(most).read_until(b'\n', &mut line).map_err(broken)?;
        if read == 0 {
            return Ok(());
        }
        let ended = line.ends_with(b"\n");
        let (rest, full) = if ended { (0, 0) } else { skip_line(&mut from).map_err(broken)? };
        // Concatenated files may have a byte-order mark before each.
        let whole = line.trim_ascii();
        let whole = whole.strip_prefix("\u{feff}".as_bytes()).unwrap_or(whole);
        if whole.len() > RECORD || full > 0 {
            each(Record::Long(if full > 0 { line.len() + full } else { whole.len() }))?;
        } else {
            body::check_depth(whole, number)?;
            each(Record::Whole(whole))?;
        }
        number += usize::from(ended) + rest;
    }
}

fn broken(_: std::io::Error) -> Failure {
    Failure::bad_request(Fault::Unreadable, "the body cannot be read")
}

/// Skips whitespace; returns the number of line ends in it.
fn skip_blank(from: &mut impl BufRead) -> std::io::Result<usize> {
    let mut lines = 0;
    loop {
        let bytes = from.fill_buf()?;
        let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        lines += bytes[..blank].iter().filter(|byte| **byte == b'\n').count();
        let more = blank == bytes.len() && blank > 0;
        from.consume(blank);
        if !more {
            return Ok(lines);
        }
    }
}

/// Skips the rest of a line; returns the number of line ends (0 or 1) and the length without
/// trailing blanks.
fn skip_line(from: &mut impl BufRead) -> std::io::Result<(usize, usize)> {
    let (mut passed, mut full) = (0, 0);
    loop {
        let bytes = from.fill_buf()?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let line = &bytes[..end.unwrap_or(bytes.len())];
        if let Some(last) = line.iter().rposition(|byte| !byte.is_ascii_whitespace()) {
            full = passed + last + 1;
        }
        passed += line.len();
        let (length, over) = (line.len(), bytes.is_empty());
        from.consume(length + usize::from(end.is_some()));
        if end.is_some() || over {
            return Ok((usize::from(end.is_some()), full));
        }
    }
}

/// Reads a JSON body: its one object, or the elements of its array.
fn documents(
    packed: &Packed,
    each: impl FnMut(Record<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if let Some(bytes) = packed.plain() {
        body::check_depth(bytes, 1)?;
        let array = bytes.trim_ascii_start().first() == Some(&b'[');
        return elements(serde_json::Deserializer::from_slice(bytes), array, packed, each);
    }
    let mut head = BufReader::with_capacity(PIECE, packed.open(false));
    skip_blank(&mut head).map_err(broken)?;
    let array = head.fill_buf().map_err(broken)?.first() == Some(&b'[');
    let from = BufReader::with_capacity(PIECE, packed.open(true));
    elements(serde_json::Deserializer::from_reader(from), array, packed, each)
}

fn elements<'de, R: serde_json::de::Read<'de>>(
    mut json: serde_json::Deserializer<R>,
    array: bool,
    packed: &Packed,
    mut each: impl FnMut(Record<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut stop = None;
    let mut take = |raw: &RawValue| {
        let bytes = raw.get().as_bytes();
        let long = bytes.len() > RECORD;
        let record = if long { Record::Long(bytes.len()) } else { Record::Whole(bytes) };
        stop = each(record).err();
        stop.is_none() && !packed.is_gone()
    };
    let read = if array {
        json.deserialize_seq(Each(&mut take))
    } else {
        Box::<RawValue>::deserialize(&mut json).map(|raw| _ = take(&raw))
    };
    let read = read.and_then(|()| json.end());
    match (stop, read) {
        (Some(stop), _) => Err(stop),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(body::malformed(&error)),
    }
}

/// Passes the elements of an array to a function until it returns false.
struct Each<'a, F>(&'a mut F);

impl<'de, F: FnMut(&RawValue) -> bool> Visitor<'de> for Each<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(raw) = elements.next_element::<Box<RawValue>>()? {
            if !(self.0)(&raw) {
                return Err(A::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    /// The texts of the records, or the lengths of those that are too long; or the status of the
    /// error.
    fn records(form: BodyFormat, text: &[u8]) -> Result<Vec<String>, u16> {
        let show = |record: Record<'_>| match record {
            Record::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Record::Long(length) => length.to_string(),
        };
        let status = |problem: Failure| {
            axum::response::IntoResponse::into_response(problem).status().as_u16()
        };
        let plain = parse(&Packed::new(text.to_vec().into(), false), form, show).map_err(status);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text).unwrap();
        let gzip = Packed::new(gzip.finish().unwrap().into(), true);
        assert_eq!(parse(&gzip, form, show).map_err(status), plain, "packed and plain are one");
        plain
    }

    fn some(texts: &[&str]) -> Result<Vec<String>, u16> {
        Ok(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn lines_are_records() {
        let of = |text: &[u8]| records(BodyFormat::Lines, text);
        assert_eq!(of(b""), some(&[]));
        assert_eq!(of(b" \r\n\n\t"), some(&[]));
        assert_eq!(of(b"a\n\n b \r\nc"), some(&["a", "b", "c"]));
        for (length, blank, shown) in [
            (RECORD, 0, RECORD),
            (RECORD, 9, RECORD),
            (RECORD, 200_000, RECORD),
            (RECORD + 1, 0, RECORD + 1),
            (RECORD + 1, 200_000, RECORD + 1),
            (300_000, 3, 300_000),
        ] {
            let text = format!("x\n{}{}\r\ny", "1".repeat(length), " ".repeat(blank));
            let found = of(text.as_bytes()).unwrap();
            let middle = if length > RECORD { found[1].parse() } else { Ok(found[1].len()) };
            assert_eq!((found.len(), middle), (3, Ok(shown)), "{length} and {blank} blanks");
        }
        let deep = format!("1\n\n{}", "[".repeat(33));
        assert_eq!(of(deep.as_bytes()), Err(400));
    }

    #[test]
    fn elements_are_records() {
        let of = |text: &[u8]| records(BodyFormat::Json, text);
        assert_eq!(of(b" {\"a\": 1} "), some(&["{\"a\": 1}"]));
        assert_eq!(of(b"\n[1, {\"b\":[2]} ,\"c\"]"), some(&["1", "{\"b\":[2]}", "\"c\""]));
        assert_eq!(of(b"[]"), some(&[]));
        for broken in [&b""[..], b"[1", b"[1] 2", b"{} {}", b"[1,]", b"nonsense", b"[\"\xe9\"]"] {
            assert_eq!(of(broken), Err(400), "{broken:?}");
        }
        let long = format!("[1, \"{}\"]", "x".repeat(RECORD));
        assert_eq!(of(long.as_bytes()), some(&["1", &(RECORD + 2).to_string()]));
    }

    #[test]
    fn nothing_is_read_behind_the_last_record_that_is_allowed() {
        for (form, head, one) in [(BodyFormat::Lines, "", "1\n"), (BodyFormat::Json, "[1", ",1")] {
            let fits = format!("{head}{}", one.repeat(9_999));
            let fits = if form == BodyFormat::Json { fits + "]" } else { fits + "1" };
            assert_eq!(records(form, fits.as_bytes()).unwrap().len(), 10_000);
            // The rest is not JSON; reading it would be an error.
            let over = format!("{head}{} nonsense [[[", one.repeat(20_000));
            let plain = parse(&Packed::new(over.into_bytes().into(), false), form, |_| ());
            let status = axum::response::IntoResponse::into_response(plain.unwrap_err()).status();
            assert_eq!(status.as_u16(), 413, "{form:?}");
        }
    }
}
