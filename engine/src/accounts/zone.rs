//! The time zone in which the holder of an account sees times. It is personal and not
//! configuration, so it is not in the audit log.

use super::AccountError;
use domain::zone::Zone;
use domain::{Fault, Invalid};
use store::Db;
use uuid::Uuid;

/// Sets the time zone of an account by its IANA name.
///
/// # Errors
/// [`AccountError::Invalid`] in field `zone` if no zone has this name; [`AccountError::Missing`].
pub async fn set_zone(db: &Db, id: Uuid, name: &str) -> Result<Zone, AccountError> {
    let zone: Zone = name.parse().map_err(|allowed| {
        Invalid::one("zone", Fault::InvalidChoice, format!("The time zone {allowed}."))
    })?;
    if store::accounts::set_zone(db.facts(), id, zone.name()).await? {
        Ok(zone)
    } else {
        Err(AccountError::Missing)
    }
}

/// The zone named in an account's row; UTC if the time zone database no longer has it.
pub fn zone_of(name: &str) -> Zone {
    name.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audit::By;
    use domain::roles::Role;
    use sqlx::PgPool;
    use store::Clock;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn it_is_kept_with_the_account(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let by = By::command();
        let account =
            crate::accounts::add(&db, &by, "a@example.com", Role::Auditor, "correct horse battery");
        let id = account.await.unwrap().id;
        let zone = set_zone(&db, id, "europe/berlin").await.unwrap();
        let row = store::accounts::by_id(db.read(), id).await.unwrap().unwrap();
        assert_eq!((row.zone.as_str(), zone_of(&row.zone), row.epoch), ("Europe/Berlin", zone, 0));

        let Err(AccountError::Invalid(invalid)) = set_zone(&db, id, "Mars/Olympus").await else {
            panic!("taken")
        };
        assert!(invalid.of("zone").unwrap().contains("Europe/Berlin"));
        assert!(matches!(set_zone(&db, Uuid::nil(), "UTC").await, Err(AccountError::Missing)));
        assert_eq!(zone_of("Mars/Olympus"), Zone::utc());
    }
}
