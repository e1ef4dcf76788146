//! Assertions about HTML, for tests.

/// Asserts that each part is in the HTML.
#[track_caller]
pub(crate) fn assert_has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}
