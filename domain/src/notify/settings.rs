//! The section of settings `notifications`: which kinds of alert are raised at all.

use super::AlertKind;
use crate::Invalid;
use crate::settings::Section;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Whether an alert of a kind is raised, for every recipient. Set-up changes, access to data and
/// guessing have no switch: one who turns alerts off must not do it unseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Users' reports.
    pub fraud_report: bool,
    /// Blocks.
    pub block: bool,
    /// Stops of automatic blocking.
    pub breaker: bool,
    /// Sources gone silent.
    pub source_silent: bool,
    /// Messages that do not arrive.
    pub delivery_trouble: bool,
    /// Spend caps that refuse.
    pub spend_cap: bool,
    /// Kill switches.
    pub kill_switch: bool,
    /// Surges of a region.
    pub surge: bool,
    /// A region's conversion fallen.
    pub conversion: bool,
    /// First traffic to a region.
    pub first_traffic: bool,
    /// Costs that nobody can believe.
    pub odd_cost: bool,
    /// Names that events joined.
    pub names_joined: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fraud_report: true,
            block: true,
            breaker: true,
            source_silent: true,
            delivery_trouble: true,
            spend_cap: true,
            kill_switch: true,
            surge: true,
            conversion: true,
            first_traffic: true,
            odd_cost: true,
            names_joined: true,
        }
    }
}

impl Settings {
    /// The kinds that have a switch.
    pub const KINDS: [AlertKind; 12] = [
        AlertKind::FraudReport,
        AlertKind::Block,
        AlertKind::Breaker,
        AlertKind::SourceSilent,
        AlertKind::DeliveryTrouble,
        AlertKind::SpendCap,
        AlertKind::KillSwitch,
        AlertKind::Surge,
        AlertKind::Conversion,
        AlertKind::FirstTraffic,
        AlertKind::OddCost,
        AlertKind::NamesJoined,
    ];

    /// With these kinds on, and no others.
    pub fn of(on: &[AlertKind]) -> Self {
        let has = |kind| on.contains(&kind);
        Self {
            fraud_report: has(AlertKind::FraudReport),
            block: has(AlertKind::Block),
            breaker: has(AlertKind::Breaker),
            source_silent: has(AlertKind::SourceSilent),
            delivery_trouble: has(AlertKind::DeliveryTrouble),
            spend_cap: has(AlertKind::SpendCap),
            kill_switch: has(AlertKind::KillSwitch),
            surge: has(AlertKind::Surge),
            conversion: has(AlertKind::Conversion),
            first_traffic: has(AlertKind::FirstTraffic),
            odd_cost: has(AlertKind::OddCost),
            names_joined: has(AlertKind::NamesJoined),
        }
    }

    /// Whether a kind is raised.
    pub fn raises(&self, kind: AlertKind) -> bool {
        match kind {
            AlertKind::FraudReport => self.fraud_report,
            AlertKind::Block => self.block,
            AlertKind::Breaker => self.breaker,
            AlertKind::SetUpChange | AlertKind::DataAccess | AlertKind::Guessing => true,
            AlertKind::SourceSilent => self.source_silent,
            AlertKind::DeliveryTrouble => self.delivery_trouble,
            AlertKind::SpendCap => self.spend_cap,
            AlertKind::KillSwitch => self.kill_switch,
            AlertKind::Surge => self.surge,
            AlertKind::Conversion => self.conversion,
            AlertKind::FirstTraffic => self.first_traffic,
            AlertKind::OddCost => self.odd_cost,
            AlertKind::NamesJoined => self.names_joined,
        }
    }
}

impl Section for Settings {
    const NAME: &'static str = "notifications";

    fn allowed(name: &str) -> Option<&'static str> {
        let known = Self::KINDS.iter().any(|kind| kind.as_str() == name);
        known.then_some("true or false")
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// A kind of alert is switched off.
    fn weakened_by(&self, after: &Self, _now: DateTime<Utc>) -> bool {
        Self::KINDS.iter().any(|kind| self.raises(*kind) && !after.raises(*kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_its_kind() {
        assert!(AlertKind::ALL.iter().all(|&kind| Settings::default().raises(kind)));
        for kind in Settings::KINDS {
            let one = Settings::of(&[kind]);
            let on =
                |other| one.raises(other) == (other == kind || !Settings::KINDS.contains(&other));
            assert!(AlertKind::ALL.iter().copied().all(on), "{kind}");
            let document = serde_json::to_value(&one).unwrap();
            assert_eq!(document[kind.as_str()], true);
            assert_eq!(document.as_object().unwrap().len(), Settings::KINDS.len());
        }
        assert!(Settings::allowed("block").is_some());
        assert!(Settings::allowed("set_up_change").is_none());
    }
}
