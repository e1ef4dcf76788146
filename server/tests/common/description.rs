//! The API's description, as the server returns it.

use super::{TestRequest, TestServer};
use http::Method;
use serde_json::Value;

pub async fn document(site: &TestServer) -> Value {
    let answer = site.ask(TestRequest::new(Method::GET, "/api/v1/openapi.json")).await;
    assert_eq!(answer.kind(), "application/json");
    answer.ok()
}

/// A part of the document, or what its `$ref` refers to.
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}
