//! The table of doors: pages, forms, API endpoints and commands, with the permissions they need.
//! The server's guard refuses everything without a row here; a test compares the rows with the
//! router, the server functions and the commands at run time.

use crate::roles::{Permission, Requirement, Scope};

/// The kind of door: decides how a refusal is answered and what else is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page of the console; refusals are pages, or redirect to the sign-in.
    Page,
    /// A fragment or a download that a page requests.
    Part,
    /// A server function, which takes a form.
    Form,
    /// A form with a file, which is read as it arrives.
    Upload,
    /// JSON, authenticated only by API key.
    Api,
    /// Files and probes, the same for everybody.
    Open,
    /// A command of the binary.
    Command,
}

/// A page, form, endpoint or command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// Decides how a refusal is answered.
    pub kind: Kind,
    /// The HTTP method; empty for commands. `GET` stands for `HEAD` too.
    pub method: &'static str,
    /// The router's path (`/set-up/{token}`), or the command's words (`user add`).
    pub path: &'static str,
    /// The permission or scope that it requires.
    pub need: Requirement,
    /// Most bytes of a request's body; `u64`, because the browser build has 32 bits.
    pub body: u64,
    /// Whether the key may also come by basic auth, for callers that support nothing else.
    pub basic: bool,
    /// For forms that need a recent password (see [`crate::accounts::is_fresh`]): the form to
    /// return to with the input.
    pub ask_again: Option<AskAgain>,
}

/// A form that needs a recent password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskAgain {
    /// The address of its page, for when the browser does not send it.
    pub page: &'static str,
    /// Its name on that page.
    pub form: &'static str,
}

impl AskAgain {
    /// The page's path without its query.
    pub fn path(&self) -> &'static str {
        self.page.split('?').next().unwrap_or(self.page)
    }
}

/// Bytes of an ordinary form; its longest field is a path to go on to.
const FORM: u64 = 64 << 10;
/// Bytes of a list of number rules or prices.
const LIST: u64 = 4 << 20;
/// Bytes of a section of settings: tens of thousands of number rules and prices.
const SETTINGS: u64 = 4 << 20;
/// Bytes of a form with a language file: far more than such a file has, so that the page can say
/// that a wrong file is too large.
const LANGUAGE_FILE: u64 = 64 << 20;
/// Bytes of a fraud report or a decision request.
const REPORT: u64 = 16 << 10;
/// Bytes of a batch of events: one MiB above the limit of the contract's section 3, so that the
/// handler can answer.
const BATCH: u64 = 33 << 20;
/// Bytes of the largest log that the console accepts; larger ones need `tollwarden import`.
const UPLOAD: u64 = 8 << 30;
/// For requests without a body.
const EMPTY: u64 = 0;

const fn door(
    kind: Kind,
    method: &'static str,
    path: &'static str,
    need: Requirement,
    body: u64,
) -> Door {
    Door { kind, method, path, need, body, basic: false, ask_again: None }
}

const fn page(path: &'static str, need: Requirement) -> Door {
    door(Kind::Page, "GET", path, need, EMPTY)
}

const fn part(path: &'static str, need: Requirement) -> Door {
    door(Kind::Part, "GET", path, need, EMPTY)
}

const fn form(path: &'static str, need: Requirement) -> Door {
    door(Kind::Form, "POST", path, need, FORM)
}

/// A form that needs a recent password: `form` is its name on `page`.
const fn again(page: &'static str, form: &'static str, door: Door) -> Door {
    Door { ask_again: Some(AskAgain { page, form }), ..door }
}

const fn api(method: &'static str, path: &'static str, scope: Scope, body: u64) -> Door {
    door(Kind::Api, method, path, Requirement::Key(scope), body)
}

const fn open(path: &'static str) -> Door {
    door(Kind::Open, "GET", path, Requirement::Nothing, EMPTY)
}

const fn command(path: &'static str) -> Door {
    door(Kind::Command, "", path, Requirement::Shell, EMPTY)
}

const SEE: Requirement = Requirement::Session(Permission::See);
const SET_UP: Requirement = Requirement::Session(Permission::SetUp);
const GUARD: Requirement = Requirement::Session(Permission::Guard);
const OWN: Requirement = Requirement::Session(Permission::OwnAccount);

/// The stream that tells open pages that something is new.
pub const LIVE: &str = "/live";

const NOTIFICATIONS: &str = "/notifications";
const ACCOUNTS: &str = "/settings?tab=accounts";
const KEYS: &str = "/settings?tab=keys";

