//! Tables and their parts: sortable headers, bars in count cells, long values cut in the middle.

use crate::ui::Icon;
use islands::text::split_middle;
use leptos::prelude::*;

/// Alignment of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Align {
    /// For text.
    #[default]
    Left,
    /// For numbers.
    Right,
}

/// The header cell of a column that does not sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Th {
    class: &'static str,
    label: &'static str,
    seen: bool,
}

impl Th {
    /// A header with its own class.
    pub(crate) const fn of(class: &'static str, label: &'static str) -> Self {
        Self { class, label, seen: true }
    }

    /// A header above text.
    pub(crate) const fn left(label: &'static str) -> Self {
        Self::of("", label)
    }

    /// A header above numbers.
    pub(crate) const fn right(label: &'static str) -> Self {
        Self::of("right", label)
    }

    /// A header above text that takes the remaining width.
    pub(crate) const fn wide(label: &'static str) -> Self {
        Self::of("wide", label)
    }

    /// The same header, visible only to screen readers.
    #[must_use]
    pub(crate) const fn unseen(self) -> Self {
        Self { seen: false, ..self }
    }

    fn view(self) -> AnyView {
        let Self { class, label, seen } = self;
        let label = match seen {
            true => label.into_any(),
            false => view! { <span class="hidden">{label}</span> }.into_any(),
        };
        // An empty `class` would be written too.
        if class.is_empty() {
            view! { <th scope="col">{label}</th> }.into_any()
        } else {
            view! { <th scope="col" class=class>{label}</th> }.into_any()
        }
    }
}

/// A table in a frame that scrolls if the page is too narrow.
#[component]
pub(crate) fn Table(
    /// Caption, for screen readers.
    #[prop(into)]
    caption: String,
    /// Id of the title that labels it; without one, its caption does.
    #[prop(optional)]
    by: Option<&'static str>,
    #[prop(default = "table-frame")] frame: &'static str,
    #[prop(default = "list")] table: &'static str,
    #[prop(into)] heads: Vec<Th>,
    children: Children,
) -> impl IntoView {
    let label = by.is_none().then(|| caption.clone());
    let heads: Vec<_> = heads.into_iter().map(Th::view).collect();
    view! {
        <div class=frame role="group" tabindex="0" aria-labelledby=by aria-label=label>
            <table class=table>
                <caption class="hidden">{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The header of a sortable column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Name in the URL; the stylesheet sets the width by it.
    pub name: &'static str,
    pub label: &'static str,
    /// Id of the link, so that it keeps the focus when the table is replaced.
    pub id: String,
    /// Address that sorts by it.
    pub href: String,
    /// `Some(true)` if the rows ascend by it, `Some(false)` if they descend, `None` if they are
    /// sorted by another column.
    pub rising: Option<bool>,
    pub align: Align,
}

/// A header cell: a click sorts by it, a second click reverses the order.
#[component]
pub(crate) fn SortHeader(column: Column) -> impl IntoView {
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
    .into_any()
}

/// A count with a bar whose length is its share of the largest count.
#[component]
pub(crate) fn Bar(text: String, count: u64, largest: u64) -> impl IntoView {
    // Rounded up, so that a small count is visible.
    let percent = count.saturating_mul(100).div_ceil(largest.max(1)).min(100);
    view! {
        <span class="counted">
            <span class="bar" style=format!("--share:{percent}%")></span>
            <span class="count">{text}</span>
        </span>
    }
    .into_any()
}

/// A value that is cut in the middle if it does not fit; the tooltip has all of it.
#[component]
pub(crate) fn LongText(#[prop(into)] text: String) -> impl IntoView {
    let (start, end) = split_middle(&text);
    let (start, end) = (start.to_owned(), end.to_owned());
    let long = !end.is_empty();
    view! {
        <span class="long" title=long.then_some(text)>
            <span class="long-start">{start}</span>
            {long.then(|| view! { <span class="long-end">{end}</span> })}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::assert_has;

    #[test]
    fn a_table_is_named_by_its_title_or_its_caption() {
        let heads = [Th::left("Name"), Th::right("Count"), Th::right("Acts").unseen()];
        let table = |by: Option<&'static str>| match by {
            Some(by) => view! { <Table caption="Things" by heads>"rows"</Table> }.to_html(),
            None => view! { <Table caption="Things" heads>"rows"</Table> }.to_html(),
        };
        let html = |by| Owner::new().with(|| table(by));
        let titled = html(Some("things-title"));
        assert_has(
            &titled,
            &[
                "aria-labelledby=\"things-title\"",
                "class=\"table-frame\"",
                "<table class=\"list\">",
                "<caption class=\"hidden\">Things</caption>",
                "<th scope=\"col\">Name</th><th scope=\"col\" class=\"right\">Count</th>",
                "<th scope=\"col\" class=\"right\"><span class=\"hidden\">Acts</span></th>",
                "<tbody>rows</tbody>",
            ],
        );
        assert!(!titled.contains("aria-label="));
        let own = html(None);
        assert!(own.contains("aria-label=\"Things\"") && !own.contains("labelledby"), "{own}");
    }
}
