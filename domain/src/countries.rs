//! Countries: which regions calls and messages may go to, per channel, and the shapes in which
//! Microsoft's products hold such a list (contract, section 4).

mod custom_policy;
mod diff;
mod effect;
mod external_id;
pub mod language_file;
mod settings;

pub use custom_policy::custom_policy_xml;
pub use diff::{ChannelDiff, ModeChange, Named, diff};
pub use effect::{RefusedRegion, RegionEffect, would_refuse_by_region};
pub use external_id::{
    DEFAULT_OFF, ExternalId, PhoneOptions, SharedCode, calling_code, default_off_regions,
    external_id_lists,
};
pub use settings::{CHANNELS, ChannelCountries, Mode, Settings, Verdict};

use crate::{Region, regions};
use std::collections::BTreeSet;

/// These regions in the order of their English names; what has no name comes last.
fn by_name(named: &BTreeSet<Region>) -> impl Iterator<Item = Region> {
    let place = |region: &Region| regions::all().iter().position(|info| info.region == *region);
    let mut placed: Vec<(usize, Region)> =
        named.iter().map(|region| (place(region).unwrap_or(usize::MAX), *region)).collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, region)| region)
}
