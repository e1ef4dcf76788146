//! Parts of a table: headers that sort, bars in count cells, long values cut in the middle.

use crate::ui::Icon;
use islands::text::split_middle;
use leptos::prelude::*;

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// One column's header.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the URL; its cells are as wide as the stylesheet says for it.
    pub name: &'static str,
    /// Its name on the page.
    pub label: &'static str,
    /// The link's id, so that focus finds it again when the table was replaced.
    pub id: String,
    /// Where a click on it leads.
    pub href: String,
    /// `Some(true)` when the rows rise by it, `Some(false)` when they fall, `None` when they are
    /// sorted by another.
    pub rising: Option<bool>,
    /// Where its text stands.
    pub align: Align,
}

/// A header cell; a click sorts by it, another turns the order round.
#[component]
pub fn SortHeader(
    /// The column.
    column: Column,
) -> impl IntoView {
    let Column { name, label, id, href, rising, align } = column;
    let (sorted, icon) = match rising {
        Some(true) => (Some("ascending"), Some("rise")),
        Some(false) => (Some("descending"), Some("fall")),
        None => (None, None),
    };
    view! {
        <th scope="col" data-column=name class:right=align == Align::Right aria-sort=sorted>
            <a id=id href=href data-tile-link="">{label}{icon.map(|icon| view! { <Icon name=icon/> })}</a>
        </th>
    }
}

/// A count with a bar as long as its share of the largest.
#[component]
pub fn Bar(
    /// The count, written out.
    text: String,
    /// The count.
    count: u64,
    /// The largest count there is; full length.
    largest: u64,
) -> impl IntoView {
    // Rounded up, so that a small count still shows.
    let percent = count.saturating_mul(100).div_ceil(largest.max(1)).min(100);
    view! {
        <span class="counted">
            <span class="bar" style=format!("--share:{percent}%")></span>
            <span class="count">{text}</span>
        </span>
    }
}

/// A value that is cut in the middle where it does not fit; the whole of it in a tooltip.
#[component]
pub fn LongText(
    /// The value.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let (start, end) = split_middle(&text);
    let (start, end) = (start.to_owned(), end.to_owned());
    let long = !end.is_empty();
    view! {
        <span class="long" title=long.then_some(text)>
            <span class="long-start">{start}</span>
            {long.then(|| view! { <span class="long-end">{end}</span> })}
        </span>
    }
}
