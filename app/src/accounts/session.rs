//! The signed-in account in the session.

use super::known;
use crate::form::failed;
use chrono::{DateTime, Utc};
use domain::{roles::Role, zone::Zone};
use engine::accounts::{Account, ClientAddress, SignedIn, zone_of};
use engine::{Engine, accounts::sessions::key};
use http::{header, request::Parts};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use store::sessions::{Holder, Signed};
use tower_sessions::{Session, session::Error};
use uuid::Uuid;

/// Session key. The session store reloads the value at every request.
pub const KEY: &str = "account";

/// The signed-in account as the session holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAccount {
    /// Id of the account.
    pub id: Uuid,
    /// The account's epoch at sign-in; when the account's epoch differs, the session has ended.
    pub epoch: i32,
    /// E-mail address, which names the account on pages and in the audit log.
    pub email: String,
    /// Current role, reloaded with the account.
    pub role: Role,
    /// Time zone chosen by the account.
    #[serde(default)]
    pub zone: Zone,
    /// When the password was last confirmed in this session.
    #[serde(default)]
    pub confirmed: Option<DateTime<Utc>>,
    /// Name of the browser that signed in; `None` if unknown.
    #[serde(default)]
    pub browser: Option<String>,
    /// Client address at sign-in; `None` if unknown.
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

/// The signed-in account, if any.
///
/// # Errors
/// Returns the error of the session store if the session cannot be read.
pub async fn account(session: &Session) -> Result<Option<SessionAccount>, Error> {
    session.get::<SessionAccount>(KEY).await
}

/// Starts a signed-in session under a new id, against session fixation.
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

/// `User-Agent` and client address of the request.
fn browser_and_address() -> (String, Option<String>) {
    let Some(parts) = use_context::<Parts>() else { return Default::default() };
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let address = parts.extensions.get::<ClientAddress>();
    (agent.unwrap_or_default().to_owned(), address.map(|address| address.0.to_string()))
}

/// Records that the password was confirmed in this session, which continues under a new id.
pub(super) async fn confirm(session: &Session, now: DateTime<Utc>) -> Result<(), ServerFnError> {
    let found = account(session).await.map_err(|error| failed(&error))?;
    let Some(account) = found else { return Ok(()) };
    let account = SessionAccount { confirmed: Some(now), ..account };
    write(session, account).await.map_err(|error| failed(&error))
}

/// The session's key in the store; `None` if it is not stored.
pub(crate) fn key_of(session: &Session) -> Option<[u8; 32]> {
    session.id().map(|id| key(id.0))
}

async fn write(session: &Session, account: SessionAccount) -> Result<(), Error> {
    session.cycle_id().await?;
    session.insert(KEY, account).await
}
