//! The console's sessions: tower-sessions over our own table.
//!
//! The cookie's value is never kept, only its SHA-256. What the session says of the account is
//! taken apart on the way in (id and epoch are columns) and put together on the way out with the
//! account as it is now, so that a session and its account are read in one round trip and an
//! ended account ends its sessions at once.

use app::accounts::session::{KEY, SessionAccount};
use async_trait::async_trait;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
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

/// What a page says of a request that it makes by itself, without its reader's hand.
const BY_ITSELF: HeaderName = HeaderName::from_static("x-by-itself");
/// Where the stream of news is.
const NEWS: &str = "/live";

tokio::task_local! {
    /// Set while a request is answered that nobody's hand made.
    static UNUSED: ();
}

/// Marks the requests that a page makes by itself while it is open: what they ask must not keep
/// its session alive past its idle limit, nor take what was left for the reader. The stream of
/// news is always one of them.
pub async fn by_itself(request: Request, next: Next) -> Response {
    if request.headers().contains_key(BY_ITSELF) || request.uri().path() == NEWS {
        UNUSED.scope((), next.run(request)).await
    } else {
        next.run(request).await
    }
}

/// Whether the request that is being answered was made by a page itself.
pub fn is_by_itself() -> bool {
    UNUSED.try_with(|()| ()).is_ok()
}

/// Sessions in our store.
#[derive(Debug, Clone)]
pub struct Sessions {
    db: Db,
}

/// The layer that finds a request's session. With TLS the cookie is bound to this very host
/// (`__Host-`) and never sent in clear. It lasts as long as the browser; how long the session
/// lasts, the store decides.
pub fn layer(db: Db, https: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { db })
        .with_name(if https { "__Host-session" } else { "session" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
}

/// What finds a session in the store.
pub(crate) fn hash(id: &Id) -> [u8; 32] {
    key(id.0)
}

/// The account's columns, and the rest.
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

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (account, data) = take_apart(record)?;
        let (id, now) = (hash(&record.id), self.db.clock.now());
        // 128 random bits do not meet twice; if they did, the insert would fail and the session
        // with it.
        store::sessions::create(self.db.facts(), &id, account.as_ref(), &data, now)
            .await
            .map_err(failed)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (account, data) = take_apart(record)?;
        let (id, now) = (hash(&record.id), self.db.clock.now());
        store::sessions::save(self.db.facts(), &id, account.as_ref(), &data, now)
            .await
            .map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.db.clock.now();
        let key = hash(id);
        let row = store::sessions::load(self.db.facts(), &key, cutoffs(now), now, !is_by_itself());
        let Some(row) = row.await.map_err(failed)? else { return Ok(None) };
        let Value::Object(data) = row.data else {
            return Err(Error::Decode("a session's data is no object".to_owned()));
        };
        let mut record = Record {
            id: *id,
            data: data.into_iter().collect(),
            // Nobody asks for it: the store has looked at the session's times already.
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
        store::sessions::delete(self.db.facts(), &hash(id)).await.map_err(failed)
    }
}
