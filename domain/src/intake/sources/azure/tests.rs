mod tools;

use super::*;
use crate::period::parse_time;
use crate::sources::neutral;
use crate::sources::neutral::tests::any_json;
use crate::{Channel, Event, Kind, Reason};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

fn now() -> DateTime<Utc> {
    parse_time("2026-11-20T09:30:00Z").unwrap()
}

/// Reads a record from parsed JSON instead of its text.
fn from_json(json: &Value, now: DateTime<Utc>) -> Result<Read, Rejection> {
    Record::deserialize(json)?.recognised()?.read(None, Dates::default(), now)
}

/// A record as Microsoft Graph writes it.
fn graph() -> Value {
    json!({
        "id": "B2C_1", "category": "Authentication", "correlationId": "c-1",
        "result": "failure", "resultReason": "The phone number entered is invalid.",
        "activityDisplayName": "Make phone call to verify phone number",
        "activityDateTime": "2020-12-01T04:05:45.6593668Z", "loggedByService": "B2C",
        "operationType": "",
        "initiatedBy": {"user": null, "app": {"appId": "6f1c", "displayName": null}},
        "targetResources": [{"id": "user-1", "displayName": null, "type": "User",
            "userPrincipalName": "ann@example.com", "modifiedProperties": []}],
        "additionalDetails": [
            {"key": "TenantId", "value": "contoso.onmicrosoft.com"},
            {"key": "PolicyId", "value": "B2C_1A_signup"},
            {"key": "ApplicationId", "value": "0000-cc"},
            {"key": "Client", "value": "Mozilla/5.0 +https://example.com/+bot"},
            {"key": "VerificationMethod", "value": "PhoneCall"},
            {"key": "PhoneNumber", "value": "+14155552700"},
            {"key": "ClientIpAddress", "value": "198.51.100.23"},
            {"key": "Somewhere", "value": "else"},
        ],
    })
}

fn change(mut record: Value, path: &str, value: Value) -> Value {
    *record.pointer_mut(path).unwrap() = value;
    record
}

fn detail(key: &str, value: Value) -> Value {
    let mut record = graph();
    for pair in record["additionalDetails"].as_array_mut().unwrap() {
        if pair["key"] == key {
            pair["value"] = value.clone();
        }
    }
    record
}

fn envelope(record: &Value) -> Value {
    json!({
        "time": "2020-12-01T04:05:46Z", "resourceId": "/tenants/t",
        "operationName": record["activityDisplayName"], "category": "AuditLogs", "tenantId": "t",
        "correlationId": record["correlationId"], "durationMs": "0", "Level": 4,
        "properties": record,
    })
}

fn log_analytics(record: &Value) -> Value {
    json!({
        "TenantId": "a workspace", "TimeGenerated": record["activityDateTime"],
        "CorrelationId": record["correlationId"], "OperationName": record["activityDisplayName"],
        "Result": record["result"],
        "ResultDescription": record["resultReason"].as_str().unwrap().replace("N/A", ""),
        "LoggedByService": record["loggedByService"], "Id": record["id"], "Category": record["category"],
        "AdditionalDetails": record["additionalDetails"].to_string(),
        "TargetResources": record["targetResources"].to_string(),
        "InitiatedBy": record["initiatedBy"],
    })
}

