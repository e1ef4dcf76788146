//! The frame of every page: skip link, header, navigation, list of keyboard shortcuts.

use crate::ui::{Icon, Notice, NoticeKind, Sprite};
use crate::{form::last, search::HeaderSearch, theme::Theme, who};
use engine::accounts::Account;
use islands::Keys;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The navigation, in the contract's order: label, path and icon.
const PAGES: [(&str, &str, &str); 9] = [
    ("Workbook", "/", "workbook"),
    ("Fraud alerts", "/fraud-alerts", "fraud-alerts"),
    ("Countries", "/countries", "countries"),
    ("Rules", "/rules", "rules"),
    ("Notifications", "/notifications", "bell"),
    ("Sign-in log", "/sign-ins", "sign-ins"),
    ("Audit log", "/audit", "audit"),
    ("Reports", "/reports", "download"),
    ("Set-up", "/settings", "set-up"),
];

/// Keyboard shortcuts as the dialog lists them; `islands/src/browser/keys.rs` implements them.
const KEYS: &[(&[&str], &str)] = &[
    (&["/"], "Go to the first filter"),
    (&["s"], "Search"),
    (&["g", "w"], "Go to the workbook"),
    (&["g", "n"], "Go to notifications"),
    (&["g", "f"], "Go to fraud alerts"),
    (&["g", "c"], "Go to the countries"),
    (&["g", "r"], "Go to the rules"),
    (&["g", "i"], "Go to the sign-in log"),
    (&["g", "l"], "Go to the audit log"),
    (&["g", "p"], "Go to the reports"),
    (&["g", "s"], "Go to set-up"),
    (&["g", "a"], "Go to your account"),
    (&["?"], "Show keyboard shortcuts"),
    (&["Esc"], "Close menu or dialog"),
];

/// Everything around a page. There is no navigation unless an account is signed in.
#[component]
pub(crate) fn Layout(children: Children) -> impl IntoView {
    let account = who::account();
    let signed_in = account.is_some();
    let path = use_location().pathname.get_untracked();
    let page = page_class(&path);
    // The search page has its own box.
    let find = signed_in && path != crate::search::PATH;
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <Sprite/>
        <div class="frame" class:alone=!signed_in>
            <header class="top">
                {signed_in.then(|| view! {
                    <button type="button" class="nav-open" popovertarget="nav" aria-label="Menu">
                        <Icon name="menu"/>
                    </button>
                })}
                <a class="product" href="/"><Mark/>"Tollwarden"</a>
                {find.then(|| view! { <HeaderSearch/> })}
                <div class="top-tools">
                    <ThemeSwitch/>
                    {account.map(|account| view! { <AccountMenu account/> })}
                </div>
            </header>
            {signed_in.then(|| view! { <Navigation/> })}
            <main id="main" class=page tabindex="-1">
                {who::stray().map(|address| view! {
                    <Notice kind=NoticeKind::Warning>
                        "Requests with "<code>"X-Forwarded-For"</code>" come from "<code>{address.to_string()}</code>
                        ", which is not among "<code>"trusted_proxies"</code>". If that is your proxy, add it: until then, everybody behind it appears to have its address and shares its limits."
                    </Notice>
                })}
                {last().is_again().then(|| view! {
                    <Notice>
                        "Password confirmed. Nothing has been changed yet: check the form and \
                         submit it again."
                    </Notice>
                })}
                {children()}
            </main>
        </div>
        <KeyList/>
        <Keys/>
    }
}

