//! Tables and their parts: headers that sort, bars in count cells, long values cut in the middle.

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

/// The header cell of a column that does not sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Th {
    class: &'static str,
    label: &'static str,
    seen: bool,
}

impl Th {
    /// Of a column with a class of its own.
    pub const fn of(class: &'static str, label: &'static str) -> Self {
        Self { class, label, seen: true }
    }

    /// Of words.
    pub const fn left(label: &'static str) -> Self {
        Self::of("", label)
    }

    /// Of numbers.
    pub const fn right(label: &'static str) -> Self {
        Self::of("right", label)
    }

    /// Of words that take what room there is.
    pub const fn wide(label: &'static str) -> Self {
        Self::of("wide", label)
    }

    /// The same, heard and not seen.
    #[must_use]
    pub const fn unseen(self) -> Self {
        Self { seen: false, ..self }
    }

    fn view(self) -> AnyView {
        let Self { class, label, seen } = self;
        let label = if seen {
            label.into_any()
        } else {
            view! { <span class="hidden">{label}</span> }.into_any()
        };
        // An empty class would still be written.
        if class.is_empty() {
            view! { <th scope="col">{label}</th> }.into_any()
        } else {
            view! { <th scope="col" class=class>{label}</th> }.into_any()
        }
    }
}

/// A table in a frame that scrolls by itself where the page is narrower.
#[component]
pub fn Table(
    /// What it is of, for those who hear the page.
    #[prop(into)]
    caption: String,
    /// The id of the title that names it; without one its caption does.
    #[prop(optional)]
    by: Option<&'static str>,
    /// The frame's classes.
    #[prop(default = "table-frame")]
    frame: &'static str,
    /// The table's classes.
    #[prop(default = "list")]
    table: &'static str,
    /// Its columns' header cells.
    #[prop(into)]
    heads: Vec<Th>,
    /// Its rows.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_named_by_its_title_or_its_caption() {
        let heads = [Th::left("Name"), Th::right("Count"), Th::right("Acts").unseen()];
        let table = |by: Option<&'static str>| match by {
            Some(by) => view! { <Table caption="Things" by heads>"rows"</Table> }.to_html(),
            None => view! { <Table caption="Things" heads>"rows"</Table> }.to_html(),
        };
        let html = |by| Owner::new().with(|| table(by));
        let titled = html(Some("things-title"));
        for part in [
            "aria-labelledby=\"things-title\"",
            "class=\"table-frame\"",
            "<table class=\"list\">",
            "<caption class=\"hidden\">Things</caption>",
            "<th scope=\"col\">Name</th><th scope=\"col\" class=\"right\">Count</th>",
            "<th scope=\"col\" class=\"right\"><span class=\"hidden\">Acts</span></th>",
            "<tbody>rows</tbody>",
        ] {
            assert!(titled.contains(part), "{part} is not in {titled}");
        }
        assert!(!titled.contains("aria-label="));
        let own = html(None);
        assert!(own.contains("aria-label=\"Things\"") && !own.contains("labelledby"), "{own}");
    }
}
