//! The tab "Try a number": what the gate would answer, and why. Nothing is recorded.

use super::view::{PATH, Tab};
use super::{given::PageData, rule::Mode};
use crate::ui::{Button, Empty, Field, Icon, Notice, NoticeKind, Panel, Select, Table, Th};
use crate::{form::Outcome, names::channel_name};
use domain::gate::{DecisionRequest, Quantity, ReasonEntry, Verdict};
use domain::{Channel, Fault, Invalid, regions};
use domain::{countries::CHANNELS, query::href, rules::duration, workbook::Sight};
use engine::{Engine, gate::GateAnswer};
use islands::rules::read::Fields;
use leptos::prelude::*;

/// The URL that shows the answer to a form.
///
/// # Errors
/// The outer error is the store's; the inner one has the invalid fields.
pub(super) async fn address(
    engine: &Engine,
    fields: &Fields,
) -> Result<Result<String, Invalid>, store::Error> {
    let text = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let mut invalid = Invalid::default();
    let ip = text("ip");
    if !ip.is_empty() && domain::address::client_address(ip).is_none() {
        invalid.push(
            "ip",
            Fault::InvalidIp,
            "Must be an IPv4 or IPv6 address, such as 203.0.113.7.",
        );
    }
    for name in ["user", "device", "flow"] {
        if text(name).chars().count() > 320 {
            invalid.push(name, Fault::TooLong, "Must be at most 320 characters.");
        }
    }
    let channel = text("channel").parse().unwrap_or(Channel::Sms);
    let asked = engine.gate.dry_run(DecisionRequest::new(text("phone"), channel), "").await;
    let number = match asked {
        Ok(answered) => answered.phone.phone,
        Err(wrong) => {
            invalid.fields.extend(wrong.fields);
            return Ok(Err(invalid));
        }
    };
    let key = engine.handles.key().await?;
    let user = Some(text("user")).filter(|user| !user.is_empty());
    let user = user.map(|user| key.user(user)).unwrap_or_default();
    let path = href(
        PATH,
        [
            ("tab", Tab::Try.as_str()),
            ("of", &*key.number(number)),
            ("channel", channel.as_str()),
            ("user", &*user),
            ("ip", ip),
            ("device", text("device")),
            ("flow", text("flow")),
        ],
    );
    Ok(invalid.or(path))
}

pub(super) async fn panel(given: &PageData) -> AnyView {
    let tried = given.visit.tried.of("try");
    let number = given.view.number(&given.key);
    let answer = match number {
        Some(number) if !tried.is_told() => Some(ask(given, &number.to_string()).await),
        _ => None,
    };
    let empty = answer.is_none();
    view! {
        <div class="panels try">
            {given.visit.guards.then(|| form(given, tried))}
            {answer}
            {(empty && !given.visit.guards).then(|| view! {
                <section class="panel">
                    <Empty>
                        "An admin or security lead types numbers here. Anyone with a link to an \
                         answer sees it, with the number masked."
                    </Empty>
                </section>
            })}
        </div>
    }
    .into_any()
}

async fn ask(given: &PageData, phone: &str) -> AnyView {
    let view = &given.view;
    let text = |name: &str| Some(view.text(name).to_owned()).filter(|text| !text.is_empty());
    let ask = DecisionRequest {
        user: view.user(&given.key),
        ip: view.text("ip").parse().ok(),
        device: text("device"),
        flow: text("flow"),
        ..DecisionRequest::new(phone, view.text("channel").parse().unwrap_or(Channel::Sms))
    };
    let channel = ask.channel;
    match given.visit.engine.gate.dry_run(ask, &given.languages).await {
        Ok(answered) => answer(given, &answered, channel),
        Err(invalid) => {
            let words = invalid.fields.into_iter().map(|error| error.message).collect::<Vec<_>>();
            view! { <Notice kind=NoticeKind::Failed>{words.join(" ")}</Notice> }.into_any()
        }
    }
}

fn form(given: &PageData, tried: Outcome) -> impl IntoView + use<> {
    let view = &given.view;
    let number = view.number(&given.key).filter(|_| given.visit.sight == Sight::Whole);
    let told = tried.is_told();
    let value = |name: &str, otherwise: String| if told { tried.value(name) } else { otherwise };
    let phone = value("phone", number.map(|number| number.to_string()).unwrap_or_default());
    let user = value("user", view.user(&given.key).unwrap_or_default());
    let channel = value("channel", view.text("channel").to_owned());
    let channel = if channel.is_empty() { "sms".to_owned() } else { channel };
    let options = CHANNELS.map(|one| (one.to_string(), channel_name(one).to_owned())).to_vec();
    let [ip, device, flow] =
        ["ip", "device", "flow"].map(|name| value(name, view.text(name).to_owned()));
    view! {
        <Panel by="try-title" title="Try a number">
            <form class="form panel-body try-form" method="post" action="/_fn/rules-try" autocomplete="off">
                <Field
                    label="Number" name="phone" id="try-phone" kind="tel" value=phone required=true
                    error=tried.error("phone") help="Such as +18765550100. Nothing is sent or recorded."
                />
                <Select label="Channel" name="channel" id="try-channel" options value=channel/>
                <Field label="User" name="user" id="try-user" value=user error=tried.error("user")/>
                <Field label="IP address" name="ip" id="try-ip" value=ip error=tried.error("ip")/>
                <Field label="Device" name="device" id="try-device" value=device error=tried.error("device")/>
                <Field label="Flow" name="flow" id="try-flow" value=flow error=tried.error("flow")/>
                <div class="form-end"><Button>"Try"</Button></div>
            </form>
        </Panel>
    }
}

