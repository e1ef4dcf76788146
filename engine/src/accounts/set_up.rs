//! Creating the first account: through a link to a form, printed once where only the operator sees
//! it.

use super::link::{LIFETIME, Link, LinkError, hash};
use super::{Account, Accounts, SignedIn, manage, password};
use domain::accounts::{EmailAddress, NewPassword, with_mark};
use domain::audit::{Activity, By, Change};
use domain::roles::Role;
use domain::zone::Zone;
use std::net::IpAddr;
use store::Db;

/// Creates a set-up link that is valid for an hour; `None` if an account exists.
///
/// # Errors
/// If the store fails.
pub async fn issue_link(db: &Db) -> Result<Option<Link>, store::Error> {
    if store::accounts::any(db.read()).await? {
        return Ok(None);
    }
    let link = Link::new("set-up");
    let now = db.clock.now();
    let mut conn = db.conn().await?;
    store::accounts::add_link(&mut conn, &link.hash(), now + LIFETIME, now).await?;
    Ok(Some(link))
}

/// Whether a link is valid now.
///
/// # Errors
/// If the store fails.
pub async fn link_lives(db: &Db, token: &str) -> Result<bool, store::Error> {
    store::accounts::link_lives(db.read(), &hash(token), db.clock.now()).await
}

impl Accounts {
    /// Uses a link: creates the first account, an admin, and invalidates every link.
    ///
    /// # Errors
    /// [`LinkError::Dead`], or [`LinkError::Account`] with errors in fields `email`, `password`,
    /// `again`.
    pub async fn set_up(
        &self,
        token: &str,
        [email, password, again]: [&str; 3],
        from: IpAddr,
    ) -> Result<SignedIn, LinkError> {
        // Checked first, so that nobody without a link can make the server hash.
        if !link_lives(&self.db, token).await? {
            return Err(LinkError::Dead);
        }
        let (email, password) = read(email, password, again)?;
        let hashed = password::hash(&password).await?;
        let id = store::random::uuid();

        let mut write = self.db.write(&By::account(email.as_str(), from)).await?;
        let now = write.now();
        store::accounts::hold(write.conn()).await?;
        if !store::accounts::link_lives(write.conn(), &hash(token), now).await? {
            return Err(LinkError::Dead);
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
            if let Ok(other) = EmailAddress::parse("other@example.com") {
                invalid.keep(NewPassword::parse(password, again, &other));
            }
            Err(invalid)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AccountError, add};
    use super::*;
    use crate::audit::Log;
    use sqlx::PgPool;
    use store::Clock;
    use testkit::noon;

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
        assert!(matches!(one.and(two), Err(LinkError::Dead)));
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
        let db = Db::new(pool.clone(), Clock::fixed(noon()));
        let link = issue_link(&db).await.unwrap().unwrap();
        let late = Db::new(pool, Clock::fixed(noon() + LIFETIME));
        let refused = accounts(&late).set_up(link.token(), FORM, FROM).await;
        assert!(matches!(refused, Err(LinkError::Dead)));

        add(&db, &By::command(), "x@example.com", Role::Auditor, "correct horse").await.unwrap();
        let refused = accounts(&db).set_up(link.token(), FORM, FROM).await;
        assert!(matches!(refused, Err(LinkError::Dead)));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn every_field_is_told_at_once(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let link = issue_link(&db).await.unwrap().unwrap();
        let refused = accounts(&db).set_up(link.token(), ["x", "short", "other"], FROM).await;
        let Err(LinkError::Account(AccountError::Invalid(invalid))) = refused else {
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
