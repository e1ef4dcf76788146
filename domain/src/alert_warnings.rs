//! A set-up of fraud alerts that cannot work: what is wrong with it, and where to put it right.

use crate::fraud_alerts::{ReportCode, Settings};

/// What is known of the rest of the set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// Recipients that get fraud reports now.
    pub told_of_reports: i64,
    /// Recipients that get blocks now.
    pub told_of_blocks: i64,
    /// Whether there is a mail server.
    pub sends_mail: bool,
    /// Whether `public_url` is set, so that links in messages lead somewhere.
    pub has_links: bool,
}

/// Something that keeps fraud alerts from doing what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Reports are on, and nobody gets them.
    NobodyTold,
    /// Users are blocked automatically, and nobody hears of it.
    BlockedUntold,
    /// Mails are not sent.
    NoMailServer,
    /// Links in messages lead nowhere.
    NoPublicUrl,
    /// The code is Microsoft's, which everybody knows.
    CodeStillZero,
    /// Automatic blocking is on, and no report is taken.
    BlocksNobody,
}

impl Warning {
    /// In one sentence or two.
    pub fn text(self) -> &'static str {
        match self {
            Self::NobodyTold => "Reports are taken, and no recipient gets them.",
            Self::BlockedUntold => {
                "Users who report fraud are blocked, and no recipient is told of blocks."
            }
            Self::NoMailServer => {
                "There is no mail server: mails are kept in the delivery log and sent to nobody. \
                 The operator sets smtp_url."
            }
            Self::NoPublicUrl => {
                "Messages carry no link to the report, because public_url is not set. The \
                 operator sets it."
            }
            Self::CodeStillZero => {
                "The code to report fraud is still 0. Callers press it for an operator, and it \
                 is easily entered by mistake."
            }
            Self::BlocksNobody => {
                "Automatic blocking is on, but users may not submit fraud alerts: it blocks nobody."
            }
        }
    }

    /// The page that puts it right, and the words of the link there; nothing where the operator
    /// does it.
    pub fn remedy(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::NobodyTold | Self::BlockedUntold => Some(("/notifications", "Add a recipient")),
            Self::CodeStillZero => {
                Some(("/fraud-alerts?tab=settings#field-report_code", "Choose another code"))
            }
            Self::BlocksNobody => {
                Some(("/fraud-alerts?tab=settings#field-allow_user_reports", "Allow reports"))
            }
            Self::NoMailServer | Self::NoPublicUrl => None,
        }
    }
}

/// Everything that is wrong, worst first. With reports and automatic blocking off nothing is.
pub fn warnings(settings: &Settings, around: Around) -> Vec<Warning> {
    let reports = settings.allow_user_reports;
    let blocks = settings.auto_block;
    [
        (reports && around.told_of_reports == 0, Warning::NobodyTold),
        (reports && blocks && around.told_of_blocks == 0, Warning::BlockedUntold),
        (reports && !around.sends_mail, Warning::NoMailServer),
        (reports && !around.has_links, Warning::NoPublicUrl),
        (reports && settings.report_code == ReportCode::default(), Warning::CodeStillZero),
        (blocks && !reports, Warning::BlocksNobody),
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
        use Warning::*;
        for (around, warning) in [
            (Around { told_of_reports: 0, ..WELL }, NobodyTold),
            (Around { told_of_blocks: 0, ..WELL }, BlockedUntold),
            (Around { sends_mail: false, ..WELL }, NoMailServer),
            (Around { has_links: false, ..WELL }, NoPublicUrl),
        ] {
            assert_eq!(warnings(&settings(), around), [warning]);
        }
        let zero = Settings { report_code: ReportCode::default(), ..settings() };
        assert_eq!(warnings(&zero, WELL), [CodeStillZero]);
        let off = Settings { allow_user_reports: false, ..settings() };
        assert_eq!(warnings(&off, Around { told_of_blocks: 0, ..WELL }), [BlocksNobody]);
        let by_hand = Settings { auto_block: false, ..settings() };
        assert_eq!(warnings(&by_hand, Around { told_of_blocks: 0, ..WELL }), []);
        let all = Settings { auto_block: true, ..zero };
        let none =
            Around { told_of_reports: 0, told_of_blocks: 0, sends_mail: false, has_links: false };
        assert_eq!(warnings(&all, none).len(), 5);
        for warning in warnings(&all, none) {
            assert!(warning.text().ends_with('.'));
        }
    }
}
