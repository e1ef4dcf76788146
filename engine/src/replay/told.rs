//! What is tried on the past, and what came of it.

use chrono::{DateTime, Utc};
use domain::gate::{Code, Verdict};
use domain::{countries, rules};

/// What would have been refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The beginning of what was looked at: 30 days ago, or the first attempt's time where there
    /// are more than were looked at.
    pub from: DateTime<Utc>,
    /// Its end: when it was asked.
    pub to: DateTime<Utc>,
    /// Attempts that both runs decided about: the newest, at most [`super::MOST`].
    pub looked_at: u64,
    /// Attempts among the newest that have a number of which the gate decides nothing: it has a
    /// calling code that nobody has, or an impossible length.
    pub left_out: u64,
    /// Attempts to phone numbers in the 30 days.
    pub of: u64,
    /// Whether there may be more of them: they are counted up to [`super::COUNTED`] or a little
    /// farther.
    pub of_at_least: bool,
    /// By the rules that hold.
    pub before: Tally,
    /// By those that may come.
    pub after: Tally,
    /// Of the attempts refused after and not before: the reason, how many, and how many of them
    /// had verified; most first.
    pub newly: Vec<(Code, u64, u64)>,
    /// Attempts refused before and let through after, and how many of them had verified.
    pub spared: (u64, u64),
}

impl Replayed {
    /// Attempts refused after and not before, and how many of them had verified.
    pub fn newly_refused(&self) -> (u64, u64) {
        self.newly.iter().fold((0, 0), |(all, good), (_, n, verified)| (all + n, good + verified))
    }
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Refused for good or told to wait: no code at that time.
    pub refused: u64,
    /// How many of them had verified.
    pub refused_verified: u64,
    /// Of those refused, the ones told to wait.
    pub delayed: u64,
    /// How many of them had verified.
    pub delayed_verified: u64,
    /// Let through once a captcha is solved; not among those refused.
    pub challenged: u64,
    /// How many of them had verified.
    pub challenged_verified: u64,
}

impl Tally {
    pub(super) fn add(&mut self, verdict: Verdict, verified: bool) {
        let good = u64::from(verified);
        match verdict {
            Verdict::Allow => {}
            Verdict::Challenge => {
                self.challenged += 1;
                self.challenged_verified += good;
            }
            Verdict::Delay => {
                self.refused += 1;
                self.refused_verified += good;
                self.delayed += 1;
                self.delayed_verified += good;
            }
            Verdict::Deny => {
                self.refused += 1;
                self.refused_verified += good;
            }
        }
    }
}

/// The rules that are tried.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) rules: rules::Settings,
    pub(super) countries: countries::Settings,
}
