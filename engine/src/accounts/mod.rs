//! Accounts: who may use the console, and how they come in.

mod manage;
mod password;
mod reset;
pub mod sessions;
mod set_up;
mod sign_in;
mod throttle;
mod zone;

pub use manage::{AccountError, add, end_sessions, set_disabled, set_role};
pub use password::Failed;
pub use reset::{ResetError, ResetLink, invite, reset, reset_lives};
pub use set_up::{SetUpError, SetUpLink, issue_link, link_lives};
pub use sign_in::{SignInError, SignedIn};
pub use throttle::Wait;
pub use zone::{set_zone, zone_of};

use crate::agent::{Agents, OTHER};
use crate::audit::Log;
use domain::network::Network;
use domain::roles::Role;
use domain::zone::Zone;
use password::Queue;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use store::Db;
use throttle::{Throttle, Way};
use uuid::Uuid;

/// Most characters of a user agent that are looked at.
const AGENT: usize = 512;

/// A signed-in account, as it is at this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Uuid,
    /// Its e-mail address.
    pub email: String,
    /// What it may do.
    pub role: Role,
    /// The time zone it sees times in.
    pub zone: Zone,
}

/// Whether the password of who asks was given lately, as the guard found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh(pub bool);

/// Where a request comes from: the peer, or what a trusted proxy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Who tries to sign in: from where, and what marks the browser has of earlier times.
#[derive(Debug, Clone, Copy)]
pub struct Knock<'a> {
    /// Where the request comes from.
    pub from: IpAddr,
    /// The marks of [`SignedIn::marks`]; empty of a browser that never signed in.
    pub marks: &'a str,
}

/// What the ways in need besides the store. One for a process: it remembers who failed.
#[derive(Debug, Clone)]
pub struct Accounts {
    db: Db,
    log: Log,
    throttle: Arc<Mutex<Throttle>>,
    agents: Arc<Agents>,
}

impl Accounts {
    /// Over a store, with the audit log's way in for refusals.
    pub fn new(db: Db, log: Log) -> Self {
        Self { db, log, throttle: Arc::default(), agents: Arc::default() }
    }

    /// A user agent in words, as a session keeps it: `Firefox on Windows`. Nothing of none.
    pub async fn browser(&self, agent: &str) -> Option<String> {
        if agent.is_empty() {
            return None;
        }
        let agent: String = agent.chars().take(AGENT).collect();
        let agents = Arc::clone(&self.agents);
        // The first one compiles the patterns.
        let found = tokio::task::spawn_blocking(move || agents.families(&agent)).await;
        let (browser, system) = found.ok()?;
        let browser = if &*browser == OTHER { "Unknown browser" } else { &*browser };
        Some(if &*system == OTHER { browser.to_owned() } else { format!("{browser} on {system}") })
    }

    fn ask(&self, account: &str, way: Way) -> Result<(), Wait> {
        let now = self.db.clock.now();
        self.throttle().ask(account, way, now)
    }

    fn forgive(&self, account: &str, way: Way) {
        let now = self.db.clock.now();
        self.throttle().forgive(account, way, now);
    }

    /// Whose turn it is to have a password compared.
    fn queue(&self, way: Way) -> Queue {
        match way {
            Way::Stranger(from) if !self.throttle().is_home(from, self.db.clock.now()) => {
                Queue::Stranger(Network::of_subscriber(from))
            }
            _ => Queue::Known,
        }
    }

    /// A panic while it was held leaves a counter at worst one too high.
    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
