//! Malformed and damaged files.

use super::*;
use crate::import::input::Buffer;
use crate::import::reader::{Item, Reader};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Counts, rejections, error.
async fn import_result(bytes: impl Into<Vec<u8>>) -> ([u64; 5], Vec<String>, Option<String>) {
    let bytes = bytes.into();
    let done = import_bytes(bytes.clone()).await;
    let slow = import_slowly(&bytes, 1_000).await;
    assert_eq!((done.counts(), &done.seen.rejected), (slow.counts(), &slow.seen.rejected));
    let error = done.outcome.error.as_ref().map(ToString::to_string);
    (done.counts(), done.seen.rejected, error)
}

#[tokio::test]
async fn malformed_json_has_line_and_column() {
    let lines = [event(1), r#"{"id":"2","time":}"#.to_owned(), event(3)].join("\n");
    let (counts, rejected, _) = import_result(lines).await;
    assert_eq!(counts, [3, 2, 0, 0, 1]);
    assert_eq!(rejected, ["log:2: malformed JSON at line 2, column 18: expected value"]);
    // Lines that end too early, inside a string or not, affect only themselves.
    for broken in
        [r#"{"id":"2","time":"20"#, r#"{"id":"2","#, r#"{"id":"2""#, "{", "oops", "}", "]"]
    {
        for at in 0..3 {
            let mut lines = vec![event(1), event(3)];
            lines.insert(at, broken.to_owned());
            let (counts, rejected, error) = import_result(lines.join("\n") + "\n").await;
            assert_eq!(counts, [3, 2, 0, 0, 1], "{broken} at {at}: {rejected:?} {error:?}");
            assert!(rejected[0].starts_with(&format!("log:{}: malformed", at + 1)), "{rejected:?}");
        }
    }
    // In an array, on one line and on several.
    let array = format!("[{}, {{\"id\": nope}}, {}]", event(1), event(3));
    let (counts, rejected, _) = import_result(array).await;
    assert_eq!(counts, [3, 2, 0, 0, 1]);
    assert_eq!(rejected, ["log:1: malformed JSON at line 1, column 66: expected ident"]);
    let array = format!(
        "[\n  {},\n  {{\n    \"id\": \"2,\n    \"a\": 1\n  }},\n  {}\n]",
        event(1),
        event(3)
    );
    let (counts, rejected, _) = import_result(array).await;
    assert_eq!(counts, [3, 2, 0, 0, 1], "{rejected:?}");
    assert!(rejected[0].starts_with("log:4: malformed JSON at line 4, column"), "{rejected:?}");
    // Arrays on lines.
    let batches =
        format!("{{\"records\":[{},{{\"id\":\"2\n{{\"records\":[{}]}}\n", event(1), event(3));
    let (counts, rejected, _) = import_result(batches).await;
    assert_eq!(counts, [3, 2, 0, 0, 1], "{rejected:?}");
    // A file that ends too early.
    let (counts, rejected, _) = import_result(format!("{{\"value\":[{},{{\"id\":", event(1))).await;
    assert_eq!(counts, [2, 1, 0, 0, 1]);
    assert!(rejected[0].contains("line 1, column 71: EOF"), "{rejected:?}");
    let (counts, rejected, _) = import_result(format!("[{},\n", event(1))).await;
    assert_eq!(counts, [2, 1, 0, 0, 1]);
    assert!(rejected[0].contains("ends before its list"), "{rejected:?}");
}

#[tokio::test]
async fn damage_in_a_document_on_one_line_costs_one_record() {
    let whole = event(500).replace("sent\"", "sent\",\"extra\":{\"a\":[{\"id\":\"x\"},{\"b\":1}]}");
    for broken in [
        // A missing quote, brace or bracket, then an extra one.
        whole.replace("\"kind\":", "\"kind:"),
        whole.replace("\"time\":\"", "\"time\":"),
        whole.replace("]}", "]"),
        whole.replace("]}", "}"),
        whole.replace("500\"", "500\"\""),
        // After a good element.
        whole.clone() + "}",
        // The list ends too early, or has an end without a beginning.
        whole.clone() + "]",
    ] {
        let events = |ids: std::ops::Range<u32>| ids.map(event).collect::<Vec<_>>().join(",");
        for count in [520, 5_000] {
            for (begin, end) in [("[", "]"), ("{\"x\":1,\"value\":[", "],\"next\":\"y\"}")] {
                let (before, after) = (events(0..500), events(501..count));
                let text = format!("{begin}{before},{broken},{after}{end}");
                let done = import_bytes(text.clone()).await;
                let [_, accepted, _, _, rejected] = done.counts();
                let seen = &done.seen.rejected[..done.seen.rejected.len().min(5)];
                assert!(accepted >= u64::from(count) - 1, "{broken} {accepted} {seen:?}");
                assert_eq!(rejected, 1, "{broken} {seen:?}");
                let slow = import_slowly(text.as_bytes(), 999).await;
                assert_eq!(slow.counts()[1], accepted, "{broken}");
            }
        }
    }
}

#[tokio::test]
async fn malformed_csv_has_line_and_column() {
    let head = "TimeGenerated,OperationName,Result,Id\n";
    let row = |id: &str| format!("2020-12-01T00:00:00Z,Verify phone number,success,{id}\n");
    for (broken, line, what) in [
        ("a,b\n", 3, "malformed CSV: 2 cells where the header has 4"),
        ("a,\"b\" c,d,e\n", 3, "malformed CSV: text behind a closing quote at line 3, column 6"),
        (
            "a,\"b,c,d\n",
            3,
            "malformed CSV: the quote that opens here is not closed within 65536 bytes at line 3, column 3",
        ),
    ] {
        let rest: String = (0..1_500).map(|id| row(&id.to_string())).collect();
        let (counts, rejected, _) =
            import_result(format!("{head}{}{broken}{rest}", row("x"))).await;
        assert_eq!(counts, [1_502, 1_501, 0, 0, 1], "{broken}: {rejected:?}");
        assert_eq!(rejected, [format!("log:{line}: {what}")]);
    }
    let (counts, rejected, _) = import_result(format!("{head}{}a,\"b,c,d\n", row("x"))).await;
    assert_eq!(counts, [2, 1, 0, 0, 1]);
    assert_eq!(rejected, ["log:4: the file ends before a quoted cell does, at line 4, column 1"]);
    let (_, _, error) = import_result("a,b,c\n1,2,3\n").await;
    assert!(error.unwrap().contains("neither JSON nor a CSV"));
}

#[tokio::test]
async fn wrong_encodings() {
    let utf16: Vec<u8> = event(1).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf32: Vec<u8> =
        format!("\u{feff}{}", event(1)).chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    for bytes in [utf16, utf32] {
        let (counts, _, error) = import_result(bytes).await;
        assert_eq!(counts, [0; 5]);
        assert!(error.unwrap().contains("save it as UTF-8"));
    }
    let latin = [event(1).as_bytes(), b"\n{\"id\":\"M\xfcnchen\"}\n", event(3).as_bytes()].concat();
    let (counts, rejected, _) = import_result(latin).await;
    assert_eq!(counts, [3, 2, 0, 0, 1]);
    assert_eq!(rejected, ["log:2: is not UTF-8 at line 2, column 9; save the file as UTF-8"]);
    let (_, _, error) = import_result(b"PK\x03\x04 a spreadsheet".to_vec()).await;
    assert!(error.unwrap().contains("XLSX"));
}

#[tokio::test]
async fn truncated_gzip_keeps_what_was_complete() {
    let text: String = (0..20_000).map(|id| event(id) + "\n").collect();
    let packed = gzip(text.as_bytes());
    let done = import_bytes(packed[..packed.len() / 2].to_vec()).await;
    let [read, accepted, ..] = done.counts();
    assert!(read == accepted && read > 5_000 && read < 20_000, "{read}");
    let error = done.outcome.error.unwrap().to_string();
    assert_eq!(
        error,
        format!(
            "log:{}: the gzip data ends too early; records before this line are kept",
            read + 1
        )
    );
    // Cut inside the checksum at its end: all records are kept.
    let done = import_bytes(packed[..packed.len() - 3].to_vec()).await;
    assert_eq!(done.counts()[1], 20_000);
    assert!(done.outcome.error.is_some());
    let mut damaged = packed.clone();
    for byte in &mut damaged[packed.len() / 2..][..40] {
        *byte ^= 0x55;
    }
    assert!(import_bytes(damaged).await.outcome.error.is_some());
    // Several concatenated members are one stream.
    let members = [gzip(event(1).as_bytes()), gzip(b"\n"), gzip(event(2).as_bytes())].concat();
    assert_eq!(import_bytes(members).await.counts(), [2, 2, 0, 0, 0]);
}

#[tokio::test]
async fn a_bomb_takes_no_memory() {
    // A string of 256 MiB, compressed to about 1 MiB, between good lines.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all((event(1) + "\n{\"id\":\"").as_bytes()).unwrap();
    let piece = vec![b'a'; 1 << 20];
    for _ in 0..256 {
        encoder.write_all(&piece).unwrap();
    }
    encoder.write_all(("\"}\n".to_owned() + &event(2)).as_bytes()).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 2 << 20);
    let done = import_bytes(bomb).await;
    assert_eq!(done.counts(), [3, 2, 0, 0, 1]);
    assert_eq!(done.seen.rejected, ["log:2: is longer than 65536 bytes at line 2, column 1"]);
    // Only the reader's buffer holds bytes of the stream.
    for begin in
        ["{\"a\":\"", "{\"a\":[[[", "[", "[{\"a\":\"", "{\"value\":[1", "x", "\"", "a,b,\"", " "]
    {
        let endless = io::Cursor::new(begin).chain(io::repeat(b'a').take(20 << 20));
        let buffer = Buffer::new(Box::new(endless), StreamPosition::START);
        let mut reader = Reader::new(buffer, false);
        loop {
            match reader.next() {
                Ok(Item::End | Item::Cut { .. }) | Err(_) => break,
                Ok(Item::Wait) => reader.fill().unwrap(),
                Ok(_) => {}
            }
            assert!(reader.held() <= 1 << 20, "{begin}");
        }
    }
}

#[tokio::test]
async fn long_records() {
    let long = |count: usize| {
        let filled = event(2).replace("sent\"", "sent\",\"extra\":{\"a\":\"\"}");
        let fill = "a".repeat(count - filled.len());
        filled.replace("\"\"}", &format!("\"{fill}\"}}"))
    };
    for (count, what) in [(65_536, "extra: has"), (65_537, "is longer than 65536 bytes")] {
        let line = long(count);
        assert_eq!(line.len(), count);
        for text in [
            [event(1), line.clone(), event(3)].join("\n"),
            [line.clone(), event(1), event(3)].join("\n"),
            format!("[{},{line},{}]", event(1), event(3)),
            format!("{{\"records\":[{line},{},{}]}}", event(1), event(3)),
        ] {
            let (counts, rejected, _) = import_result(text).await;
            assert_eq!(counts, [3, 2, 0, 0, 1], "{count}");
            assert!(rejected[0].contains(what), "{rejected:?}");
        }
    }
    // Far too long, and unclosed.
    let text = format!("{}\n{{\"id\":\"{}\n{}\n", event(1), "x".repeat(300_000), event(3));
    assert_eq!(import_result(text).await.0, [3, 2, 0, 0, 1]);
    let head = "TimeGenerated,OperationName,Result,Id\n";
    let row = "2020-12-01T00:00:00Z,Verify phone number,success,";
    let text = format!("{head}{row}1\n{row}{}\n{row}3\n", "x".repeat(300_000));
    let (counts, rejected, _) = import_result(text).await;
    assert_eq!(counts, [3, 2, 0, 0, 1]);
    assert_eq!(rejected, ["log:3: is longer than 65536 bytes at line 3, column 1"]);
    let mut deep = "[".repeat(30_000) + &"]".repeat(30_000);
    deep = format!("{{\"id\":\"1\",\"extra\":{{\"a\":{deep}}}}}");
    let (counts, rejected, _) = import_result(format!("{deep}\n{}", event(2))).await;
    assert_eq!(counts, [2, 1, 0, 0, 1]);
    assert!(rejected[0].contains("recursion limit"), "{rejected:?}");
}

#[tokio::test]
async fn values_that_cannot_be() {
    let with = |from: &str, to: &str| event(2).replace(from, to);
    let lines = [
        with("2026-11-20T09", "0001-01-01T00"),
        with("2026-11-20T09", "9999-12-31T00"),
        with("\"sent\"", "\"sent\",\"phone\":\"9.99E+10\",\"channel\":\"sms\""),
        with("\"sent\"", "\"sent\",\"user_agent\":\"++++++\""),
        with("\"sent\"", "\"sent\",\"user\":\"a\\u0000b\""),
        with("\"sent\"", "\"sent\",\"usr\":\"a\""),
    ];
    let (counts, rejected, _) = import_result(lines.join("\n")).await;
    assert_eq!(counts, [6, 1, 0, 0, 5]);
    for (line, what) in rejected.iter().zip([
        "log:1: time: must lie between",
        "log:2: time: must lie between",
        "log:3: phone: a spreadsheet wrote",
        "log:5: user: holds the character U+0000",
        "log:6: usr: is not a field",
    ]) {
        assert!(line.starts_with(what), "{line}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let missing = Input::File("/nowhere/at/all".into());
    let done = import_stream(missing, Options::new("x", now()).unwrap()).await;
    assert!(done.outcome.error.unwrap().to_string().starts_with("x: cannot be opened"));
    let directory = Input::File(std::env::temp_dir());
    let done = import_stream(directory, Options::new("x", now()).unwrap()).await;
    assert!(done.outcome.error.is_some());
}

proptest::proptest! {
    /// One wrong byte anywhere after the first record costs at most two records.
    #[test]
    fn one_wrong_byte_costs_little(
        place in 0..100_000_usize,
        byte in proptest::sample::select(b"\"\\{}[],:\nx \0\xff".to_vec()),
        shape in 0..5,
    ) {
        let events: Vec<String> = (0..300).map(event).collect();
        let (begin, text, end) = match shape {
            0 => ("", events.join("\n"), "\n"),
            1 => ("[", events.join(", "), "]"),
            2 => ("[\n", events.join(",\n"), "\n]"),
            3 => ("{\"records\": [\n  ", events.join(",\n  ").replace(",\"", ",\n    \""), "\n  ]\n}"),
            _ => ("{\"records\":[", events.join(","), "]}"),
        };
        let mut bytes = format!("{begin}{text}{end}").into_bytes();
        let first = event(0).len();
        let at = begin.len() + first + place % (text.len() - first);
        bytes[at] = byte;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(import_bytes(bytes));
        let [_, accepted, ..] = done.counts();
        proptest::prop_assert!(accepted >= 298, "{} {:?}", accepted, done.seen.rejected);
    }
}
