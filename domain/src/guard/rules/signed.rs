//! Sets who last changed a rule and when, if it differs from before.

use super::{KillSwitch, Limit, NumberRule, Settings, SpendCap, TypeRule};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// A rule that records who changed it and when.
trait Signed: Clone + PartialEq {
    fn sign(&mut self, by: Option<String>, at: Option<DateTime<Utc>>);
    fn signature(&self) -> (Option<String>, Option<DateTime<Utc>>);

    fn bare(&self) -> Self {
        let mut bare = self.clone();
        bare.sign(None, None);
        bare
    }
}

macro_rules! signed {
    ($($name:ident),+) => {$(
        impl Signed for $name {
            fn sign(&mut self, by: Option<String>, at: Option<DateTime<Utc>>) {
                (self.by, self.at) = (by, at);
            }

            fn signature(&self) -> (Option<String>, Option<DateTime<Utc>>) {
                (self.by.clone(), self.at)
            }
        }
    )+};
}
signed!(KillSwitch, NumberRule, TypeRule, SpendCap, Limit);

/// The settings as saved by `by`: new or changed rules get this author and time, unchanged ones
/// keep theirs, whatever the document claims.
pub(super) fn signed(
    mut settings: Settings,
    before: &Settings,
    by: &str,
    now: DateTime<Utc>,
) -> Settings {
    sign(
        &mut settings.kill_switches,
        &before.kill_switches,
        |rule| (rule.region, rule.channel),
        by,
        now,
    );
    sign(&mut settings.number_rules, &before.number_rules, |rule| rule.numbers, by, now);
    sign(&mut settings.spend.caps, &before.spend.caps, |cap| cap.window, by, now);
    sign(&mut settings.limits, &before.limits, |limit| (limit.per, limit.window), by, now);
    for (kind, rule) in &mut settings.number_types {
        one(rule, before.number_types.get(kind), by, now);
    }
    settings
}

fn sign<T: Signed, K: std::hash::Hash + Eq>(
    rules: &mut [T],
    before: &[T],
    key: impl Fn(&T) -> K,
    by: &str,
    now: DateTime<Utc>,
) {
    // Keys are unique: `check` refuses duplicates.
    let before: HashMap<K, &T> = before.iter().map(|rule| (key(rule), rule)).collect();
    for rule in rules {
        let was = before.get(&key(rule)).copied();
        one(rule, was, by, now);
    }
}

fn one<T: Signed>(rule: &mut T, before: Option<&T>, by: &str, now: DateTime<Utc>) {
    let (by, at) = match before {
        Some(before) if before.bare() == rule.bare() => before.signature(),
        _ => (Some(by.to_owned()), Some(now)),
    };
    rule.sign(by, at);
}
