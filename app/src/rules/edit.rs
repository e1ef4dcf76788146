//! The form of a rule.

use super::{given::PageData, view::Tab};
use crate::ui::{Button, Field, FormResult, Hidden, Select, area_text, field_error, labelled};
use crate::{form::Outcome, names::channel_name};
use domain::{countries::CHANNELS, ledger::Dimension, numbers::NumberType};
use islands::rules::SCRIPT;
use islands::rules::item::{Group, Item};
use islands::rules::read::{Fields, LASTS, RulePath, empty, fields};
use leptos::prelude::*;

/// A field that JavaScript fills in, to tell the server that it runs.
#[component]
pub(super) fn Script() -> impl IntoView {
    view! { <input type="hidden" name=SCRIPT value="" data-script-field=""/> }
}

/// Values, errors and id prefix of a form's fields.
#[derive(Debug, Clone)]
pub(super) struct FormFields {
    values: Fields,
    tried: Outcome,
    root: String,
}

impl FormFields {
    pub(super) fn new(tried: Outcome, otherwise: Fields, root: String) -> Self {
        Self { values: otherwise, tried, root }
    }

    pub(super) fn value(&self, name: &str) -> String {
        if self.tried.is_told() && self.tried.done().is_none() {
            return self.tried.value(name);
        }
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn error(&self, name: &str) -> Option<String> {
        self.tried.error(name)
    }

    fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.root)
    }

    pub(super) fn field(
        &self,
        label: &'static str,
        name: &'static str,
        help: &'static str,
    ) -> AnyView {
        let (id, value, error) = (self.id(name), self.value(name), self.error(name));
        view! { <Field label name id value error help/> }.into_any()
    }

    pub(super) fn select(
        &self,
        label: &'static str,
        name: &'static str,
        options: Vec<(String, String)>,
    ) -> AnyView {
        let (id, value, error) = (self.id(name), self.value(name), self.error(name));
        view! { <Select label name id options value error/> }.into_any()
    }

    fn words(&self, label: &'static str, name: &'static str, options: &[(&str, &str)]) -> AnyView {
        self.select(label, name, crate::ui::options(options.iter().copied()))
    }

    fn until(&self) -> AnyView {
        let (id, value, error) = (self.id("until"), self.value("until"), self.error("until"));
        view! {
            <Field
                label="Until (UTC)" name="until" id kind="datetime-local" value error
                help="Empty: until somebody removes it."
            />
        }
        .into_any()
    }

    pub(super) fn mode(&self) -> AnyView {
        let options =
            [("enforce", "Enforced: it decides"), ("shadow", "Shadow: only marked, not enforced")];
        self.words("Mode", "mode", &options)
    }

    pub(super) fn reason(&self) -> AnyView {
        self.field("Reason", "reason", "Shown next to the rule with your name.")
    }

    fn tick(&self, label: &'static str, name: &'static str) -> AnyView {
        let (id, on, error) = (self.id(name), !self.value(name).is_empty(), self.error(name));
        let error_id = format!("{id}-error");
        view! {
            <div class="tick">
                <input
                    type="checkbox" id=id.clone() name=name value="1" checked=on
                    aria-describedby=error.is_some().then(|| error_id.clone())
                    aria-invalid=error.is_some().then_some("true")
                />
                <label for=id>{label}</label>
                {field_error(error, error_id)}
            </div>
        }
        .into_any()
    }

    fn area(&self, label: &'static str, name: &'static str, help: &'static str) -> AnyView {
        let (id, value, error) = (self.id(name), self.value(name), self.error(name));
        let wrong = error.is_some().then_some("true");
        labelled(label, id, help, error, |id, described| {
            view! {
                <textarea
                    class="words" id=id name=name rows="3" aria-describedby=described
                    aria-invalid=wrong
                >
                    {area_text(&value)}
                </textarea>
            }
        })
    }
}

#[component]
pub(super) fn Form(
    given: PageData,
    place: RulePath,
    /// `None` adds a rule.
    item: Option<Item>,
) -> impl IntoView {
    let held = item.as_ref().map_or_else(|| empty(place.group), fields);
    let draft = given.draft.as_ref().filter(|draft| draft.place == place.word);
    let otherwise = draft.map_or(held, |draft| draft.fields.clone());
    let filled = FormFields::new(given.visit.tried.of(&place.word), otherwise, place.root());
    let was = item.as_ref().and_then(|item| serde_json::to_string(item).ok()).unwrap_or_default();
    let hidden = vec![("place".to_owned(), place.word.clone()), ("was".to_owned(), was)];
    let looks = match place.group {
        Group::Messages | Group::B2c | Group::Store => "Save",
        _ => "Preview",
    };
    let back = Tab::of(&place).path();
    let body = body(&given, &place, &filled, item.is_some());
    view! {
        <form class="form rule-form" method="post" action="/_fn/rules-change" data-rule="" novalidate>
            <FormResult tried=filled.tried.clone() wrong=&["rule"]/>
            <Hidden values=hidden/>
            <Script/>
            <div class="rule-fields">{body}</div>
            <p class="reads" data-reads="" aria-live="polite" hidden></p>
            <div class="form-end">
                <Button>{looks}</Button>
                <a class="button" href=back>"Cancel"</a>
            </div>
        </form>
    }
}

