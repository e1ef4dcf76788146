//! Signing in and out, and changing one's password.

use super::password::HashQueue;
use super::throttle::{GUESSED, Way};
use super::{Account, AccountError, Accounts, SignInAttempt, Wait, password};
use crate::sync::lock;
use domain::accounts::{EmailAddress, NewPassword, knows, normal, with_mark};
use domain::audit::{Activity, By, Change};
use domain::{Fault, Invalid};
use serde_json::json;
use std::net::IpAddr;
use store::accounts::Row;
use uuid::Uuid;

/// Who signed in, and the account's epoch; a session stores both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The account that signed in.
    pub account: Account,
    /// The account's epoch at sign-in.
    pub epoch: i32,
    /// The marks that the browser keeps, so that it is recognized next time and other people's
    /// guesses do not delay it.
    pub marks: String,
}

/// How many characters of an entered address the audit log keeps.
const SHOWN: usize = 64;

/// Why a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, wrong password, or account disabled. The caller is not told which.
    #[error("e-mail and password do not match")]
    Wrong,
    /// There were too many attempts; the caller has to wait.
    #[error("too many attempts")]
    Wait(Wait),
    /// Too many passwords are being checked at the moment.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The store failed, or a hash in it cannot be read.
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
    /// Signs an account in. All refusals except those for too many attempts take the same time and
    /// read the same.
    ///
    /// # Errors
    /// [`SignInError`]: wrong e-mail or password, too many attempts, too busy, or a failed store.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        SignInAttempt { from, marks }: SignInAttempt<'_>,
    ) -> Result<SignedIn, SignInError> {
        // Text that is not an address is looked up too, so that no answer is quicker.
        let email = EmailAddress::parse(email).map_or(String::new(), |email| email.to_string());
        let read = || store::accounts::by_email(self.db.read(), &email);
        // Marks are checked against the account. Without marks, a caller that has to wait costs no
        // query.
        let marked = if marks.is_empty() { None } else { Some(read().await?) };
        let key = self.db.secret.browser_key();
        let known = |row: &Row| knows(marks, &key, row.id, &row.password);
        let known = marked.as_ref().and_then(Option::as_ref).is_some_and(known);
        let way = if known { Way::Known } else { Way::Stranger(from) };
        if let Err(wait) = self.ask(&email, way) {
            self.refused(&email, from, "too many attempts").await;
            return Err(SignInError::Wait(wait));
        }
        let row = match marked {
            Some(row) => row,
            None => read().await?,
        };
        let (row, why) = match row {
            None => (None, "there is no such account"),
            Some(row) if row.disabled.is_some() => (None, "the account is disabled"),
            Some(row) => (Some(row), "the password is wrong"),
        };
        let hash = row.as_ref().map(|row| row.password.as_str());
        let fits = password::fits(password, hash, self.queue(way)).await?;
        let exists = row.is_some();
        let Some(row) = row.filter(|_| fits) else {
            tracing::info!(%from, "sign-in refused");
            self.refused(&email, from, why).await;
            if exists {
                self.guessed(&email).await;
            }
            return Err(SignInError::Wrong);
        };
        self.forgive(&email, way);
        let mut write = self.db.write(&By::account(&row.email, from)).await?;
        let now = write.now();
        store::accounts::signed_in(&mut write, row.id, now).await?;
        write.commit(Change::new(Activity::SignedIn, &row.email)).await?;
        tracing::info!(account = %row.id, %from, "signed in");
        let marks = with_mark(marks, &key, row.id, &row.password);
        Ok(SignedIn { epoch: row.epoch, account: Account::of(row), marks })
    }

    /// Counts a wrong password for an existing account, and raises an alert at the tenth in an
    /// hour.
    async fn guessed(&self, email: &str) {
        if !lock(&self.throttle).guessed(email, self.db.clock.now()) {
            return;
        }
        if let Err(error) = crate::notify::tell_of_guessing(&self.db, email, GUESSED).await {
            tracing::error!(
                error = store::with_sources(&error),
                "guessing at a password could not be told"
            );
        }
    }

    /// Writes a refused sign-in to the audit log. Text that is not an address may be a password
    /// typed into the wrong field, so it is not kept.
    async fn refused(&self, email: &str, from: IpAddr, why: &str) {
        let shown = match email.chars().count() {
            0 => "(no e-mail address)".to_owned(),
            1..=SHOWN => email.to_owned(),
            _ => email.chars().take(SHOWN).chain(['…']).collect(),
        };
        let change = Change::new(Activity::SignInRefused, shown).after(json!({ "why": why }));
        self.log.refused(By::unknown(from), change).await;
    }

    /// Writes the sign-out to the audit log; the caller ends the session.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn sign_out(&self, account: &Account, from: IpAddr) -> Result<(), AccountError> {
        let write = self.db.write(&By::account(&account.email, from)).await?;
        write.commit(Change::new(Activity::SignedOut, &account.email)).await?;
        Ok(())
    }

    /// Asks a signed-in user for the password again. Guesses are throttled as at sign-in.
    ///
    /// # Errors
    /// [`AccountError::Invalid`] in field `password`: too many attempts, or not the current
    /// password.
    pub async fn confirm(
        &self,
        account: Uuid,
        password: &str,
        from: IpAddr,
    ) -> Result<(), AccountError> {
        let row = store::accounts::by_id(self.db.read(), account).await?;
        let row = row.ok_or(AccountError::Missing)?;
        self.present(&row, "password", password, from).await?;
        let write = self.db.write(&By::account(&row.email, from)).await?;
        write.commit(Change::new(Activity::PasswordConfirmed, &row.email)).await?;
        tracing::info!(%account, "password confirmed");
        Ok(())
    }

    /// Checks the current password. The error is reported in `field`.
    async fn present(
        &self,
        row: &Row,
        field: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<(), AccountError> {
        if let Err(wait) = self.ask(&row.email, Way::Session) {
            let message = format!("Too many attempts. {}", wait.advice());
            return Err(Invalid::one(field, Fault::RateLimited, message).into());
        }
        if !password::fits(password, Some(&row.password), HashQueue::Known).await? {
            self.refused(&row.email, from, "the current password is wrong").await;
            self.guessed(&row.email).await;
            let message = "This is not your current password.";
            return Err(Invalid::one(field, Fault::Unauthenticated, message).into());
        }
        self.forgive(&row.email, Way::Session);
        Ok(())
    }

    /// Changes the user's password and ends every session of the account. The current session
    /// continues with the returned epoch and marks. Guesses at the current password are throttled
    /// as at sign-in.
    ///
    /// # Errors
    /// [`AccountError::Invalid`] in fields `current` (not the current password, or too many
    /// attempts), `password` and `again`.
    pub async fn change_password(
        &self,
        account: Uuid,
        [current, password, again]: [&str; 3],
        SignInAttempt { from, marks }: SignInAttempt<'_>,
    ) -> Result<SignedIn, AccountError> {
        let row = store::accounts::by_id(self.db.read(), account).await?;
        let row = row.ok_or(AccountError::Missing)?;
        let email = EmailAddress::parse(&row.email).map_err(AccountError::Invalid)?;
        let new = NewPassword::parse(password, again, &email)?;
        self.present(&row, "current", current, from).await?;
        if normal(current) == new.as_str() {
            let message = "The new password is the same as the current one.";
            return Err(Invalid::one("password", Fault::Conflict, message).into());
        }
        let hash = password::hash(&new).await?;
        let mut write = self.db.write(&By::account(&row.email, from)).await?;
        let epoch =
            store::accounts::set_password(&mut write, account, &row.password, &hash).await?;
        let epoch = epoch.ok_or_else(|| {
            let message = "The password was changed a moment ago.";
            Invalid::one("current", Fault::Unauthenticated, message)
        })?;
        write.commit(Change::new(Activity::PasswordChanged, &row.email)).await?;
        tracing::info!(%account, "password changed");
        let marks = with_mark(marks, &self.db.secret.browser_key(), account, &hash);
        Ok(SignedIn { account: Account::of(row), epoch, marks })
    }
}

impl Wait {
    /// A sentence that says when to try again.
    pub fn advice(self) -> String {
        let seconds = self.seconds();
        match seconds {
            1 => "Try again in 1 second.".to_owned(),
            2..=119 => format!("Try again in {seconds} seconds."),
            _ => format!("Try again in {} minutes.", seconds.div_ceil(60)),
        }
    }

    /// How long to wait, in whole seconds, at least 1.
    pub fn seconds(self) -> u64 {
        let whole = u64::try_from(self.time.num_seconds()).unwrap_or(0);
        whole + u64::from(self.time.subsec_nanos() > 0)
    }
}

#[cfg(test)]
mod tests;
