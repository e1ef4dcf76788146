//! Keys, copy buttons, and menus that close.

use super::dom::{after, all, around, document, find, on, window};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, KeyboardEvent};

/// How long a copy button says that it copied, and how long `g` waits for its letter, in
/// milliseconds.
const MOMENT: i32 = 1_500;

pub(crate) fn listen() {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Shows what only works with a script.
        let _ = root.set_attribute("data-script", "");
    }
    let going = Rc::new(Cell::new(false));
    on("keydown", move |event: KeyboardEvent| key(&event, &going));
    on("click", |event: Event| {
        close_menus(around(&event, "details.menu").as_ref());
        if let Some(button) = around(&event, "[data-copy]") {
            copy(button);
        }
    });
}

fn key(event: &KeyboardEvent, going: &Rc<Cell<bool>>) {
    let typing = around(event, "input, textarea, select, [contenteditable]").is_some();
    let key = event.key();
    if key == "Escape" {
        close_menus(None);
    }
    if typing
        || event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || find("dialog[open]").is_some()
    {
        return;
    }
    let path = match (going.replace(false), key.as_str()) {
        (true, "w") => "/",
        (true, "c") => "/countries",
        (true, "f") => "/fraud-alerts",
        (true, "i") => "/sign-ins",
        (true, "l") => "/audit",
        (true, "n") => "/notifications",
        (true, "p") => "/reports",
        (true, "r") => "/rules",
        (true, "s") => "/settings",
        (true, "a") => "/account",
        (_, "g") => {
            going.set(true);
            let going = Rc::clone(going);
            after(MOMENT, move || going.set(false));
            return;
        }
        (_, "/" | "s") => {
            let search = match key.as_str() {
                "/" => find("main input[type=search]").or_else(|| find("#find-q")),
                _ => find("#find-q, #search-q"),
            };
            if let Some(search) = search {
                event.prevent_default();
                let _ = search.focus();
            }
            return;
        }
        (_, "?") => {
            if let Some(Ok(dialog)) = find("#keys").map(HtmlElement::dyn_into::<HtmlDialogElement>)
            {
                let _ = dialog.show_modal();
            }
            return;
        }
        _ => return,
    };
    // Only to pages that the navigation or the account's menu offers.
    if find(&format!("a[href='{path}']")).is_some()
        && let Some(window) = window()
    {
        let _ = window.location().assign(path);
    }
}

/// Closes all open menus except `but`; focus inside one returns to its button.
fn close_menus(but: Option<&Element>) {
    let Some(root) = document().and_then(|document| document.document_element()) else {
        return;
    };
    for menu in all(&root, "details.menu[open]") {
        if but.is_some_and(|but| but == &menu) {
            continue;
        }
        let inside = document().and_then(|document| document.active_element());
        if inside.is_some_and(|inside| menu.contains(Some(&inside)))
            && let Ok(Some(pill)) = menu.query_selector("summary")
            && let Ok(pill) = pill.dyn_into::<HtmlElement>()
        {
            let _ = pill.focus();
        }
        let _ = menu.remove_attribute("open");
    }
}

fn copy(button: Element) {
    let (Some(text), Some(window)) = (button.get_attribute("data-copy"), window()) else {
        return;
    };
    // Browsers offer the clipboard only over TLS or on localhost.
    if !window.is_secure_context() {
        return;
    }
    let written = window.navigator().clipboard().write_text(&text);
    wasm_bindgen_futures::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
            let _ = button.set_attribute("data-copied", "");
            after(MOMENT, move || {
                let _ = button.remove_attribute("data-copied");
            });
        }
    });
}
