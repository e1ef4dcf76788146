//! The tab of number rules: a table, and import and export of lists.

use super::edit::{Form, Script};
use super::rule::{Mode, hidden};
use super::view::{PATH, Tab, edit, left};
use super::{given::PageData, lists::List};
use crate::form::Outcome;
use crate::ui::{
    Button, ButtonKind, Empty, Field, FormResult, Hidden, Icon, Panel, Select, Table, Th, When,
    options,
};
use domain::rules::{Mode as RuleMode, NumberAction, NumberRule};
use domain::workbook::Sight;
use islands::rules::item::{Group, Item};
use islands::rules::read::RulePath;
use islands::text::{counted, thousands};
use leptos::prelude::*;

/// Rows per page.
const PAGE: usize = 100;

/// A rule and its index in the settings.
type Placed<'a> = (usize, &'a NumberRule);

pub(super) fn panel(given: &PageData) -> AnyView {
    let held: Vec<Placed> = given.current.settings.number_rules.iter().enumerate().collect();
    let found = found(given, &held);
    let open = given.visit.guards.then(|| opened(given)).flatten();
    view! {
        <div class="panels">
            <FormResult tried=given.visit.tried.of(List::Numbers.form()) wrong=&["rule", "version"]/>
            {open}
            {table(given, &found, held.len())}
            {given.visit.guards.then(|| view! { <Lists given=given.clone()/> })}
        </div>
    }
    .into_any()
}

/// The rules that match the URL; the longest first if it names a number.
fn found<'a>(given: &PageData, held: &[Placed<'a>]) -> Vec<Placed<'a>> {
    if let Some(number) = given.view.number(&given.key) {
        let mut found: Vec<_> =
            held.iter().copied().filter(|(_, rule)| rule.numbers.hold(number)).collect();
        found.sort_by_key(|(_, rule)| std::cmp::Reverse(rule.numbers.length()));
        return found;
    }
    // Only roles that see whole numbers may search for digits.
    let q = Some(given.view.text("q")).filter(|_| given.visit.sight == Sight::Whole);
    let q = q.unwrap_or_default().to_lowercase();
    let digits: String = q.chars().filter(|letter| letter.is_ascii_digit()).collect();
    let fits = |rule: &NumberRule| {
        q.is_empty()
            || rule.reason.to_lowercase().contains(&q)
            || rule.action.as_str() == q
            || (!digits.is_empty() && rule.numbers.to_string()[1..].starts_with(&digits))
    };
    held.iter().copied().filter(|(_, rule)| fits(rule)).collect()
}

/// The form of the rule that is open, or of a new one.
fn opened(given: &PageData) -> Option<AnyView> {
    const NEW: &str = "number_rules.new";
    let tried = |place: &RulePath| given.visit.tried.of(&place.word).is_told();
    let place =
        RulePath::read(given.view.text("edit")).filter(|place| place.group == Group::Numbers);
    let place = place.or_else(|| RulePath::read(NEW).filter(tried))?;
    let item = place.find(&given.current.settings);
    if item.is_none() && !place.is_new() {
        return None;
    }
    let title = if place.is_new() { "A number rule" } else { "Change a number rule" };
    let root = place.root();
    Some(
        view! {
            <section class="panel opened" id=root aria-label=title>
                <h2>{title}</h2>
                <div class="panel-body"><Form given=given.clone() place item/></div>
            </section>
        }
        .into_any(),
    )
}

fn table(given: &PageData, found: &[Placed], all: usize) -> impl IntoView + use<> {
    let page = usize::try_from(given.view.page()).unwrap_or(usize::MAX);
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = page.min(pages);
    let rows: Vec<_> =
        found.iter().skip((page - 1) * PAGE).take(PAGE).map(|placed| row(given, *placed)).collect();
    let filtered = ["q", "of"].iter().any(|name| !given.view.text(name).is_empty());
    let empty = rows.is_empty();
    let new = RulePath::read("number_rules.new").filter(|_| given.visit.guards);
    let new = new.map(|place| view! { <a class="button" href=edit(&place)>"Add a number"</a> });
    view! {
        <section class="panel" aria-labelledby="numbers-title">
            <div class="panel-head">
                <h2 id="numbers-title">"Number rules"</h2>
                {given.visit.guards.then(|| search(given))}
                {new}
            </div>
            {filtered.then(|| filter_line(given, found.len()))}
            {(empty && filtered).then(|| view! {
                <Empty>"No rule matches. "<a href=Tab::Numbers.path()>"Show all"</a></Empty>
            })}
            {(empty && !filtered).then(|| view! {
                <Empty>"No number has a rule. Add one, or paste a list below."</Empty>
            })}
            {(!empty).then(|| view! {
                <Table caption="Number rules" by="numbers-title" table="list number-rules" heads=[
                    Th::left("Numbers"), Th::left("What happens"), Th::left("Mode"),
                    Th::left("Until"), Th::wide("Reason"), Th::left("Changed"),
                    Th::right("Actions").unseen(),
                ]>{rows}</Table>
                {pager(given, page, pages, found.len(), all)}
            })}
        </section>
    }
}

fn filter_line(given: &PageData, count: usize) -> impl IntoView + use<> {
    let what = match given.view.number(&given.key) {
        Some(number) => {
            let number = match given.visit.sight {
                Sight::Whole => number.to_string(),
                Sight::Masked => number.masked(),
            };
            format!("that match {number}, longest first: the first one decides")
        }
        None => format!("that match “{}”", given.view.text("q")),
    };
    let count = counted(count as u64, "rule", "rules");
    view! {
        <p class="panel-note">{count}" "{what}". "<a href=Tab::Numbers.path()>"Show all"</a></p>
    }
}

