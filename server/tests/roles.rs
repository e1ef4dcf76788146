//! Every way in stands in the table of doors, and opens to whom it should and to nobody else:
//! rows against the router, the server functions and the commands as they are at run time, then
//! every caller at every door by real requests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use app::Assets;
use clap::CommandFactory as _;
use common::{Answer, Ask, Site};
use domain::doors::{DOORS, Door, Found, Kind, find, find_command};
use domain::roles::{Need, Role, Scope};
use http::{Method, StatusCode};
use sqlx::PgPool;
use std::collections::BTreeSet;
use tollwarden_server::cli::Cli;
use tollwarden_server::router::routes;
use tollwarden_server::state::State;

use Opens::{All, Keys, Roles};
use Role::{Admin, Auditor, SecurityLead};

/// Who may pass: the contract's tables once more, written out door by door.
#[derive(Debug, Clone, Copy)]
enum Opens {
    All,
    Roles(&'static [Role]),
    Keys(&'static [Scope]),
}

const EVERY_ROLE: Opens = Roles(&[Admin, SecurityLead, Auditor]);
const ADMIN: Opens = Roles(&[Admin]);
const GUARD: Opens = Roles(&[Admin, SecurityLead]);
const SEND: Opens = Keys(&[Scope::EventsWrite]);
const ADMIN_KEY: Opens = Keys(&[Scope::Admin]);
const REPORT: Opens = Keys(&[Scope::ReportsWrite]);
const READ: Opens = Keys(&[Scope::Read, Scope::Numbers]);
const BLOCKED: Opens = Keys(&[Scope::BlocksRead]);
const FIGURES: Opens = Keys(&[Scope::Metrics]);
const MANAGE: Opens = Keys(&[Scope::Admin]);
const PROVE: Opens = Keys(&[Scope::DecisionsWrite]);

/// Method, the router's path, a path to ask for, who may.
const EXPECTED: &[(&str, &str, &str, Opens)] = &[
    ("GET", "/", "/?range=7d", EVERY_ROLE),
    ("GET", "/account", "/account", EVERY_ROLE),
    ("GET", "/account/confirm", "/account/confirm?next=%2Fsettings", EVERY_ROLE),
    ("GET", "/api/docs", "/api/docs", All),
    ("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", All),
    ("GET", "/audit", "/audit?activity=Signed+in", EVERY_ROLE),
    ("GET", "/audit/check", "/audit/check", EVERY_ROLE),
    ("GET", "/captcha", "/captcha", EVERY_ROLE),
    ("POST", "/_fn/captcha-challenge", "/_fn/captcha-challenge", EVERY_ROLE),
    ("POST", "/_fn/captcha-verify", "/_fn/captcha-verify", EVERY_ROLE),
    ("GET", "/reset/{token}", "/reset/0123", All),
    ("GET", "/countries", "/countries?channel=sms", EVERY_ROLE),
    (
        "GET",
        "/countries/custom-policy.xml",
        "/countries/custom-policy.xml?channel=voice&language=en",
        EVERY_ROLE,
    ),
    ("GET", "/countries/external-id.json", "/countries/external-id.json", EVERY_ROLE),
    ("GET", "/countries/language-file", "/countries/language-file", EVERY_ROLE),
    (
        "GET",
        "/countries/language-file/new",
        "/countries/language-file/new?channel=voice",
        EVERY_ROLE,
    ),
    ("POST", "/countries/language-file", "/countries/language-file", GUARD),
    ("POST", "/_fn/countries-change", "/_fn/countries-change", GUARD),
    ("POST", "/_fn/countries-save", "/_fn/countries-save", GUARD),
    ("POST", "/_fn/countries-restore", "/_fn/countries-restore", GUARD),
    ("GET", "/rules", "/rules?tab=numbers", EVERY_ROLE),
    ("GET", "/rules/figures", "/rules/figures?draft=0", GUARD),
    ("GET", "/rules/numbers.csv", "/rules/numbers.csv", GUARD),
    ("GET", "/rules/prices.csv", "/rules/prices.csv", GUARD),
    ("POST", "/rules/numbers", "/rules/numbers", GUARD),
    ("POST", "/rules/prices", "/rules/prices", GUARD),
    ("POST", "/_fn/rules-change", "/_fn/rules-change", GUARD),
    ("POST", "/_fn/rules-save", "/_fn/rules-save", GUARD),
    ("POST", "/_fn/rules-restore", "/_fn/rules-restore", GUARD),
    ("POST", "/_fn/rules-kill", "/_fn/rules-kill", GUARD),
    ("POST", "/_fn/rules-resume", "/_fn/rules-resume", GUARD),
    ("POST", "/_fn/rules-try", "/_fn/rules-try", GUARD),
    ("POST", "/_fn/rules-numbers", "/_fn/rules-numbers", GUARD),
    ("POST", "/_fn/rules-prices", "/_fn/rules-prices", GUARD),
    ("GET", "/fraud-alerts", "/fraud-alerts", EVERY_ROLE),
    ("GET", "/fraud-alerts/{id}", "/fraud-alerts/00000000-0000-0000-0000-000000000001", EVERY_ROLE),
    ("GET", "/set-up/{token}", "/set-up/0123", All),
    ("GET", "/notifications", "/notifications", EVERY_ROLE),
    ("GET", "/reports", "/reports", EVERY_ROLE),
    ("GET", "/stop/{token}", "/stop/0123", All),
    ("GET", "/settings", "/settings", EVERY_ROLE),
    ("GET", "/sign-in", "/sign-in", All),
    ("GET", "/sign-ins", "/sign-ins?range=7d", EVERY_ROLE),
    ("GET", "/attempts/{id}", "/attempts/00000000-0000-0000-0000-000000000001", EVERY_ROLE),
    ("GET", "/numbers/{handle}", "/numbers/n_0123", EVERY_ROLE),
    ("GET", "/ips/{ip}", "/ips/2001:db8::1", EVERY_ROLE),
    ("GET", "/users/{handle}", "/users/u_0123?range=7d", EVERY_ROLE),
    ("POST", "/_fn/reveal-number", "/_fn/reveal-number", EVERY_ROLE),
    ("GET", "/search", "/search?q=anna", EVERY_ROLE),
    ("POST", "/_fn/search-unblock", "/_fn/search-unblock", GUARD),
    ("POST", "/_fn/search-bypass", "/_fn/search-bypass", GUARD),
    ("GET", "/export/{report}", "/export/ip-failures", EVERY_ROLE),
    (
        "GET",
        "/imports/{id}/rejected",
        "/imports/00000000-0000-0000-0000-000000000001/rejected",
        EVERY_ROLE,
    ),
    ("GET", "/settings/imports", "/settings/imports", EVERY_ROLE),
    ("GET", "/live", "/live", EVERY_ROLE),
    ("GET", "/tiles/{tile}", "/tiles/ip-failures", EVERY_ROLE),
    ("POST", "/imports", "/imports", ADMIN),
    ("POST", "/_fn/erase-person", "/_fn/erase-person", ADMIN),
    ("POST", "/_fn/recipient-add", "/_fn/recipient-add", GUARD),
    ("POST", "/_fn/recipient-change", "/_fn/recipient-change", GUARD),
    ("POST", "/_fn/recipient-pause", "/_fn/recipient-pause", GUARD),
    ("POST", "/_fn/recipient-test", "/_fn/recipient-test", GUARD),
    ("POST", "/_fn/recipient-secret", "/_fn/recipient-secret", GUARD),
    ("POST", "/_fn/recipient-remove", "/_fn/recipient-remove", GUARD),
    ("POST", "/_fn/message-resend", "/_fn/message-resend", GUARD),
    ("POST", "/_fn/notification-kinds", "/_fn/notification-kinds", GUARD),
    ("POST", "/_fn/add-account", "/_fn/add-account", ADMIN),
    ("POST", "/_fn/change-role", "/_fn/change-role", ADMIN),
    ("POST", "/_fn/disable-account", "/_fn/disable-account", ADMIN),
    ("POST", "/_fn/end-account-session", "/_fn/end-account-session", ADMIN),
    ("POST", "/_fn/end-other-sessions", "/_fn/end-other-sessions", EVERY_ROLE),
    ("POST", "/_fn/end-session", "/_fn/end-session", EVERY_ROLE),
    ("POST", "/_fn/end-sessions", "/_fn/end-sessions", ADMIN),
    ("POST", "/_fn/make-key", "/_fn/make-key", ADMIN),
    ("POST", "/_fn/reset", "/_fn/reset", All),
    ("POST", "/_fn/reset-account", "/_fn/reset-account", ADMIN),
    ("POST", "/_fn/revoke-key", "/_fn/revoke-key", ADMIN),
    ("POST", "/_fn/confirm", "/_fn/confirm", EVERY_ROLE),
    ("POST", "/_fn/change-password", "/_fn/change-password", EVERY_ROLE),
    ("POST", "/_fn/block", "/_fn/block", GUARD),
    ("POST", "/_fn/block-many", "/_fn/block-many", GUARD),
    ("POST", "/_fn/unblock", "/_fn/unblock", GUARD),
    ("POST", "/_fn/lift-blocks", "/_fn/lift-blocks", GUARD),
    ("POST", "/_fn/give-bypass", "/_fn/give-bypass", GUARD),
    ("POST", "/_fn/end-bypass", "/_fn/end-bypass", GUARD),
    ("POST", "/_fn/join-names", "/_fn/join-names", GUARD),
    ("POST", "/_fn/part-name", "/_fn/part-name", GUARD),
    ("POST", "/_fn/handle-report", "/_fn/handle-report", GUARD),
    ("POST", "/_fn/save-fraud-alerts", "/_fn/save-fraud-alerts", ADMIN),
    ("POST", "/_fn/save-names", "/_fn/save-names", ADMIN),
    ("POST", "/_fn/restore-fraud-alerts", "/_fn/restore-fraud-alerts", ADMIN),
    ("POST", "/_fn/set-up", "/_fn/set-up", All),
    ("POST", "/_fn/sign-in", "/_fn/sign-in", All),
    ("POST", "/_fn/sign-out", "/_fn/sign-out", EVERY_ROLE),
    ("POST", "/_fn/theme", "/_fn/theme", All),
    ("POST", "/_fn/time-zone", "/_fn/time-zone", EVERY_ROLE),
    ("POST", "/_fn/verify-audit", "/_fn/verify-audit", EVERY_ROLE),
    ("POST", "/api/v1/events", "/api/v1/events", SEND),
    ("POST", "/api/v1/fraud-reports", "/api/v1/fraud-reports", REPORT),
    ("GET", "/api/v1/settings/{section}", "/api/v1/settings/fraud-alerts", ADMIN_KEY),
    ("PUT", "/api/v1/settings/{section}", "/api/v1/settings/fraud-alerts", ADMIN_KEY),
    ("POST", "/api/v1/sources/azure", "/api/v1/sources/azure", SEND),
    ("GET", "/api/v1/reports/{name}", "/api/v1/reports/ip-failures", READ),
    ("GET", "/api/v1/users/{user}/block", "/api/v1/users/ann%40example.com/block", BLOCKED),
    ("GET", "/api/v1/blocks", "/api/v1/blocks", MANAGE),
    ("POST", "/api/v1/blocks", "/api/v1/blocks", MANAGE),
    ("DELETE", "/api/v1/blocks/{id}", "/api/v1/blocks/0?reason=x", MANAGE),
    ("GET", "/api/v1/recipients", "/api/v1/recipients", MANAGE),
    ("POST", "/api/v1/recipients", "/api/v1/recipients", MANAGE),
    ("PATCH", "/api/v1/recipients/{id}", "/api/v1/recipients/0", MANAGE),
    ("DELETE", "/api/v1/recipients/{id}", "/api/v1/recipients/0", MANAGE),
    ("POST", "/stop/{token}", "/stop/0123", All),
    ("POST", "/api/v1/decisions", "/api/v1/decisions", PROVE),
    ("POST", "/api/v1/b2c/validate-phone", "/api/v1/b2c/validate-phone", PROVE),
    ("GET", "/api/v1/captcha/challenge", "/api/v1/captcha/challenge?phone=+14155550100", PROVE),
    ("POST", "/api/v1/captcha/verify", "/api/v1/captcha/verify", PROVE),
    ("GET", "/api/v1/bypasses", "/api/v1/bypasses", MANAGE),
    ("POST", "/api/v1/bypasses", "/api/v1/bypasses", MANAGE),
    ("DELETE", "/api/v1/bypasses/{id}", "/api/v1/bypasses/0?reason=x", MANAGE),
    ("GET", "/metrics", "/metrics", FIGURES),
    ("GET", "/healthz", "/healthz", All),
    ("GET", "/pkg/{*path}", "/pkg/0/none.js", All),
    ("GET", "/readyz", "/readyz", All),
];

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_route_has_a_row_and_every_row_a_route(pool: PgPool) {
    let site = Site::new(pool).await;
    let state = State::new(site.engine.clone(), Assets::default());
    let listed: BTreeSet<(String, String)> =
        routes(&state).into_iter().map(|(method, path)| (method.to_string(), path)).collect();
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        assert!(listed.contains(&(method.to_string(), path.to_owned())), "{path} is not routed");
        assert!(path.starts_with("/_fn/"), "{path} lies outside our prefix");
    }
    for (method, path) in &listed {
        let row = find(method, path);
        assert!(matches!(row, Found::Door(_)), "{method} {path} has no row in domain::doors");
    }
    for door in http_doors() {
        let row = (door.method.to_owned(), door.path.to_owned());
        assert!(listed.contains(&row), "{} {} has a row and no route", door.method, door.path);
    }
}

#[test]
fn every_command_has_a_row_and_every_row_a_command() {
    let mut commands = BTreeSet::new();
    leaves(&Cli::command(), String::new(), &mut commands);
    for words in &commands {
        let row = find_command(words);
        assert!(row.is_some_and(|door| door.need == Need::Shell), "`{words}` has no row");
    }
    for door in DOORS.iter().filter(|door| door.kind == Kind::Command) {
        assert!(commands.contains(door.path), "`{}` has a row and is no command", door.path);
    }
}

/// The words of every command that has none below it.
fn leaves(command: &clap::Command, before: String, into: &mut BTreeSet<String>) {
    let below: Vec<_> =
        command.get_subcommands().filter(|command| command.get_name() != "help").collect();
    if below.is_empty() {
        into.insert(before.clone());
    }
    for command in below {
        leaves(command, format!("{before} {}", command.get_name()).trim().to_owned(), into);
    }
}

#[test]
fn every_door_is_expected_here() {
    let expected: BTreeSet<_> = EXPECTED.iter().map(|&(method, path, ..)| (method, path)).collect();
    let doors: BTreeSet<_> = http_doors().map(|door| (door.method, door.path)).collect();
    assert_eq!(doors, expected);
}

fn http_doors() -> impl Iterator<Item = &'static Door> {
    DOORS.iter().filter(|door| door.kind != Kind::Command)
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn roles_pass_where_they_may_and_nowhere_else(pool: PgPool) {
    let site = Site::new(pool).await;
    for &role in Role::ALL {
        let email = format!("{role}@example.com");
        site.account(&email, role).await;
        for &(method, path, address, opens) in EXPECTED {
            // A session of its own each time: signing out is among the doors.
            let cookie = site.sign_in(&email).await;
            let answer = site.ask(ask(method, address).cookie(&cookie)).await;
            let may = match opens {
                All => true,
                Roles(roles) => roles.contains(&role),
                Keys(_) => false,
            };
            check(&format!("{role} at {method} {path}"), &answer, may);
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn strangers_pass_only_what_is_open(pool: PgPool) {
    let site = Site::new(pool).await;
    for &(method, path, address, opens) in EXPECTED {
        let answer = site.ask(ask(method, address)).await;
        check(&format!("a stranger at {method} {path}"), &answer, matches!(opens, All));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn scopes_pass_where_they_may_and_nowhere_else(pool: PgPool) {
    let site = Site::new(pool).await;
    for &scope in Scope::ALL {
        let key = site.key(&format!("key {}", scope.as_str().replace(':', " ")), &[scope]).await;
        for &(method, path, address, opens) in EXPECTED {
            let answer = site.ask(ask(method, address).key(&key)).await;
            let may = match opens {
                All => true,
                Roles(_) => false,
                Keys(scopes) => scopes.contains(&scope),
            };
            check(&format!("{scope} at {method} {path}"), &answer, may);
        }
    }
}

/// Asks as a program would, whose refusals are plain.
fn ask(method: &str, address: &str) -> Ask {
    let ask = Ask::new(Method::from_bytes(method.as_bytes()).unwrap(), address);
    match method {
        "POST" => ask.header("content-type", "application/x-www-form-urlencoded"),
        _ => ask,
    }
}

/// What is refused is refused by the guard; what passes gets whatever the handler says.
fn check(who: &str, answer: &Answer, may: bool) {
    let to_sign_in = answer.location().starts_with("/sign-in?next=");
    let refused = to_sign_in
        || answer.location() == "/sign-in" && answer.header("set-cookie").is_empty()
        || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
    assert_eq!(!refused, may, "{who}: {} {}", answer.status, answer.text);
    assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{who}");
    if may {
        assert!(
            answer.status.as_u16() < 500 || who.ends_with("/metrics"),
            "{who}: {}",
            answer.text
        );
    }
}
