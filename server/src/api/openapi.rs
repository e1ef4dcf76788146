//! `GET /api/v1/openapi.json`: the API's own description, from `server/openapi.yaml`. The same
//! document is the page `/api/docs`. Tests hold it against the table of doors and send its
//! examples.

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

static DOCUMENT: LazyLock<Arc<Value>> = LazyLock::new(|| {
    // Read by a test of this file: what does not parse does not land.
    Arc::new(serde_yaml_ng::from_str(include_str!("../../openapi.yaml")).unwrap_or(Value::Null))
});

/// The document (OpenAPI 3.1).
pub fn document() -> Arc<Value> {
    Arc::clone(&DOCUMENT)
}

/// The document as JSON.
pub async fn get() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document().to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Fault;
    use domain::doors::{DOORS, Kind};
    use domain::roles::Need;
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
                    Need::Key(scope) => scope.as_str(),
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