/// Every door.
pub const DOORS: &[Door] = &[
    page("/", SEE),
    page("/account", OWN),
    page("/account/confirm", OWN),
    page("/api/docs", Requirement::Nothing),
    page("/audit", SEE),
    page("/captcha", SEE),
    page("/countries", SEE),
    page("/reset/{token}", Requirement::Nothing),
    page("/fraud-alerts", SEE),
    page("/fraud-alerts/{id}", SEE),
    page("/set-up/{token}", Requirement::Nothing),
    page("/notifications", SEE),
    page("/stop/{token}", Requirement::Nothing),
    page("/reports", SEE),
    page("/rules", SEE),
    page("/search", SEE),
    page("/settings", SEE),
    page("/sign-in", Requirement::Nothing),
    page("/sign-ins", SEE),
    page("/attempts/{id}", SEE),
    page("/numbers/{handle}", SEE),
    page("/ips/{ip}", SEE),
    page("/users/{handle}", SEE),
    form("/_fn/reveal-number", SEE),
    form("/_fn/captcha-challenge", SEE),
    form("/_fn/captcha-verify", SEE),
    form("/_fn/search-unblock", GUARD),
    form("/_fn/search-bypass", GUARD),
    part("/audit/check", SEE),
    part("/countries/custom-policy.xml", SEE),
    part("/countries/external-id.json", SEE),
    part("/countries/language-file", SEE),
    part("/countries/language-file/new", SEE),
    part("/rules/figures", GUARD),
    part("/rules/numbers.csv", GUARD),
    part("/rules/prices.csv", GUARD),
    part("/export/{report}", SEE),
    part("/imports/{id}/rejected", SEE),
    part(LIVE, SEE),
    part("/settings/imports", SEE),
    part("/tiles/{tile}", SEE),
    Door { kind: Kind::Upload, body: UPLOAD, ..form("/imports", SET_UP) },
    Door { kind: Kind::Upload, body: LANGUAGE_FILE, ..form("/countries/language-file", GUARD) },
    form("/_fn/countries-change", GUARD),
    form("/_fn/countries-save", GUARD),
    form("/_fn/countries-restore", GUARD),
    Door { kind: Kind::Upload, body: LIST, ..form("/rules/numbers", GUARD) },
    Door { kind: Kind::Upload, body: LIST, ..form("/rules/prices", GUARD) },
    form("/_fn/rules-change", GUARD),
    form("/_fn/rules-save", GUARD),
    form("/_fn/rules-restore", GUARD),
    form("/_fn/rules-kill", GUARD),
    again("/rules", "rules", form("/_fn/rules-resume", GUARD)),
    form("/_fn/rules-try", GUARD),
    Door { body: LIST, ..form("/_fn/rules-numbers", GUARD) },
    Door { body: LIST, ..form("/_fn/rules-prices", GUARD) },
    form("/_fn/recipient-add", GUARD),
    again(NOTIFICATIONS, "change", form("/_fn/recipient-change", GUARD)),
    again(NOTIFICATIONS, "change", form("/_fn/recipient-pause", GUARD)),
    form("/_fn/recipient-test", GUARD),
    form("/_fn/recipient-secret", GUARD),
    again(NOTIFICATIONS, "change", form("/_fn/recipient-remove", GUARD)),
    form("/_fn/message-resend", GUARD),
    form("/_fn/notification-kinds", GUARD),
    again(ACCOUNTS, "add-account", form("/_fn/add-account", SET_UP)),
    form("/_fn/change-password", OWN),
    form("/_fn/confirm", OWN),
    again(ACCOUNTS, "account", form("/_fn/change-role", SET_UP)),
    again(ACCOUNTS, "account", form("/_fn/disable-account", SET_UP)),
    form("/_fn/end-session", OWN),
    form("/_fn/end-other-sessions", OWN),
    again(ACCOUNTS, "account", form("/_fn/end-account-session", SET_UP)),
    again(ACCOUNTS, "account", form("/_fn/end-sessions", SET_UP)),
    again("/settings?tab=privacy", "erase", form("/_fn/erase-person", SET_UP)),
    again(KEYS, "make-key", form("/_fn/make-key", SET_UP)),
    form("/_fn/reset", Requirement::Nothing),
    again(ACCOUNTS, "account", form("/_fn/reset-account", SET_UP)),
    again(KEYS, "key", form("/_fn/revoke-key", SET_UP)),
    form("/_fn/block", GUARD),
    form("/_fn/block-many", GUARD),
    form("/_fn/unblock", GUARD),
    form("/_fn/lift-blocks", GUARD),
    form("/_fn/give-bypass", GUARD),
    form("/_fn/end-bypass", GUARD),
    form("/_fn/join-names", GUARD),
    form("/_fn/part-name", GUARD),
    form("/_fn/handle-report", GUARD),
    form("/_fn/save-fraud-alerts", SET_UP),
    Door { body: LIST, ..form("/_fn/save-names", SET_UP) },
    form("/_fn/restore-fraud-alerts", SET_UP),
    form("/_fn/set-up", Requirement::Nothing),
    form("/_fn/sign-in", Requirement::Nothing),
    form("/_fn/sign-out", OWN),
    form("/_fn/theme", Requirement::Nothing),
    form("/_fn/time-zone", OWN),
    form("/_fn/verify-audit", SEE),
    api("POST", "/api/v1/events", Scope::EventsWrite, BATCH),
    api("POST", "/api/v1/fraud-reports", Scope::ReportsWrite, REPORT),
    api("GET", "/api/v1/settings/{section}", Scope::Admin, EMPTY),
    api("PUT", "/api/v1/settings/{section}", Scope::Admin, SETTINGS),
    api("POST", "/api/v1/sources/azure", Scope::EventsWrite, BATCH),
    api("GET", "/api/v1/reports/{name}", Scope::Read, EMPTY),
    api("GET", "/api/v1/users/{user}/block", Scope::BlocksRead, EMPTY),
    api("GET", "/api/v1/blocks", Scope::Admin, EMPTY),
    api("POST", "/api/v1/blocks", Scope::Admin, FORM),
    api("DELETE", "/api/v1/blocks/{id}", Scope::Admin, EMPTY),
    api("GET", "/api/v1/recipients", Scope::Admin, EMPTY),
    api("POST", "/api/v1/recipients", Scope::Admin, FORM),
    api("PATCH", "/api/v1/recipients/{id}", Scope::Admin, FORM),
    api("DELETE", "/api/v1/recipients/{id}", Scope::Admin, EMPTY),
    // One click in a mail program (RFC 8058): there is no session and no origin of ours; the link
    // itself is the proof.
    Door { method: "POST", ..open("/stop/{token}") },
    api("POST", "/api/v1/decisions", Scope::DecisionsWrite, REPORT),
    Door { basic: true, ..api("POST", "/api/v1/b2c/validate-phone", Scope::DecisionsWrite, FORM) },
    api("GET", "/api/v1/captcha/challenge", Scope::DecisionsWrite, EMPTY),
    api("POST", "/api/v1/captcha/verify", Scope::DecisionsWrite, FORM),
    api("GET", "/api/v1/bypasses", Scope::Admin, EMPTY),
    api("POST", "/api/v1/bypasses", Scope::Admin, FORM),
    api("DELETE", "/api/v1/bypasses/{id}", Scope::Admin, EMPTY),
    api("GET", "/metrics", Scope::Metrics, EMPTY),
    open("/api/v1/openapi.json"),
    open("/healthz"),
    open("/pkg/{*path}"),
    open("/readyz"),
    command("agents derive"),
    command("audit verify"),
    command("erase"),
    command("export"),
    command("import"),
    command("key create"),
    command("migrate"),
    command("number-data reset"),
    command("number-data update"),
    command("secret rotate"),
    command("serve"),
    command("settings set"),
    command("settings show"),
    command("simulate"),
    command("user add"),
];

