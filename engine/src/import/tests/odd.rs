//! Shapes into which tools convert a log, and what remains of it.

use super::shapes::{azure, counts, flat};
use super::*;

const HEAD: &str = "TimeGenerated,OperationName,Result,Id,AdditionalDetails,Level,Extra";

fn row(id: &str) -> String {
    format!(
        "2020-12-01T00:00:00Z,Send SMS to verify phone number,success,B2C_{id},\
         \"[{{\"\"key\"\":\"\"PhoneNumber\"\",\"\"value\"\":\"\"+14155550100\"\"}}]\",4,"
    )
}

async fn numbers(text: &str) -> Vec<String> {
    let events = import_bytes(text).await.memory.events();
    events.iter().filter_map(|event| event.phone).map(|phone| phone.to_string()).collect()
}

/// The lines that Windows PowerShell 5.1's `Export-Csv` and Excel put before a header.
#[tokio::test]
async fn lines_before_a_header_are_passed_over() {
    let table = format!("{HEAD}\r\n{}\r\n{}\r\n", row("1"), row("2"));
    let with =
        |mark: &str| table.replace(',', mark).replace(&format!("\"\"{mark}\"\""), "\"\",\"\"");
    // The named separator applies even if another one is more frequent.
    let commas = with(";").replace("Level", "a,b,c,d,e,f,g,h");
    for text in [
        format!("\u{feff}#TYPE Selected.System.Management.Automation.PSCustomObject\r\n{table}"),
        format!("sep=,\n{table}"),
        format!("\u{feff}sep=\\t\r\n{}", with("\t")),
        format!("sep=\t\r\n{}", with("\t")),
        format!("#TYPE System.Object\r\n\"sep=,\"\r\n{table}"),
        format!("sep=;\r\n{commas}"),
    ] {
        assert_eq!(counts(&text).await, [2, 2, 0, 0, 0], "{text}");
        assert_eq!(numbers(&text).await, ["+14155550100"; 2], "{text}");
    }
}

/// Excel for Mac.
#[tokio::test]
async fn carriage_returns_alone_end_lines() {
    let rows: String = (0..800).map(|id| row(&id.to_string()) + "\r").collect();
    let text = format!("{HEAD}\r{rows}");
    assert!(text.len() > 60_000);
    assert_eq!(counts(&text).await, [800, 800, 0, 0, 0]);
    // A line feed within quotes does not end a line, but still counts as one.
    let inside = row("1").replace("{\"\"", "{\n\"\"");
    let text = format!("#TYPE x\r{HEAD}\r{}\rx,y\r{inside}", row("0"));
    let done = import_bytes(text.as_bytes()).await;
    assert_eq!(done.counts(), [3, 2, 0, 0, 1], "{:?}", done.seen.rejected);
    assert_eq!(done.seen.rejected, ["log:4: malformed CSV: 2 cells where the header has 7"]);
}

/// Excel leaves out blank cells at a line's end; other tools end each line with a separator.
#[tokio::test]
async fn blank_cells_may_be_missing_or_too_many() {
    let whole = row("1");
    let short = row("2").trim_end_matches("4,").trim_end_matches(',').to_owned();
    let bare = "2020-12-01T00:00:00Z,Send SMS to verify phone number,success,B2C_3";
    let long = format!("{}, ,\"\",", row("4"));
    let text = format!("{HEAD}\n{whole}\n{short}\n{bare}\n{long}\n");
    assert_eq!(counts(&text).await, [4, 4, 0, 0, 0]);
    // Extra cells with content are an error, and cells that may be cut off do not count as blank.
    let surplus = format!("{},,x", row("5"));
    let text = format!("{HEAD}\n{surplus}\n2020-12-01T00:00:00Z,Send SMS\n{bare}");
    let done = import_bytes(text.as_bytes()).await;
    assert_eq!(done.counts(), [3, 0, 0, 0, 3]);
    assert_eq!(
        done.seen.rejected,
        [
            "log:2: malformed CSV: 9 cells where the header has 7",
            "log:3: malformed CSV: 2 cells where the header has 7",
            "log:4: malformed CSV: 4 cells where the header has 7",
        ]
    );
}

#[tokio::test]
async fn of_columns_that_are_there_twice_the_first_that_is_filled_counts() {
    let head = "Date (UTC),Activity,Result,CorrelationId,AdditionalDetail1Key,\
                AdditionalDetail1Value,AdditionalDetail2Key,AdditionalDetail2Value,Result,\
                CorrelationId";
    let row = |first: &str, second: &str| {
        format!(
            "2026-11-20T09:00:00Z,Send SMS to verify phone number,{first},PhoneNumber,+14155550100,\
             PolicyId,p,{second}\n"
        )
    };
    let text = format!("{head}\n{}{}", row("success,c1", ","), row(", ", "failure,c2"));
    let done = import_bytes(text).await;
    assert_eq!(done.counts(), [2, 2, 0, 0, 0], "{:?}", done.seen.rejected);
    let events = done.memory.events();
    let told = |at: usize| {
        let event: &Event = &events[at];
        (event.kind.as_str(), event.journey.clone().unwrap(), event.flow.clone().unwrap())
    };
    assert_eq!(told(0), ("sent", "c1".to_owned(), "p".to_owned()));
    assert_eq!(told(1), ("failed", "c2".to_owned(), "p".to_owned()));
}

