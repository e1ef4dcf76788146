//! Saving settings: with an audit entry and an alert, and never over another user's change.

use super::difference::differences;
use super::held::{Current, corrupt, load_document};
use crate::notify::{plain_alert, raise};
use domain::Invalid;
use domain::audit::{Activity, By, Change};
use domain::notify::AlertKind;
use domain::rules;
use domain::settings::{Kind, Section};
use serde_json::{Map, Value, json};
use store::{Db, Write};

/// Result of a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Whether anything changed.
    pub changed: bool,
    /// The current documents of the given sections.
    pub current: Vec<Current<Value>>,
}

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Another change was saved first.
    #[error("somebody else changed these settings; nothing was saved")]
    Stale {
        /// The current document.
        current: Current<Value>,
    },
    /// It switches a protection off, and the password was not entered recently.
    #[error("this turns off a protection and needs a recently entered password")]
    AskAgain,
    /// The input is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The version on which a change is based.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// Any version: of two changes the last one stays.
    Any,
    /// This version.
    Version(i64),
    /// An unreadable version, which never matches the current one.
    Unknown,
}

impl ExpectedVersion {
    /// The version in a form. A form without a version did not come from this console.
    pub fn of_form(text: &str) -> Self {
        text.parse().map_or(Self::Unknown, Self::Version)
    }

    fn allows(self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Version(seen) => seen == version,
            Self::Unknown => false,
        }
    }
}

/// Saves a section's settings. If `seen` is a version, nothing newer is overwritten, and the audit
/// log records the refusal. Unchanged settings create no version.
///
/// # Errors
/// [`SaveError`]: not valid, based on an old version, password needed, or a failed store.
pub async fn save<T: Section>(
    db: &Db,
    by: &By,
    seen: ExpectedVersion,
    settings: &T,
) -> Result<Saved, SaveError> {
    let document = serde_json::to_value(settings).map_err(|error| corrupt(T::NAME, error))?;
    save_document(db, by, T::KIND, seen, document).await
}

/// Checks and saves a document like [`save`].
///
/// # Errors
/// [`SaveError`]: not valid, based on an old version, password needed, or a failed store.
pub async fn save_document(
    db: &Db,
    by: &By,
    kind: &'static Kind,
    seen: ExpectedVersion,
    document: Value,
) -> Result<Saved, SaveError> {
    save_all(db, by, vec![(kind, seen, document)]).await
}

/// Saves the documents of several sections in one transaction, with one audit entry.
///
/// # Errors
/// [`SaveError`]: not valid, based on an old version, password needed, or a failed store.
pub(super) async fn save_all(
    db: &Db,
    by: &By,
    changes: Vec<(&'static Kind, ExpectedVersion, Value)>,
) -> Result<Saved, SaveError> {
    let mut sections = Vec::with_capacity(changes.len());
    for (kind, seen, document) in changes {
        sections.push((kind, seen, kind.read(document)?));
    }
    // Sorted, so that two concurrent calls wait for each other instead of deadlocking.
    sections.sort_by_key(|(kind, ..)| kind.name);
    // A caller that accepts any version overwrites: of two concurrent ones, one tries again.
    for _ in 0..10 {
        if let Some(saved) = try_save(db, by, &sections).await? {
            return Ok(saved);
        }
    }
    Err(SaveError::Store(store::Error::Contended))
}

/// Saves; `None` if another change was saved at the same moment.
async fn try_save(
    db: &Db,
    by: &By,
    sections: &[(&'static Kind, ExpectedVersion, Value)],
) -> Result<Option<Saved>, SaveError> {
    let mut write = db.write(by).await?;
    let mut current = Vec::with_capacity(sections.len());
    let mut changed: Vec<(&str, Value, Value)> = Vec::new();
    for &(kind, seen, ref document) in sections {
        let before = load_document(write.conn(), kind).await?;
        if !seen.allows(before.version) {
            drop(write);
            refuse(db, by, kind, seen, document, &before).await?;
            return Err(SaveError::Stale { current: before });
        }
        let name = by.actor.to_string();
        let document = kind.signed(document.clone(), &before.settings, &name, write.now());
        if document == before.settings {
            current.push(before);
            continue;
        }
        if !by.fresh && kind.weakened_by(&before.settings, &document, write.now()) {
            return Err(SaveError::AskAgain);
        }
        let version = store::settings::Version {
            version: before.version + 1,
            document: document.clone(),
            changed: write.now(),
            changed_by: name,
        };
        if !store::settings::add(&mut write, kind.name, &version).await? {
            return Ok(None);
        }
        current.push(Current { version: version.version, settings: document.clone() });
        changed.push((kind.name, before.settings, document));
    }
    let saved = Saved { changed: !changed.is_empty(), current };
    if saved.changed {
        raise_alert(&mut write, &changed).await?;
        write.commit(change(changed)).await?;
    }
    Ok(Some(saved))
}

/// One audit entry: for one section its documents, for several each under its name.
fn change(changed: Vec<(&str, Value, Value)>) -> Change {
    if let [(name, before, after)] = changed.as_slice() {
        return Change::new(Activity::SettingsChanged, *name)
            .before(before.clone())
            .after(after.clone());
    }
    let names: Vec<&str> = changed.iter().map(|(name, ..)| *name).collect();
    let names = names.join(", ");
    let (mut before, mut after) = (Map::new(), Map::new());
    for (name, was, is) in changed {
        before.insert(name.to_owned(), was);
        after.insert(name.to_owned(), is);
    }
    Change::new(Activity::SettingsChanged, names)
        .before(Value::Object(before))
        .after(Value::Object(after))
}

/// Raises an alert about changed settings, in the same transaction.
async fn raise_alert(
    write: &mut Write,
    changed: &[(&str, Value, Value)],
) -> Result<(), store::Error> {
    let sections: Vec<&str> = changed.iter().map(|(name, ..)| *name).collect();
    let names: Vec<String> = changed
        .iter()
        .flat_map(|(_, before, after)| differences(before, after))
        .map(|difference| difference.name)
        .collect();
    let (who, sections) = (&write.by().actor, sections.join(" and "));
    let line = format!("{who} changed the settings {sections} ({}).", names.join(", "));
    let alert = plain_alert(AlertKind::SetUpChange, line, "/audit");
    let now = write.now();
    raise(write.conn(), now, &alert).await?;
    for (_, before, after) in changed.iter().filter(|(name, ..)| *name == rules::Settings::NAME) {
        crate::unreported::tell_of_switches(write, before, after).await?;
    }
    Ok(())
}

async fn refuse(
    db: &Db,
    by: &By,
    kind: &Kind,
    seen: ExpectedVersion,
    document: &Value,
    current: &Current<Value>,
) -> Result<(), store::Error> {
    let seen = if let ExpectedVersion::Version(version) = seen { Some(version) } else { None };
    let change = Change::new(Activity::SettingsRefused, kind.name)
        .before(json!({ "version": current.version, "document": current.settings }))
        .after(json!({ "seen_version": seen, "document": document }));
    db.write(by).await?.commit(change).await
}
