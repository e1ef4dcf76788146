//! Wording of alerts: subject, plain text, and HTML that is readable without images in any client
//! (no images or tables, and inline styles only).

use super::{AlertKind, USERS_MAX, one_line};
use chrono::{DateTime, Utc};
use std::fmt::Write as _;

/// The kind of a test message, where alerts have theirs.
pub const TEST: &str = "test";
/// Maximum characters of a subject.
const SUBJECT_MAX: usize = 150;

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageContent {
    /// `None` for a test message.
    pub about: Option<AlertKind>,
    /// Number of alerts it covers.
    pub count: u64,
    /// Display names, at most 20.
    pub users: Vec<String>,
    /// The cause in one sentence; for several alerts, that of the first.
    pub line: String,
    /// The console path of the details.
    pub path: String,
}

/// Builds links from `public_url`, the only source of the console's address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links(Option<String>);

impl Links {
    /// `public_url` without a trailing slash; `None` makes links bare paths.
    pub fn new(public_url: Option<String>) -> Self {
        Self(public_url)
    }

    /// Whether links are absolute.
    pub fn are_whole(&self) -> bool {
        self.0.is_some()
    }

    /// The link to a console path.
    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_deref().unwrap_or_default())
    }
}

/// Who added the recipient; part of the first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// The account's name.
    pub by: String,
    /// When the recipient was added.
    pub at: DateTime<Utc>,
}

/// A worded mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// A single line, at most 150 characters.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl MessageContent {
    /// The subject line.
    pub fn subject(&self) -> String {
        let Some(kind) = self.about else { return "Test message from Tollwarden".to_owned() };
        let subject = match (self.count, self.users.first()) {
            (0 | 1, None) => kind.label().to_owned(),
            (0 | 1, Some(user)) => format!("{}: {user}", kind.label()),
            (count, _) => format!("{count} {}", kind.several()),
        };
        one_line(&subject, SUBJECT_MAX)
    }

    /// What happened, in one or two sentences.
    fn opening(&self) -> String {
        match (self.about, self.count) {
            (Some(kind), 2..) => {
                format!("{} {}. The first: {}", self.count, kind.several(), self.line)
            }
            _ => self.line.clone(),
        }
    }

    /// Heading of the list of users, if there is one.
    fn users_title(&self) -> Option<&'static str> {
        let listed = self.users.len() > 1 || (self.count > 1 && !self.users.is_empty());
        let more = self.users.len() == USERS_MAX && self.count > USERS_MAX as u64;
        listed.then_some(if more { "The first 20 users" } else { "Users" })
    }

    /// Words the mail for a recipient. `to` is its address, `stop` the path of its stop link;
    /// mandatory mail to admins has none.
    pub fn mail(
        &self,
        to: &str,
        links: &Links,
        greeting: Option<&Greeting>,
        stop: Option<&str>,
    ) -> Mail {
        let subject = self.subject();
        let opening = self.opening();
        let why = match greeting {
            Some(Greeting { by, at }) => format!(
                "This is the first message to {to}. {} added it to the recipients of Tollwarden's \
                 alerts on {}.",
                one_line(by, 320),
                at.format("%-d %b %Y, %H:%M UTC")
            ),
            None if stop.is_none() => {
                format!("{to} is an admin's address, and Tollwarden notifies every admin of this.")
            }
            None => format!("{to} is a recipient of Tollwarden's alerts."),
        };
        let (link, stop) = (links.to(&self.path), stop.map(|stop| links.to(stop)));
        let place = if links.are_whole() { "" } else { " in the console" };

        let mut text = format!("{opening}\n\n");
        if let Some(title) = self.users_title() {
            let _ = writeln!(text, "{title}:");
            for user in &self.users {
                let _ = writeln!(text, "- {user}");
            }
            text.push('\n');
        }
        let _ = write!(text, "View{place}: {link}\n\n-- \n{why}\n");
        if let Some(stop) = &stop {
            let _ = writeln!(text, "Stop these messages{place}: {stop}");
        }

        let users = self.users_title().map_or_else(String::new, |title| {
            let items: String = self
                .users
                .iter()
                .map(|user| format!("<li style=\"margin:0\">{}</li>", escape(user)))
                .collect();
            format!(
                "<p style=\"margin:0 0 4px\"><b>{title}</b></p>\
                 <ul style=\"margin:0 0 20px;padding-left:20px\">{items}</ul>"
            )
        });
        let whole = links.are_whole();
        let stop = stop.map(|stop| anchor(&stop, "Stop these messages", whole, "#51606f"));
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title></head>\
             <body style=\"margin:0;padding:24px;background:#ffffff;color:#1b2530;\
             font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;\
             font-size:15px;line-height:1.5\">\
             <div style=\"max-width:560px\">\
             <p style=\"margin:0 0 16px;font-size:13px;color:#51606f\">Tollwarden</p>\
             <h1 style=\"margin:0 0 12px;font-size:20px;line-height:1.3\">{title}</h1>\
             <p style=\"margin:0 0 20px\">{opening}</p>{users}\
             <p style=\"margin:0 0 24px\">{see}</p>\
             <p style=\"margin:0;padding-top:16px;border-top:1px solid #d8dee4;font-size:13px;\
             color:#51606f\">{why}<br>{stop}</p>\
             </div></body></html>",
            title = escape(&subject),
            opening = escape(&opening),
            see = anchor(&link, "View in Tollwarden", whole, "#0b6478"),
            why = escape(&why),
            stop = stop.unwrap_or_default(),
        );
        Mail { subject, text, html }
    }
}

