//! The page of fraud alerts as a browser without a script uses it: every form with good input and
//! bad, through the whole router on a real Postgres.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

#[path = "../common/mod.rs"]
mod common;
mod settings;

use common::desk::Console;
use common::{TestRequest, get, post};
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

impl Console {
    /// The session of another account.
    async fn another(&self, role: Role) -> String {
        Self::sign_in_as(&self.site, role).await
    }

    /// Sends a form; the text of the page that it leads to.
    async fn send(&self, function: &str, fields: &[(&str, &str)]) -> String {
        self.send_as(function, fields, &self.cookie).await
    }

    async fn send_as(&self, function: &str, fields: &[(&str, &str)], cookie: &str) -> String {
        self.form(function, "/fraud-alerts", fields, cookie).await.1
    }

    /// Sends a form; the page that it leads to has each of these words.
    async fn says(&self, function: &str, fields: &[(&str, &str)], words: &[&str]) {
        let page = self.send(function, fields).await;
        for word in words {
            assert!(page.contains(word), "{function}: {word} is not in {page}");
        }
    }

    /// Sends a good form with one field replaced by each of these values; each time the page has
    /// the words.
    async fn refuses(
        &self,
        function: &str,
        good: &[(&str, &str)],
        wrong: &[(&str, &str, &[&str])],
    ) {
        for &(field, words, values) in wrong {
            for &value in values {
                let mut fields = good.to_vec();
                fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value;
                let page = self.send(function, &fields).await;
                assert!(page.contains(words), "{field} {value}");
            }
        }
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.site.value(sql).await
    }

    /// The id of the only block that has not ended.
    async fn block_id(&self) -> String {
        self.site.value::<Uuid>("select id from block where ended is null").await.to_string()
    }

