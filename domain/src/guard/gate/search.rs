//! The rules that apply to a request, in order, and the resulting verdict.

use super::{ReasonEntry, Verdict};
use crate::rules::Mode;

/// What a matching rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Skips all later rules, except for an invalid number.
    Pass,
    /// Skips all later rules, even for an invalid number.
    PassEvenInvalid,
    /// Adds a reason only.
    Note,
    /// Leads to a verdict other than allow; with seconds to wait.
    Stop(Verdict, u32),
}

/// Steps that need more than their first match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SearchStep {
    Invalid,
    Number,
    Limits,
    Other,
}

/// A rule that applies.
pub(super) struct Match {
    pub(super) step: SearchStep,
    pub(super) effect: Effect,
    pub(super) why: ReasonEntry,
}

/// The matches, in the order of the rules.
#[derive(Default)]
pub(super) struct Search {
    pub(super) found: Vec<Match>,
}

impl Search {
    /// Adds a rule that refuses the request.
    pub(super) fn deny(&mut self, why: ReasonEntry) {
        self.add(SearchStep::Other, Effect::Stop(Verdict::Deny, 0), why);
    }

    pub(super) fn add(&mut self, step: SearchStep, effect: Effect, why: ReasonEntry) {
        self.found.push(Match { step, effect, why });
    }

    /// Whether an invalid number passes: the longest matching number rule decides, with or without
    /// shadow rules.
    pub(super) fn passes_invalid(&self, shadow_too: bool) -> bool {
        let holds = |one: &&Match| shadow_too || one.why.mode == Mode::Enforce;
        let rule = self.found.iter().filter(holds).find(|one| one.step == SearchStep::Number);
        rule.is_some_and(|one| one.effect == Effect::PassEvenInvalid)
    }

    /// The verdict, with or without shadow rules; how many matches were reached; seconds to wait.
    pub(super) fn judge(&self, shadow_too: bool) -> (Verdict, usize, Option<u32>) {
        let holds = |one: &&Match| shadow_too || one.why.mode == Mode::Enforce;
        let passes_invalid = self.passes_invalid(shadow_too);
        for (at, one) in self.found.iter().enumerate().filter(|(_, one)| holds(one)) {
            match one.effect {
                Effect::Note => {}
                Effect::Stop(..) if one.step == SearchStep::Invalid && passes_invalid => {}
                Effect::Pass | Effect::PassEvenInvalid => {
                    let rest = self.found.get(at + 1..).unwrap_or_default();
                    let invalid =
                        !passes_invalid && rest.iter().any(|one| one.step == SearchStep::Invalid);
                    let verdict = if invalid { Verdict::Deny } else { Verdict::Allow };
                    return (verdict, at + 1, None);
                }
                Effect::Stop(verdict, wait) => {
                    // Of several limits the strictest verdict decides, and its longest wait.
                    let limits = self.found.iter().filter(holds);
                    let limits = limits.filter(|other| {
                        one.step == SearchStep::Limits && other.step == SearchStep::Limits
                    });
                    let stops = limits.filter_map(|limit| match limit.effect {
                        Effect::Stop(verdict, wait) => Some((verdict, wait)),
                        _ => None,
                    });
                    let (verdict, wait) = stops.max().unwrap_or((verdict, wait));
                    let wait = (verdict == Verdict::Delay).then_some(wait);
                    return (verdict, self.found.len(), wait);
                }
            }
        }
        (Verdict::Allow, self.found.len(), None)
    }
}
