//! The change of a count against the range before.

use crate::ui::Icon;
use crate::ui::text::{signed_percent, thousands};
use domain::workbook::Total;
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
