//! Every door is in the table of doors and lets in only those who may pass: the table is compared
//! with the router, the server functions and the commands, then every caller asks at every door.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use app::Assets;
use clap::CommandFactory as _;
use common::{TestRequest, TestResponse, TestServer};
use domain::doors::{DOORS, Door, DoorMatch, Kind, find};
use domain::roles::{Requirement, Role, Scope};
use http::{Method, StatusCode};
use sqlx::PgPool;
use std::collections::BTreeSet;
use tollwarden_server::cli::Cli;
use tollwarden_server::router::routes;
use tollwarden_server::state::State;

use Opens::{All, Keys, Roles};
use Role::{Admin, Auditor, SecurityLead};

/// Who may pass: the contract's tables again, door by door.
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
const REPORT: Opens = Keys(&[Scope::ReportsWrite]);
const READ: Opens = Keys(&[Scope::Read, Scope::Numbers]);
const BLOCKED: Opens = Keys(&[Scope::BlocksRead]);
const FIGURES: Opens = Keys(&[Scope::Metrics]);
const MANAGE: Opens = Keys(&[Scope::Admin]);
const PROVE: Opens = Keys(&[Scope::DecisionsWrite]);

/// Doors that are asked for at their own path: method, who may, paths.
const PLAIN: &[(&str, Opens, &str)] = &[
    ("GET", All, "/api/docs /api/v1/openapi.json /sign-in /healthz /readyz"),
    (
        "GET",
        EVERY_ROLE,
        "/account /audit/check /captcha /countries/external-id.json /countries/language-file \
         /fraud-alerts /notifications /reports /settings /settings/imports /live",
    ),
    ("GET", GUARD, "/rules/numbers.csv /rules/prices.csv"),
    ("POST", GUARD, "/countries/language-file /rules/numbers /rules/prices"),
    ("POST", ADMIN, "/imports"),
    ("POST", SEND, "/api/v1/events /api/v1/sources/azure"),
    ("POST", REPORT, "/api/v1/fraud-reports"),
    ("GET", MANAGE, "/api/v1/blocks /api/v1/recipients /api/v1/bypasses"),
    ("POST", MANAGE, "/api/v1/blocks /api/v1/recipients /api/v1/bypasses"),
    ("POST", PROVE, "/api/v1/decisions /api/v1/b2c/validate-phone /api/v1/captcha/verify"),
    ("GET", FIGURES, "/metrics"),
];

/// Server functions, `POST /_fn/…`: who may, names.
const FUNCTIONS: &[(Opens, &str)] = &[
    (All, "reset set-up sign-in theme"),
    (
        EVERY_ROLE,
        "captcha-challenge captcha-verify reveal-number end-other-sessions end-session confirm \
         change-password sign-out time-zone verify-audit",
    ),
    (
        GUARD,
        "countries-change countries-save countries-restore rules-change rules-save \
         rules-restore rules-kill rules-resume rules-try rules-numbers rules-prices \
         search-unblock search-bypass recipient-add recipient-change recipient-pause \
         recipient-test recipient-secret recipient-remove message-resend notification-kinds \
         block block-many unblock lift-blocks give-bypass end-bypass join-names part-name \
         handle-report",
    ),
    (
        ADMIN,
        "erase-person add-account change-role disable-account end-account-session end-sessions \
         make-key reset-account revoke-key save-fraud-alerts save-names restore-fraud-alerts",
    ),
];

/// All other doors: method, the router's path, an address to ask for, who may.
const OTHERS: &[(&str, &str, &str, Opens)] = &[
    ("GET", "/", "/?range=7d", EVERY_ROLE),
    ("GET", "/account/confirm", "/account/confirm?next=%2Fsettings", EVERY_ROLE),
    ("GET", "/audit", "/audit?activity=Signed+in", EVERY_ROLE),
    ("GET", "/reset/{token}", "/reset/0123", All),
    ("GET", "/countries", "/countries?channel=sms", EVERY_ROLE),
    (
        "GET",
        "/countries/custom-policy.xml",
        "/countries/custom-policy.xml?channel=voice&language=en",
        EVERY_ROLE,
    ),
    (
        "GET",
        "/countries/language-file/new",
        "/countries/language-file/new?channel=voice",
        EVERY_ROLE,
    ),
    ("GET", "/rules", "/rules?tab=numbers", EVERY_ROLE),
    ("GET", "/rules/figures", "/rules/figures?draft=0", GUARD),
    ("GET", "/fraud-alerts/{id}", "/fraud-alerts/00000000-0000-0000-0000-000000000001", EVERY_ROLE),
    ("GET", "/set-up/{token}", "/set-up/0123", All),
    ("GET", "/stop/{token}", "/stop/0123", All),
    ("GET", "/sign-ins", "/sign-ins?range=7d", EVERY_ROLE),
    ("GET", "/attempts/{id}", "/attempts/00000000-0000-0000-0000-000000000001", EVERY_ROLE),
    ("GET", "/numbers/{handle}", "/numbers/n_0123", EVERY_ROLE),
    ("GET", "/ips/{ip}", "/ips/2001:db8::1", EVERY_ROLE),
    ("GET", "/users/{handle}", "/users/u_0123?range=7d", EVERY_ROLE),
    ("GET", "/search", "/search?q=anna", EVERY_ROLE),
    ("GET", "/export/{report}", "/export/ip-failures", EVERY_ROLE),
    (
        "GET",
        "/imports/{id}/rejected",
        "/imports/00000000-0000-0000-0000-000000000001/rejected",
        EVERY_ROLE,
    ),
    ("GET", "/tiles/{tile}", "/tiles/ip-failures", EVERY_ROLE),
    ("GET", "/api/v1/settings/{section}", "/api/v1/settings/fraud-alerts", MANAGE),
    ("PUT", "/api/v1/settings/{section}", "/api/v1/settings/fraud-alerts", MANAGE),
    ("GET", "/api/v1/reports/{name}", "/api/v1/reports/ip-failures", READ),
    ("GET", "/api/v1/users/{user}/block", "/api/v1/users/ann%40example.com/block", BLOCKED),
    ("DELETE", "/api/v1/blocks/{id}", "/api/v1/blocks/0?reason=x", MANAGE),
    ("PATCH", "/api/v1/recipients/{id}", "/api/v1/recipients/0", MANAGE),
    ("DELETE", "/api/v1/recipients/{id}", "/api/v1/recipients/0", MANAGE),
    ("POST", "/stop/{token}", "/stop/0123", All),
    ("GET", "/api/v1/captcha/challenge", "/api/v1/captcha/challenge?phone=+14155550100", PROVE),
    ("DELETE", "/api/v1/bypasses/{id}", "/api/v1/bypasses/0?reason=x", MANAGE),
    ("GET", "/pkg/{*path}", "/pkg/0/none.js", All),
];

