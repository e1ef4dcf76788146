//! Erasing a person: deletes or anonymizes each of their rows, keeps the audit log's chain intact,
//! and writes an audit entry.

mod engine;

use crate::handles::Handles;
use crate::sync::lock;
use domain::audit::{self, Activity, By, Change, Head};
use domain::erase::{Person, Whom};
use domain::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::Db;
use store::audit::StoredEntry;
use store::erase::PersonArguments;

/// Audit entries examined between two progress reports.
const PIECE: i64 = 20_000;

/// Erasures that this process has seen. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Erasures {
    db: Db,
    seen: Arc<AtomicI64>,
    last: Arc<Mutex<Option<Last>>>,
}

/// State of the last erasure started from this server's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Last {
    /// It is running.
    Running,
    /// It has ended.
    Ended {
        /// Rows that contained the person, by table.
        rows: RowCounts,
        /// Whether it only counted.
        dry_run: bool,
    },
    /// It was interrupted.
    Failed,
}

impl Erasures {
    /// Starts with the erasures done so far as seen.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn start(db: Db) -> Result<Self, store::Error> {
        let seen = store::erase::newest(db.read()).await?;
        Ok(Self { db, seen: Arc::new(AtomicI64::new(seen)), last: Arc::default() })
    }

    /// State of the last erasure started from this server's pages.
    pub fn last(&self) -> Option<Last> {
        lock(&self.last).clone()
    }

    /// The newest erasure, if it was not seen yet.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn unseen(&self) -> Result<Option<i64>, store::Error> {
        let newest = store::erase::newest(self.db.read()).await?;
        Ok((newest > self.seen.load(Ordering::Acquire)).then_some(newest))
    }

    /// Notes that the data in memory was read after this erasure.
    pub(crate) fn saw(&self, newest: i64) {
        self.seen.fetch_max(newest, Ordering::AcqRel);
    }

    /// Marks an erasure as running; `None` if another one is running.
    fn begin(&self) -> Option<RunningErasure> {
        let mut last = lock(&self.last);
        if *last == Some(Last::Running) {
            return None;
        }
        *last = Some(Last::Running);
        Some(RunningErasure(self.clone(), Last::Failed))
    }
}

/// A running erasure; it ends when dropped, also after a panic.
struct RunningErasure(Erasures, Last);

impl RunningErasure {
    /// Ends it with this state.
    fn end(mut self, last: Last) {
        self.1 = last;
    }
}

impl Drop for RunningErasure {
    fn drop(&mut self) {
        *lock(&self.0.last) = Some(std::mem::replace(&mut self.1, Last::Failed));
    }
}

/// Number of rows that contained the person, by table.
pub type RowCounts = BTreeMap<String, u64>;

/// What an erasure did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureResult {
    /// Rows that contained the person, by table; tables without such rows are left out.
    pub rows: RowCounts,
    /// The handle that replaces the person.
    pub handle: String,
}

/// Erases a person from every table; with `dry_run`, rolls everything back. If it is interrupted,
/// what was erased stays erased, and the next run does the rest. `progress` is called after each
/// table, with its number of rows.
///
/// # Errors
/// If the store fails.
pub async fn erase(
    db: &Db,
    by: &By,
    whom: &Whom,
    dry_run: bool,
    mut progress: impl FnMut(&str, u64) + Send,
) -> Result<ErasureResult, store::Error> {
    crate::secret::check(db).await?;
    let person = person(db, whom).await?;
    let mut names = PersonArguments::new(&person);
    store::erase::attempts(db.read(), &mut names).await?;
    let mut rows = RowCounts::new();
    let mut count = |table: &str, found: u64| {
        if found > 0 {
            *rows.entry(table.to_owned()).or_default() += found;
        }
    };
    let mut tables = store::erase::tables(db.read()).await?;
    let aliases = store::erase::aliases(&mut tables);
    for table in &tables {
        let mut tx = db.begin().await?;
        let found = match table.name.as_str() {
            "settings" => store::erase::settings(&mut tx, &names).await?,
            "tally" => store::erase::tallies(&mut tx, &names).await?,
            _ => store::erase::from_table(&mut tx, table, &names).await?,
        };
        end(tx, dry_run).await?;
        progress(&table.name, found);
        count(&table.name, found);
    }
    let found = from_audit(db, &names, dry_run).await?;
    progress("audit", found);
    count("audit", found);

    let mut write = db.write(by).await?;
    if let Some(table) = aliases {
        let found = store::erase::from_table(write.conn(), &table, &names).await?;
        progress(&table.name, found);
        count(&table.name, found);
    }
    let done = ErasureResult { rows, handle: person.handle.clone() };
    if dry_run {
        return Ok(done);
    }
    let now = write.now();
    store::erase::note(write.conn(), &person.handle, now).await?;
    let kind = match whom {
        Whom::User(_) => "user",
        Whom::Phone(_) => "number",
    };
    let change = Change::new(Activity::Erased, format!("{kind} {}", person.handle))
        .after(serde_json::json!({ "rows": done.rows }));
    write.commit(change).await?;
    Ok(done)
}

