//! The counters of `/metrics`: their names and meanings.
//!
//! All are present from the start, with value 0: an alert on an increase needs the value before it.

use domain::gate::Verdict;

/// A counter in `/metrics`.
#[derive(Debug, Clone, Copy)]
pub struct Counter {
    /// Name in the Prometheus text format.
    pub name: &'static str,
    /// Help text: what it counts.
    pub help: &'static str,
}

/// Declares counters, and the list of all of them.
macro_rules! counters {
    ($($counter:ident = $name:literal, $help:literal;)+) => {
        $(
            #[doc = $help]
            pub const $counter: Counter = Counter { name: $name, help: $help };
        )+

        /// Every counter.
        pub const ALL: &[Counter] = &[$($counter),+];
    };
}

counters! {
    CONNECTIONS_EVICTED = "tollwarden_connections_evicted_total",
        "Connections closed to make room for others, longest idle first.";
    DECISIONS = "tollwarden_decisions_total",
        "Decisions that were answered, by verdict.";
    DECISIONS_BUSY = "tollwarden_decisions_busy_total",
        "Requests for a decision that were asked to retry because the store was slow.";
    DECISIONS_LOST = "tollwarden_decisions_lost_total",
        "Decisions that could not be stored.";
    DECISIONS_STORE_DOWN = "tollwarden_decisions_store_down_total",
        "Decisions made without the store.";
    EVENTS_ENRICHED = "tollwarden_events_enriched_total",
        "Known events to which missing fields were added.";
    EVENTS_ACCEPTED = "tollwarden_events_accepted_total",
        "Events that were stored.";
    EVENTS_DUPLICATE = "tollwarden_events_duplicate_total",
        "Events that were known already.";
    EVENTS_REJECTED = "tollwarden_events_rejected_total",
        "Events that could not be read.";
    FRAUD_REPORTS = "tollwarden_fraud_reports_total",
        "Fraud reports, by answer.";
    PAGES_SHED = "tollwarden_pages_shed_total",
        "Pages refused because too many were requested.";
}

impl Counter {
    /// Adds to the counter.
    pub fn add(self, more: u64) {
        metrics::counter!(self.name).increment(more);
    }

    /// Adds to the counter with this label.
    pub(crate) fn add_to(self, label: &'static str, value: &'static str, more: u64) {
        metrics::counter!(self.name, label => value).increment(more);
    }
}

/// Describes all counters. Call it after installing the recorder.
pub fn begin() {
    for counter in ALL {
        metrics::describe_counter!(counter.name, counter.help);
    }
    // The labels of fraud report answers are known only once they occur.
    let labelled = [DECISIONS.name, FRAUD_REPORTS.name];
    for counter in ALL.iter().filter(|counter| !labelled.contains(&counter.name)) {
        counter.add(0);
    }
    for verdict in Verdict::ALL {
        DECISIONS.add_to("verdict", verdict.as_str(), 0);
    }
}
