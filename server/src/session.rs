//! The console's sessions: tower-sessions over our own table.
//!
//! The cookie's value is never stored, only its SHA-256. The session's account is stored in columns
//! (id and epoch) and joined with the current account on load: one query reads both, and an ended
//! account ends its sessions at once.

use app::accounts::session::{KEY, SessionAccount};
use async_trait::async_trait;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use domain::doors::LIVE;
use engine::accounts::sessions::{cutoffs, key};
use http::HeaderName;
use serde_json::{Map, Value};
use store::Db;
use store::sessions::Signed;
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{SessionManagerLayer, SessionStore};

/// The header of requests that a page makes by itself, without its reader.
const BY_ITSELF: HeaderName = HeaderName::from_static("x-by-itself");

tokio::task_local! {
    /// Set while such a request is answered.
    static UNUSED: ();
}

/// Marks requests that a page makes by itself: they must not keep the session alive past its idle
/// limit, nor consume a form's outcome. The stream of news is always one of them.
pub(crate) async fn by_itself(request: Request, next: Next) -> Response {
    if request.headers().contains_key(BY_ITSELF) || request.uri().path() == LIVE {
        UNUSED.scope((), next.run(request)).await
    } else {
        next.run(request).await
    }
}

/// Whether a page made the current request by itself.
pub(crate) fn is_by_itself() -> bool {
    UNUSED.try_with(|()| ()).is_ok()
}

#[derive(Debug, Clone)]
pub(crate) struct Sessions(Db);

/// The layer that loads a request's session. With TLS the cookie is bound to this host (`__Host-`)
/// and only sent encrypted. It lasts until the browser closes; the store limits the session itself.
pub(crate) fn layer(db: Db, https: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions(db))
        .with_name(if https { "__Host-session" } else { "session" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
}

/// The session's key in the store.
pub(crate) fn hash(id: &Id) -> [u8; 32] {
    key(id.0)
}

/// Splits a record into the account's columns and the rest.
fn take_apart(record: &Record) -> Result<(Option<Signed>, Value)> {
    let mut data: Map<String, Value> = record.data.clone().into_iter().collect();
    let account = data
        .remove(KEY)
        .map(serde_json::from_value::<SessionAccount>)
        .transpose()
        .map_err(|error| Error::Encode(error.to_string()))?;
    Ok((account.map(Signed::from), Value::Object(data)))
}

fn failed(error: store::Error) -> Error {
    Error::Backend(error.to_string())
}

impl Sessions {
    async fn write(&self, record: &Record, new: bool) -> Result<()> {
        let (account, data) = take_apart(record)?;
        let (db, account) = (self.0.facts(), account.as_ref());
        let (id, now) = (hash(&record.id), self.0.clock.now());
        // 128 random bits never repeat; if they did, the insert would fail.
        let written = match new {
            true => store::sessions::create(db, &id, account, &data, now).await,
            false => store::sessions::save(db, &id, account, &data, now).await,
        };
        written.map_err(failed)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.write(record, true).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.write(record, false).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.0.clock.now();
        let key = hash(id);
        let row = store::sessions::load(self.0.facts(), &key, cutoffs(now), now, !is_by_itself());
        let Some(row) = row.await.map_err(failed)? else { return Ok(None) };
        let Value::Object(data) = row.data else {
            return Err(Error::Decode("a session's data is no object".to_owned()));
        };
        let mut record = Record {
            id: *id,
            data: data.into_iter().collect(),
            // Unused: the store has checked the session's age already.
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        };
        if let Some(holder) = row.account {
            let account = serde_json::to_value(SessionAccount::from(holder))
                .map_err(|error| Error::Decode(error.to_string()))?;
            record.data.insert(KEY.to_owned(), account);
        }
        Ok(Some(record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        store::sessions::delete(self.0.facts(), &hash(id)).await.map_err(failed)
    }
}
