//! Accounts: who may use the console, and how they sign in.

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

/// Longest part of a user agent that is parsed, in characters.
const AGENT: usize = 512;

/// A signed-in account, as read for the current request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Primary key of the account.
    pub id: Uuid,
    /// E-mail address, with which its holder signs in.
    pub email: String,
    /// Role, which decides what the account may do.
    pub role: Role,
    /// Time zone in which pages show times.
    pub zone: Zone,
}

/// Whether the signed-in user entered the password recently, as the guard determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh(pub bool);

/// The client's address: the peer, or the address that a trusted proxy reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// A sign-in attempt: where it comes from, and which marks of earlier sign-ins the browser sent.
#[derive(Debug, Clone, Copy)]
pub struct Knock<'a> {
    /// The address that the request comes from.
    pub from: IpAddr,
    /// The marks from [`SignedIn::marks`]; empty for a browser that never signed in.
    pub marks: &'a str,
}

/// Signing in and password changes, with the state they need besides the store. Use one for each
/// process: it counts failed attempts.
#[derive(Debug, Clone)]
pub struct Accounts {
    db: Db,
    log: Log,
    throttle: Arc<Mutex<Throttle>>,
    agents: Arc<Agents>,
}

impl Accounts {
    /// Creates the accounts part. `log` receives the audit entries of refusals.
    pub fn new(db: Db, log: Log) -> Self {
        Self { db, log, throttle: Arc::default(), agents: Arc::default() }
    }

    /// A user agent in words, as a session stores it: `Firefox on Windows`. `None` if it is empty.
    pub async fn browser(&self, agent: &str) -> Option<String> {
        if agent.is_empty() {
            return None;
        }
        let agent: String = agent.chars().take(AGENT).collect();
        let agents = Arc::clone(&self.agents);
        // The first call compiles the patterns.
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

    /// The queue in which a password is compared.
    fn queue(&self, way: Way) -> Queue {
        match way {
            Way::Stranger(from) if !self.throttle().is_home(from, self.db.clock.now()) => {
                Queue::Stranger(Network::of_subscriber(from))
            }
            _ => Queue::Known,
        }
    }

    /// A panic while the lock was held leaves a counter at most one too high.
    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
