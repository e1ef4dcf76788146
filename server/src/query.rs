//! Checks of query strings, for all doors.

use crate::api::openapi;
use crate::failure::{Failure, Reader};
use domain::doors::Door;
use domain::{Fault, Invalid};
use http::StatusCode;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// The longest part of a name that an answer repeats, in characters.
const SHOWN: usize = 40;

/// The query parameters of each API operation, by method and path, from the API's description.
static TAKEN: LazyLock<HashMap<(String, String), BTreeSet<String>>> = LazyLock::new(|| {
    let document = openapi::document();
    let mut taken = HashMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let whole = parameters.filter_map(|parameter| match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(reference.strip_prefix('#')?),
                None => Some(parameter),
            });
            let names = whole
                .filter(|parameter| parameter["in"] == "query")
                .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
            taken.insert((method.to_uppercase(), path.clone()), names.collect());
        }
    }
    taken
});

/// Refuses names that occur twice, since one of the values would be ignored, and names that the API
/// does not know. Reports check their names themselves: they take those of a workbook's URL.
///
/// # Errors
/// One error for each such name.
pub(crate) fn check(door: &Door, query: &str) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    let taken = TAKEN.get(&(door.method.to_owned(), door.path.to_owned()));
    let taken = taken.filter(|_| door.path.starts_with("/api/") && !is_report(door));
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
        if !seen.insert(name.clone()) {
            if told.insert(shown.clone()) {
                invalid.push(&shown, Fault::Duplicate, "is given twice; give it once");
            }
        } else if taken.is_some_and(|taken| !taken.contains(&*name)) {
            invalid.push(&shown, Fault::UnknownField, "is not a parameter of this address");
        }
    }
    invalid.or(())
}

fn is_report(door: &Door) -> bool {
    door.path == "/api/v1/reports/{name}"
}

/// The refusal: a sentence for browsers, the fields for everybody else.
pub(crate) fn refusal(invalid: Invalid, reader: &Reader) -> Failure {
    if !reader.html {
        return invalid.into();
    }
    let fields = invalid.fields.iter();
    let words: Vec<_> =
        fields.map(|error| format!("“{}” {}.", error.field, error.message)).collect();
    let words = format!("This address could not be read: {}", words.join(" "));
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::Invalid, words)
}

/// Whether a path is valid UTF-8 once decoded, as its placeholders must be.
pub(crate) fn is_text(path: &str) -> bool {
    percent_encoding::percent_decode_str(path).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::door;

    fn wrong(method: &str, path: &str, query: &str) -> Vec<(String, Fault)> {
        let invalid = check(door(method, path), query).err().unwrap_or_default();
        invalid.fields.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn a_name_stands_once_at_every_door() {
        for one in domain::doors::DOORS {
            let twice = check(one, "state=a&x%79=1&st%61te=a&state=b");
            let invalid = twice.unwrap_err();
            let of = |name: &str, fault: Fault| {
                invalid.fields.iter().filter(|e| e.field == name && e.code == fault).count()
            };
            assert_eq!(of("state", Fault::Duplicate), 1, "{}", one.path);
            assert_eq!(of("xy", Fault::Duplicate), 0, "{}", one.path);
        }
        let long = "x".repeat(5_000);
        let invalid = check(door("GET", "/"), &format!("{long}=1&{long}=2")).unwrap_err();
        assert!(invalid.to_string().len() < 200);
    }

    #[test]
    fn the_api_takes_what_it_says_and_nothing_else() {
        assert_eq!(wrong("GET", "/api/v1/blocks", "state=all&limit=5&kind=user&cursor=x"), []);
        let unknown = ("stat".to_owned(), Fault::UnknownField);
        assert_eq!(wrong("GET", "/api/v1/blocks", "stat=all"), std::slice::from_ref(&unknown));
        assert_eq!(wrong("POST", "/api/v1/blocks", "stat=all"), [unknown]);
        assert_eq!(wrong("GET", "/api/v1/reports/{name}", "ip-failures.q=x"), []);
        assert_eq!(wrong("GET", "/", "stat=all"), [], "pages pass over what they do not know");
    }

    #[test]
    fn paths_are_text() {
        assert!(is_text("/api/v1/users/a%20b/block") && is_text("/%C3%A9") && is_text("/%"));
        assert!(!is_text("/api/v1/users/%ff/block"));
    }
}
