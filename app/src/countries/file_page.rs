//! The tab of the language file.

use super::file::{FileProblem, OpenFile, served_by};
use super::{given::PageData, view::haystack};
use crate::names::channel_name;
use crate::ui::{Button, ButtonKind, Icon, Notice, NoticeKind, Panel, Select};
use domain::{Region, countries::CHANNELS, countries::language_file::SECONDARY_LANGUAGES, regions};
use islands::text::counted;
use leptos::prelude::*;
use std::collections::BTreeMap;

const ACTION: &str = "/countries/language-file";

pub(super) fn panel(given: &PageData) -> AnyView {
    let opened = given.opened.as_ref().map(|opened| &*opened.0);
    let file = match opened {
        Some(Ok(open)) => open_file(open).into_any(),
        _ => ().into_any(),
    };
    let wrong = match opened {
        Some(Err(wrong)) => Some(wrong),
        _ => None,
    };
    view! {
        <div class="panels">
            <Notice kind=NoticeKind::Warning>{SECONDARY_LANGUAGES}</Notice>
            {file}
            {given.visit.guards.then(|| upload(wrong))}
            {new_file(given)}
        </div>
    }
    .into_any()
}

fn upload(wrong: Option<&FileProblem>) -> impl IntoView + use<> {
    let error = wrong.map(|wrong| {
        let words = format!("{}: {}", wrong.name, wrong.error);
        view! { <p class="field-error" id="language-file-error" role="alert"><Icon name="alert"/>{words}</p> }
    });
    let wrong = wrong.is_some();
    let described =
        if wrong { "language-file-help language-file-error" } else { "language-file-help" };
    view! {
        <Panel by="upload-title" title="Edit a language file">
            <form class="form panel-body" method="post" action=ACTION enctype="multipart/form-data">
                <div class="field">
                    <label for="language-file">"Language file to open"</label>
                    <input
                        id="language-file" type="file" name="file" accept=".json,application/json" required
                        aria-describedby=described aria-invalid=wrong.then_some("true")
                    />
                    <p class="field-help" id="language-file-help">
                        "The JSON file of the page Multifactor authentication, downloaded from \
                         Azure AD B2C under User flows, Languages. At most 1 MiB. The file is not \
                         stored."
                    </p>
                    {error}
                </div>
                <div class="form-end"><Button>"Open"</Button></div>
            </form>
        </Panel>
    }
}

fn new_file(given: &PageData) -> impl IntoView + use<> {
    let options = CHANNELS
        .into_iter()
        .map(|channel| {
            let served = served_by(&given.current.settings, channel).len() as u64;
            let words = format!(
                "{} ({})",
                channel_name(channel),
                counted(served, "region served", "regions served")
            );
            (channel.as_str().to_owned(), words)
        })
        .collect();
    let value = given.view.channel.as_str();
    view! {
        <Panel by="new-title" title="Create a language file">
            <form class="form panel-body" method="get" action="/countries/language-file/new">
                <Select
                    label="With the regions of" name="channel" id="new-channel" options value
                    help="A file that contains only the list of countries, with Override true. \
                          The rest of the page keeps Microsoft’s own texts. Numbers of no country \
                          (001) cannot be listed."
                />
                <div class="form-end"><Button kind=ButtonKind::Quiet><Icon name="download"/>"Download"</Button></div>
            </form>
        </Panel>
    }
}

/// The form with the uploaded file's list.
fn open_file(open: &OpenFile) -> impl IntoView + use<> {
    let OpenFile { name, file, carried, ticks, from } = open;
    let listed = file.list();
    let count = counted(listed.len() as u64, "country", "countries");
    let heed = if file.overrides() {
        "Override is true: Microsoft uses this list."
    } else {
        "Override is false: Microsoft uses its own list, with every country. The download sets it \
         to true."
    };
    let placeholder = file.placeholder().unwrap_or("none").to_owned();
    let from = from.map(|channel| {
        view! { <Notice>"The regions that "{channel_name(channel)}" serves are now selected."</Notice> }
    });
    let (own, picks) = (file.regions(), picks(open));
    let changes = (*ticks != own).then(|| {
        let more = counted(ticks.difference(&own).count() as u64, "country", "countries");
        let less = counted(own.difference(ticks).count() as u64, "country", "countries");
        view! { <p>"Added to the file’s list: "{more}"; removed from it: "{less}"."</p> }
    });
    let buttons: Vec<_> = CHANNELS
        .into_iter()
        .map(|channel| {
            let word = format!("from-{channel}");
            view! { <Button kind=ButtonKind::Quiet name="do" value=word>"Select as for "{channel_name(channel)}</Button> }
        })
        .collect();
    view! {
        <section class="panel opened" aria-labelledby="file-title">
            <h2 id="file-title">"Countries in "<code>{name.clone()}</code></h2>
            <form class="form panel-body file-form" method="post" action=ACTION enctype="multipart/form-data" data-filtered="">
                <button class="hidden" name="do" value="look" tabindex="-1">"Look"</button>
                <input type="hidden" name="carried" value=carried.clone()/>
                <input type="hidden" name="name" value=name.clone()/>
                <dl class="facts wide">
                    <div><dt>"List"</dt><dd>{count}", row "{file.row()}" of LocalizedStrings"</dd></div>
                    <div><dt>"First line"</dt><dd>{placeholder}</dd></div>
                    <div><dt>"Override"</dt><dd>{heed}</dd></div>
                </dl>
                {from}
                {changes}
                <div class="acts">
                    {buttons}
                    <Button kind=ButtonKind::Quiet name="do" value="file">"Select as in the file"</Button>
                </div>
                {picks}
                <div class="form-end">
                    <Button name="do" value="download"><Icon name="download"/>"Download"</Button>
                    <p class="field-help">"Only the list and its Override change; everything else \
                                           stays byte for byte."</p>
                </div>
            </form>
        </section>
    }
}

/// A tick for each country; those in the file have the file's names.
fn picks(open: &OpenFile) -> impl IntoView + use<> {
    let named: BTreeMap<Region, String> =
        open.file.list().into_iter().map(|listed| (listed.region, listed.name)).collect();
    let known = |region: &Region| regions::info(*region).is_some();
    let odd = named.keys().filter(|region| !known(region)).copied();
    let all = regions::all().iter().map(|info| info.region);
    let all = all.filter(|region| *region != Region::WORLD).chain(odd);
    let items: Vec<_> = all
        .map(|region| {
            let english = regions::name(&region).to_owned();
            let own = named.get(&region);
            let other = own.filter(|own| **own != english).map(|_| format!(" ({english})"));
            let shown = own.cloned().unwrap_or(english);
            let (code, id) = (region.to_string(), format!("r-{region}"));
            let find = regions::info(region).map_or_else(String::new, haystack);
            let find = format!("{find} {}", islands::countries::fold(&shown));
            view! {
                <li class="check" data-find=find>
                    <input
                        type="checkbox" id=id.clone() name=id.clone() value="1" autocomplete="off"
                        checked=open.ticks.contains(&region)
                    />
                    <label for=id>{shown}{other}" "<code>{code}</code></label>
                </li>
            }
        })
        .collect();
    view! {
        <fieldset class="picks">
            <legend>"Countries of the list"</legend>
            <div class="search with-script">
                <Icon name="search"/>
                <input type="search" name="q" placeholder="Region, code or +44" aria-label="Find a country" autocomplete="off" spellcheck="false"/>
            </div>
            <ul class="pick-list" tabindex="0" aria-label="Countries">{items}</ul>
        </fieldset>
    }
}
