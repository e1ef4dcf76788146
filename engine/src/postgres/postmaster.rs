//! The server process: starting it, finding it, checking whether it answers, stopping it.

use super::ClusterError;
use super::place::{self, ClusterPaths, NAME, PORT, SERVING};
use super::programs::Programs;
use rustix::process::{Pid, Signal};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Child;

/// How long one connection attempt may take before the server counts as busy.
const CONNECT: Duration = Duration::from_secs(2);
const MIB: u64 = 1024 * 1024;

/// The content of `data/postmaster.pid`.
#[derive(Debug)]
pub(super) struct PidFile {
    /// Process id of the server, alive or not.
    pub(super) pid: i32,
    /// Directory of its socket (line 5), once there is one.
    pub(super) socket_dir: Option<PathBuf>,
}

impl PidFile {
    /// Reads the file; `None` if it does not exist or is being written.
    pub(super) fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
        let socket_dir = lines.nth(3).map(PathBuf::from).filter(|path| path.is_absolute());
        Some(Self { pid, socket_dir })
    }
}

/// Whether a process is the live server of this data directory. A process id alone proves nothing:
/// it may have been reused, or belong to a zombie.
pub(super) fn is_ours(pid: i32, data: &Path) -> bool {
    let proc = PathBuf::from(format!("/proc/{pid}"));
    let Ok(stat) = fs::read(proc.join("stat")) else {
        return false;
    };
    // The state follows the name, which is in brackets and may contain anything.
    let state = stat.iter().rposition(|byte| *byte == b')').and_then(|at| stat.get(at + 2));
    if matches!(state, None | Some(b'Z' | b'X' | b'x')) {
        return false;
    }
    // Every user can read the command line; the working directory also finds a server whose
    // directory was renamed.
    let cmdline = fs::read(proc.join("cmdline")).unwrap_or_default();
    cmdline.split(|byte| *byte == 0).any(|arg| arg == data.as_os_str().as_bytes())
        || fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd == data)
}

/// Starts the server; it keeps running after this process, until it is stopped.
pub(super) fn start(
    place: &ClusterPaths,
    programs: &Programs,
    socket_dir: &Path,
) -> Result<Child, ClusterError> {
    let log = place.open_log()?;
    let errors = log.try_clone().map_err(ClusterError::file("open", &place.log))?;
    let mut command = programs.command("postgres", &place.user);
    command
        .arg("-D")
        .arg(&place.data)
        .arg("-k")
        .arg(socket_dir)
        .arg("-p")
        .arg(PORT.to_string())
        .stdout(log)
        .stderr(errors);
    let memory = memory(
        &fs::read_to_string("/proc/meminfo").unwrap_or_default(),
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().as_deref(),
    );
    let buffers = format!("shared_buffers={}MB", shared_buffers(memory));
    let cache = format!("effective_cache_size={}MB", memory / 2 / MIB);
    for setting in SETTINGS.iter().copied().chain([buffers.as_str(), &cache]) {
        command.arg("-c").arg(setting);
    }
    if let Some(stale) = PidFile::read(&place.data) {
        // Postgres treats any live process with the id in a left-over postmaster.pid as a rival
        // server, except its ancestors. The caller knows that it is not one. Declaring it an
        // ancestor (as pg_ctl does) keeps the file's other check, for backends that still use the
        // memory.
        command.env("PG_GRANDPARENT_PID", stale.pid.to_string());
    }
    command.spawn().map_err(ClusterError::file("start Postgres on", &place.data))
}

/// Passed on the command line, where neither postgresql.conf nor ALTER SYSTEM overrides them.
const SETTINGS: &[&str] = &[
    // Acknowledged transactions are on disk.
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    // Listens only on the socket.
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    // Few checkpoints, each with less to write.
    "max_wal_size=2GB",
    "min_wal_size=256MB",
    "checkpoint_timeout=15min",
    "wal_compression=on",
    "autovacuum=on",
    // Statements are short; compiling them costs more than it saves.
    "jit=off",
    "maintenance_work_mem=128MB",
    "random_page_cost=1.1",
    // The log goes to DIR/postgres.log through stderr, in English, and without the statements and
    // values of DETAIL and STATEMENT lines: they contain phone numbers.
    "log_destination=stderr",
    "logging_collector=off",
    "lc_messages=C",
    "log_timezone=UTC",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
];

/// The memory of this machine or container, in bytes.
fn memory(meminfo: &str, cgroup: Option<&str>) -> u64 {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(1024 * MIB, |kib| kib.saturating_mul(1024));
    cgroup.and_then(|text| text.trim().parse().ok()).map_or(total, |limit: u64| total.min(limit))
}

