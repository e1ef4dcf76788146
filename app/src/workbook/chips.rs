//! The active filters; a click removes one.

use super::view::{FILTERS, ResolvedView};
use crate::profiles::links;
use crate::ui::Icon;
use domain::workbook::Filters;
use leptos::prelude::*;

/// An active filter, with address and label of the page about its value, if there is one.
struct Chip {
    field: &'static str,
    words: String,
    page: Option<(String, &'static str)>,
}

fn chips(asked: &ResolvedView) -> Vec<Chip> {
    let Filters { phone, ip, flow, browser, region, reason, .. } = &asked.query.filters;
    let named = |field: &'static str| -> Option<Chip> {
        let (words, page) = match field {
            "number" => {
                let phone = (*phone)?;
                let page = links::number(&asked.key.number(phone));
                let words = format!("Number {}", asked.sight.number(phone));
                (words, Some((page, "The number's page")))
            }
            "ip" => {
                let ip = (*ip)?;
                (format!("IP address {ip}"), Some((links::ip(ip), "The address's page")))
            }
            "flow" => (format!("Flow {}", crate::names::flow(flow.as_deref()?)), None),
            "browser" => (format!("Browser {}", browser.as_deref()?), None),
            "region" => {
                let region = (*region)?;
                (format!("Region {} ({region})", domain::regions::name(&region)), None)
            }
            _ => (format!("Reason: {}", (*reason)?.words()), None),
        };
        Some(Chip { field, words, page })
    };
    FILTERS.iter().filter_map(|field| named(field)).collect()
}

#[component]
pub(crate) fn Chips(asked: ResolvedView) -> impl IntoView {
    let chips = chips(&asked);
    (!chips.is_empty()).then(|| {
        let items = chips
            .into_iter()
            .map(|Chip { field, words, page }| {
                let without = asked.filtered(field, "");
                let label = format!("Remove the filter {words}");
                let page = page.map(|(href, label)| {
                    view! {
                        <a class="chip-page" href=href title=label aria-label=label>
                            <Icon name="open"/>
                        </a>
                    }
                });
                view! {
                    <li>
                        <a class="chip" href=without data-keep="" aria-label=label>
                            {words}<Icon name="close"/>
                        </a>
                        {page}
                    </li>
                }
            })
            .collect_view();
        let clear = asked.view.without_filters().href();
        view! {
            <ul class="chips" aria-label="Filters">
                {items}
                <li><a href=clear data-keep="">"Clear all"</a></li>
            </ul>
        }
    })
}
