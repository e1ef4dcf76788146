//! The funnel of attempts: each bar is a part of the bar before.

use crate::ui::Delta;
use domain::conversion::Funnel as Counts;
use islands::text::{share, thousands};
use leptos::prelude::*;

/// Word and label of each step.
const NAMES: [(&str, &str); 4] = [
    ("requested", "Requested"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("verified", "Verified"),
];

/// Attempts that reached each step.
fn steps(counts: Counts) -> [u64; 4] {
    [counts.attempts, counts.sent, counts.delivered, counts.verified]
}

/// Attempts that reached each step, and their share of the step before.
#[component]
pub(crate) fn Funnel(
    now: Counts,
    /// Counts of the previous range, if it is compared.
    #[prop(into, default = None)]
    before: Option<Counts>,
) -> impl IntoView {
    let counts = steps(now);
    let pasts = before.map_or([None; 4], |before| steps(before).map(Some));
    let largest = counts.iter().copied().max().unwrap_or(0);
    let items = NAMES
        .iter()
        .zip(counts.into_iter().zip(pasts))
        .enumerate()
        .map(|(at, (&(word, name), (count, past)))| {
            let above = at.checked_sub(1).and_then(|at| Some((NAMES.get(at)?.0, *counts.get(at)?)));
            // Sources report different steps: more attempts may be verified than delivered.
            let above = above.filter(|(_, above)| (1..).contains(above) && *above >= count);
            let step = above.map(|(of, above)| format!("{} of {of}", share(count, above)));
            let tenths = count.saturating_mul(1_000).div_ceil(largest.max(1)).min(1_000);
            let width = format!("--share:{}.{}%", tenths / 10, tenths % 10);
            view! {
                <li data-step=word>
                    <span class="funnel-name">{name}</span>
                    <span class="funnel-bar" style=width></span>
                    <span class="funnel-count">{thousands(count)}</span>
                    {past.map(|before| view! { <Delta now=count before/> })}
                    <span class="funnel-share">{step}</span>
                </li>
            }
        })
        .collect_view();
    let past = before.filter(|before| before.sent > 0);
    let past = past
        .map(|before| format!("; {} in the previous period", share(before.verified, before.sent)));
    let through = (now.sent > 0).then(|| {
        let rate = share(now.verified, now.sent);
        view! { <p class="funnel-whole"><b>{rate}</b>" of attempts sent were verified"{past}"."</p> }
    });
    view! {
        <div class="funnel">
            <ol aria-label="From sent to verified">{items}</ol>
            {through}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::snapshot::same;
    use crate::ui::testing::assert_has;

    const NOW: Counts = Counts {
        attempts: 13_000,
        refused: 0,
        sent: 12_340,
        delivered: 11_000,
        verified: 8_000,
        prompts: 0,
    };

    fn html(now: Counts, before: Option<Counts>) -> String {
        Owner::new().with(|| view! { <Funnel now before/> }.to_html()).replace("<!>", "")
    }

    #[test]
    fn shares_of_the_step_before() {
        let html = html(NOW, None);
        assert_has(
            &html,
            &["95 % of requested", "89 % of sent", "73 % of delivered", "<b>65 %</b>"],
        );
        assert!(!html.contains("previous period"));
        same("funnel.html", &html);
    }

    #[test]
    fn every_step_beside_the_range_before() {
        let before = Counts {
            attempts: 6_500,
            refused: 0,
            sent: 10_000,
            delivered: 11_000,
            verified: 0,
            prompts: 0,
        };
        let html = html(NOW, Some(before));
        let deltas: Vec<_> = html.split("class=\"delta").skip(1).collect();
        assert_eq!(deltas.len(), 4);
        for (delta, part) in deltas.iter().zip(["+100 %", "+23 %", "±0 %", "new"]) {
            assert!(delta.contains(part), "{part} is not in {delta}");
        }
        assert!(html.contains("were verified; 0 % in the previous period."), "{html}");
        // A rate of nothing is not one.
        assert!(!self::html(NOW, Some(Counts::default())).contains("% in the previous period."));
    }

    #[test]
    fn no_share_where_none_makes_sense() {
        let odd = html(
            Counts { attempts: 10, refused: 0, sent: 10, delivered: 2, verified: 4, prompts: 0 },
            None,
        );
        assert!(odd.contains("20 % of sent") && !odd.contains("of delivered"));
        let none = html(Counts::default(), None);
        assert!(!none.contains("NaN") && !none.contains("of sent"));
    }
}
