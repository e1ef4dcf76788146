//! The total above the tiles.

use crate::page::LoadError;
use crate::ui::Icon;
use crate::ui::delta::{change as change_words, direction};
use crate::ui::range::length;
use crate::zone::moment;
use domain::Period;
use domain::workbook::Total;
use islands::text::thousands;
use leptos::prelude::*;

/// Failures in the range, and the change since the previous range.
#[component]
pub(crate) fn TotalFailures(
    total: Result<Total, LoadError>,
    period: Period,
    retry: String,
) -> impl IntoView {
    let body = match total {
        Err(lost) => lost.view("The total could not be read.", retry),
        Ok(total) => {
            let before = period.before();
            let hint = format!("{} to {}", moment(before.from), moment(before.to));
            view! {
                <p class="total-now">{thousands(total.now)}</p>
                <p class="total-change" title=hint>{change(total, &length(period.length()))}</p>
            }
            .into_any()
        }
    };
    view! {
        <section class="total" aria-labelledby="total-title">
            <h2 id="total-title">"Total failures"</h2>
            {body}
            <p class="total-range">{moment(period.from)} " – " {moment(period.to)}</p>
        </section>
    }
}

fn change(total: Total, length: &str) -> AnyView {
    let before = thousands(total.before);
    match change_words(total) {
        None if total.now == 0 => view! { "None in the " {length} " before either" }.into_any(),
        None => view! { "None in the " {length} " before" }.into_any(),
        Some(words) => {
            let (more, icon) = direction(total.now, total.before);
            view! {
                <span class=format!("change{more}")>
                    {icon.map(|icon| view! { <Icon name=icon/> })}{words}
                </span>
                " against " {before} " in the " {length} " before"
            }
            .into_any()
        }
    }
}
