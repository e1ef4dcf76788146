//! Refusals: a page for people, problem details for programs.

use crate::problem::Problem;
use crate::request_id::RequestId;
use app::Assets;
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use domain::Fault;
use http::{HeaderValue, StatusCode, header};

/// Why a request is refused.
#[derive(Debug, Clone)]
pub struct Failure {
    status: StatusCode,
    fault: Fault,
    detail: String,
    /// What a person can do about it: a path of ours and its words.
    way_on: (String, &'static str),
    retry_after: Option<u64>,
}

impl Failure {
    /// A refusal: a fault for programs, a sentence for both.
    pub fn new(status: StatusCode, fault: Fault, detail: impl Into<String>) -> Self {
        let way_on = ("/".to_owned(), "Go to the workbook");
        Self { status, fault, detail: detail.into(), way_on, retry_after: None }
    }

    /// What is wrong, for programs.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// What is wrong, in a sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Where a person can go from here.
    #[must_use]
    pub fn way_on(mut self, path: impl Into<String>, words: &'static str) -> Self {
        self.way_on = (path.into(), words);
        self
    }

    /// When to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A page for who reads HTML, problem details for all others.
    pub fn answer(self, assets: &Assets, reader: &Reader) -> Response {
        // Every address that leads nowhere gets the same bytes, and nothing there is in the log.
        let id = reader.id.as_ref().filter(|_| self.status != StatusCode::NOT_FOUND);
        if reader.html { self.page(assets, id) } else { self.problem() }
    }

    /// Problem details.
    pub fn problem(self) -> Response {
        let problem = Problem::new(self.status, self.fault, self.detail);
        match self.retry_after {
            Some(seconds) => problem.retry_after(seconds).into_response(),
            None => problem.into_response(),
        }
    }

    /// A page without scripts, which needs neither the store nor a session.
    fn page(self, assets: &Assets, id: Option<&RequestId>) -> Response {
        let title = title(self.status);
        let (path, words) = &self.way_on;
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
        let mut response = (self.status, Html(html)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Who reads the answer: what is kept of a request that goes on to its handler.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Whether it reads HTML: a browser that goes to a page or sends a form.
    pub html: bool,
    id: Option<RequestId>,
}

impl Reader {
    /// Who sent a request.
    pub fn of(request: &Request) -> Self {
        let html = app::form::reads_html(request.headers());
        Self { html, id: request.extensions().get::<RequestId>().cloned() }
    }
}

/// What a page calls it; programs get HTTP's own words.
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
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn nothing_of_the_request_becomes_markup() {
        let failure = Failure::new(StatusCode::NOT_FOUND, Fault::NotFound, "<b>\"&")
            .way_on("/?a=\"><x", "On");
        let body = failure.page(&Assets::default(), None).into_body().collect().await.unwrap();
        let html = String::from_utf8(body.to_bytes().to_vec()).unwrap();
        assert!(html.contains("&lt;b&gt;&quot;&amp;") && html.contains("/?a=&quot;&gt;&lt;x"));
    }
}
