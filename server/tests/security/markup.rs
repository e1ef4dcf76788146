//! What people type stays text on pages.

use super::*;
use common::desk::Console;

const HOSTILE: &str = "x</textarea><b>";

/// A function, its fields, and the page that shows them if it is not the one it leads to.
type FormCase = (&'static str, &'static [(&'static str, &'static str)], Option<&'static str>);

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn text_areas_show_text(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let forms: [FormCase; 5] = [
        (
            "rules-change",
            &[
                ("place", "user_message.texts.new"),
                ("language", "fr"),
                ("deny", HOSTILE),
                ("delay", "in {minutes}"),
                ("challenge", "solve"),
            ],
            Some("/rules?tab=messages&edit=user_message.texts.fr"),
        ),
        ("rules-numbers", &[("list", HOSTILE)], None),
        ("rules-prices", &[("list", HOSTILE)], None),
        ("block-many", &[("list", HOSTILE), ("kind", "number"), ("reason", "test")], None),
        ("captcha-verify", &[("phone", "+14155550100"), ("token", HOSTILE)], None),
    ];
    for (function, fields, then) in forms {
        let answer = post(&format!("/_fn/{function}"), fields).cookie(&desk.cookie);
        let answer = desk.site.ask(answer).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{function}: {}", answer.text);
        let path = then.unwrap_or(answer.location()).split('#').next().unwrap().to_owned();
        let page = desk.site.ask(get(&path).cookie(&desk.cookie)).await.text;
        let area = page.split("<textarea").any(|area| {
            let content = area.split_once('>').map(|(_, content)| content);
            content.is_some_and(|content| content.contains("x&lt;/textarea&gt;&lt;b&gt;"))
        });
        assert!(area && !page.contains(HOSTILE), "{function}: {path}: {page}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn zero_bytes_fail_nothing(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let fields = [("place", "a\0b"), ("a\0b", "c\0")];
    for function in ["rules-change", "save-names", "revoke-key", "add-account", "part-name"] {
        for name in ["flow_ids[]", "key", "email"] {
            let fields: Vec<_> = fields.iter().copied().chain([(name, "a\0b")]).collect();
            let answer = post(&format!("/_fn/{function}"), &fields).cookie(&desk.cookie);
            let answer = desk.site.ask(answer).await;
            assert!(!answer.status.is_server_error(), "{function} {name}: {}", answer.text);
        }
    }
    for path in ["/audit?actor=%00", "/audit?object=a%00b", "/sign-ins?q=%00", "/?q=a%00"] {
        let page = desk.site.ask(get(path).cookie(&desk.cookie)).await;
        let failed = page.text.contains("could not be read. Reference");
        assert!(page.status.is_success() && !failed, "{path}: {}", page.text);
    }
}
