//! Countries: which regions calls and messages may go to, per channel, and the formats in which
//! Microsoft's products take such a list (contract, section 4).

mod custom_policy;
mod diff;
mod effect;
mod external_id;
pub mod language_file;
mod settings;

pub use custom_policy::custom_policy_xml;
pub use diff::{ChannelDiff, ModeChange, NamedRegion, diff};
pub use effect::{RegionEffect, would_refuse_by_region};
pub use external_id::{
    DEFAULT_OFF, ExternalId, PhoneOptions, SharedCode, calling_code, default_off_regions,
    external_id_lists,
};
pub use settings::{CHANNELS, ChannelCountries, Mode, Settings, Verdict};

use crate::{Region, regions};
use std::collections::BTreeSet;

/// Sorts regions by their English names; those without one come last.
fn by_name(named: &BTreeSet<Region>) -> impl Iterator<Item = Region> {
    let place = |region: &Region| regions::all().iter().position(|info| info.region == *region);
    let mut placed: Vec<Region> = named.iter().copied().collect();
    placed.sort_by_cached_key(|region| place(region).unwrap_or(usize::MAX));
    placed.into_iter()
}
