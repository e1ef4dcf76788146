//! One number, one address or one user: what became of its attempts, what it was seen with, what
//! failed near it, and what was done about it.

mod desk;
mod near;
mod tally;
#[cfg(test)]
mod tests;

pub use near::{NEIGHBOURS, Near};
pub use tally::{Counted, ROWS, Tally, figures, tally};

use crate::signins::{Decided, Named, SignIn, Told};
use crate::{Engine, Error};
use chrono::{DateTime, Utc};
use desk::Desk;
use domain::fatigue::Fatigue;
use domain::gate::{Code, Verdict};
use domain::region_figures::Figures;
use domain::signins::{Filter, Page, Place};
use domain::workbook::Sight;
use domain::{Channel, Kind, Period, PhoneNumber, Reason, Region};
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

/// Which attempts, and where the page of them begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Begun in this range.
    pub period: Period,
    /// By this channel.
    pub channel: Option<Channel>,
    /// Where the page begins.
    pub place: Place,
}

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A number.
    Number(PhoneNumber),
    /// An address.
    Ip(IpAddr),
    /// A user, by the name for comparison.
    User(String),
}

impl Subject {
    /// Its attempts of a range and channel.
    pub fn filter(&self, asked: Asked) -> Filter {
        let all = Filter { channel: asked.channel, ..Filter::all(asked.period) };
        match self {
            Self::Number(phone) => Filter { phone: Some(*phone), ..all },
            Self::Ip(ip) => Filter { ip: Some(*ip), ..all },
            Self::User(user) => Filter { user: Some(user.clone()), ..all },
        }
    }
}

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

/// Looks everything up.
///
/// # Errors
/// When the store refuses.
pub async fn profile(
    engine: &Engine,
    subject: &Subject,
    asked: Asked,
    sight: Sight,
) -> Result<Profile, Error> {
    let key = engine.handles.key().await?;
    let (mut profile, names, told) = {
        let mut conn = engine.db.conn().await?;
        let now = engine.clock().now();
        let mut desk = Desk { key: &key, sight, now, conn: &mut conn };
        desk.profile(subject, asked).await?
    };
    // The connection is given back before another is asked for: nobody waits for one while holding
    // one.
    let ask = near::Ask { engine, key: &key, sight, asked, told: &told };
    profile.near = ask.near(subject).await?;
    if matches!(subject, Subject::User(_)) {
        profile.fatigue = crate::signs::prompts_of(&engine.db, &names, asked.period.from).await?.1;
    }
    Ok(profile)
}
