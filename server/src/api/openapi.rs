//! `GET /api/v1/openapi.json`: the API's own description, from `server/openapi.yaml`. The page
//! `/api/docs` shows the same document. Tests compare it with the table of doors and send its
//! examples.

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

static DOCUMENT: LazyLock<Arc<Value>> = LazyLock::new(|| {
    // A test below parses it, so this never fails.
    Arc::new(serde_yaml_ng::from_str(include_str!("../../openapi.yaml")).unwrap_or(Value::Null))
});

/// The document (OpenAPI 3.1).
pub(crate) fn document() -> Arc<Value> {
    Arc::clone(&DOCUMENT)
}

/// The document as JSON.
pub(crate) async fn get() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document().to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Fault;
    use domain::doors::{DOORS, Kind};
    use domain::roles::Requirement;
    use std::collections::BTreeSet;

    /// Method, path and scope of every operation.
    fn operations() -> BTreeSet<(String, String, String)> {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| {
                let scope = operation["x-scope"].as_str().unwrap_or_default();
                (method.to_uppercase(), path.clone(), scope.to_owned())
            })
        });
        all.collect()
    }

    #[test]
    fn every_door_of_the_api_is_described_with_its_scope_and_nothing_else() {
        let doors: BTreeSet<_> = DOORS
            .iter()
            .filter(|door| door.kind == Kind::Api || matches!(door.path, "/healthz" | "/readyz"))
            .map(|door| {
                let scope = match door.need {
                    Requirement::Key(scope) => scope.as_str(),
                    _ => "",
                };
                (door.method.to_owned(), door.path.to_owned(), scope.to_owned())
            })
            .collect();
        assert_eq!(operations(), doors);
    }

    #[test]
    fn every_fault_is_described_and_no_other() {
        let faults: Vec<_> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
        let schemas = &document()["components"]["schemas"];
        assert_eq!(schemas["Fault"]["enum"], serde_json::json!(faults));
        let fault = serde_json::json!({"$ref": "#/components/schemas/Fault"});
        let within = "properties/code";
        for place in ["Problem/properties/errors/items", "Taken/properties/rejected/items"] {
            assert_eq!(schemas.pointer(&format!("/{place}/{within}")), Some(&fault), "{place}");
        }
        let page = include_str!("../../../docs/integrating.md");
        let table = page.split("| code | status | what is wrong |\n").nth(1).unwrap();
        let rows = table.lines().skip(1).take_while(|line| line.starts_with("| `"));
        let told: BTreeSet<_> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
        assert_eq!(told, faults.into_iter().collect());
    }

    #[test]
    fn doors_with_a_body_say_what_becomes_of_a_slow_one_and_of_too_many() {
        let document = document();
        for door in DOORS.iter().filter(|door| door.kind == Kind::Api && door.body > 0) {
            let operation = &document["paths"][door.path][door.method.to_lowercase()];
            for status in ["408", "429"] {
                assert!(operation["responses"][status].is_object(), "{status} at {}", door.path);
            }
        }
    }

    /// Sample answers with path, method and status.
    fn answers() -> Vec<([&'static str; 3], Value)> {
        use super::super::{
            b2c, block_answers, blocks, bypasses, captcha, decisions, fraud_reports, intake,
            recipients, users,
        };
        fn json(answer: impl serde::Serialize) -> Value {
            serde_json::to_value(answer).unwrap()
        }
        let [valid, invalid] = captcha::samples::tokens().map(json);
        vec![
            (["/api/v1/blocks", "get", "200"], json(blocks::samples::list())),
            (["/api/v1/blocks", "post", "201"], json(block_answers::samples::block())),
            (["/api/v1/blocks/{id}", "delete", "200"], json(block_answers::samples::block())),
            (["/api/v1/bypasses", "get", "200"], json(bypasses::samples::list())),
            (["/api/v1/bypasses", "post", "201"], json(block_answers::samples::bypass())),
            (["/api/v1/bypasses/{id}", "delete", "200"], json(block_answers::samples::bypass())),
            (["/api/v1/recipients", "get", "200"], json(recipients::samples::list())),
            (["/api/v1/recipients", "post", "201"], json(recipients::samples::recipient())),
            (["/api/v1/recipients/{id}", "patch", "200"], json(recipients::samples::recipient())),
            (["/api/v1/captcha/verify", "post", "200"], valid),
            (["/api/v1/captcha/verify", "post", "200"], invalid),
            (["/api/v1/decisions", "post", "200"], json(decisions::samples::decision())),
            (
                ["/api/v1/b2c/validate-phone", "post", "200"],
                json(b2c::samples::block_page_answer()),
            ),
            (["/api/v1/b2c/validate-phone", "post", "400"], json(b2c::samples::wrong())),
            (["/api/v1/fraud-reports", "post", "201"], json(fraud_reports::samples::report())),
            (["/api/v1/users/{user}/block", "get", "200"], json(users::samples::blocked())),
            (["/api/v1/events", "post", "200"], json(intake::samples::taken())),
        ]
    }

    fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => value,
        }
    }

    /// Asserts that members and JSON types match the schema.
    fn fits(document: &Value, schema: &Value, value: &Value, at: &str) {
        let schema = resolve(document, schema);
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        let whole = kind == "integer" && types.contains(&"number");
        assert!(whole || types.contains(&kind), "{at} is of type {kind}, described as {types:?}");
        if let Some(choices) = schema["enum"].as_array() {
            assert!(choices.contains(value), "{at}: {value} is none of {choices:?}");
        }
        for item in value.as_array().into_iter().flatten() {
            fits(document, &schema["items"], item, at);
        }
        let known = schema["properties"].as_object();
        let Some((members, known)) = value.as_object().zip(known) else { return };
        for (name, member) in members {
            let at = format!("{at}.{name}");
            fits(document, known.get(name).expect(&at), member, &at);
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(members.contains_key(name.as_str().unwrap()), "{at} has no {name}");
        }
    }

    #[test]
    fn answers_have_the_members_and_types_that_are_described() {
        let document = document();
        let (mut described, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for (place, answer) in answers() {
            let [path, method, status] = place;
            let response = &document["paths"][path][method]["responses"][status];
            let schema = &resolve(&document, response)["content"]["application/json"]["schema"];
            let at = place.join(" ");
            fits(&document, schema, &answer, &at);
            let known = resolve(&document, schema)["properties"].as_object().unwrap();
            described.extend(known.keys().map(|name| format!("{at} {name}")));
            seen.extend(answer.as_object().unwrap().keys().map(|name| format!("{at} {name}")));
        }
        assert_eq!(seen, described);
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_operation_has_a_name_and_a_group() {
        fn walk(value: &Value, root: &Value) {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(root.pointer(pointer).is_some(), "{reference}");
            }
            match value {
                Value::Object(all) => all.values().for_each(|value| walk(value, root)),
                Value::Array(all) => all.iter().for_each(|value| walk(value, root)),
                _ => {}
            }
        }
        let document = document();
        walk(&document, &document);
        let tags = document["tags"].as_array().unwrap();
        let tags: BTreeSet<_> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        let mut names = BTreeSet::new();
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{name} stands twice");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name}");
                let tag = operation["tags"][0].as_str().unwrap();
                assert!(tags.contains(tag), "{name}: {tag}");
            }
        }
    }
}
