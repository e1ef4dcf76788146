//! Files imported through the console: received into a spool and read by a worker one after the
//! other. Each has a row with its progress. After a restart the server continues them.

mod rejects;
mod spool;

use crate::Error;
use crate::import::{self, ImportObserver, Progress};
use crate::ingest::{Ingest, Via};
use crate::sync::lock;
use crate::work::Progress as Step;
use domain::audit::{Activity, By, Change};
use domain::sources::Dates;
use domain::workbook::Sight;
use rejects::Rejects;
use serde_json::json;
use spool::Spool;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Db;
use store::imports::Counts;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use store::imports::{ImportJob, ImportState};

/// Most jobs that the page lists.
const LISTED: i64 = 10;
/// Time between two updates of a job's progress.
const NOTE: Duration = Duration::from_millis(500);

/// Why an upload was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// What is wrong with the file, in words for the page.
    #[error("{0}")]
    Refused(String),
    /// The server could not receive it.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Imports through the console. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Imports {
    db: Db,
    ingest: Ingest,
    spool: Arc<Spool>,
    brought: Arc<Notify>,
}

impl Imports {
    /// Creates it with a spool folder for the files.
    pub(crate) fn new(db: Db, ingest: Ingest, spool: &Path) -> Self {
        Self { db, ingest, spool: Arc::new(Spool::new(spool)), brought: Arc::new(Notify::new()) }
    }

    /// The most recent jobs, newest first.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn list(&self) -> Result<Vec<ImportJob>, Error> {
        Ok(store::imports::list(self.db.read(), LISTED).await?)
    }

    /// Begins to receive a file.
    ///
    /// # Errors
    /// [`UploadError::Refused`] if it has no name; [`UploadError::Failed`] if the spool cannot be
    /// written.
    pub async fn receive(&self, name: &str, by: By) -> Result<NewFile, UploadError> {
        // Browsers send only the name; a path that another client sends is dropped.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        if name.is_empty() {
            return Err(UploadError::Refused("Choose a file.".to_owned()));
        }
        let id = store::random::uuid();
        let name_in_spool = name_of(id, spool::LOG);
        let file = self.in_spool(move |spool| spool.create(&name_in_spool)).await;
        let file = File::from_std(file.map_err(|error| unwritable(&error))?);
        let path = self.file(id, spool::LOG);
        let (imports, dates) = (self.clone(), Dates::default());
        Ok(NewFile { imports, id, path: Some(path), file, name, dates, by, bytes: 0 })
    }

    /// The rejected lines of an import, as CSV.
    ///
    /// # Errors
    /// If the file of rejected lines is not on this server.
    pub async fn rejected(&self, id: Uuid, sight: Sight) -> std::io::Result<String> {
        let file = self.in_spool(move |spool| spool.open(&name_of(id, spool::REJECTED)));
        // The number of lines is limited, and none is long.
        let mut csv = String::new();
        File::from_std(file.await?).read_to_string(&mut csv).await?;
        Ok(masked_lines(&csv, sight))
    }

    /// Deletes rejected lines after `days`, at most 30, and files that no import needs. Returns how
    /// many files.
    ///
    /// # Errors
    /// If the store fails, or the spool cannot be read.
    pub(crate) async fn keep(&self, days: Option<u32>) -> Result<usize, Error> {
        let open = store::imports::open(self.db.read()).await?;
        let open: Vec<String> = open.iter().map(|job| job.id.simple().to_string()).collect();
        let now = self.db.clock.now();
        let kept = days.map(|days| chrono::TimeDelta::days(i64::from(days)));
        let tidy =
            move |spool: &Spool| spool.tidy(now, kept, |id| open.iter().any(|open| open == id));
        self.in_spool(tidy).await.map_err(Error::Spool)
    }

    async fn in_spool<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Spool) -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let spool = Arc::clone(&self.spool);
        let done = tokio::task::spawn_blocking(move || what(&spool)).await;
        done.map_err(std::io::Error::other)?
    }

    /// Deletes the rejected lines of all imports on this server, and returns how many files.
    ///
    /// # Errors
    /// If the spool cannot be read or changed.
    pub async fn forget_rejected(&self) -> std::io::Result<usize> {
        self.in_spool(Spool::forget_rejected).await
    }

    /// Imports the oldest file that waits here, if there is one.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn step(&self, stop: &CancellationToken) -> Result<Step, Error> {
        for job in store::imports::open(self.db.read()).await? {
            // The files of other servers' jobs are in their own spools.
            if fs::try_exists(self.file(job.id, spool::LOG)).await.unwrap_or(false) {
                self.read(job, stop).await?;
                return Ok(Step::Worked);
            }
        }
        Ok(Step::Idle)
    }

    /// Notified when a file was received.
    pub(crate) fn brought(&self) -> &Notify {
        &self.brought
    }

    fn file(&self, id: Uuid, kind: &str) -> PathBuf {
        self.spool.path(&name_of(id, kind))
    }

    async fn read(&self, job: ImportJob, stop: &CancellationToken) -> Result<(), Error> {
        let path = self.file(job.id, spool::LOG);
        let mut watch = Notes {
            rejected: Rejects::new(Arc::clone(&self.spool), name_of(job.id, spool::REJECTED)),
            far: Arc::default(),
        };
        let far = Arc::clone(&watch.far);
        self.note(&job, ImportState::Running, Progress::default(), None).await?;

        let mut options = import::Options::new(&job.file_name, self.db.clock.now())
            .map_err(|why| Error::Spool(std::io::Error::other(why)))?;
        options.shape.dates = job.dates;
        let door = import::EventSink(self.ingest.clone(), Via::Import);
        let reading =
            import::import(import::Input::File(path.clone()), options, &door, &mut watch, stop);
        tokio::pin!(reading);
        let outcome = loop {
            tokio::select! {
                outcome = &mut reading => break outcome,
                () = tokio::time::sleep(NOTE) => {
                    let progress = lock(&far).clone();
                    // Progress is only informative; if the store is away, the import itself reports
                    // it.
                    let _ = self.note(&job, ImportState::Running, progress, None).await;
                }
            }
        };
        if stop.is_cancelled() {
            // The file stays: the next server continues, and events already stored are duplicates.
            return Ok(());
        }
        let bytes = lock(&far).bytes;
        let progress = Progress { bytes, report: outcome.report };
        match outcome.error {
            None => self.note(&job, ImportState::Done, progress, None).await?,
            // The store went away: the file stays, and the next try recognizes what is stored
            // already.
            Some(why @ import::ImportError::Ingest(_)) => return Err(Error::Import(why)),
            Some(why) => {
                self.note(&job, ImportState::Failed, progress, Some(&why.to_string())).await?;
            }
        }
        if let Err(error) = fs::remove_file(&path).await {
            tracing::warn!(
                error = store::with_sources(&error),
                "a file that was read stays in the spool"
            );
        }
        Ok(())
    }

    async fn note(
        &self,
        job: &ImportJob,
        state: ImportState,
        progress: Progress,
        error: Option<&str>,
    ) -> Result<(), Error> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let report = progress.report;
        let counts = Counts {
            read: number(report.read),
            accepted: number(report.accepted),
            enriched: number(report.enriched),
            duplicates: number(report.duplicates),
            ignored: number(report.ignored),
            rejected: number(report.rejected),
            ignored_kinds: report.ignored_kinds,
        };
        let ended =
            matches!(state, ImportState::Done | ImportState::Failed).then(|| self.db.clock.now());
        // The error may quote a binary file; an error that cannot be stored would be tried forever.
        let error = error.map(|words| words.replace('\0', "\u{fffd}"));
        let bytes = number(progress.bytes);
        let (pool, error) = (self.db.facts(), error.as_deref());
        store::imports::update(pool, job.id, state, bytes, counts, error, ended).await?;
        Ok(())
    }
}

