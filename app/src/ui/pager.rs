//! The foot of a table: position and links to other pages.

use crate::ui::{Hidden, Icon};
use islands::text::thousands;
use leptos::prelude::*;

/// "1–10 of 12,340", previous and next page, and for long tables a field for the page number.
#[component]
pub(crate) fn Pager(
    /// Prefix of its ids and of the parameter `.page`.
    root: &'static str,
    /// What it pages through, for screen readers.
    title: &'static str,
    /// Page shown, from 1.
    page: u64,
    /// Rows on each page.
    size: u64,
    /// Rows on all pages.
    rows: u64,
    href: impl Fn(u64) -> String,
    /// Parameters to keep in the form.
    hidden: Vec<(String, String)>,
) -> impl IntoView {
    let pages = rows.div_ceil(size).max(1);
    let first = (page - 1).saturating_mul(size).saturating_add(1);
    let shown = format!(
        "{}–{} of {}",
        thousands(first),
        thousands((first - 1).saturating_add(size).min(rows)),
        thousands(rows)
    );
    let step = |way: &'static str, icon, label, to: Option<u64>| {
        let id = format!("{root}-{way}");
        match to {
            Some(to) => view! {
                <a class="step" id=id href=href(to) data-tile-link="" aria-label=label><Icon name=icon/></a>
            }
            .into_any(),
            None => view! { <span class="step" aria-hidden="true"><Icon name=icon/></span> }.into_any(),
        }
    };
    let back = step("back", "left", "Previous page", (page > 1).then(|| page - 1));
    let on = step("on", "right", "Next page", (page < pages).then(|| page + 1));
    let jump = (pages > 2).then(|| {
        view! {
            <form class="jump" method="get" action=format!("/#{root}") data-tile-form="">
                <Hidden values=hidden/>
                <label>
                    "Page "
                    <input
                        id=format!("{root}-page") name=format!("{root}.page") type="number"
                        min="1" max=pages value=page inputmode="numeric" autocomplete="off"
                    />
                </label>
                " of " {thousands(pages)}
            </form>
        }
    });
    view! {
        <div class="pager" role="group" aria-label=format!("Pages of {title}")>
            <span class="shown" data-shown="">{shown}</span>
            {jump}
            {(pages > 1).then(|| view! { <span class="steps">{back}{on}</span> })}
        </div>
    }
    .into_any()
}
