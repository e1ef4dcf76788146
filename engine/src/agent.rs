//! Browser and operating system families of user agents, as uap-core names them.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use ua_parser::{os, user_agent};

/// uap-core's patterns, cut down by `build.rs`.
const PATTERNS: &str = include_str!(concat!(env!("OUT_DIR"), "/agents.json"));
/// What uap-core calls what no pattern knows.
pub(crate) const OTHER: &str = "Other";
/// The cache is emptied at this many strings, or at this many bytes of them, whichever is first:
/// user agents are the callers' to make up, and each may be 2 KiB.
const CACHED_STRINGS: usize = 50_000;
/// See [`CACHED_STRINGS`].
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

/// Compiled on first use: a server that sees no user agents does not pay for them. The patterns
/// are fixed when this crate is built and a test compiles them; should they fail all the same,
/// every family is `Other` and the log says why.
static EXTRACTORS: LazyLock<Option<Extractors>> = LazyLock::new(|| {
    Extractors::build()
        .inspect_err(|error| tracing::error!(%error, "uap-core's patterns do not compile"))
        .ok()
});

/// The browser's and the operating system's family.
pub type Families = (Arc<str>, Arc<str>);

/// Finds families, and remembers them by string: real traffic has a few thousand user agents.
#[derive(Default)]
pub struct Agents {
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    bytes: usize,
    families: HashMap<Box<str>, Families>,
    /// One allocation for each name, however many strings lead to it.
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

impl std::fmt::Debug for Agents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Agents(…)")
    }
}

impl Agents {
    /// An empty cache; costs nothing until the first user agent.
    pub fn new() -> Self {
        Self::default()
    }

    /// The families of a user agent; `Other` for what uap-core does not know. The first call
    /// compiles the patterns.
    pub fn families(&self, agent: &str) -> Families {
        if let Some(known) = self.lock().families.get(agent) {
            return known.clone();
        }
        // Not under the lock: a string takes tens of microseconds.
        let found = EXTRACTORS.as_ref().map(|all| {
            let browser = all.browsers.extract(agent).map(|value| value.family);
            let system = all.systems.extract(agent).map(|value| value.os);
            (browser, system)
        });
        let (browser, system) = found.unwrap_or_default();
        self.lock().put(
            agent,
            browser.as_deref().unwrap_or(OTHER),
            system.as_deref().unwrap_or(OTHER),
        )
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        // A cache is never half written: a panic elsewhere leaves it usable.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_uap_cores() {
        let agents = Agents::new();
        for (agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36",
                "Chrome",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 11; Pixel 5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.101 Mobile Safari/537.36",
                "Chrome Mobile",
                "Android",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0",
                "Firefox",
                "Linux",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Safari/605.1.15",
                "Safari",
                "Mac OS X",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 14_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Mobile/15E148 Safari/604.1",
                "Mobile Safari",
                "iOS",
            ),
            ("no agent anybody knows", "Other", "Other"),
            ("", "Other", "Other"),
        ] {
            for _ in 0..2 {
                let (found_browser, found_system) = agents.families(agent);
                assert_eq!((&*found_browser, &*found_system), (browser, system), "{agent}");
            }
        }
    }

    #[test]
    fn the_cache_stays_within_its_bounds() {
        let mut cache = Cache::default();
        let long = "x".repeat(2_000);
        for at in 0..10_000 {
            cache.put(&format!("{at}{long}"), "A", "B");
            assert!(cache.bytes <= CACHED_BYTES);
        }
        assert!(cache.families.len() < 5_000);
        let held: usize = cache.families.keys().map(|agent| agent.len()).sum();
        assert_eq!(held, cache.bytes);
    }
}
