//! The second line of masking: for accounts that may not see whole numbers, every text and every
//! readable attribute of a page is masked once more, and links that contain a number are removed.
//! Pages mask what they show themselves; this catches what a page forgets.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use domain::doors::Door;
use domain::handles::is_handle;
use domain::mask::{hides, masked};
use domain::roles::{Permission, Requirement, allows};
use engine::accounts::Account;
use http::{HeaderValue, StatusCode, header};
use std::borrow::Cow;

/// Attributes that people see or hear.
const READ: &[&str] = &[
    "alt",
    "aria-description",
    "aria-label",
    "content",
    "data-copy",
    "data-find",
    "data-said",
    "data-title",
    "label",
    "placeholder",
    "title",
    "value",
];
/// Attributes with an address.
const LEAD: &[&str] = &["action", "data-src", "href", "src"];
/// Query parameters with numbers of our own, such as positions in a log.
const PLACES: &[&str] = &["after", "as_of", "before", "entry", "from", "page", "to"];
/// Marks an element that is not masked: a number of our own, or a phone number that was just
/// revealed for a reason.
const AS_IT_IS: &str = "data-as-it-is=\"\"";

/// Whether this door's pages are masked for this account.
pub(crate) fn needed(door: &Door, account: Option<&Account>) -> bool {
    let sees = account.is_none_or(|account| allows(account.role, Permission::WholeNumbers));
    !sees && door.need != Requirement::Nothing
}

/// Masks an HTML response; other responses pass unchanged.
pub(crate) async fn put(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Our own pages are complete in memory already.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = page_of(&String::from_utf8_lossy(&bytes));
    if parts.headers.contains_key(header::CONTENT_LENGTH) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(html.len()));
    }
    Response::from_parts(parts, Body::from(html))
}

/// Masks a page, tag by tag.
fn page_of(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest = html;
    let mut as_it_is = false;
    // A long value is shown in two parts, and its title has the whole.
    let mut cut: Option<Cut> = None;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        match &mut cut {
            _ if as_it_is => out.push_str(text),
            Some(cut) => {
                if !text.trim().is_empty() {
                    out.push_str(&std::mem::take(&mut cut.whole));
                }
            }
            None => out.push_str(&masked(text, None)),
        }
        let end = length(tag);
        let (tag, after) = tag.split_at(end);
        as_it_is = (as_it_is && tag.starts_with("<!")) || tag.contains(AS_IT_IS);
        cut = match cut {
            Some(cut) => cut.after(tag),
            None => Cut::of(tag),
        };
        put_tag(tag, &mut out);
        rest = after;
    }
    out.push_str(&masked(rest, None));
    out
}

/// A long value: nested spans.
struct Cut {
    /// The whole value, masked; empty once it is written.
    whole: String,
    /// The number of open spans.
    open: usize,
}

impl Cut {
    /// Begins at a tag, if masking changes its value.
    fn of(tag: &str) -> Option<Self> {
        let long = tag.starts_with("<span") && tag.contains("class=\"long\"");
        let title = tag.split_once("title=\"").filter(|_| long)?.1.split('"').next()?;
        match masked(title, None) {
            Cow::Borrowed(_) => None,
            Cow::Owned(whole) => Some(Self { whole, open: 1 }),
        }
    }

    /// Counts another tag; `None` after the end of the value.
    fn after(mut self, tag: &str) -> Option<Self> {
        if tag.starts_with("<span") {
            self.open += 1;
        } else if tag.starts_with("</span") {
            self.open -= 1;
        }
        (self.open > 0).then_some(self)
    }
}

