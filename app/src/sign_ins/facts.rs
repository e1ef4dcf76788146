//! The facts of an attempt.

use super::links::{of_ip, of_number, of_user};
use super::rows::{Clock, Outcome};
use crate::names::{AppName, FlowName, channel_name};
use crate::profiles::links;
use crate::ui::{Copy, Panel, fact};
use domain::Cost;
use domain::workbook::Sight;
use engine::signins::{LinkedName, SignIn};
use leptos::prelude::*;

/// The facts of an attempt that are known.
#[component]
pub(super) fn Facts(attempt: SignIn, sight: Sight) -> impl IntoView {
    let text = |label, value: Option<String>| value.map(|value| fact(label, value));
    let named =
        |label, value: Option<LinkedName>, hrefs: [fn(&str) -> String; 2], copies: bool, more| {
            value.map(|LinkedName { text, handle }| {
                subject(label, text, hrefs.map(|href| href(&handle)), copies, more)
            })
        };
    let ip = attempt.ip.map(|ip| {
        let hrefs = [links::ip(ip), of_ip(ip)];
        subject("IP address", ip.to_string(), hrefs, true, "Its sign-ins")
    });
    let journey = attempt.journey.map(|journey| {
        let value = view! { <span class="with-copy"><code>{journey.clone()}</code><Copy value=journey/></span> };
        fact("Journey", value)
    });
    let whole = sight == Sight::Whole;
    let zone = crate::zone::current().short(attempt.time);
    view! {
        <Panel by="facts-title" title="Facts">
            <dl class="facts">
                {fact("Outcome", view! { <Outcome kind=attempt.outcome/> })}
                {text("Reason", attempt.reason.map(|reason| reason.words().to_owned()))}
                {text("In the source’s words", attempt.reason_text)}
                {fact("Began", view! { <Clock time=attempt.time/>" "{zone} })}
                {named("User", attempt.user, [links::user, of_user], false, "Their sign-ins")}
                {named("Number", attempt.number, [links::number, of_number], whole, "Its sign-ins")}
                {text("Region", attempt.region.map(|region| region.to_string()))}
                {text("Channel", attempt.channel.map(|channel| channel_name(channel).to_owned()))}
                {attempt.flow.map(|id| fact("Flow", view! { <FlowName id/> }))}
                {attempt.app.map(|id| fact("Application", view! { <AppName id/> }))}
                {ip}
                {text("Browser", attempt.browser)}
                {text("Carrier", attempt.carrier)}
                {text("Cost", attempt.cost.map(money))}
                {journey}
            </dl>
        </Panel>
    }
}

/// A user, number or IP address, with links to its page and its attempts.
fn subject(
    label: &'static str,
    text: String,
    [page, attempts]: [String; 2],
    copies: bool,
    more: &'static str,
) -> AnyView {
    let copy = copies.then(|| view! { <Copy value=text.clone()/> });
    let value = view! {
        <span class="with-copy"><a href=page>{text}</a>{copy}</span>
        " " <a href=attempts>{more}</a>
    };
    fact(label, value)
}

/// An amount with its currency: `0.0300 EUR`.
pub(super) fn money(cost: Cost) -> String {
    format!("{} {}", cost.amount, cost.currency)
}
