//! Signing in and out, and changing one's own password.

use super::{Account, AccountError, Accounts, Wait, password};
use domain::Invalid;
use domain::accounts::{EmailAddress, NewPassword, normal};
use domain::audit::{Activity, By, Change};
use serde_json::json;
use std::net::IpAddr;
use store::accounts::Row;
use uuid::Uuid;

/// Who signed in, and under which epoch: a session remembers both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Its epoch.
    pub epoch: i32,
}

/// Most characters that the audit log keeps of what was typed as an address.
const SHOWN: usize = 64;

/// Why nobody signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, not its password, or disabled: which, nobody learns.
    #[error("e-mail and password do not match")]
    Wrong,
    /// Too many attempts.
    #[error("too many attempts")]
    Wait(Wait),
    /// Too many others are at it.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The store, or a hash in it.
    #[error(transparent)]
    Failed(#[from] AccountError),
}

impl From<password::Failed> for SignInError {
    fn from(failed: password::Failed) -> Self {
        match failed {
            password::Failed::Busy => Self::Busy,
            password::Failed::Hash(_) => Self::Failed(failed.into()),
        }
    }
}

impl From<store::Error> for SignInError {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Accounts {
    /// Signs an account in. Every refusal for another reason than too many attempts takes the
    /// same time and reads the same.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<SignedIn, SignInError> {
        // What has not an address's shape is asked for all the same: no answer is quicker.
        let email = match EmailAddress::parse(email) {
            Ok(address) => address.as_str().to_owned(),
            Err(_) => String::new(),
        };
        if let Err(wait) = self.ask(&email, from) {
            self.refused(&email, from, "too many attempts").await;
            return Err(SignInError::Wait(wait));
        }
        let row = store::accounts::by_email(&self.db.pool, &email).await?;
        let (row, why) = match row {
            None => (None, "there is no such account"),
            Some(row) if row.disabled.is_some() => (None, "the account is disabled"),
            Some(row) => (Some(row), "the password is wrong"),
        };
        let hash = row.as_ref().map(|row| row.password.as_str());
        let fits = password::fits(password, hash).await?;
        let Some(row) = row.filter(|_| fits) else {
            tracing::info!(%from, "sign-in refused");
            self.refused(&email, from, why).await;
            return Err(SignInError::Wrong);
        };
        self.forgive(&email, from);
        let mut write = self.db.write(&By::account(&row.email, from)).await?;
        let now = write.now();
        store::accounts::signed_in(write.conn(), row.id, now).await?;
        write.commit(Change::new(Activity::SignedIn, &row.email)).await?;
        tracing::info!(account = %row.id, %from, "signed in");
        let zone = super::zone_of(&row.zone);
        let account = Account { id: row.id, email: row.email, role: row.role, zone };
        Ok(SignedIn { account, epoch: row.epoch })
    }

    /// Notes a refused sign-in. What has not an address's shape may be a password typed into the
    /// wrong field, and is not kept.
    async fn refused(&self, email: &str, from: IpAddr, why: &str) {
        let shown = match email.chars().count() {
            0 => "(no e-mail address)".to_owned(),
            1..=SHOWN => email.to_owned(),
            _ => email.chars().take(SHOWN).chain(['…']).collect(),
        };
        let change = Change::new(Activity::SignInRefused, shown).after(json!({ "why": why }));
        self.log.refused(By::unknown(from), change).await;
    }

