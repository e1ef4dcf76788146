//! Error answers: an HTML page for browsers, problem details (RFC 9457) for programs.

use crate::request_id::RequestId;
use app::Assets;
use axum::Json;
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use domain::{Fault, Invalid};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// An error answer. As a response it is `application/problem+json`.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: StatusCode,
    fault: Fault,
    detail: String,
    /// Members of its own (RFC 9457, section 3.2).
    members: Map<String, Value>,
    /// The member `errors`. Boxed, since this type is part of many results.
    invalid: Option<Box<Invalid>>,
    /// The link on the page: one of our paths and its text.
    way_on: (&'static str, &'static str),
    retry_after: Option<u64>,
}

impl Failure {
    /// `fault` is for programs (the problem's `type` is `urn:tollwarden:<fault>`), `detail` a
    /// sentence for everybody: what is wrong and what is allowed.
    pub(crate) fn new(status: StatusCode, fault: Fault, detail: impl Into<String>) -> Self {
        Self {
            status,
            fault,
            detail: detail.into(),
            members: Map::new(),
            invalid: None,
            way_on: ("/", "Go to the workbook"),
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(fault: Fault, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, fault, detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, Fault::Forbidden, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Fault::NotFound, detail)
    }

    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Fault::TooLargeBody, detail)
    }

    /// 503 with `Retry-After` in seconds.
    pub(crate) fn unavailable(fault: Fault, detail: impl Into<String>, retry_after: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, fault, detail).retry_after(retry_after)
    }

    /// 400 for a multipart form that ended too early or cannot be read.
    pub(crate) fn broken_form<E>(_: E) -> Self {
        let words = "The form arrived incomplete. Send it again.";
        Self::bad_request(Fault::Unreadable, words)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn fault(&self) -> Fault {
        self.fault
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The invalid fields, if this is about fields.
    pub(crate) fn invalid(&self) -> Option<&Invalid> {
        self.invalid.as_deref()
    }

    /// Adds a member to the problem details.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the invalid fields, each with its code and message, as the member `errors`.
    #[must_use]
    pub(crate) fn errors(mut self, invalid: Invalid) -> Self {
        self.invalid = Some(Box::new(invalid));
        self
    }

    /// Replaces the page's link, which otherwise leads to the workbook.
    #[must_use]
    pub(crate) fn way_on(mut self, path: &'static str, words: &'static str) -> Self {
        self.way_on = (path, words);
        self
    }

    /// Sets `Retry-After`, in seconds.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The page for a browser, problem details for everybody else.
    pub(crate) fn answer(self, assets: &Assets, reader: &Reader) -> Response {
        // Every unknown address gets the same bytes. The log says nothing about it, so there is no
        // reference.
        let id = reader.id.as_ref().filter(|_| self.status != StatusCode::NOT_FOUND);
        if reader.html { self.page(assets, id) } else { self.into_response() }
    }

    /// Renders a page without scripts; needs neither store nor session.
    fn page(self, assets: &Assets, id: Option<&RequestId>) -> Response {
        let title = title(self.status);
        let (path, words) = self.way_on;
        let reference = match id {
            Some(id) => format!(
                "<p class=\"reference\">Reference: <code>{}</code></p>",
                escape(id.as_str())
            ),
            None => String::new(),
        };
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} – Tollwarden</title>\
             <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"{css}\"></head>\
             <body><div class=\"frame alone\"><main id=\"main\"><div class=\"narrow\">\
             <header class=\"page-head\"><div class=\"page-head-words\"><h1>{title}</h1>\
             <p>{detail}</p></div></header>\
             <p><a href=\"{path}\">{words}</a></p>{reference}</div></main></div></body></html>",
            css = escape(&assets.css),
            detail = escape(&self.detail),
            path = escape(path),
        );
        self.finish((self.status, Html(html)).into_response())
    }

    fn finish(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        let words = invalid.to_string();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::Invalid, words).errors(invalid)
    }
}

impl IntoResponse for Failure {
    fn into_response(mut self) -> Response {
        let mut body = std::mem::take(&mut self.members);
        if let Some(invalid) = &self.invalid {
            body.insert("errors".to_owned(), json!(invalid.fields));
        }
        body.insert("type".to_owned(), json!(format!("urn:tollwarden:{}", self.fault)));
        body.insert("title".to_owned(), json!(self.status.canonical_reason().unwrap_or("Error")));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("detail".to_owned(), json!(self.detail));
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        self.finish((self.status, kind, Json(Value::Object(body))).into_response())
    }
}

/// What an error answer needs to know about its request, kept while the handler has the request.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// Whether it wants HTML: a browser that opens a page or sends a form.
    pub(crate) html: bool,
    id: Option<RequestId>,
}

impl Reader {
    pub(crate) fn of(request: &Request) -> Self {
        let html = app::form::reads_html(request.headers());
        Self { html, id: request.extensions().get::<RequestId>().cloned() }
    }
}

/// The page's title; programs get HTTP's reason phrase.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Signed out",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::PAYLOAD_TOO_LARGE => "Too large",
        StatusCode::MISDIRECTED_REQUEST => "Unknown host",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "Not available at the moment",
        status if status.is_server_error() => "Something went wrong",
        _ => "This could not be read",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn nothing_of_the_request_becomes_markup() {
        let failure = Failure::not_found("<b>\"&").way_on("/?a=\"><x", "On");
        let body = failure.page(&Assets::default(), None).into_body().collect().await.unwrap();
        let html = String::from_utf8(body.to_bytes().to_vec()).unwrap();
        assert!(html.contains("&lt;b&gt;&quot;&amp;") && html.contains("/?a=&quot;&gt;&lt;x"));
    }
}
