//! The content of a page.

use super::near::Near;
use super::tally::Tally;
use crate::signins::{Decided, LinkedName, ShownEvent, SignIn};
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

/// Most attempts counted, newest first; older ones in the range are left out.
pub const COUNTED: usize = 10_000;
/// Attempts on one page of the timeline.
pub const PAGE: usize = 20;
/// Newest attempts whose events are searched for devices and decisions.
pub const CLOSER: usize = 100;
/// Most fraud reports, blocks and bypasses shown, each.
pub(crate) const RECORDS: usize = 20;
/// Most decisions shown one by one.
pub const DECISIONS: usize = 5;

/// An attempt and its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The attempt itself.
    pub attempt: SignIn,
    /// Its events in order of time: those within a day of its start or its outcome.
    pub told: Vec<ShownEvent>,
}

/// The gate's decisions on the newest attempts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions {
    /// Number of decisions by verdict.
    pub verdicts: Vec<(Verdict, u64)>,
    /// The first reason of each decision other than a plain allow, most frequent first.
    pub causes: Vec<(Code, u64)>,
    /// The newest decisions other than a plain allow.
    pub newest: Vec<Decided>,
}

/// The whole content of a page.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The page's subject, as shown.
    pub name: String,
    /// Facts from a number's digits: names and values.
    pub facts: Vec<(&'static str, String)>,
    /// Why no subscriber can have the number.
    pub wrong: Option<String>,
    /// Outcomes of its attempts.
    pub figures: Figures,
    /// Start (µs since 1970) and outcome of each attempt, newest first.
    pub times: Vec<(i64, Kind)>,
    /// If not all attempts of the range are counted: start of the oldest counted one.
    pub counted_to: Option<DateTime<Utc>>,
    /// Its newest attempt in the range.
    pub newest: Option<Uuid>,
    /// Reasons of the attempts.
    pub reasons: Tally<Reason>,
    /// Users of the attempts.
    pub users: Tally<LinkedName>,
    /// Numbers of the attempts.
    pub numbers: Tally<LinkedName>,
    /// IP addresses of the attempts.
    pub ips: Tally<IpAddr>,
    /// Regions of the numbers.
    pub regions: Tally<Region>,
    /// Channels of the attempts.
    pub channels: Tally<Channel>,
    /// Flows of the attempts.
    pub flows: Tally<String>,
    /// Browser families of the attempts.
    pub browsers: Tally<String>,
    /// Carriers of the attempts.
    pub carriers: Tally<String>,
    /// Devices in events of the newest attempts, with the number of those attempts.
    pub devices: Vec<(String, u64)>,
    /// Attempts with their events.
    pub story: Page<Story>,
    /// The gate's decisions on the newest attempts.
    pub decisions: Decisions,
    /// Whether there are more attempts than were searched for devices and decisions.
    pub more_than_looked_at: bool,
    /// Failed neighbours.
    pub near: Option<Near>,
    /// Fraud reports about it, newest first.
    pub reports: Vec<Report>,
    /// Its blocks, and blocks that include it, active and ended, each with its target as shown.
    pub blocks: Vec<(String, Block)>,
    /// Its bypasses, usable and ended.
    pub bypasses: Vec<Bypass>,
    /// Other names of the same user.
    pub aliases: Vec<LinkedName>,
    /// Push prompts that the user denied until approving one.
    pub fatigue: Option<Fatigue>,
}
