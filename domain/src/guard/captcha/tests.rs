use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};

const KEY: [u8; 32] = [7; 32];

fn phone() -> PhoneNumber {
    "+14155550100".parse().unwrap()
}

/// To the second, because tokens have whole seconds.
fn now() -> DateTime<Utc> {
    testkit::noon() + TimeDelta::milliseconds(500)
}

fn example(number: u64) -> Challenge {
    issue(&KEY, phone(), now(), [1; 16], number)
}

/// The widget's answer to a challenge, according to its source.
fn payload(challenge: &Challenge, number: u64) -> Value {
    json!({
        "algorithm": challenge.algorithm,
        "challenge": challenge.challenge,
        "number": number,
        "salt": challenge.salt,
        "signature": challenge.signature,
        "took": 412,
    })
}

fn encoded(payload: &Value) -> String {
    STANDARD.encode(payload.to_string())
}

fn judge(token: &str) -> Result<Solved, CaptchaError> {
    verify(&KEY, phone(), token, now())
}

/// Computed with Python's hashlib and hmac from ALTCHA's description, not by this code.
#[test]
fn a_challenge_is_as_altcha_describes_it() {
    let challenge = example(73_411);
    assert_eq!(
        serde_json::to_value(&challenge).unwrap(),
        json!({
            "algorithm": "SHA-256",
            "challenge": "09a60b388d73892d0752910de9dd7a1977ae499b9dfc2952eab8d63f88897332",
            "maxnumber": 100_000,
            "salt": "01010101010101010101010101010101?expires=1795176600\
                &phone=fd8b7e2f7f27719cbce57dee05ca8f4b837cb7bad427071c4f7771ad1968b31f&",
            "signature": "eedda4721d80caff1d9ee49eeff49465c34e0ef1e60b9fd0f68ca9058206164e",
        })
    );
}

