//! Files brought in through the console: received into a spool, read by a worker one after the
//! other, each a row that says how far it is. A server that is stopped takes them up again.

mod rejects;
mod spool;

use crate::Error;
use crate::import::{self, Progress, Watch};
use crate::ingest::{Ingest, Via};
use crate::work::Progress as Step;
use domain::audit::{Activity, By, Change};
use domain::sources::Dates;
use domain::workbook::Sight;
use rejects::Rejects;
use serde_json::json;
use spool::Spool;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Db;
use store::imports::Counts;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use store::imports::{Job, State};

/// Jobs that the page lists.
const LISTED: i64 = 10;
/// Between two notes of how far a job is.
const NOTE: Duration = Duration::from_millis(500);

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// What is wrong with it, in words for the page.
    #[error("{0}")]
    Refused(String),
    /// What went wrong on the server.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The console's imports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Imports {
    db: Db,
    ingest: Ingest,
    spool: Arc<Spool>,
    brought: Arc<Notify>,
}

impl Imports {
    /// With a folder of its own for the files.
    pub(crate) fn new(db: Db, ingest: Ingest, spool: &Path) -> Self {
        Self { db, ingest, spool: Arc::new(Spool::new(spool)), brought: Arc::new(Notify::new()) }
    }

    /// The newest jobs first.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn list(&self) -> Result<Vec<Job>, Error> {
        Ok(store::imports::list(self.db.read(), LISTED).await?)
    }

    /// Begins to receive a file.
    ///
    /// # Errors
    /// When it has no name, or the spool cannot be written.
    pub async fn receive(&self, name: &str, by: By) -> Result<NewFile, UploadError> {
        // Browsers send the name alone; what other clients send before it is not ours to keep.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        if name.is_empty() {
            return Err(UploadError::Refused("Choose a file.".to_owned()));
        }
        let id = store::random::uuid();
        let name_in_spool = name_of(id, spool::LOG);
        let file = self.in_spool(move |spool| spool.create(&name_in_spool)).await;
        let file = file.map_err(|error| unwritable(&error))?;
        let path = self.file(id, spool::LOG);
        let (imports, dates) = (self.clone(), Dates::default());
        Ok(NewFile { imports, id, path: Some(path), file, name, dates, by, bytes: 0 })
    }

    /// The rejected lines of an import, as CSV.
    ///
    /// # Errors
    /// When they are not on this server.
    pub async fn rejected(&self, id: Uuid, sight: Sight) -> std::io::Result<String> {
        let file = self.in_spool(move |spool| spool.open(&name_of(id, spool::REJECTED)));
        // At most so many lines as are kept, none of them long.
        let mut csv = String::new();
        file.await?.read_to_string(&mut csv).await?;
        Ok(seen(&csv, sight))
    }

    /// Drops rejected lines after so many days, 30 at most, and files that nobody asks for; how
    /// many.
    ///
    /// # Errors
    /// When the store refuses, or the spool cannot be read.
    pub async fn keep(&self, days: Option<u32>) -> Result<usize, Error> {
        let open = store::imports::open(self.db.read()).await?;
        let open: Vec<String> = open.iter().map(|job| job.id.simple().to_string()).collect();
        let (spool, now) = (Arc::clone(&self.spool), self.db.clock.now());
        let kept = days.map(|days| chrono::TimeDelta::days(i64::from(days)));
        let tidied = tokio::task::spawn_blocking(move || {
            spool.tidy(now, kept, |id| open.iter().any(|open| open == id))
        });
        let tidied = tidied.await.map_err(std::io::Error::other).and_then(|tidied| tidied);
        tidied.map_err(Error::Spool)
    }

    async fn in_spool(
        &self,
        what: impl FnOnce(&Spool) -> std::io::Result<std::fs::File> + Send + 'static,
    ) -> std::io::Result<File> {
        let spool = Arc::clone(&self.spool);
        let file = tokio::task::spawn_blocking(move || what(&spool)).await;
        file.map_err(std::io::Error::other)?.map(File::from_std)
    }

    /// Forgets the rejected lines of all imports here; how many files went.
    ///
    /// # Errors
    /// When the spool cannot be read or changed.
    pub async fn forget_rejected(&self) -> std::io::Result<usize> {
        let spool = Arc::clone(&self.spool);
        let forgotten = tokio::task::spawn_blocking(move || spool.forget_rejected()).await;
        forgotten.map_err(std::io::Error::other)?
    }

    /// Reads the oldest file that waits here, if there is one.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn step(&self, stop: &CancellationToken) -> Result<Step, Error> {
        for job in store::imports::open(self.db.read()).await? {
            // Another server's spool holds its own files.
            if fs::try_exists(self.file(job.id, spool::LOG)).await.unwrap_or(false) {
                self.read(job, stop).await?;
                return Ok(Step::Worked);
            }
        }
        Ok(Step::Idle)
    }

    /// Who is called when a file was brought.
    pub(crate) fn brought(&self) -> &Notify {
        &self.brought
    }

    fn file(&self, id: Uuid, kind: &str) -> PathBuf {
        self.spool.path(&name_of(id, kind))
    }

    async fn read(&self, job: Job, stop: &CancellationToken) -> Result<(), Error> {
        let path = self.file(job.id, spool::LOG);
        let mut watch = Notes {
            rejected: Rejects::new(Arc::clone(&self.spool), name_of(job.id, spool::REJECTED)),
            far: Arc::default(),
        };
        let far = Arc::clone(&watch.far);
        self.note(&job, State::Running, Progress::default(), None).await?;

        let options = import::Options::new(&job.file_name, self.db.clock.now())
            .map_err(|why| Error::Spool(std::io::Error::other(why)))?;
        let shape = import::Shape { dates: job.dates, ..options.shape };
        let options = import::Options { shape, ..options };
        let door = import::Door(self.ingest.clone(), Via::Import);
        let reading =
            import::import(import::Input::File(path.clone()), options, &door, &mut watch, stop);
        tokio::pin!(reading);
        let outcome = loop {
            tokio::select! {
                outcome = &mut reading => break outcome,
                () = tokio::time::sleep(NOTE) => {
                    let progress =
                        far.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    // How far it is only informs; a store that is away is the import's to tell.
                    let _ = self.note(&job, State::Running, progress, None).await;
                }
            }
        };
        if stop.is_cancelled() {
            // The file stays: the next server goes on, and what is in the store is a duplicate.
            return Ok(());
        }
        let bytes = far.lock().unwrap_or_else(PoisonError::into_inner).bytes;
        let progress = Progress { bytes, report: outcome.report };
        match outcome.error {
            None => self.note(&job, State::Done, progress, None).await?,
            // The store went away: the file stays, and the next try knows what is in it already.
            Some(why @ import::ImportError::Ingest(_)) => return Err(Error::Import(why)),
            Some(why) => {
                self.note(&job, State::Failed, progress, Some(&why.to_string())).await?;
            }
        }
        if let Err(error) = fs::remove_file(&path).await {
            tracing::warn!(error = store::whole(&error), "a file that was read stays in the spool");
        }
        Ok(())
    }

    async fn note(
        &self,
        job: &Job,
        state: State,
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
        let ended = matches!(state, State::Done | State::Failed).then(|| self.db.clock.now());
        // It may quote a file that is no text; what cannot be kept would be tried for ever.
        let error = error.map(|words| words.replace('\0', "\u{fffd}"));
        let bytes = number(progress.bytes);
        store::imports::update(
            self.db.read(),
            job.id,
            state,
            bytes,
            counts,
            error.as_deref(),
            ended,
        )
        .await?;
        Ok(())
    }
}

