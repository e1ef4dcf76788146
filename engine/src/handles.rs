//! Handles: stand-ins for numbers and users in links, URLs and cursors. The key is read from the
//! store once.

use domain::PhoneNumber;
use domain::handles::HandleKey;
use std::sync::Arc;
use store::Db;
use tokio::sync::OnceCell;

/// Creates and reads handles. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handles {
    db: Db,
    key: Arc<OnceCell<HandleKey>>,
}

impl Handles {
    /// Creates it for a store, without reading the key yet.
    pub fn new(db: Db) -> Self {
        Self { db, key: Arc::default() }
    }

    /// The key, for callers that create or read several handles.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn key(&self) -> Result<HandleKey, store::Error> {
        let read = async || {
            let key = store::handles::key(self.db.facts(), &store::random::bytes()).await?;
            Ok::<_, store::Error>(HandleKey::new(&key))
        };
        Ok(self.key.get_or_try_init(read).await?.clone())
    }

    /// The handle of a number, for links and URLs.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn number(&self, phone: PhoneNumber) -> Result<String, store::Error> {
        Ok(self.key().await?.number(phone))
    }

    /// The handle of a user, for links and URLs.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn user(&self, name: &str) -> Result<String, store::Error> {
        Ok(self.key().await?.user(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::handles::HandleError;
    use sqlx::PgPool;
    use store::Clock;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn every_server_of_a_store_makes_the_same(pool: PgPool) {
        let one = Handles::new(Db::new(pool.clone(), Clock::system()));
        let two = Handles::new(Db::new(pool.clone(), Clock::system()));
        let handle = one.user("anna").await.unwrap();
        assert_eq!(two.user("Anna ").await.unwrap(), handle);
        sqlx::query("delete from store_key").execute(&pool).await.unwrap();
        let other = Handles::new(Db::new(pool, Clock::system()));
        let refused = other.key().await.unwrap().read(&handle);
        assert_eq!(refused, Err(HandleError::Foreign));
    }
}
