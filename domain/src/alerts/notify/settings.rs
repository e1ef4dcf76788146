//! The settings section `notifications`: which kinds of alert are raised.

use super::AlertKind;
use crate::Invalid;
use crate::settings::Section;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Declares the settings, a switch for each of these kinds. They are all on by default.
macro_rules! switches {
    ($($field:ident: $kind:ident,)+) => {
        /// Whether each kind of alert is raised at all. Set-up changes, data access and guessing
        /// have no switch: turning alerts off must not go unnoticed.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {
            $(
                #[doc = concat!("See [`AlertKind::", stringify!($kind), "`].")]
                pub $field: bool,
            )+
        }

        impl Settings {
            /// The kinds that have a switch.
            pub const KINDS: &'static [AlertKind] = &[$(AlertKind::$kind),+];

            /// Settings with exactly these kinds on.
            pub fn of(on: &[AlertKind]) -> Self {
                Self { $($field: on.contains(&AlertKind::$kind)),+ }
            }

            /// Whether a kind is raised; always true for kinds without a switch.
            pub fn raises(&self, kind: AlertKind) -> bool {
                match kind {
                    $(AlertKind::$kind => self.$field,)+
                    AlertKind::SetUpChange | AlertKind::DataAccess | AlertKind::Guessing => true,
                }
            }
        }
    };
}

switches! {
    fraud_report: FraudReport,
    block: Block,
    breaker: Breaker,
    source_silent: SourceSilent,
    delivery_trouble: DeliveryTrouble,
    spend_cap: SpendCap,
    kill_switch: KillSwitch,
    surge: Surge,
    conversion: Conversion,
    first_traffic: FirstTraffic,
    odd_cost: OddCost,
    names_joined: NamesJoined,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(Self::KINDS)
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

    /// Weaker if a kind is turned off.
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
        for &kind in Settings::KINDS {
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
