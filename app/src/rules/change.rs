//! A change of the rules as a value of its own, so that it can be shown, replayed on past attempts,
//! and applied to what somebody else saved meanwhile.

use domain::rules::{Currency, NumberRule, Price, Settings};
use domain::workbook::Sight;
use islands::rules::item::{Item, all};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum RuleChange {
    /// Replaces, adds or removes one rule.
    One {
        was: Option<Item>,
        now: Option<Item>,
    },
    Numbers {
        rules: Vec<NumberRule>,
        /// Replace all number rules, not only those for the same numbers.
        instead: bool,
    },
    Prices(Vec<Price>),
}

/// The rule to change no longer exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RuleMissing;

/// One difference between two sets of rules, in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleDifference {
    /// `None` for a new rule.
    pub(super) before: Option<String>,
    /// `None` for a removed rule.
    pub(super) after: Option<String>,
}

impl RuleChange {
    /// Applies the change.
    pub(super) fn apply(&self, mut settings: Settings) -> Result<Settings, RuleMissing> {
        match self {
            Self::One { was, now } => one(&mut settings, was.as_ref(), now.as_ref())?,
            Self::Numbers { rules, instead: true } => settings.number_rules.clone_from(rules),
            Self::Numbers { rules, instead: false } => {
                let new: BTreeSet<_> = rules.iter().map(|rule| rule.numbers).collect();
                settings.number_rules.retain(|rule| !new.contains(&rule.numbers));
                settings.number_rules.extend(rules.iter().cloned());
            }
            Self::Prices(prices) => settings.spend.prices.clone_from(prices),
        }
        Ok(settings)
    }

    /// Whether the change can affect decisions of the gate.
    pub(super) fn decides(&self) -> bool {
        match self {
            Self::One { was, now } => was.as_ref().or(now.as_ref()).is_some_and(Item::decides),
            Self::Numbers { .. } | Self::Prices(_) => true,
        }
    }
}

fn one(settings: &mut Settings, was: Option<&Item>, now: Option<&Item>) -> Result<(), RuleMissing> {
    let key = was.map(Item::key);
    let place = |held: Option<usize>| match (was, held) {
        (Some(_), None) => Err(RuleMissing),
        (_, held) => Ok(held),
    };
    macro_rules! list {
        ($list:expr, $variant:path) => {{
            let same = |held: &_| Some($variant(Clone::clone(held)).key()) == key;
            let at = place($list.iter().position(same))?;
            let new = match now {
                Some($variant(new)) => Some(new.clone()),
                _ => None,
            };
            match (at, new) {
                (Some(at), Some(new)) => $list[at] = new,
                (Some(at), None) => drop($list.remove(at)),
                (None, Some(new)) => $list.push(new),
                (None, None) => {}
            }
        }};
    }
    match was.or(now) {
        None => {}
        Some(Item::Kill(_)) => list!(settings.kill_switches, Item::Kill),
        Some(Item::Number(_)) => list!(settings.number_rules, Item::Number),
        Some(Item::Cap(_)) => list!(settings.spend.caps, Item::Cap),
        Some(Item::Price(_)) => list!(settings.spend.prices, Item::Price),
        Some(Item::Limit(_)) => list!(settings.limits, Item::Limit),
        Some(Item::Type(..)) => {
            if let Some(Item::Type(kind, _)) = was {
                settings.number_types.remove(kind).ok_or(RuleMissing)?;
            }
            if let Some(Item::Type(kind, rule)) = now {
                settings.number_types.insert(*kind, rule.clone());
            }
        }
        Some(Item::Texts(..)) => {
            if let Some(Item::Texts(language, _)) = was {
                settings.user_message.texts.remove(language).ok_or(RuleMissing)?;
            }
            if let Some(Item::Texts(language, texts)) = now {
                settings.user_message.texts.insert(language.clone(), texts.clone());
            }
        }
        Some(_) => alone(settings, now),
    }
    Ok(())
}

/// Rules of which there is always exactly one.
fn alone(settings: &mut Settings, now: Option<&Item>) {
    match now {
        Some(Item::Currency(currency)) => settings.spend.currency = *currency,
        Some(Item::Trust(trust)) => settings.trust = trust.clone(),
        Some(Item::Captcha(captcha)) => settings.captcha = captcha.clone(),
        Some(Item::Store(setting)) => settings.on_store_failure = *setting,
        Some(Item::B2c(b2c)) => settings.b2c = b2c.clone(),
        Some(Item::Desk(desk, language)) => {
            settings.user_message.help_desk.clone_from(desk);
            settings.user_message.language.clone_from(language);
        }
        _ => {}
    }
}

