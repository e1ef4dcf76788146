//! Icons: outlines in one sprite, used by name.

use leptos::prelude::*;

/// Names and outlines on a 24 × 24 grid, stroked with the text colour.
const OUTLINES: &[(&str, &str)] = &[
    ("alert", "<path d='M12 4 2.8 20h18.4z'/><path d='M12 10v4.5M12 17.4v.1'/>"),
    ("audit", "<path d='M6 3.5h9l4 4v13H6z'/><path d='M14.5 3.5V8H19M9 12.5h7M9 16.5h7'/>"),
    ("auto", "<rect x='3' y='4' width='18' height='12' rx='2'/><path d='M8 20h8M12 16v4'/>"),
    (
        "bell",
        "<path d='M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15z'/><path d='M10 20.5a2.2 2.2 0 0 0 4 0'/>",
    ),
    ("channel", "<path d='M20 15a2 2 0 0 1-2 2H9l-5 4V6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2z'/>"),
    ("chart", "<path d='M4 4v16h16'/><path d='m7.5 15.5 3.8-5 3.2 2.8 5-7.3'/>"),
    ("check", "<path d='m5 12.5 4.5 4.5L19 7.5'/>"),
    ("clock", "<circle cx='12' cy='12' r='9'/><path d='M12 7v5l3.2 2'/>"),
    ("close", "<path d='M6.5 6.5l11 11M17.5 6.5l-11 11'/>"),
    (
        "compare",
        "<path d='M4 17l4-5 4 2.5L20 6'/><path d='M4 20.5h2M9 20.5h2M14 20.5h2M19 20.5h1'/>",
    ),
    (
        "copy",
        "<rect x='9' y='9' width='11' height='11' rx='2'/><path d='M5.5 15H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v.5'/>",
    ),
    (
        "countries",
        "<circle cx='12' cy='12' r='9'/><path d='M3 12h18M12 3c2.6 2.5 3.9 5.5 3.9 9s-1.3 6.5-3.9 9c-2.6-2.5-3.9-5.5-3.9-9s1.3-6.5 3.9-9z'/>",
    ),
    (
        "donut",
        "<circle cx='12' cy='12' r='8.5'/><circle cx='12' cy='12' r='3.5'/><path d='M12 3.5v5M15.2 13.5l4.3 2.6'/>",
    ),
    ("down", "<path d='m6 9.5 6 6 6-6'/>"),
    ("download", "<path d='M12 4v11M7.5 10.8 12 15.3l4.5-4.5M4.5 19.5h15'/>"),
    ("expand", "<path d='M14 4.5h5.5V10M10 19.5H4.5V14M19.5 4.5l-6 6M4.5 19.5l6-6'/>"),
    ("fall", "<path d='M12 5v14M6.5 13.5 12 19l5.5-5.5'/>"),
    (
        "fraud-alerts",
        "<path d='M12 3.5 5 6v5.5c0 4.3 2.9 7.6 7 9 4.1-1.4 7-4.7 7-9V6z'/><path d='M12 8.5v4.2M12 15.7v.1'/>",
    ),
    ("info", "<circle cx='12' cy='12' r='9'/><path d='M12 11v5M12 7.9v.1'/>"),
    ("left", "<path d='m14.5 6-6 6 6 6'/>"),
    ("menu", "<path d='M4 7h16M4 12h16M4 17h16'/>"),
    ("moon", "<path d='M20 14.2A8.4 8.4 0 1 1 9.8 4a6.6 6.6 0 0 0 10.2 10.2z'/>"),
    ("open", "<path d='M13.5 4.5h6v6M19.5 4.5 11 13M9 6H5v13h13v-4'/>"),
    ("retry", "<path d='M19.5 12a7.5 7.5 0 1 1-2.3-5.4L20 9.2M20 4.5v4.7h-4.7'/>"),
    ("right", "<path d='m9.5 6 6 6-6 6'/>"),
    ("rise", "<path d='M12 19V5M6.5 10.5 12 5l5.5 5.5'/>"),
    ("search", "<circle cx='11' cy='11' r='6.5'/><path d='m16 16 4.5 4.5'/>"),
    (
        "rules",
        "<path d='M12 3.5v17M7 20.5h10M4.5 7.5h15M12 4.5l-7.5 3M12 4.5l7.5 3M2.5 14l2-6.5 2 6.5a2 2 0 0 1-4 0zM17.5 14l2-6.5 2 6.5a2 2 0 0 1-4 0z'/>",
    ),
    (
        "set-up",
        "<path d='M4 7h9M19 7h1M4 17h1M11 17h9'/><circle cx='16' cy='7' r='2.5'/><circle cx='8' cy='17' r='2.5'/>",
    ),
    (
        "sign-ins",
        "<path d='M9 6h11M9 12h11M9 18h11'/><path d='m3.5 6 .8.8L6 5M3.5 12l.8.8L6 11M3.5 18l.8.8L6 17'/>",
    ),
    (
        "sign-out",
        "<path d='M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15.5 16.5 20 12l-4.5-4.5M20 12H9.5'/>",
    ),
    (
        "sun",
        "<circle cx='12' cy='12' r='4'/><path d='M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1'/>",
    ),
    (
        "table",
        "<rect x='3.5' y='4.5' width='17' height='15' rx='2'/><path d='M3.5 9.5h17M9.5 9.5v10'/>",
    ),
    ("user", "<circle cx='12' cy='8.5' r='4'/><path d='M4.5 20a7.5 7.5 0 0 1 15 0'/>"),
    ("workbook", "<path d='M5 20v-7M12 20V5M19 20V10'/>"),
];

/// All outlines, hidden, once on each page.
#[component]
pub(crate) fn Sprite() -> impl IntoView {
    let symbols: String = OUTLINES
        .iter()
        .map(|(name, paths)| format!("<symbol id='i-{name}' viewBox='0 0 24 24'>{paths}</symbol>"))
        .collect();
    view! { <svg class="sprite" aria-hidden="true" inner_html=symbols></svg> }.into_any()
}

/// One icon. It is decoration only: its meaning must also be in text or in a label.
#[component]
pub(crate) fn Icon(name: &'static str) -> impl IntoView {
    debug_assert!(OUTLINES.iter().any(|(known, _)| *known == name), "no outline called {name}");
    // As text, because `<use>` must be in the namespace of `<svg>`.
    view! {
        <svg class="icon" aria-hidden="true" inner_html=format!("<use href='#i-{name}'/>")></svg>
    }
    .into_any()
}
