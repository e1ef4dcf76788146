//! Newer number metadata without a new release: a file from Google is read, compared with the
//! current metadata on the numbers of the last 30 days, stored, and loaded by every process that
//! uses the store.

mod file;

use domain::audit::{Activity, By, Change};
use domain::numbers::{MetadataChanges, NumberData, NumberDataError, Plans};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Db;
use store::number_data::{self, UploadInfo, Version};
use store::put_right;

pub use file::unpack;

/// Days of numbers used for the comparison.
pub const DAYS: i64 = 30;
/// Most distinct numbers compared, newest first; they take about 40 MiB.
pub(crate) const NUMBERS_MAX: usize = 2_000_000;
/// Attempts read at a time.
const PIECE: i64 = 20_000;

/// Why metadata was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// It cannot be read or is incomplete.
    #[error("the file {0}")]
    File(#[from] NumberDataError),
    /// Somebody else stored other metadata in the meantime.
    #[error("somebody else changed the number data at the same moment; nothing was changed")]
    Stale,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// New metadata: from a file, or the built-in data.
#[derive(Debug)]
pub struct Offered {
    /// The numbering plans in it.
    pub plans: Arc<Plans>,
    /// The file's content to store; `None` for the built-in data.
    content: Option<String>,
}

impl Offered {
    /// Reads metadata from a file's text; `name` is its name for people.
    ///
    /// # Errors
    /// If it is not Google's metadata, or is incomplete.
    pub fn read(text: &str, name: &str) -> Result<Self, NumberDataError> {
        let data = NumberData::read(text)?;
        let plans = Arc::new(Plans::brought(&data, name)?);
        Ok(Self { plans, content: Some(data.text().to_owned()) })
    }

    /// The metadata that was compiled in.
    pub fn built_in() -> Self {
        Self { plans: Plans::built_in(), content: None }
    }

    fn digest(&self) -> Option<String> {
        let content = self.content.as_deref()?;
        Some(domain::keys::hex(&Sha256::digest(content)))
    }
}

/// The version of the store's number data that this process uses.
static HELD: AtomicI64 = AtomicI64::new(0);

/// Loads the store's metadata if this process uses another version. Reads nothing if nothing
/// changed.
///
/// # Errors
/// If the store fails, or has metadata that this program cannot read; then the current data stays
/// in use.
pub async fn follow(db: &Db) -> Result<(), store::Error> {
    let newest = number_data::version(db.read()).await?;
    if newest == HELD.load(Ordering::Acquire) {
        return Ok(());
    }
    let Some(kept) = number_data::current(db.read()).await? else { return Ok(()) };
    let version = kept.version;
    // Unreadable metadata is reported once and not read again every second; the current data stays
    // in use.
    HELD.store(version, Ordering::Release);
    // Parsing takes a while, so it runs on a blocking thread.
    let plans = tokio::task::spawn_blocking(move || plans_of(kept)).await;
    let plans = plans.map_err(|error| corrupt(&error))??;
    tracing::info!(name = plans.name(), "numbers are looked up in other data");
    plans.hold();
    Ok(())
}

fn plans_of(kept: Version) -> Result<Arc<Plans>, store::Error> {
    match &kept.content {
        None => Ok(Plans::built_in()),
        Some((text, _)) => {
            let offered = Offered::read(text, &kept.name).map_err(|error| corrupt(&error))?;
            Ok(offered.plans)
        }
    }
}

fn corrupt(error: &dyn std::fmt::Display) -> store::Error {
    store::Error::Corrupt { table: "number_data", what: error.to_string() }
}

/// The current metadata for the pages: its name, and if it came from a file, since when it is used.
///
/// # Errors
/// If the store fails.
pub async fn about(db: &Db) -> Result<(String, Option<UploadInfo>), store::Error> {
    let taken = number_data::taken(db.read()).await?;
    Ok((Plans::current().name().to_owned(), taken))
}

/// Which distinct numbers of the last [`DAYS`] days would change, for at most the newest
/// [`NUMBERS_MAX`]. `progress` gets the number examined so far.
///
/// # Errors
/// If the store fails.
pub async fn compare(
    db: &Db,
    after: &Plans,
    mut progress: impl FnMut(&MetadataChanges),
) -> Result<MetadataChanges, store::Error> {
    let before = Plans::current();
    let from = db.clock.now() - chrono::TimeDelta::days(DAYS);
    let (mut moves, mut place) = (MetadataChanges::default(), None);
    let mut seen: HashSet<u64> = HashSet::new();
    loop {
        let mut new = Vec::new();
        let (last, count) = number_data::numbers(db.read(), place, from, PIECE, |phone| {
            if seen.len() < NUMBERS_MAX && seen.insert(phone.digits()) {
                new.push(phone);
            }
        })
        .await?;
        for phone in new {
            moves.compare(phone, &before, after);
        }
        progress(&moves);
        place = last;
        if count < PIECE || seen.len() >= NUMBERS_MAX {
            return Ok(moves);
        }
    }
}

/// Stores metadata, from where every process loads it; `false` if it equals the current data.
///
/// # Errors
/// [`ReplaceError::Stale`] or [`ReplaceError::Store`].
pub async fn replace(db: &Db, by: &By, offered: &Offered) -> Result<bool, ReplaceError> {
    let mut write = db.write(by).await?;
    let before = number_data::current(write.conn()).await?;
    let digest = offered.digest();
    let held = before.as_ref().and_then(|before| before.content.as_ref());
    if held.map(|(_, digest)| digest) == digest.as_ref() {
        return Ok(false);
    }
    let version = Version {
        version: before.as_ref().map_or(0, |before| before.version) + 1,
        name: offered.plans.name().to_owned(),
        content: offered.content.clone().zip(digest),
        taken: write.now(),
        taken_by: by.actor.to_string(),
    };
    if !number_data::add(&mut write, &version).await? {
        return Err(ReplaceError::Stale);
    }
    // Numbers may be spelled differently now: stored numbers are checked again.
    put_right::forget(write.conn(), crate::spellings::WHAT).await?;
    let change = Change::new(Activity::NumberDataChanged, version.name.clone())
        .before(audit_value(before.as_ref()))
        .after(audit_value(Some(&version)));
    write.commit(change).await?;
    Ok(true)
}

/// A version as the audit log shows it.
fn audit_value(version: Option<&Version>) -> Value {
    let digest = version.and_then(|version| version.content.as_ref()).map(|(_, digest)| digest);
    match version {
        Some(version) => json!({ "name": version.name, "sha256": digest }),
        None => json!({ "name": Plans::built_in().name(), "sha256": null }),
    }
}

#[cfg(test)]
mod tests;