    /// Notes that somebody signs out; the session itself is the caller's to end.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn sign_out(&self, account: &Account, from: IpAddr) -> Result<(), AccountError> {
        let write = self.db.write(&By::account(&account.email, from)).await?;
        write.commit(Change::new(Activity::SignedOut, &account.email)).await?;
        Ok(())
    }

    /// Takes the password of one who is signed in once more. Guesses wait as at the sign-in.
    ///
    /// # Errors
    /// In field `password`: too many attempts, or not the present one.
    pub async fn confirm(
        &self,
        account: Uuid,
        password: &str,
        from: IpAddr,
    ) -> Result<(), AccountError> {
        let row = store::accounts::by_id(&self.db.pool, account).await?;
        let row = row.ok_or(AccountError::Missing)?;
        self.present(&row, "password", password, from).await?;
        let write = self.db.write(&By::account(&row.email, from)).await?;
        write.commit(Change::new(Activity::PasswordConfirmed, &row.email)).await?;
        tracing::info!(%account, "password confirmed");
        Ok(())
    }

    /// Whether it is the present password; what is not is said beside `field`.
    async fn present(
        &self,
        row: &Row,
        field: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<(), AccountError> {
        if let Err(wait) = self.ask(&row.email, from) {
            let message = format!("Too many attempts. {}", wait.advice());
            return Err(Invalid::one(field, "too_many_attempts", message).into());
        }
        if !password::fits(password, Some(&row.password)).await? {
            self.refused(&row.email, from, "the present password is wrong").await;
            let message = "This is not your present password.";
            return Err(Invalid::one(field, "wrong_password", message).into());
        }
        self.forgive(&row.email, from);
        Ok(())
    }

    /// Changes one's own password and ends every session of the account; the new epoch, for the
    /// present session to go on with. Guesses at the present password wait as at the sign-in.
    ///
    /// # Errors
    /// In fields `current` (not the present one, or too many attempts), `password` and `again`.
    pub async fn change_password(
        &self,
        account: Uuid,
        [current, password, again]: [&str; 3],
        from: IpAddr,
    ) -> Result<i32, AccountError> {
        let row = store::accounts::by_id(&self.db.pool, account).await?;
        let row = row.ok_or(AccountError::Missing)?;
        let email = EmailAddress::parse(&row.email).map_err(AccountError::Invalid)?;
        let new = NewPassword::parse(password, again, &email)?;
        self.present(&row, "current", current, from).await?;
        if normal(current) == new.as_str() {
            let message = "The new password is the present one.";
            return Err(Invalid::one("password", "same_password", message).into());
        }
        let hash = password::hash(&new).await?;
        let mut write = self.db.write(&By::account(&row.email, from)).await?;
        let epoch =
            store::accounts::set_password(write.conn(), account, &row.password, &hash).await?;
        let epoch = epoch.ok_or_else(|| {
            let message = "The password was changed a moment ago.";
            Invalid::one("current", "wrong_password", message)
        })?;
        write.commit(Change::new(Activity::PasswordChanged, &row.email)).await?;
        tracing::info!(%account, "password changed");
        Ok(epoch)
    }
}

impl Wait {
    /// When to try again, as a sentence.
    pub fn advice(self) -> String {
        let seconds = self.seconds();
        match seconds {
            1 => "Try again in 1 second.".to_owned(),
            2..=119 => format!("Try again in {seconds} seconds."),
            _ => format!("Try again in {} minutes.", seconds.div_ceil(60)),
        }
    }