/// All doors: method, path, an address to ask for, who may.
fn expected() -> Vec<(&'static str, String, String, Opens)> {
    let mut all = Vec::new();
    for &(method, opens, paths) in PLAIN {
        let paths = paths.split_whitespace().map(str::to_owned);
        all.extend(paths.map(|path| (method, path.clone(), path, opens)));
    }
    for &(opens, names) in FUNCTIONS {
        let paths = names.split_whitespace().map(|name| format!("/_fn/{name}"));
        all.extend(paths.map(|path| ("POST", path.clone(), path, opens)));
    }
    for &(method, path, address, opens) in OTHERS {
        all.push((method, path.to_owned(), address.to_owned(), opens));
    }
    all
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_route_has_a_row_and_every_row_a_route(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let state = State::new(site.engine.clone(), Assets::default());
    let listed: BTreeSet<(String, String)> =
        routes(&state).into_iter().map(|(method, path)| (method.to_string(), path)).collect();
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        assert!(listed.contains(&(method.to_string(), path.to_owned())), "{path} is not routed");
        assert!(path.starts_with("/_fn/"), "{path} lies outside our prefix");
    }
    for (method, path) in &listed {
        let row = find(method, path);
        assert!(matches!(row, DoorMatch::Door(_)), "{method} {path} has no row in domain::doors");
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
        let row = DOORS.iter().find(|door| door.kind == Kind::Command && door.path == words);
        assert!(row.is_some_and(|door| door.need == Requirement::Shell), "`{words}` has no row");
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
    let expected: BTreeSet<_> =
        expected().into_iter().map(|(method, path, ..)| (method, path)).collect();
    let doors: BTreeSet<_> = http_doors().map(|door| (door.method, door.path.to_owned())).collect();
    assert_eq!(doors, expected);
}

fn http_doors() -> impl Iterator<Item = &'static Door> {
    DOORS.iter().filter(|door| door.kind != Kind::Command)
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn roles_pass_where_they_may_and_nowhere_else(pool: PgPool) {
    let site = TestServer::new(pool).await;
    for &role in Role::ALL {
        let email = format!("{role}@example.com");
        site.account(&email, role).await;
        for (method, path, address, opens) in expected() {
            // A session of its own each time: signing out is among the doors.
            let cookie = site.sign_in(&email).await;
            let answer = site.ask(ask(method, &address).cookie(&cookie)).await;
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
    let site = TestServer::new(pool).await;
    for (method, path, address, opens) in expected() {
        let answer = site.ask(ask(method, &address)).await;
        check(&format!("a stranger at {method} {path}"), &answer, matches!(opens, All));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn scopes_pass_where_they_may_and_nowhere_else(pool: PgPool) {
    let site = TestServer::new(pool).await;
    for &scope in Scope::ALL {
        let key = site.key(&format!("key {}", scope.as_str().replace(':', " ")), &[scope]).await;
        for (method, path, address, opens) in expected() {
            let answer = site.ask(ask(method, &address).key(&key)).await;
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
fn ask(method: &str, address: &str) -> TestRequest {
    let ask = TestRequest::new(Method::from_bytes(method.as_bytes()).unwrap(), address);
    match method {
        "POST" => ask.header("content-type", "application/x-www-form-urlencoded"),
        _ => ask,
    }
}

/// Refusals come from the guard; what passes gets any answer of the handler.
fn check(who: &str, answer: &TestResponse, may: bool) {
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
