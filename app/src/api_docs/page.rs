//! The page `/api/docs`.

use super::operation::{OperationPanel, anchor, code};
use super::spec::Spec;
use crate::ui::{Notice, NoticeKind, PageHead};
use leptos::prelude::*;

#[component]
pub(crate) fn ApiDocsPage() -> impl IntoView {
    let Some(spec) = use_context::<Spec>() else {
        return view! { <PageHead title="API"/><Notice kind=NoticeKind::Failed>"The description of the API is missing."</Notice> }
            .into_any();
    };
    let words = spec.text("/info/description").to_owned();
    let words =
        words.split("\n\n").map(|paragraph| view! { <p>{code(paragraph)}</p> }).collect_view();
    let contents = spec
        .tags()
        .into_iter()
        .map(|(name, _)| {
            let href = format!("#{}", anchor(name));
            view! { <li><a href=href>{name.to_owned()}</a></li> }
        })
        .collect_view();
    let groups = spec.tags().into_iter().map(|tag| group(&spec, tag)).collect_view();
    view! {
        <PageHead title="API" line=spec.text("/info/summary").to_owned()>
            <a class="button" href="/api/v1/openapi.json">"OpenAPI document"</a>
        </PageHead>
        <div class="api-docs">
            <nav class="api-contents" aria-label="Groups of operations"><ul>{contents}</ul></nav>
            <div class="api-words">{words}</div>
            {groups}
        </div>
    }
    .into_any()
}

fn group(spec: &Spec, (name, description): (&str, &str)) -> impl IntoView {
    let id = anchor(name);
    let title = format!("{id}-title");
    let operations = spec
        .operations(name)
        .into_iter()
        .map(|operation| view! { <OperationPanel spec=spec.clone() operation/> })
        .collect_view();
    view! {
        <section class="api-group" id=id aria-labelledby=title.clone()>
            <h2 id=title.clone()>{name.to_owned()}</h2>
            <p>{code(description)}</p>
            {operations}
        </section>
    }
}
