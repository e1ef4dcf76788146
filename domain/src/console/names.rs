//! Readable names for flows and apps, whose ids in events are not readable. Only pages use them;
//! reports and the API keep the ids.

use crate::letters::turns;
use crate::settings::Section;
use crate::{Fault, Invalid};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Maximum characters of a name.
pub const NAME: usize = 80;
/// Maximum characters of an id: the same as an event's `flow` and `app`.
pub const ID: usize = 320;
/// Maximum names per kind.
pub const MOST: usize = 2_000;

/// What a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A user flow or policy.
    Flow,
    /// An application.
    App,
}

impl Kind {
    /// Both kinds, flows first.
    pub const ALL: [Self; 2] = [Self::Flow, Self::App];

    /// The setting that holds this kind's names.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Flow => "flows",
            Self::App => "apps",
        }
    }
}

/// The section of settings `names`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Names of flows by id.
    pub flows: BTreeMap<String, String>,
    /// Names of apps by id.
    pub apps: BTreeMap<String, String>,
}

impl Settings {
    /// One kind's names by id.
    pub fn of(&self, kind: Kind) -> &BTreeMap<String, String> {
        match kind {
            Kind::Flow => &self.flows,
            Kind::App => &self.apps,
        }
    }

    /// One kind's names by id, mutable.
    pub fn of_mut(&mut self, kind: Kind) -> &mut BTreeMap<String, String> {
        match kind {
            Kind::Flow => &mut self.flows,
            Kind::App => &mut self.apps,
        }
    }

    /// An id's display name: its name, or the id itself.
    pub fn name<'a>(&'a self, kind: Kind, id: &'a str) -> &'a str {
        self.of(kind).get(id).map_or(id, String::as_str)
    }
}

impl Section for Settings {
    const NAME: &'static str = "names";

    fn allowed(name: &str) -> Option<&'static str> {
        let (setting, inner) = name.split_once('.').map_or((name, false), |(name, _)| (name, true));
        Kind::ALL.iter().any(|kind| kind.setting() == setting).then_some(if inner {
            "a name of 1 to 80 letters"
        } else {
            "an object whose keys are ids and whose values are their names"
        })
    }

    /// Whether all names are readable and distinct. Errors are in `flows.<id>` and `apps.<id>`: an
    /// id or name that is too long, empty, or has control characters or surrounding spaces; a name
    /// used twice within a kind, or equal to another id.
    fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        for kind in Kind::ALL {
            let names = self.of(kind);
            if names.len() > MOST {
                let message = format!("must be at most {MOST} names");
                invalid.push(kind.setting(), Fault::TooLarge, message);
                continue;
            }
            let mut taken: HashMap<String, &str> = HashMap::new();
            for (id, name) in names {
                if let Err((code, message)) = judge(id, name) {
                    invalid.push(&field(kind, id), code, message);
                    continue;
                }
                let folded = name.to_lowercase();
                let posing = (name != id && names.contains_key(name)).then_some(name.as_str());
                if let Some(other) = taken.insert(folded, id).or(posing) {
                    let message =
                        format!("must be another name: {} has this one", shortened(other));
                    invalid.push(&field(kind, id), Fault::Duplicate, message);
                }
            }
        }
        invalid.or(())
    }
}

/// The error field of one id's name: `flows.<id>`.
pub fn field(kind: Kind, id: &str) -> String {
    format!("{}.{}", kind.setting(), shortened(id))
}

fn shortened(id: &str) -> String {
    id.chars().take(ID).collect()
}

fn judge(id: &str, name: &str) -> Result<(), (Fault, String)> {
    if id.is_empty() || id.chars().count() > ID || id.chars().any(char::is_control) {
        return Err((Fault::of_text(id, ID), format!("must be for an id of 1 to {ID} letters")));
    }
    if name.trim() != name || name.is_empty() {
        let message = format!("must be a name of 1 to {NAME} letters, without spaces around it");
        return Err((Fault::of_text(name, NAME), message));
    }
    let letters = name.chars().count();
    if letters > NAME {
        let message = format!("must be a name of at most {NAME} letters; these are {letters}");
        return Err((Fault::TooLong, message));
    }
    if name.chars().any(|letter| letter.is_control() || turns(letter)) {
        let message = "must be a name without line breaks, tabs and other control characters";
        return Err((Fault::InvalidValue, message.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flows(names: &[(&str, &str)]) -> Settings {
        let names = names.iter().map(|&(id, name)| (id.to_owned(), name.to_owned()));
        Settings { flows: names.collect(), ..Settings::default() }
    }

    #[test]
    fn an_id_without_a_name_stands_for_itself() {
        let names = flows(&[("B2C_1_up", "Sign-up")]);
        assert_eq!(names.name(Kind::Flow, "B2C_1_up"), "Sign-up");
        assert_eq!(names.name(Kind::Flow, "B2C_1_in"), "B2C_1_in");
        assert_eq!(names.name(Kind::App, "B2C_1_up"), "B2C_1_up", "flows are no apps");
        assert_eq!(names.check(), Ok(()));
    }

    #[test]
    fn names_can_be_read_and_told_apart() {
        let long = "x".repeat(NAME + 1);
        for (name, code) in [
            ("", "required"),
            (" Sign-up", "invalid_value"),
            (&*long, "too_long"),
            ("Sign\nup", "invalid_value"),
            ("Sign\u{202e}pu", "invalid_value"),
            ("Sign\0", "invalid_value"),
        ] {
            let invalid = flows(&[("a", name), ("b", "Fine")]).check().unwrap_err();
            assert_eq!(invalid.fields.len(), 1, "{name:?}");
            assert_eq!(
                (&*invalid.fields[0].field, invalid.fields[0].code.as_str()),
                ("flows.a", code)
            );
        }
        assert_eq!(flows(&[("a", &"é".repeat(NAME))]).check(), Ok(()));
        let same = flows(&[("a", "Sign-up"), ("b", "SIGN-UP")]).check().unwrap_err();
        assert_eq!(same.of("flows.b"), Some("must be another name: a has this one"));
        let posing = flows(&[("a", "b"), ("b", "Sign-in")]).check().unwrap_err();
        assert_eq!(posing.of("flows.a"), Some("must be another name: b has this one"));
        assert_eq!(flows(&[("a", "a")]).check(), Ok(()), "its own id is no other's");
        let apps =
            Settings { apps: flows(&[("x", "Sign-up")]).flows, ..flows(&[("a", "Sign-up")]) };
        assert_eq!(apps.check(), Ok(()), "an app may be called as a flow is");
        assert!(flows(&[("", "Sign-up")]).check().is_err());
        assert!(flows(&[(&"x".repeat(ID + 1), "Sign-up")]).check().is_err());
    }

    #[test]
    fn no_more_than_can_be_kept_in_mind() {
        let many = |count: usize| Settings {
            apps: (0..count).map(|at| (format!("id{at}"), format!("App {at}"))).collect(),
            ..Settings::default()
        };
        assert_eq!(many(MOST).check(), Ok(()));
        assert!(many(MOST + 1).check().unwrap_err().of("apps").is_some());
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(id in ".{0,20}", name in ".{0,100}") {
            if let Err(invalid) = flows(&[(&id, &name)]).check() {
                prop_assert!(!invalid.fields.is_empty());
            }
        }
    }
}
