//! MFA fatigue: a user who denied several push prompts and then approved one has probably been worn
//! down by an attacker.

use crate::Kind;
use chrono::{DateTime, TimeDelta, Utc};

/// Fewest denied prompts in a row before an approved one that count as fatigue.
pub const DENIED_LEAST: u32 = 3;
/// Most minutes between two answers of a run.
const MINUTES: i64 = 60;

/// A run of denied prompts that ends with an approved one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fatigue {
    /// The number of denied prompts.
    pub denied: u32,
    /// When the first prompt was denied.
    pub since: DateTime<Utc>,
    /// When the last prompt was approved.
    pub approved: DateTime<Utc>,
}

impl Fatigue {
    /// The user's label: `MFA fatigue: 4 prompts denied, then one approved`.
    pub fn mark(&self) -> String {
        format!("MFA fatigue: {} prompts denied, then one approved", self.denied)
    }
}

/// The newest run among one user's answers to push prompts, which may be in any order. Kinds other
/// than `denied` and `approved` are ignored.
pub fn fatigue(answers: impl IntoIterator<Item = (DateTime<Utc>, Kind)>) -> Option<Fatigue> {
    let mut answers: Vec<_> = answers
        .into_iter()
        .filter(|(_, kind)| matches!(kind, Kind::Denied | Kind::Approved))
        .collect();
    // At the same moment the denial came first: an approval ends the prompts.
    answers.sort_by_key(|(time, kind)| (*time, *kind == Kind::Approved));
    let mut found = None;
    let mut run: Option<(u32, DateTime<Utc>, DateTime<Utc>)> = None;
    for (time, kind) in answers {
        let together = run.filter(|(.., last)| time - *last <= TimeDelta::minutes(MINUTES));
        match (kind, together) {
            (Kind::Denied, Some((denied, since, _))) => run = Some((denied + 1, since, time)),
            (Kind::Denied, None) => run = Some((1, time, time)),
            (_, together) => {
                if let Some((denied, since, _)) = together.filter(|run| run.0 >= DENIED_LEAST) {
                    found = Some(Fatigue { denied, since, approved: time });
                }
                run = None;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;
    use crate::simulate::{Attack, simulate};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_600_000_000 + 60 * minute, 0).unwrap()
    }

    fn of(answers: &[(i64, Kind)]) -> Option<u32> {
        fatigue(answers.iter().map(|(at, kind)| (minute(*at), *kind))).map(|found| found.denied)
    }

    #[test]
    fn several_denied_then_one_approved() {
        use Kind::{Approved, Denied, Prompted, Sent};
        assert_eq!(
            of(&[(0, Denied), (1, Denied), (2, Denied), (3, Denied), (4, Approved)]),
            Some(4)
        );
        assert_eq!(of(&[(4, Approved), (2, Denied), (0, Denied), (1, Denied)]), Some(3));
        assert_eq!(of(&[(0, Denied), (1, Denied), (2, Approved)]), None, "two may be a slip");
        assert_eq!(of(&[(0, Denied), (1, Denied), (2, Denied)]), None, "did not give in");
        let rest = [(0, Prompted), (0, Denied), (1, Sent), (1, Denied), (2, Denied), (3, Approved)];
        assert_eq!(of(&rest), Some(3));
        assert_eq!(of(&[(0, Denied), (1, Denied), (2, Denied), (63, Approved)]), None);
        assert_eq!(of(&[(0, Denied), (60, Denied), (120, Denied), (180, Approved)]), Some(3));
        let between = [(0, Denied), (1, Denied), (2, Approved), (3, Denied), (4, Approved)];
        assert_eq!(of(&between), None, "an approval ends the run");
        let two: Vec<_> = (0..4)
            .map(|at| (at, Denied))
            .chain([(4, Approved)])
            .chain((100..103).map(|at| (at, Denied)))
            .chain([(103, Approved), (104, Denied)])
            .collect();
        assert_eq!(of(&two), Some(3), "the newest is told");
        assert_eq!(of(&[]), None);
        let found = fatigue([(minute(0), Denied); 3].into_iter().chain([(minute(1), Approved)]));
        let found = found.unwrap();
        assert_eq!((found.since, found.approved), (minute(0), minute(1)));
        assert_eq!(found.mark(), "MFA fatigue: 3 prompts denied, then one approved");
    }

    /// The simulation labels its attacks: every user who gave in is marked, and only attacked users
    /// are.
    #[test]
    fn whom_the_simulation_wore_down_is_marked() {
        let mut worn = 0;
        for seed in 0..6 {
            let events = simulate(40_000, 30, seed, minute(0), &[Attack::PushFatigue]).unwrap();
            let mut answers: BTreeMap<String, Vec<_>> = BTreeMap::new();
            let (mut attacked, mut gave_in) = (BTreeSet::new(), BTreeSet::new());
            for event in events.filter(|event| event.channel == Some(Channel::Push)) {
                let user = event.user.clone().unwrap();
                if event.extra["label"] == Attack::PushFatigue.label() {
                    attacked.insert(user.clone());
                    if event.kind == Kind::Approved {
                        gave_in.insert(user.clone());
                    }
                }
                answers.entry(user).or_default().push((event.time, event.kind));
            }
            let marked: BTreeSet<String> = answers
                .into_iter()
                .filter_map(|(user, answers)| fatigue(answers).map(|_| user))
                .collect();
            assert!(gave_in.is_subset(&marked), "seed {seed}: {gave_in:?} {marked:?}");
            assert!(marked.is_subset(&attacked), "seed {seed}: {marked:?} {attacked:?}");
            worn += gave_in.len();
        }
        assert!(worn >= 6, "only {worn} gave in: the attack is no longer told");
    }

    proptest! {
        #[test]
        fn order_does_not_matter(
            raw in proptest::collection::vec((0_i64..200, any::<bool>()), 0..20),
            turn in 0_usize..20,
        ) {
            let answers: Vec<_> = raw
                .iter()
                .map(|(at, yes)| (minute(*at), if *yes { Kind::Approved } else { Kind::Denied }))
                .collect();
            let mut turned = answers.clone();
            turned.rotate_left(turn % raw.len().max(1));
            prop_assert_eq!(fatigue(answers), fatigue(turned));
        }
    }
}
