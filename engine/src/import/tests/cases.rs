//! Logs as people really have them (`testdata/cases`), and what each must become.

use super::*;
use domain::period::parse_time;

/// A file of those, its counts (read, accepted, duplicates, ignored, rejected), and the times of
/// its events as RFC 3339 has them.
struct Case(&'static str, [u64; 5], &'static [&'static str]);

const CASES: [Case; 9] = [
    // UTF-16LE with its mark: Windows PowerShell 5.1's Out-File.
    Case("01.json", [2, 2, 0, 0, 0], &["2026-11-20T09:01:01.123456Z"]),
    // Pages behind each other, each with a mark.
    Case("02.json", [4, 4, 0, 0, 0], &[]),
    Case("02b.json", [4, 4, 0, 0, 0], &[]),
    // `/Date(ms)/`, and as an object's value: Windows PowerShell 5.1's ConvertTo-Json.
    Case("03.json", [2, 2, 0, 0, 0], &["2026-11-20T09:03:01.123Z", "2026-11-20T09:03:05.123Z"]),
    // Details flattened by ConvertTo-Json at its default depth.
    Case("04.json", [3, 3, 0, 0, 0], &["2026-11-20T09:04:01.123456Z"]),
    // `az monitor log-analytics query`: every value a text, null is None.
    Case("11.json", [3, 3, 0, 0, 0], &["2026-11-20T09:11:01.123456Z"]),
    // Month first with AM and PM: noon and midnight.
    Case(
        "05.jsonl",
        [4, 4, 0, 0, 0],
        &[
            "2026-11-20T09:05:01Z",
            "2026-11-20T00:05:02Z",
            "2026-11-20T12:05:03Z",
            "2026-11-20T13:48:53Z",
        ],
    ),
    // Year first with slashes.
    Case("07.csv", [2, 2, 0, 0, 0], &["2026-11-20T09:07:01.403Z", "2026-11-20T00:07:02.001Z"]),
    // A leap second among other spellings of ISO 8601.
    Case(
        "35.json",
        [9, 9, 0, 0, 0],
        &[
            "2017-01-01T00:00:00Z",
            "2026-11-20T09:35:02Z",
            "2026-11-20T09:35:03Z",
            "2026-11-20T09:35:04Z",
            "2026-11-20T09:35:05Z",
            "2026-11-20T04:05:06.123456Z",
            "2026-11-20T09:35:07Z",
            "2026-11-21T00:00:00Z",
            "2026-11-20T09:35:09.5Z",
        ],
    ),
];

#[tokio::test]
async fn each_becomes_what_it_says() {
    for Case(name, counts, times) in CASES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
        let done = import_bytes(std::fs::read(folder.join(name)).unwrap()).await;
        assert!(done.outcome.error.is_none(), "{name}: {:?}", done.outcome.error);
        assert_eq!(done.counts(), counts, "{name}: {:?}", done.seen.rejected);
        let events = done.memory.events();
        for (event, time) in events.iter().zip(times) {
            assert_eq!(event.time, parse_time(time).unwrap(), "{name}: {}", event.id);
        }
    }
}

/// What a tool flattened is the same as what it did not; what it cut off is refused.
#[tokio::test]
async fn flattened_details_are_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let read =
        async |name| import_bytes(std::fs::read(folder.join(name)).unwrap()).await.memory.events();
    assert_eq!(read("04.json").await, read("04-good.json").await);
    let text = std::fs::read_to_string(folder.join("04.json")).unwrap();
    let mut records: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    records[0]["additionalDetails"] = "System.Object[]".into();
    records[1]["additionalDetails"][3] = "System.Collections.Hashtable".into();
    records[2]["targetResources"] = serde_json::json!(["System.Object"]);
    let done = import_bytes(serde_json::to_string(&records).unwrap()).await;
    assert_eq!(done.counts(), [3, 0, 0, 0, 3]);
    let told = done.seen.rejected;
    assert!(told.iter().all(|line| line.contains("ConvertTo-Json -Depth")), "{told:?}");
}

#[tokio::test]
async fn az_writes_none_for_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let done = import_bytes(std::fs::read(folder.join("11.json")).unwrap()).await;
    for event in done.memory.events() {
        assert_eq!(event.phone.unwrap().to_string(), "+14155550111");
        assert_eq!(event.reason_text, None);
    }
}

#[tokio::test]
async fn dates_are_read_as_the_user_says() {
    let csv = |time: &str| {
        format!(
            "TimeGenerated,OperationName,Result,Id,AdditionalDetails\n{time},Send SMS to verify \
             phone number,success,B2C_1,\"[{{\"\"key\"\":\"\"PhoneNumber\"\",\"\"value\"\":\
             \"\"+14155550100\"\"}}]\"\n"
        )
    };
    let read = async |time: &str, dates| {
        let shape = Shape { dates, ..Shape::default() };
        let options = Options { shape, ..Options::new("log", now()).unwrap() };
        let done = import_stream(Box::new(io::Cursor::new(csv(time).into_bytes())), options).await;
        done.memory.events().first().map(|event| event.time).ok_or(done.seen.rejected)
    };
    let expected = parse_time("2026-02-01T09:30:00Z").unwrap();
    assert_eq!(read("1/2/2026 9:30:00", Dates::Dmy).await, Ok(expected));
    assert_eq!(read("2/1/2026 9:30:00", Dates::Mdy).await, Ok(expected));
    let told = read("1/2/2026 9:30:00", Dates::Plain).await.unwrap_err();
    assert!(told[0].contains("--dates dmy") && told[0].contains("1/2/2026 9:30:00"), "{told:?}");
    let local = import_bytes("TimeGenerated [Local Time],OperationName\n1,2\n").await;
    let said = local.outcome.error.unwrap().to_string();
    assert!(said.contains("UTC") && said.contains("[Local Time]"), "{said}");
}
