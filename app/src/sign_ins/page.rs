//! The page `/sign-ins`.

use super::filters::{Filters, chosen};
use super::links::{PATH, log};
use super::rows::Log;
use crate::live::{Live, ends};
use crate::page::{Head, PageContext, PageFailure, PageResult, page, query};
use crate::ui::{Empty, Icon, NoticeKind, PageHead, Panel, RangeMenu, RangeState, notice_of};
use domain::signins::{Page, PageStart, Selection, View};
use domain::workbook::Sight;
use engine::signins::SignIn;
use leptos::prelude::*;

const HEAD: Head = Head {
    title: "Sign-in log",
    line: "Every phone verification: who, to which number, and with what outcome.",
    failed: "The sign-in log could not be read.",
};

/// The log, newest attempts first.
#[component]
pub(crate) fn SignInsPage() -> impl IntoView {
    let query = query();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let view = View::read(pairs.map(|(name, value)| match name.as_str() {
        // Typed times are in the page's zone; links have the absolute time.
        "from" | "to" => (name, crate::zone::absolute(&value)),
        _ => (name, value),
    }));
    page(HEAD, move |visit| load(visit, view))
}

async fn load(visit: PageContext, view: View) -> Result<PageResult, PageFailure> {
    let PageContext { engine, sight, now, .. } = visit;
    let asked = view.ask(&engine.handles.key().await?, sight, now);
    if asked.is_unsure() {
        return Ok(PageResult::Shown(page_view(asked, None, sight)));
    }
    if asked.settled != view {
        // The address gets handles instead of typed names and numbers.
        return Ok(PageResult::Go(log(&asked.settled)));
    }
    let found = engine::signins::page(&engine, &asked, sight).await?;
    Ok(PageResult::Shown(page_view(asked, Some(found), sight)))
}

/// The page; `found` is `None` if a filter is invalid.
fn page_view(asked: Selection, found: Option<Page<SignIn>>, sight: Sight) -> AnyView {
    let view = asked.settled.clone();
    let chosen = chosen(&asked, sight);
    let some = !chosen.is_empty();
    let misread = misread(&asked);
    let body = match found {
        Some(page) if page.rows.is_empty() => nothing(&view, &page, some),
        Some(page) => view! { <Log view=view.clone() place=asked.place page sight/> }.into_any(),
        None => view! {
            <Empty>
                "Nothing is shown, because a filter is not valid. "
                <a href=PATH>"Clear the filters"</a> "."
            </Empty>
        }
        .into_any(),
    };
    let range = RangeState::of(&view, asked.filter.period, &asked.invalid);
    let export = log(&view).replacen(PATH, "/export/attempts", 1);
    let export = format!("{export}{}format=xlsx", if export.contains('?') { '&' } else { '?' });
    let hidden = view.with_range("").pairs();
    let links = view.clone();
    let href = move |word: &str| log(&links.with_range(word));
    // New attempts appear only on the first page.
    let newest = asked.place == PageStart::Newest && !asked.is_unsure();
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

/// Errors that are not shown beside a field: range and position in the log.
fn misread(asked: &Selection) -> Option<AnyView> {
    let range = asked.invalid.of("range").map(|words| format!("The range {words}"));
    let times = asked.invalid.of("from").or(asked.invalid.of("to"));
    let times = times.map(|_| "The range could not be read".to_owned());
    let range = range.or(times).map(|words| format!("{words}; the last 30 days are shown."));
    let place =
        asked.invalid.of("place").filter(|_| !asked.is_unsure()).map(|_| {
            "The position in the URL is not valid; the newest attempts are shown.".to_owned()
        });
    let words: Vec<_> = range.into_iter().chain(place).collect();
    notice_of(NoticeKind::Warning, &words)
}

/// The message if there are no rows, with a link to continue.
fn nothing(view: &View, page: &Page<SignIn>, some: bool) -> AnyView {
    let wider = log(&view.with_range("90d"));
    let message = if let (Some(to), Some(older)) = (page.looked_to, page.older) {
        let on = log(&view.at(PageStart::Before(older)));
        let to = crate::zone::moment(to);
        view! {
            <Empty>
                {format!("No attempt back to {to} matches. ")}
                <a href=on>"Search further back"</a> "."
            </Empty>
        }
    } else if page.newer.is_some() {
        let newest = log(&view.at(PageStart::Newest));
        view! {
            <Empty>"Nothing older is in this range. " <a href=newest>"Go to the newest"</a> "."</Empty>
        }
    } else if some {
        view! {
            <Empty>
                "No attempt in this range matches. " <a href=wider>"Widen it"</a> ", or "
                <a href=PATH>"clear the filters"</a> "."
            </Empty>
        }
    } else {
        view! {
            <Empty>
                "No attempts in this range. " <a href=wider>"Widen it"</a> ", or "
                <a href="/settings">"import a log"</a> "."
            </Empty>
        }
    };
    message.into_any()
}
