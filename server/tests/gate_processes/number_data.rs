//! Newer number data: imported by the command, and followed by running servers.

use super::{Server, key, process, proxy, until};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use testkit::number_data::javascript;

/// Area code 436 opens.
const OPENED: (&str, &str) =
    ("4(?:0[124-9]|1[02-579]|2[3-5]|3[0245]", "4(?:0[124-9]|1[02-579]|2[3-5]|3[02456]");

fn command(url: &str, dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = process::program(dir);
    command.env("DATABASE_URL", url).env("TOLLWARDEN_SECRET", "07".repeat(32));
    let output = command.args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn newer_number_data_holds_without_a_restart(pool: PgPool) {
    let key = key(&pool).await;
    let url = proxy::url(&pool, None);
    let server = Server::start(&url);
    let client = server.client(&key);
    assert_eq!(client.decide("+14365550100").codes(), ["number_invalid"]);

    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("metadata.js"), javascript(&[OPENED])).unwrap();
    let run = |args: &[&str]| command(&url, dir.path(), args);
    let (code, stdout, stderr) = run(&["number-data", "update", "metadata.js"]);
    assert_eq!((code, stdout.as_str()), (1, ""), "nobody is there to be asked: {stderr}");
    assert!(stderr.contains("use --yes"), "{stderr}");

    let (code, stdout, stderr) = run(&["number-data", "update", "--yes", "metadata.js"]);
    assert_eq!(code, 0, "{stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&told["changed"], &told["after"]), (&json!(true), &json!("metadata.js")));
    assert_eq!(
        (&told["moves"]["numbers"], &told["moves"]["validity"]["moved"]),
        (&json!(1), &json!(1))
    );
    assert!(stderr.contains("+14365••••00: not valid → valid"), "{stderr}");
    assert!(!stderr.contains("5550100") && !stdout.contains("5550100"), "numbers are masked");

    let took = until("newer number data", Duration::from_secs(10), || {
        client.dry_run("+14365550101", None).json["verdict"] == "allow"
    });
    println!("newer number data held after {took:?}");

    // Every process on the store holds it, and it is the same already.
    let (code, stdout, stderr) = run(&["number-data", "update", "--yes", "metadata.js"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("this data is in use already"), "{stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&told["changed"], &told["moves"]["validity"]["moved"]), (&json!(false), &json!(0)));

    let (code, _, stderr) = run(&["number-data", "reset", "--yes"]);
    assert_eq!(code, 0, "{stderr}");
    until("the built-in data", Duration::from_secs(10), || {
        client.dry_run("+14365550101", None).json["verdict"] == "deny"
    });

    // The rule that passes numbers that are not valid, for until the data knows them.
    let rule = json!({
        "numbers": "+1436*", "action": "allow", "even_invalid": true, "reason": "in service"
    });
    let put = client.put("/api/v1/settings/rules", &json!({ "number_rules": [rule] }));
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(put.json["number_rules"][0]["even_invalid"], true);
    let passed = client.decide("+14365550102");
    assert_eq!(
        (&passed.json["verdict"], passed.codes()),
        (&json!("allow"), vec!["number_rule".to_owned()])
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_no_number_data_is_refused(pool: PgPool) {
    let url = proxy::url(&pool, None);
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("max.json", r#"{"version":4,"countries":{}}"#);
    let whole = javascript(&[]);
    write("half.js", &whole[..whole.len() / 2]);
    for (file, said) in [
        ("max.json", "max.json has no table"),
        ("half.js", "half.js cannot be read in line"),
        ("none.js", "none.js cannot be read: No such file"),
    ] {
        let (code, stdout, stderr) =
            command(&url, dir.path(), &["number-data", "update", "--yes", file]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(stderr.contains(said), "{file}: {stderr}");
    }
    let kept: i64 =
        sqlx::query_scalar("select count(*) from number_data").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0);
}
