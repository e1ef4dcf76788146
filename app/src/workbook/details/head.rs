//! The head of the tab Details: range and filters in words, the bucket width of the charts, and a
//! switch for the filter that Microsoft's original workbook has.

use super::super::view::ResolvedView;
use super::steps::{Steps, step_name};
use crate::names::channel_name;
use crate::ui::{Choice, Choices, Icon, Menu};
use domain::Reason;
use domain::bucket::Bucket;
use domain::names::{Kind, Settings};
use domain::workbook::Filters;
use domain::zone::Style;
use leptos::prelude::*;
use std::sync::Arc;

/// Help text of the switch.
const REPUTATION: &str = "Counts only what the provider blocked for the number's bad reputation, \
     as Microsoft's original workbook does on its Details tab. Together with the channel Voice, \
     the numbers match the original.";

#[component]
pub(super) fn Head(asked: ResolvedView, names: Arc<Settings>) -> impl IntoView {
    let steps = Steps::of(&asked);
    let line = line(&asked, &steps, &names);
    let wrong = steps.wrong.clone().map(|words| {
        view! { <p class="field-error" id="bucket-error"><Icon name="alert"/>{words}</p> }
    });
    view! {
        <div class="details-head">
            <p class="details-line">{line}</p>
            <div class="details-tools">
                <ReputationSwitch asked=asked.clone()/>
                <BucketPill asked steps/>
            </div>
            {wrong}
        </div>
    }
}

/// Range, channel, filters and bucket width as a sentence.
fn line(asked: &ResolvedView, steps: &Steps, names: &Settings) -> String {
    let Filters { channel, phone, ip, flow, browser, region, reason } = &asked.query.filters;
    let period = asked.query.period;
    let [from, to] = [period.from, period.to].map(|time| asked.zone.format(time, Style::Moment));
    let only: Vec<String> = [
        phone.map(|phone| format!("number {}", asked.sight.number(phone))),
        ip.map(|ip| format!("IP address {ip}")),
        flow.as_deref().map(|flow| format!("flow {}", names.name(Kind::Flow, flow))),
        browser.as_deref().map(|browser| format!("browser {browser}")),
        region.map(|region| format!("region {region}")),
        reason.map(|reason| format!("reason “{}”", reason.words())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let channel = channel.map_or("all channels", channel_name);
    let only = if only.is_empty() {
        "no further filter".to_owned()
    } else {
        format!("only {}", only.join(", "))
    };
    format!(
        "Failures from {from} to {to}, {channel}, {only}; charts by {}.",
        step_name(steps.bucket)
    )
}

/// Switches the filter by the only reason that the original workbook's tab counts.
#[component]
fn ReputationSwitch(asked: ResolvedView) -> impl IntoView {
    let on = asked.query.filters.reason == Some(Reason::BlockedReputation);
    let reason = if on { "" } else { Reason::BlockedReputation.as_str() };
    let href = asked.filtered("reason", reason);
    view! {
        <span class="with-help">
            <a
                class="pill on-off" class:on=on href=href data-keep="" role="switch"
                aria-checked=if on { "true" } else { "false" } aria-describedby="reputation-help"
            >
                <Icon name=if on { "check" } else { "fraud-alerts" }/>
                <span class="pill-text">"Blocked for reputation only"</span>
            </a>
            <details class="help-on-click">
                <summary aria-label="What this counts"><Icon name="info"/></summary>
                <p id="reputation-help">{REPUTATION}</p>
            </details>
        </span>
    }
}

/// The pill for the bucket width of the charts.
#[component]
fn BucketPill(asked: ResolvedView, steps: Steps) -> impl IntoView {
    let period = asked.query.period;
    let automatic = format!("Automatic ({})", Bucket::of(period).name());
    let shown =
        steps.chosen.map_or_else(|| automatic.clone(), |bucket| format!("By {}", bucket.name()));
    let choice = |text: String, word: &str, chosen: bool| Choice {
        text,
        href: asked.view.with_word("bucket", word).href(),
        chosen,
    };
    let by_hand = Steps::choices(period, asked.zone).map(|bucket| {
        let name = bucket.name();
        choice(format!("By {name}"), bucket.as_str(), steps.chosen == Some(bucket))
    });
    let choices = std::iter::once(choice(automatic.clone(), "", steps.chosen.is_none()));
    let choices = choices.chain(by_hand).collect();
    view! {
        <Menu label="Steps of the charts" shown icon="clock" hint="The length of one step in the time charts">
            <Choices choices/>
        </Menu>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::samples::{asked, key, names};
    use domain::workbook::Sight;
    use domain::zone::Zone;

    fn html(query: &str, sight: Sight) -> String {
        let (asked, names) = (asked(query, sight, Zone::utc()), Arc::new(names()));
        Owner::new().with(|| view! { <Head asked names/> }.to_html())
    }

    #[test]
    fn range_channel_and_filters_stand_in_a_line() {
        let bare = html("tab=details", Sight::Whole);
        assert!(
            bare.contains(
                "Failures from 21 Oct 2026, 00:00 UTC to 20 Nov 2026, 00:00 UTC, all channels, no \
             further filter; charts by day."
            ),
            "{bare}"
        );
        let number = key().number("+14155552700".parse().unwrap());
        let query = format!(
            "tab=details&range=7d&channel=sms&flow=B2C_1_up&reason=blocked_reputation&number={number}"
        );
        let all = html(&query, Sight::Masked);
        assert!(
            all.contains(
                "SMS, only number +14155••••00, flow Sign-up, reason “bad reputation with the \
             provider”; charts by six-hour step."
            ),
            "{all}"
        );
    }

    #[test]
    fn the_switch_leads_there_and_back() {
        let off = html("tab=details&range=7d", Sight::Whole);
        assert!(off.contains("aria-checked=\"false\""));
        assert!(
            off.contains("href=\"/?tab=details&amp;reason=blocked_reputation&amp;range=7d\""),
            "{off}"
        );
        let on = html("tab=details&range=7d&reason=blocked_reputation", Sight::Whole);
        assert!(
            on.contains("aria-checked=\"true\"")
                && on.contains("href=\"/?tab=details&amp;range=7d\"")
        );
        assert!(on.contains("original"), "what the switch is for is said");
    }

    #[test]
    fn the_steps_are_chosen_by_links_and_mistakes_are_said() {
        let html = html("tab=details&bucket=1m", Sight::Whole);
        assert!(html.contains("bucket-error") && html.contains("too many"));
        assert!(html.contains("By 6 hours") && !html.contains("By minute"), "{html}");
        assert!(html.contains("Automatic (day)"));
    }
}
