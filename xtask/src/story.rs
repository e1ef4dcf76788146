//! Adds to the demo's month of events: settings, a recipient, and fraud reports from the users who
//! were flooded with prompts. All of it goes through the commands and API calls that operators and
//! phone systems use.

use crate::serve;
use crate::steps::Res;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// The number of attacked users who report it.
const REPORTS: usize = 6;

/// Adds the data to a store that has its month. Repeating this changes nothing: reports are
/// recognised by their id.
///
/// # Errors
/// The error of the server or of a command.
pub(crate) fn add_demo_data(binary: &Path, data: &Path, events: &str) -> Res<()> {
    let tollwarden = || serve::tollwarden(binary, data);
    let settings = ["allow_user_reports=true", "auto_block=true", "report_code=77"];
    let settings = settings.map(|setting| format!("fraud_alerts.{setting}"));
    run(tollwarden().args(["settings", "set"]).args(settings))?;
    let scopes = "admin,reports:write";
    let key = match run(tollwarden().args([
        "key",
        "create",
        "--name",
        "phone-system",
        "--scope",
        scopes,
    ])) {
        Ok(key) => key.trim().to_owned(),
        // The key exists from an earlier run, which finished or was interrupted.
        Err(error) if error.to_string().contains("already") => return Ok(()),
        Err(error) => return Err(error),
    };
    let server = Server::start(tollwarden().args(["serve", "--listen", "127.0.0.1:0"]))?;
    let recipient = json!({ "kind": "email", "address": "soc@demo.example" });
    server.post(&key, "/api/v1/recipients", &recipient)?;
    for (at, (user, denied)) in attacked(events).into_iter().take(REPORTS).enumerate() {
        let report = json!({
            "id": format!("demo-{at}"),
            "user": user,
            "channel": "push",
            "journey": denied["journey"],
            "ip": denied["ip"],
            "flow": denied["flow"],
            "time": denied["time"],
            "note": "Kept asking me to approve a sign-in at night.",
        });
        server.post(&key, "/api/v1/fraud-reports", &report)?;
    }
    server.stop()
}

/// The users of the push attack, each with the last prompt that they denied.
fn attacked(events: &str) -> BTreeMap<String, Value> {
    let of_attack = events.lines().filter(|line| line.contains("attack:push-fatigue"));
    let events = of_attack.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events
        .filter(|event| event["kind"] == "denied")
        .filter_map(|event| Some((event["user"].as_str()?.to_owned(), event)))
        .collect()
}

fn run(command: &mut Command) -> Res<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().into())
}

/// A server on a free port.
struct Server {
    child: Child,
    address: String,
    // Not read any more, but kept open: the server writes its log there.
    _log: BufReader<ChildStderr>,
}

impl Server {
    fn start(command: &mut Command) -> Res<Self> {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no output")?);
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if log.read_line(&mut line)? == 0 {
                return Err(format!("the demo's server did not start: {said}").into());
            }
            if let Some((_, address)) = line.split_once("is at http://") {
                let address = address.trim().to_owned();
                return Ok(Self { child, address, _log: log });
            }
            said.push_str(&line);
        }
    }

    fn post(&self, key: &str, path: &str, body: &Value) -> Res<()> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.address)?;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 20") {
            return Ok(());
        }
        Err(format!("{path}: {}", answer.lines().next().unwrap_or_default()).into())
    }

    fn stop(mut self) -> Res<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.ok_or("the server has no process id")?, Signal::INT)?;
        self.child.wait()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attacked_are_told_by_their_label() {
        let line = |user: &str, kind: &str, label: &str, at: u32| {
            json!({ "user": user, "kind": kind, "journey": at, "extra": { "label": label } })
                .to_string()
        };
        let events = [
            line("a", "denied", "attack:push-fatigue", 1),
            line("a", "denied", "attack:push-fatigue", 2),
            line("b", "approved", "attack:push-fatigue", 3),
            line("c", "denied", "normal", 4),
        ];
        let found = attacked(&events.join("\n"));
        assert_eq!(found.len(), 1);
        assert_eq!(found["a"]["journey"], 2);
    }
}
