//! What tools make of a record's details: read, or refused so that its id stays free.

use super::*;
use crate::Fault;

const TYPE: &str = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphKeyValue";

fn details(value: Value) -> Value {
    change(graph(), "/additionalDetails", value)
}

fn pairs() -> Vec<Value> {
    graph()["additionalDetails"].as_array().unwrap().clone()
}

/// The error that all shapes refuse a record with: field and message.
fn refused(record: &Value) -> (String, String) {
    let [first, rest @ ..] = all(record).map(Result::unwrap_err);
    assert!(rest.iter().all(|other| *other == first), "{first:?} {rest:?}");
    assert!([Fault::Unreadable, Fault::InvalidJson].contains(&first.code), "{first:?}");
    (first.field, first.message)
}

#[test]
fn what_was_cut_off_is_refused() {
    let types = json!([TYPE, TYPE]);
    let list = json!({"value": [TYPE], "Count": 1});
    for (field, value) in [
        ("additionalDetails", types.clone()),
        ("additionalDetails", list.clone()),
        ("additionalDetails", json!({"value": "System.Object[]", "Count": 7})),
        ("additionalDetails", json!("Microsoft.Graph.PowerShell.Models.MicrosoftGraphKeyValue[]")),
        ("additionalDetails", json!([pairs()[0], "Deserialized.System.Collections.Hashtable"])),
        ("targetResources", types),
        ("targetResources", list),
        ("targetResources", json!(TYPE)),
        (
            "initiatedBy",
            json!("Microsoft.Graph.PowerShell.Models.MicrosoftGraphAuditActivityInitiator"),
        ),
    ] {
        let (told, words) = refused(&change(graph(), &format!("/{field}"), value.clone()));
        assert_eq!(told, field, "{value}");
        assert!(words.contains("cut off") && words.contains("-Depth"), "{words}");
    }
}

#[test]
fn details_of_which_nothing_can_be_read_are_refused() {
    for value in [
        json!(["PhoneNumber"]),
        json!([pairs()[0], "PhoneNumber +1"]),
        json!([{}]),
        json!([[{"key": "PhoneNumber", "value": "+14155552700"}]]),
        json!([7, true]),
        json!([{"key": {"a": 1}, "value": "b"}]),
        json!({"a": {"key": "PhoneNumber"}}),
        json!({"key": [1], "value": "a"}),
    ] {
        let (field, words) = refused(&details(value.clone()));
        assert_eq!(field, "additionalDetails", "{value}");
        assert!(words.contains("allowed is a list of"), "{value}: {words}");
    }
    let (_, words) = refused(&details(json!("hello")));
    assert!(words.contains("is not JSON; it begins with \"hello\""), "{words}");
    let (_, words) = refused(&details(json!("[{\"key\": \"Phone")));
    assert!(words.contains("was cut off"), "{words}");
    for nothing in [json!(null), json!([]), json!(""), json!("null"), json!("[]"), json!([null])] {
        let empty = event(&details(nothing.clone()));
        assert_eq!((empty.phone, empty.flow), (None, None), "{nothing}");
    }
    // Beside valid pairs anything else is ignored.
    let mut more = pairs();
    more.extend([json!(null), json!(7), json!({"a": 1}), json!({"key": null, "value": null})]);
    assert_eq!(event(&details(more.into())), event(&graph()));
}

#[test]
fn details_are_read_as_tools_write_them() {
    let names: Vec<Value> =
        pairs().iter().map(|pair| json!({"Name": pair["key"], "Value": pair["value"]})).collect();
    let text = |pair: &Value| {
        let [key, value] = ["key", "value"].map(|name| pair[name].as_str().unwrap().to_owned());
        (format!("{key}: {value}"), format!("@{{Key={key}; Value={value}}}"))
    };
    let (labelled, flat): (Vec<_>, Vec<_>) = pairs().iter().map(text).unzip();
    for value in [
        json!({"value": pairs(), "Count": 8}),
        json!({"Count": 8, "Value": pairs()}),
        json!({"value": json!(pairs()).to_string(), "Count": 8}),
        json!({"value": flat.join(" "), "Count": 8}),
        names.into(),
        labelled.into(),
        flat.clone().into(),
        flat.join(" ").into(),
        // JSON in a string in a string.
        json!(json!(pairs()).to_string()).to_string().into(),
    ] {
        assert_eq!(event(&details(value.clone())), event(&graph()), "{value}");
    }
    let whole = graph();
    let target = json!({"value": whole["targetResources"], "Count": 1});
    assert_eq!(event(&change(graph(), "/targetResources", target)), event(&whole));
}

/// KQL's `mv-expand` makes a row of each pair; the rows are merged.
#[test]
fn rows_of_one_pair_each_are_one_event() {
    for operation in ["Make phone call to verify phone number", "Verify phone number"] {
        let record = change(graph(), "/activityDisplayName", json!(operation));
        let whole = event(&record);
        let mut rows = pairs()
            .into_iter()
            .map(|pair| event(&change(record.clone(), "/additionalDetails", pair)));
        let mut filled = rows.next().unwrap();
        rows.for_each(|row| _ = filled.fill(row));
        assert_eq!(filled, whole, "{operation}");
    }
    // With the value first it is one pair as well; without an id its record is unknown.
    let turned = json!({"value": "+14155552700", "key": "PhoneNumber"});
    let one = event(&details(turned.clone()));
    assert_eq!(one.phone.unwrap().to_string(), "+14155552700");
    let refusal = from_json(&change(details(turned), "/id", json!("")), now()).unwrap_err();
    assert_eq!((refusal.code, refusal.field.as_str()), (Fault::Required, "id"));
    assert!(refusal.message.contains("mv-expand"), "{}", refusal.message);
    // An object with other members is not a pair.
    let bag = json!({"PhoneNumber": "+14155552700", "key": "x", "value": "y"});
    assert!(event(&details(bag)).phone.is_some());
}