#[tokio::test]
async fn blanks_of_any_kind_and_marks_in_a_header_say_nothing() {
    let head = HEAD.replace("TimeGenerated", "TimeGenerated\u{a0}[UTC]");
    let head = head.replace("OperationName", "\u{feff}OperationName").replace("Id", " Id\u{2007}");
    let text = format!("{head}\n{}\n", row("1"));
    assert_eq!(counts(&text).await, [1, 1, 0, 0, 0]);
    let portal = "Date\u{a0}(UTC),\u{feff}Activity, Result ,CorrelationId\n\
                  2026-11-20T09:00:00Z,Verify phone number,success,c\n";
    assert_eq!(counts(portal).await, [1, 1, 0, 0, 0]);
}

/// `Invoke-AzOperationalInsightsQuery | ConvertTo-Json`.
#[tokio::test]
async fn results_of_azure_powershell_are_records() {
    let (a, b) = (azure("1"), azure("2"));
    for text in [
        format!("{{\"Results\":[{a},{b}],\"Render\":null}}"),
        format!("{{\n  \"Results\": [\n    {a},\n    {b}\n  ]\n}}\n"),
        format!("{{\"Results\":{{\"value\":[{a},{b}],\"Count\":2}},\"Statistics\":{{\"a\":[1]}}}}"),
        format!("{{\"a\":1,\"Results\": {{ \n \"value\" : [{a},{b}],\"Count\":2}} }}\n"),
    ] {
        assert_eq!(counts(&text).await, [2, 2, 0, 0, 0], "{text}");
    }
    let many: Vec<String> = (0..500).map(|id| flat(&azure(&id.to_string()))).collect();
    let text = format!("{{\"Results\":[{}],\"Render\":null}}", many.join(","));
    assert_eq!(counts(&text).await, [500, 500, 0, 0, 0]);
    // Any other object is at least reported.
    let text = format!("{{\"Results\":{{\"Rows\":{a}}}}}");
    assert_eq!(counts(&text).await, [1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn lists_in_a_list_are_read() {
    let (a, b, c) = (event(1), event(2), event(3));
    for text in [
        format!("[[{a}],[{b},{c}],[]]"),
        format!("[\n  [\n    {a}\n  ],\n  [\n    {b},\n    {c}\n  ]\n]\n"),
        format!("{{\"value\":[ [ [{a}] ], [{b}] , {c}]}}"),
    ] {
        assert_eq!(counts(&text).await, [3, 3, 0, 0, 0], "{text}");
    }
    // An array without records affects only itself, and an endless one takes no memory.
    assert_eq!(counts(&format!("[[1],{a}]")).await[1], 1);
    import_bytes("[".repeat(1_000_000)).await.counts();
}

/// Pages concatenated by a function that made a mistake between them.
#[tokio::test]
async fn a_broken_piece_between_pages_costs_itself() {
    let page = |id: u8| format!("{{\"records\":[{},{}]}}", event(id), event(id + 1));
    for broken in ["{\"pageNumber\":0}}]}", "]}", "}} ]", "oops}"] {
        let done = import_bytes(format!("{}{broken}{}", page(1), page(3))).await;
        let rejected = 1 + u64::from(broken.starts_with('{'));
        assert_eq!(done.counts(), [4 + rejected, 4, 0, 0, rejected], "{broken}");
    }
    let text = format!("{}{{\"pageNumber\":0}}}}]}}{}", page(1), page(3));
    assert_eq!(counts(&text).await, [6, 4, 0, 0, 2]);
}

/// `az ... -o jsonc`, written to a file.
#[tokio::test]
async fn colours_are_taken_out() {
    let colour = |text: &str| {
        text.replace("\"id\"", "\u{1b}[94m\"id\"\u{1b}[39;49;00m").replace('{', "{\u{1b}[37m")
    };
    let (a, b) = (event(1), event(2));
    for text in [
        colour(&format!("[\n  {a},\n  {b}\n]\n")),
        colour(&format!("{a}\n{b}\n")),
        format!("\u{1b}[37m{}\u{1b}[39;49;00m\n{b}", colour(&a)),
    ] {
        assert_eq!(counts(&text).await, [2, 2, 0, 0, 0], "{text}");
        assert!(import_bytes(text).await.outcome.resume.is_none());
    }
}

#[tokio::test]
async fn archives_are_named() {
    let mut tar = b"y=2026/PT1H.json".to_vec();
    tar.resize(257, 0);
    tar.extend(b"ustar\x0000");
    tar.resize(512, 0);
    tar.extend(event(1).as_bytes());
    for (bytes, what) in [
        (tar.clone(), "a tar archive"),
        (bad::gzip(&tar), "a tar archive"),
        (bad::gzip(&bad::gzip(event(1).as_bytes())), "compressed with gzip twice"),
        (b"PK\x03\x04\x14\x00".to_vec(), "a ZIP archive"),
    ] {
        let done = import_bytes(bytes.clone()).await;
        assert_eq!(done.counts(), [0; 5]);
        let told = done.outcome.error.unwrap().to_string();
        assert!(told.contains(what), "{told}");
        let slow = import_slowly(&bytes, 7).await.outcome.error.unwrap().to_string();
        assert_eq!(slow, told);
    }
}