/// Rejected lines as somebody may see them: all but their numbers, which stand first.
fn seen(csv: &str, sight: Sight) -> String {
    let lines = csv.split_inclusive('\n').map(|line| match line.split_once(',') {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{number},{}", sight.text(rest))
        }
        _ => sight.text(line).into_owned(),
    });
    lines.collect()
}

/// Keeps how far an import is, and the lines it rejected.
struct Notes {
    rejected: Rejects,
    far: Arc<Mutex<Progress>>,
}

impl Watch for Notes {
    fn rejected(&mut self, record: &import::Rejected) {
        self.rejected.add(record);
    }

    fn progress(&mut self, progress: Progress) {
        *self.far.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

/// A file on its way into the spool; dropped before it is whole, it is removed.
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
    /// Says how it writes dates that do not begin with the year.
    #[must_use]
    pub fn dated(self, dates: Dates) -> Self {
        // What is dropped removes the file, so that no field can be moved out.
        let mut file = self;
        file.dates = dates;
        file
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// When the spool cannot be written.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), UploadError> {
        self.bytes += piece.len() as u64;
        self.file.write_all(piece).await.map_err(|error| unwritable(&error))
    }

    /// The file is whole: a job is made of it.
    ///
    /// # Errors
    /// When it is empty, or the spool or the store cannot be written.
    pub async fn finish(mut self) -> Result<(), UploadError> {
        if self.bytes == 0 {
            return Err(UploadError::Refused("The file is empty.".to_owned()));
        }
        self.file.sync_all().await.map_err(|error| unwritable(&error))?;
        self.note().await.map_err(Error::from)?;
        // The job's from here on.
        self.path = None;
        self.imports.brought.notify_one();
        Ok(())
    }
}

impl NewFile {
    /// The job's row, and its entry in the audit log.
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

/// The name of a job's file in the spool.
fn name_of(id: Uuid, kind: &str) -> String {
    format!("{}{kind}", id.simple())
}

fn unwritable(error: &std::io::Error) -> UploadError {
    tracing::error!(error = store::whole(error), "a file brought in cannot be kept");
    let what = match error.kind() {
        std::io::ErrorKind::StorageFull => "the server's disk is full",
        _ => "the server cannot write to its data directory",
    };
    UploadError::Refused(format!("The file could not be kept: {what}. Its log says more."))
}

/// Forgets the rejected lines of all imports in a folder; how many files went.
///
/// # Errors
/// When the folder cannot be read or changed.
pub fn forget_rejected(folder: &Path) -> std::io::Result<usize> {
    Spool::new(folder).forget_rejected()
}