fn answer(given: &PageData, answered: &GateAnswer, channel: Channel) -> AnyView {
    let decision = &answered.decision;
    let facts = facts(given, answered, channel);
    let reasons: Vec<_> =
        decision.reasons.iter().map(|why| reason(why, given.visit.sight)).collect();
    let shadow = (decision.shadow != decision.verdict).then(|| view! {
        <p class="shadow-line">
            <Mode shadow=true/>" If every shadow rule were enforced: "<b>{decision.shadow.label()}</b>"."
        </p>
    });
    let told = answered.user_message.text.clone();
    let told = (!told.is_empty())
        .then(|| view! { <blockquote>{given.visit.sight.text_owned(&told)}</blockquote> });
    let none = reasons.is_empty();
    let href = given.view.href();
    view! {
        <section class="panel gate-answer" id="answer" aria-labelledby="answer-title">
            <h2 id="answer-title">"The gate’s answer"</h2>
            <div class="panel-body">
                <p class=format!("verdict {}", decision.verdict)>
                    <Icon name=icon(decision.verdict)/><b>{decision.verdict.label()}</b>
                    {decision.retry_after.map(|wait| format!(" for {}", duration(wait)))}
                </p>
                {shadow}
                {facts}
                {told.map(|told| view! { <div><h3>"The user sees"</h3>{told}</div> })}
            </div>
            <h3 class="reasons-title" id="reasons-title">"Reasons, in the order of the rules"</h3>
            {none.then(|| view! { <p class="panel-note">"No rule applied, so the code would be \
                                                         sent."</p> })}
            {(!none).then(|| view! {
                <Table caption="Reasons" by="reasons-title" table="list reasons" heads=[
                    Th::left("Reason"), Th::left("Mode"), Th::right("Observed"), Th::right("Limit"),
                    Th::right("Window"), Th::left("Rule"),
                ]>{reasons}</Table>
            })}
            <p class="panel-note answer-end">
                <a href=href>"Link that repeats this check"</a>
                " It contains the number’s handle, not the number."
            </p>
        </section>
    }
    .into_any()
}

fn icon(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "check",
        Verdict::Challenge => "info",
        Verdict::Delay => "clock",
        Verdict::Deny => "close",
    }
}

fn facts(given: &PageData, answered: &GateAnswer, channel: Channel) -> impl IntoView + use<> {
    let phone = answered.phone;
    let number = match given.visit.sight {
        Sight::Whole => phone.phone.to_string(),
        Sight::Masked => phone.phone.masked(),
    };
    let name = regions::info(phone.region).map_or("", |info| info.name);
    let valid = if phone.valid { "Yes" } else { "No: this number cannot exist" };
    let alternatives = &answered.decision.alternatives;
    let alternatives: Vec<_> = alternatives.iter().map(|one| channel_name(*one)).collect();
    let alternatives =
        if alternatives.is_empty() { "None".to_owned() } else { alternatives.join(", ") };
    let cost = answered.decision.cost.map_or("No price".to_owned(), |cost| {
        format!("{cost} {}", given.visit.engine.gate.rules().settings().spend.currency)
    });
    view! {
        <dl class="facts">
            <div><dt>"Number"</dt><dd>{number}</dd></div>
            <div><dt>"Channel"</dt><dd>{channel_name(channel)}</dd></div>
            <div><dt>"Region"</dt><dd>{name}" ("{phone.region.to_string()}")"</dd></div>
            <div><dt>"Type"</dt><dd>{phone.kind.label()}</dd></div>
            <div><dt>"Valid"</dt><dd>{valid}</dd></div>
            <div><dt>"Price"</dt><dd>{cost}</dd></div>
            <div><dt>"May work instead"</dt><dd>{alternatives}</dd></div>
        </dl>
    }
}

fn reason(why: &ReasonEntry, sight: Sight) -> impl IntoView + use<> {
    let quantity = |of: Option<Quantity>| of.map(|of| of.to_string()).unwrap_or_default();
    view! {
        <tr>
            <th scope="row" class="said">
                {why.code.label()}<p class="field-help">{sight.text_owned(&why.message)}</p>
            </th>
            <td><Mode shadow=why.mode == domain::rules::Mode::Shadow/></td>
            <td class="right">{quantity(why.observed)}</td>
            <td class="right">{quantity(why.limit)}</td>
            <td class="right">{why.window.map(duration)}</td>
            <td class="said"><code>{sight.text_owned(&why.rule)}</code></td>
        </tr>
    }
}