/// The class of a page's rules in `style/`, named as the page's folder here; chosen by the first
/// segment of the path.
fn page_class(path: &str) -> Option<&'static str> {
    Some(match path.split('/').nth(1).unwrap_or_default() {
        "" => "page-workbook",
        "account" | "reset" | "set-up" | "sign-in" => "page-accounts",
        "api" => "page-api_docs",
        "attempts" | "sign-ins" => "page-sign_ins",
        "audit" => "page-audit",
        "captcha" => "page-captcha",
        "countries" => "page-countries",
        "fraud-alerts" => "page-fraud_alerts",
        "ips" | "numbers" | "users" => "page-profiles",
        "notifications" | "stop" => "page-notifications",
        "reports" => "page-reports",
        "rules" => "page-rules",
        "search" => "page-search",
        "settings" => "page-settings",
        _ => return None,
    })
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg
            class="mark" viewBox="0 0 24 24" aria-hidden="true"
            inner_html="<rect width='24' height='24' rx='6'/><path d='M6.5 17v-6M12 17V7M17.5 17v-4'/>"
        ></svg>
    }
}

/// A column, or on small screens a popover that a button opens.
#[component]
fn Navigation() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let items = PAGES
        .map(|(label, page, icon)| {
            // A report's page belongs to the fraud alerts, an attempt's and a
            // number's to the sign-in log.
            let inside = path.strip_prefix(page).is_some_and(|rest| rest.starts_with('/'))
                || (page == "/sign-ins"
                    && ["/attempts/", "/numbers/", "/ips/", "/users/"]
                        .iter()
                        .any(|below| path.starts_with(below)));
            let here = if path == page { Some("page") } else { inside.then_some("true") };
            view! {
                <li>
                    <a href=page aria-current=here title=label>
                        <Icon name=icon/>
                        <span>{label}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav id="nav" class="nav" aria-label="Pages" popover="auto"><ul>{items}</ul></nav> }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let now = Theme::of_request();
    let buttons = [
        (Theme::Light, "sun", "Light"),
        (Theme::Dark, "moon", "Dark"),
        (Theme::Auto, "auto", "System"),
    ]
    .map(|(theme, icon, label)| {
        view! {
            <button
                name="theme" value=theme.as_str() title=label aria-label=label
                aria-pressed=if theme == now { "true" } else { "false" }
            >
                <Icon name=icon/>
            </button>
        }
    })
    .collect_view();
    view! {
        <form method="post" action="/_fn/theme">
            <span class="switch" role="group" aria-label="Theme">{buttons}</span>
        </form>
    }
}

#[component]
fn AccountMenu(account: Account) -> impl IntoView {
    let role = who::role_name(account.role);
    view! {
        <details class="menu account-menu" name="menu">
            <summary class="pill plain">
                <Icon name="user"/>
                <span class="pill-text">{account.email.to_string()}</span>
                <Icon name="down"/>
            </summary>
            <div class="menu-panel">
                <p class="menu-note">"Signed in as " <b>{account.email.to_string()}</b><br/>{role}</p>
                <ul class="choices">
                    <li><a href="/account">"Your account"</a></li>
                    <li><a href="/account#time-zone">{format!("Time zone: {}", account.zone)}</a></li>
                </ul>
                <form method="post" action="/_fn/sign-out">
                    <button class="button"><Icon name="sign-out"/>"Sign out"</button>
                </form>
            </div>
        </details>
    }
}

/// The dialog that `?` opens.
#[component]
fn KeyList() -> impl IntoView {
    let rows = KEYS
        .iter()
        .map(|(keys, does)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
            view! { <div><dt>{keys}</dt><dd>{*does}</dd></div> }
        })
        .collect_view();
    view! {
        <dialog id="keys" class="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keyboard shortcuts"</h2>
            <dl>{rows}</dl>
            <form method="dialog"><button class="button">"Close"</button></form>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_the_class_of_their_style() {
        let style = concat!(env!("CARGO_MANIFEST_DIR"), "/../style");
        let below = ["/attempts/1", "/numbers/h", "/captcha", "/search", "/api/docs"];
        for path in PAGES.into_iter().map(|(_, path, _)| path).chain(below) {
            let class = page_class(path).unwrap_or_else(|| panic!("{path} has no class"));
            let file = format!("{style}/{}.css", class.trim_start_matches("page-"));
            let rules = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(rules.contains(&format!(":where(.{class}) {{")), "{class} is not in {file}");
        }
        assert_eq!(page_class("/nowhere"), None);
    }
}
