//! The rows of a channel: every region with its figures.

use super::view::{Sort, View};
use domain::Region;
use domain::countries::{ChannelCountries, Verdict};
use domain::region_figures::{Figures, Month};
use domain::regions::{self, RegionInfo};
use islands::text::{share, thousands};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Shown instead of a missing figure.
pub(super) const NONE: &str = "—";

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) info: &'static RegionInfo,
    /// Of this channel, in the last 30 days.
    pub(super) figures: Option<Figures>,
    /// Ticked in the form.
    pub(super) named: bool,
    /// Named in the current settings.
    pub(super) held: bool,
    /// The verdict under the ticks.
    pub(super) verdict: Verdict,
    /// Whether it matches the filter.
    pub(super) shown: bool,
}

impl Row {
    /// One of the figures, or [`NONE`].
    pub(super) fn count(&self, of: fn(&Figures) -> u64) -> String {
        self.figures.as_ref().map_or_else(|| NONE.to_owned(), |figures| thousands(of(figures)))
    }

    /// Share of sent codes that were verified.
    pub(super) fn rate(&self) -> String {
        match &self.figures {
            Some(figures) if figures.sent > 0 => share(figures.verified, figures.sent),
            _ => NONE.to_owned(),
        }
    }

    /// One amount per currency.
    pub(super) fn cost(&self) -> String {
        let costs = self.figures.iter().flat_map(|figures| &figures.cost);
        let costs: Vec<String> = costs
            .map(|(currency, amount)| {
                let rounded = amount.round_dp(2);
                let whole = u64::try_from(rounded.trunc()).unwrap_or(u64::MAX);
                let cents = format!("{:.2}", rounded.fract());
                let cents = cents.trim_start_matches("-").trim_start_matches('0');
                format!("{}{cents} {currency}", thousands(whole))
            })
            .collect();
        if costs.is_empty() { NONE.to_owned() } else { costs.join(" + ") }
    }
}

/// Every region, sorted as the view asks. `001` is always first: it is not a country.
pub(super) fn rows(
    view: &View,
    ticked: &ChannelCountries,
    held: &ChannelCountries,
    month: &Month,
) -> Vec<Row> {
    let of_channel = month.rows.iter().filter(|row| row.channel == view.channel);
    let figures: HashMap<Region, &Figures> =
        of_channel.map(|row| (row.region, &row.figures)).collect();
    let row = |info: &'static RegionInfo| Row {
        info,
        figures: figures.get(&info.region).copied().cloned(),
        named: ticked.regions.contains(&info.region),
        held: held.regions.contains(&info.region),
        verdict: ticked.judge(info.region),
        shown: view.finds(info),
    };
    let mut rows: Vec<Row> = regions::all().iter().map(row).collect();
    let currency = main_currency(month);
    // The sort is stable: equal rows stay sorted by name.
    rows.sort_by(|a, b| {
        let order = compare(a, b, view.sort, &currency);
        if view.rising { order } else { order.reverse() }
    });
    if view.sort == Sort::Name && !view.rising {
        rows.reverse();
    }
    rows.sort_by_key(|row| row.info.region != Region::WORLD);
    rows
}

/// By name needs no comparison: the source is sorted by name.
fn compare(a: &Row, b: &Row, sort: Sort, currency: &str) -> Ordering {
    fn of(row: &Row, get: fn(&Figures) -> u64) -> Option<u64> {
        row.figures.as_ref().map(get)
    }
    match sort {
        Sort::Name => Ordering::Equal,
        Sort::Code => a.info.region.cmp(&b.info.region),
        Sort::Continent => a.info.continent.label().cmp(b.info.continent.label()),
        Sort::Sent => of(a, |of| of.sent).cmp(&of(b, |of| of.sent)),
        Sort::Verified => of(a, |of| of.verified).cmp(&of(b, |of| of.verified)),
        Sort::Failed => of(a, |of| of.failed).cmp(&of(b, |of| of.failed)),
        Sort::Rate => {
            let rate = |row: &Row| row.figures.as_ref().and_then(Figures::rate);
            rate(a).partial_cmp(&rate(b)).unwrap_or(Ordering::Equal)
        }
        Sort::Cost => {
            let cost = |row: &Row| {
                let mut costs = row.figures.iter().flat_map(|figures| &figures.cost);
                costs.find(|(known, _)| known == currency).map(|(_, amount)| *amount)
            };
            cost(a).cmp(&cost(b))
        }
    }
}

