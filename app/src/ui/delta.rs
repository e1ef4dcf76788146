//! The change of a count since the previous range.

use crate::ui::Icon;
use domain::workbook::Total;
use islands::text::{signed_percent, thousands};
use leptos::prelude::*;
use std::cmp::Ordering;

/// Sign, percentage and arrow, with the previous count in the tooltip; `new` if it was 0.
#[component]
pub(crate) fn Delta(now: u64, before: u64) -> impl IntoView {
    let (more, icon) = direction(now, before);
    let words = change(Total { now, before }).unwrap_or_else(|| match now {
        0 => "±0 %".to_owned(),
        _ => "new".to_owned(),
    });
    let hint = format!("{} in the previous period", thousands(before));
    view! {
        <span class=format!("delta{more}") title=hint>
            {icon.map(|icon| view! { <Icon name=icon/> })}{words}
        </span>
    }
    .into_any()
}

/// A change as a percentage, or as a factor from tenfold on; `None` if the previous count was 0.
pub(crate) fn change(total: Total) -> Option<String> {
    let percent = total.change_percent()?;
    Some(match percent {
        900.. => format!("× {}", thousands(total.now / total.before.max(1))),
        _ => signed_percent(percent),
    })
}

/// Class and icon of a change: whether there are more or fewer than before.
pub(crate) fn direction(now: u64, before: u64) -> (&'static str, Option<&'static str>) {
    match now.cmp(&before) {
        Ordering::Greater => (" more", Some("rise")),
        Ordering::Less => (" fewer", Some("fall")),
        Ordering::Equal => ("", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html_of(now: u64, before: u64) -> String {
        Owner::new().with(|| view! { <Delta now before/> }.to_html())
    }

    #[test]
    fn changes_in_few_letters() {
        for (now, before, class, words) in [
            (0, 0, "delta", "±0 %"),
            (5, 0, "delta more", "new"),
            (3, 2, "delta more", "+50 %"),
            (99, 10, "delta more", "+890 %"),
            (100, 10, "delta more", "× 10"),
            (1, 4, "delta fewer", "−75 %"),
            (0, 4, "delta fewer", "−100 %"),
        ] {
            let html = html_of(now, before);
            assert!(html.contains(words), "{words} is not in {html}");
            assert!(html.contains(&format!("class=\"{class}\"")), "{class} is not in {html}");
        }
        assert!(html_of(100, 10).contains("10 in the previous period"));
    }
}
