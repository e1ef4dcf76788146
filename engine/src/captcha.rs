//! The captcha: issues challenges and checks tokens; each token is used once (contract, section 4).

use domain::PhoneNumber;
use domain::captcha::{CaptchaError, Challenge, Solved};
use store::{Db, random};

/// Creates a challenge for a number. Nothing is stored.
pub fn issue(db: &Db, phone: PhoneNumber) -> Challenge {
    let number = u64::from_le_bytes(random::bytes());
    let key = db.secret.captcha_key();
    domain::captcha::issue(&key, phone, db.clock.now(), random::bytes(), number)
}

/// Checks a token for a number without the store, so not whether it was used before. The gate
/// checks that when it records its decision, with [`store::captcha::use_up`].
///
/// # Errors
/// [`CaptchaError`]: why the token is not valid.
pub fn check(db: &Db, phone: PhoneNumber, token: &str) -> Result<Solved, CaptchaError> {
    domain::captcha::verify(&db.secret.captcha_key(), phone, token, db.clock.now())
}

/// Checks a token for a number, also whether it was used before, on any server
/// ([`CaptchaError::Used`]); with `use_up`, it is used up.
///
/// # Errors
/// If the store fails. The inner result says what is wrong with the token.
pub async fn verify(
    db: &Db,
    phone: PhoneNumber,
    token: &str,
    use_up: bool,
) -> Result<Result<Solved, CaptchaError>, store::Error> {
    let solved = match check(db, phone, token) {
        Ok(solved) => solved,
        refused => return Ok(refused),
    };
    let unused = if use_up {
        let mut conn = db.conn().await?;
        store::captcha::use_up(&mut conn, solved.id, solved.expires, db.clock.now()).await?
    } else {
        !store::captcha::is_used(db.read(), solved.id).await?
    };
    Ok(if unused { Ok(solved) } else { Err(CaptchaError::Used) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use domain::captcha::{Solver, SolverProgress, token};
    use sqlx::PgPool;
    use store::Clock;
    use testkit::noon;

    fn solve(challenge: &Challenge) -> String {
        let SolverProgress::Found(number) = Solver::new(challenge).unwrap().step(u64::MAX) else {
            panic!("no solution")
        };
        token(challenge, number)
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_token_is_used_once_over_all_servers_of_a_store(pool: PgPool) {
        let phone = "+14155550100".parse().unwrap();
        let one = Db::new(pool.clone(), Clock::fixed(noon()));
        let other = Db::new(pool.clone(), Clock::fixed(noon() + TimeDelta::seconds(30)));
        let challenge = issue(&one, phone);
        assert_ne!(challenge, issue(&one, phone), "two challenges are equal");
        let token = solve(&challenge);
        // Checking alone does not use a token up.
        let solved = check(&one, phone, &token).unwrap();
        assert_eq!(check(&other, phone, &token), Ok(solved));
        assert_eq!(verify(&other, phone, &token, true).await.unwrap(), Ok(solved));
        for db in [&one, &other] {
            assert_eq!(verify(db, phone, &token, true).await.unwrap(), Err(CaptchaError::Used));
        }
        let another = "+14155550101".parse().unwrap();
        let refused = verify(&one, another, &token, true).await.unwrap();
        assert_eq!(refused, Err(CaptchaError::OtherNumber));
        let late = Db::new(pool, Clock::fixed(noon() + TimeDelta::minutes(10)));
        let refused = verify(&late, phone, &token, true).await.unwrap();
        assert_eq!(refused, Err(CaptchaError::Expired));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_token_refused_is_not_used_up(pool: PgPool) {
        let db = Db::new(pool, Clock::fixed(noon()));
        let phone = "+14155550100".parse().unwrap();
        let token = solve(&issue(&db, phone));
        let another = "+14155550101".parse().unwrap();
        assert!(verify(&db, another, &token, true).await.unwrap().is_err());
        assert!(verify(&db, phone, &token, true).await.unwrap().is_ok());
    }
}
