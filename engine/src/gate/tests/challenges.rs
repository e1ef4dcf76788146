//! What a captcha challenge counts as.

use super::*;

/// Enforces a captcha for all requests.
async fn ask_everybody(gate: &Gate) {
    let rules = domain::settings::section("rules").unwrap();
    let document = json!({ "captcha": { "ask": "everybody" } });
    settings::save_document(
        &gate.shared.db,
        &By::command(),
        rules,
        settings::ExpectedVersion::Any,
        document,
    )
    .await
    .unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_challenge_counts_once_it_is_solved(pool: PgPool) {
    let one = gate(&pool).await;
    ask_everybody(&one).await;
    let phone = "+14155550100";
    // Somebody uses the victim's name and solves nothing: this would exceed every limit if it
    // counted.
    for journey in 0..60 {
        let mut asked = ask(phone);
        asked.ip = Some("203.0.113.7".parse().unwrap());
        // Some of them repeatedly in one journey.
        asked.journey = Some(format!("j{}", journey / 3));
        let answered = one.decide(caller(), asked, "").await.unwrap();
        assert_eq!(
            (answered.decision.verdict, codes(&answered)),
            (Verdict::Challenge, vec!["captcha"])
        );
    }
    let late = gate_at(&pool, noon() + TimeDelta::seconds(1)).await;
    one.follow().await.unwrap();
    assert_eq!((one.health().entries, late.health().entries), (0, 0));

    // The victim solves it: five codes are sent, each counts, and the sixth must wait.
    for n in 1..=6 {
        let challenge = crate::captcha::issue(&late.shared.db, phone.parse().unwrap());
        let mut solver = domain::captcha::Solver::new(&challenge).unwrap();
        let domain::captcha::SolverProgress::Found(number) = solver.step(u64::MAX) else {
            panic!()
        };
        let mut asked = ask(phone);
        let token = domain::captcha::token(&challenge, number);
        asked.captcha = Some(domain::captcha::CaptchaAnswer {
            provider: domain::captcha::Provider::Altcha,
            token,
        });
        let verdict = late.decide(caller(), asked, "").await.unwrap().decision.verdict;
        assert_eq!(verdict, if n <= 5 { Verdict::Allow } else { Verdict::Delay }, "{n}");
    }
    assert_eq!(late.health().entries, 5);
    one.follow().await.unwrap();
    one.follow().await.unwrap();
    assert_eq!(one.health().entries, 5, "and on another server");
}
