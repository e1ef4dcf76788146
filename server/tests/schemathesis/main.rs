//! schemathesis against a server: what is sent as the description allows is taken, what it does not
//! allow is refused, and every answer is one that it describes. `make test` installs the program.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and shows what its server said"
)]

#[path = "../process/mod.rs"]
mod process;

use domain::roles::Scope;
use process::server::Server;
use serde_json::json;
use sqlx::PgPool;
use std::path::Path;
use std::process::{Command, Output};

/// Examples of each operation in each way of making them.
const EXAMPLES: &str = "20";
/// What random examples begin with: the same in every run.
const SEED: &str = "20261120";

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_api_is_as_it_is_described(pool: PgPool) {
    let url = database(&pool);
    let output = tokio::task::spawn_blocking(move || run(&url)).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn run(url: &str) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let key = key(url, dir.path());
    let server = Server::start(url);
    let client = server.client(&key);
    let reports = json!({ "allow_user_reports": true, "report_code": "77" });
    assert_eq!(client.put("/api/v1/settings/fraud-alerts", &reports).status, 200);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/schemathesis");
    Command::new("python3")
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(here.join("schemathesis.toml"))
        .args(["run", "--checks", "all", "--max-examples", EXAMPLES, "--seed", SEED])
        .args(["--workers", "1", "--continue-on-failure", "--no-color"])
        .args(["--suppress-health-check", "all"])
        .args(["--header", &format!("Authorization:Bearer {key}")])
        .arg(format!("http://{}/api/v1/openapi.json", client.at))
        .env("PYTHONPATH", format!("{}:{}", tools.display(), here.display()))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .current_dir(dir.path())
        .output()
        .unwrap()
}

/// A key that opens every door.
fn key(url: &str, dir: &Path) -> String {
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let made = Command::new(env!("CARGO_BIN_EXE_tollwarden"))
        .current_dir(dir)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("TOLLWARDEN_SECRET", "07".repeat(32))
        .args(["key", "create", "--name", "schemathesis", "--scope", &scopes.join(",")])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// The address of the test's own database, as a server reads it.
fn database(pool: &PgPool) -> String {
    let named = std::env::var("DATABASE_URL").unwrap();
    let user = named.split_once("://").unwrap().1.split_once('@').unwrap().0;
    let options = pool.connect_options();
    let (database, port) = (options.get_database().unwrap(), options.get_port());
    match options.get_socket() {
        Some(folder) => {
            format!("postgres://{user}@localhost:{port}/{database}?host={}", folder.display())
        }
        None => format!("postgres://{user}@{}:{port}/{database}", options.get_host()),
    }
}