/// The person with all names.
async fn person(db: &Db, whom: &Whom) -> Result<Person, store::Error> {
    let names = match whom {
        Whom::User(user) => {
            let name = domain::events::fold_user(user);
            store::aliases::names_of(db.read(), &name).await?
        }
        Whom::Phone(_) => Vec::new(),
    };
    let key = Handles::new(db.clone()).key().await?;
    Ok(Person::new(whom, names, &db.secret).linked(&key))
}

async fn end(tx: sqlx::Transaction<'_, sqlx::Postgres>, dry_run: bool) -> Result<(), store::Error> {
    let ended = if dry_run { tx.rollback().await } else { tx.commit().await };
    Ok(ended?)
}

/// Erases the person from the audit log, in pieces. Returns how many entries contained them.
async fn from_audit(
    db: &Db,
    names: &PersonArguments<'_>,
    dry_run: bool,
) -> Result<u64, store::Error> {
    let key = db.secret.audit_key();
    let (mut count, mut after) = (0, 0);
    loop {
        let mut tx = db.begin().await?;
        let (entries, next) = store::audit::naming(&mut tx, &names.pattern, after, PIECE).await?;
        // Something signed with a secret that another server has replaced would never verify again.
        if !dry_run && !entries.is_empty() {
            let head = store::audit::lock_head(&mut tx).await?;
            if head.secret_check.as_deref().is_some_and(|check| check != db.secret.check()) {
                return Err(store::Error::AnotherSecret);
            }
        }
        for standing in &entries {
            let left = left_of(standing, names.person);
            if let Some((left, version)) = left.zip(standing.version) {
                count += 1;
                let row = &standing.row;
                let mac = audit::erased(&key, &row.hash, version, row.key, &left);
                store::audit::erase(&mut tx, &left, &mac).await?;
            }
        }
        end(tx, dry_run).await?;
        match next {
            Some(next) => after = next,
            None => return Ok(count),
        }
    }
}

/// Signs erasures and the start of the audit log again, with another secret. What does not match
/// the old secret stays unchanged: verifying reports it.
///
/// # Errors
/// If the store fails.
pub(crate) async fn sign_anew(
    conn: &mut sqlx::PgConnection,
    old: &Secret,
    new: &Secret,
) -> Result<(), store::Error> {
    let (old, new) = (old.audit_key(), new.audit_key());
    for standing in store::audit::erased(conn).await? {
        let (row, left) = (&standing.row, standing.to_entry());
        let Some(version) = standing.version else { continue };
        let mac = |key: &[u8; 32]| audit::erased(key, &row.hash, version, row.key, &left);
        let kept = standing.beside.as_ref().and_then(|beside| beside.erased.as_deref());
        if kept == Some(mac(&old).as_slice()) {
            store::audit::erase(conn, &left, &mac(&new)).await?;
        }
    }
    let Some(kept) = store::audit::anchor(conn).await? else { return Ok(()) };
    let Ok(hash) = kept.hash.as_slice().try_into() else { return Ok(()) };
    let last = Head { seq: kept.seq, hash };
    if audit::anchor(&old, last).as_slice() == kept.mac {
        store::audit::sign_anchor(conn, &audit::anchor(&new, last)).await?;
    }
    Ok(())
}

/// What remains of an entry; `None` if it does not name the person.
fn left_of(standing: &StoredEntry, person: &Person) -> Option<audit::Entry> {
    let mut entry = standing.to_entry();
    let mut found = false;
    if let Some(object) = person.taken_out_of(&entry.object) {
        entry.object = object;
        found = true;
    }
    for document in [&mut entry.before, &mut entry.after] {
        let Some(text) = document.as_deref() else { continue };
        let Ok(mut value) = serde_json::from_str::<Value>(text) else { continue };
        if person.take_out_of(&mut value) {
            *document = Some(value.to_string());
            found = true;
        }
    }
    found.then_some(entry)
}