/// The result of [`find`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoorMatch {
    /// The door of path and method.
    Door(&'static Door),
    /// The path has doors, but only for these methods.
    OtherMethods(Vec<&'static str>),
    /// The path has no door.
    Nothing,
}

/// Finds the door of an HTTP request by method and router path.
pub fn find(method: &str, path: &str) -> DoorMatch {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut others = Vec::new();
    for door in DOORS.iter().filter(|door| door.kind != Kind::Command && door.path == path) {
        if door.method == method {
            return DoorMatch::Door(door);
        }
        others.push(door.method);
    }
    if others.is_empty() { DoorMatch::Nothing } else { DoorMatch::OtherMethods(others) }
}

/// Whether a path can be a door's: without empty or dot segments, encoded or not, which
/// placeholders (`/fraud-alerts/{id}`) would match.
pub fn is_address(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let is_dots = |part: &str| {
        let part = part.to_ascii_lowercase().replace("%2e", ".");
        part == "." || part == ".."
    };
    rest.is_empty() || rest.split('/').all(|part| !part.is_empty() && !is_dots(part))
}

/// A path to go on to after signing in; `None` if it could lead to another site. Browsers drop tabs
/// and line breaks and read `\` as `/`, so those are refused.
pub fn local_path(path: &str) -> Option<&str> {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2_000
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    local.then_some(path)
}

#[cfg(test)]
mod tests;
