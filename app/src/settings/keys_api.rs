//! The forms of API keys. The guard admits only admins.

use super::links::KEYS;
use crate::form::{Form, engine, failed};
use crate::who;
use chrono::{DateTime, Utc};
use domain::keys::{KeyName, Marks, Rate, parse_scopes, parse_sources};
use domain::{Fault, Invalid, network::Network, period::parse_time};
use engine::ChangeError;
use engine::keys::{self, NewKey};
use leptos::prelude::*;

/// Creates a key and shows it once.
#[server(prefix = "/_fn", endpoint = "make-key")]
async fn make_key(
    #[server(default)] name: String,
    /// What it may do.
    #[server(default)]
    scopes: Vec<String>,
    /// Sources whose events it may write, separated by commas, besides the one of its own name.
    #[server(default)]
    sources: String,
    #[server(default)] marks: Vec<String>,
    #[server(default)] rate: String,
    /// Empty for never.
    #[server(default)]
    expires: String,
    /// Networks it may be used from, separated by commas or white space; empty for any.
    #[server(default)]
    networks: String,
) -> Result<(), ServerFnError> {
    let form = Form { page: "/settings", path: KEYS, name: "make-key" };
    let (scopes, marks) = (scopes.join(","), marks.join(","));
    let values = [
        ("name", &*name),
        ("scopes", &*scopes),
        ("sources", &*sources),
        ("marks", &*marks),
        ("rate", &*rate),
        ("expires", &*expires),
        ("networks", &*networks),
    ];
    let new = match read(&values) {
        Ok(new) => new,
        Err(invalid) => return form.refuse(&values, invalid).await,
    };
    match keys::create(&engine()?.db, &who::by(), new).await {
        Ok(key) => {
            let words = format!("Key {} created. Copy it now: it is shown only once.", name.trim());
            form.show(&[], &words, key.reveal())
        }
        Err(ChangeError::Invalid(invalid)) => form.refuse(&values, invalid).await,
        Err(error) => Err(failed(&error)),
    }
}

/// Revokes a key.
#[server(prefix = "/_fn", endpoint = "revoke-key")]
async fn revoke_key(#[server(default)] key: String) -> Result<(), ServerFnError> {
    let form = Form { page: "/settings", path: KEYS, name: "key" };
    match engine()?.keys.revoke(&who::by(), &key).await {
        Ok(true) => form.done("Key revoked. Programs that use it are refused.").await,
        Ok(false) => {
            let invalid =
                Invalid::one("key", Fault::NotFound, "This key does not exist, or has ended.");
            form.refuse(&[], invalid).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Collects the errors of all fields.
fn read(values: &[(&str, &str)]) -> Result<NewKey, Invalid> {
    let value = |field| values.iter().find(|(name, _)| *name == field).map_or("", |one| one.1);
    let mut invalid = Invalid::default();
    let mut keep = |wrong: Invalid| invalid.fields.extend(wrong.fields);
    let name = KeyName::parse(value("name")).map_err(&mut keep).ok();
    let scopes = parse_scopes(value("scopes")).map_err(&mut keep).ok();
    let sources = parse_sources(value("sources")).map_err(&mut keep).ok();
    let rate = read_rate(value("rate")).map_err(&mut keep).ok();
    let expires = read_time(value("expires")).map_err(&mut keep).ok();
    let networks = read_networks(value("networks")).map_err(&mut keep).ok();
    let marks = Marks::of(value("marks").split(','));
    match (name, scopes, sources, rate, expires, networks) {
        (Some(name), Some(scopes), Some(sources), Some(rate), Some(expires), Some(networks)) => {
            Ok(NewKey { sources, marks, rate, expires, networks, ..NewKey::new(name, scopes) })
        }
        _ => Err(invalid),
    }
}

fn read_rate(text: &str) -> Result<Rate, Invalid> {
    if text.trim().is_empty() { Ok(Rate::default()) } else { text.parse() }
}

fn read_time(text: &str) -> Result<Option<DateTime<Utc>>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let words = "Enter a time such as 2027-01-31T12:00, before 2100.";
    let far = DateTime::from_timestamp(4_102_444_800, 0);
    let time = parse_time(text).ok().filter(|time| far.is_some_and(|far| *time < far));
    time.map(Some).ok_or_else(|| Invalid::one("expires", Fault::InvalidTime, words))
}

fn read_networks(text: &str) -> Result<Vec<Network>, Invalid> {
    let parts = text.split([',', ' ', '\n', '\r', '\t']).filter(|part| !part.is_empty());
    let networks: Result<Vec<Network>, String> = parts
        .map(|part| {
            part.parse().map_err(|_| {
                format!("{part:?} is not a network. Write networks like 10.0.0.0/8 or 2001:db8::1.")
            })
        })
        .collect();
    networks.map_err(|words| Invalid::one("networks", Fault::InvalidIp, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_told_at_once() {
        let fields = ["name", "scopes", "sources", "rate", "expires", "networks"];
        let typed = ["a:b", "evil", "gate", "0", "never", "10.0.0.0/8, nowhere"];
        let refused = read(&std::array::from_fn::<_, 6, _>(|at| (fields[at], typed[at])));
        let refused = refused.unwrap_err();
        let found: Vec<_> = refused.fields.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(found, fields);
        assert!(refused.of("networks").unwrap().contains("\"nowhere\""));
        let typed = ["gateway", "read", " b2c, entra", "", " ", "10.0.0.0/8\n2001:db8::1, "];
        let read = read(&std::array::from_fn::<_, 6, _>(|at| (fields[at], typed[at]))).unwrap();
        assert_eq!((read.expires, read.networks.len(), read.sources.len()), (None, 2, 2));
        assert_eq!((read.marks, read.rate), (Marks::default(), Rate::default()));
        assert!(read_time("2100-01-01").is_err() && read_time("-9999-01-01").is_ok());
    }
}
