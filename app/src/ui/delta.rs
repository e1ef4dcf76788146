//! The change of a count against the range before.

use crate::ui::Icon;
use domain::workbook::Total;
use islands::text::{signed_percent, thousands};
use leptos::prelude::*;

/// A sign, a percentage and an arrow; what it was before on hover. New ones say so.
#[component]
pub fn Delta(
    /// The count in the range.
    now: u64,
    /// In the range before.
    before: u64,
) -> impl IntoView {
    let (class, icon) = match now.cmp(&before) {
        std::cmp::Ordering::Greater => ("delta more", Some("rise")),
        std::cmp::Ordering::Less => ("delta fewer", Some("fall")),
        std::cmp::Ordering::Equal => ("delta", None),
    };
    let words = match (Total { now, before }).change_percent() {
        // Past tenfold a percentage is a riddle.
        Some(percent) if percent >= 900 => format!("× {}", thousands(now / before.max(1))),
        Some(percent) => signed_percent(percent),
        None if now == 0 => "±0 %".to_owned(),
        None => "new".to_owned(),
    };
    let hint = format!("{} in the range before", thousands(before));
    view! {
        <span class=class title=hint>
            {icon.map(|icon| view! { <Icon name=icon/> })}{words}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(now: u64, before: u64) -> String {
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
            let html = said(now, before);
            assert!(html.contains(words), "{words} is not in {html}");
            assert!(html.contains(&format!("class=\"{class}\"")), "{class} is not in {html}");
        }
        assert!(said(100, 10).contains("10 in the range before"));
    }
}
