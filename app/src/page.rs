//! The frame of a page: its input, its result, and what it shows for data that could not be read.

use crate::answer::{answer_with, see_other};
use crate::error::{NotFound, reference};
use crate::form::{Outcome, engine_of_request, last};
use crate::ui::{Failed, PageHead};
use crate::who;
use chrono::{DateTime, Utc};
use domain::{roles::Permission, workbook::Sight};
use engine::Engine;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use std::error::Error;
use uuid::Uuid;

/// Title and subtitle of a page, and the message when it could not be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) title: &'static str,
    pub(crate) line: &'static str,
    pub(crate) failed: &'static str,
}

/// Input of a page. Read before the first await, while the request's context is available.
#[derive(Debug, Clone)]
pub(crate) struct PageContext {
    pub(crate) engine: Engine,
    pub(crate) sight: Sight,
    /// Whether the account may block, let through and change rules.
    pub(crate) guards: bool,
    /// Whether the account may change the set-up.
    pub(crate) sets_up: bool,
    /// The result of the page's last form.
    pub(crate) tried: Outcome,
    pub(crate) now: DateTime<Utc>,
}

impl PageContext {
    fn of(engine: Engine) -> Self {
        Self {
            now: engine.clock().now(),
            engine,
            sight: who::sight(),
            guards: who::may(Permission::Guard),
            sets_up: who::may(Permission::SetUp),
            tried: last(),
        }
    }
}

/// The result of a page that could be read.
pub(crate) enum PageResult {
    Shown(AnyView),
    /// Redirects to another page.
    Go(String),
    /// Answers 404 with this view.
    NotFound(AnyView),
}

/// Why a page could not be read: an error of the store, the engine or the session.
pub(crate) type PageFailure = Box<dyn Error + Send + Sync>;

/// A page that loads all its data before it is shown.
pub(crate) fn page<F>(head: Head, load: impl FnOnce(PageContext) -> F) -> AnyView
where
    F: Future<Output = Result<PageResult, PageFailure>> + Send + 'static,
{
    frame(head, |visit| {
        let (loaded, retry) = (load(visit), here());
        let shown = async move {
            match loaded.await {
                Ok(PageResult::Shown(view)) => view,
                Ok(PageResult::Go(path)) => {
                    see_other(&path);
                    ().into_any()
                }
                Ok(PageResult::NotFound(view)) => {
                    answer_with(StatusCode::NOT_FOUND);
                    view
                }
                Err(error) => unread(head, &*error, retry),
            }
        };
        view! { <Suspense fallback=|| ()>{Suspend::new(shown)}</Suspense> }.into_any()
    })
}

/// As [`page`], about what the `id` in its path names.
pub(crate) fn page_of<F>(head: Head, load: impl FnOnce(PageContext, Uuid) -> F) -> AnyView
where
    F: Future<Output = Result<PageResult, PageFailure>> + Send + 'static,
{
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let Ok(id) = id.parse::<Uuid>() else { return view! { <NotFound/> }.into_any() };
    page(head, move |visit| load(visit, id))
}

/// A page whose parts load separately.
pub(crate) fn frame(head: Head, show: impl FnOnce(PageContext) -> AnyView) -> AnyView {
    match engine_of_request() {
        Ok(engine) => show(PageContext::of(engine)),
        Err(error) => unread(head, &error, here()),
    }
}

/// The page behind a link with a token; `dead` for a token that is expired, used or unknown.
pub(crate) fn by_link<T, F>(
    find: impl FnOnce(Engine, String) -> F,
    lives: impl FnOnce(String, T) -> AnyView + Send + 'static,
    dead: fn() -> AnyView,
) -> AnyView
where
    T: Send + 'static,
    F: Future<Output = Result<Option<T>, store::Error>> + Send + 'static,
{
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    let found = engine_of_request().map(|engine| find(engine, token.clone()));
    let shown = async move {
        let found = match found {
            Ok(found) => found.await.map_err(PageFailure::from),
            Err(error) => Err(error.into()),
        };
        match found {
            Ok(Some(found)) => lives(token, found),
            Ok(None) => {
                answer_with(StatusCode::NOT_FOUND);
                dead()
            }
            Err(error) => {
                tracing::error!(
                    error = store::with_sources(&*error),
                    "a link could not be looked up"
                );
                answer_with(StatusCode::INTERNAL_SERVER_ERROR);
                view! {
                    <PageHead title="The link could not be checked" line="The database does not answer."/>
                    <p>"Reload the page to try again."</p>
                }
                .into_any()
            }
        }
    };
    view! { <div class="narrow"><Suspense fallback=|| ()>{Suspend::new(shown)}</Suspense></div> }
        .into_any()
}

/// The query string of the page's address.
pub(crate) fn query() -> String {
    use_location().search.get_untracked()
}

fn here() -> String {
    let (path, query) = (use_location().pathname.get_untracked(), query());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

fn unread(head: Head, error: &(dyn Error + 'static), retry: String) -> AnyView {
    let failed = log_load_error(head.title, error).view(head.failed, retry);
    view! { <PageHead title=head.title line=head.line/>{failed} }.into_any()
}

/// Data that could not be read; the log has the error under this reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoadError(pub(crate) String);

impl LoadError {
    /// A sentence, the reference, and a link to try again.
    pub(crate) fn view(self, what: impl Into<String>, retry: impl Into<String>) -> AnyView {
        let Self(reference) = self;
        view! { <Failed what reference retry/> }.into_any()
    }
}

pub(crate) fn log_load_error(what: &str, error: &(dyn Error + 'static)) -> LoadError {
    let reference = reference();
    tracing::error!(%reference, what, error = store::with_sources(error), "something could not be read");
    LoadError(reference)
}
