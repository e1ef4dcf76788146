//! The cookie that recognises a browser that signed in before.

use crate::{request::extension, who::cookie};
use http::{HeaderMap, HeaderValue, header::SET_COOKIE, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// Lifetime in seconds: 400 days, the maximum browsers accept.
const AGE: u32 = 34_560_000;

/// Whether the console is served over https; the server adds it to every request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Https(pub bool);

/// The cookie's name; the prefix `__Host-` binds it to this host.
fn name(https: bool) -> &'static str {
    if https { "__Host-known" } else { "known" }
}

fn is_https() -> bool {
    extension::<Https>() == Some(Https(true))
}

/// The value of the request's cookie; empty without one.
pub(super) fn marks() -> String {
    let parts = use_context::<Parts>();
    parts.map(|parts| read(&parts.headers, is_https())).unwrap_or_default()
}

fn read(headers: &HeaderMap, https: bool) -> String {
    cookie(headers, name(https)).unwrap_or_default().to_owned()
}

pub(super) fn keep(marks: &str) {
    let response = use_context::<ResponseOptions>();
    if let (Some(response), Ok(cookie)) =
        (response, HeaderValue::from_str(&line(marks, is_https())))
    {
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
    use http::header::COOKIE;

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
