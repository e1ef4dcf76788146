//! What a page tells.

use super::near::Near;
use super::tally::Tally;
use crate::signins::{Decided, Named, SignIn, Told};
use chrono::{DateTime, Utc};
use domain::fatigue::Fatigue;
use domain::gate::{Code, Verdict};
use domain::region_figures::Figures;
use domain::signins::Page;
use domain::{Channel, Kind, Reason, Region};
use std::net::IpAddr;
use store::blocks::Block;
use store::bypasses::Bypass;
use store::fraud_reports::Row as Report;
use uuid::Uuid;

/// Attempts that are counted, the newest first; older ones in the range are left out.
pub const COUNTED: usize = 10_000;
/// Attempts of a page of the story.
pub const PAGE: usize = 20;
/// Attempts whose events are looked at for devices and decisions, the newest first.
pub const CLOSER: usize = 100;
/// Rows of reports, blocks and bypasses that are told.
pub const RECORDS: usize = 20;
/// Decisions that are told one by one.
pub const DECISIONS: usize = 5;

/// An attempt and its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The attempt.
    pub attempt: SignIn,
    /// Its events, first to last: those within a day of its beginning or its outcome.
    pub told: Vec<Told>,
}

/// What the gate decided about the newest attempts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions {
    /// How often it decided what.
    pub verdicts: Vec<(Verdict, u64)>,
    /// Why, where it did not simply allow: the first reason of each decision, most first.
    pub causes: Vec<(Code, u64)>,
    /// The newest that did not simply allow.
    pub newest: Vec<Decided>,
}

/// Everything a page tells.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Whom or what it is about, as shown.
    pub name: String,
    /// What a number's digits tell: names and values.
    pub facts: Vec<(&'static str, String)>,
    /// Why nobody can have the number.
    pub wrong: Option<String>,
    /// What became of its attempts.
    pub figures: Figures,
    /// When each of them began (µs since 1970), and its outcome; the newest first.
    pub times: Vec<(i64, Kind)>,
    /// When not all attempts of the range are counted: the oldest that is.
    pub counted_to: Option<DateTime<Utc>>,
    /// Its newest attempt in the range.
    pub newest: Option<Uuid>,
    /// Why attempts ended as they did.
    pub reasons: Tally<Reason>,
    /// Whose attempts.
    pub users: Tally<Named>,
    /// To which numbers.
    pub numbers: Tally<Named>,
    /// From which addresses.
    pub ips: Tally<IpAddr>,
    /// Regions of the numbers.
    pub regions: Tally<Region>,
    /// By which channels.
    pub channels: Tally<Channel>,
    /// In which flows.
    pub flows: Tally<String>,
    /// From which families of browsers.
    pub browsers: Tally<String>,
    /// By which carriers.
    pub carriers: Tally<String>,
    /// Devices that events of the newest attempts name, with how many of those attempts.
    pub devices: Vec<(String, u64)>,
    /// Attempts with their events.
    pub story: Page<Story>,
    /// What the gate decided about the newest attempts.
    pub decisions: Decisions,
    /// Whether there are more attempts than were looked at for devices and decisions.
    pub more_than_looked_at: bool,
    /// What failed near it.
    pub near: Option<Near>,
    /// Fraud reports about it, newest first.
    pub reports: Vec<Report>,
    /// Its blocks, and those it lies in, live and ended, with whom or what they are of as shown.
    pub blocks: Vec<(String, Block)>,
    /// Its bypasses, open and over.
    pub bypasses: Vec<Bypass>,
    /// Other names of the same user.
    pub aliases: Vec<Named>,
    /// That the user was asked until they gave in.
    pub fatigue: Option<Fatigue>,
}