fn body(given: &PageData, place: &RulePath, form: &FormFields, held: bool) -> AnyView {
    match place.group {
        Group::KillSwitches => kill(form, held),
        Group::Numbers => view! {
            {form.field("Numbers", "numbers", "+14155550100 for one number, +1876* for all \
                                               numbers that begin with +1876.")}
            {form.words("What happens", "action", &[("deny", "They are refused"), ("allow", "They are allowed")])}
            {form.tick("Also numbers that are not valid", "even_invalid")}
            {form.until()}{form.mode()}{form.reason()}
        }
        .into_any(),
        Group::Types => {
            let actions = [
                ("allow", "They are allowed"),
                ("monitor", "They are allowed and marked"),
                ("challenge", "They are allowed with a solved captcha"),
                ("deny", "They are refused"),
            ];
            view! {
                {types(given, form, held)}
                {form.words("What happens", "action", &actions)}{form.reason()}
            }
            .into_any()
        }
        Group::Spending if place.word == "spend.currency" => {
            form.field("Currency", "currency", "Three capital letters, such as EUR. Existing \
                                                amounts are not converted.")
        }
        Group::Spending => view! {
            {form.field("Amount", "amount", "In the currency of the table, such as 50 or 12.50.")}
            {form.words("Within", "window", &[("3600", "1 hour"), ("86400", "24 hours")])}
            {form.mode()}{form.reason()}
        }
        .into_any(),
        Group::Limits => limit(form),
        Group::Trust => trust(form),
        Group::Captcha => {
            let asks = [
                ("nobody", "Nobody"),
                ("untrusted", "Users whose number is not trusted"),
                ("everybody", "Everybody"),
            ];
            view! { {form.words("Who is asked", "ask", &asks)}{form.mode()} }.into_any()
        }
        Group::Store => {
            let options = [("allow", "Codes are sent"), ("deny", "No codes are sent")];
            form.words("While the store cannot be reached", "setting", &options)
        }
        Group::B2c => view! {
            {form.field("Claim", "phone_claim", "The claim that contains the number.")}
            {form.select("Channel", "channel", channels(false))}
        }
        .into_any(),
        Group::Messages if place.word == "user_message" => view! {
            {form.field("Help desk", "help_desk", "How users reach it. It replaces {help_desk} in \
                                                   the texts.")}
            {form.select("Default language", "language", languages(given))}
        }
        .into_any(),
        Group::Messages => messages(form, held),
        Group::Prices => ().into_any(),
    }
}

pub(super) fn kill(form: &FormFields, held: bool) -> AnyView {
    let mut regions = vec![("*".to_owned(), "Every region".to_owned())];
    let mut named: Vec<_> = domain::regions::all()
        .iter()
        .map(|info| (info.region.to_string(), format!("{} ({})", info.name, info.region)))
        .collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    regions.extend(named);
    let ends = if held {
        view! { {form.until()}{form.mode()} }.into_any()
    } else {
        form.words("For", "lasts", &LASTS)
    };
    view! {
        {form.select("Region", "region", regions)}
        {form.select("Channel", "channel", channels(true))}
        {ends}
        {form.reason()}
    }
    .into_any()
}

fn channels(all: bool) -> Vec<(String, String)> {
    let every = all.then(|| ("*".to_owned(), "Every channel".to_owned()));
    let named = CHANNELS.map(|one| (one.to_string(), channel_name(one).to_owned()));
    every.into_iter().chain(named).collect()
}

/// The type, which an existing rule keeps.
fn types(given: &PageData, form: &FormFields, held: bool) -> AnyView {
    if held {
        return view! { <Hidden values=vec![("type".to_owned(), form.value("type"))]/> }.into_any();
    }
    let named = &given.current.settings.number_types;
    let free = NumberType::ALL.iter().filter(|kind| !named.contains_key(kind));
    form.select("Type", "type", free.map(|k| (k.to_string(), k.label().to_owned())).collect())
}

fn limit(form: &FormFields) -> AnyView {
    let per = Dimension::ALL.iter().map(|per| {
        let words = match per {
            Dimension::All => "In total".to_owned(),
            per => format!("For one {}", per.label()),
        };
        (per.to_string(), words)
    });
    let actions =
        [("delay", "Then delay"), ("challenge", "Then require a captcha"), ("deny", "Then refuse")];
    let units = [("1", "seconds"), ("60", "minutes"), ("3600", "hours")];
    view! {
        {form.field("Codes at most", "limit", "A whole number from 1.")}
        {form.field("Within", "window", "At most 24 hours.")}
        {form.words("Unit", "unit", &units)}
        {form.select("Counted", "per", per.collect())}
        {form.words("What happens", "action", &actions)}
        {form.mode()}{form.reason()}
    }
    .into_any()
}

fn trust(form: &FormFields) -> AnyView {
    view! {
        {form.tick("Numbers that verified are trusted", "enabled")}
        {form.field("For how many days", "days", "1 to 90.")}
        {form.field("Codes a day at most", "sends_a_day", "A number with more is not trusted.")}
    }
    .into_any()
}

fn languages(given: &PageData) -> Vec<(String, String)> {
    let texts = &given.current.settings.user_message.texts;
    texts.keys().map(|language| (language.clone(), language.clone())).collect()
}

fn messages(form: &FormFields, held: bool) -> AnyView {
    let language = if held {
        view! { <Hidden values=vec![("language".to_owned(), form.value("language"))]/> }.into_any()
    } else {
        form.field("Language", "language", "A tag such as en or pt-BR.")
    };
    const PLACES: &str = "{minutes} is replaced with the time to wait, {help_desk} with the help \
                          desk.";
    view! {
        {language}
        {form.area("For users who are refused", "deny", PLACES)}
        {form.area("For users who must wait", "delay", PLACES)}
        {form.area("For users who must solve a captcha", "challenge", PLACES)}
    }
    .into_any()
}
