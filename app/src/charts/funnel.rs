//! How far attempts came: bars, each a part of the one before.

use crate::ui::text::{share, thousands};
use leptos::prelude::*;

/// Requested, sent, delivered, verified: how many came so far, and which share of those before.
#[component]
pub fn Funnel(
    /// Attempts that asked for a code; left out where it is not known.
    #[prop(into, default = None)]
    requested: Option<u64>,
    /// Attempts whose code was sent.
    sent: u64,
    /// Attempts whose code is known to have arrived; none where no source tells.
    #[prop(into)]
    delivered: Option<u64>,
    /// Attempts that verified.
    verified: u64,
) -> impl IntoView {
    let steps = [
        ("requested", "Requested", requested),
        ("sent", "Sent", Some(sent)),
        ("delivered", "Delivered", delivered),
        ("verified", "Verified", Some(verified)),
    ];
    let known: Vec<_> =
        steps.into_iter().filter_map(|(word, name, count)| Some((word, name, count?))).collect();
    let largest = known.iter().map(|(_, _, count)| *count).max().unwrap_or(0);
    let items = known
        .iter()
        .enumerate()
        .map(|(at, &(word, name, count))| {
            let before = at.checked_sub(1).and_then(|at| known.get(at));
            // Sources differ in what they tell: more may have verified than are known to have got
            // their code.
            let step =
                before.filter(|(_, _, before)| (1..).contains(before) && *before >= count).map(
                    |(_, of, before)| format!("{} of {}", share(count, *before), of.to_lowercase()),
                );
            let tenths = count.saturating_mul(1_000).div_ceil(largest.max(1)).min(1_000);
            let width = format!("--share:{}.{}%", tenths / 10, tenths % 10);
            view! {
                <li data-step=word>
                    <span class="funnel-name">{name}</span>
                    <span class="funnel-bar" style=width></span>
                    <span class="funnel-count">{thousands(count)}</span>
                    <span class="funnel-share">{step}</span>
                </li>
            }
        })
        .collect_view();
    let through = (sent > 0).then(|| {
        view! { <p class="funnel-whole"><b>{share(verified, sent)}</b>" of attempts sent were verified."</p> }
    });
    view! {
        <div class="funnel">
            <ol aria-label="From sent to verified">{items}</ol>
            {through}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::snapshot::same;

    fn html(requested: Option<u64>, sent: u64, delivered: Option<u64>, verified: u64) -> String {
        Owner::new()
            .with(|| view! { <Funnel requested sent delivered verified/> }.to_html())
            .replace("<!>", "")
    }

    #[test]
    fn shares_of_the_step_before() {
        let html = html(Some(13_000), 12_340, Some(11_000), 8_000);
        for part in ["95 % of requested", "89 % of sent", "73 % of delivered", "<b>65 %</b>"] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        same("funnel.html", &html);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let html = html(None, 10, None, 4);
        assert!(!html.contains("Delivered") && html.contains("40 % of sent"));
    }

    #[test]
    fn no_share_where_none_makes_sense() {
        let odd = html(None, 10, Some(2), 4);
        assert!(odd.contains("20 % of sent") && !odd.contains("of delivered"));
        let none = html(None, 0, Some(0), 0);
        assert!(!none.contains('%') || !none.contains("NaN"));
        assert!(!none.contains("of sent"));
    }
}
