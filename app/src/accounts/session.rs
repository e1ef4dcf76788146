//! What a session says of who is signed in.

use super::known;
use crate::form::failed;
use chrono::{DateTime, Utc};
use domain::roles::Role;
use domain::zone::Zone;
use engine::Engine;
use engine::accounts::sessions::key;
use engine::accounts::{Account, ClientAddress, SignedIn, zone_of};
use http::header;
use http::request::Parts;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use store::sessions::{Holder, Signed};
use tower_sessions::Session;
use tower_sessions::session::Error;
use uuid::Uuid;

/// Where the session says it. The session store fills it in anew at every request.
pub const KEY: &str = "account";

/// Who is signed in, and under which epoch of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAccount {
    /// The account.
    pub id: Uuid,
    /// The epoch; when the account's is another, the session is over.
    pub epoch: i32,
    /// Its address.
    pub email: String,
    /// Its role.
    pub role: Role,
    /// The time zone it sees times in.
    #[serde(default)]
    pub zone: Zone,
    /// When the password was last given in this session.
    #[serde(default)]
    pub confirmed: Option<DateTime<Utc>>,
    /// The browser that signed in, in words.
    #[serde(default)]
    pub browser: Option<String>,
    /// Where it signed in from.
    #[serde(default)]
    pub address: Option<String>,
}

impl From<Holder> for SessionAccount {
    fn from(holder: Holder) -> Self {
        let Holder { signed, email, role, zone } = holder;
        let Signed { account: id, epoch, confirmed, browser, address } = signed;
        Self { id, epoch, email, role, zone: zone_of(&zone), confirmed, browser, address }
    }
}

impl From<SessionAccount> for Signed {
    fn from(account: SessionAccount) -> Self {
        let SessionAccount { id, epoch, confirmed, browser, address, .. } = account;
        Self { account: id, epoch, confirmed, browser, address }
    }
}

impl From<SessionAccount> for Account {
    fn from(account: SessionAccount) -> Self {
        Self { id: account.id, email: account.email, role: account.role, zone: account.zone }
    }
}

/// Who is signed in, if anybody is.
///
/// # Errors
/// When the session cannot be read.
pub async fn account(session: &Session) -> Result<Option<SessionAccount>, Error> {
    session.get::<SessionAccount>(KEY).await
}

/// Begins a signed-in session under a new id, so that an id somebody slipped to the browser before
/// is worth nothing.
///
/// # Errors
/// When the session cannot be written.
pub(super) async fn begin(
    engine: &Engine,
    session: &Session,
    signed: SignedIn,
) -> Result<(), ServerFnError> {
    let SignedIn { account: Account { id, email, role, zone }, epoch, marks } = signed;
    known::keep(&marks);
    let (agent, address) = browser_and_address();
    let account = SessionAccount {
        id,
        epoch,
        email,
        role,
        zone,
        confirmed: Some(engine.clock().now()),
        browser: engine.accounts.browser(&agent).await,
        address,
    };
    write(session, account).await.map_err(|error| failed(&error))
}

/// What the request says of its browser, and where it comes from.
fn browser_and_address() -> (String, Option<String>) {
    let Some(parts) = use_context::<Parts>() else { return Default::default() };
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let address = parts.extensions.get::<ClientAddress>();
    (agent.unwrap_or_default().to_owned(), address.map(|address| address.0.to_string()))
}

/// Notes that the password was given in this session. It goes on under a new id, as after a
/// sign-in.
///
/// # Errors
/// When the session cannot be read or written.
pub(super) async fn confirm(session: &Session, now: DateTime<Utc>) -> Result<(), ServerFnError> {
    let found = account(session).await.map_err(|error| failed(&error))?;
    let Some(account) = found else { return Ok(()) };
    let account = SessionAccount { confirmed: Some(now), ..account };
    write(session, account).await.map_err(|error| failed(&error))
}

/// What finds a session in the store; nothing of one that is not stored.
pub(crate) fn key_of(session: &Session) -> Option<[u8; 32]> {
    session.id().map(|id| key(id.0))
}

async fn write(session: &Session, account: SessionAccount) -> Result<(), Error> {
    session.cycle_id().await?;
    session.insert(KEY, account).await
}
