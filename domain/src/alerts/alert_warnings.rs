//! Settings of fraud alerts that cannot work, and where to fix them.

use crate::fraud_alerts::{ReportCode, Settings};

/// The rest of the set-up, as far as it matters for fraud alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// Active recipients of fraud reports.
    pub told_of_reports: i64,
    /// Active recipients of blocks.
    pub told_of_blocks: i64,
    /// Whether a mail server is set (`smtp_url`).
    pub sends_mail: bool,
    /// Whether `public_url` is set, without which messages carry no links.
    pub has_links: bool,
}

/// A reason why fraud alerts do not do their work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// One or two sentences for the page.
    pub text: &'static str,
    /// The page that fixes it, with the link's text; `None` where only the operator can.
    pub remedy: Option<(&'static str, &'static str)>,
}

const NOBODY_TOLD: Warning = Warning {
    text: "Fraud reports are accepted, but no recipient is notified of them.",
    remedy: Some(("/notifications", "Add a recipient")),
};
const BLOCKED_UNTOLD: Warning = Warning {
    text: "Users who report fraud are blocked, but no recipient is notified of blocks.",
    remedy: NOBODY_TOLD.remedy,
};
const NO_MAIL_SERVER: Warning = Warning {
    text: "No mail server is set up: mails stay in the delivery log and are not sent. The \
           operator can set smtp_url.",
    remedy: None,
};
const NO_PUBLIC_URL: Warning = Warning {
    text: "Messages carry no link to the report, because public_url is not set. The operator can \
           set it.",
    remedy: None,
};
const CODE_STILL_ZERO: Warning = Warning {
    text: "The code to report fraud is still 0. Callers press it for an operator, and it is \
           easily entered by mistake.",
    remedy: Some(("/fraud-alerts?tab=settings#field-report_code", "Choose another code")),
};
const BLOCKS_NOBODY: Warning = Warning {
    text: "Automatic blocking is on, but users may not submit fraud alerts: it blocks nobody.",
    remedy: Some(("/fraud-alerts?tab=settings#field-allow_user_reports", "Allow reports")),
};

/// The heading above these warnings.
pub fn heading(warnings: &[Warning]) -> &'static str {
    let mail = |warning: &Warning| [NO_MAIL_SERVER, NO_PUBLIC_URL].contains(warning);
    if warnings.contains(&NO_MAIL_SERVER) && warnings.iter().all(mail) {
        "Alerts can't be e-mailed yet"
    } else {
        "Fraud alerts are not fully set up"
    }
}

/// All warnings, worst first; none while both reports and automatic blocking are off.
pub fn warnings(settings: &Settings, around: Around) -> Vec<Warning> {
    let reports = settings.allow_user_reports;
    let blocks = settings.auto_block;
    [
        (reports && around.told_of_reports == 0, NOBODY_TOLD),
        (reports && blocks && around.told_of_blocks == 0, BLOCKED_UNTOLD),
        (reports && !around.sends_mail, NO_MAIL_SERVER),
        (reports && !around.has_links, NO_PUBLIC_URL),
        (reports && settings.report_code == ReportCode::default(), CODE_STILL_ZERO),
        (blocks && !reports, BLOCKS_NOBODY),
    ]
    .into_iter()
    .filter_map(|(wrong, warning)| wrong.then_some(warning))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Around =
        Around { told_of_reports: 1, told_of_blocks: 1, sends_mail: true, has_links: true };

    fn settings() -> Settings {
        Settings {
            allow_user_reports: true,
            auto_block: true,
            report_code: "77".parse().unwrap(),
            ..Settings::default()
        }
    }

    #[test]
    fn a_set_up_that_works_has_none() {
        assert_eq!(warnings(&settings(), WELL), []);
        let none =
            Around { told_of_reports: 0, told_of_blocks: 0, sends_mail: false, has_links: false };
        assert_eq!(warnings(&Settings::default(), none), [], "nothing is on");
    }

    #[test]
    fn each_fault_has_its_own() {
        for (around, warning) in [
            (Around { told_of_reports: 0, ..WELL }, NOBODY_TOLD),
            (Around { told_of_blocks: 0, ..WELL }, BLOCKED_UNTOLD),
            (Around { sends_mail: false, ..WELL }, NO_MAIL_SERVER),
            (Around { has_links: false, ..WELL }, NO_PUBLIC_URL),
        ] {
            assert_eq!(warnings(&settings(), around), [warning]);
        }
        let zero = Settings { report_code: ReportCode::default(), ..settings() };
        assert_eq!(warnings(&zero, WELL), [CODE_STILL_ZERO]);
        let off = Settings { allow_user_reports: false, ..settings() };
        assert_eq!(warnings(&off, Around { told_of_blocks: 0, ..WELL }), [BLOCKS_NOBODY]);
        let by_hand = Settings { auto_block: false, ..settings() };
        assert_eq!(warnings(&by_hand, Around { told_of_blocks: 0, ..WELL }), []);
        let all = Settings { auto_block: true, ..zero };
        let none =
            Around { told_of_reports: 0, told_of_blocks: 0, sends_mail: false, has_links: false };
        assert_eq!(warnings(&all, none).len(), 5);
        assert_eq!(heading(&warnings(&all, none)), "Fraud alerts are not fully set up");
        assert_eq!(heading(&[NO_MAIL_SERVER, NO_PUBLIC_URL]), "Alerts can't be e-mailed yet");
        for warning in warnings(&all, none) {
            assert!(warning.text.ends_with('.'));
        }
    }
}
