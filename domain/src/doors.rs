//! The table of doors: every way in, and what it asks of whoever knocks. The server's guard opens
//! nothing that has no row here, and a test takes the router, the server functions and the
//! commands as they are at run time and looks for their rows.

use crate::roles::{Need, Permission, Scope};

/// What sort of door: decides how a refusal is worded and what is checked besides `Need`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page of the console: refusals are pages, or the way to the sign-in.
    Page,
    /// A part of a page or a download that a page asks for.
    Part,
    /// A server function: takes a form.
    Form,
    /// A form with a file: read as it arrives.
    Upload,
    /// JSON, by key alone.
    Api,
    /// Files and probes: the same for everybody.
    Open,
    /// A command of the binary.
    Command,
}

/// One way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// Its sort.
    pub kind: Kind,
    /// The HTTP method; empty for commands. `GET` stands for `HEAD` too.
    pub method: &'static str,
    /// The path as the router has it (`/set-up/{token}`); a command's words (`user add`).
    pub path: &'static str,
    /// What it asks for.
    pub need: Need,
    /// Most bytes of a request's body. Also where the browser's half is built, for 32 bits.
    pub body: u64,
    /// Whether a key may be shown by basic auth too, for callers that can do nothing else.
    pub basic: bool,
    /// Set where the password must have been given lately (see [`crate::accounts::is_fresh`]):
    /// where the form stands that what was typed goes back to.
    pub ask_again: Option<AskAgain>,
}

/// A form that asks for the password again unless it was given lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskAgain {
    /// The address of its page, where the browser does not say which it was.
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

/// What a form may hold: the longest field is a path to go on to.
const FORM: u64 = 64 << 10;
/// What a list of number rules or prices may hold.
const LIST: u64 = 4 << 20;
/// What a section of settings may hold: tens of thousands of number rules and prices.
const SETTINGS: u64 = 4 << 20;
/// What a form with a language file may hold: far more than such a file has, so that whoever picks
/// a wrong file reads on the page that it is too large.
const LANGUAGE_FILE: u64 = 64 << 20;
/// What a fraud report may hold.
const REPORT: u64 = 16 << 10;
/// What a batch of events may hold: a mebibyte over the 32 of the contract's section 3, so that
/// the handler's own answer comes first.
const BATCH: u64 = 33 << 20;
/// The largest log that the console takes; larger ones go through `tollwarden import`.
const UPLOAD: u64 = 8 << 30;
/// What the browser's own requests carry: nothing.
const EMPTY: u64 = 0;

const fn door(kind: Kind, method: &'static str, path: &'static str, need: Need, body: u64) -> Door {
    Door { kind, method, path, need, body, basic: false, ask_again: None }
}

const fn page(path: &'static str, need: Need) -> Door {
    door(Kind::Page, "GET", path, need, EMPTY)
}

const fn part(path: &'static str, need: Need) -> Door {
    door(Kind::Part, "GET", path, need, EMPTY)
}

const fn form(path: &'static str, need: Need) -> Door {
    door(Kind::Form, "POST", path, need, FORM)
}

/// A form that needs the password given lately: `form` is its name on `page`.
const fn again(page: &'static str, form: &'static str, door: Door) -> Door {
    Door { ask_again: Some(AskAgain { page, form }), ..door }
}

const fn api(method: &'static str, path: &'static str, scope: Scope, body: u64) -> Door {
    door(Kind::Api, method, path, Need::Key(scope), body)
}

const fn open(path: &'static str) -> Door {
    door(Kind::Open, "GET", path, Need::Nothing, EMPTY)
}

const fn command(path: &'static str) -> Door {
    door(Kind::Command, "", path, Need::Shell, EMPTY)
}

const SEE: Need = Need::Session(Permission::See);
const SET_UP: Need = Need::Session(Permission::SetUp);
const GUARD: Need = Need::Session(Permission::Guard);
const OWN: Need = Need::Session(Permission::OwnAccount);

const NOTIFICATIONS: &str = "/notifications";
const ACCOUNTS: &str = "/settings?tab=accounts";
const KEYS: &str = "/settings?tab=keys";