/// The currency of most regions: amounts in other currencies cannot be compared with it.
fn main_currency(month: &Month) -> String {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (currency, _) in month.rows.iter().flat_map(|row| &row.figures.cost) {
        *seen.entry(currency).or_default() += 1;
    }
    let most = seen.into_iter().max_by_key(|(currency, n)| (*n, *currency));
    most.map_or_else(String::new, |(currency, _)| currency.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::region_figures;
    use domain::{Channel, Kind};

    fn month() -> Month {
        let figures = |outcomes: &[(Kind, u64)], cost: &str| {
            let mut figures = Figures::default();
            outcomes.iter().for_each(|(outcome, n)| figures.count(*outcome, *n));
            figures.spend("EUR", cost.parse().unwrap());
            figures
        };
        let row = |code: &str, channel, figures| region_figures::Row {
            region: code.parse().unwrap(),
            channel,
            figures,
        };
        let epoch = DateTime::UNIX_EPOCH;
        let rows = vec![
            row("DE", Channel::Voice, figures(&[(Kind::Verified, 9), (Kind::Failed, 1)], "1234.5")),
            row("JM", Channel::Sms, figures(&[(Kind::Verified, 99)], "0.2")),
            row("JM", Channel::Voice, figures(&[(Kind::Sent, 1_000)], "0.004")),
            row("LI", Channel::Voice, figures(&[(Kind::Refused, 3)], "2")),
        ];
        Month { from: epoch, as_of: epoch, loading: false, rows }
    }

    fn sorted(query: &str) -> Vec<Row> {
        let view = View::read(query);
        let none = ChannelCountries::default();
        rows(&view, &none, &none, &month())
    }

    fn first(query: &str) -> Vec<&'static str> {
        sorted(query).iter().skip(1).take(3).map(|row| row.info.name).collect()
    }

    #[test]
    fn rows_have_their_channels_figures() {
        let rows = sorted("channel=voice");
        let row = |code: &str| rows.iter().find(|row| row.info.region.as_str() == code).unwrap();
        let de = row("DE");
        assert_eq!(de.count(|of| of.sent), "10");
        assert_eq!((de.rate().as_str(), de.cost().as_str()), ("90 %", "1,234.50 EUR"));
        assert_eq!((row("JM").rate().as_str(), row("JM").cost().as_str()), ("0 %", "0.00 EUR"));
        assert_eq!(
            (row("LI").rate().as_str(), row("LI").count(|of| of.sent).as_str()),
            (NONE, "0")
        );
        assert_eq!(
            (row("US").cost().as_str(), row("US").count(|of| of.sent).as_str()),
            (NONE, NONE)
        );
    }

    #[test]
    fn rows_are_in_the_order_asked_for_and_no_country_comes_first() {
        for query in ["", "sort=sent", "sort=name&order=down", "sort=code&order=down"] {
            let rows = sorted(query);
            assert_eq!(rows[0].info.region, Region::WORLD, "{query}");
            assert_eq!(rows.len(), regions::all().len());
        }
        assert_eq!(first(""), ["Afghanistan", "Åland Islands", "Albania"]);
        assert_eq!(first("sort=name&order=down"), ["Zimbabwe", "Zambia", "Yemen"]);
        assert_eq!(first("sort=sent"), ["Jamaica", "Germany", "Liechtenstein"]);
        assert_eq!(first("sort=verified"), ["Germany", "Jamaica", "Liechtenstein"]);
        assert_eq!(first("sort=rate")[..2], ["Germany", "Jamaica"]);
        assert_eq!(first("sort=cost"), ["Germany", "Liechtenstein", "Jamaica"]);
        assert_eq!(first("sort=failed")[0], "Germany");
        assert_eq!(first("sort=code")[..2], ["Ascension Island", "Andorra"]);
        assert_eq!(first("sort=continent")[0], "Algeria");
    }
}