    /// Allows reports, and sends one.
    async fn report(&self, user: &str) -> String {
        let document = json!({"allow_user_reports": true, "report_code": "77"});
        self.site.save("fraud-alerts", document).await;
        let key = self.site.key(&format!("phone {user}"), &[Scope::ReportsWrite]).await;
        let body = json!({"id": "1", "user": user, "channel": "voice", "code": "77",
            "phone": "+14155552700", "ip": "203.0.113.7", "flow": "susi"});
        let ask = TestRequest::new(Method::POST, "/api/v1/fraud-reports").key(&key).json(&body);
        let answer = self.site.ask(ask).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json["report"].as_str().unwrap().to_owned()
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn one_is_blocked_and_unblocked(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let good = [("value", "Ann@example.com"), ("lasts", "86400"), ("reason", "stolen phone")];
    desk.says("block", &good, &["Ann@example.com is blocked.", "stolen phone"]).await;
    assert_eq!(desk.count("select count(*) from block where until between since + interval '23 hours' and since + interval '1 day'").await, 1);

    let page = desk.send("block", &good).await;
    assert!(page.contains("Ann@example.com is blocked already, until"), "told beside the field");
    let page = desk.send("block", &[&good[..], &[("instead", "1")]].concat()).await;
    assert!(page.contains("Ann@example.com is blocked."));

    let id = desk.block_id().await;
    let page = desk.send("unblock", &[("id", &id), ("reason", " ")]).await;
    assert!(page.contains("A reason is required; it is recorded."), "no reason");
    assert_eq!(desk.count("select count(*) from block where ended is null").await, 1);
    let page = desk.send("unblock", &[("id", &id), ("reason", "found again")]).await;
    assert!(page.contains("Ann@example.com is unblocked.") && page.contains("Nothing is blocked"));
    let page = desk.send("unblock", &[("id", &id), ("reason", "found again")]).await;
    assert!(page.contains("This is no longer blocked."));
    let page = desk.page("/fraud-alerts?tab=blocked&state=ended").await;
    assert!(page.contains("found again") && page.contains("another block took its place"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_refused_block_keeps_what_was_typed(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let page = desk
        .send("block", &[("value", "<b>\u{0}"), ("reason", "<i>why</i>"), ("until", "tomorrow")])
        .await;
    assert!(page.contains("Must be 1 to 320 characters without control characters."), "{page}");
    assert!(page.contains("Must be a time such as 2026-11-20T09:30:00Z."));
    assert!(page.contains("&lt;i&gt;why&lt;/i&gt;") || page.contains("value=\"<i>why"));
    assert!(!page.contains("<i>why</i></"), "nothing typed becomes markup");
    let good = [("kind", ""), ("value", "ann"), ("lasts", ""), ("until", ""), ("reason", "x")];
    let kinds = "Must be one of user, number, number_block, ip, ip_network.";
    let wrong: [(_, _, &[_]); 6] = [
        ("until", "Must be in the future.", &["2020-01-01T00:00"]),
        ("until", "Must be within ten years", &["2999-01-01T00:00"]),
        ("lasts", "Choose a duration.", &["-5", "999999999999"]),
        ("kind", kinds, &["people"]),
        ("value", "7 to 15", &["+12"]),
        ("reason", "A reason is required", &[""]),
    ];
    desk.refuses("block", &good, &wrong).await;
    assert_eq!(desk.count("select count(*) from block").await, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn good_lines_of_a_list_are_kept_and_bad_ones_come_back(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let list =
        "kind,value,until,reason\nuser,ann,,\nnumber,+12,,\nnumber_block,+1415555xxxx,,spam\n";
    let page = desk.send("block-many", &[("list", list), ("reason", "attack")]).await;
    assert!(page.contains("2 lines are blocked"), "{page}");
    assert!(page.contains("“number,+12,,”: value: has 2 digits; 7 to 15 are allowed"));
    assert!(page.contains("number,+12,,</textarea>") || page.contains("number,+12,,\n"));
    assert!(!page.contains("user,ann,,"), "good lines are not sent again");
    assert_eq!(desk.count("select count(*) from block where reason = 'attack'").await, 1);
    let page = desk.send("block-many", &[("list", "ann\nbob"), ("reason", "attack")]).await;
    assert!(page.contains("1 line is blocked") && page.contains("“ann”: is blocked already"));
    let page = desk.send("block-many", &[("list", "cy\ndee"), ("reason", "x")]).await;
    assert!(page.contains("2 lines are blocked") && !page.contains("The other lines"));
    let page = desk.send("block-many", &[("list", "eve\nf\0x"), ("reason", "x")]).await;
    assert!(page.contains("1 line is blocked") && page.contains("control characters"), "{page}");
    let page = desk.send("block-many", &[("list", " \n"), ("reason", "x")]).await;
    assert!(page.contains("Paste at least one line."));
    let page = desk.send("block-many", &[("list", "eve"), ("reason", "")]).await;
    assert!(page.contains("“eve”: reason: A reason is required"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn somebody_is_let_through_once(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let good = [("value", "+1 415 555 2700"), ("minutes", "15"), ("reason", "new phone")];
    desk.says("give-bypass", &good, &["+14155552700 is let through once."]).await;
    desk.says("give-bypass", &good, &["+14155552700 has a bypass already, until"]).await;
    let wrong: [(_, _, &[_]); 5] = [
        ("value", "Must be a user or one full number.", &["+1415555xxxx"]),
        ("value", "Must be 1 to 320 characters", &[""]),
        ("minutes", "Must be a whole number from 1 to 10080 (7 days).", &["0"]),
        ("minutes", "Must be a whole number", &["10081", "soon", "9223372036854775807"]),
        ("reason", "A reason is required", &[""]),
    ];
    desk.refuses("give-bypass", &good, &wrong).await;
    let id = desk.site.value::<Uuid>("select id from bypass").await.to_string();
    desk.says("end-bypass", &[("id", &id), ("reason", "")], &["A reason is required"]).await;
    let page = desk.send("end-bypass", &[("id", &id), ("reason", "a mistake")]).await;
    assert!(page.contains("Bypass of +14155552700 ended."));
    let page = desk.send("end-bypass", &[("id", "x"), ("reason", "a mistake")]).await;
    assert!(page.contains("This bypass was used or has ended."));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn names_are_joined_and_parted(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let page = desk.send("join-names", &[("name", "ID-1"), ("other", "ann@example.com")]).await;
    assert!(page.contains("ID-1 and ann@example.com are now names of one user."));
    desk.send("block", &[("value", "id-1"), ("reason", "x")]).await;
    let page = desk.send("block", &[("value", "ann@example.com"), ("reason", "x")]).await;
    assert!(page.contains("id-1 is blocked already"), "a block of one name applies to the other");
    let page = desk.send("join-names", &[("name", "id-1"), ("other", "ANN@example.com")]).await;
    assert!(page.contains("These are names of one user already."));
    let page = desk.send("join-names", &[("name", ""), ("other", "a\nb")]).await;
    assert_eq!(page.matches("Must be 1 to 320 characters").count(), 2);
    desk.says("part-name", &[("name", "id-1")], &["id-1 is now a separate user."]).await;
    desk.says("part-name", &[("name", "id-1")], &["This name is not joined to another."]).await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_report_is_looked_at_and_handled(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let id = desk.report("Ann@example.com").await;
    let page = desk.page("/fraud-alerts").await;
    assert!(page.contains("Ann@example.com") && page.contains(&format!("/fraud-alerts/{id}")));
    let answer =
        desk.site.ask(get(&format!("/fraud-alerts?report={id}")).cookie(&desk.cookie)).await;
    assert_eq!(answer.location(), format!("/fraud-alerts/{id}"), "as mails link it");
    let page = desk.page(&format!("/fraud-alerts/{id}")).await;
    for there in ["203.0.113.7", "+14155552700", "susi", "The user is not blocked.", "No action"] {
        assert!(page.contains(there), "{there}");
    }
    // A typed name does not stay in the address.
    let typed =
        desk.site.ask(get("/fraud-alerts?user=ANN%40example.com").cookie(&desk.cookie)).await;
    assert!(typed.location().starts_with("/fraud-alerts?user=u_"), "{}", typed.location());
    assert!(desk.page(typed.location()).await.contains(&id));
    let other = desk.site.ask(get("/fraud-alerts?user=bob").cookie(&desk.cookie)).await;
    assert!(desk.page(other.location()).await.contains("No report in this range matches."));
    for (query, there) in [
        ("action=no_action", true),
        ("action=blocked", false),
        ("channel=voice", true),
        ("channel=sms", false),
        ("handled=no", true),
        ("handled=yes", false),
        ("from=2020-01-01&to=2020-02-01", false),
        ("range=nonsense", true),
        ("after=nonsense", true),
        ("after=-1-2&channel=pigeon", true),
    ] {
        let page = desk.page(&format!("/fraud-alerts?{query}")).await;
        assert_eq!(page.contains(&format!("/fraud-alerts/{id}")), there, "{query}");
    }

    let on = |fields: &[(&'static str, &'static str)]| {
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        all.extend([("value", "Ann@example.com"), ("kind", "user")]);
        all
    };
    let mut require = on(&[("form", "require"), ("only_channel", ""), ("reason", "asked again")]);
    require.push(("report", &id));
    desk.says("block", &require, &["Choose the channel that is still offered."]).await;
    require[1].1 = "email";
    let page = desk.send("block", &require).await;
    assert!(page.contains("The user is offered email only"), "the middle way");
    let mut block = on(&[("form", "block"), ("reason", "again"), ("instead", "1")]);
    block.push(("report", &id));
    desk.says("block", &block, &["The user is blocked until unblocked"]).await;
    let block = desk.block_id().await;
    let page = desk.send("unblock", &[("id", &block), ("report", &id), ("reason", "")]).await;
    assert!(page.contains("A reason is required") && page.contains("The report"));
    let page = desk.send("unblock", &[("id", &block), ("report", &id), ("reason", "talked")]).await;
    assert!(page.contains("The user is not blocked."));

    let long = "x".repeat(501);
    let page = desk.send("handle-report", &[("report", &id), ("note", &long)]).await;
    assert!(page.contains("Enter at most 500 characters.") && page.contains(&long));
    let page = desk.send("handle-report", &[("report", &id), ("note", "<b>talked</b>")]).await;
    assert!(page.contains("Report marked as handled.") && !page.contains("<b>talked</b>"));
    for gone in ["00000000-0000-4000-8000-000000000000", "x"] {
        let answer =
            desk.site.ask(get(&format!("/fraud-alerts/{gone}")).cookie(&desk.cookie)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{gone}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_looks_and_sees_masks(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let id = desk.report("ann").await;
    for (value, reason) in [("+14155552701", "pumped"), ("+1415556xxxx", "called +14155552702")] {
        desk.send("block", &[("value", value), ("reason", reason)]).await;
    }
    let auditor = desk.another(Role::Auditor).await;
    for path in [
        "/fraud-alerts".to_owned(),
        format!("/fraud-alerts/{id}"),
        "/fraud-alerts?tab=settings".to_owned(),
        "/fraud-alerts?tab=blocked".to_owned(),
        "/fraud-alerts?tab=bypasses".to_owned(),
        "/fraud-alerts?tab=names".to_owned(),
    ] {
        let page = desk.page_as(&path, &auditor).await;
        assert!(!page.contains("415555270") && !page.contains("1415556"), "{path}");
        let forms = page.matches("action=\"/_fn/").count();
        let own = page.matches("action=\"/_fn/theme").count()
            + page.matches("action=\"/_fn/sign-out").count();
        assert_eq!(forms, own, "{path} offers what an auditor may not");
    }
    let blocked = desk.page_as("/fraud-alerts?tab=blocked", &auditor).await;
    assert!(blocked.contains("+14155••••01") && blocked.contains("+14155••xxxx"));
    let settings = desk.page_as("/fraud-alerts?tab=settings", &desk.cookie).await;
    assert!(settings.contains("An admin can change these settings."), "a lead reads");
    for function in ["block", "unblock", "handle-report", "save-fraud-alerts", "lift-blocks"] {
        let path = format!("/_fn/{function}");
        let answer = desk.site.ask(post(&path, &[]).cookie(&auditor)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{function}");
    }
}
