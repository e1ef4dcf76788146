//! The rules that hold of a request, in their order, and the verdict that follows from them.

use super::{Verdict, Why};
use crate::rules::Mode;

/// What a rule that holds makes of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It passes everything that comes after, but for a number that nobody can have.
    Pass,
    /// It passes that number, too.
    PassEvenInvalid,
    /// Nothing: it is told, no more.
    Note,
    /// It is not let through as it is; with how long to wait.
    Stop(Verdict, u32),
}

/// The steps of the search in which more than the first rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Invalid,
    Number,
    Limits,
    Other,
}

/// A rule that holds.
pub(super) struct Match {
    pub(super) step: Step,
    pub(super) effect: Effect,
    pub(super) why: Why,
}

/// The rules that hold, in their order.
pub(super) struct Search {
    pub(super) found: Vec<Match>,
}

impl Search {
    pub(super) fn add(&mut self, step: Step, effect: Effect, why: Why) {
        self.found.push(Match { step, effect, why });
    }

    /// Whether a number that nobody can have passes: its number rule says so, the longest that
    /// holds, with shadow rules enforced or not.
    pub(super) fn passes_invalid(&self, shadow_too: bool) -> bool {
        let holds = |one: &&Match| shadow_too || one.why.mode == Mode::Enforce;
        let rule = self.found.iter().filter(holds).find(|one| one.step == Step::Number);
        rule.is_some_and(|one| one.effect == Effect::PassEvenInvalid)
    }

    /// The verdict, with shadow rules enforced or not; how many of the matches were reached; how
    /// long to wait.
    pub(super) fn judge(&self, shadow_too: bool) -> (Verdict, usize, Option<u32>) {
        let holds = |one: &&Match| shadow_too || one.why.mode == Mode::Enforce;
        let passes_invalid = self.passes_invalid(shadow_too);
        for (at, one) in self.found.iter().enumerate().filter(|(_, one)| holds(one)) {
            match one.effect {
                Effect::Note => {}
                Effect::Stop(..) if one.step == Step::Invalid && passes_invalid => {}
                Effect::Pass | Effect::PassEvenInvalid => {
                    let rest = self.found.get(at + 1..).unwrap_or_default();
                    let invalid = rest.iter().any(|one| one.step == Step::Invalid);
                    let invalid = invalid && !passes_invalid;
                    let verdict = if invalid { Verdict::Deny } else { Verdict::Allow };
                    return (verdict, at + 1, None);
                }
                Effect::Stop(verdict, wait) if one.step != Step::Limits => {
                    let wait = (verdict == Verdict::Delay).then_some(wait);
                    return (verdict, self.found.len(), wait);
                }
                // Of several limits the hardest decides, and the longest wait.
                Effect::Stop(..) => {
                    let of_limits = self.found.iter().filter(holds);
                    let stops = of_limits.filter(|one| one.step == Step::Limits);
                    let stops = stops.filter_map(|one| match one.effect {
                        Effect::Stop(verdict, wait) => Some((verdict, wait)),
                        _ => None,
                    });
                    let (verdict, wait) =
                        stops.fold((Verdict::Allow, 0), |hardest, next| {
                            match next.0.cmp(&hardest.0) {
                                std::cmp::Ordering::Equal => (hardest.0, hardest.1.max(next.1)),
                                std::cmp::Ordering::Greater => next,
                                std::cmp::Ordering::Less => hardest,
                            }
                        });
                    let wait = (verdict == Verdict::Delay).then_some(wait);
                    return (verdict, self.found.len(), wait);
                }
            }
        }
        (Verdict::Allow, self.found.len(), None)
    }
}
