//! Records of a body, one after another: no list of them is built, and none is looked at past the
//! limit of a batch.

use super::body::{self, Form, Packed};
use super::intake;
use crate::problem::Problem;
use domain::Fault;
use serde::Deserialize as _;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::io::{BufRead, BufReader, Read as _};

/// Bytes of one record at most (contract, section 3).
const RECORD: usize = 64 << 10;
/// Bytes unpacked at once.
const PIECE: usize = 64 << 10;

/// A record as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record<'a> {
    /// Its bytes.
    Whole(&'a [u8]),
    /// Longer than allowed: how long it is.
    Long(usize),
}

impl<'a> Record<'a> {
    /// Why it is not taken, when it is too long.
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

/// Reads every record of a body.
///
/// # Errors
/// 413 past the limits of a batch, 400 for what is no JSON as a whole or cannot be unpacked.
pub(super) fn parse<T>(
    packed: &Packed,
    form: Form,
    read: impl Fn(Record<'_>) -> T,
) -> Result<Vec<T>, Problem> {
    let mut all = Vec::new();
    let each = |record: Record<'_>| {
        intake::check_count(all.len() + 1)?;
        all.push(read(record));
        Ok(())
    };
    let done = match form {
        Form::Lines => lines(packed, each),
        _ => documents(packed, each),
    };
    // What the reader says comes before what a parser made of its silence.
    if let Some(fault) = packed.fault() {
        return Err(fault);
    }
    done.map(|()| all)
}

/// The lines that are not blank.
fn lines(
    packed: &Packed,
    mut each: impl FnMut(Record<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let broken = |_| Problem::bad_request(Fault::Unreadable, "the body cannot be read");
    let mut from = BufReader::with_capacity(PIECE, packed.open(false));
    let mut line = Vec::new();
    let mut number = 1;
    loop {
        number += skip_blank(&mut from).map_err(broken)?;
        line.clear();
        // A line end behind a record of full length, and one byte that tells of more.
        let most = RECORD as u64 + 3;
        let read = from.by_ref().take(most).read_until(b'\n', &mut line).map_err(broken)?;
        if read == 0 {
            return Ok(());
        }
        let ended = line.ends_with(b"\n");
        let (rest, full) = if ended { (0, 0) } else { skip_line(&mut from).map_err(broken)? };
        // Files that were put behind each other have a mark before each.
        let whole = line.trim_ascii();
        let whole = whole.strip_prefix("\u{feff}".as_bytes()).unwrap_or(whole);
        if whole.len() > RECORD || full > 0 {
            each(Record::Long(if full > 0 { line.len() + full } else { whole.len() }))?;
        } else {
            body::check_depth_of_line(whole, number)?;
            each(Record::Whole(whole))?;
        }
        number += usize::from(ended) + rest;
    }
}

/// Passes whitespace; how many lines ended in it.
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

/// Passes the rest of a line: how many lines ended, and how long it was up to its last byte that is
/// not blank.
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

/// The documents of a JSON body: its one object, or the elements of its array.
fn documents(
    packed: &Packed,
    each: impl FnMut(Record<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    if let Some(bytes) = packed.plain() {
        body::check_depth(bytes)?;
        let array = bytes.trim_ascii_start().first() == Some(&b'[');
        return elements(serde_json::Deserializer::from_slice(bytes), array, packed, each);
    }
    let mut head = BufReader::with_capacity(PIECE, packed.open(false));
    let broken = |_| Problem::bad_request(Fault::Unreadable, "the body cannot be read");
    skip_blank(&mut head).map_err(broken)?;
    let array = head.fill_buf().map_err(broken)?.first() == Some(&b'[');
    let from = BufReader::with_capacity(PIECE, packed.open(true));
    elements(serde_json::Deserializer::from_reader(from), array, packed, each)
}

fn elements<'de, R: serde_json::de::Read<'de>>(
    mut json: serde_json::Deserializer<R>,
    array: bool,
    packed: &Packed,
    mut each: impl FnMut(Record<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
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

/// Hands on the elements of an array until one is not wanted.
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

    /// The records, by their text or their length when that is too much; or the problem's status.
    fn records(form: Form, text: &[u8]) -> Result<Vec<String>, u16> {
        let show = |record: Record<'_>| match record {
            Record::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Record::Long(length) => length.to_string(),
        };
        let status = |problem: Problem| {
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
        let of = |text: &[u8]| records(Form::Lines, text);
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
        let of = |text: &[u8]| records(Form::Json, text);
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
        for (form, head, one) in [(Form::Lines, "", "1\n"), (Form::Json, "[1", ",1")] {
            let fits = format!("{head}{}", one.repeat(9_999));
            let fits = if form == Form::Json { fits + "]" } else { fits + "1" };
            assert_eq!(records(form, fits.as_bytes()).unwrap().len(), 10_000);
            // What follows is no JSON, and would be told if it were looked at.
            let over = format!("{head}{} nonsense [[[", one.repeat(20_000));
            let plain = parse(&Packed::new(over.into_bytes().into(), false), form, |_| ());
            let status = axum::response::IntoResponse::into_response(plain.unwrap_err()).status();
            assert_eq!(status.as_u16(), 413, "{form:?}");
        }
    }
}
