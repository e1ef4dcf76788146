//! Locates the parts of a JSON text, so that one can be replaced and all others stay byte for byte.
//!
//! The text has been validated as JSON before: unexpected bytes lead to an early end, never to a
//! panic. Nothing recurses, so depth does not matter.

use std::ops::Range;

/// A byte range of the text.
pub(super) type Span = Range<usize>;

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// With its quotes.
    pub name: Span,
    pub value: Span,
}

/// The text's value without the white space around it.
pub(super) fn value_span(text: &str) -> Span {
    let start = after_space(text.as_bytes(), 0);
    start..value_end(text.as_bytes(), start)
}

/// The members of the object at a span, in order; none if it is not an object.
pub(super) fn members(text: &str, object: &Span) -> Vec<Member> {
    let bytes = text.as_bytes();
    let mut members = Vec::new();
    if bytes.get(object.start) != Some(&b'{') {
        return members;
    }
    let mut at = after_space(bytes, object.start + 1);
    while bytes.get(at) == Some(&b'"') && at < object.end {
        let name = at..value_end(bytes, at);
        let colon = after_space(bytes, name.end);
        let start = after_space(bytes, colon + 1);
        let value = start..value_end(bytes, start);
        at = after_comma(bytes, value.end);
        members.push(Member { name, value });
    }
    members
}

/// The items of the list at a span, in order; none if it is not a list.
pub(super) fn items(text: &str, list: &Span) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut items = Vec::new();
    if bytes.get(list.start) != Some(&b'[') {
        return items;
    }
    let mut at = after_space(bytes, list.start + 1);
    while at < list.end && !matches!(bytes.get(at), None | Some(b']')) {
        let item = at..value_end(bytes, at);
        at = after_comma(bytes, item.end);
        items.push(item);
    }
    items
}

/// Decodes the JSON string at a span; `None` if it is not a string, or not valid Unicode (half of a
/// surrogate pair).
pub(super) fn string(text: &str, span: &Span) -> Option<String> {
    serde_json::from_str(text.get(span.clone())?).ok()
}

/// The line of a byte position, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

fn after_comma(bytes: &[u8], at: usize) -> usize {
    let at = after_space(bytes, at);
    if bytes.get(at) == Some(&b',') { after_space(bytes, at + 1) } else { at }
}

/// The end of the value that begins at `start`; always after it, so that loops end.
fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ if depth > 0 => at += 1,
            _ => {
                let ends =
                    |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
                let len = bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
                at += len.max(1);
            }
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_whatever_is_around_them() {
        let text = " {\r\n\"a\\\"}\" : [ 1 ,\"],\" , {\"x\":[ ]}, null ] ,\t\"b\":-1.50e+3 } ";
        let object = value_span(text);
        assert_eq!(&text[object.clone()], text.trim());
        let members = members(text, &object);
        let parts: Vec<_> = members
            .iter()
            .map(|member| (&text[member.name.clone()], &text[member.value.clone()]))
            .collect();
        assert_eq!(
            parts,
            [("\"a\\\"}\"", "[ 1 ,\"],\" , {\"x\":[ ]}, null ]"), ("\"b\"", "-1.50e+3")]
        );
        let items = items(text, &members[0].value);
        let items: Vec<_> = items.into_iter().map(|item| &text[item]).collect();
        assert_eq!(items, ["1", "\"],\"", "{\"x\":[ ]}", "null"]);
    }

    #[test]
    fn empty_and_other_kinds_have_no_parts() {
        for text in ["{}", "{ \n}", "[]", "[ ]", "1", "\"{}\"", "null", ""] {
            let span = value_span(text);
            assert!(members(text, &span).is_empty(), "{text}");
            assert!(items(text, &span).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_ends() {
        for text in
            ["{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "[1,,2]", "[}", "{]", "\"\\", "[\"\\"]
        {
            let span = value_span(text);
            let _ = (members(text, &span), items(text, &span), string(text, &span));
        }
    }

    #[test]
    fn strings_are_decoded() {
        let text = r#"["\u0041\n", "\ud800", 1]"#;
        let items = items(text, &value_span(text));
        let strings: Vec<_> = items.iter().map(|item| string(text, item)).collect();
        assert_eq!(strings, [Some("A\n".to_owned()), None, None]);
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!([0, 1, 2, 3].map(|at| line("a\nb\r\n", at)), [1, 1, 2, 2]);
    }
}
