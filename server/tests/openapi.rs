//! The API's description is true: its examples are accepted, and the answers are as it says.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::description::{document, resolve};
use common::{TestRequest, TestServer, get};
use domain::roles::Scope;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

/// The path and query, filled with the document's examples.
fn address(document: &Value, path: &str, operation: &Value) -> String {
    let mut path = path.to_owned();
    let mut query = form_urlencoded::Serializer::new(String::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolve(document, parameter);
        let Some(example) = parameter["example"].as_str() else { continue };
        let name = parameter["name"].as_str().unwrap();
        match parameter["in"].as_str().unwrap() {
            "path" => path = path.replace(&format!("{{{name}}}"), example),
            "query" => {
                query.append_pair(name, example);
            }
            _ => {}
        }
    }
    let query = query.finish();
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// An unquoted sentence with a comma would become a key.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn no_key_is_a_sentence(pool: PgPool) {
    fn walk(value: &Value, at: &str) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    assert!(!key.contains(' '), "{at}: {key}");
                    walk(value, &format!("{at}/{key}"));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, at)),
            _ => {}
        }
    }
    walk(&document(&TestServer::new(pool).await).await, "");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn examples_are_taken_and_answers_are_as_described(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let key = site.key("docs", Scope::ALL).await;
    let document = document(&site).await;
    let mut operations: Vec<(&String, &String, &Value)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path, method, operation))
        })
        .filter(|(path, ..)| path.starts_with("/api/"))
        .collect();
    // Settings first: they allow the reports that follow.
    operations
        .sort_by_key(|(path, method, _)| (!path.contains("settings"), *method != "put", *path));
    for (path, method, operation) in operations {
        let address = address(&document, path, operation);
        let body = &operation["requestBody"]["content"]["application/json"]["example"];
        let mut ask = TestRequest::new(method.to_uppercase().parse().unwrap(), &address).key(&key);
        if !body.is_null() {
            ask = ask.json(body);
        }
        if method == "put" {
            ask = ask.header("if-match", "*");
        }
        let answer = site.ask(ask).await;
        let status = answer.status.as_u16().to_string();
        let about = format!("{method} {address}: {status} {}", answer.text);
        // Paths with an id are asked for an id that does not exist.
        let expected = if path.contains("{id}") { 404..405 } else { 200..300 };
        assert!(expected.contains(&answer.status.as_u16()), "{about}");
        let described = resolve(&document, &operation["responses"][&status]);
        assert!(!described.is_null(), "not described: {about}");
        let schema = &described["content"]["application/json"]["schema"];
        if !schema.is_null() && answer.header("content-type") == "application/json" {
            let schema = resolve(&document, schema);
            let got = &answer.json;
            let fits: Vec<_> = match schema["anyOf"].as_array() {
                Some(shapes) => shapes.iter().map(|shape| fit(&document, shape, got)).collect(),
                None => vec![fit(&document, schema, got)],
            };
            assert!(fits.iter().any(Result::is_ok), "{fits:?}: {about}");
        }
    }
}

/// Whether an answer has what a schema requires, and nothing that it does not describe.
fn fit(document: &Value, schema: &Value, got: &Value) -> Result<(), String> {
    let schema = resolve(document, schema);
    for name in schema["required"].as_array().into_iter().flatten() {
        got.get(name.as_str().unwrap()).ok_or_else(|| format!("no {name}"))?;
    }
    let Some(known) = schema["properties"].as_object() else { return Ok(()) };
    match got
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys())
        .find(|name| !known.contains_key(*name))
    {
        Some(name) => Err(format!("{name} is not described")),
        None => Ok(()),
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_section_of_settings_is_described(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let key = site.key("docs", &[Scope::Admin]).await;
    let document = document(&site).await;
    let named = &document["components"]["parameters"]["Section"]["schema"]["enum"];
    let names: Vec<&str> = domain::settings::SECTIONS.iter().map(|kind| kind.name).collect();
    assert_eq!(*named, json!(names));
    let shapes = document["components"]["schemas"]["Settings"]["anyOf"].as_array().unwrap();
    assert_eq!(shapes.len(), names.len());
    for (name, shape) in names.into_iter().zip(shapes) {
        let path = format!("/api/v1/settings/{name}");
        let answer = site.ask(TestRequest::new(Method::GET, &path).key(&key)).await;
        let got = answer.ok();
        assert_eq!(fit(&document, shape, &got), Ok(()), "{name}");
        let described = resolve(&document, shape)["properties"].as_object().unwrap().keys();
        assert!(described.eq(got.as_object().unwrap().keys()), "{name} is described as it is");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_page_shows_every_operation_without_a_sign_in(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let document = document(&site).await;
    let page = site.ask(get("/api/docs")).await;
    assert_eq!(page.status, StatusCode::OK);
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let summary = operation["summary"].as_str().unwrap();
            assert!(page.text.contains(summary), "{summary}");
        }
    }
    assert!(!page.text.contains("https://"), "an address of another host");
    assert_eq!(json!(page.text.matches("<h1").count()), json!(1));
}
