//! Creating the first account: through a link to a form, printed once where only the operator sees
//! it.

use super::{Account, AccountError, Accounts, SignedIn, manage, password};
use chrono::TimeDelta;
use domain::accounts::{EmailAddress, NewPassword, with_mark};
use domain::audit::{Activity, By, Change};
use domain::keys::hex;
use domain::roles::Role;
use domain::zone::Zone;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use store::Db;

/// How long a link is valid.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// The secret part of a set-up link; the store keeps only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUpLink {
    token: String,
}

impl SetUpLink {
    /// The path to open: `/set-up/{token}`. It is secret: show it only to the operator.
    pub fn path(&self) -> String {
        format!("/set-up/{}", self.token)
    }

    /// The token without the path.
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl std::fmt::Debug for SetUpLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetUpLink(…)")
    }
}

/// Why the first account was not created.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The link is unknown, expired or used, or an account exists.
    #[error("this set-up link is no longer valid")]
    Dead,
    /// The input is not valid, or the store failed.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<domain::Invalid> for SetUpError {
    fn from(invalid: domain::Invalid) -> Self {
        Self::Account(invalid.into())
    }
}

impl From<password::Failed> for SetUpError {
    fn from(failed: password::Failed) -> Self {
        Self::Account(failed.into())
    }
}

impl From<store::Error> for SetUpError {
    fn from(error: store::Error) -> Self {
        Self::Account(error.into())
    }
}

impl From<sqlx::Error> for SetUpError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// Creates a set-up link that is valid for an hour; `None` if an account exists.
///
/// # Errors
/// If the store fails.
pub async fn issue_link(db: &Db) -> Result<Option<SetUpLink>, store::Error> {
    if store::accounts::any(db.read()).await? {
        return Ok(None);
    }
    let link = SetUpLink { token: hex(&store::random::bytes::<32>()) };
    let now = db.clock.now();
    let mut conn = db.conn().await?;
    store::accounts::add_link(&mut conn, &hash(&link.token), now + LIFETIME, now).await?;
    Ok(Some(link))
}

/// Whether a link is valid now.
///
/// # Errors
/// If the store fails.
pub async fn link_lives(db: &Db, token: &str) -> Result<bool, store::Error> {
    store::accounts::link_lives(db.read(), &hash(token), db.clock.now()).await
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Accounts {
    /// Uses a link: creates the first account, an admin, and invalidates every link.
    ///
    /// # Errors
    /// [`SetUpError::Dead`], or [`SetUpError::Account`] with errors in fields `email`, `password`,
    /// `again`.
    pub async fn set_up(
        &self,
        token: &str,
        [email, password, again]: [&str; 3],
        from: IpAddr,
    ) -> Result<SignedIn, SetUpError> {
        // Checked first, so that nobody without a link can make the server hash.
        if !link_lives(&self.db, token).await? {
            return Err(SetUpError::Dead);
        }
        let (email, password) = read(email, password, again)?;
        let hashed = password::hash(&password).await?;
        let id = store::random::uuid();

        let mut write = self.db.write(&By::account(email.as_str(), from)).await?;
        let now = write.now();
        store::accounts::hold(write.conn()).await?;
        if !store::accounts::link_lives(write.conn(), &hash(token), now).await? {
            return Err(SetUpError::Dead);
        }
        store::accounts::insert(&mut write, id, email.as_str(), Role::Admin, &hashed, now).await?;
        store::accounts::signed_in(&mut write, id, now).await?;
        store::accounts::drop_links(&mut write).await?;
        let zone = Zone::utc();
        let account = Account { id, email: email.to_string(), role: Role::Admin, zone };
        let came_in = Change::new(Activity::SignedIn, &account.email);
        write.commit_all(vec![manage::added(&account), came_in]).await?;
        let marks = with_mark("", &self.db.secret.browser_key(), id, &hashed);
        Ok(SignedIn { account, epoch: 0, marks })
    }
}

/// Reports the errors of both fields at once, so that the user corrects the form only once.
fn read(
    email: &str,
    password: &str,
    again: &str,
) -> Result<(EmailAddress, NewPassword), domain::Invalid> {
    match EmailAddress::parse(email) {
        Ok(email) => {
            let password = NewPassword::parse(password, again, &email)?;
            Ok((email, password))
        }
        Err(mut invalid) => {
            // Any valid address allows checking the rest.
            if let Ok(other) = EmailAddress::parse("other@example.com")
                && let Err(rest) = NewPassword::parse(password, again, &other)
            {
                invalid.fields.extend(rest.fields);
            }
            Err(invalid)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::add;
    use super::*;
    use crate::audit::Log;
    use chrono::{TimeZone, Utc};
    use sqlx::PgPool;
    use store::Clock;

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const FORM: [&str; 3] = ["a@example.com", "correct horse", "correct horse"];

    fn accounts(db: &Db) -> Accounts {
        Accounts::new(db.clone(), Log::start(db.clone()))
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_link_makes_one_admin(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let accounts = accounts(&db);
        let link = issue_link(&db).await.unwrap().unwrap();
        let second = issue_link(&db).await.unwrap().unwrap();
        assert!(link.path().starts_with("/set-up/") && !format!("{link:?}").contains(link.token()));
        assert!(link_lives(&db, link.token()).await.unwrap());

        let (one, two) = tokio::join!(
            accounts.set_up(link.token(), FORM, FROM),
            accounts.set_up(
                second.token(),
                ["b@example.com", "correct horse", "correct horse"],
                FROM
            ),
        );
        assert!(one.is_ok() != two.is_ok(), "two first accounts");
        assert!(matches!(one.and(two), Err(SetUpError::Dead)));
        assert!(!link_lives(&db, link.token()).await.unwrap());
        assert_eq!(issue_link(&db).await.unwrap(), None);
        let rows = store::accounts::list(db.read()).await.unwrap();
        assert_eq!((rows.len(), rows[0].role), (1, Role::Admin));
        let told = store::audit::list(db.read(), &Default::default(), None, 9).await.unwrap();
        let told: Vec<_> = told.iter().map(|row| &row.entry).collect();
        assert_eq!([&*told[0].activity, &*told[1].activity], ["Signed in", "Account added"]);
        assert!(told.iter().all(|entry| entry.actor == rows[0].email));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn it_dies_with_its_hour_or_an_account(pool: PgPool) {
        let noon = Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap();
        let db = Db::new(pool.clone(), Clock::fixed(noon));
        let link = issue_link(&db).await.unwrap().unwrap();
        let late = Db::new(pool, Clock::fixed(noon + LIFETIME));
        let refused = accounts(&late).set_up(link.token(), FORM, FROM).await;
        assert!(matches!(refused, Err(SetUpError::Dead)));

        add(&db, &By::command(), "x@example.com", Role::Auditor, "correct horse").await.unwrap();
        let refused = accounts(&db).set_up(link.token(), FORM, FROM).await;
        assert!(matches!(refused, Err(SetUpError::Dead)));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn every_field_is_told_at_once(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let link = issue_link(&db).await.unwrap().unwrap();
        let refused = accounts(&db).set_up(link.token(), ["x", "short", "other"], FROM).await;
        let Err(SetUpError::Account(AccountError::Invalid(invalid))) = refused else {
            panic!("{refused:?}")
        };
        let fields: Vec<_> = invalid.fields.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "password", "again"]);
        assert!(
            link_lives(&db, link.token()).await.unwrap(),
            "a refused form does not use up the link"
        );
    }
}