fn search(given: &PageData) -> impl IntoView + use<> {
    view! {
        <form class="search numbers-search" role="search" method="get" action="/rules" aria-label="Number rules">
            <Hidden values=vec![("tab".to_owned(), "numbers".to_owned())]/>
            <Icon name="search"/>
            <input
                type="search" name="q" value=given.view.text("q").to_owned() maxlength="100" placeholder="Number or reason"
                aria-label="Number, beginning or reason" autocomplete="off" spellcheck="false"
            />
        </form>
    }
}

fn row(given: &PageData, (at, rule): Placed) -> impl IntoView + use<> {
    let whole = given.visit.sight == Sight::Whole;
    let numbers = if whole { rule.numbers.to_string() } else { rule.numbers.masked() };
    let (class, does) = match rule.action {
        NumberAction::Allow if rule.even_invalid => ("state good", "Let through, valid or not"),
        NumberAction::Allow => ("state good", "Let through"),
        NumberAction::Deny => ("state bad", "Refused"),
    };
    let item = Item::Number(rule.clone());
    let who = item.signature().map(|(by, time)| view! { {by}", "<When time now=given.visit.now/> });
    let acts = given.visit.guards.then(|| acts(at, &item, &numbers));
    let until = left(rule.until, given.visit.now);
    let until = rule.until.map(|time| {
        let exact = crate::ui::when::hint(time);
        view! { <time datetime=time.to_rfc3339() title=exact>{until}</time> }
    });
    view! {
        <tr>
            <th scope="row"><code>{numbers}</code></th>
            <td><span class=class>{does}</span></td>
            <td><Mode shadow=rule.mode == RuleMode::Shadow/></td>
            <td>{until}</td>
            <td class="wide">{given.visit.sight.text_owned(&rule.reason)}</td>
            <td>{who}</td>
            <td class="right">{acts}</td>
        </tr>
    }
}

fn acts(at: usize, item: &Item, numbers: &str) -> Option<impl IntoView + use<>> {
    let place = RulePath::read(&format!("number_rules.{at}"))?;
    let hidden = hidden(&place.word, item);
    Some(view! {
        <div class="acts row-acts">
            <a class="button" href=edit(&place) aria-label=format!("Edit {numbers}")>"Edit"</a>
            <form method="post" action="/_fn/rules-change" aria-label=format!("Remove {numbers}")>
                <Hidden values=hidden/>
                <Script/>
                <Button kind=ButtonKind::Quiet name="remove" value="1">"Remove"</Button>
            </form>
        </div>
    })
}

fn pager(
    given: &PageData,
    page: usize,
    pages: usize,
    found: usize,
    all: usize,
) -> impl IntoView + use<> {
    let first = (page - 1) * PAGE + 1;
    let last = (page * PAGE).min(found);
    let [first, last, count] = [first, last, found].map(|n| thousands(n as u64));
    let of_all = (found != all).then(|| format!(" ({} in all)", thousands(all as u64)));
    let step = |to: usize, icon: &'static str, label: &'static str, there: bool| {
        if there {
            let href = given.view.at(to as u64);
            view! { <a class="step" href=href aria-label=label><Icon name=icon/></a> }.into_any()
        } else {
            view! { <span class="step" aria-hidden="true"><Icon name=icon/></span> }.into_any()
        }
    };
    let steps = (pages > 1).then(|| {
        view! {
            <span class="steps">
                {step(page - 1, "left", "Previous page", page > 1)}
                {step(page + 1, "right", "Next page", page < pages)}
            </span>
        }
    });
    view! {
        <div class="pager" role="group" aria-label="Pages of number rules">
            <span class="shown">{first}"–"{last}" of "{count}{of_all}</span>
            {steps}
        </div>
    }
}

/// Import and export of lists.
#[component]
fn Lists(given: PageData) -> impl IntoView {
    let tried: Outcome = given.visit.tried.of(List::Numbers.form());
    let chosen = |name: &str, first: &str| {
        if tried.is_told() { tried.value(name) } else { first.to_owned() }
    };
    let action = chosen("action", "deny");
    let how = chosen("how", "join");
    let actions = options([("deny", "They are refused"), ("allow", "They are allowed")]);
    let hows =
        options([("join", "Add to the existing rules"), ("instead", "Replace all existing rules")]);
    let rest = move |root: &'static str| {
        view! {
            <Select label="What happens" name="action" id=format!("{root}-action") options=actions.clone() value=action.clone()/>
            <Select label="The list’s rules" name="how" id=format!("{root}-how") options=hows.clone() value=how.clone()/>
            <Field label="Reason" name="reason" id=format!("{root}-reason") value=tried.value("reason") help="For lines without their own reason."/>
        }
    };
    let download = format!("{PATH}/numbers.csv");
    let file_rest = rest.clone()("file");
    let paste_rest = rest("paste");
    let tried: Outcome = given.visit.tried.of(List::Numbers.form());
    view! {
        <Panel id="lists" by="lists-title" title="Import and export">
            <div class="panel-body">
                <p>
                    "One rule per line: a number or a prefix such as "<code>"+1876*"</code>
                    "; or a CSV file with the columns "<code>"numbers,action,until,reason,mode,even_invalid"</code>
                    ", with or without a header."
                </p>
                <p><a class="button" href=download download="number-rules.csv"><Icon name="download"/>"Download as CSV"</a></p>
                <super::prices::ListForms list=List::Numbers tried file_rest=file_rest.into_any() paste_rest=paste_rest.into_any()/>
            </div>
        </Panel>
    }
}
