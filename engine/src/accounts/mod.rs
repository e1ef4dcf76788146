//! Accounts: who may use the console, and how they sign in.

mod link;
mod manage;
mod password;
mod reset;
pub mod sessions;
mod set_up;
mod sign_in;
mod throttle;

pub use link::{Link, LinkError};
pub use manage::{AccountError, add, end_sessions, set_disabled, set_role, set_zone};
pub use password::Failed;
pub use reset::{invite, reset, reset_lives};
pub use set_up::{issue_link, link_lives};
pub use sign_in::{SignInError, SignedIn};
pub use throttle::Wait;

use crate::agent::{Agents, OTHER};
use crate::audit::Log;
use crate::sync::lock;
use domain::network::Network;
use domain::roles::Role;
use domain::zone::Zone;
use password::HashQueue;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
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

impl Account {
    fn of(row: store::accounts::Row) -> Self {
        let zone = zone_of(&row.zone);
        Self { id: row.id, email: row.email, role: row.role, zone }
    }
}

/// The zone named in an account's row; UTC if the time zone database no longer has it.
pub fn zone_of(name: &str) -> Zone {
    name.parse().unwrap_or_default()
}

/// Whether the signed-in user entered the password recently, as the guard determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh(pub bool);

/// The client's address: the peer, or the address that a trusted proxy reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// A sign-in attempt: where it comes from, and which marks of earlier sign-ins the browser sent.
#[derive(Debug, Clone, Copy)]
pub struct SignInAttempt<'a> {
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
    pub(crate) fn new(db: Db, log: Log) -> Self {
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
        lock(&self.throttle).ask(account, way, self.db.clock.now())
    }

    fn forgive(&self, account: &str, way: Way) {
        lock(&self.throttle).forgive(account, way, self.db.clock.now());
    }

    /// The queue in which a password is compared.
    fn queue(&self, way: Way) -> HashQueue {
        match way {
            Way::Stranger(from) if !lock(&self.throttle).is_home(from, self.db.clock.now()) => {
                HashQueue::Stranger(Network::of_subscriber(from))
            }
            _ => HashQueue::Known,
        }
    }
}
