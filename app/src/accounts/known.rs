//! The cookie by which a browser that signed in is known again.

use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// How long a browser keeps it, in seconds: 400 days, the most that browsers take.
const AGE: u32 = 34_560_000;

/// Whether the console is reached by https; the server puts it into every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Https(pub bool);

/// The cookie's name: by https it is bound to this very host.
fn name(https: bool) -> &'static str {
    if https { "__Host-known" } else { "known" }
}

fn is_https(parts: &Parts) -> bool {
    parts.extensions.get() == Some(&Https(true))
}

/// What the request's browser has; empty when it never signed in.
pub(super) fn marks() -> String {
    let parts = use_context::<Parts>();
    parts.map(|parts| read(&parts.headers, is_https(&parts))).unwrap_or_default()
}

fn read(headers: &HeaderMap, https: bool) -> String {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(found, _)| found.trim() == name(https));
    found.map(|(_, marks)| marks.trim().to_owned()).unwrap_or_default()
}

/// Gives the browser its marks.
pub(super) fn keep(marks: &str) {
    let https = use_context::<Parts>().is_some_and(|parts| is_https(&parts));
    let response = use_context::<ResponseOptions>();
    if let (Some(response), Ok(cookie)) = (response, HeaderValue::from_str(&line(marks, https))) {
        response.append_header(SET_COOKIE, cookie);
    }
}

fn line(marks: &str, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    let name = name(https);
    format!("{name}={marks}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_https_it_is_bound_to_the_host() {
        assert!(line("m", true).starts_with("__Host-known=m; Path=/; "));
        assert!(line("m", true).ends_with("; HttpOnly; SameSite=Strict; Secure"));
        assert!(line("m", false).starts_with("known=m; ") && !line("m", false).contains("Secure"));
    }

    #[test]
    fn it_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("theme=dark; unknown=x; known=a.b"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-known=c"));
        assert_eq!((read(&headers, false), read(&headers, true)), ("a.b".into(), "c".into()));
        assert_eq!(read(&HeaderMap::new(), true), "");
    }
}
