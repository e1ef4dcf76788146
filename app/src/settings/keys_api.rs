//! The forms of Set-up's API keys. Only admins come here; the guard sees to that.

use super::keys::LIST;
use crate::form::{Form, failed};
use crate::who;
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::keys::{KeyName, parse_scopes};
use domain::network::Network;
use domain::period::parse_time;
use engine::Engine;
use engine::keys::{self, NewKey, NewKeyError};
use leptos::prelude::*;

/// Makes a key and shows it, this once.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "make-key")]
pub async fn make_key(
    /// Its name.
    #[server(default)]
    name: String,
    /// What it may do.
    #[server(default)]
    scopes: Vec<String>,
    /// `yes` when what it says verified is trusted.
    #[server(default)]
    trusted: String,
    /// When it ends; empty for never.
    #[server(default)]
    expires: String,
    /// Where it may be used from, separated by commas or blanks.
    #[server(default)]
    networks: String,
) -> Result<(), ServerFnError> {
    let form = Form { page: "/settings", path: LIST, name: "make-key" };
    let scopes = scopes.join(",");
    let values = [
        ("name", &*name),
        ("scopes", &*scopes),
        ("trusted", &*trusted),
        ("expires", &*expires),
        ("networks", &*networks),
    ];
    let new = match read(&name, &scopes, trusted == "yes", &expires, &networks) {
        Ok(new) => new,
        Err(invalid) => return form.refuse(&values, invalid).await,
    };
    match keys::create(&engine()?.db, &who::by(), new).await {
        Ok(key) => {
            let words =
                format!("The key {} is made. Copy it now: it is not shown again.", name.trim());
            form.show(&words, key.reveal())
        }
        Err(NewKeyError::Invalid(invalid)) => form.refuse(&values, invalid).await,
        Err(error) => Err(failed(&error)),
    }
}

/// Ends a key.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "revoke-key")]
pub async fn revoke_key(
    /// The key's id.
    #[server(default)]
    key: String,
) -> Result<(), ServerFnError> {
    let form = Form { page: "/settings", path: LIST, name: "key" };
    match engine()?.keys.revoke(&who::by(), &key).await {
        Ok(true) => form.done("The key is revoked. Programs that use it are refused.").await,
        Ok(false) => {
            let invalid = Invalid::one("key", "missing", "There is no such key, or it has ended.");
            form.refuse(&[], invalid).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Every field's errors at once.
fn read(
    name: &str,
    scopes: &str,
    trusted: bool,
    expires: &str,
    networks: &str,
) -> Result<NewKey, Invalid> {
    let mut invalid = Invalid::default();
    let mut keep = |wrong: Invalid| invalid.fields.extend(wrong.fields);
    let name = KeyName::parse(name).map_err(&mut keep).ok();
    let scopes = parse_scopes(scopes).map_err(&mut keep).ok();
    let expires = read_time(expires).map_err(&mut keep).ok();
    let sources = read_networks(networks).map_err(&mut keep).ok();
    match (name, scopes, expires, sources) {
        (Some(name), Some(scopes), Some(expires), Some(sources)) => {
            Ok(NewKey { name, scopes, expires, sources, trusted })
        }
        _ => Err(invalid),
    }
}

fn read_time(text: &str) -> Result<Option<DateTime<Utc>>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let words = "Enter a time such as 2027-01-31T12:00, before 2100.";
    let far = DateTime::from_timestamp(4_102_444_800, 0);
    let time = parse_time(text).ok().filter(|time| far.is_some_and(|far| *time < far));
    time.map(Some).ok_or_else(|| Invalid::one("expires", "invalid_time", words))
}

fn read_networks(text: &str) -> Result<Vec<Network>, Invalid> {
    let parts = text.split([',', ' ', '\n', '\r', '\t']).filter(|part| !part.is_empty());
    let networks: Result<Vec<Network>, String> = parts
        .map(|part| {
            part.parse().map_err(|_| {
                format!("{part:?} is no network. Write them like 10.0.0.0/8 or 2001:db8::1.")
            })
        })
        .collect();
    networks.map_err(|words| Invalid::one("networks", "invalid_network", words))
}

fn engine() -> Result<Engine, ServerFnError> {
    use_context::<Engine>().ok_or_else(|| failed(&std::io::Error::other("no engine in context")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_told_at_once() {
        let refused = read("a:b", "evil", true, "never", "10.0.0.0/8, nowhere").unwrap_err();
        let fields: Vec<_> = refused.fields.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "scopes", "expires", "networks"]);
        assert!(refused.of("networks").unwrap().contains("\"nowhere\""));
        let read = read("gateway", "read", false, " ", "10.0.0.0/8\n2001:db8::1, ").unwrap();
        assert_eq!((read.expires, read.sources.len()), (None, 2));
        assert!(read_time("2100-01-01").is_err() && read_time("-9999-01-01").is_ok());
    }
}