/// Every door.
pub const DOORS: &[Door] = &[
    page("/", SEE),
    page("/account", OWN),
    page("/account/confirm", OWN),
    page("/api/docs", Need::Nothing),
    page("/audit", SEE),
    page("/captcha", SEE),
    page("/countries", SEE),
    page("/reset/{token}", Need::Nothing),
    page("/fraud-alerts", SEE),
    page("/fraud-alerts/{id}", SEE),
    page("/set-up/{token}", Need::Nothing),
    page("/notifications", SEE),
    page("/stop/{token}", Need::Nothing),
    page("/reports", SEE),
    page("/rules", SEE),
    page("/search", SEE),
    page("/settings", SEE),
    page("/sign-in", Need::Nothing),
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
    part("/live", SEE),
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
    form("/_fn/reset", Need::Nothing),
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
    form("/_fn/set-up", Need::Nothing),
    form("/_fn/sign-in", Need::Nothing),
    form("/_fn/sign-out", OWN),
    form("/_fn/theme", Need::Nothing),
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
    // One click in a mail program (RFC 8058): it has no session and no origin of ours, and the
    // link itself is the proof.
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

/// What the table says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Its door.
    Door(&'static Door),
    /// The path has doors, under these methods alone.
    OtherMethods(Vec<&'static str>),
    /// No door.
    Nothing,
}

/// The door of an HTTP request, by method and the router's own path.
pub fn find(method: &str, path: &str) -> Found {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut others = Vec::new();
    for door in DOORS.iter().filter(|door| door.kind != Kind::Command && door.path == path) {
        if door.method == method {
            return Found::Door(door);
        }
        others.push(door.method);
    }
    if others.is_empty() { Found::Nothing } else { Found::OtherMethods(others) }
}

/// Whether a request's path can be that of a door: none has an empty or a dot segment, encoded or
/// not, which a placeholder of the router's paths (`/fraud-alerts/{id}`) would take.
pub fn is_address(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let is_dots = |part: &str| {
        let part = part.to_ascii_lowercase().replace("%2e", ".");
        part == "." || part == ".."
    };
    rest.is_empty() || rest.split('/').all(|part| !part.is_empty() && !is_dots(part))
}

/// The door of a command, by its words (`user add`).
pub fn find_command(words: &str) -> Option<&'static Door> {
    DOORS.iter().find(|door| door.kind == Kind::Command && door.path == words)
}

/// A path of our own to go on to after signing in, or nothing: what another site could have
/// written into a link must not lead there. Browsers drop tabs and line breaks and read `\` as
/// `/`, so none of them may stand in it.
pub fn local_path(path: &str) -> Option<&str> {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2_000
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    local.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_door_stands_twice() {
        for (at, door) in DOORS.iter().enumerate() {
            let twice = DOORS[at + 1..]
                .iter()
                .any(|other| (other.method, other.path) == (door.method, door.path));
            assert!(!twice, "{} {}", door.method, door.path);
        }
    }

    #[test]
    fn head_goes_through_get() {
        assert_eq!(find("HEAD", "/healthz"), find("GET", "/healthz"));
        assert!(matches!(find("GET", "/healthz"), Found::Door(_)));
    }

    #[test]
    fn another_method_is_told_from_no_door() {
        assert_eq!(find("DELETE", "/api/v1/events"), Found::OtherMethods(vec!["POST"]));
        assert_eq!(find("GET", "/nowhere"), Found::Nothing);
        assert_eq!(find("", "user add"), Found::Nothing);
    }

    #[test]
    fn the_api_takes_keys_alone_and_nothing_else_takes_keys() {
        for door in DOORS {
            assert_eq!(
                door.kind == Kind::Api,
                matches!(door.need, Need::Key(_)),
                "{} {}",
                door.method,
                door.path
            );
        }
    }

    #[test]
    fn basic_auth_is_for_one_door() {
        for door in DOORS.iter().filter(|door| door.basic) {
            assert_eq!((door.kind, door.path), (Kind::Api, "/api/v1/b2c/validate-phone"));
            assert_eq!(door.need, Need::Key(Scope::DecisionsWrite));
        }
    }

    #[test]
    fn empty_and_dot_segments_are_no_address() {
        for path in ["/", "/audit", "/numbers/n_0", "/pkg/0/a.b.js", "/users/...", "/x/%2e%2ea"] {
            assert!(is_address(path), "{path}");
        }
        for path in ["", "*", "//", "/audit/", "//audit", "/a//b", "/.", "/./a", "/a/..", "/a/%2E."]
        {
            assert!(!is_address(path), "{path}");
        }
    }

    #[test]
    fn what_asks_again_is_a_form_of_a_page_that_there_is() {
        let mut asking = DOORS.iter().filter_map(|door| Some((door, door.ask_again?)));
        assert!(asking.clone().count() >= 8, "the doors of accounts and keys ask again");
        assert!(asking.all(|(door, ask)| {
            let page = find("GET", ask.path());
            let page = matches!(page, Found::Door(page) if page.kind == Kind::Page);
            // The guard has a form's body in hand, and nothing else's.
            door.kind == Kind::Form && page && local_path(ask.page).is_some()
        }));
    }

    #[test]
    fn only_our_own_paths_are_gone_on_to() {
        for path in ["/", "/?range=30d&tab=details", "/settings", "/a//b"] {
            assert_eq!(local_path(path), Some(path));
        }
        for path in [
            "",
            "settings",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil",
            "/a b",
            "/é",
        ] {
            assert_eq!(local_path(path), None, "{path:?}");
        }
    }
}
