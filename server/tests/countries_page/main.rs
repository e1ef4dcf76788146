//! The Countries page as a browser without a script uses it: every form with good input and bad,
//! through the whole router on a real Postgres.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

#[path = "../common/mod.rs"]
mod common;
mod files;

use common::desk::Console;
use common::{TestRequest, post};
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

impl Console {
    /// Sends a form; the address that it leads to and the text of that page.
    async fn send(&self, function: &str, fields: &[(&str, &str)]) -> (String, String) {
        self.send_as(function, fields, &self.cookie).await
    }

    async fn send_as(
        &self,
        function: &str,
        fields: &[(&str, &str)],
        cookie: &str,
    ) -> (String, String) {
        self.form(&format!("countries-{function}"), "/countries", fields, cookie).await
    }

    /// Sends the form of voice with these ticks.
    async fn tick(&self, base: &str, mode: &str, more: &[(&str, &str)]) -> (String, String) {
        let mut fields = vec![("channel", "voice"), ("base", base), ("mode", mode)];
        fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        fields.extend(more);
        self.send("change", &fields).await
    }

    /// The saved section.
    async fn holds(&self) -> Value {
        let kind = domain::settings::section("countries").unwrap();
        engine::settings::now(&self.site.db, kind).await.unwrap().settings
    }

    async fn version(&self) -> i64 {
        let kind = domain::settings::section("countries").unwrap();
        engine::settings::now(&self.site.db, kind).await.unwrap().version
    }

    /// Sends events of text messages and waits until the figures contain them.
    async fn events(&self, of: &[(&str, &str, &str)]) {
        let key = self.site.key("events", &[Scope::EventsWrite]).await;
        let time = self.site.db.clock.now().to_rfc3339();
        let events: Vec<Value> = of
            .iter()
            .enumerate()
            .map(|(at, (phone, kind, cost))| {
                json!({"id": at.to_string(), "time": time, "kind": kind, "journey": at.to_string(),
                    "phone": phone, "channel": "sms", "cost": {"amount": cost, "currency": "EUR"}})
            })
            .collect();
        let ask =
            TestRequest::new(Method::POST, "/api/v1/events").key(&key).json(&Value::from(events));
        self.site.ask(ask).await.ok();
        // The first reading covers the last 90 days.
        while self.site.engine.regions.step().await.unwrap() == engine::work::Progress::Worked {}
        self.site.engine.regions.settle().await.unwrap();
    }
}

/// The draft that an address names.
fn draft(to: &str) -> String {
    let draft = to.split("draft=").nth(1).unwrap_or_else(|| panic!("no draft in {to}"));
    draft.split('&').next().unwrap().to_owned()
}

/// Whether a region is ticked on a page.
fn ticked(page: &str, code: &str) -> bool {
    let begin = page.find(&format!("id=\"r-{code}\"")).unwrap_or_else(|| panic!("no {code}"));
    page[begin..].split('>').next().unwrap().contains(" checked")
}

