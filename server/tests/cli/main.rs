//! The command line as it is typed: where options come from, what is refused and how, and what
//! the subcommands leave behind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../process/mod.rs"]
mod process;
mod secrets;

use process::{folder, program};
use sqlx::{ConnectOptions as _, PgPool};
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Exit code, stdout and stderr.
fn done(output: Output) -> (i32, String, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn run(command: &mut Command) -> (i32, String, String) {
    done(command.output().unwrap())
}

/// The error of a refused command, which has this exit code and an empty stdout.
fn refused(command: &mut Command, code: i32) -> String {
    let (found, stdout, stderr) = run(command);
    assert_eq!((found, stdout.as_str()), (code, ""), "{stderr}");
    assert!(stderr.starts_with("tollwarden: "), "{stderr}");
    stderr
}

#[test]
fn flags_go_before_environment_before_file_before_default() {
    let dir = folder();
    // Each address is refused after all options are read; the error names the one that was taken.
    let taken = |command: &mut Command| {
        let said = refused(command, 1);
        said.split("listen = ").nth(1).unwrap().split(' ').next().unwrap().to_owned()
    };
    let file = |text: &str| fs::write(dir.path().join("tollwarden.toml"), text).unwrap();
    file("listen = \"192.0.2.1:1\"\n");
    let serve = || {
        let mut command = program(dir.path());
        command.arg("serve");
        command
    };
    assert_eq!(taken(&mut serve()), "192.0.2.1:1");
    assert_eq!(taken(serve().env("TOLLWARDEN_LISTEN", "")), "192.0.2.1:1", "empty is unset");
    let variable = ("TOLLWARDEN_LISTEN", "192.0.2.2:2");
    assert_eq!(taken(serve().env(variable.0, variable.1)), "192.0.2.2:2");
    assert_eq!(
        taken(serve().env(variable.0, variable.1).args(["--listen", "192.0.2.3:3"])),
        "192.0.2.3:3"
    );

    // Another file, named before or after the subcommand, by a flag or by the environment.
    fs::write(dir.path().join("other.toml"), "listen = \"192.0.2.4:4\"\n").unwrap();
    assert_eq!(taken(serve().args(["--config", "other.toml"])), "192.0.2.4:4");
    let mut before = program(dir.path());
    assert_eq!(taken(before.args(["--config", "other.toml", "serve"])), "192.0.2.4:4");
    assert_eq!(taken(serve().env("TOLLWARDEN_CONFIG", "other.toml")), "192.0.2.4:4");
    let said = refused(serve().args(["--config", "absent.toml"]), 1);
    assert!(said.contains("absent.toml"), "{said}");

    // Lists, and settings that need `insecure_http`.
    file(
        "listen = \"0.0.0.0:0\"\ninsecure_http = false\nretention_days = 90\n\
         trusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\npublic_url = \"http://a.example\"\n",
    );
    assert_eq!(taken(&mut serve()), "0.0.0.0:0");
}

#[test]
fn global_flags_stand_before_or_after_the_subcommand() {
    let dir = folder();
    fs::write(dir.path().join("file"), "").unwrap();
    for args in [
        ["--data-dir", "file", "migrate"].as_slice(),
        &["migrate", "--data-dir", "file"],
        &["migrate", "--data-dir=file"],
        &["--data-dir", "elsewhere", "migrate", "--data-dir", "file"],
    ] {
        let said = refused(program(dir.path()).args(args), 1);
        assert!(said.contains("/file"), "{args:?}: {said}");
    }
    let said = refused(program(dir.path()).arg("migrate").env("TOLLWARDEN_DATA_DIR", "file"), 1);
    assert!(said.contains("/file"), "{said}");
    fs::write(dir.path().join("tollwarden.toml"), "data_dir = \"file\"\n").unwrap();
    let said = refused(program(dir.path()).arg("migrate"), 1);
    assert!(said.contains("/file"), "{said}");
}

#[test]
fn a_wrong_value_is_told_with_its_name_its_place_and_what_is_allowed() {
    let dir = folder();
    for (name, value, allowed) in [
        ("listen", "3000", "127.0.0.1:3000"),
        ("metrics_listen", "localhost:1", "127.0.0.1:3000"),
        ("public_url", "tollwarden.example.com", "https://tollwarden.example.com"),
        ("trusted_proxies", "10.0.0.0/99", "10.0.0.0/8"),
        ("insecure_http", "maybe", "true or false"),
        ("retention_days", "0", "1 to 36525"),
        ("retention_audit_days", "-1", "1 to 36525"),
        ("retention_blocks_days", "some", "1 to 36525"),
        ("log", "loud=louder", "error, warn, info"),
    ] {
        let flag = format!("--{}", name.replace('_', "-"));
        let variable = format!("TOLLWARDEN_{}", name.to_uppercase());
        let all = |said: &str, name: &str| {
            for part in [name, value, allowed] {
                assert!(said.contains(part), "{part} is not in: {said}");
            }
        };
        let typed = refused(program(dir.path()).args(["serve", &format!("{flag}={value}")]), 2);
        all(&typed, &flag);
        let set = refused(program(dir.path()).arg("serve").env(&variable, value), 2);
        all(&set, &flag);
        assert!(set.contains(&variable), "{set}");
        let file = dir.path().join("tollwarden.toml");
        fs::write(&file, format!("{name} = \"{value}\"\n")).unwrap();
        let written = refused(program(dir.path()).arg("serve"), 1);
        all(&written, name);
        assert!(written.contains("tollwarden.toml"), "{written}");
        fs::remove_file(&file).unwrap();
    }

    let file = |text: &str| {
        fs::write(dir.path().join("tollwarden.toml"), text).unwrap();
        refused(program(dir.path()).arg("migrate"), 1)
    };
    let said = file("lisen = \"127.0.0.1:3000\"\n");
    assert!(said.contains("\"lisen\"") && said.contains("listen, "), "{said}");
    let said = file("[retention]\naudit_days = \"never\"\n");
    assert!(said.contains("retention_audit_days = ") && said.contains("1 to 36525"), "{said}");
    let said = file("retention.letters_days = 3\n");
    assert!(said.contains("unknown key \"retention_letters_days\""), "{said}");
    let said = file("config = \"x\"\n");
    assert!(said.contains("unknown key \"config\""), "{said}");
    let said = file("listen = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n");
    assert!(said.contains("single value"), "{said}");
    let said = file("listen = { host = \"x\" }\n");
    assert!(said.contains("listen = "), "{said}");
    let said = file("listen = \n");
    assert!(said.contains("line 1"), "{said}");
    fs::remove_file(dir.path().join("tollwarden.toml")).unwrap();

    let said = refused(program(dir.path()).args(["serve", "--metrics-listen", "0.0.0.0:1"]), 1);
    assert!(said.contains("metrics_listen = 0.0.0.0:1"), "{said}");
    let said =
        refused(program(dir.path()).args(["key", "create", "--name", "a", "--scope", "x"]), 2);
    assert!(said.contains("events:write"), "{said}");
    let said =
        refused(program(dir.path()).args(["user", "add", "--email", "a@b", "--role", "x"]), 2);
    assert!(said.contains("security-lead"), "{said}");
    // The address of a database holds a password.
    let url = "postgres://me:hunter2@localhost:port/x";
    let said = refused(program(dir.path()).arg("migrate").env("DATABASE_URL", url), 1);
    assert!(said.contains("database_url") && !said.contains("hunter2"), "{said}");
}

#[test]
fn help_lists_every_option_with_its_default() {
    let dir = folder();
    // The file's values are not shown, and a broken file does not matter.
    fs::write(dir.path().join("tollwarden.toml"), "listen = \"127.0.0.1:9\"\nx = 1\n").unwrap();
    let secret = "postgres://me:hunter2@localhost/x";
    let (code, help, stderr) =
        run(program(dir.path()).args(["serve", "--help"]).env("DATABASE_URL", secret));
    assert_eq!((code, stderr.as_str()), (0, ""));
    for part in [
        "--listen",
        "127.0.0.1:3000",
        "TOLLWARDEN_LISTEN",
        "--public-url",
        "--trusted-proxies",
        "--insecure-http",
        "--metrics-listen",
        "--retention-days",
        "[default: all]",
        "--data-dir",
        "[default: var/]",
        "--database-url",
        "--pg-bin",
        "--config",
        "--log",
        "tollwarden.toml",
    ] {
        assert!(help.contains(part), "{part} is not in: {help}");
    }
    assert!(!help.contains("hunter2"));
    let (code, version, _) = run(program(dir.path()).arg("--version"));
    assert_eq!(
        (code, version.as_str()),
        (0, concat!("tollwarden ", env!("CARGO_PKG_VERSION"), "\n"))
    );
    let said = refused(&mut program(dir.path()), 2);
    for subcommand in ["serve", "migrate", "user", "key", "import", "export", "simulate"] {
        assert!(said.contains(subcommand), "{said}");
    }
}

/// The address of a test's database.
fn url(pool: &PgPool) -> String {
    pool.connect_options().to_url_lossy().to_string()
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_is_brought_up_to_date_and_a_newer_one_refused(pool: PgPool) {
    let dir = folder();
    let migrate = || {
        let mut command = program(dir.path());
        command.arg("migrate").env("DATABASE_URL", url(&pool));
        command
    };
    assert_eq!(run(&mut migrate()).0, 0);
    let (code, stdout, _) = run(&mut migrate());
    assert_eq!((code, stdout.as_str()), (0, ""));
    let newest: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&pool)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'later', true, '', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let said = refused(&mut migrate(), 1);
    assert!(said.contains("newer") && said.contains("9001"), "{said}");
    assert!(said.contains(&newest.to_string()), "{said}");
    // With an external database no private cluster is made: only the server's secret is kept there.
    let kept: Vec<_> = fs::read_dir(dir.path().join("var")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    assert!(dir.path().join("var/secret").is_file());
}

/// A new role, which the test drops with [`drop_role`].
async fn role(pool: &PgPool) -> (String, String) {
    let name = format!("cli_{}", domain::keys::hex(&store::random::bytes::<8>()));
    let sql = format!("create role {name} login; revoke create on schema public from public");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
    let options = pool.connect_options().as_ref().clone().username(&name);
    (name, options.to_url_lossy().to_string())
}

async fn drop_role(pool: &PgPool, name: &str) {
    let sql = format!("drop owned by {name}; drop role {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn one_role_migrates_and_another_serves(pool: PgPool) {
    let dir = folder();
    let (name, serving) = role(&pool).await;
    let command = |args: &[&str], migrate: bool| {
        let mut command = program(dir.path());
        command.args(args).env("DATABASE_URL", &serving);
        if migrate {
            command.env("DATABASE_MIGRATE_URL", url(&pool));
        }
        command
    };
    let said = refused(&mut command(&["migrate"], false), 1);
    assert!(said.contains("DATABASE_MIGRATE_URL"), "{said}");
    let (code, _, said) = run(&mut command(&["migrate"], true));
    assert_eq!(code, 0, "{said}");
    // From now on the serving role is enough while no migration is missing.
    let create = ["key", "create", "--name", "a", "--scope", "read"];
    let (code, _, said) = run(&mut command(&create, false));
    assert_eq!(code, 0, "{said}");
    let audited: i64 =
        sqlx::query_scalar("select count(*) from audit").fetch_one(&pool).await.unwrap();
    assert_eq!(audited, 1);

    let mut alone = program(dir.path());
    alone.arg("migrate").env("DATABASE_MIGRATE_URL", url(&pool));
    let said = refused(&mut alone, 1);
    assert!(said.contains("database_migrate_url is given without database_url"), "{said}");
    drop_role(&pool, &name).await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn accounts_and_keys_are_made_and_only_the_key_is_on_stdout(pool: PgPool) {
    let dir = folder();
    let add = |password: &str| {
        let mut child = program(dir.path())
            .args(["user", "add", "--email", "A@example.com", "--role", "security-lead"])
            .arg("--password-stdin")
            .env("DATABASE_URL", url(&pool))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        done(child.wait_with_output().unwrap())
    };
    let (code, stdout, stderr) = add("short\n");
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.starts_with("tollwarden: password: "), "{stderr}");
    let (code, stdout, stderr) = add("correct horse battery\r\nsecond line\n");
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(!stderr.contains("horse"), "{stderr}");
    let (code, _, stderr) = add("correct horse battery");
    assert_eq!(code, 1);
    assert!(stderr.contains("email"), "{stderr}");

    let mut create = program(dir.path());
    create
        .args(["key", "create", "--name", "gateway", "--scope", "events:write,read"])
        .args(["--scope", "numbers"])
        .env("DATABASE_URL", url(&pool));
    let (code, stdout, _) = run(&mut create);
    assert_eq!(code, 0);
    let key = stdout.strip_suffix('\n').unwrap();
    assert!(domain::keys::ApiKey::parse(key).is_some(), "{stdout}");
    let rows = store::keys::list(&pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].scopes.len(), 3);
    let said = refused(&mut create, 1);
    assert!(said.contains("gateway"), "{said}");
    assert!(!said.contains(key), "{said}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn families_are_derived_anew_and_counted_on_stdout(pool: PgPool) {
    let dir = folder();
    let log = dir.path().join("log.ndjson");
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0 Teams/24295.605.3225.8804/49";
    let told = serde_json::json!({"id": "1", "source": "b2c", "time": "2026-11-01T00:00:00Z",
        "kind": "sent", "journey": "j", "user_agent": agent});
    fs::write(&log, told.to_string()).unwrap();
    let command = |args: &[&str]| {
        let (code, stdout, stderr) =
            run(program(dir.path()).args(args).env("DATABASE_URL", url(&pool)));
        assert_eq!(code, 0, "{stderr}");
        (stdout, stderr)
    };
    command(&["import", "log.ndjson"]);
    sqlx::raw_sql("update event set browser = 'Edge'; update attempt set browser = 'Edge'")
        .execute(&pool)
        .await
        .unwrap();
    let (stdout, stderr) = command(&["agents", "derive"]);
    assert_eq!(stdout, "{\"read\":1,\"without_agent\":0,\"changed\":1,\"attempts\":1}\n");
    assert!(stderr.contains("uap-core's patterns of 20"), "{stderr}");
    for table in ["event", "attempt"] {
        let sql = sqlx::AssertSqlSafe(format!("select browser from {table}"));
        let browser: String = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        assert_eq!(browser, "Microsoft Teams");
    }
}
