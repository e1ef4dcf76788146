//! Shapes of files.

use super::*;
use proptest::prelude::*;
use std::io::Write as _;

pub(super) fn azure(id: &str) -> String {
    format!(
        r#"{{"id":"B2C_{id}","activityDisplayName":"Verify phone number","result":"success",
            "activityDateTime":"2020-12-01T00:00:00Z","loggedByService":"B2C",
            "additionalDetails":[{{"key":"PhoneNumber","value":"+14155550100"}},
            {{"key":"VerificationMethod","value":"PhoneCall"}}]}}"#
    )
}

pub(super) fn flat(text: &str) -> String {
    text.replace('\n', " ")
}

pub(super) async fn counts(text: &str) -> [u64; 5] {
    let whole = import_bytes(text).await;
    assert!(whole.outcome.error.is_none(), "{:?}", whole.outcome.error);
    let slow = import_slowly(text.as_bytes(), 3).await;
    assert_eq!(whole.counts(), slow.counts(), "{text}");
    assert_eq!(whole.seen.rejected, slow.seen.rejected, "{text}");
    whole.counts()
}

fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(bytes).collect()
}

/// What Windows PowerShell and Excel write, and concatenated files.
#[tokio::test]
async fn utf_16_and_marks_are_read() {
    let (a, b, c) = (event(1), event(2), flat(&azure("3")));
    let page = |records: &str| format!("{{\n  \"value\": [\n    {records}\n  ]\n}}\n");
    let mark = '\u{feff}';
    for text in [
        format!("{a}\r\n{b}\r\n{c}\r\n"),
        format!("[{a},{b},{c}]"),
        page(&format!("{a},\n    {b},\n    {c}")),
        format!("{a}\n{mark}{b}\n{mark}{c}\n"),
        format!("{}{mark}{}", page(&a), page(&format!("{b},{c}"))),
        format!("{}\n{mark}{}", flat(&page(&format!("{a},{b}"))), flat(&page(&c))),
        format!("[{a}]{mark}[{b}] {mark}{mark}{c}{mark}"),
    ] {
        for bytes in [
            text.clone().into_bytes(),
            format!("{mark}{text}").into_bytes(),
            utf16(&text, u16::to_le_bytes),
            utf16(&text, u16::to_be_bytes),
        ] {
            for step in [1, 2, 3, 5, 1 << 20] {
                let done = import_slowly(&bytes, step).await;
                assert!(done.outcome.error.is_none(), "{:?}: {text}", done.outcome.error);
                assert_eq!(done.counts(), [3, 3, 0, 0, 0], "{step}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn all_of_them() {
    let (a, b, c) = (event(1), event(2), flat(&azure("3")));
    let pretty = azure("4");
    for text in [
        // Lines, with and without a final line end, with blank lines, commas, carriage returns.
        format!("{a}\n{b}\n{c}"),
        format!("\n{a}\r\n\r\n{b}\r\n{c}\r\n"),
        format!("{a},\n{b},\n{c},\n"),
        format!("\u{feff}{a}\n{b}\n{c}\n"),
        format!("{a}{b}{c}"),
        format!("\u{1e}{a}\n\u{1e}{b}\n\u{1e}{c}\n"),
        // Arrays.
        format!("[{a},{b},{c}]"),
        format!("[\n  {a},\n  {b},\n  {pretty}\n]\n"),
        format!(" [ {a} ]\n[{b},{c}]"),
        // Objects around a list.
        format!(r#"{{"@odata.context":"x[y]","value":[{a},{b},{c}],"@odata.nextLink":"{{"}}"#),
        format!("{{\n\"records\" :\n[\n{a}\n,{b},{pretty}] }}"),
        // One batch of an event hub per line, concatenated pages.
        format!("{{\"records\":[{a},{b}]}}\n{{\"records\":[{c}]}}\n"),
        format!("[{{\"records\":[{a},{b}]}},{{\"records\":[{c}]}}]"),
        // Values that span several lines, one after the other.
        format!("{pretty}\n{}\n{}\n", azure("5"), azure("6")),
    ] {
        assert_eq!(counts(&text).await, [3, 3, 0, 0, 0], "{text}");
    }
    for text in ["", "\n\n", "[]", "{\"value\":[]}", "\u{feff}"] {
        assert_eq!(counts(text).await, [0; 5], "{text}");
    }
    let again = format!("{a}\n{a}\n{}\n", flat(&azure("1").replace("phone number\"", "email\"")));
    assert_eq!(counts(&again).await, [3, 1, 1, 1, 0]);
}

#[tokio::test]
async fn an_answer_of_log_analytics() {
    let details = r#"[{\"key\":\"PhoneNumber\",\"value\":\"+14155550100\"}]"#;
    let row = |id: &str| {
        format!(
            r#"["2020-12-01T00:00:00Z","Make phone call to verify phone number","success","{id}",null,"{details}"]"#
        )
    };
    let text = format!(
        r#"{{"tables":[{{"name":"PrimaryResult","columns":[{{"name":"TimeGenerated","type":"datetime"}},
        {{"name":"OperationName","type":"string"}},{{"name":"Result"}},{{"name":"Id"}},{{"name":"Level"}},
        {{"name":"AdditionalDetails","type":"dynamic"}}],"rows":[{},{},["short"]]}}]}}"#,
        row("B2C_1"),
        row("B2C_2"),
    );
    assert_eq!(counts(&text).await, [3, 2, 0, 0, 1]);
    let events = import_bytes(text).await.memory.events();
    assert_eq!(events[0].phone.unwrap().to_string(), "+14155550100");
}

