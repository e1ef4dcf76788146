//! Form fields: label above, help and error below.

use crate::ui::Icon;
use leptos::prelude::*;

/// One labelled input.
#[component]
pub(crate) fn Field(
    #[prop(into)] label: String,
    /// Parameter name; also the prefix of its ids, unless `id` is given.
    #[prop(into)]
    name: String,
    /// Prefix of its ids, if a page has several fields of this name.
    #[prop(into, default = String::new())]
    id: String,
    /// The input's `type`. An invalid `datetime-local` is shown as `text`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(into, default = String::new())] value: String,
    #[prop(into, default = String::new())] help: String,
    #[prop(into, default = None)] error: Option<String>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    /// Step of a time, in seconds.
    #[prop(optional)]
    step: Option<&'static str>,
) -> impl IntoView {
    let wrong = error.is_some().then_some("true");
    // A `datetime-local` field does not show a value that is not a time.
    let kind = if kind == "datetime-local" && error.is_some() { "text" } else { kind };
    labelled(label, id_of(id, &name), help, error, |id, described| {
        view! {
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=required
                autofocus=autofocus
                step=step
                aria-invalid=wrong
                aria-describedby=described
            />
        }
    })
}

/// The prefix of a field's ids: the given one, or one made from its name.
pub(super) fn id_of(id: String, name: &str) -> String {
    if id.is_empty() { format!("field-{name}") } else { id }
}

/// A control with label, help and error. `control` gets its id and its `aria-describedby`.
pub(crate) fn labelled<V: IntoView + 'static>(
    label: impl Into<String>,
    id: String,
    help: impl Into<String>,
    error: Option<String>,
    control: impl FnOnce(String, Option<String>) -> V,
) -> AnyView {
    let (label, help): (String, String) = (label.into(), help.into());
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let described: Vec<_> = [(!help.is_empty(), &help_id), (error.is_some(), &error_id)]
        .into_iter()
        .filter_map(|(there, id)| there.then_some(id.as_str()))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let control = control(id.clone(), described);
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            {(!help.is_empty()).then(|| view! { <p class="field-help" id=help_id>{help}</p> })}
            {field_error(error, error_id)}
        </div>
    }
    .into_any()
}

/// A field's error message, if there is one.
pub(crate) fn field_error(error: Option<String>, id: impl Into<String>) -> Option<AnyView> {
    let id = id.into();
    error.map(|error| {
        view! { <p class="field-error" id=id><Icon name="alert"/>{error}</p> }.into_any()
    })
}

/// A text as the content of a `<textarea>`, where Leptos does not escape it (tachys 0.2.19,
/// `src/html/element/elements.rs`).
pub(crate) fn area_text(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

/// The text area of a pasted list. `wrong` says whether [`line_errors`] shows something.
pub(crate) fn list_area(
    list: String,
    rows: &'static str,
    described: &'static str,
    wrong: bool,
) -> impl IntoView {
    view! {
        <label for="field-list">"List"</label>
        <textarea
            id="field-list" name="list" rows=rows spellcheck="false" autocomplete="off"
            aria-describedby=described aria-invalid=wrong.then_some("true")
        >
            {area_text(&list)}
        </textarea>
    }
}

/// The errors in lines of a pasted list, if there are any.
pub(crate) fn line_errors(errors: Vec<String>) -> Option<AnyView> {
    let line = |error: String| view! { <li><Icon name="alert"/>{error}</li> };
    (!errors.is_empty()).then(|| {
        let errors: Vec<_> = errors.into_iter().map(line).collect();
        view! { <ul class="field-error lines" id="field-list-error" role="alert">{errors}</ul> }
            .into_any()
    })
}

/// Hidden parameters of a form.
#[component]
pub(crate) fn Hidden(values: Vec<(String, String)>) -> impl IntoView {
    values
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view()
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
    }

    /// Leptos escapes the content of every element but these.
    #[test]
    fn content_that_leptos_does_not_escape_is_escaped() {
        assert_eq!(area_text("a</textarea>&"), "a&lt;/textarea&gt;&amp;");
        let mut areas = 0;
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for element in ["<textarea", "<noscript", "<style"] {
                for part in text.split(element).skip(1) {
                    let end = element.replace('<', "</");
                    let Some((part, _)) = part.split_once(&end) else { continue };
                    areas += usize::from(element == "<textarea");
                    let braces = part.matches('{').count();
                    assert_eq!(braces, part.matches("{area_text(").count(), "{path:?}: {part}");
                }
            }
        }
        assert_eq!(areas, 3);
    }
}