fn row(record: &Value) -> Result<Read, Rejection> {
    let object = log_analytics(record);
    let cells: Vec<(String, String)> = object
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let name = name.replace("TimeGenerated", " timegenerated [UTC]");
            (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    let mut record = Record::default();
    for (name, cell) in &cells {
        if let Some(field) = Field::named(name) {
            record.set(field, cell);
        }
    }
    record.recognised()?.read(None, Dates::default(), now())
}

fn all(record: &Value) -> [Result<Read, Rejection>; 5] {
    [
        parse(record.to_string().as_bytes(), now()),
        from_json(record, now()),
        parse(envelope(record).to_string().as_bytes(), now()),
        from_json(&log_analytics(record), now()),
        row(record),
    ]
}

/// The event of a record, asserted to be the same in all shapes.
fn event(record: &Value) -> Event {
    let [first, rest @ ..] = all(record);
    for other in rest {
        assert_eq!(first, other);
    }
    match first.unwrap() {
        Read::Event(event) => *event,
        Read::Ignored(kind) => panic!("ignored: {kind}"),
    }
}

#[test]
fn all_shapes_say_the_same() {
    let event = event(&graph());
    assert_eq!((event.source.as_str(), event.id.as_str()), ("b2c", "B2C_1"));
    assert_eq!(event.time, parse_time("2020-12-01T04:05:45.659366Z").unwrap());
    assert_eq!((event.kind, event.channel), (Kind::Failed, Some(Channel::Voice)));
    assert_eq!(event.reason, Some(Reason::NumberInvalid));
    assert_eq!(event.journey.as_deref(), Some("c-1"));
    assert_eq!(event.user.as_deref(), Some("user-1"));
    assert_eq!(event.flow.as_deref(), Some("B2C_1A_signup"));
    assert_eq!(event.app.as_deref(), Some("0000-cc"));
    assert_eq!(event.phone.unwrap().to_string(), "+14155552700");
    assert_eq!(event.ip.unwrap().to_string(), "198.51.100.23");
    assert_eq!(event.user_agent.as_deref(), Some("Mozilla/5.0 +https://example.com/+bot"));
    let expected = json!({
        "operation": "Make phone call to verify phone number", "result": "failure",
        "tenant": "contoso.onmicrosoft.com", "user_name": "ann@example.com",
        "details": {"Somewhere": "else"},
    });
    assert_eq!(Value::Object(event.extra.clone()), expected);
    // An event from Microsoft's log can be written in our format and read back.
    let own = neutral::tests::to_json(&event);
    assert_eq!(neutral::tests::from_value(&own, &event.source, now()), Ok(event));
}

#[test]
fn results_and_operations() {
    let reputation = json!("Phone number has bad reputation, blocking.");
    for (operation, result, reason, kind) in [
        ("Send SMS to verify phone number", "success", json!("N/A"), Kind::Sent),
        ("make phone call to verify phone number", "Success", json!("N/A"), Kind::Sent),
        ("Verify phone number", "success", json!("N/A"), Kind::Verified),
        ("Verify phone number", "clientError", json!("N/A"), Kind::Failed),
        ("Send SMS to verify phone number", "timeout", json!("N/A"), Kind::Failed),
        ("Make phone call to verify phone number", "failure", reputation, Kind::Blocked),
    ] {
        let record = change(graph(), "/activityDisplayName", operation.into());
        let record =
            change(change(record, "/result", result.into()), "/resultReason", reason.clone());
        let event = event(&record);
        assert_eq!(event.kind, kind, "{operation} {result}");
        assert_eq!(event.reason_text.is_none(), reason == "N/A");
    }
    for operation in [
        "Verify email address",
        "verify one time password",
        "Issue an id_token to the application",
        "Get available strong authentication devices",
    ] {
        let record = change(graph(), "/activityDisplayName", operation.into());
        let ignored = Ok(Read::Ignored(operation.to_owned()));
        assert!(all(&record).iter().all(|read| *read == ignored), "{operation}");
    }
    let sign_in = json!({"time": "2020-12-01T00:00:00Z", "category": "NonInteractiveUserSignInLogs",
        "operationName": "Sign-in activity", "properties": {"id": "x", "authenticationDetails": []}});
    assert_eq!(from_json(&sign_in, now()), Ok(Read::Ignored("Sign-in activity".to_owned())));
    let sign_in = json!({"id": "x", "createdDateTime": "2020-12-01T00:00:00Z"});
    assert_eq!(from_json(&sign_in, now()), Ok(Read::Ignored("Sign-in activity".to_owned())));
}

#[test]
fn a_users_report_is_told_by_microsofts_words() {
    for text in [
        "MFA denied; Phone App Reported Fraud",
        "MFA denied, Fraud Code Entered",
        "MFA denied: Fraud Code Entered",
    ] {
        let event = event(&change(graph(), "/resultReason", json!(text)));
        assert_eq!(event.kind, Kind::Reported, "{text}");
        assert_eq!(event.reason, Some(Reason::UserReportedFraud));
        assert_eq!(event.reason_text.as_deref(), Some(text), "kept as it came");
    }
    let denied = event(&change(graph(), "/resultReason", json!("MFA denied; user declined")));
    assert_eq!(denied.kind, Kind::Failed);
}

#[test]
fn details_of_any_kind() {
    for (value, channel) in [
        (json!("OneWaySMS"), Some(Channel::Sms)),
        (json!("phonecall"), Some(Channel::Voice)),
        (json!("TwoWaySms"), Some(Channel::Sms)),
        // The operation's name tells the channel, too.
        (json!("N/A"), Some(Channel::Voice)),
        (json!(null), Some(Channel::Voice)),
    ] {
        assert_eq!(event(&detail("VerificationMethod", value)).channel, channel);
    }
    let nameless = change(
        detail("VerificationMethod", json!("Pigeon")),
        "/activityDisplayName",
        json!("Verify phone number"),
    );
    let nameless = event(&nameless);
    assert_eq!((nameless.phone, nameless.channel), (None, None));
    assert_eq!(nameless.extra["method"], "Pigeon");
    for raw in ["9.99E+10", "555-0100", "0", "+0123456789", "+14155552700x1"] {
        let event = event(&detail("PhoneNumber", json!(raw)));
        assert_eq!((event.phone, &event.extra["phone_raw"]), (None, &json!(raw)));
    }
    let bare = event(&detail("PhoneNumber", json!("N/A")));
    assert!(bare.phone.is_none() && !bare.extra.contains_key("phone_raw"));
    let plus = event(&detail("Client", json!("++++\"+\",\"value\":\"+1\"")));
    assert_eq!(plus.phone.unwrap().to_string(), "+14155552700");
    let ip = |text: &str| event(&detail("ClientIpAddress", json!(text)));
    assert_eq!(ip("198.51.100.23:51234").ip.unwrap().to_string(), "198.51.100.23");
    assert_eq!(ip("[2001:db8::1]:443").ip.unwrap().to_string(), "2001:db8::1");
    assert_eq!(ip("unknown").extra["ip_raw"], "unknown");
    assert_eq!(ip("").ip, None);
    let long = event(&detail("Client", json!("x".repeat(3_000))));
    assert_eq!(long.user_agent.unwrap().len(), 2_048);
    assert_eq!(long.extra["user_agent_cut"], true);
    // The order of details does not matter.
    let mut turned = graph();
    turned["additionalDetails"].as_array_mut().unwrap().reverse();
    assert_eq!(event(&turned), event(&graph()));
}

#[test]
fn who_and_whose() {
    let nobody = change(graph(), "/targetResources/0/id", json!(null));
    assert_eq!(event(&nobody).user.as_deref(), Some("ann@example.com"));
    assert!(!event(&nobody).extra.contains_key("user_name"));
    let nobody = change(graph(), "/targetResources", json!([]));
    let nobody = change(nobody, "/initiatedBy", json!({"user": {"id": "admin-1"}}));
    assert_eq!(event(&nobody).user.as_deref(), Some("admin-1"));
    let entra = change(graph(), "/loggedByService", json!("Core Directory"));
    assert_eq!(event(&entra).source.as_str(), "entra");
    let untold = change(graph(), "/loggedByService", json!(""));
    assert_eq!(event(&untold).source.as_str(), "b2c");
    let untold = change(untold, "/id", json!("Directory_1"));
    assert_eq!(event(&untold).source.as_str(), "entra");
}

#[test]
fn without_an_id_the_record_names_itself() {
    let record = change(graph(), "/id", json!(""));
    let id = event(&record).id;
    assert!(id.starts_with("hash-") && id.len() == 37, "{id}");
    let other = change(record.clone(), "/activityDateTime", json!("2020-12-01T04:05:45.66Z"));
    assert_ne!(event(&other).id, id);
    let same = change(record, "/activityDateTime", json!("2020-12-01T05:05:45.659+01:00"));
    assert_eq!(event(&same).id, id);
}

#[test]
fn says_what_is_wrong() {
    let time = "/activityDateTime";
    for (record, code, field) in [
        (
            change(graph(), time, json!("0001-01-01T00:00:00Z")),
            "time_out_of_range",
            "activityDateTime",
        ),
        (
            change(graph(), time, json!("9999-12-31T23:59:59.9999999Z")),
            "time_out_of_range",
            "activityDateTime",
        ),
        (change(graph(), time, json!("now")), "invalid_time", "activityDateTime"),
        (change(graph(), time, json!(null)), "required", "time"),
        (change(graph(), "/result", json!("")), "required", "result"),
        (change(graph(), "/activityDisplayName", json!(null)), "required", "operationName"),
        (change(graph(), "/id", json!("x".repeat(201))), "too_long", "id"),
        (change(graph(), "/id", json!("a\u{0}")), "invalid_value", "id"),
        (detail("Client", json!("a\u{0}b")), "invalid_value", "Client"),
        (
            change(graph(), "/additionalDetails", json!("[{\"key\":")),
            "invalid_json",
            "additionalDetails",
        ),
        (change(graph(), "/additionalDetails", json!(7)), "invalid_type", "additionalDetails"),
        (json!({"id": "1", "time": "2020-12-01T00:00:00Z"}), "unreadable", ""),
        (json!([]), "invalid_type", ""),
    ] {
        let refusal = from_json(&record, now()).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.field.as_str()), (code, field), "{record}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, now());
    }

    #[test]
    fn no_json_panics(json in any_json(), which in 0_usize..12, text in ".{0,40}") {
        let _ = from_json(&json, now());
        let keys: Vec<String> = graph().as_object().unwrap().keys().cloned().collect();
        let mut record = graph();
        record[&keys[which % keys.len()]] = json.clone();
        for read in [parse(record.to_string().as_bytes(), now()), from_json(&envelope(&record), now())] {
            if let Ok(Read::Event(event)) = read {
                prop_assert!(event.phone.is_none() || event.channel.is_some());
                prop_assert!(neutral::tests::from_value(&neutral::tests::to_json(&event), &event.source, now()).is_ok());
            }
        }
        let mut members = Map::new();
        members.insert("AdditionalDetails".to_owned(), text.clone().into());
        members.insert("properties".to_owned(), json);
        let _ = from_json(&Value::Object(members), now());
        for key in ["PhoneNumber", "VerificationMethod", "ClientIpAddress", "Client"] {
            let _ = from_json(&detail(key, text.clone().into()), now());
        }
    }
}
