//! Browser and operating system families of user agents, with the names that uap-core uses.

pub mod derive;
#[cfg(test)]
mod tests;

use crate::sync::lock;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use ua_parser::{os, user_agent};

/// The month of the built-in uap-core patterns, such as `2026-10`.
pub const DATE: &str = env!("AGENTS_DATE");
/// The git revision of uap-core from which the patterns come.
pub const REVISION: &str = env!("AGENTS_REVISION");

/// uap-core's patterns, from `assets/user-agents`.
const PATTERNS: &str = include_str!("../../assets/user-agents/patterns.json");
/// The family that uap-core gives if no pattern matches.
pub(crate) const OTHER: &str = "Other";
/// The cache is emptied at this many strings or at [`CACHED_BYTES`], whichever comes first: callers
/// can invent user agents, and each may be 2 KiB.
const CACHED_STRINGS: usize = 50_000;
/// Limit in bytes, see [`CACHED_STRINGS`].
const CACHED_BYTES: usize = 8 << 20;

#[derive(Deserialize)]
struct Patterns {
    user_agent_parsers: Vec<user_agent::Parser<'static>>,
    os_parsers: Vec<os::Parser<'static>>,
}

struct Extractors {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
}

impl Extractors {
    fn build() -> Result<Self, Box<dyn std::error::Error>> {
        let patterns: Patterns = serde_json::from_str(PATTERNS)?;
        Ok(Self {
            browsers: user_agent::Builder::new().push_all(patterns.user_agent_parsers)?.build()?,
            systems: os::Builder::new().push_all(patterns.os_parsers)?.build()?,
        })
    }
}

/// Compiled on first use: a server that sees no user agents does not pay for them. The patterns are
/// fixed when this crate is built, and a test compiles them. If compiling fails anyway, every
/// family is `Other` and the log says why.
static EXTRACTORS: LazyLock<Option<Extractors>> = LazyLock::new(|| {
    Extractors::build()
        .inspect_err(|error| tracing::error!(%error, "uap-core's patterns do not compile"))
        .ok()
});

/// The families of the browser and the operating system, in this order.
pub(crate) type Families = (Arc<str>, Arc<str>);

/// Finds families and caches them by string: real traffic has a few thousand user agents.
#[derive(Default)]
pub struct Agents {
    cache: Mutex<Cache>,
}

/// Without the user agents of people.
impl std::fmt::Debug for Agents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Agents(…)")
    }
}

#[derive(Default)]
struct Cache {
    bytes: usize,
    families: HashMap<Box<str>, Families>,
    /// Each name is allocated only once, however many strings have it.
    names: HashMap<Box<str>, Arc<str>>,
}

impl Cache {
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let made: Arc<str> = name.into();
        self.names.insert(name.into(), made.clone());
        made
    }

    fn put(&mut self, agent: &str, browser: &str, system: &str) -> Families {
        if self.families.len() >= CACHED_STRINGS || self.bytes + agent.len() > CACHED_BYTES {
            *self = Self::default();
        }
        let families = (self.name(browser), self.name(system));
        if self.families.insert(agent.into(), families.clone()).is_none() {
            self.bytes += agent.len();
        }
        families
    }
}

impl Agents {
    /// The families of a user agent; `Other` if uap-core does not know it. The first call compiles
    /// the patterns.
    pub(crate) fn families(&self, agent: &str) -> Families {
        if let Some(known) = lock(&self.cache).families.get(agent) {
            return known.clone();
        }
        // Not under the lock: matching a string takes tens of microseconds.
        let found = EXTRACTORS.as_ref().map(|all| {
            let browser = all.browsers.extract(agent).map(|value| value.family);
            let system = all.systems.extract(agent).map(|value| value.os);
            (browser, system)
        });
        let (browser, system) = found.unwrap_or_default();
        let (browser, system) = (browser.as_deref(), system.as_deref());
        lock(&self.cache).put(agent, browser.unwrap_or(OTHER), system.unwrap_or(OTHER))
    }

    /// The families of an event's user agent, if it has one.
    pub(crate) fn of_event(&self, agent: Option<&str>) -> (Option<Arc<str>>, Option<Arc<str>>) {
        agent.map(|agent| self.families(agent)).unzip()
    }
}