#[test]
fn what_the_solver_finds_is_taken_and_so_is_what_the_widget_sends() {
    let challenge = example(73_411);
    let mut solver = Solver::new(&challenge).unwrap();
    assert_eq!(solver.step(73_411), SolverProgress::Going(73_411));
    assert_eq!(solver.step(1), SolverProgress::Found(73_411));
    let solved = judge(&token(&challenge, 73_411)).unwrap();
    assert_eq!(solved.expires, "2026-11-20T12:10:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(judge(&encoded(&payload(&challenge, 73_411))), Ok(solved));
    assert_eq!(judge(&format!(" {}\n", encoded(&payload(&challenge, 73_411)))), Ok(solved));
}

#[test]
fn the_smallest_and_the_largest_number_are_found_and_nothing_beyond() {
    for number in [0, MAXNUMBER] {
        assert_eq!(
            Solver::new(&example(number)).unwrap().step(u64::MAX),
            SolverProgress::Found(number)
        );
    }
    let beyond = Challenge { maxnumber: 99, ..example(100) };
    assert_eq!(Solver::new(&beyond).unwrap().step(u64::MAX), SolverProgress::Nothing);
    // Larger numbers wrap, so that every challenge can be solved.
    let wrapped = example(MAXNUMBER + 6);
    assert_eq!(Solver::new(&wrapped).unwrap().step(u64::MAX), SolverProgress::Found(5));
    for strange in ["", "é", &"é".repeat(32), &"g".repeat(64)] {
        let strange = Challenge { challenge: strange.to_owned(), ..example(1) };
        assert!(Solver::new(&strange).is_none());
    }
}

#[test]
fn it_holds_from_its_issue_to_just_before_its_end() {
    let token = encoded(&payload(&example(5), 5));
    let end: DateTime<Utc> = "2026-11-20T12:10:00Z".parse().unwrap();
    let at = |now| verify(&KEY, phone(), &token, now).map(|solved| solved.expires);
    assert_eq!(at(now()), Ok(end));
    assert_eq!(at(end - TimeDelta::microseconds(1)), Ok(end));
    assert_eq!(at(end), Err(CaptchaError::Expired));
    assert_eq!(at(end + TimeDelta::days(9)), Err(CaptchaError::Expired));
    // A clock that went backwards.
    assert_eq!(at(now() - TimeDelta::days(1)), Ok(end));
}

#[test]
fn what_is_no_token_is_said_to_be_none() {
    let mut texts = vec![
        String::new(),
        "!".to_owned(),
        "e30".to_owned(),
        "e30=".to_owned(),
        STANDARD.encode("[]"),
        STANDARD.encode("\u{ff}"),
        "A".repeat(TOKEN + 4),
    ];
    let good = payload(&example(5), 5);
    for (field, value) in [
        ("algorithm", json!("SHA-512")),
        ("algorithm", json!("sha-256")),
        ("number", json!(-5)),
        ("number", json!(5.0)),
        ("number", json!("5")),
        ("salt", json!(7)),
        ("salt", json!("")),
        ("signature", json!(null)),
    ] {
        let mut changed = good.clone();
        changed[field] = value;
        texts.push(encoded(&changed));
    }
    for field in ["algorithm", "challenge", "number", "salt", "signature"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(field);
        texts.push(encoded(&without));
    }
    for text in texts {
        assert_eq!(judge(&text), Err(CaptchaError::Malformed), "{text}");
    }
}

#[test]
fn digits_do_not_move_from_the_number_into_the_salt() {
    // As in GHSA-6gvq-jcmp-8959: the same text is hashed, but the salt has another expiry.
    let challenge = example(73_411);
    let mut spliced = payload(&challenge, 3_411);
    spliced["salt"] = json!(format!("{}7", challenge.salt));
    assert_eq!(judge(&encoded(&spliced)), Err(CaptchaError::Malformed));
    spliced["salt"] = json!(format!("{}7&", challenge.salt));
    assert_eq!(judge(&encoded(&spliced)), Err(CaptchaError::Malformed));
}

#[test]
fn each_refusal_has_its_own_word() {
    let challenge = example(5);
    let with = |field: &str, value: Value| {
        let mut changed = payload(&challenge, 5);
        changed[field] = value;
        judge(&encoded(&changed))
    };
    assert_eq!(with("number", json!(6)), Err(CaptchaError::Solution));
    assert_eq!(with("challenge", json!("0".repeat(64))), Err(CaptchaError::Signature));
    let upper = challenge.signature.to_uppercase();
    assert_eq!(with("signature", json!(upper)), Err(CaptchaError::Signature));
    let later = challenge.salt.replace("expires=17", "expires=27");
    assert_ne!(later, challenge.salt);
    assert_eq!(with("salt", json!(later)), Err(CaptchaError::Solution));
    let token = encoded(&payload(&challenge, 5));
    let other = "+14155550101".parse().unwrap();
    assert_eq!(verify(&KEY, other, &token, now()), Err(CaptchaError::OtherNumber));
    assert_eq!(verify(&[8; 32], phone(), &token, now()), Err(CaptchaError::Signature));
}

#[test]
fn one_challenge_has_one_id_and_another_has_another() {
    let (one, other) = (example(5), issue(&KEY, phone(), now(), [2; 16], 5));
    assert_eq!(one.expires(), Some("2026-11-20T12:10:00Z".parse().unwrap()));
    let id = |challenge| judge(&encoded(&payload(challenge, 5))).unwrap().id;
    assert_eq!(id(&one), id(&one));
    assert_ne!(id(&one), id(&other));
}

#[test]
fn a_challenge_does_not_tell_the_phone_number() {
    let (one, other) = (example(5), issue(&KEY, phone(), now(), [2; 16], 5));
    let tag = |challenge: &Challenge| challenge.salt.split("phone=").nth(1).unwrap().to_owned();
    assert_ne!(tag(&one), tag(&other), "two challenges of one number can be told to be of one");
    assert!(!serde_json::to_string(&one).unwrap().contains("4155550100"));
}

#[test]
fn an_answer_is_read_or_refused() {
    let read = |json: Value| CaptchaAnswer::read(json.as_object().unwrap());
    let answer = read(json!({"provider": "altcha", "token": "abc"})).unwrap();
    assert_eq!(answer, CaptchaAnswer { provider: Provider::Altcha, token: "abc".into() });
    assert!(read(json!({"provider": "altcha", "token": "a".repeat(TOKEN)})).is_ok());
    for wrong in [
        json!({"provider": "altcha"}),
        json!({"provider": "other", "token": "abc"}),
        json!({"provider": "altcha", "token": 5}),
        json!({"provider": "altcha", "token": "abc", "more": 1}),
        json!({"provider": "altcha", "token": "a".repeat(TOKEN + 1)}),
    ] {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
}

/// Replaces one character.
fn changed(text: &str, at: prop::sample::Index, to: char) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = at.index(letters.len());
    letters[at] = to;
    letters.into_iter().collect()
}

proptest! {
    #[test]
    fn any_challenge_solved_is_taken_and_for_no_other_number(
        key: [u8; 32], random: [u8; 16], number in 0..=MAXNUMBER,
        digits in 1_000_000_u64..999_999_999_999_999, other in 1_000_000_u64..999_999_999_999_999,
        seconds in 0_i64..9_000_000_000, late in 0_i64..599,
    ) {
        let phone = PhoneNumber::from_digits(digits).unwrap();
        let now = DateTime::from_timestamp(seconds, 0).unwrap();
        let challenge = issue(&key, phone, now, random, number);
        let token = encoded(&payload(&challenge, number));
        let later = now + TimeDelta::seconds(late);
        prop_assert!(verify(&key, phone, &token, later).is_ok());
        let end = now + TimeDelta::seconds(SECONDS);
        prop_assert_eq!(verify(&key, phone, &token, end), Err(CaptchaError::Expired));
        let other = PhoneNumber::from_digits(other).unwrap();
        if other != phone {
            let refused = verify(&key, other, &token, later);
            prop_assert_eq!(refused, Err(CaptchaError::OtherNumber));
        }
    }

    #[test]
    fn any_change_of_any_text_is_refused(
        field in prop::sample::select(vec!["algorithm", "challenge", "salt", "signature"]),
        at: prop::sample::Index, to in prop::char::any(),
    ) {
        let good = payload(&example(5), 5);
        let text = good[field].as_str().unwrap();
        let text = changed(text, at, to);
        prop_assume!(good[field] != json!(text));
        let mut bad = good.clone();
        bad[field] = json!(text);
        prop_assert!(judge(&encoded(&bad)).is_err());
    }

    #[test]
    fn any_other_number_is_refused(found: u64, right in 0..=MAXNUMBER) {
        prop_assume!(found != right);
        let token = encoded(&payload(&example(right), found));
        prop_assert_eq!(judge(&token), Err(CaptchaError::Solution));
    }

    #[test]
    fn no_text_panics(text in "\\PC*", json in "\\PC*") {
        prop_assert!(judge(&text).is_err());
        prop_assert!(judge(&STANDARD.encode(&json)).is_err());
        let mut bad = payload(&example(5), 5);
        bad["salt"] = json!(json);
        prop_assert!(judge(&encoded(&bad)).is_err());
    }
}