/// The length of a tag in bytes; of a comment, script or stylesheet including its content.
fn length(tag: &str) -> usize {
    let until = |end: &str| tag.find(end).map_or(tag.len(), |at| at + end.len());
    if tag.starts_with("<!--") {
        return until("-->");
    }
    for (begin, end) in [("<script", "</script>"), ("<style", "</style>")] {
        if tag.starts_with(begin) {
            return until(end);
        }
    }
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// Writes a tag with its attributes masked.
fn put_tag(tag: &str, out: &mut String) {
    let starts = |begin: &str| tag.starts_with(begin);
    if starts("<!") || starts("</") || starts("<script") || starts("<style") {
        return out.push_str(tag);
    }
    // Hidden fields must be sent back unchanged. A field for a number contains what its reader has
    // just typed; masked, the form would send the mask.
    let kept = tag.contains("type=\"hidden\"") || tag.contains("type=\"tel\"");
    let mut rest = tag;
    while let Some(at) = rest.find("=\"") {
        let name = rest[..at].rsplit(|letter: char| letter.is_whitespace()).next().unwrap_or("");
        let from = at + 2;
        let end = rest[from..].find('"').map_or(rest.len(), |end| from + end);
        let value = &rest[from..end];
        out.push_str(&rest[..from]);
        if LEAD.contains(&name) {
            out.push_str(if tells(value) { "#" } else { value });
        } else if READ.contains(&name) && !(kept && name == "value") {
            out.push_str(&masked(value, None));
        } else {
            out.push_str(value);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
}

/// The path of the console's files; the hash in it may look like a number.
const FILES: &str = "/pkg/";

/// Whether an address contains a number.
fn tells(address: &str) -> bool {
    if address.starts_with(FILES) {
        return false;
    }
    let address = address.replace("&amp;", "&");
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let decoded = |part: &str| -> String {
        // Paths are escaped like queries, except for the plus sign.
        let part = part.replace('+', "%2B");
        form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).collect()
    };
    let in_path = path.split('/').map(decoded).any(|part| !is_handle(&part) && hides(&part));
    let in_query = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| !PLACES.contains(&&*name) && !is_handle(&value) && hides(&value));
    in_path || in_query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_what_people_read_are_masked() {
        for (html, shown) in [
            ("<td>+14155552700</td>", "<td>+14155••••00</td>"),
            ("<b title=\"tel 0151 12345678\">x</b>", "<b title=\"tel •••• ••••••78\">x</b>"),
            ("<a href=\"/sign-ins?flow=015112345678\">x</a>", "<a href=\"#\">x</a>"),
            (
                "<link href=\"/pkg/ba33129356fc/main.css\">",
                "<link href=\"/pkg/ba33129356fc/main.css\">",
            ),
            ("<input value=\"015112345678\">", "<input value=\"••••••••••78\">"),
            ("<p>it&#x27;s 015112345678 &amp; more", "<p>it&#x27;s ••••••••••78 &amp; more"),
            ("<i>5552700 > 1</i>", "<i>•••••00 > 1</i>"),
            (
                "<span title=\"a 0151 12345678\" class=\"long\"><span class=\"long-start\">a 0151 1</span>\
                 <!><span class=\"long-end\">2345678</span></span> 0151 12345678",
                "<span title=\"a •••• ••••••78\" class=\"long\"><span class=\"long-start\">a •••• ••••••78</span>\
                 <!><span class=\"long-end\"></span></span> •••• ••••••78",
            ),
        ] {
            assert_eq!(page_of(html), shown);
        }
    }

    #[test]
    fn what_is_no_text_stays() {
        for html in [
            "<script>const at = 1606795545000;</script>",
            "<!-- 1606795545000 --><style>a { width: 10000000px }</style>",
            "<input type=\"hidden\" name=\"id\" value=\"1606795545000\">",
            "<path d=\"M1000000 2000000\"></path>",
            "<th data-as-it-is=\"\">1000000</th>",
            "<th data-as-it-is=\"\"><!>1000000<!></th>",
            "<a href=\"/audit?before=1000000\">2026-11-20 12:00</a>",
            "<a href=\"/attempts/6f0f2f3e-0000-4000-8000-000000000001\">12,345,678</a>",
            "<a href=\"/ips/198.51.100.100?range=7d\" title=\"198.51.100.100\">a</a>",
            "<time datetime=\"2026-11-20T12:00:00.123456Z\">x</time>",
            "<",
            "<a title=\"",
        ] {
            assert_eq!(page_of(html), html);
        }
    }
}