/// 15 % of the memory, from 32 to 128 MiB, in MiB. More would count for each of Postgres'
/// processes, also at an import's peak; what this cache does not hold is in the system's page
/// cache.
fn shared_buffers(memory: u64) -> u64 {
    (memory / MIB * 15 / 100).clamp(32, 128)
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// It accepts statements.
    Answers,
    /// It is starting, recovering or stopping.
    Busy,
    /// No server listens.
    Down,
}

fn options(socket_dir: &Path, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(PORT)
        .username(NAME)
        .database(database)
        .ssl_mode(sqlx::postgres::PgSslMode::Disable)
        .disable_statement_logging()
}

pub(super) async fn probe(socket_dir: &Path) -> Result<Probe, ClusterError> {
    // Without this check, a missing directory and a missing socket would give different errors
    // below.
    if !place::socket(socket_dir).exists() {
        return Ok(Probe::Down);
    }
    let options = options(socket_dir, "postgres");
    let connecting = PgConnection::connect_with(&options);
    match tokio::time::timeout(CONNECT, connecting).await {
        Err(_) => Ok(Probe::Busy),
        Ok(Ok(connection)) => {
            // The server answered; errors on closing do not matter.
            let _ = connection.close().await;
            Ok(Probe::Answers)
        }
        Ok(Err(sqlx::Error::Io(error))) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Ok(Probe::Down),
            ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => {
                Ok(Probe::Busy)
            }
            _ => Err(ClusterError::file("connect to", socket_dir)(error)),
        },
        Ok(Err(sqlx::Error::Database(error))) => match error.code().as_deref() {
            // cannot_connect_now: starting up, recovering, shutting down.
            Some("57P03") => Ok(Probe::Busy),
            // too_many_connections: it is running.
            Some("53300") => Ok(Probe::Answers),
            _ => Err(sqlx::Error::Database(error).into()),
        },
        Ok(Err(error)) => Err(error.into()),
    }
}

/// Creates the cluster's database if it is missing.
pub(super) async fn ensure_database(socket_dir: &Path) -> Result<(), ClusterError> {
    let mut connection = PgConnection::connect_with(&options(socket_dir, "postgres")).await?;
    let there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'tollwarden')")
            .fetch_one(&mut connection)
            .await?;
    if !there {
        sqlx::query("CREATE DATABASE tollwarden").execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Creates the serving role if it is missing, and revokes privileges that it must not have. Older
/// clusters without the role get it at their next start.
pub(super) async fn ensure_serving_role(socket_dir: &Path) -> Result<(), ClusterError> {
    let mut connection = PgConnection::connect_with(&options(socket_dir, NAME)).await?;
    let right: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND rolcanlogin AND NOT (rolsuper
             OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls))
         AND NOT has_database_privilege($1, current_database(), 'create, temporary')",
    )
    .bind(SERVING)
    .fetch_one(&mut connection)
    .await
    // has_database_privilege: the role does not exist.
    .or_else(|error| {
        match error.as_database_error().and_then(|error| error.code()).as_deref() {
            Some("42704") => Ok(false),
            _ => Err(error),
        }
    })?;
    if !right {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SERVING}') THEN
                    CREATE ROLE {SERVING};
                END IF;
            END $$;
            ALTER ROLE {SERVING}
                LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
            REVOKE ALL ON DATABASE {NAME} FROM PUBLIC, {SERVING};
            GRANT CONNECT ON DATABASE {NAME} TO {SERVING};"
        )))
        .execute(&mut connection)
        .await?;
    }
    connection.close().await?;
    Ok(())
}

/// Requests a fast shutdown.
pub(super) fn stop(pid: i32) -> Result<(), ClusterError> {
    let Some(process) = Pid::from_raw(pid) else {
        return Ok(());
    };
    match rustix::process::kill_process(process, Signal::INT) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(ClusterError::Stop { pid, source: error.into() }),
    }
}

/// Whether the error that a server logged before it exited is temporary: backends of its
/// predecessor that have not noticed its death yet, or a rival that started at the same moment.
pub(super) fn may_pass(said: &str) -> bool {
    said.contains("is still in use") || said.contains("already exists")
}

#[cfg(test)]
mod tests {
    use super::{MIB, memory, shared_buffers};

    #[test]
    fn memory_is_bounded_by_the_container() {
        let meminfo = "MemTotal:        8388608 kB\nMemFree: 1 kB\n";
        assert_eq!(memory(meminfo, None), 8192 * MIB);
        assert_eq!(memory(meminfo, Some("max\n")), 8192 * MIB);
        assert_eq!(memory(meminfo, Some("1073741824\n")), 1024 * MIB);
        assert_eq!(memory("", None), 1024 * MIB);
        assert_eq!(shared_buffers(64 * MIB), 32);
        assert_eq!(shared_buffers(512 * MIB), 76);
        assert_eq!(shared_buffers(1 << 40), 128);
    }
}