/// The differences, rule by rule: first what was changed or removed, then what is new.
pub(super) fn differences(
    before: &Settings,
    after: &Settings,
    sight: Sight,
) -> Vec<RuleDifference> {
    let is: BTreeMap<String, Item> = keyed(after);
    let was: BTreeMap<String, Item> = keyed(before);
    let told = |item: &Item, currency: Currency| Some(item.full_sentence(currency, sight));
    let (old, new) = (before.spend.currency, after.spend.currency);
    let mut lines = Vec::new();
    for (_, item) in all(before) {
        match is.get(&item.key()) {
            Some(now) if now.says(&item) => {}
            now => lines.push(RuleDifference {
                before: told(&item, old),
                after: now.and_then(|now| told(now, new)),
            }),
        }
    }
    for (_, item) in all(after) {
        if !was.contains_key(&item.key()) {
            lines.push(RuleDifference { before: None, after: told(&item, new) });
        }
    }
    lines
}

fn keyed(settings: &Settings) -> BTreeMap<String, Item> {
    all(settings).into_iter().map(|(_, item)| (item.key(), item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::rules::{Any, KillSwitch, Limit, Mode};

    fn kill(region: &str, reason: &str) -> KillSwitch {
        KillSwitch {
            region: Any::One(region.parse().unwrap()),
            channel: Any::All,
            until: None,
            mode: Mode::Enforce,
            reason: reason.to_owned(),
            by: None,
            at: None,
        }
    }

    fn added(item: Item) -> RuleChange {
        RuleChange::One { was: None, now: Some(item) }
    }

    #[test]
    fn a_rule_is_changed_by_its_key_wherever_it_stands_now() {
        let settings = Settings::default();
        let was = Item::Limit(settings.limits[2].clone());
        let mut limit = settings.limits[2].clone();
        limit.limit = 3;
        let now = Item::Limit(limit.clone());
        let change = RuleChange::One { was: Some(was.clone()), now: Some(now) };
        // Somebody else removed the first limit meanwhile.
        let mut others = settings.clone();
        others.limits.remove(0);
        let after = change.apply(others.clone()).unwrap();
        assert_eq!(after.limits[1], limit);
        assert_eq!(after.limits.len(), others.limits.len());
        let lines = differences(&others, &after, Sight::Whole);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].before.as_ref().unwrap().starts_with("20 codes in 1 h"));
        assert!(lines[0].after.as_ref().unwrap().starts_with("3 codes in 1 h"));
        // And then this one.
        others.limits.remove(1);
        assert_eq!(change.apply(others), Err(RuleMissing));
    }

    #[test]
    fn rules_come_and_go() {
        let settings = Settings::default();
        let after = added(Item::Kill(kill("JM", "pumped"))).apply(settings.clone()).unwrap();
        assert_eq!(after.kill_switches.len(), 1);
        let lines = differences(&settings, &after, Sight::Whole);
        let words = "No codes to Jamaica until somebody removes this. Reason: pumped";
        assert_eq!(lines, [RuleDifference { before: None, after: Some(words.to_owned()) }]);
        let back = RuleChange::One { was: Some(Item::Kill(kill("JM", "x"))), now: None };
        assert_eq!(back.apply(after).unwrap(), settings);
        assert_eq!(back.apply(settings.clone()), Err(RuleMissing));
        assert!(differences(&settings, &settings, Sight::Whole).is_empty());
    }

    #[test]
    fn who_changed_a_rule_is_no_difference() {
        let settings = Settings::default();
        let mut signed = settings.clone();
        signed.limits[0].by = Some("ann".to_owned());
        assert!(differences(&settings, &signed, Sight::Whole).is_empty());
    }

    #[test]
    fn a_list_joins_or_replaces() {
        let now = chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let deny = domain::rules::NumberAction::Deny;
        let read = |text| domain::rules::read_number_rules(text, deny, "listed", now).unwrap();
        let mut settings = Settings { number_rules: read("+1876*\n+1877*"), ..<_>::default() };
        settings.limits = vec![Limit::new(domain::ledger::Dimension::Ip, 1, 60)];
        let rules = read("+1876*,allow\n+14155552700");
        let joined = RuleChange::Numbers { rules: rules.clone(), instead: false };
        let after = joined.apply(settings.clone()).unwrap();
        assert_eq!(after.number_rules.len(), 3);
        assert_eq!(differences(&settings, &after, Sight::Whole).len(), 2);
        let masked = differences(&settings, &after, Sight::Masked);
        assert!(!format!("{masked:?}").contains("55527"), "{masked:?}");
        let after = RuleChange::Numbers { rules, instead: true }.apply(settings).unwrap();
        assert_eq!(after.number_rules.len(), 2);
    }

    #[test]
    fn what_stands_alone_is_replaced() {
        let settings = Settings::default();
        for (item, changed) in [
            (Item::Currency("USD".parse().unwrap()), true),
            (Item::Desk("call 42".to_owned(), "en".to_owned()), true),
            (Item::Trust(settings.trust.clone()), false),
        ] {
            let after = added(item).apply(settings.clone()).unwrap();
            assert_eq!(!differences(&settings, &after, Sight::Whole).is_empty(), changed);
        }
    }
}
