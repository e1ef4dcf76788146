//! The page's address: what entries are asked for.

use crate::zone;
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use domain::audit::Activity;
use domain::mask::hides;
use domain::query::{Address, href};
use domain::workbook::Sight;
use domain::{Fault, Invalid};
use store::audit::Filter;

/// The page's path.
pub(super) const PATH: &str = "/audit";
/// The filters' names in the address.
pub(super) const FIELDS: [&str; 5] = ["actor", "activity", "object", "from", "to"];
/// Most characters of a filter: an actor is an e-mail address at most.
const LONGEST: usize = 320;

/// Which part of the log is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// The newest entries.
    #[default]
    Newest,
    /// Those older than an entry.
    Before(i64),
    /// Those newer than an entry.
    After(i64),
}

/// The address taken apart; values as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View {
    given: Address,
    pub(super) place: Place,
    /// The long entry that is shown whole.
    pub(super) opened: Option<i64>,
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) filter: Filter,
    pub(super) invalid: Invalid,
}

impl View {
    /// Reads an address.
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query);
        let before = given.word("before").map(Place::Before);
        let place = given.word("after").map(Place::After).or(before).unwrap_or_default();
        Self { place, opened: given.word("entry"), given: given.only(&FIELDS) }
    }

    /// What stands in a field.
    pub(super) fn value(&self, field: &str) -> &str {
        self.given.text(field)
    }

    /// Whether anything is asked for.
    pub(super) fn is_filtered(&self) -> bool {
        self.given != Address::default()
    }

    /// The same with another value in a field, from the newest entry on.
    pub(super) fn with(&self, field: &str, value: &str) -> Self {
        Self { given: self.given.with(field, value), ..Self::default() }
    }

    /// The same at another place.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place, opened: None, ..self }
    }

    /// The same with a long entry opened.
    pub(super) fn open(&self, seq: i64) -> Self {
        Self { opened: Some(seq), ..self.clone() }
    }

    /// The address.
    pub(super) fn href(&self) -> String {
        let place = match self.place {
            Place::Newest => None,
            Place::Before(seq) => Some(("before", seq)),
            Place::After(seq) => Some(("after", seq)),
        };
        let numbers = place.into_iter().chain(self.opened.map(|seq| ("entry", seq)));
        let numbers = numbers.map(|(name, seq)| (name.to_owned(), seq.to_string()));
        href(PATH, self.given.pairs(&FIELDS).into_iter().chain(numbers))
    }

    /// The address of the report over the range that is asked for; what cannot be read is left
    /// out.
    pub(super) fn export(&self) -> String {
        let range = ["from", "to"].into_iter().filter_map(|field| {
            let time = self.time(field, &mut Invalid::default())?;
            Some((field, time.to_rfc3339_opts(SecondsFormat::Secs, true)))
        });
        href("/export/audit", [("format", "xlsx".to_owned())].into_iter().chain(range))
    }

    /// What the address asks for, as far as it can be read. Who sees masks may not try digits
    /// out: what is found would tell what the mask hides.
    pub(super) fn ask(&self, sight: Sight) -> Asked {
        let mut invalid = Invalid::default();
        for field in FIELDS {
            if self.value(field).chars().count() > LONGEST {
                invalid.push(field, Fault::TooLong, format!("At most {LONGEST} characters."));
            }
        }
        let text = |field| Some(self.value(field).to_owned()).filter(|text| !text.is_empty());
        let activity = text("activity");
        if activity.as_ref().is_some_and(|word| word.parse::<Activity>().is_err()) {
            invalid.push(
                "activity",
                Fault::InvalidChoice,
                "There is no such activity. Choose one.",
            );
        }
        let object = text("object");
        for field in ["object", "actor", "activity"] {
            let typed = self.value(field);
            if sight == Sight::Masked && (has_digits_of_a_number(typed) || hides(typed)) {
                let words = "Your role sees masked numbers and cannot look for their digits.";
                invalid.push(field, Fault::Forbidden, words);
            }
        }
        let (from, to) = (self.time("from", &mut invalid), self.time("to", &mut invalid));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            invalid.push("to", Fault::Conflict, "The end must be after the beginning.");
        }
        Asked { filter: Filter { actor: text("actor"), activity, object, from, to }, invalid }
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
        assert_eq!(view("before=x").place, Place::Newest);
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
