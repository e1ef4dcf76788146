//! The state of the page in its address: the chosen report, and the values of its form.

use domain::query::{Address, href, truncated};
use domain::reports::Report;
use domain::workbook::Tile;
use domain::{Fault, Invalid};

/// Path of the page.
pub(super) const PATH: &str = "/reports";
/// The value of `refused` if the format cannot hold all rows, which the values do not show.
const TOO_MANY: Fault = Fault::TooLarge;

/// The parameters of the address; values as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) report: Report,
    given: Address,
    /// Whether the values were refused.
    pub(super) refused: bool,
    /// Whether the format could not hold all rows.
    pub(super) too_many: bool,
}

impl View {
    /// Reads a query string; the default is the first report.
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query);
        let refused = given.get("refused");
        Self {
            report: given.word("report").unwrap_or(Report::Tile(Tile::FailureReasons)),
            refused: refused.is_some(),
            too_many: refused == Some(TOO_MANY.as_str()),
            given,
        }
    }

    pub(super) fn value(&self, name: &str) -> &str {
        self.given.text(name)
    }

    /// All parameters, to validate them again.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        self.given.all()
    }
}

/// Address of the page with a report chosen.
pub(super) fn choose(report: Report) -> String {
    format!("{PATH}?report={report}#form")
}

/// Where to redirect a browser after a refused export: to the form with its values and errors. For
/// users who see masked numbers, the form itself removes typed digits.
pub fn refused_url(report: Report, pairs: &[(String, String)], invalid: &Invalid) -> String {
    let too_many =
        invalid.fields.iter().any(|error| error.field == "format" && error.code == TOO_MANY);
    let refused = if too_many { TOO_MANY.as_str() } else { "values" };
    let typed = pairs.iter().filter(|(name, _)| !matches!(&**name, "" | "report" | "refused"));
    let fields = [("report", report.as_str().to_owned())]
        .into_iter()
        .chain(typed.map(|(name, value)| (name.as_str(), truncated(value))))
        .chain([("refused", refused.to_owned())]);
    format!("{}#form", href(PATH, fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_back::{fixed, queries};
    use proptest::prelude::*;

    #[test]
    fn a_refused_form_comes_back_with_its_values() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [pair("from", "2026-11-02"), pair("flow", "a&b"), pair("ip", "")];
        let invalid = Invalid::one("from", Fault::Conflict, "must be earlier");
        let report = "attempts".parse().unwrap();
        let address = refused_url(report, &pairs, &invalid);
        assert_eq!(
            address,
            "/reports?report=attempts&from=2026-11-02&flow=a%26b&refused=values#form"
        );
        let query = address.trim_start_matches("/reports?").trim_end_matches("#form");
        let view = View::read(query);
        assert_eq!((view.report, view.value("flow"), view.refused), (report, "a&b", true));
        let many = Invalid::one("format", TOO_MANY, "holds at most");
        assert!(refused_url(report, &[pair("flow", &"x".repeat(20_000))], &many).len() < 2_000);
    }

    proptest! {
        #[test]
        fn links_are_read_back(
            query in queries(
                &["report", "refused", "format", "flow", "chanel", ""],
                &["attempts", "audit", "values", "too_large", "xlsx", "sms"],
            )
        ) {
            fixed(&query, |query| {
                let view = View::read(query);
                refused_url(view.report, &view.pairs(), &Invalid::default())
            });
        }
    }
}