/// Whether a region's row is shown.
fn is_row_shown(page: &str, code: &str) -> bool {
    let at = page.find(&format!("id=\"r-{code}\"")).unwrap();
    let row = page[..at].rfind("<tr").unwrap();
    !page[row..at].split('>').next().unwrap().contains(" hidden")
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_list_is_ticked_looked_at_and_saved(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let page = desk.page("/countries").await;
    assert!(page.contains("<h1>Countries</h1>") && page.contains("Regions for Voice"));
    assert!(page.contains("Served only if selected, in every mode."));
    assert!(page.contains("+1 876") && page.contains("Åland Islands"));
    let ticks = [("r-US", "1"), ("r-GB", "1")];
    let (to, page) = desk.tick("0", "allowlist", &ticks).await;
    assert!(page.contains("Unsaved changes"), "{page}");
    assert!(page.contains("<del>Every region</del> → <ins>Only the regions named</ins>"));
    assert!(page.contains("More: 2 regions: United Kingdom, United States"));
    assert!(ticked(&page, "US") && ticked(&page, "GB") && !ticked(&page, "DE"), "values kept");
    assert_eq!(desk.version().await, 0, "nothing is saved yet");

    let draft = draft(&to);
    let fields = [("channel", "voice"), ("draft", draft.as_str()), ("version", "0")];
    let (to, page) = desk.send("save", &fields).await;
    assert_eq!(to, "/countries?channel=voice");
    assert!(page.contains("Saved and active.") && !page.contains("Unsaved changes"));
    let holds = desk.holds().await;
    assert_eq!(holds["voice"], json!({"mode": "allowlist", "regions": ["GB", "US"]}));
    assert_eq!(holds["sms"], json!({"mode": "all", "regions": []}));

    let (_, page) = desk.tick("1", "allowlist", &ticks).await;
    assert!(page.contains("Nothing was changed.") && !page.contains("Unsaved changes"));
    let gone = desk.page(&format!("/countries?draft={draft}")).await;
    assert!(gone.contains("This change no longer exists"));
    let (_, page) = desk.send("save", &fields).await;
    assert!(page.contains("This change no longer exists"), "it is saved once");
    assert_eq!(desk.version().await, 1);

    // With a script the form saves at once.
    let (_, page) = desk.tick("1", "monitor", &[("r-001", "1"), ("do", "save")]).await;
    assert!(page.contains("Saved and active.") && ticked(&page, "001"));
    assert_eq!(desk.holds().await["voice"], json!({"mode": "monitor", "regions": ["001"]}));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn figures_and_what_would_have_been_refused(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let page = desk.page("/countries?channel=sms").await;
    assert!(
        page.contains("The figures of the last 30 days are loading."),
        "figures that are not there yet"
    );
    let jamaican = ("+18765551234", "sent", "0.24");
    desk.events(&[
        jamaican,
        ("+18765551235", "verified", "0.24"),
        ("+18765551236", "failed", "0.24"),
        ("+14155552700", "verified", "0.01"),
    ])
    .await;
    let page = desk.page("/countries?channel=sms&sort=sent").await;
    let row = page.split("<tr").find(|row| row.contains("id=\"r-JM\"")).unwrap();
    for cell in [">3<", ">1<", ">33 %<", ">0.72 EUR<", "+1 876", "North America"] {
        assert!(row.contains(cell), "{cell} in {row}");
    }
    let row = page.split("<tr").find(|row| row.contains("id=\"r-DE\"")).unwrap();
    assert_eq!(row.matches("—").count(), 5, "none: {row}");
    let at = |code: &str| page.find(&format!("id=\"r-{code}\"")).unwrap();
    assert!(at("001") < at("JM") && at("JM") < at("US") && at("US") < at("AF"), "most first");
    assert!(desk.page("/countries?channel=rcs").await.contains("there are no figures yet"));

    let form = [("channel", "sms"), ("base", "0"), ("mode", "allowlist"), ("r-US", "1")];
    let (to, page) = desk.send("change", &form).await;
    let words =
        "Of the last 30 days, 3 more attempts would have been refused; 1 of them had verified.";
    assert!(page.contains(words), "{page}");
    assert!(page.contains("Jamaica <code>JM</code>"));

    // The reverse, after it is saved.
    let id = draft(&to);
    desk.send("save", &[("channel", "sms"), ("draft", &id), ("version", "0")]).await;
    let form = [("channel", "sms"), ("base", "1"), ("mode", "all")];
    let (_, page) = desk.send("change", &form).await;
    assert!(
        page.contains("3 attempts that the current settings refuse would be allowed."),
        "{page}"
    );

    let preset = [&form[..], &[("do", "preset-verified")]].concat();
    let (_, page) = desk.send("change", &preset).await;
    assert!(ticked(&page, "JM") && ticked(&page, "US") && !ticked(&page, "DE"));
    assert!(page.contains("More: 1 region: Jamaica"), "where users verified");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn many_at_once_and_nothing_ticked_is_lost(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let us = ("r-US", "1");
    let (_, page) = desk.tick("0", "allowlist", &[us, ("do", "allow-europe")]).await;
    assert!(ticked(&page, "US") && ticked(&page, "DE") && ticked(&page, "JE"));
    assert!(!ticked(&page, "JM") && !ticked(&page, "001"));
    let (_, page) = desk.tick("0", "all", &[("do", "refuse-africa")]).await;
    assert!(ticked(&page, "US") && !ticked(&page, "NG") && page.contains("Only the regions named"));
    let (_, page) = desk.tick("0", "all", &[("do", "preset-default-off")]).await;
    assert!(ticked(&page, "US") && !ticked(&page, "JM") && !ticked(&page, "KZ"));
    let (to, page) = desk.tick("0", "allowlist", &[us, ("do", "preset-verified")]).await;
    assert!(page.contains("still being read") || page.contains("No user verified"), "{page}");
    assert!(to.contains("draft=") && ticked(&page, "US"), "refused, and the tick is kept");

    // Filtering, sorting and another channel keep the ticks.
    let find = [us, ("do", "filter"), ("q", "united"), ("continent", "europe")];
    let (to, page) = desk.tick("0", "allowlist", &find).await;
    assert!(to.contains("q=united&continent=europe") && ticked(&page, "US"));
    assert!(is_row_shown(&page, "GB") && !is_row_shown(&page, "US") && !is_row_shown(&page, "DE"));
    let id = draft(&to);
    let go = [us, ("draft", &id), ("do", "go"), ("go", "/countries?channel=sms&sort=sent")];
    let (to, page) = desk.tick("0", "allowlist", &go).await;
    assert!(to.contains("channel=sms") && page.contains("Regions for SMS"));
    assert!(page.contains("Unsaved changes") && page.contains("More: 1 region: United States"));

    // A second channel joins the same change.
    let id = draft(&to);
    let copy = [("channel", "sms"), ("base", "0"), ("mode", "all"), ("draft", &id)];
    let copy = [&copy[..], &[("do", "copy"), ("from", "voice")]].concat();
    let (to, page) = desk.send("change", &copy).await;
    assert!(page.contains("<b>Voice</b>") && page.contains("<b>SMS</b>") && ticked(&page, "US"));
    let id = draft(&to);
    desk.send("save", &[("channel", "sms"), ("draft", &id), ("version", "0")]).await;
    let list = json!({"mode": "allowlist", "regions": ["US"]});
    let holds = desk.holds().await;
    assert_eq!((&holds["voice"], &holds["sms"]), (&list, &list));

    let (to, _) = desk.tick("1", "allowlist", &[us, ("do", "filter"), ("q", "ja")]).await;
    assert_eq!(to, "/countries?channel=voice&q=ja", "a filter alone is no change");
    for odd in [("r-ZZ", "1"), ("mode", "none"), ("do", "burn"), ("channel", "push"), ("base", "9")]
    {
        let (_, page) = desk.tick("1", "allowlist", &[odd]).await;
        assert!(page.contains("The form could not be read."), "{odd:?}");
    }
    assert_eq!(desk.version().await, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn of_two_nobody_overwrites_the_other(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let other = Console::sign_in_as(&desk.site, Role::SecurityLead).await;
    let (to, _) = desk.tick("0", "allowlist", &[("r-US", "1")]).await;
    let mine = draft(&to);
    let form = [("channel", "voice"), ("base", "0"), ("mode", "all"), ("r-JE", "1")];
    desk.send_as("change", &[&form[..], &[("do", "save")]].concat(), &other).await;
    assert_eq!(desk.version().await, 1);

    let fields = |version| [("channel", "voice"), ("draft", mine.as_str()), ("version", version)];
    let (_, page) = desk.send("save", &fields("0")).await;
    assert!(
        page.contains("Somebody else changed the countries in the meantime. Nothing was saved.")
    );
    assert!(page.contains("What was changed") && page.contains("by security-lead@example.com"));
    assert!(page.contains("More: 1 region: Jersey") && page.contains("What you changed"));
    assert!(page.contains("More: 1 region: United States"), "both versions: {page}");
    assert!(ticked(&page, "JE") && ticked(&page, "US"), "and what they make together");
    assert_eq!(desk.version().await, 1);

    // A stale form changes only what its user changed.
    let (_, page) = desk.tick("0", "all", &[("r-DE", "1"), ("do", "save")]).await;
    assert!(page.contains("Nothing was saved.") && page.contains("Unsaved changes"));
    assert!(ticked(&page, "JE") && ticked(&page, "DE"));
    let id = page.split("name=\"draft\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("channel", "voice"), ("draft", id), ("version", "1")];
    let (_, page) = desk.send("save", &fields).await;
    assert!(page.contains("Saved and active."));
    assert_eq!(desk.holds().await["voice"], json!({"mode": "all", "regions": ["DE", "JE"]}));

    let page = desk.page("/countries?tab=history").await;
    assert!(page.contains("by security-lead@example.com") && page.contains("(current)"));
    assert!(page.contains("More: 1 region: Germany") && page.contains("Default: every region"));
    let (_, page) = desk.send("restore", &[("version", "1"), ("now", "2")]).await;
    assert!(page.contains("Version 1 restored."), "{page}");
    assert_eq!(desk.holds().await["voice"], json!({"mode": "all", "regions": ["JE"]}));
    let (_, page) = desk.send("restore", &[("version", "0"), ("now", "2")]).await;
    assert!(page.contains("Somebody else changed the countries in the meantime."));
    let (_, page) = desk.send("restore", &[("version", "99"), ("now", "3")]).await;
    assert!(page.contains("There is no version 99 of these settings."));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_looks(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    desk.tick("0", "allowlist", &[("r-US", "1"), ("do", "save")]).await;
    let (to, _) = desk.tick("1", "allowlist", &[]).await;
    let auditor = Console::sign_in_as(&desk.site, Role::Auditor).await;
    for path in [
        "/countries",
        "/countries?q=united",
        "/countries?tab=language-file",
        "/countries?tab=formats",
        "/countries?tab=history",
        &to,
    ] {
        let page = desk.page_as(path, &auditor).await;
        let forms = page.matches("method=\"post\"").count();
        let own = page.matches("action=\"/_fn/theme").count()
            + page.matches("action=\"/_fn/sign-out").count();
        assert_eq!(forms, own, "{path} offers what an auditor may not");
        assert!(!page.contains("Unsaved changes"), "{path}");
    }
    let page = desk.page_as("/countries?q=united+states", &auditor).await;
    let row = |code: &str| {
        let mark = format!("<code>{code}</code>");
        page.split("<tr").find(|row| row.contains(&mark)).unwrap().to_owned()
    };
    assert!(row("US").contains("Served") && row("DE").contains("Refused"));
    assert!(row("DE").split('>').next().unwrap().contains("hidden"), "filtered by GET");
    for function in ["change", "save", "restore"] {
        let path = format!("/_fn/countries-{function}");
        let answer = desk.site.ask(post(&path, &[]).cookie(&auditor)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{function}");
    }
}