#[test]
fn results_are_those_that_are_known() {
    for (result, kind) in [
        (json!(0), Kind::Sent),
        (json!("0"), Kind::Sent),
        (json!("Succeeded"), Kind::Sent),
        (json!("SUCCESS"), Kind::Sent),
        (json!(1), Kind::Failed),
        (json!("2"), Kind::Failed),
        (json!(3), Kind::Failed),
        (json!("Failure"), Kind::Failed),
        (json!("timeout"), Kind::Failed),
        (json!("clientError"), Kind::Failed),
        (json!("unknownFutureValue"), Kind::Failed),
    ] {
        assert_eq!(event(&change(graph(), "/result", result.clone())).kind, kind, "{result}");
    }
    // A numeric result equals its word.
    let unnamed =
        |result: Value| event(&change(change(graph(), "/id", json!("")), "/result", result));
    assert_eq!(unnamed(json!(1)), unnamed(json!("failure")));
    for result in [json!(4), json!("maybe"), json!("ok"), json!("500121")] {
        let refusal = from_json(&change(graph(), "/result", result.clone()), now()).unwrap_err();
        assert_eq!((refusal.code, refusal.field.as_str()), (Fault::InvalidChoice, "result"));
        assert!(refusal.message.contains("allowed are success"), "{}", refusal.message);
    }
    // A user's report counts whatever its result.
    let reported = change(graph(), "/activityDisplayName", json!("Suspicious activity reported"));
    let reported = event(&change(reported, "/result", json!("other")));
    assert_eq!(reported.kind, Kind::Reported);
}

#[test]
fn times_in_objects() {
    let at = |time: Value| from_json(&change(graph(), "/activityDateTime", time), now());
    let offset = json!({"DateTime": "/Date(1606795545659)/", "UtcDateTime": "/Date(1606791945659)/",
        "LocalDateTime": "/Date(1606795545659)/", "Offset": {"Ticks": 36000000000_u64}});
    let Ok(Read::Event(event)) = at(offset) else { panic!("refused") };
    assert_eq!(event.time, parse_time("2020-12-01T03:05:45.659Z").unwrap());
    let refusal = at(json!({"DateTime": "2020-12-01T04:05:45", "Offset": "01:00"})).unwrap_err();
    assert_eq!((refusal.code, refusal.field.as_str()), (Fault::InvalidTime, "activityDateTime"));
    assert!(refusal.message.starts_with("is an object"), "{}", refusal.message);
}

/// A denied sign-in.
fn sign_in(status: Value, steps: Value) -> Value {
    json!({"id": "s-1", "createdDateTime": "2020-12-01T00:00:00Z", "userId": "u",
        "status": status, "authenticationDetails": steps})
}

fn denied(record: &Value) -> Option<(Kind, Option<Channel>, String)> {
    match from_json(record, now()).unwrap() {
        Read::Event(event) => Some((event.kind, event.channel, event.reason_text.unwrap())),
        Read::Ignored(_) => None,
    }
}

#[test]
fn steps_are_read_as_tools_write_them() {
    const REPORTED: &str = "MFA denied; Phone App Reported Fraud";
    let step = |result: &str| {
        json!({"AuthenticationMethod": "Mobile app notification",
            "AuthenticationStepResultDetail": result})
    };
    let flat = |result: &str| {
        format!(
            "@{{authenticationStepDateTime=2020-12-01T00:00:00Z; authenticationMethod=Mobile app \
             notification; authenticationStepResultDetail={result}; succeeded=False}}"
        )
    };
    let password = json!({"authenticationMethod": "Password"});
    let full = json!({"errorCode": 500121, "additionalDetails": REPORTED});
    let by_app = Some((Kind::Reported, Some(Channel::Push), REPORTED.to_owned()));
    let no_method = Some((Kind::Reported, None, REPORTED.to_owned()));
    for (status, steps, expected) in [
        (json!(null), json!({"value": [password, step(REPORTED)], "Count": 2}), &by_app),
        (json!(null), json!([flat("Correct password"), flat(REPORTED)]), &by_app),
        (
            json!(null),
            json!(format!("@{{AuthenticationMethod=Password}} {}", flat(REPORTED))),
            &by_app,
        ),
        // The status says in full what a step abbreviates, or what was cut off.
        (full.clone(), json!([step("MFA denied")]), &by_app),
        (full.clone(), json!([TYPE, TYPE]), &no_method),
        (full.clone(), json!({"value": "System.Object[]", "Count": 2}), &no_method),
        (
            json!(format!("@{{additionalDetails={REPORTED}; errorCode=500121}}")),
            json!(TYPE),
            &no_method,
        ),
        (json!(TYPE), json!([step(REPORTED)]), &by_app),
        (json!({"errorCode": 0}), json!([step("MFA successfully completed")]), &None),
        (json!(TYPE), json!([step("MFA successfully completed")]), &None),
    ] {
        assert_eq!(denied(&sign_in(status, steps.clone())), *expected, "{steps}");
    }
    let short = json!({"additionalDetails": "MFA denied"});
    for (status, steps, field) in [
        (json!(null), json!([TYPE, TYPE]), "authenticationDetails"),
        (short, json!(TYPE), "authenticationDetails"),
        (json!(TYPE), json!([]), "status"),
        (json!("System.Object"), json!([password]), "status"),
    ] {
        let refusal = from_json(&sign_in(status, steps), now()).unwrap_err();
        assert_eq!((refusal.code, refusal.field.as_str()), (Fault::Unreadable, field));
        assert!(refusal.message.contains("cut off"), "{}", refusal.message);
    }
}
