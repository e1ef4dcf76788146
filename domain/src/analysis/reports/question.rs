//! A report's parameters, parsed in one place for the page, the API and the command line.
//!
//! | name | value | when absent |
//! |---|---|---|
//! | `range`, `from`, `to` | as in the workbook | 30 days up to `as_of` |
//! | `format` | `csv` `json` `xlsx` `pdf` | `csv` |
//! | `bom` | `1`: CSV begins with a byte-order mark, by which Excel recognises UTF-8 | no mark |
//! | `as_of` | a time up to now: only what was known then counts | now |
//! | `bucket` | the time step of `failures-by-…` | chosen by the range |
//! | `by` | what conversion is grouped by | `region` |
//! | filters | as in the sign-in log's query | all |

use super::{Format, LogReport, Report};
use crate::bucket::Bucket;
use crate::conversion::By;
use crate::handles::HandleKey;
use crate::period::parse_time;
use crate::signins::{Filter, View};
use crate::workbook::{Filters, Query, Sight};
use crate::{Fault, Invalid};
use chrono::{DateTime, Datelike, Utc};
use std::str::FromStr;

/// A report's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The report to write.
    pub report: Report,
    /// The output format.
    pub format: Format,
    /// Whether CSV begins with a byte-order mark; ignored by other formats.
    pub bom: bool,
    /// Range and filters; only those in [`filters_of`] apply.
    pub filter: Filter,
    /// The time step of a series.
    pub bucket: Bucket,
    /// What conversion is grouped by.
    pub by: By,
    /// Only what was known at this time counts.
    pub as_of: DateTime<Utc>,
    /// Whether `as_of` was given, rather than defaulted to now.
    pub looks_back: bool,
    /// Filters as pairs, with handles instead of typed names and numbers.
    pub filters: Vec<(String, String)>,
}

/// Parameters that do not select rows; the workbook's own only affect its pages.
const FURTHER: &[&str] = &[
    "format", "bom", "range", "from", "to", "as_of", "bucket", "by", "tab", "compare", "tz", "map",
    "page", "before", "after", "report", "refused",
];
const EVENTS: &[&str] = &["channel", "number", "ip", "flow", "browser", "region", "reason"];
const ATTEMPTS: &[&str] =
    &["channel", "user", "number", "ip", "flow", "browser", "region", "reason", "outcome"];
const FRAUD_REPORTS: &[&str] = &["channel", "user", "number", "ip", "flow"];
/// Every report accepts a channel; it is ignored where rows have none.
const OTHERS: &[&str] = &["channel"];

/// The filters that a report accepts.
pub fn filters_of(report: Report) -> &'static [&'static str] {
    match report {
        Report::Tile(_) | Report::FlowFailures | Report::FailuresBy(_) | Report::Conversion => {
            EVENTS
        }
        Report::Log(LogReport::Attempts) => ATTEMPTS,
        Report::Log(LogReport::FraudReports) => FRAUD_REPORTS,
        Report::Log(LogReport::Blocks | LogReport::Audit) => OTHERS,
    }
}

impl Question {
    /// Reads names and values; the last of repeated names wins, empty values are ignored. Viewers
    /// who see masks can only name numbers by handle.
    ///
    /// # Errors
    /// For each name that the report does not accept and each invalid value, in its field.
    pub fn read(
        report: Report,
        pairs: &[(String, String)],
        key: &HandleKey,
        sight: Sight,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let taken = filters_of(report);
        for (name, value) in pairs {
            let known = FURTHER.contains(&name.as_str()) || taken.contains(&name.as_str());
            // A tile's own search, sort and page: `ip-failures.q`.
            let of_a_tile = name.contains('.');
            if !known && !of_a_tile && !value.trim().is_empty() {
                let message = format!("is not asked of {report}; it takes {}", taken.join(", "));
                invalid.push(&shortened(name), Fault::UnknownField, message);
            }
        }
        let given = |name: &str| {
            let of_name = pairs.iter().rev().find(|(given, _)| given == name);
            of_name.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
        };
        let format = word(given("format"), "format", Format::Csv, &mut invalid);
        let by = word(given("by"), "by", By::Region, &mut invalid);
        let bom = given("bom");
        if bom.is_some_and(|value| value != "1") {
            invalid.push("bom", Fault::InvalidChoice, "must be 1, or be left out");
        }
        let named = given("as_of").and_then(|text| as_of(text, now, &mut invalid));
        let as_of = named.unwrap_or(now);
        let filters = pairs.iter().filter(|(name, value)| {
            let range = matches!(name.as_str(), "range" | "from" | "to");
            let all = name == "channel" && value.trim() == "all";
            (range || taken.contains(&name.as_str())) && !all
        });
        // A range without an end ends at `as_of`, so that repeating the request gives the same
        // result.
        let asked = View::read(filters.cloned()).ask(key, sight, as_of);
        invalid.fields.extend(asked.invalid.fields);
        let period = asked.filter.period;
        let bucket = word(given("bucket"), "bucket", Bucket::of(period), &mut invalid);
        if let Report::FailuresBy(_) = report {
            invalid.keep(bucket.edges(period, &Utc));
        }
        let mut filters = asked.settled.pairs();
        filters.retain(|(name, _)| taken.contains(&name.as_str()));
        let looks_back = named.is_some();
        let filter = asked.filter;
        let bom = bom.is_some();
        invalid.or(Self { report, format, bom, filter, bucket, by, as_of, looks_back, filters })
    }

