//! The foot of a table: where one is, and the ways on.

use crate::ui::{Hidden, Icon};
use islands::text::thousands;
use leptos::prelude::*;

/// "1–10 of 12,340", one page back and on, and for long tables the page by its number.
#[component]
pub fn Pager(
    /// The root of its ids, and the name of its field in the URL without `.page`.
    root: &'static str,
    /// What it pages through, for those who hear the page.
    title: &'static str,
    /// The page shown, from 1.
    page: u64,
    /// Rows to a page.
    size: u64,
    /// Rows in all.
    rows: u64,
    /// The address of another page.
    href: impl Fn(u64) -> String,
    /// What the form for the page's number carries along.
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
}
