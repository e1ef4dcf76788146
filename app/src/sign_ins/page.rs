//! The page `/sign-ins`.

use super::filters::{Chosen, Filters};
use super::links::{PATH, log};
use super::rows::Log;
use crate::live::{Live, ends};
use crate::page::{Failure, Head, Turn, Visit, page};
use crate::ui::{Empty, Icon, Notice, NoticeKind, PageHead, Panel, RangeMenu, RangeState};
use domain::signins::{Asked, Page, Place, View};
use domain::workbook::Sight;
use engine::signins::SignIn;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const HEAD: Head = Head {
    title: "Sign-in log",
    line: "Every phone verification: whose, to which number, and what became of it.",
    failed: "The sign-in log could not be read.",
};

/// Attempts, newest first.
#[component]
pub fn SignInsPage() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let pairs = form_urlencoded::parse(search.as_bytes()).into_owned();
    let view = View::read(pairs.map(|(name, value)| match name.as_str() {
        // Typed by the page's clocks; links say the instant.
        "from" | "to" => (name, crate::zone::absolute(&value)),
        _ => (name, value),
    }));
    page(HEAD, move |visit| load(visit, view))
}

async fn load(visit: Visit, view: View) -> Result<Turn, Failure> {
    let Visit { engine, sight, now, .. } = visit;
    let asked = view.ask(&engine.handles.key().await?, sight, now);
    if asked.is_unsure() {
        return Ok(Turn::Shown(shown(asked, None, sight)));
    }
    if asked.settled != view {
        // Typed names and numbers do not stay in the address.
        return Ok(Turn::Go(log(&asked.settled)));
    }
    let found = engine::signins::page(&engine, &asked, sight).await?;
    Ok(Turn::Shown(shown(asked, Some(found), sight)))
}

/// The page around what was found; nothing was looked for when the question is unsure.
fn shown(asked: Asked, found: Option<Page<SignIn>>, sight: Sight) -> AnyView {
    let view = asked.settled.clone();
    let chosen = Chosen::of(&asked, sight);
    let some = !chosen.is_empty();
    let misread = misread(&asked);
    let body = match found {
        Some(page) if page.rows.is_empty() => nothing(&view, &page, some).into_any(),
        Some(page) => view! { <Log view=view.clone() place=asked.place page sight/> }.into_any(),
        None => view! {
            <Empty>
                "Nothing is shown, because a filter cannot be read. "
                <a href=PATH>"Clear the filters"</a> "."
            </Empty>
        }
        .into_any(),
    };
    let range = RangeState {
        named: view.named_range().map(str::to_owned),
        typed: [view.text("from").to_owned(), view.text("to").to_owned()],
        period: asked.filter.period,
        invalid: asked.invalid.clone(),
    };
    let export = log(&view).replacen(PATH, "/export/attempts", 1);
    let export = format!("{export}{}format=xlsx", if export.contains('?') { '&' } else { '?' });
    let hidden = view.with("range", "").with("from", "").with("to", "").pairs();
    let links = view.clone();
    let href = move |word: &str| log(&links.with_range(word));
    // Further back nothing new comes.
    let newest = asked.place == Place::Newest && !asked.is_unsure();
    let until = ends(view.text("to"), asked.filter.period);
    let live = newest.then(|| view! { <Live until/> });
    view! {
        <PageHead title=HEAD.title line=HEAD.line>
            {live}
            <RangeMenu state=range href action=PATH hidden/>
            <a class="button" href=export><Icon name="download"/>"Export"</a>
        </PageHead>
        {misread}
        <div class="panels">
            <Filters asked chosen sight/>
            <Panel by="log-title" title="Attempts">{body}</Panel>
        </div>
    }
    .into_any()
}

/// What is not said beside a field: the range and the place.
fn misread(asked: &Asked) -> Option<impl IntoView + use<>> {
    let range = asked.invalid.of("range").map(|words| format!("The range {words}"));
    let times = asked.invalid.of("from").or(asked.invalid.of("to"));
    let times = times.map(|_| "The range could not be read".to_owned());
    let range = range.or(times).map(|words| format!("{words}; the last 30 days are shown."));
    let place = asked.invalid.of("place").filter(|_| !asked.is_unsure()).map(|_| {
        "The place in the log could not be read; the newest attempts are shown.".to_owned()
    });
    let words: Vec<_> = range.into_iter().chain(place).collect();
    (!words.is_empty())
        .then(|| view! { <Notice kind=NoticeKind::Warning>{words.join(" ")}</Notice> })
}

/// One sentence, and the way on.
fn nothing(view: &View, page: &Page<SignIn>, some: bool) -> impl IntoView + use<> {
    let wider = log(&view.with_range("90d"));
    if let (Some(to), Some(older)) = (page.looked_to, page.older) {
        let on = log(&view.at(Place::Before(older)));
        let to = crate::zone::moment(to);
        return view! {
            <Empty>
                {format!("No attempt back to {to} matches. ")}
                <a href=on>"Search further back"</a> "."
            </Empty>
        }
        .into_any();
    }
    if page.newer.is_some() {
        let newest = log(&view.at(Place::Newest));
        return view! {
            <Empty>"Nothing older is in this range. " <a href=newest>"Go to the newest"</a> "."</Empty>
        }
        .into_any();
    }
    if some {
        return view! {
            <Empty>
                "No attempt in this range matches. " <a href=wider>"Widen it"</a> ", or "
                <a href=PATH>"clear the filters"</a> "."
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty>
            "No attempts in this range. " <a href=wider>"Widen it"</a> ", or "
            <a href="/settings">"import a log"</a> "."
        </Empty>
    }
    .into_any()
}
