//! What a session says of who is signed in.

use domain::roles::Role;
use domain::zone::Zone;
use engine::accounts::{Account, SignedIn, zone_of};
use serde::{Deserialize, Serialize};
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
}

impl From<store::sessions::Holder> for SessionAccount {
    fn from(holder: store::sessions::Holder) -> Self {
        let zone = zone_of(&holder.zone);
        Self { id: holder.id, epoch: holder.epoch, email: holder.email, role: holder.role, zone }
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
pub async fn account(session: &Session) -> Result<Option<Account>, Error> {
    Ok(session.get::<SessionAccount>(KEY).await?.map(Account::from))
}

/// Begins a signed-in session under a new id, so that an id somebody slipped to the browser before
/// is worth nothing.
///
/// # Errors
/// When the session cannot be written.
pub async fn begin(session: &Session, signed: SignedIn) -> Result<(), Error> {
    let SignedIn { account: Account { id, email, role, zone }, epoch } = signed;
    session.cycle_id().await?;
    session.insert(KEY, SessionAccount { id, epoch, email, role, zone }).await
}
