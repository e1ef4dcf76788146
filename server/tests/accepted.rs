//! The store takes what the API accepts: every member of every JSON body in the API's description
//! is sent with odd values to the paths without parameters, and no answer is a server error.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::description::{document, resolve};
use common::{TestRequest, TestServer};
use domain::roles::Scope;
use http::Method;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use std::collections::BTreeSet;

/// Values of every JSON type, near the limits of databases and clocks.
fn odd() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(-0.0),
        json!(0.1),
        json!(1e300),
        json!(1.5e-320),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e18),
        json!([]),
        json!({}),
        json!([null]),
        json!([[[[[[]]]]]]),
        json!({"": {}}),
        json!({"a\u{0}b": "c\u{0}d"}),
        json!({"a": [1e300, "\u{0}", {"b": null}]}),
    ];
    for (amount, currency) in [
        (json!("-1.5"), "eur"),
        (json!(1e30), "EUR"),
        (json!("0.0000000001"), "EUR"),
        (json!("999999999999999999.999999999"), "EUR"),
        (json!("1e400"), "EUR"),
        (json!("1"), "\u{0}UR"),
        (json!("1"), ""),
    ] {
        values.push(json!({"amount": amount, "currency": currency}));
    }
    let texts = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "\\u0000",
        "\u{ffff}",
        "\u{10ffff}",
        "\u{fdd0}",
        "\u{202e}x\u{200b}",
        "\u{feff}",
        "e\u{301}",
        "'; drop table event; --",
        "%00",
        "NaN",
        "-Infinity",
        "1e400",
        "99999999999999999999999999999999999999999",
        "+999999999999999",
        "+4407400123456",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
        "2016-12-31T23:59:60Z",
        "2026-11-20T09:30:00+23:59",
        "-9999-01-01T00:00:00Z",
        "/Date(253402300799999)/",
        "::ffff:0:0",
        "fe80::1%eth0",
        "203.0.113.7:65536",
        "0.0.0.0/0",
        "١٢٣٤٥٦٧٨",
    ];
    values.extend(texts.iter().map(|text| json!(text)));
    values.extend([64, 255, 256, 257, 2_048, 70_000].map(|long| json!("é".repeat(long))));
    values
}

/// The members of a schema, with those of its alternatives and items.
fn members(document: &Value, schema: &Value, names: &mut BTreeSet<String>) {
    let schema = resolve(document, schema);
    names.extend(schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned());
    for part in ["oneOf", "anyOf", "allOf"] {
        let shapes = schema[part].as_array().into_iter().flatten();
        shapes.for_each(|shape| members(document, shape, names));
    }
    if schema["items"].is_object() {
        members(document, &schema["items"], names);
    }
}

/// A body with one value replaced, or added.
fn with(example: &Value, place: &str, value: &Value) -> Value {
    let mut body = example.clone();
    match body.pointer_mut(place) {
        Some(known) => *known = value.clone(),
        None => {
            let (object, name) = place.rsplit_once('/').unwrap();
            body.pointer_mut(object).unwrap()[name] = value.clone();
        }
    }
    body
}

/// Where the values of a body are.
fn places(value: &Value, here: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let place = format!("{here}/{name}");
            places(value, &place, found);
            found.insert(place);
        }),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| places(item, &format!("{here}/{at}"), found));
        }
        _ => {}
    }
}

/// The example of a body; Microsoft's are in `testdata/cases`.
fn example(path: &str, content: &Value) -> Value {
    if path != "/api/v1/sources/azure" {
        return content["example"].clone();
    }
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/cases/04-good.json");
    let case: Value = serde_json::from_str(&std::fs::read_to_string(case).unwrap()).unwrap();
    let records = case.as_array().or(case["value"].as_array()).unwrap();
    json!({"value": [records[0]]})
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nothing_that_is_accepted_is_refused_by_the_store(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let key = site.key("docs", Scope::ALL).await;
    let document = document(&site).await;
    let odd = odd();
    let (mut asked, mut taken) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"];
            let example = example(path, content);
            if !example.is_object() && !example.is_array() || path.contains('{') {
                continue;
            }
            let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
            members(&document, &content["schema"], &mut names);
            places(&example, "", &mut wanted);
            let top = if example.is_array() { "/0" } else { "" };
            wanted.extend(names.iter().map(|name| format!("{top}/{name}")));
            let method: Method = method.to_uppercase().parse().unwrap();
            for place in &wanted {
                for value in &odd {
                    let body = with(&example, place, value);
                    let ask =
                        TestRequest::new(method.clone(), path).key(&key).header("if-match", "*");
                    let answer = site.ask(ask.json(&body)).await;
                    asked += 1;
                    taken += u32::from(answer.status.is_success());
                    let shown: String = body.to_string().chars().take(400).collect();
                    assert!(
                        answer.status.as_u16() < 500,
                        "{method} {path} {place}: {} {}\n{shown}",
                        answer.status,
                        answer.text
                    );
                }
            }
        }
    }
    // Some are accepted and some refused.
    assert!(asked > 4_000 && taken > 800 && taken < asked, "{taken} of {asked}");
}