    /// Range and filters for the workbook's queries.
    pub fn query(&self) -> Query {
        Query { period: self.filter.period, filters: Filters::from(&self.filter) }
    }
}

fn word<T: FromStr<Err = String>>(
    given: Option<&str>,
    field: &str,
    absent: T,
    invalid: &mut Invalid,
) -> T {
    let Some(text) = given else { return absent };
    text.parse().unwrap_or_else(|allowed: String| {
        invalid.push(field, Fault::InvalidChoice, allowed);
        absent
    })
}

fn as_of(text: &str, now: DateTime<Utc>, invalid: &mut Invalid) -> Option<DateTime<Utc>> {
    match parse_time(text) {
        Err(allowed) => invalid.push("as_of", Fault::InvalidTime, allowed),
        Ok(time) if time > now => {
            invalid.push("as_of", Fault::TimeOutOfRange, "must not lie in the future");
        }
        Ok(time) if time.year() < 2000 => {
            invalid.push("as_of", Fault::TimeOutOfRange, "must not lie before 2000");
        }
        Ok(time) => return Some(time),
    }
    None
}

/// A name, shortened for an error message.
fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::Report;
    use crate::workbook::Tile;

    fn now() -> DateTime<Utc> {
        parse_time("2026-11-20T12:00:00Z").unwrap()
    }

    fn ask(report: &str, query: &str, sight: Sight) -> Result<Question, Invalid> {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Question::read(report.parse().unwrap(), &pairs, &HandleKey::new(&[3; 32]), sight, now())
    }

    #[test]
    fn what_is_not_said_is_filled_in() {
        let asked = ask("ip-failures", "", Sight::Masked).unwrap();
        assert_eq!(asked.report, Report::Tile(Tile::IpFailures));
        assert_eq!((asked.format, asked.by), (Format::Csv, By::Region));
        assert_eq!((asked.filter.period.to, asked.as_of), (now(), now()));
        assert_eq!((asked.looks_back, asked.bucket), (false, Bucket::Day));
        let back = ask("ip-failures", "as_of=2026-11-01T00:00:00Z&range=1d", Sight::Masked);
        let back = back.unwrap();
        assert!(back.looks_back);
        assert_eq!(back.filter.period.to, back.as_of, "the range ends when all was known");
    }

    #[test]
    fn filters_are_read_and_told_by_handles() {
        let query = "channel=sms&number=+14155550100&region=us&tab=details&ip-failures.q=x&page=2";
        let asked = ask("failures-by-number", query, Sight::Whole).unwrap();
        assert_eq!(asked.query().filters.phone, "+14155550100".parse().ok());
        let told: Vec<_> = asked.filters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(told, ["number", "channel", "region"]);
        assert!(asked.filters.iter().all(|(_, value)| !value.contains("5550100")));
        assert_eq!(ask("blocks", "channel=all", Sight::Masked).unwrap().filters, []);
    }

    #[test]
    fn each_wrong_value_is_told_beside_its_field() {
        let long = format!("flow={}", "x".repeat(10_240));
        for (report, query, field) in [
            ("ip-failures", "from=2026-11-02&to=2026-11-01", "from"),
            ("ip-failures", "format=doc", "format"),
            ("ip-failures", "bom=yes", "bom"),
            ("ip-failures", "by=moon", "by"),
            ("ip-failures", "bucket=2m", "bucket"),
            ("ip-failures", "as_of=2027-01-01", "as_of"),
            ("ip-failures", "as_of=1999-01-01", "as_of"),
            ("ip-failures", "as_of=then", "as_of"),
            ("ip-failures", "chanel=sms", "chanel"),
            ("ip-failures", "outcome=failed", "outcome"),
            ("ip-failures", "user=anna", "user"),
            ("audit", "number=n_x", "number"),
            ("attempts", "outcome=eaten", "outcome"),
            ("attempts", "reason=because", "reason"),
            ("attempts", "flow=\u{fffd}", "flow"),
            ("attempts", "number=n_forged", "number"),
            ("attempts", &long, "flow"),
            ("failures-by-ip", "bucket=1m&range=90d", "bucket"),
        ] {
            let invalid = ask(report, query, Sight::Whole).unwrap_err();
            assert!(invalid.of(field).is_some(), "{report} {query:.40}: {invalid}");
        }
        let typed = ask("attempts", "number=+14155550100", Sight::Masked).unwrap_err();
        assert!(typed.of("number").is_some());
        let name = ask("audit", &format!("{}=1", "y".repeat(10_240)), Sight::Whole).unwrap_err();
        assert!(name.to_string().len() < 200);
    }
}
