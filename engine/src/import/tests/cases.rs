//! Logs as found in practice (`testdata/cases`), and the expected results.

use super::*;
use domain::period::parse_time;

/// One of these files, its counts (read, accepted, duplicates, ignored, rejected), and the times of
/// its events in RFC 3339.
struct Case(&'static str, [u64; 5], &'static [&'static str]);

const CASES: [Case; 12] = [
    // UTF-16LE with a byte order mark: Windows PowerShell 5.1's Out-File.
    Case("01.json", [2, 2, 0, 0, 0], &["2026-11-20T09:01:01.123456Z"]),
    // Concatenated pages, each with a byte order mark.
    Case("02.json", [4, 4, 0, 0, 0], &[]),
    Case("02b.json", [4, 4, 0, 0, 0], &[]),
    // `/Date(ms)/`, also as the value of an object: Windows PowerShell 5.1's ConvertTo-Json.
    Case("03.json", [2, 2, 0, 0, 0], &["2026-11-20T09:03:01.123Z", "2026-11-20T09:03:05.123Z"]),
    // Details flattened by ConvertTo-Json at its default depth.
    Case("04.json", [3, 3, 0, 0, 0], &["2026-11-20T09:04:01.123456Z"]),
    // The audit log as downloaded from the portal.
    Case(
        "10.csv",
        [3, 3, 0, 0, 0],
        &["2026-11-20T09:10:01Z", "2026-11-20T09:10:02Z", "2026-11-20T09:10:03Z"],
    ),
    // Entra's sign-in log: what users denied.
    Case("12.csv", [2, 2, 0, 0, 0], &["2026-11-20T09:12:01Z", "2026-11-20T09:12:03Z"]),
    // Entra's audit log: the outcomes.
    Case("13.jsonl", [3, 3, 0, 0, 0], &["2026-11-20T09:13:01.123456Z"]),
    // `az monitor log-analytics query`: every value is text, null is None.
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
    // A leap second among other forms of ISO 8601.
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

/// Details that a tool flattened give the same result; details that it truncated are rejected.
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
    // Text that a user entered as a name or browser does not become a field.
    let mut forged: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    forged[0]["additionalDetails"][3] =
        "@{key=Client; value=x} @{key=PhoneNumber; value=+14155550199}".into();
    forged[1]["additionalDetails"] =
        "@{key=Client; value=x} @{key=PhoneNumber; value=+1} @{key=PhoneNumber; value=+2}".into();
    forged[2]["targetResources"][0] =
        "@{id=7; displayName=Ann; userPrincipalName=ceo@example.com; userPrincipalName=ann@example.com}"
            .into();
    records.extend(forged);
    let done = import_bytes(serde_json::to_string(&records).unwrap()).await;
    assert_eq!(done.counts(), [6, 0, 0, 0, 6]);
    let told = done.seen.rejected;
    assert!(told.iter().all(|line| line.contains("ConvertTo-Json -Depth")), "{told:?}");
}

/// The events of a case, one per line: kind, source, channel, number, user, and the requested
/// field.
async fn lines(name: &str, asked: impl Fn(&Event) -> String) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let events = import_bytes(std::fs::read(folder.join(name)).unwrap()).await.memory.events();
    let line = |event: &Event| {
        let channel = event.channel.map_or("-", |channel| channel.as_str());
        let phone = event.phone.map_or("-".to_owned(), |phone| phone.to_string());
        let user = event.user.as_deref().unwrap_or("-");
        let (kind, source) = (event.kind.as_str(), &event.source);
        format!("{kind} {source} {channel} {phone} {user} {}", asked(event))
    };
    events.iter().map(line).collect()
}

#[tokio::test]
async fn the_portals_download_says_what_the_log_does() {
    let lines = lines("10.csv", |event| event.ip.unwrap().to_string()).await;
    let user = |n| format!("+14155550110 00000000-0000-0000-0000-00000001000{n} 203.0.113.10");
    assert_eq!(
        lines,
        [
            format!("sent b2c sms {}", user(1)),
            format!("verified b2c sms {}", user(2)),
            format!("blocked b2c voice {}", user(3)),
        ]
    );
}

#[tokio::test]
async fn entras_fraud_history_is_read() {
    let text = |event: &Event| {
        assert_eq!(event.ip.unwrap().to_string(), "203.0.113.12");
        event.reason_text.clone().unwrap_or_default()
    };
    assert_eq!(
        lines("12.csv", text).await,
        [
            "reported entra push - 00000000-0000-0000-0001-000000012001 \
             MFA denied; Phone App Reported Fraud",
            "reported entra voice - 00000000-0000-0000-0001-000000012003 \
             MFA denied; Fraud Code Entered",
        ]
    );
    let action = |event: &Event| event.extra["action"].as_str().unwrap().to_owned();
    let lines = lines("13.jsonl", action).await;
    for (line, action) in lines.iter().zip([
        "user is blocked for MFA",
        "no action taken",
        "Suspicious activity reported",
    ]) {
        assert!(line.starts_with("reported entra ") && line.ends_with(action), "{line}");
    }
    assert!(lines[0].contains("push - 00000000-0000-0000-0001-000000013001"), "{lines:?}");
}

/// Sign-ins downloaded from the portal have the second factor in three columns.
#[tokio::test]
async fn the_portals_sign_ins_are_read() {
    let head = "Date (UTC),Request ID,User agent,Correlation ID,User ID,User,Username,Application,\
                Application ID ,IP address,Status,Sign-in error code,Failure reason,\
                Multifactor authentication result,Multifactor authentication auth method,\
                Multifactor authentication auth detail,Conditional Access";
    let row = |n: u8, result: &str| {
        format!(
            "2026-11-20T09:1{n}:00Z,r{n},Mozilla/5.0,c{n},u{n},Ann,ann@example.com,Portal,app-1,\
             203.0.113.12,Failure,500121,\"Authentication failed, again\",{result},\
             Text message,+X XXXXXXXX12,Success"
        )
    };
    let table = [
        head.to_owned(),
        row(1, "MFA denied; user declined the authentication"),
        row(2, "MFA requirement satisfied by claim in the token"),
        row(3, ""),
        row(4, "MFA denied; user is blocked"),
    ];
    let done = import_bytes(table.join("\r\n")).await;
    assert_eq!(done.counts(), [4, 2, 0, 2, 0], "{:?}", done.seen.rejected);
    let ignored: Vec<_> = done.outcome.report.ignored_kinds.iter().collect();
    assert_eq!(ignored, [("Sign-in activity", 2)]);
    let events = done.memory.events();
    assert_eq!((events[0].kind.as_str(), events[1].kind.as_str()), ("denied", "blocked"));
    assert_eq!(events[0].channel.unwrap().as_str(), "sms");
    assert_eq!(events[0].extra["phone_masked"], "+X XXXXXXXX12");
    assert_eq!((events[0].id.as_str(), events[0].app.as_deref()), ("r1", Some("app-1")));
}

/// A file of another log is refused as a whole, with its name.
#[tokio::test]
async fn other_logs_are_named() {
    for (log, name) in [
        ("CreationDate,UserIds,Operations,AuditData\n1,2,3,4\n", "Microsoft 365's unified"),
        ("{\"CreationTime\":\"2026-11-20\",\"Workload\":\"x\"}\n{\"a\":1}\n", "unified"),
        (
            "{\"records\":[{\"operationName\":\"MICROSOFT.WEB/SITES/READ\",\"time\":\"x\"}]}",
            "Azure's activity log",
        ),
    ] {
        let done = import_bytes(log).await;
        let said = done.outcome.error.unwrap().to_string();
        assert!(said.contains(name), "{said}");
        assert_eq!(done.outcome.report.read, 0, "{log}");
    }
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
