//! The tab of prices, and the forms to import lists.

use super::{edit::Script, given::PageData, lists::List};
use crate::form::Outcome;
use crate::ui::{Button, Empty, FormResult, Icon, Panel, Table, Th, line_errors, list_area};
use domain::rules::{Amount, Any, Price, PriceTo, prices_csv};
use domain::{regions, workbook::Sight};
use islands::{rules::item::price_to, text::counted};
use leptos::prelude::*;

/// Maximum number of rows shown; the rest is in the download.
const ROWS: usize = 500;
/// Maximum length of a table that the form is prefilled with, in bytes.
const FILLED: usize = 50_000;

pub(super) fn panel(given: &PageData) -> AnyView {
    view! {
        <div class="panels">
            <FormResult tried=given.visit.tried.of(List::Prices.form()) wrong=&["rule", "version"]/>
            {table(given)}
            {given.visit.guards.then(|| view! { <Lists given=given.clone()/> })}
        </div>
    }
    .into_any()
}

fn table(given: &PageData) -> impl IntoView + use<> {
    let prices = &given.current.settings.spend.prices;
    let rows: Vec<_> =
        prices.iter().take(ROWS).map(|price| row(price, given.visit.sight)).collect();
    let empty = rows.is_empty();
    let more = prices.len().saturating_sub(ROWS);
    let more = (more > 0).then(|| {
        let more = counted(more as u64, "more price", "more prices");
        view! { <p class="panel-note">"And "{more}" in the download."</p> }
    });
    let currency = given.currency().to_string();
    let health = unpriced(given);
    view! {
        <section class="panel" aria-labelledby="prices-title">
            <h2 id="prices-title">"Prices in "{currency}</h2>
            <p class="panel-note">
                "What a code costs if its events do not say. The longest matching prefix takes \
                 precedence over the region, and a price for the channel over one for every \
                 channel. "{health}
            </p>
            {empty.then(|| view! {
                <Empty>"There are no prices: caps count only the costs that events give."</Empty>
            })}
            {(!empty).then(|| view! {
                <Table caption="Prices" by="prices-title" table="list prices" heads=[
                    Th::left("To"), Th::left("Channel"), Th::right("Price of a code"),
                ]>{rows}</Table>
            })}
            {more}
        </section>
    }
}

/// Spending of the last day, and how many codes had no price.
fn unpriced(given: &PageData) -> AnyView {
    let (sends, spent) = given.visit.engine.gate.spent();
    if sends == 0 {
        return "No code was sent in the last 24 hours.".into_any();
    }
    let sends = counted(sends, "code", "codes");
    let unpriced = counted(spent.unpriced, "code", "codes");
    let words = format!(
        "In the last 24 hours {sends} cost {} {}; {unpriced} had no price and were not counted.",
        Amount::from_nano(spent.amount),
        given.currency()
    );
    if spent.unpriced > 0 {
        view! { <b class="mark-warning"><Icon name="alert"/>{words}</b> }.into_any()
    } else {
        words.into_any()
    }
}

fn row(price: &Price, sight: Sight) -> impl IntoView + use<> {
    let to = price_to(price, sight);
    let name = match price.to {
        PriceTo::Region(region) => regions::info(region).map(|info| info.name),
        PriceTo::Numbers(_) => None,
    };
    let channel = match price.channel {
        Any::All => "Every channel",
        Any::One(channel) => crate::names::channel_name(channel),
    };
    view! {
        <tr>
            <th scope="row">{name.map(|name| format!("{name} "))}<code>{to}</code></th>
            <td>{channel}</td>
            <td class="right">{price.amount.to_string()}</td>
        </tr>
    }
}

/// Import and export of the table.
#[component]
fn Lists(given: PageData) -> impl IntoView {
    let tried: Outcome = given.visit.tried.of(List::Prices.form());
    let held = prices_csv(&given.current.settings.spend.prices);
    let fits = held.len() <= FILLED && held.lines().count() > 1;
    let fill = (fits && !tried.is_told()).then_some(held);
    view! {
        <Panel id="lists" by="lists-title" title="Import and export prices">
            <div class="panel-body">
                <p>
                    "The columns are "<code>"to,channel,amount"</code>", such as "
                    <code>"JM,sms,0.2410"</code>" or "<code>"+1876*,*,0.25"</code>
                    ". An import replaces the whole table."
                </p>
                <p><a class="button" href="/rules/prices.csv" download="prices.csv"><Icon name="download"/>"Download as CSV"</a></p>
                <ListForms list=List::Prices tried file_rest=().into_any() paste_rest=empty_box() fill/>
            </div>
        </Panel>
    }
}

fn empty_box() -> AnyView {
    view! {
        <div class="tick">
            <input type="checkbox" id="paste-empty" name="empty" value="1"/>
            <label for="paste-empty">"An empty list removes all prices"</label>
        </div>
    }
    .into_any()
}

/// Two forms: for a pasted list and for a file.
#[component]
pub(super) fn ListForms(
    list: List,
    tried: Outcome,
    /// Further fields of the file's form.
    file_rest: AnyView,
    /// Further fields of the pasted list's form.
    paste_rest: AnyView,
    /// Initial value of the list.
    #[prop(default = None)]
    fill: Option<String>,
) -> impl IntoView {
    let errors = tried.errors("list");
    let wrong = !errors.is_empty();
    let text = if tried.is_told() { tried.value("list") } else { fill.unwrap_or_default() };
    let (upload, paste) = match list {
        List::Numbers => ("/rules/numbers", "/_fn/rules-numbers"),
        List::Prices => ("/rules/prices", "/_fn/rules-prices"),
    };
    let described = if wrong { "field-list-error" } else { "field-list-help" };
    view! {
        {line_errors(errors)}
        <details class="act" open=wrong>
            <summary>"Paste a list"</summary>
            <form class="form" method="post" action=paste>
                <div class="field">
                    {list_area(text, "10", described, wrong)}
                    <p class="field-help" id="field-list-help">"You see a preview before anything is saved."</p>
                </div>
                {paste_rest}
                <Script/>
                <div class="form-end"><Button>"Preview"</Button></div>
            </form>
        </details>
        <details class="act">
            <summary>"Choose a file"</summary>
            <form class="form" method="post" action=upload enctype="multipart/form-data">
                <div class="field">
                    <label for="list-file">"CSV file"</label>
                    <input id="list-file" type="file" name="file" accept=".csv,text/csv,text/plain" required aria-describedby="list-file-help"/>
                    <p class="field-help" id="list-file-help">"At most 20,000 lines and 4 MiB."</p>
                </div>
                {file_rest}
                <Script/>
                <div class="form-end"><Button>"Preview"</Button></div>
            </form>
        </details>
    }
}
