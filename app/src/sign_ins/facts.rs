//! What an attempt is known by.

use super::links::{of_ip, of_number, of_user};
use super::rows::{Clock, Outcome};
use crate::names::{AppName, FlowName, channel_name};
use crate::profiles::links;
use crate::ui::Copy;
use domain::Cost;
use domain::signins::reason_words;
use domain::workbook::Sight;
use engine::signins::{Named, SignIn};
use leptos::prelude::*;

/// The attempt's facts; what it has none of is left out.
#[component]
pub(super) fn Facts(
    /// The attempt.
    attempt: SignIn,
    /// How much of a number is shown.
    sight: Sight,
) -> impl IntoView {
    let text = |label, value: Option<String>| value.map(|value| fact(label, value.into_any()));
    let named =
        |label, value: Option<Named>, hrefs: [fn(&str) -> String; 2], copies: bool, more| {
            value.map(|Named { text, handle }| {
                let copy = copies.then(|| view! { <Copy value=text.clone()/> });
                let value = view! {
                    <span class="with-copy"><a href=hrefs[0](&handle)>{text}</a>{copy}</span>
                    " " <a href=hrefs[1](&handle)>{more}</a>
                };
                fact(label, value.into_any())
            })
        };
    let ip = attempt.ip.map(|ip| {
        let text = ip.to_string();
        let value = view! {
            <span class="with-copy"><a href=links::ip(ip)>{text.clone()}</a><Copy value=text/></span>
            " " <a href=of_ip(ip)>"Its sign-ins"</a>
        };
        fact("IP address", value.into_any())
    });
    let journey = attempt.journey.map(|journey| {
        let value = view! { <span class="with-copy"><code>{journey.clone()}</code><Copy value=journey/></span> };
        fact("Journey", value.into_any())
    });
    let whole = sight == Sight::Whole;
    let zone = crate::zone::current().short(attempt.time);
    view! {
        <section class="panel" aria-labelledby="facts-title">
            <h2 id="facts-title">"Facts"</h2>
            <dl class="facts">
                {fact("Outcome", view! { <Outcome kind=attempt.outcome/> }.into_any())}
                {text("Reason", attempt.reason.map(|reason| reason_words(reason).to_owned()))}
                {text("In the source’s words", attempt.reason_text)}
                {fact("Began", view! { <Clock time=attempt.time/>" "{zone} }.into_any())}
                {named("User", attempt.user, [links::user, of_user], false, "Their sign-ins")}
                {named("Number", attempt.number, [links::number, of_number], whole, "Its sign-ins")}
                {text("Region", attempt.region.map(|region| region.to_string()))}
                {text("Channel", attempt.channel.map(|channel| channel_name(channel).to_owned()))}
                {attempt.flow.map(|id| fact("Flow", view! { <FlowName id/> }.into_any()))}
                {attempt.app.map(|id| fact("Application", view! { <AppName id/> }.into_any()))}
                {ip}
                {text("Browser", attempt.browser)}
                {text("Carrier", attempt.carrier)}
                {text("Cost", attempt.cost.map(money))}
                {journey}
            </dl>
        </section>
    }
}

fn fact(label: &'static str, value: AnyView) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

/// An amount with its currency: `0.0300 EUR`.
pub(super) fn money(cost: Cost) -> String {
    format!("{} {}", cost.amount, cost.currency)
}