/// Rejected lines as the reader may see them. Line numbers come first and are never masked.
fn masked_lines(csv: &str, sight: Sight) -> String {
    let lines = csv.split_inclusive('\n').map(|line| match line.split_once(',') {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{number},{}", sight.text(rest))
        }
        _ => sight.text(line).into_owned(),
    });
    lines.collect()
}

/// Records the progress of an import, and its rejected lines.
struct Notes {
    rejected: Rejects,
    far: Arc<Mutex<Progress>>,
}

impl ImportObserver for Notes {
    fn rejected(&mut self, record: &import::Rejected) {
        self.rejected.add(record);
    }

    fn progress(&mut self, progress: Progress) {
        *lock(&self.far) = progress;
    }
}

/// A file being received into the spool; it is deleted if dropped early.
#[derive(Debug)]
pub struct NewFile {
    imports: Imports,
    id: Uuid,
    path: Option<PathBuf>,
    file: File,
    name: String,
    dates: Dates,
    by: By,
    bytes: u64,
}

impl NewFile {
    /// Sets the order of day and month in dates that do not begin with the year.
    #[must_use]
    pub fn dated(mut self, dates: Dates) -> Self {
        self.dates = dates;
        self
    }

    /// Appends a piece.
    ///
    /// # Errors
    /// If the spool cannot be written.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), UploadError> {
        self.bytes += piece.len() as u64;
        self.file.write_all(piece).await.map_err(|error| unwritable(&error))
    }

    /// Completes the file and creates a job for it.
    ///
    /// # Errors
    /// If it is empty, or the spool or the store cannot be written.
    pub async fn finish(mut self) -> Result<(), UploadError> {
        if self.bytes == 0 {
            return Err(UploadError::Refused("The file is empty.".to_owned()));
        }
        self.file.sync_all().await.map_err(|error| unwritable(&error))?;
        self.note().await.map_err(Error::from)?;
        // From here on the file belongs to the job.
        self.path = None;
        self.imports.brought.notify_one();
        Ok(())
    }

    /// Writes the job's row and its audit entry.
    async fn note(&self) -> Result<(), store::Error> {
        let bytes = i64::try_from(self.bytes).unwrap_or(i64::MAX);
        let mut write = self.imports.db.write(&self.by).await?;
        let (now, by) = (write.now(), self.by.actor.to_string());
        let conn = write.conn();
        store::imports::add(conn, self.id, &by, &self.name, self.dates, bytes, now).await?;
        let change = Change::new(Activity::Imported, &self.name);
        write.commit(change.after(json!({ "import": self.id, "bytes": bytes }))).await
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The file name of a job in the spool.
fn name_of(id: Uuid, kind: &str) -> String {
    format!("{}{kind}", id.simple())
}

fn unwritable(error: &std::io::Error) -> UploadError {
    tracing::error!(error = store::with_sources(error), "a file brought in cannot be kept");
    let what = match error.kind() {
        std::io::ErrorKind::StorageFull => "the server's disk is full",
        _ => "the server cannot write to its data directory",
    };
    UploadError::Refused(format!(
        "The file could not be stored: {what}. The server's log says more."
    ))
}

/// Deletes the rejected lines of all imports in a folder, and returns how many files.
///
/// # Errors
/// If the folder cannot be read or changed.
pub fn forget_rejected(folder: &Path) -> std::io::Result<usize> {
    Spool::new(folder).forget_rejected()
}
