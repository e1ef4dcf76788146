//! Opens the database for a subcommand: the operator's, or the private cluster in the data
//! directory. Brings its schema up to date, and closes it in order whatever happens.

use crate::cli::Global;
use crate::commands::CommandFailure;
use crate::database::Database;
use crate::secret_files;
use engine::postgres::{Cluster, LeftState, Options};
use futures::FutureExt as _;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;
use store::Db;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The interval at which the private Postgres is checked.
const WATCH: Duration = Duration::from_millis(250);
/// How long connections may take to close before Postgres is stopped.
const CLOSE: Duration = Duration::from_secs(1);
/// How long `serve` waits for its Postgres to stop; the rest of its 10 s is for requests.
const STOP: Duration = Duration::from_secs(4);

impl Global {
    /// The directory for the files of imports.
    pub(crate) fn spool(&self) -> PathBuf {
        self.data_dir.join("imports")
    }
}

#[derive(Debug, Clone)]
pub(crate) struct OpenedDatabase {
    pub(crate) db: Db,
    /// The file with the server's secret; `None` if it comes from the environment.
    pub(crate) secret_file: Option<PathBuf>,
    /// Cancelled by SIGINT, SIGTERM and SIGHUP.
    pub(crate) stop: CancellationToken,
}

/// Opens the database, brings its schema up to date, runs `work` and closes everything, also after
/// a failure, a panic or a signal. A second signal ends the process at once.
///
/// `grace` is how long `work` may continue after `stop` is cancelled.
///
/// # Errors
/// The database cannot be used, `work` fails, or a signal arrived.
pub(crate) async fn with<T>(
    global: &Global,
    grace: Duration,
    work: impl AsyncFnOnce(OpenedDatabase) -> Result<T, CommandFailure>,
) -> Result<T, CommandFailure> {
    let given = global.secret.as_ref().map(|secret| secret.reveal().parse()).transpose();
    let given = given
        .map_err(|what: &str| CommandFailure::new(format!("secret (TOLLWARDEN_SECRET) {what}")))?;
    let stop = CancellationToken::new();
    let signals = listen(stop.clone())?;
    let (database, keeper) = match Database::named(global)? {
        Some(database) => (database, None),
        None => {
            let mut options = Options { pg_bin: global.pg_bin.clone(), ..Options::default() };
            if !grace.is_zero() {
                options.stop_within = STOP;
            }
            let cluster = Cluster::open(&global.data_dir, options).await?;
            (Database::private(&cluster), Some(Keeper::start(cluster)))
        }
    };
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    let inside = async {
        if stop.is_cancelled() {
            return Err(CommandFailure::Interrupted);
        }
        // The private cluster has created the directory by now, with its own permissions.
        let secret = match given {
            Some(secret) => secret,
            None => engine::secret::of_directory(&global.data_dir)?,
        };
        let mut db = database.open(secret).await?;
        hold_number_data(&db).await?;
        let secret_file = secret_files::secret_path(global);
        if let Some(path) = &secret_file {
            db.secret = engine::secret::settle(&db, path).await?;
        }
        let opened = OpenedDatabase { db: db.clone(), secret_file, stop: stop.clone() };
        let done = work(opened).await;
        let _ = tokio::time::timeout(CLOSE, db.close()).await;
        done
    };
    let done = tokio::select! {
        done = AssertUnwindSafe(inside).catch_unwind() => done,
        () = late => Ok(Err(CommandFailure::Interrupted)),
    };
    if let Some(keeper) = keeper {
        keeper.leave().await;
    }
    signals.abort();
    match done {
        Ok(done) => done,
        Err(panic) => resume_unwind(panic),
    }
}

/// Loads the number metadata in the store, which every process on it uses.
async fn hold_number_data(db: &Db) -> Result<(), CommandFailure> {
    match engine::number_data::follow(db).await {
        Err(error @ store::Error::Corrupt { .. }) => {
            // Possibly written by a newer version. The built-in metadata is used instead, so that
            // `number-data reset` still works.
            tracing::error!(
                error = store::with_sources(&error),
                "numbers are looked up in what is built in"
            );
            Ok(())
        }
        followed => Ok(followed?),
    }
}

/// The first signal asks for an orderly stop. The second exits at once and leaves Postgres running
/// for the next process.
fn listen(stop: CancellationToken) -> Result<JoinHandle<()>, CommandFailure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(tokio::spawn(async move {
        let mut asked = false;
        loop {
            let number = tokio::select! {
                _ = interrupt.recv() => 2,
                _ = terminate.recv() => 15,
                _ = hangup.recv() => 1,
            };
            if asked {
                std::process::exit(128 + number);
            }
            asked = true;
            stop.cancel();
        }
    }))
}

/// Holds the private cluster while a subcommand runs, and restarts Postgres if it dies.
struct Keeper {
    done: CancellationToken,
    task: JoinHandle<Cluster>,
}

impl Keeper {
    fn start(mut cluster: Cluster) -> Self {
        let done = CancellationToken::new();
        let task = tokio::spawn({
            let done = done.clone();
            async move {
                let mut trouble = false;
                loop {
                    let look = async {
                        tokio::time::sleep(WATCH).await;
                        cluster.watch().await
                    };
                    match done.run_until_cancelled(look).await {
                        None => return cluster,
                        Some(Ok(_)) => trouble = false,
                        Some(Err(error)) => {
                            // Further checks fail the same way: log it once.
                            if !trouble {
                                tracing::error!(%error, "Postgres cannot be started again");
                            }
                            trouble = true;
                        }
                    }
                }
            }
        });
        Self { done, task }
    }

    async fn leave(self) {
        self.done.cancel();
        let left = match self.task.await {
            Ok(cluster) => cluster.leave().await,
            Err(error) => {
                tracing::error!(%error, "the private Postgres was not left in order");
                return;
            }
        };
        match left {
            Ok(LeftState::Running | LeftState::Stopped) => {}
            Ok(LeftState::Stopping) => {
                tracing::warn!("Postgres is still stopping; it ends by itself")
            }
            Err(error) => tracing::error!(%error, "the private Postgres was not left in order"),
        }
    }
}