#[tokio::test]
async fn tables() {
    let row = |id: &str| {
        format!(
            r#"12/1/2020, 4:05:45.659 AM;Verify phone number;success;B2C_{id};"[{{""key"":""Client"",""value"":""a;b
c""}}]""#
        )
    };
    let head = "TimeGenerated [UTC];OperationName;Result;Id;AdditionalDetails;Something";
    let text = format!("{head}\r\n{};1\r\n\r\n{};\"\"\n{};", row("1"), row("2"), row("3"));
    // A line end inside a JSON string: malformed JSON in valid CSV.
    assert_eq!(counts(&text).await, [3, 0, 0, 0, 3]);
    let good = text.replace("b\nc", "b c");
    assert_eq!(counts(&good).await, [3, 3, 0, 0, 0]);
    let events = import_bytes(good).await.memory.events();
    assert_eq!(events[0].user_agent.as_deref(), Some("a;b c"));
}

#[tokio::test]
async fn formats_that_the_user_names() {
    let options = |format: &str| Options {
        shape: Shape { format: format.parse().unwrap(), ..Shape::default() },
        ..Options::new("log", now()).unwrap()
    };
    let unnamed = flat(&azure("1")).replace("\"loggedByService\":\"B2C\",", "");
    let unnamed = unnamed.replace("B2C_1", "1");
    for (format, source) in
        [("auto", "entra"), ("azure", "entra"), ("b2c", "b2c"), ("entra", "entra")]
    {
        let input = Box::new(io::Cursor::new(unnamed.clone().into_bytes()));
        let done = import_stream(input, options(format)).await;
        assert_eq!(done.memory.events()[0].source.as_str(), source, "{format}");
    }
    for (format, text, counts) in [
        ("neutral", event(1), [1, 1, 0, 0, 0]),
        ("neutral", unnamed.clone(), [1, 0, 0, 0, 1]),
        ("b2c", event(1), [1, 0, 0, 0, 1]),
    ] {
        let input = Box::new(io::Cursor::new(text.into_bytes()));
        assert_eq!(import_stream(input, options(format)).await.counts(), counts);
    }
    assert!("twilio2".parse::<Format>().is_err());
}

#[tokio::test]
async fn a_stream_is_committed_as_it_comes() {
    let (stream, mut writer) = io::pipe().unwrap();
    let memory = Arc::new(Memory::default());
    let sink = Arc::clone(&memory);
    let task = tokio::spawn(async move {
        let options = Options::new("-", now()).unwrap();
        import(Input::Stream(Box::new(stream)), options, &*sink, &mut (), &CancellationToken::new())
            .await
    });
    writer.write_all((event(1) + "\n" + &event(2) + "\n{").as_bytes()).unwrap();
    for _ in 0..500 {
        if memory.keys().len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(memory.keys().len(), 2);
    drop(writer);
    let outcome = task.await.unwrap();
    assert_eq!((outcome.report.accepted, outcome.report.rejected), (2, 1));
}

#[tokio::test]
async fn called_off_it_keeps_what_is_committed() {
    /// Cancels the import after some batches.
    struct Off(Memory, CancellationToken);

    impl Sink for Off {
        async fn submit(&self, events: Vec<Event>) -> Result<BatchCounts, QueueError> {
            if self.0.keys().len() > 3_000 {
                self.1.cancel();
            }
            self.0.submit(events).await
        }
    }

    let text: String = (0..100_000).map(|id| event(id) + "\n").collect();
    let stop = CancellationToken::new();
    let sink = Off(Memory::default(), stop.clone());
    let input = Box::new(io::Cursor::new(text.into_bytes()));
    let options = Options::new("log", now()).unwrap();
    let outcome = import(Input::Stream(input), options, &sink, &mut (), &stop).await;
    assert!(outcome.error.is_none());
    assert_eq!(outcome.report.accepted as usize, sink.0.keys().len());
    assert!(outcome.report.accepted < 50_000, "{:?}", outcome.report);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic_or_hang(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        text in "[\\[\\]{}\",:\\\\\n a0valuerecords]{0,200}",
        step in 1_usize..50,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for bytes in [bytes, text.clone().into_bytes(), format!("{{{text}").into_bytes(),
            format!("OperationName,TimeGenerated\n{text}").into_bytes()]
        {
            let whole = runtime.block_on(import_bytes(bytes.clone()));
            let slow = runtime.block_on(import_slowly(&bytes, step));
            prop_assert_eq!(whole.counts(), slow.counts());
            prop_assert_eq!(whole.seen.rejected, slow.seen.rejected);
        }
    }
}
