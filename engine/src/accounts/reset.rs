//! Links with which the holder of an account chooses a password. An admin creates a link and hands
//! it over.

use super::link::{LIFETIME, Link, LinkError, hash};
use super::{Account, AccountError, Accounts, manage, password};
use crate::notify::people;
use domain::accounts::{EmailAddress, NewPassword};
use domain::audit::{Activity, By, Change};
use domain::roles::Role;
use domain::{Fault, Invalid};
use std::net::IpAddr;
use store::Db;
use uuid::Uuid;

/// Creates a link for an account; ends its sessions and all earlier links at once. The old password
/// stays valid until a new one is chosen.
///
/// # Errors
/// [`AccountError::Missing`]; [`AccountError::Invalid`] in field `reset` if the account is
/// disabled.
pub async fn reset(db: &Db, by: &By, id: Uuid) -> Result<Link, AccountError> {
    let (mut write, row) = manage::hold(db, by, id).await?;
    if row.disabled.is_some() {
        let message = "A disabled account cannot choose a password. Enable it first.";
        return Err(Invalid::one("reset", Fault::Conflict, message).into());
    }
    store::accounts::end_sessions(&mut write, id).await?;
    let (link, now) = (Link::new("reset"), write.now());
    store::resets::add(&mut write, &link.hash(), id, now + LIFETIME, now).await?;
    people::commit(write, Change::new(Activity::ResetLinkMade, row.email)).await?;
    tracing::info!(account = %id, "reset link made");
    Ok(link)
}

/// Adds an account whose holder chooses the password with a link.
///
/// # Errors
/// [`AccountError::Invalid`] in field `email` if it is not an address, or is taken.
pub async fn invite(
    db: &Db,
    by: &By,
    email: &str,
    role: Role,
) -> Result<(Account, Link), AccountError> {
    let email = EmailAddress::parse(email)?;
    // Until then the account has a password that nobody knows, so that a sign-in takes the usual
    // time.
    let hashed = password::hash_of_nothing().await?;
    let (mut write, account) = manage::insert(db, by, &email, role, &hashed).await?;
    let (link, now) = (Link::new("reset"), write.now());
    let expires = now + LIFETIME;
    store::resets::add(&mut write, &link.hash(), account.id, expires, now).await?;
    let made = Change::new(Activity::ResetLinkMade, &account.email);
    people::commit_all(write, vec![manage::added(&account), made]).await?;
    Ok((account, link))
}

/// The e-mail address of the link's account, if the link is valid now.
///
/// # Errors
/// If the store fails.
pub async fn reset_lives(db: &Db, token: &str) -> Result<Option<String>, store::Error> {
    let row = store::resets::account_of(db.read(), &hash(token), db.clock.now()).await?;
    Ok(row.map(|row| row.email))
}

impl Accounts {
    /// Uses a link: sets the new password and ends the account's sessions and links.
    ///
    /// # Errors
    /// [`LinkError::Dead`], or [`LinkError::Account`] with errors in fields `password` and
    /// `again`.
    pub async fn use_reset(
        &self,
        token: &str,
        [password, again]: [&str; 2],
        from: IpAddr,
    ) -> Result<(), LinkError> {
        let (key, now) = (hash(token), self.db.clock.now());
        // Checked first, so that nobody without a link can make the server hash.
        let row = store::resets::account_of(self.db.read(), &key, now).await?;
        let row = row.ok_or(LinkError::Dead)?;
        let email = EmailAddress::parse(&row.email)?;
        let new = password::hash(&NewPassword::parse(password, again, &email)?).await?;

        let (mut write, _) = manage::hold(&self.db, &By::unknown(from), row.id).await?;
        if store::resets::account_of(write.conn(), &key, now).await?.is_none() {
            return Err(LinkError::Dead);
        }
        store::accounts::replace_password(&mut write, row.id, &new).await?;
        store::resets::drop_of(&mut write, row.id).await?;
        people::commit(write, Change::new(Activity::PasswordReset, row.email)).await?;
        tracing::info!(account = %row.id, "password chosen by a link");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SignInAttempt, add, set_disabled, set_role};
    use super::*;
    use crate::audit::Log;
    use chrono::TimeDelta;
    use sqlx::PgPool;
    use std::net::Ipv4Addr;
    use store::Clock;
    use testkit::noon;

    const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const NEW: [&str; 2] = ["battery staple", "battery staple"];

    fn at(pool: &PgPool, minutes: i64) -> (Db, Accounts) {
        let db = Db::new(pool.clone(), Clock::fixed(noon() + TimeDelta::minutes(minutes)));
        (db.clone(), Accounts::new(db.clone(), Log::start(db)))
    }

    fn token(link: &Link) -> &str {
        link.token()
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn an_invited_account_chooses_its_password_once(pool: PgPool) {
        let (db, accounts) = at(&pool, 0);
        let (account, link) =
            invite(&db, &By::command(), "A@example.com", Role::Auditor).await.unwrap();
        assert!(!format!("{link:?}").contains(token(&link)));
        assert_eq!(reset_lives(&db, token(&link)).await.unwrap(), Some("a@example.com".into()));
        let refused = accounts.use_reset(token(&link), ["short", "other"], FROM).await;
        assert!(matches!(refused, Err(LinkError::Account(AccountError::Invalid(_)))));
        accounts.use_reset(token(&link), NEW, FROM).await.unwrap();
        let again = accounts.use_reset(token(&link), NEW, FROM).await;
        assert!(matches!(again, Err(LinkError::Dead)));
        let knock = SignInAttempt { from: FROM, marks: "" };
        let signed = accounts.sign_in("a@example.com", NEW[0], knock).await.unwrap();
        assert_eq!(signed.account, account);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn of_two_at_the_same_moment_one_wins(pool: PgPool) {
        let (db, accounts) = at(&pool, 0);
        let (_, link) = invite(&db, &By::command(), "a@example.com", Role::Admin).await.unwrap();
        let (one, two) = tokio::join!(
            accounts.use_reset(token(&link), NEW, FROM),
            accounts.use_reset(
                token(&link),
                ["something else entirely", "something else entirely"],
                FROM
            )
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_link_dies_with_its_hour_or_any_change(pool: PgPool) {
        let (db, _) = at(&pool, 0);
        let by = By::command();
        add(&db, &by, "root@example.com", Role::Admin, "correct horse").await.unwrap();
        let id = add(&db, &by, "a@example.com", Role::Admin, "correct horse").await.unwrap().id;
        let epoch = async || store::accounts::by_id(db.read(), id).await.unwrap().unwrap().epoch;
        let link = reset(&db, &by, id).await.unwrap();
        assert_eq!(epoch().await, 1, "sessions end at once");
        let (late, _) = at(&pool, 60);
        assert_eq!(reset_lives(&late, token(&link)).await.unwrap(), None);
        assert!(reset_lives(&db, token(&link)).await.unwrap().is_some());

        let second = reset(&db, &by, id).await.unwrap();
        assert_eq!(reset_lives(&db, token(&link)).await.unwrap(), None, "a newer link");
        set_role(&db, &by, id, Role::Auditor).await.unwrap();
        assert_eq!(reset_lives(&db, token(&second)).await.unwrap(), None, "another role");
        let third = reset(&db, &by, id).await.unwrap();
        set_disabled(&db, &by, id, true).await.unwrap();
        assert_eq!(reset_lives(&db, token(&third)).await.unwrap(), None, "disabled");
        let refused = reset(&db, &by, id).await;
        let Err(AccountError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert!(invalid.of("reset").is_some());
        assert_eq!(reset_lives(&db, "no token").await.unwrap(), None);
    }
}
