//! The server under measurement: its own process, its own Postgres, its own directory.

use crate::client::Client;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tollwarden");
const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "a password for the bench";

pub(crate) struct Server {
    child: Child,
    pub(crate) dir: PathBuf,
    pub(crate) base: String,
    /// The end of the simulated month.
    pub(crate) newest: DateTime<Utc>,
    client: Client,
    throwaway: bool,
}

impl Server {
    /// Starts on an empty store and signs in.
    pub(crate) fn start() -> Self {
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-store"));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let mut server = Self::on(dir);
        server.throwaway = true;
        server
    }

    /// Starts on a store that is kept, with an account of its own.
    pub(crate) fn on(dir: PathBuf) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut user = command(&dir)
            .args(["user", "add", "--email", EMAIL, "--role", "admin", "--password-stdin"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        user.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        // On a store that is kept the account may be there.
        user.wait().unwrap();
        let child = command(&dir)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let started = Instant::now();
        while ureq::get(format!("{base}/readyz")).call().is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let client = Client::new(&base);
        client.sign_in(EMAIL, PASSWORD);
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulated month ends today, as a real one"
        )]
        let newest = Utc::now().duration_trunc(TimeDelta::hours(1)).unwrap();
        Self { child, dir, base, newest, client, throwaway: false }
    }

    pub(crate) fn signed_in(&self) -> &Client {
        &self.client
    }

    /// Runs a command beside the server; its standard output.
    pub(crate) fn command(&self, words: &[&str]) -> String {
        let output = command(&self.dir).args(words).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// A simulated month with its attacks that ends now: hands over batches of lines as they are
    /// made, so that ten million of them need no memory.
    pub(crate) fn simulate(&self, events: u64, seed: u64, batch: usize, each: impl FnMut(String)) {
        let start = (self.newest - TimeDelta::days(30)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (events, seed) = (events.to_string(), seed.to_string());
        let mut child = command(&self.dir)
            .args(["simulate", "--events", &events, "--days", "30", "--seed", &seed])
            .args(["--start", &start])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let next = || {
            let some: Vec<_> =
                lines.by_ref().take(batch).map(|line| line.unwrap() + "\n").collect();
            (!some.is_empty()).then(|| some.concat())
        };
        std::iter::from_fn(next).for_each(each);
        assert!(child.wait().unwrap().success());
    }

    /// Something asked of the server's own Postgres.
    pub(crate) fn sql<T>(&self, ask: impl AsyncFnOnce(&sqlx::PgPool) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let options = engine::postgres::Options::default();
            let cluster = engine::postgres::Cluster::open(&self.dir, options).await.unwrap();
            let pool = sqlx::PgPool::connect(cluster.url()).await.unwrap();
            let answer = ask(&pool).await;
            pool.close().await;
            answer
        })
    }

    /// Rows a second of one `COPY` of events in the store into a table without indexes.
    pub(crate) fn copy_rate(&self, rows: u64) -> f64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use futures::TryStreamExt as _;
            use sqlx::Connection as _;
            let cluster =
                engine::postgres::Cluster::open(&self.dir, engine::postgres::Options::default())
                    .await
                    .unwrap();
            let mut conn = sqlx::PgConnection::connect(cluster.url()).await.unwrap();
            let out = format!("copy (select * from event limit {rows}) to stdout");
            let data: Vec<bytes::Bytes> =
                conn.copy_out_raw(&out).await.unwrap().try_collect().await.unwrap();
            sqlx::raw_sql("create table bench_copy (like event)").execute(&mut conn).await.unwrap();
            let started = Instant::now();
            let mut copy = conn.copy_in_raw("copy bench_copy from stdin").await.unwrap();
            for part in data.chunks(1_000) {
                copy.send(part.concat()).await.unwrap();
            }
            let copied = copy.finish().await.unwrap();
            let rate = copied as f64 / started.elapsed().as_secs_f64();
            sqlx::raw_sql("drop table bench_copy").execute(&mut conn).await.unwrap();
            rate
        })
    }

    /// Memory of the server's process that is resident, MiB.
    pub(crate) fn rss_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The orderly way, so that its Postgres stops too.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
        if self.throwaway {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["--log", "warn", "--data-dir"]).arg(dir).env_remove("DATABASE_URL");
    command
}

/// Writes a log of `records` records made of a sample's: copies of each, seconds apart, with ids
/// and journeys of their own, so that the log is as dense as a large tenant's and in time order.
pub(crate) fn enlarge(sample: &str, records: usize, dir: &Path) -> (PathBuf, usize) {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(sample).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let copies = records.div_ceil(rows.len());
    let path = dir.join("enlarged.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "{header}").unwrap();
    for row in &rows {
        // Time, journey and id stand first, first and in the eighth place.
        let (time, rest) = row.split_once(',').unwrap();
        let (journey, rest) = rest.split_once(',').unwrap();
        let time = domain::period::parse_time(time).unwrap();
        for copy in 0..copies {
            let time = time + TimeDelta::seconds(i64::try_from(copy).unwrap());
            let time = time.format("%Y-%m-%dT%H:%M:%S%.6fZ");
            let rest = rest.replace("B2C_05_", &format!("B2C_{copy}_"));
            writeln!(file, "{time},{journey}-{copy},{rest}").unwrap();
        }
    }
    file.flush().unwrap();
    (path, rows.len() * copies)
}
