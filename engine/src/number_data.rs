//! Newer metadata of numbers without a release: a file of Google's is read, compared with what
//! holds over the numbers of the last 30 days, kept in the store, and held by every process that
//! works on it.

mod file;

use domain::audit::{Activity, By, Change};
use domain::numbers::{Moves, NumberData, NumberDataError, Plans};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Db;
use store::number_data::{self, Taken, Version};
use store::put_right;

pub use file::unpack;

/// Days back that numbers are compared over.
pub const DAYS: i64 = 30;
/// The most distinct numbers that are compared, the newest; they take about 40 MiB.
pub const NUMBERS_MAX: usize = 2_000_000;
/// Attempts that are read at a time.
const PIECE: i64 = 20_000;

/// Why metadata does not hold.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// It cannot be read, or is not whole.
    #[error("the file {0}")]
    File(#[from] NumberDataError),
    /// Somebody else brought other metadata meanwhile.
    #[error("somebody else changed the number data at the same moment; nothing was changed")]
    Stale,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Metadata that is to hold: what a file has, or what is built in.
#[derive(Debug)]
pub struct Offered {
    /// The plans that numbers are looked up in then.
    pub plans: Arc<Plans>,
    /// What is kept of a file.
    content: Option<String>,
}

impl Offered {
    /// What a file has, under a name for people.
    ///
    /// # Errors
    /// When it is no metadata of Google's, or not whole.
    pub fn read(text: &str, name: &str) -> Result<Self, NumberDataError> {
        let data = NumberData::read(text)?;
        let plans = Arc::new(Plans::brought(&data, name)?);
        Ok(Self { plans, content: Some(data.text().to_owned()) })
    }

    /// What the program was built with.
    pub fn built_in() -> Self {
        Self { plans: Plans::built_in(), content: None }
    }

    fn digest(&self) -> Option<String> {
        let content = self.content.as_deref()?;
        Some(domain::keys::hex(&Sha256::digest(content)))
    }
}

/// Which version of the store's number data this process holds.
static HELD: AtomicI64 = AtomicI64::new(0);

/// Holds what the store has, if this process holds another version of it. Nothing is read where
/// nothing changed.
///
/// # Errors
/// When the store refuses, or has what this program cannot read: then what held goes on.
pub async fn follow(db: &Db) -> Result<(), store::Error> {
    let newest = number_data::version(db.read()).await?;
    if newest == HELD.load(Ordering::Acquire) {
        return Ok(());
    }
    let Some(kept) = number_data::current(db.read()).await? else { return Ok(()) };
    let version = kept.version;
    // What cannot be read is not read again each second: it is told once, and what held goes on.
    HELD.store(version, Ordering::Release);
    // Reading takes a while of a processor, and holds nobody else up so.
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

/// What the pages say of the data that holds: its name, and since when for data that was brought.
///
/// # Errors
/// When the store refuses.
pub async fn about(db: &Db) -> Result<(String, Option<Taken>), store::Error> {
    let taken = number_data::taken(db.read()).await?;
    Ok((Plans::current().name().to_owned(), taken))
}

/// Which of the distinct numbers of the last [`DAYS`] days move, at most [`NUMBERS_MAX`] of them,
/// the newest. `progress` learns how many were looked at.
///
/// # Errors
/// When the store refuses.
pub async fn compare(
    db: &Db,
    after: &Plans,
    mut progress: impl FnMut(&Moves),
) -> Result<Moves, store::Error> {
    let before = Plans::current();
    let from = db.clock.now() - chrono::TimeDelta::days(DAYS);
    let (mut moves, mut place) = (Moves::default(), None);
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
            moves.look(phone, &before, after);
        }
        progress(&moves);
        place = last;
        if count < PIECE || seen.len() >= NUMBERS_MAX {
            return Ok(moves);
        }
    }
}

/// Keeps metadata in the store, where every process that works on it takes it from; `false` when
/// it says what holds already.
///
/// # Errors
/// See [`BringError`].
pub async fn bring(db: &Db, by: &By, offered: &Offered) -> Result<bool, BringError> {
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
        return Err(BringError::Stale);
    }
    // Numbers may have another form now: what is stored is looked at again.
    put_right::forget(write.conn(), crate::spellings::WHAT).await?;
    let change = Change::new(Activity::NumberDataChanged, version.name.clone())
        .before(told(before.as_ref()))
        .after(told(Some(&version)));
    write.commit(change).await?;
    Ok(true)
}

/// A version as the audit log has it.
fn told(version: Option<&Version>) -> Value {
    let digest = version.and_then(|version| version.content.as_ref()).map(|(_, digest)| digest);
    match version {
        Some(version) => json!({ "name": version.name, "sha256": digest }),
        None => json!({ "name": Plans::built_in().name(), "sha256": null }),
    }
}

#[cfg(test)]
mod tests;
