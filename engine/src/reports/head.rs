//! The head of documents, also on a workbook's second sheet: what the rows show.

use domain::reports::{Clockface, Format, Question, Report};
use domain::signins::outcome_words;
use domain::workbook::Sight;
use domain::{Fault, Invalid};

/// The facts about a report that its head shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Title, as people read it.
    pub(super) title: &'static str,
    /// Name, as programs use it.
    pub(super) name: &'static str,
    /// Time up to which data is included; also the file's own timestamp, so that the same report
    /// gives the same file.
    pub(super) as_of: chrono::DateTime<chrono::Utc>,
    /// Names and values, in the order shown.
    pub(super) lines: Vec<(&'static str, String)>,
}

impl Head {
    /// The head for a question; numbers are masked according to `sight`.
    pub(super) fn of(question: &Question, sight: Sight, who: &str) -> Self {
        let period = question.filter.period;
        let (from, to) = (Clockface::text(period.from), Clockface::text(period.to));
        let filters = filters(question, sight);
        let filters = if filters.is_empty() { "none".to_owned() } else { filters.join("; ") };
        let mut lines = vec![
            ("Report", question.report.as_str().to_owned()),
            ("From", from),
            ("To (not included)", to),
            ("Filters", filters),
        ];
        match question.report {
            Report::FailuresBy(_) => lines.push(("Step", question.bucket.to_string())),
            Report::Conversion => lines.push(("By", question.by.to_string())),
            Report::Tile(_) | Report::FlowFailures | Report::Log(_) => {}
        }
        let numbers = match sight {
            Sight::Whole => "whole",
            Sight::Masked => "masked",
        };
        lines.push(("As of", Clockface::text(question.as_of)));
        lines.push(("Time zone", "UTC".to_owned()));
        lines.push(("Phone numbers", numbers.to_owned()));
        lines.push(("Exported by", sight.text_owned(who)));
        let report = question.report;
        Self { title: report.title(), name: report.as_str(), as_of: question.as_of, lines }
    }
}

/// The filters in words; numbers are masked according to `sight`.
fn filters(question: &Question, sight: Sight) -> Vec<String> {
    let filter = &question.filter;
    let phone = filter.phone;
    let taken = domain::reports::filters_of(question.report);
    let all = [
        ("channel", "channel", filter.channel.map(|channel| channel.to_string())),
        ("user", "user", filter.user.as_deref().map(|user| sight.text_owned(user))),
        ("number", "number", phone.map(|phone| sight.number(phone))),
        ("ip", "IP address", filter.ip.map(|ip| ip.to_string())),
        ("flow", "flow", filter.flow.as_deref().map(|flow| sight.text_owned(flow))),
        ("browser", "browser", filter.browser.as_deref().map(|name| sight.text_owned(name))),
        ("region", "region", filter.region.map(|region| region.to_string())),
        ("reason", "reason", filter.reason.map(|reason| reason.to_string())),
        ("outcome", "outcome", filter.outcome.map(|outcome| outcome_words(outcome).to_lowercase())),
    ];
    let given = all.into_iter().filter(|(name, ..)| taken.contains(name));
    given.filter_map(|(_, words, value)| Some(format!("{words} {}", value?))).collect()
}

/// A count with thousands separators: `1,048,575`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The error for a format that cannot hold all rows of a report; `None` if the format has no limit.
pub fn too_many(format: Format) -> Option<Invalid> {
    let most = thousands(format.most_rows()?);
    Some(Invalid::one(
        "format",
        Fault::TooLarge,
        format!(
            "{} holds at most {most} rows and this report has more; choose csv or json, or \
             a shorter range",
            format.name()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::handles::HandleKey;
    use domain::period::parse_time;

    #[test]
    fn filters_are_told_as_they_may_be_seen() {
        let key = HandleKey::new(&[3; 32]);
        let handle = key.number("+14155550100".parse().unwrap());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [pair("number", &handle), pair("channel", "sms"), pair("outcome", "failed")];
        let now = parse_time("2026-11-20T12:00:00Z").unwrap();
        let report = "attempts".parse().unwrap();
        let line = |sight| {
            let question = Question::read(report, &pairs, &key, sight, now).unwrap();
            let head = Head::of(&question, sight, "anna@example.com");
            head.lines.into_iter().find(|(name, _)| *name == "Filters").unwrap().1
        };
        assert_eq!(line(Sight::Whole), "channel sms; number +14155550100; outcome failed");
        assert_eq!(line(Sight::Masked), "channel sms; number +14155••••00; outcome failed");
        let question = Question::read(report, &[], &key, Sight::Masked, now).unwrap();
        let lines = Head::of(&question, Sight::Masked, "anna@example.com").lines;
        assert!(lines.contains(&("Filters", "none".to_owned())));
        assert!(lines.contains(&("As of", "2026-11-20T12:00:00.000000Z".to_owned())));
    }

    #[test]
    fn thousands_stand_apart() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_048_575, "1,048,575")] {
            assert_eq!(thousands(count), text);
        }
    }
}
