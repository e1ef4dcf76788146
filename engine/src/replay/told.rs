//! The rules of a replay, and its result.

use chrono::{DateTime, Utc};
use domain::gate::{Code, Verdict};
use domain::{countries, rules};

/// Result of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Start of the replayed range: 30 days ago, or the time of the first replayed attempt if there
    /// are more attempts than can be replayed.
    pub from: DateTime<Utc>,
    /// End of the range: when the replay was requested.
    pub to: DateTime<Utc>,
    /// Attempts that both runs decided: the newest, at most [`super::MOST`].
    pub looked_at: u64,
    /// Attempts among the newest whose number the gate does not accept: its calling code is
    /// unassigned, or its length is impossible.
    pub left_out: u64,
    /// Attempts with phone numbers in the 30 days.
    pub of: u64,
    /// Whether there may be more of them: they are counted up to [`super::COUNTED`] or slightly
    /// more.
    pub of_at_least: bool,
    /// Under the current rules.
    pub before: RunCounts,
    /// Under the new rules.
    pub after: RunCounts,
    /// Attempts that only the new rules refuse: the reason, how many, and how many of them
    /// verified; most frequent first.
    pub newly: Vec<(Code, u64, u64)>,
    /// Attempts that only the current rules refuse, and how many of them verified.
    pub spared: (u64, u64),
}

impl Replayed {
    /// Attempts that only the new rules refuse, and how many of them verified.
    pub fn newly_refused(&self) -> (u64, u64) {
        self.newly.iter().fold((0, 0), |(all, good), (_, n, verified)| (all + n, good + verified))
    }
}

/// Counts of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Denied or delayed: no code at that time.
    pub refused: u64,
    /// How many of those refused verified.
    pub refused_verified: u64,
    /// Delayed ones among those refused.
    pub delayed: u64,
    /// How many of those delayed verified.
    pub delayed_verified: u64,
    /// Allowed once a captcha is solved; not among those refused.
    pub challenged: u64,
    /// How many of those challenged verified.
    pub challenged_verified: u64,
}

impl RunCounts {
    pub(super) fn add(&mut self, verdict: Verdict, verified: bool) {
        let count = |counts: bool, all: &mut u64, good: &mut u64| {
            *all += u64::from(counts);
            *good += u64::from(counts && verified);
        };
        let delayed = verdict == Verdict::Delay;
        let refused = delayed || verdict == Verdict::Deny;
        count(refused, &mut self.refused, &mut self.refused_verified);
        count(delayed, &mut self.delayed, &mut self.delayed_verified);
        let challenged = verdict == Verdict::Challenge;
        count(challenged, &mut self.challenged, &mut self.challenged_verified);
    }
}

/// The rules that a run applies.
#[derive(Debug, Clone)]
pub(super) struct TrialRules {
    pub(super) rules: rules::Settings,
    pub(super) countries: countries::Settings,
}
