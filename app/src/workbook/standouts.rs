//! What stands out: sentences above the Overview, each a link to the details.

use super::view::ResolvedView;
use crate::page::{LoadError, log_load_error};
use crate::ui::Icon;
use domain::regions;
use domain::standouts::{RegionCount, Standout, standouts};
use domain::workbook::{Query, Tile, TileRows, TileRowsQuery};
use engine::Engine;
use islands::text::{counted, share, thousands};
use leptos::prelude::*;
use std::net::IpAddr;

/// The list of users who were worn down by prompts.
const WORN: &str = "/fraud-alerts#worn-title";

/// The settings of spending caps and their currency.
const SPENDING: &str = "/rules#spending";

/// Counts of regions, and the number of users who were worn down, in the range.
pub(super) type Signs = (Vec<RegionCount>, u64);

/// The IP address with the most failures and their number, and the number of all failures.
pub(super) type TopAddress = (Option<(IpAddr, u64)>, u64);

/// The signs of a view without filters other than the channel: a user who filters knows them
/// already.
pub(super) async fn signs(engine: Engine, query: Query) -> Result<Option<Signs>, LoadError> {
    if !query.filters.only_channel() {
        return Ok(None);
    }
    let read = tokio::try_join!(engine.conversion.range_counts(&query), async {
        Ok(engine.lately.worn_down().await?)
    });
    let (standing, worn) =
        read.map_err(|error: engine::Error| log_load_error("standouts", &error))?;
    let worn = worn.iter().filter(|one| query.period.contains(one.fatigue.approved)).count();
    Ok(Some((standing.regions, worn as u64)))
}

/// The address with the most failures: the tile's first row, if the tile is at its first page in
/// the default order. An error is only logged.
pub(super) async fn address(
    engine: &Engine,
    asked: &ResolvedView,
    shown: Option<&TileRows>,
) -> Option<TopAddress> {
    let query = &asked.query;
    if !query.filters.only_channel() {
        return None;
    }
    let part = asked.view.tile(Tile::IpFailures).part();
    let first = TileRowsQuery { limit: part.limit, ..TileRowsQuery::default() };
    match shown {
        Some(rows) if part == first => Some(largest(rows)),
        Some(_) => {
            let rows = engine.workbook.tile(Tile::IpFailures, query, &first, asked.sight).await;
            rows.map(|rows| largest(&rows))
                .map_err(|error| log_load_error("standouts", &error))
                .ok()
        }
        None => None,
    }
}

fn largest(rows: &TileRows) -> TopAddress {
    let first = rows.keys.first().zip(rows.rows.first());
    (first.and_then(|(cells, row)| Some((cells.first()?.parse().ok()?, row.count))), rows.total)
}

/// What stands out; parts that could not be read are left out.
pub(super) fn found(signs: Option<Signs>, address: Option<TopAddress>) -> Vec<Standout> {
    let (regions, worn) = signs.unwrap_or_default();
    let (address, failures) = address.unwrap_or_default();
    standouts(&regions, address, failures, worn)
}

/// The list, or an empty element. Costs that no cap counts come first.
pub(super) fn list(
    asked: &ResolvedView,
    found: Vec<Standout>,
    uncounted: Option<String>,
) -> AnyView {
    let uncounted = uncounted.map(|words| (SPENDING.to_owned(), words));
    let items = uncounted
        .into_iter()
        .chain(found.into_iter().map(|one| link_and_text(asked, one)))
        .map(|(href, words)| {
            view! { <li><a href=href data-keep=""><Icon name="alert"/><span>{words}</span></a></li> }
        })
        .collect::<Vec<_>>();
    if items.is_empty() {
        return view! { <div data-live-part="standouts"></div> }.into_any();
    }
    view! {
        <section class="standouts" aria-labelledby="standouts-title" data-live-part="standouts">
            <h2 id="standouts-title">"What stands out"</h2>
            <ul>{items}</ul>
        </section>
    }
    .into_any()
}

/// Address and text of one sentence.
fn link_and_text(asked: &ResolvedView, one: Standout) -> (String, String) {
    match one {
        Standout::Region { region, sent, verified } => {
            let verified = match verified {
                0 => "none verified".to_owned(),
                some => format!("{} verified", thousands(some)),
            };
            let codes = counted(sent, "code", "codes");
            let words = format!("{}: {codes} sent, {verified}.", regions::name(&region));
            (asked.filtered("region", region.as_str()), words)
        }
        Standout::Address { ip, failures, of } => {
            let words = format!(
                "One address, {ip}, caused {} of {} failures ({}).",
                thousands(failures),
                thousands(of),
                share(failures, of)
            );
            (asked.filtered("ip", &ip.to_string()), words)
        }
        Standout::WornDown { users } => {
            let users = counted(users, "user was", "users were");
            (WORN.to_owned(), format!("{users} prompted repeatedly until they approved."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::assert_has;
    use crate::workbook::samples::asked;
    use domain::workbook::Sight;
    use domain::zone::Zone;

    #[test]
    fn every_sentence_leads_to_what_it_tells_of() {
        let asked = asked("range=7d&channel=sms", Sight::Masked, Zone::utc());
        let found = vec![
            Standout::Region { region: "LV".parse().unwrap(), sent: 3_357, verified: 0 },
            Standout::Address { ip: "198.51.100.23".parse().unwrap(), failures: 2_433, of: 10_707 },
            Standout::WornDown { users: 1 },
        ];
        let money = Some("Costs in CHF count nowhere.".to_owned());
        let html = Owner::new().with(|| list(&asked, found, money).to_html());
        assert_has(
            &html,
            &[
                "Costs in CHF count nowhere.",
                "href=\"/rules#spending\"",
                "Latvia: 3,357 codes sent, none verified.",
                "href=\"/?channel=sms&amp;region=LV&amp;range=7d\"",
                "One address, 198.51.100.23, caused 2,433 of 10,707 failures (23 %).",
                "1 user was prompted repeatedly until they approved.",
                "href=\"/fraud-alerts#worn-title\"",
            ],
        );
        let html = Owner::new().with(|| list(&asked, Vec::new(), None).to_html());
        assert!(!html.contains("stands out"));
    }
}
