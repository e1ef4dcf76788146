//! External ID's lists of calling codes (Graph, `onPhoneMethodLoadStart`). Microsoft turns calling
//! codes on and off, not regions, and some codes are off by default.

use super::{Settings, Verdict};
use crate::regions::{self, name};
use crate::{Channel, Region};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The calling codes that Microsoft turns off by default in external tenants since January 2025,
/// because of fraud; sorted.
pub const DEFAULT_OFF: [u16; 114] = [
    7, 20, 53, 62, 63, 84, 92, 93, 94, 95, 98, 211, 212, 213, 216, 218, 220, 221, 222, 223, 224,
    225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 237, 238, 241, 242, 243, 244, 245, 249,
    250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263, 265, 266, 269, 290, 291, 359,
    373, 374, 375, 377, 380, 383, 385, 386, 387, 501, 502, 503, 505, 508, 509, 590, 591, 592, 593,
    670, 672, 675, 678, 679, 685, 686, 687, 689, 690, 691, 855, 880, 961, 962, 963, 964, 965, 966,
    967, 968, 970, 971, 974, 975, 976, 977, 992, 993, 994, 995, 996, 998, 1721, 1784, 1876,
];

/// The code by which Microsoft counts a region: its calling code, with the area code for three
/// regions of +1. `None` for `001` and for regions without a calling code.
pub fn calling_code(region: Region) -> Option<u16> {
    match region.as_str() {
        "SX" => Some(1721),
        "VC" => Some(1784),
        "JM" => Some(1876),
        "001" => None,
        _ => {
            let shown = regions::info(region)?.calling_codes.first()?;
            shown.trim_start_matches('+').split(' ').next()?.parse().ok()
        }
    }
}

/// The regions of [`DEFAULT_OFF`], including all that share a code.
pub fn default_off_regions() -> BTreeSet<Region> {
    let off = |region: &Region| {
        calling_code(*region).is_some_and(|code| DEFAULT_OFF.binary_search(&code).is_ok())
    };
    regions::all().iter().map(|info| info.region).filter(off).collect()
}

/// The lists of one channel. A code is in at most one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneOptions {
    /// Codes to turn on that are off by default; ascending.
    pub include_additional_regions: Vec<u16>,
    /// Codes to turn off that are on by default; ascending.
    pub exclude_regions: Vec<u16>,
}

/// A calling code with both allowed and refused regions. Microsoft serves all or none of them, so
/// it stays on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedCode {
    /// Voice or SMS.
    pub channel: Channel,
    /// The calling code, without the plus sign.
    pub code: u16,
    /// Allowed regions, by name.
    pub allowed: Vec<Region>,
    /// Refused regions, by name.
    pub refused: Vec<Region>,
}

impl fmt::Display for SharedCode {
    /// A warning in two sentences.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channel = if self.channel == Channel::Voice { "Calls" } else { "Texts" };
        write!(
            f,
            "{channel} to +{}: {} allowed here, {} not. External ID knows only the calling code \
             and serves all of them; only the gate refuses the others.",
            self.code,
            are(&self.allowed),
            are(&self.refused)
        )
    }
}

/// `Guernsey, Jersey and 2 more are`.
fn are(named: &[Region]) -> String {
    const MOST: usize = 3;
    let shown: Vec<&str> = named.iter().take(MOST).map(name).collect();
    match (named.len().saturating_sub(MOST), shown.as_slice()) {
        (0, [one]) => format!("{one} is"),
        (0, [before @ .., last]) => format!("{} and {last} are", before.join(", ")),
        (more, _) => format!("{} and {more} more are", shown.join(", ")),
    }
}

/// External ID's lists, and what they cannot express.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalId {
    /// The lists for text messages.
    pub sms_options: PhoneOptions,
    /// The lists for calls.
    pub voice_options: PhoneOptions,
    /// Calling codes with both allowed and refused regions, text messages first.
    pub shared: Vec<SharedCode>,
}

impl ExternalId {
    /// The handler of an `onPhoneMethodLoadStart` listener, in Microsoft Graph's format.
    pub fn handler_json(&self) -> String {
        let options = |name: &str, options: &PhoneOptions| {
            format!(
                "  \"{name}\": {{\n    \"includeAdditionalRegions\": [{}],\n    \
                 \"excludeRegions\": [{}]\n  }}",
                numbers(&options.include_additional_regions),
                numbers(&options.exclude_regions)
            )
        };
        format!(
            "{{\n  \"@odata.type\": \
             \"#microsoft.graph.onPhoneMethodLoadStartExternalUsersAuthHandler\",\n{},\n{}\n}}\n",
            options("smsOptions", &self.sms_options),
            options("voiceOptions", &self.voice_options)
        )
    }
}

fn numbers(codes: &[u16]) -> String {
    codes.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// The lists closest to the settings. A code is on when one of its regions is allowed or monitored.
/// `001` is not a country and is in no list.
pub fn external_id_lists(settings: &Settings) -> ExternalId {
    let mut shared = Vec::new();
    let sms_options = options(settings, Channel::Sms, &mut shared);
    let voice_options = options(settings, Channel::Voice, &mut shared);
    ExternalId { sms_options, voice_options, shared }
}

fn options(settings: &Settings, channel: Channel, shared: &mut Vec<SharedCode>) -> PhoneOptions {
    let mut codes: BTreeMap<u16, (Vec<Region>, Vec<Region>)> = BTreeMap::new();
    for region in regions::all().iter().map(|info| info.region) {
        let Some(code) = calling_code(region) else { continue };
        let (allowed, refused) = codes.entry(code).or_default();
        match settings.judge(channel, region) {
            Verdict::Allowed | Verdict::Monitored => allowed.push(region),
            Verdict::Refused => refused.push(region),
        }
    }
    let mut options = PhoneOptions::default();
    for (code, (allowed, refused)) in codes {
        let on_by_default = DEFAULT_OFF.binary_search(&code).is_err();
        match (allowed.is_empty(), on_by_default) {
            (false, false) => options.include_additional_regions.push(code),
            (true, true) => options.exclude_regions.push(code),
            (false, true) | (true, false) => {}
        }
        if !allowed.is_empty() && !refused.is_empty() {
            shared.push(SharedCode { channel, code, allowed, refused });
        }
    }
    options
}

#[cfg(test)]
mod tests;
