//! The page's address: which report is chosen, and what stands in its form.

use domain::reports::Report;
use domain::workbook::Tile;
use domain::{Fault, Invalid};

/// The page's path.
pub(super) const PATH: &str = "/reports";
/// Most characters of a value that is carried back: what is longer is no value of ours.
const LONGEST: usize = 400;
/// What a refusal is called that the form's values alone do not tell: the format has too few rows.
const TOO_MANY: Fault = Fault::TooLarge;

/// The address taken apart; values as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// Which report.
    pub(super) report: Report,
    /// Everything else, in the order given.
    pub(super) pairs: Vec<(String, String)>,
    /// Whether its values were refused.
    pub(super) refused: bool,
    /// Whether its format had no room.
    pub(super) too_many: bool,
}

impl View {
    /// Reads an address' names and values; without a report the first is chosen.
    pub(super) fn read(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let first = Report::Tile(Tile::FailureReasons);
        let mut view = Self { report: first, pairs: Vec::new(), refused: false, too_many: false };
        for (name, value) in pairs {
            match name.as_str() {
                "report" => view.report = value.parse().unwrap_or(first),
                "refused" => {
                    view.refused = true;
                    view.too_many = value == TOO_MANY.as_str();
                }
                _ => view.pairs.push((name, value)),
            }
        }
        view
    }

    /// What stands in a field.
    pub(super) fn value(&self, name: &str) -> &str {
        let given = self.pairs.iter().rev().find(|(given, _)| given == name);
        given.map_or("", |(_, value)| value.trim())
    }
}

/// The address that chooses a report.
pub(super) fn choose(report: Report) -> String {
    format!("{PATH}?report={report}#form")
}

/// Where a browser goes whose export was refused: the form, with its values and what is wrong with
/// them. Who sees masks has typed digits taken away by the form itself.
pub fn told(report: Report, pairs: &[(String, String)], invalid: &Invalid) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("report", report.as_str());
    for (name, value) in pairs.iter().filter(|(name, value)| !name.is_empty() && !value.is_empty())
    {
        let kept: String = value.chars().take(LONGEST + 1).collect();
        query.append_pair(name, &kept);
    }
    let too_many =
        invalid.fields.iter().any(|error| error.field == "format" && error.code == TOO_MANY);
    query.append_pair("refused", if too_many { TOO_MANY.as_str() } else { "values" });
    format!("{PATH}?{}#form", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_form_comes_back_with_its_values() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [pair("from", "2026-11-02"), pair("flow", "a&b"), pair("ip", "")];
        let invalid = Invalid::one("from", Fault::Conflict, "must be earlier");
        let report = "attempts".parse().unwrap();
        let address = told(report, &pairs, &invalid);
        assert_eq!(
            address,
            "/reports?report=attempts&from=2026-11-02&flow=a%26b&refused=values#form"
        );
        let query = address.trim_start_matches("/reports?").trim_end_matches("#form");
        let view = View::read(form_urlencoded::parse(query.as_bytes()).into_owned());
        assert_eq!((view.report, view.value("flow"), view.refused), (report, "a&b", true));
        let many = Invalid::one("format", TOO_MANY, "holds at most");
        assert!(told(report, &[pair("flow", &"x".repeat(20_000))], &many).len() < 600);
    }
}