/// A link; without a known console address, the words and the path.
fn anchor(to: &str, words: &str, whole: bool, colour: &str) -> String {
    let to = escape(to);
    if whole {
        format!("<a href=\"{to}\" style=\"color:{colour}\">{words}</a>")
    } else {
        format!("{words}: {to}")
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letter() -> MessageContent {
        MessageContent {
            about: Some(AlertKind::FraudReport),
            count: 1,
            users: vec!["ana@example.com".into()],
            line: "ana@example.com reported a sign-in by push and is blocked.".into(),
            path: "/fraud-alerts?report=1".into(),
        }
    }

    fn links() -> Links {
        Links::new(Some("https://t.example.com".into()))
    }

    #[test]
    fn one_alert_in_full() {
        let mail = letter().mail("ops@example.com", &links(), None, Some("/stop/x"));
        assert_eq!(mail.subject, "Fraud report: ana@example.com");
        assert_eq!(
            mail.text,
            "ana@example.com reported a sign-in by push and is blocked.\n\n\
             View: https://t.example.com/fraud-alerts?report=1\n\n-- \n\
             ops@example.com is a recipient of Tollwarden's alerts.\n\
             Stop these messages: https://t.example.com/stop/x\n"
        );
        assert!(mail.html.contains("<a href=\"https://t.example.com/fraud-alerts?report=1\""));
        assert!(mail.html.contains("<a href=\"https://t.example.com/stop/x\""));
    }

    #[test]
    fn several_name_up_to_20_users() {
        let users: Vec<_> = (0..20).map(|at| format!("u{at}")).collect();
        let many = MessageContent { count: 37, users, ..letter() };
        let mail = many.mail("ops@example.com", &links(), None, Some("/stop/x"));
        assert_eq!(mail.subject, "37 fraud reports");
        assert!(mail.text.starts_with("37 fraud reports. The first: ana@example.com reported"));
        assert!(mail.text.contains("The first 20 users:\n- u0\n") && mail.text.contains("- u19\n"));
        assert!(mail.html.contains(">u19</li>"));
    }

    #[test]
    fn the_first_mail_says_who_added_its_reader() {
        let at = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let greeting = Greeting { by: "admin@example.com".into(), at };
        let mail = letter().mail("ops@example.com", &links(), Some(&greeting), Some("/stop/x"));
        for body in [&mail.text, &mail.html] {
            assert!(body.contains("admin@example.com added it"), "{body}");
            assert!(body.contains("on 28 May 2026, 20:26 UTC"), "{body}");
        }
    }

    #[test]
    fn without_a_public_url_there_are_paths_and_no_links() {
        let mail = letter().mail("ops@example.com", &Links::default(), None, Some("/stop/x"));
        assert!(mail.text.contains("View in the console: /fraud-alerts?report=1\n"));
        assert!(!mail.html.contains("<a "), "{}", mail.html);
    }

    #[test]
    fn an_admins_has_no_link_that_stops_it() {
        let mail = letter().mail("admin@example.com", &links(), None, None);
        assert!(mail.text.ends_with("Tollwarden notifies every admin of this.\n"), "{}", mail.text);
        assert!(!mail.html.contains("Stop") && !mail.html.contains("/stop/"), "{}", mail.html);
    }

    #[test]
    fn a_test_says_that_it_is_one() {
        let test = MessageContent { about: None, ..letter() };
        assert_eq!(test.subject(), "Test message from Tollwarden");
    }

    #[test]
    fn html_in_what_users_call_themselves_stays_text() {
        let evil = "<img src=x onerror=alert(1)>\"'&";
        let letter =
            MessageContent { users: vec![evil.into(), "b".into()], line: evil.into(), ..letter() };
        let mail = letter.mail(evil, &links(), None, Some("/stop/x"));
        assert!(!mail.html.contains("<img"), "{}", mail.html);
        assert!(mail.html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
        assert!(mail.text.contains(evil), "plain text shows it as it is");
    }

    proptest! {
        #[test]
        fn a_subject_is_one_line(user in ".{0,400}", count in 0_u64..3) {
            let letter = MessageContent { users: vec![user], count, ..letter() };
            let subject = letter.subject();
            prop_assert!(subject.chars().count() <= SUBJECT_MAX + 1);
            prop_assert!(!subject.contains(char::is_control));
        }

        #[test]
        fn no_text_opens_an_element(text in "[<>&\"'a-z=]{0,40}") {
            prop_assert!(!escape(&text).contains(['<', '>', '"', '\'']));
        }
    }
}
