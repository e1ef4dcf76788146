//! The tab of rules: all of them as sentences, by group.

use super::edit::{FormFields, Script, kill};
use super::{given::PageData, rule::RuleGroup, view::Tab};
use crate::form::Outcome;
use crate::ui::{Button, ButtonKind, FormResult, When};
use domain::numbers::NumberType;
use islands::rules::item::{Group, of_group};
use islands::rules::read::empty;
use islands::text::{counted, thousands};
use leptos::prelude::*;

/// Maximum number of number rules shown here; their own tab shows all.
const FEW: usize = 5;

pub(super) fn panel(given: &PageData) -> AnyView {
    view! {
        <div class="panels">
            <GateLine given=given.clone()/>
            {given.visit.guards.then(|| view! { <Stop given=given.clone()/> })}
            <Switches given=given.clone()/>
            <Numbers given=given.clone()/>
            <Spending given=given.clone()/>
            <Limits given=given.clone()/>
            <Rest given=given.clone()/>
        </div>
    }
    .into_any()
}

/// Health of the gate.
#[component]
fn GateLine(given: PageData) -> impl IntoView {
    let health = given.visit.engine.gate.health();
    let (class, word) = if health.connected {
        ("state good", "Connected")
    } else {
        ("state bad", "Store unreachable")
    };
    let mebibytes = |bytes: usize| (bytes as u64).div_ceil(1 << 20);
    let sends = counted(health.entries as u64, "send", "sends");
    let blocks = counted(health.standing as u64, "block or bypass", "blocks and bypasses");
    let oldest = health.oldest.map(|oldest| {
        view! { <span>"the oldest "<When time=oldest now=given.visit.now/></span> }
    });
    view! {
        <p class="gate-line" aria-label="Gate" role="group">
            <span class=class>{word}</span>
            <span>{sends}" in the ledger, of at most "{thousands(health.bound as u64)}</span>
            {oldest}
            <span>{thousands(mebibytes(health.memory))}" MiB of memory"</span>
            <span>{blocks}" in force"</span>
            <span>"last read the store "<When time=health.looked now=given.visit.now/></span>
        </p>
    }
}

/// The emergency form: sets a kill switch at once.
#[component]
fn Stop(given: PageData) -> impl IntoView {
    const PLACE: &str = "kill_switches.new";
    let tried: Outcome = given.visit.tried.of(PLACE);
    let held = empty(Group::KillSwitches);
    let held = given.draft.filter(|draft| draft.place == PLACE).map_or(held, |draft| draft.fields);
    let form = FormFields::new(tried.clone(), held, "stop".to_owned());
    view! {
        <section class="panel stop" id="kill_switches-new" aria-labelledby="stop-title">
            <h2 id="stop-title">"Stop codes now"</h2>
            <form class="form panel-body" method="post" action="/_fn/rules-kill" aria-labelledby="stop-title">
                <FormResult tried wrong=&["rule"]/>
                <Script/>
                <div class="rule-fields">{kill(&form, false)}</div>
                <div class="form-end">
                    <Button kind=ButtonKind::Danger>"Stop codes"</Button>
                    <Button kind=ButtonKind::Quiet name="look" value="1">"Preview"</Button>
                </div>
            </form>
        </section>
    }
}

#[component]
fn Switches(given: PageData) -> impl IntoView {
    let rules = of_group(&given.current.settings, Group::KillSwitches);
    let line = "Each refuses every code to a region by a channel, until its end time or until \
                somebody removes it."
        .into_any();
    view! {
        <RuleGroup
            group=Group::KillSwitches title="Kill switches" id="kill-switches" line rules given
            none="No kill switch is on."
        />
    }
}

#[component]
fn Numbers(given: PageData) -> impl IntoView {
    let settings = &given.current.settings;
    let mut rules = of_group(settings, Group::Numbers);
    let count = rules.len();
    rules.truncate(FEW);
    let line = if count > FEW {
        let all = counted(count as u64, "rule", "rules");
        view! { {all}", the first of them here. "<a href=Tab::Numbers.path()>"All number rules"</a> }
            .into_any()
    } else {
        view! {
            "The longest match for a number decides. "
            <a href=Tab::Numbers.path()>"Number rules as a table, import and export"</a>
        }
        .into_any()
    };
    let types = of_group(settings, Group::Types);
    let more = types.len() < NumberType::ALL.len();
    let lacking = given.lacking(settings).join(" ");
    let types_line = view! { "Types that are not listed are allowed. "{lacking} }.into_any();
    view! {
        <RuleGroup
            group=Group::Numbers title="Numbers" id="numbers" line rules given=given.clone()
            add=Some(("number_rules.new", "Add a number"))
            none="No number has a rule."
        />
        <RuleGroup
            group=Group::Types title="Number types" id="number-types" line=types_line rules=types given
            add=more.then_some(("number_types.new", "Add a type"))
        />
    }
}

#[component]
fn Spending(given: PageData) -> impl IntoView {
    let settings = &given.current.settings;
    let rules = of_group(settings, Group::Spending);
    let prices = counted(settings.spend.prices.len() as u64, "price", "prices");
    let others = given.currency().uncounted(&given.visit.engine.gate.foreign_costs());
    let others = others.map(|words| {
        view! { " "<b class="mark-warning"><crate::ui::Icon name="alert"/>{words}</b> }
    });
    let line = view! {
        "Counted with the cost given by events, or else with the price table: "
        <a href=Tab::Prices.path()>{prices}</a>". A code without a price is not counted."
        {others}
    }
    .into_any();
    let more = settings.spend.caps.len() < 2;
    view! {
        <RuleGroup
            group=Group::Spending title="Spending" id="spending" line rules given
            add=more.then_some(("spend.caps.new", "Add a cap"))
        />
    }
}

#[component]
fn Limits(given: PageData) -> impl IntoView {
    let rules = of_group(&given.current.settings, Group::Limits);
    let line = "Sliding windows. A delay is 60 s after the first refusal in a row and doubles \
                with each further one, up to 32 min."
        .into_any();
    view! {
        <RuleGroup
            group=Group::Limits title="Limits" id="limits" line rules given
            add=Some(("limits.new", "Add a limit")) none="No limits."
        />
    }
}

/// The single settings: trust, captcha, store failure, API connector.
#[component]
fn Rest(given: PageData) -> impl IntoView {
    let settings = &given.current.settings;
    let [trust, captcha, store, b2c] =
        [Group::Trust, Group::Captcha, Group::Store, Group::B2c].map(|g| of_group(settings, g));
    let trust_line = view! {
        "Blocks, kill switches, number rules, number types and spend caps apply to trusted \
         numbers too; "<a href="/countries">"countries"</a>" do not."
    }
    .into_any();
    let captcha_line = view! {
        "ALTCHA, a proof of work on your own server. "<a href="/captcha">"Try it"</a>
    }
    .into_any();
    let store_line =
        "Decisions made in that time are kept, and written once the store can be reached again."
            .into_any();
    let b2c_line =
        view! { "Azure AD B2C asks at "<code>"/api/v1/b2c/validate-phone"</code>"." }.into_any();
    view! {
        <RuleGroup group=Group::Trust title="Trust" id="trusted" line=trust_line rules=trust given=given.clone()/>
        <RuleGroup group=Group::Captcha title="Captcha" id="captchas" line=captcha_line rules=captcha given=given.clone()/>
        <RuleGroup group=Group::Store title="When the store cannot be reached" id="store" line=store_line rules=store given=given.clone()/>
        <RuleGroup group=Group::B2c title="API connector" id="connector" line=b2c_line rules=b2c given/>
    }
}
