//! The page's URL: filters and position.

use crate::zone;
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use domain::query::{Address, href};
use domain::{Fault, Invalid, audit::Activity, mask::hides, workbook::Sight};
use store::audit::Filter;

pub(super) const PATH: &str = "/audit";
/// URL parameters of the filters.
pub(super) const FIELDS: [&str; 5] = ["actor", "activity", "object", "from", "to"];
/// Maximum number of characters of a filter: an e-mail address.
const LONGEST: usize = 320;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum AuditPageStart {
    #[default]
    Newest,
    /// Entries older than this sequence number.
    Before(i64),
    /// Entries newer than this sequence number.
    After(i64),
}

/// The parsed URL; values as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View {
    given: Address,
    pub(super) place: AuditPageStart,
    /// The entry whose documents are shown in full.
    pub(super) opened: Option<i64>,
}

/// The filters, and the errors of those that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) filter: Filter,
    pub(super) invalid: Invalid,
}

impl View {
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query);
        let before = given.word("before").map(AuditPageStart::Before);
        let place = given.word("after").map(AuditPageStart::After).or(before).unwrap_or_default();
        Self { place, opened: given.word("entry"), given: given.only(&FIELDS) }
    }

    pub(super) fn value(&self, field: &str) -> &str {
        self.given.text(field)
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.given != Address::default()
    }

    /// With another value of a filter, from the newest entry.
    pub(super) fn with(&self, field: &str, value: &str) -> Self {
        Self { given: self.given.with(field, value), ..Self::default() }
    }

    pub(super) fn at(self, place: AuditPageStart) -> Self {
        Self { place, opened: None, ..self }
    }

    pub(super) fn open(&self, seq: i64) -> Self {
        Self { opened: Some(seq), ..self.clone() }
    }

    pub(super) fn href(&self) -> String {
        let place = match self.place {
            AuditPageStart::Newest => None,
            AuditPageStart::Before(seq) => Some(("before", seq)),
            AuditPageStart::After(seq) => Some(("after", seq)),
        };
        let numbers = place.into_iter().chain(self.opened.map(|seq| ("entry", seq)));
        let numbers = numbers.map(|(name, seq)| (name.to_owned(), seq.to_string()));
        href(PATH, self.given.pairs(&FIELDS).into_iter().chain(numbers))
    }

    /// URL of the report over the filtered range; a time that cannot be read is left out.
    pub(super) fn export(&self) -> String {
        let range = ["from", "to"].into_iter().filter_map(|field| {
            let time = self.time(field, &mut Invalid::default())?;
            Some((field, time.to_rfc3339_opts(SecondsFormat::Secs, true)))
        });
        href("/export/audit", [("format", "xlsx".to_owned())].into_iter().chain(range))
    }

    /// Reads the filters. A role that sees masked numbers may not search for digits: a match would
    /// reveal what the mask hides.
    pub(super) fn ask(&self, sight: Sight) -> Query {
        let mut invalid = Invalid::default();
        for field in FIELDS {
            if self.value(field).chars().count() > LONGEST {
                invalid.push(field, Fault::TooLong, format!("At most {LONGEST} characters."));
            } else if self.value(field).contains(char::is_control) {
                invalid.push(field, Fault::InvalidValue, "No control characters.");
            }
        }
        let text = |field| Some(self.value(field).to_owned()).filter(|text| !text.is_empty());
        let activity = text("activity");
        if activity.as_ref().is_some_and(|word| word.parse::<Activity>().is_err()) {
            invalid.push(
                "activity",
                Fault::InvalidChoice,
                "This activity does not exist. Choose one from the list.",
            );
        }
        let object = text("object");
        for field in ["object", "actor", "activity"] {
            let typed = self.value(field);
            if sight == Sight::Masked && (has_digits_of_a_number(typed) || hides(typed)) {
                let words = "Your role sees masked numbers and cannot search for their digits.";
                invalid.push(field, Fault::Forbidden, words);
            }
        }
        let (from, to) = (self.time("from", &mut invalid), self.time("to", &mut invalid));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            invalid.push("to", Fault::Conflict, "The end must be after the beginning.");
        }
        Query { filter: Filter { actor: text("actor"), activity, object, from, to }, invalid }
    }

    fn time(&self, field: &str, invalid: &mut Invalid) -> Option<DateTime<Utc>> {
        let typed = self.value(field);
        if typed.is_empty() {
            return None;
        }
        let time =
            zone::current().read(typed).ok().filter(|time| (2000..=2100).contains(&time.year()));
        if time.is_none() {
            let words = "Enter a time such as 2026-11-20T09:30, between 2000 and 2100.";
            invalid.push(field, Fault::InvalidTime, words);
        }
        time
    }
}

fn has_digits_of_a_number(text: &str) -> bool {
    text.split('+').skip(1).any(|rest| rest.trim_start().starts_with(|c: char| c.is_numeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_back::{exact, queries};
    use proptest::prelude::*;

    const NAMES: &[&str] =
        &["actor", "activity", "object", "from", "to", "before", "after", "entry"];
    const WORDS: &[&str] =
        &["a@example.com", "Signed+in", "user+x", "2026-11-20T09:30", "never", "7", "-1", "%2B9"];

    fn view(query: &str) -> View {
        View::read(query)
    }

    #[test]
    fn an_address_reads_back() {
        for query in [
            "/audit",
            "/audit?actor=a%40example.com&activity=Signed+in&object=user+x&before=7",
            "/audit?from=2026-11-20T09%3A30&to=2026-11-21&after=7",
            "/audit?before=9&entry=7",
        ] {
            let (_, pairs) = query.split_once('?').unwrap_or_default();
            assert_eq!(view(pairs).href(), query);
        }
        let export = view("from=2026-11-20T09:30&to=never&actor=a").export();
        assert_eq!(export, "/export/audit?format=xlsx&from=2026-11-20T09%3A30%3A00Z");
        let other = view("actor=a&before=7").with("activity", "Blocked");
        assert_eq!(other.href(), "/audit?actor=a&activity=Blocked", "from the newest on");
    }

    #[test]
    fn what_cannot_be_read_is_told_beside_its_field() {
        let long = format!("actor={}", "x".repeat(321));
        for (query, field) in [
            ("activity=Nothing", "activity"),
            ("from=yesterday", "from"),
            ("to=1969-01-01", "to"),
            ("from=2026-11-21&to=2026-11-20", "to"),
            ("to=-9999-01-01", "to"),
            (&long, "actor"),
        ] {
            let invalid = view(query).ask(Sight::Whole).invalid;
            assert!(invalid.of(field).is_some(), "{query}: {invalid:?}");
        }
        assert_eq!(view("before=x&nonsense=1").ask(Sight::Whole).invalid, Invalid::default());
        assert_eq!(view("before=x").place, AuditPageStart::Newest);
    }

    #[test]
    fn who_sees_masks_cannot_try_digits_out() {
        for text in ["number +1415", "+1", "number + 1"] {
            let view = View::default().with("object", text);
            assert!(view.ask(Sight::Masked).invalid.of("object").is_some(), "{text}");
            assert_eq!(view.ask(Sight::Whole).invalid, Invalid::default());
        }
        for text in ["number", "number +", "user 1234"] {
            let view = View::default().with("object", text);
            assert_eq!(view.ask(Sight::Masked).invalid, Invalid::default(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn links_are_read_back(query in queries(NAMES, WORDS)) {
            exact(&query, View::read, View::href);
        }
    }
}
