//! `make demo`: a separate store with a simulated month and three accounts.

use crate::place;
use crate::serve;
use crate::steps::{Res, noted, step};
use crate::story;
use serde_json::{Value, json};
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// The roles of the demo's accounts.
const ROLES: [&str; 3] = ["admin", "security-lead", "auditor"];
/// The number of events in the month.
const EVENTS: &str = "100000";
const DAYS: u64 = 30;

/// Creates the store on the first run, prints the accounts, and replaces itself with the server.
///
/// # Errors
/// The failed step. The next run continues an interrupted one.
pub(crate) fn run() -> Res<()> {
    let binary = serve::build()?;
    let data = place::data("var/demo")?;
    // Next to the store, not in it: the data folder contains only the server's files.
    let note = data.with_file_name("demo.json");
    let mut demo = match fs::read_to_string(&note) {
        Ok(text) if data.exists() => serde_json::from_str(&text)?,
        _ => plan()?,
    };
    if demo["ready"] != json!(true) {
        save(&note, &demo)?;
        fill(&binary, &data, &demo)?;
        demo["ready"] = json!(true);
        save(&note, &demo)?;
    }
    println!("Accounts of the demo:");
    for role in ROLES {
        println!("  {:<28} {}", email(role), demo["passwords"][role].as_str().unwrap_or_default());
    }
    serve::become_server(binary, data)
}

fn email(role: &str) -> String {
    format!("{role}@demo.example")
}

/// Values that the first run chooses and later runs keep: the start of the month and the passwords.
#[expect(
    clippy::disallowed_methods,
    reason = "the demo simulates the month that ends now; no test depends on this clock"
)]
fn plan() -> Res<Value> {
    let mut passwords = serde_json::Map::new();
    for role in ROLES {
        passwords.insert(role.to_owned(), password()?.into());
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    // The month ends at the end of the current hour: the newest events become current while the
    // demo runs.
    let start = now - now % 3600 + 3600 - DAYS * 86_400;
    Ok(json!({ "start": rfc3339(start), "passwords": passwords, "ready": false }))
}

/// Twenty letters and digits, without look-alikes: 100 bits.
fn password() -> Res<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 20];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// Formats Unix seconds, with Howard Hinnant's `civil_from_days` for the date.
fn rfc3339(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let second = seconds % 86_400;
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

fn save(note: &Path, demo: &Value) -> Res<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(note)?;
    Ok(writeln!(file, "{demo:#}")?)
}

/// Imports the month and creates the accounts. Both can be repeated: events are recognised by their
/// id, and an existing account was created by an earlier run with the same password.
fn fill(binary: &Path, data: &Path, demo: &Value) -> Res<()> {
    let events = noted("simulating a month and importing it", || {
        let simulated = Command::new(binary)
            .args(["simulate", "--events", EVENTS, "--days", &DAYS.to_string(), "--seed", "1"])
            .args(["--start", demo["start"].as_str().unwrap_or_default()])
            .args([
                "--attack",
                "adjacent-calls",
                "--attack",
                "sms-pumping",
                "--attack",
                "push-fatigue",
            ])
            .output()?;
        let events = String::from_utf8(simulated.stdout)?;
        let file = data.with_file_name("demo.ndjson");
        fs::write(&file, &events)?;
        let import = serve::tollwarden(binary, data).arg("import").arg(&file).output()?;
        fs::remove_file(&file)?;
        if !import.status.success() || !simulated.status.success() {
            return Err(String::from_utf8_lossy(&import.stderr).into_owned().into());
        }
        Ok((events, String::from_utf8_lossy(&import.stdout).trim().to_owned()))
    })?;
    step("reporting fraud", || story::add_demo_data(binary, data, &events))?;
    for role in ROLES {
        let mut add = serve::tollwarden(binary, data)
            .args(["user", "add", "--email", &email(role), "--role", role, "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = add.stdin.take() {
            writeln!(input, "{}", demo["passwords"][role].as_str().unwrap_or_default())?;
        }
        let output = add.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() && !said.contains("already") {
            return Err(format!("user add: {said}").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, written) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), written);
        }
    }
}
