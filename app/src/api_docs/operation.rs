//! One operation: parameters, responses, and an example.

use super::spec::{Field, Operation, Spec, kind, list, text};
use crate::ui::Copy;
use leptos::prelude::*;
use serde_json::Value;

#[component]
pub(super) fn OperationPanel<'a>(spec: Spec, operation: Operation<'a>) -> impl IntoView + use<> {
    let Operation { path, method, value } = operation;
    let id = anchor(text(value.get("operationId")));
    let title = format!("{id}-title");
    let method = method.to_uppercase();
    let scope = text(value.get("x-scope")).to_owned();
    let scope = match scope.as_str() {
        "" => view! { <span class="api-scope">"no key needed"</span> }.into_any(),
        _ => view! { <span class="api-scope">"scope " <code>{scope.clone()}</code></span> }
            .into_any(),
    };
    let parameters: Vec<Field<'_>> = list(value.get("parameters"))
        .iter()
        .map(|parameter| spec.resolve(parameter))
        .map(|parameter| Field {
            name: text(parameter.get("name")),
            kind: kind(parameter.get("schema").unwrap_or(&Value::Null)),
            required: parameter.get("required") == Some(&Value::Bool(true)),
            description: text(parameter.get("description")),
        })
        .collect();
    let schema = value.pointer("/requestBody/content/application~1json/schema");
    let body = schema.map(|schema| spec.fields(schema)).unwrap_or_default();
    let example = curl(path, &method, value);
    view! {
        <article class="api-operation" id=id aria-labelledby=title.clone()>
            <header>
                <h3 id=title.clone()>{text(value.get("summary")).to_owned()}</h3>
                <p class="api-address"><b class="api-method">{method}</b> <code>{path.to_owned()}</code> {scope}</p>
            </header>
            {paragraphs(text(value.get("description")))}
            {fields("Parameters", &parameters)}
            {fields("Body", &body)}
            {answers(&spec, value)}
            <div class="api-example">
                <pre tabindex="0" role="group" aria-label="Example"><code>{example.clone()}</code></pre>
                <Copy value=example/>
            </div>
        </article>
    }
}

fn paragraphs(words: &str) -> impl IntoView + use<> {
    (!words.is_empty()).then(|| view! { <p>{code(words.trim_end())}</p> })
}

fn fields(title: &'static str, fields: &[Field<'_>]) -> Option<impl IntoView + use<>> {
    let rows = fields
        .iter()
        .map(|field| {
            let must = if field.required { "yes" } else { "" };
            view! {
                <tr>
                    <th scope="row"><code>{field.name.to_owned()}</code></th>
                    <td>{field.kind.clone()}</td>
                    <td>{must}</td>
                    <td class="wide">{code(field.description)}</td>
                </tr>
            }
        })
        .collect_view();
    (!fields.is_empty())
        .then(|| table(title, ["Name", "Type", "Required", "Meaning"].to_vec(), rows.into_any()))
}

fn answers(spec: &Spec, value: &Value) -> impl IntoView + use<> {
    let rows = value
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(status, answer)| {
            let words = text(spec.resolve(answer).get("description"));
            view! {
                <tr>
                    <th scope="row"><code>{status.clone()}</code></th>
                    <td class="wide">{code(words)}</td>
                </tr>
            }
        })
        .collect_view();
    table("Answers", ["Status", "Meaning"].to_vec(), rows.into_any())
}

fn table(title: &'static str, heads: Vec<&'static str>, rows: AnyView) -> impl IntoView + use<> {
    let heads = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
    view! {
        <h4>{title}</h4>
        <div class="table-frame" role="group" tabindex="0" aria-label=title>
            <table class="list api-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
}

/// A curl command with the document's examples.
fn curl(path: &str, method: &str, value: &Value) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in list(value.get("parameters")) {
        let (name, example) = (text(parameter.get("name")), text(parameter.get("example")));
        match text(parameter.get("in")) {
            "path" if !example.is_empty() => path = path.replace(&format!("{{{name}}}"), example),
            "query" if !example.is_empty() => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let mut call = format!("curl -X {method} \"$TOLLWARDEN{path}\"");
    // An empty list means that no key is needed.
    if value.get("security").is_none_or(|ways| !list(Some(ways)).is_empty()) {
        call.push_str(" \\\n  -H \"Authorization: Bearer $TOLLWARDEN_KEY\"");
    }
    let body = value.pointer("/requestBody/content/application~1json/example");
    if let Some(body) = body {
        let body = serde_json::to_string_pretty(body).unwrap_or_default().replace('\n', "\n  ");
        call.push_str(" \\\n  -H 'Content-Type: application/json' \\\n  -d '");
        call.push_str(&body);
        call.push('\'');
    }
    call
}

/// A name as an element id.
pub(super) fn anchor(name: &str) -> String {
    name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

pub(super) fn code(text: &str) -> impl IntoView + use<> {
    text.split('`')
        .enumerate()
        .map(|(at, part)| match at % 2 {
            0 => part.to_owned().into_any(),
            _ => view! { <code>{part.to_owned()}</code> }.into_any(),
        })
        .collect_view()
}
