//! Recent refusals by the gate, and their reasons.

use super::HelpdeskReader;
use crate::gate::SOURCE;
use crate::{Error, signins};
use chrono::TimeDelta;
use domain::Kind;
use domain::attempts::Attempt;
use domain::helpdesk::{RECENT_HOURS, RefusalFact};
use std::collections::HashSet;

/// Most refused attempts examined.
const ATTEMPTS: usize = 3;
/// Most events examined for each of them.
const EVENTS: i64 = 100;

impl HelpdeskReader<'_> {
    /// The latest refusals among some attempts, newest first, one for each reason.
    pub(super) async fn refusals(
        &mut self,
        attempts: &[Attempt],
    ) -> Result<Vec<RefusalFact>, Error> {
        let now = self.engine.clock().now();
        let since = now - TimeDelta::hours(RECENT_HOURS);
        let refused = attempts
            .iter()
            .filter(|attempt| attempt.outcome == Kind::Refused && attempt.outcome_time >= since)
            .take(ATTEMPTS);
        let mut told = Vec::new();
        for attempt in refused {
            let days = (attempt.time, now + TimeDelta::days(1));
            let events = store::timeline::events(&mut *self.conn, attempt.id, days, EVENTS).await?;
            let of_gate = |one: &store::timeline::TimelineEvent| {
                one.source == SOURCE && one.kind == Kind::Refused && one.time >= since
            };
            told.extend(events.into_iter().filter(of_gate));
        }
        let decisions = signins::decisions(self.conn, &told).await?;
        let mut decisions: Vec<_> = decisions.into_values().collect();
        decisions.sort_by_key(|decision| std::cmp::Reverse((decision.time, decision.id)));
        let mut known = HashSet::new();
        let mut refusals = Vec::new();
        for decision in decisions {
            let Some(why) = domain::gate::cause(&decision.reasons) else { continue };
            if !known.insert(why.code) {
                continue;
            }
            let message = self.sight.text_owned(&why.message);
            let wait = decision.retry_after.map(|wait| TimeDelta::seconds(i64::from(wait)));
            let until = wait.map(|wait| decision.time + wait);
            refusals.push(RefusalFact { time: decision.time, message, until });
        }
        Ok(refusals)
    }
}
