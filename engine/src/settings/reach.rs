//! Warnings about settings that can never match under the current numbering plans, shown at every
//! door that accepts settings.

use super::{load, load_document};
use crate::Engine;
use domain::numbers::Plans;
use domain::reach_warnings::{Naming, in_view, of_countries, of_numbers, of_switches, of_types};
use domain::rules::Numbers;
use domain::settings::{Kind, Section as _};
use domain::{Region, countries, rules};
use serde_json::Value;
use std::collections::BTreeMap;
use store::Db;

/// What a section's document can never match, one sentence each. Rules are checked for the current
/// countries, and for the regions to which codes were sent within 30 days. Runs on a blocking
/// thread: it looks up as many as 50,000 numbers.
pub async fn warnings(engine: &Engine, kind: &'static Kind, document: &Value) -> Vec<String> {
    let (engine, document) = (engine.clone(), document.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let countries = engine.gate.rules();
        of_document(kind, &document, countries.countries(), &busiest(&engine), Naming::Codes)
    });
    looked.await.unwrap_or_default()
}

/// The same warnings for a command, which does not know where codes were sent: for the current
/// countries, or else for all regions.
///
/// # Errors
/// If the store fails, or contains a document that this program cannot read.
pub async fn warnings_now(db: &Db, kind: &Kind) -> Result<Vec<String>, store::Error> {
    let mut conn = db.conn().await?;
    let document = load_document(&mut conn, kind).await?.settings;
    let countries = load::<countries::Settings>(&mut conn).await?.settings;
    Ok(of_document(kind, &document, &countries, &[], Naming::Names))
}

fn of_document(
    kind: &Kind,
    document: &Value,
    countries: &countries::Settings,
    busiest: &[Region],
    naming: Naming,
) -> Vec<String> {
    let plans = Plans::current();
    let read = || document.clone();
    match kind.name {
        countries::Settings::NAME => serde_json::from_value(read())
            .map(|settings| of_countries(&plans, &settings, naming))
            .unwrap_or_default(),
        rules::Settings::NAME => serde_json::from_value(read())
            .map(|settings| of_rules(&settings, countries, busiest, naming))
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What these rules can never match, for readers who see whole numbers; on a blocking thread like
/// [`warnings`].
pub async fn warnings_of_rules(engine: &Engine, settings: rules::Settings) -> Vec<String> {
    let engine = engine.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let countries = engine.gate.rules();
        of_rules(&settings, countries.countries(), &busiest(&engine), Naming::Names)
    });
    looked.await.unwrap_or_default()
}

fn of_rules(
    settings: &rules::Settings,
    countries: &countries::Settings,
    busiest: &[Region],
    naming: Naming,
) -> Vec<String> {
    let plans = Plans::current();
    let name = |at, numbers: Numbers| match naming {
        Naming::Names => numbers.to_string(),
        Naming::Codes => format!("number_rules.{at}"),
    };
    let mut said = of_numbers(&plans, &settings.number_rules, name);
    let name = |at: usize| match naming {
        Naming::Names => "Kill switch".to_owned(),
        Naming::Codes => format!("kill_switches.{at}"),
    };
    said.extend(of_switches(&plans, &settings.kill_switches, naming, name));
    let view = in_view(&plans, countries, busiest);
    said.extend(of_types(&plans, settings, &view, naming));
    said
}

/// The regions of the last 30 days' attempts, most attempts first.
pub fn busiest(engine: &Engine) -> Vec<Region> {
    let mut attempts: BTreeMap<Region, u64> = BTreeMap::new();
    for row in &engine.regions.month().rows {
        *attempts.entry(row.region).or_default() += row.figures.attempts;
    }
    let mut regions: Vec<Region> = attempts.keys().copied().collect();
    regions.sort_by_key(|region| std::cmp::Reverse(attempts.get(region).copied()));
    regions
}
