//! Checks rules while they are typed: shows the rule as a sentence, and an error once its field is
//! left.

use super::dom::{all, around, document, on, pairs, show};
use super::tiles::filled;
use crate::rules::typed::judge;
use chrono::{DateTime, Utc};
use js_sys::Date;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlFormElement, HtmlInputElement};

/// Checks forms of rules, and tells the server that scripts run.
pub(crate) fn listen() {
    let Some(page) = document().and_then(|document| document.document_element()) else { return };
    for field in all(&page, "[data-script-field]") {
        if let Ok(field) = field.dyn_into::<HtmlInputElement>() {
            field.set_value("1");
        }
    }
    for form in all(&page, "form[data-rule]") {
        judged(&form, None);
    }
    on("input", |event: Event| typed(&event, false));
    on("change", |event: Event| typed(&event, true));
}

/// An error appears when its field is left, and disappears as soon as the field is right.
fn typed(event: &Event, left: bool) {
    let Some(form) = around(event, "form[data-rule]") else { return };
    let name = event.target().and_then(|field| field.dyn_into::<Element>().ok());
    let name = name.and_then(|field| field.get_attribute("name"));
    judged(&form, name.as_deref().filter(|_| left));
}

fn judged(form: &Element, left: Option<&str>) {
    let Some(values) = filled(form.unchecked_ref::<HtmlFormElement>()) else { return };
    let values = pairs(&values).into_iter().collect();
    // Whole numbers up to 2^53 are exact.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let now = Date::now() as i64;
    let now = DateTime::<Utc>::from_timestamp_millis(now).unwrap_or_default();
    let Some(judged) = judge(&values, now) else { return };
    if let Ok(Some(reads)) = form.query_selector("[data-reads]") {
        match judged.sentence {
            Some(sentence) => {
                reads.set_text_content(Some(&format!("Reads: {sentence}")));
                show(&reads, true);
            }
            None => show(&reads, false),
        }
    }
    for field in all(form, "input[name], select[name], textarea[name]") {
        let name = field.get_attribute("name").unwrap_or_default();
        let wrong = judged.errors.iter().find(|(of, _)| *of == name);
        let told = field.has_attribute("aria-invalid");
        match wrong {
            Some((_, words)) if told || left == Some(&name) => show_error(&field, words),
            None if told => forget(&field),
            _ => {}
        }
    }
}

/// Shows a field's error where the server would show it.
fn show_error(field: &Element, words: &str) {
    let id = format!("{}-error", field.id());
    let Some(document) = document() else { return };
    let line = document.get_element_by_id(&id).or_else(|| {
        let line = document.create_element("p").ok()?;
        line.set_class_name("field-error");
        line.set_id(&id);
        field.parent_element()?.append_child(&line).ok()?;
        Some(line)
    });
    if let Some(line) = line {
        line.set_text_content(Some(words));
    }
    let _ = field.set_attribute("aria-invalid", "true");
    let described = field.get_attribute("aria-describedby").unwrap_or_default();
    if !described.split(' ').any(|one| one == id) {
        let _ = field.set_attribute("aria-describedby", format!("{described} {id}").trim());
    }
}

fn forget(field: &Element) {
    let id = format!("{}-error", field.id());
    if let Some(line) = document().and_then(|document| document.get_element_by_id(&id)) {
        line.remove();
    }
    let _ = field.remove_attribute("aria-invalid");
    let described = field.get_attribute("aria-describedby").unwrap_or_default();
    let rest: Vec<&str> = described.split(' ').filter(|one| *one != id).collect();
    let _ = field.set_attribute("aria-describedby", &rest.join(" "));
}