    /// How long, in whole seconds, at least 1.
    pub fn seconds(self) -> u64 {
        let whole = u64::try_from(self.time.num_seconds()).unwrap_or(0);
        whole + u64::from(self.time.subsec_nanos() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{add, set_disabled};
    use super::*;
    use crate::audit::Log;
    use chrono::{TimeDelta, TimeZone, Utc};
    use domain::roles::Role;
    use sqlx::PgPool;
    use store::{Clock, Db};

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn db(pool: PgPool) -> Db {
        Db::new(pool, Clock::fixed(Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()))
    }

    fn accounts(db: &Db) -> Accounts {
        Accounts::new(db.clone(), Log::start(db.clone()))
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn the_right_password_signs_in(pool: PgPool) {
        let db = db(pool);
        let account = add(&db, &By::command(), "Ann@Example.com", Role::Auditor, "correct horse")
            .await
            .unwrap();
        let accounts = accounts(&db);
        let signed = accounts.sign_in(" ann@example.com", "correct horse", FROM).await.unwrap();
        assert_eq!(signed, SignedIn { account: account.clone(), epoch: 0 });
        let row = store::accounts::by_id(&db.pool, account.id).await.unwrap().unwrap();
        assert_eq!(row.signed_in, Some(db.clock.now()));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn every_refusal_reads_the_same_until_one_must_wait(pool: PgPool) {
        let db = db(pool);
        let account =
            add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await.unwrap();
        add(&db, &By::command(), "b@example.com", Role::Admin, "correct horse").await.unwrap();
        set_disabled(&db, &By::command(), account.id, true).await.unwrap();
        for (email, password) in [
            ("a@example.com", "correct horse"),
            ("b@example.com", "wrong"),
            ("nobody@example.com", "correct horse"),
            ("no address", "x"),
        ] {
            let accounts = accounts(&db);
            for _ in 0..3 {
                let refused = accounts.sign_in(email, password, FROM).await.unwrap_err();
                assert!(matches!(refused, SignInError::Wrong), "{email}");
            }
            let refused = accounts.sign_in(email, "correct horse", FROM).await.unwrap_err();
            let SignInError::Wait(wait) = refused else { panic!("{email}: {refused}") };
            assert_eq!(wait.advice(), "Try again in 1 second.");
        }
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn guessing_at_the_present_password_waits_too(pool: PgPool) {
        let db = db(pool);
        let id = add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse")
            .await
            .unwrap()
            .id;
        let accounts = accounts(&db);
        let change = async |words: [&str; 3]| accounts.change_password(id, words, FROM).await;
        let field = |refused: Result<i32, AccountError>| match refused {
            Err(AccountError::Invalid(invalid)) => invalid.fields[0].code.clone(),
            other => panic!("{other:?}"),
        };
        let new = "battery staple";
        assert_eq!(field(change(["correct horse", "short", "short"]).await), "password_length");
        assert_eq!(field(change(["correct horse"; 3]).await), "same_password");
        for _ in 0..3 {
            assert_eq!(field(change(["guess", new, new]).await), "wrong_password");
        }
        assert_eq!(field(change(["correct horse", new, new]).await), "too_many_attempts");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_password_is_given_once_more_and_guesses_at_it_wait(pool: PgPool) {
        let db = db(pool);
        let added = add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await;
        let (id, accounts) = (added.unwrap().id, accounts(&db));
        accounts.confirm(id, "correct horse", FROM).await.unwrap();
        for code in ["wrong_password"; 3].into_iter().chain(["too_many_attempts"]) {
            let refused = accounts.confirm(id, "guess", FROM).await;
            let Err(AccountError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
            assert_eq!((&*invalid.fields[0].field, &*invalid.fields[0].code), ("password", code));
        }
        let rows = store::audit::list(&db.pool, &Default::default(), None, 9).await.unwrap();
        assert!(rows.iter().any(|row| row.entry.activity == "Password confirmed"));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_new_password_replaces_the_old(pool: PgPool) {
        let db = db(pool);
        let id = add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse")
            .await
            .unwrap()
            .id;
        let accounts = accounts(&db);
        let words = ["correct horse", "battery staple", "battery staple"];
        assert_eq!(accounts.change_password(id, words, FROM).await.unwrap(), 1);
        let old = accounts.sign_in("a@example.com", "correct horse", FROM).await;
        assert!(matches!(old, Err(SignInError::Wrong)));
        let new = accounts.sign_in("a@example.com", "battery staple", FROM).await.unwrap();
        assert_eq!(new.epoch, 1);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn every_way_in_and_every_refusal_is_on_the_record(pool: PgPool) {
        let db = db(pool);
        let added = add(&db, &By::command(), "a@example.com", Role::Admin, "correct horse").await;
        let account = added.unwrap();
        let accounts = accounts(&db);
        let long = format!("{}@example.com", "x".repeat(200));
        accounts.sign_in("a@example.com", "correct horse", FROM).await.unwrap();
        for (email, password) in
            [("a@example.com", "hunter2hunter2"), ("hunter2hunter2", "x"), (&*long, "x")]
        {
            accounts.sign_in(email, password, FROM).await.unwrap_err();
        }
        let words = ["correct horse", "battery staple", "battery staple"];
        accounts.change_password(account.id, words, FROM).await.unwrap();
        accounts.sign_out(&account, FROM).await.unwrap();

        let rows = store::audit::list(&db.pool, &Default::default(), None, 100).await.unwrap();
        let told: Vec<_> = rows.iter().rev().map(|row| &row.entry).collect();
        let words: Vec<_> =
            told.iter().map(|e| (&*e.actor, &*e.activity, e.object.chars().count())).collect();
        assert_eq!(
            words,
            [
                ("command line", "Account added", 13),
                ("a@example.com", "Signed in", 13),
                ("unknown", "Sign-in refused", 13),
                ("unknown", "Sign-in refused", 19),
                ("unknown", "Sign-in refused", 65),
                ("a@example.com", "Password changed", 13),
                ("a@example.com", "Signed out", 13),
            ]
        );
        assert!(told[1..].iter().all(|entry| entry.source_ip.as_deref() == Some("127.0.0.1")));
        let whole = format!("{told:?}");
        for secret in ["hunter2", "correct horse", "battery staple"] {
            assert!(!whole.contains(secret), "{whole}");
        }
    }

    #[test]
    fn waits_are_told_in_words() {
        let advice =
            |millis| Wait { time: TimeDelta::milliseconds(millis), address: false }.advice();
        assert_eq!(advice(1_000), "Try again in 1 second.");
        assert_eq!(advice(1_001), "Try again in 2 seconds.");
        assert_eq!(advice(119_000), "Try again in 119 seconds.");
        assert_eq!(advice(121_000), "Try again in 3 minutes.");
    }
}
