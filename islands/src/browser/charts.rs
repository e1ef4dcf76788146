//! A chart's crosshair, legend and brush, and its export as a file. All listeners are on the
//! document, and a chart's state is in its attributes, so a replaced tile continues to work.

mod brush;
mod figure;
mod legend;
mod save;

use super::dom::{around, on};
use brush::Brush;
use figure::{Figure, PROBE};
pub(super) use legend::TakenOut;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{FocusEvent, KeyboardEvent, MouseEvent, PointerEvent};

pub(crate) fn listen() {
    brush::recall();
    let brush = Rc::new(RefCell::new(Brush::default()));
    let (down, moved, up, twice) = (Rc::clone(&brush), Rc::clone(&brush), Rc::clone(&brush), brush);
    on("pointerdown", move |event: PointerEvent| down.borrow_mut().begin(&event));
    let seen: RefCell<Option<Figure>> = RefCell::default();
    on("pointermove", move |event: PointerEvent| {
        if !moved.borrow_mut().drag(&event) {
            hover(&event, &mut seen.borrow_mut());
        }
    });
    on("pointerup", move |event: PointerEvent| up.borrow_mut().end(&event));
    on("dblclick", move |event: MouseEvent| twice.borrow_mut().back(&event));
    on("keydown", |event: KeyboardEvent| key(&event));
    on("focusout", |event: FocusEvent| {
        if let Some(figure) = Figure::around(&event, PROBE) {
            figure.forget();
        }
    });
    on("click", |event: MouseEvent| {
        if let Some(button) = around(&event, "button.toggle") {
            legend::toggle(&button);
        } else if let Some(button) = around(&event, "[data-save]") {
            save::save(&button);
        } else if let Some(link) = around(&event, "a.zoom-in") {
            brush::remember(&link);
        }
    });
}

/// Shows the values under the pointer, and hides those of a chart that the pointer has left.
fn hover(event: &PointerEvent, seen: &mut Option<Figure>) {
    let now = Figure::around(event, PROBE);
    if let Some(before) = seen.take()
        && now.as_ref().is_none_or(|now| now.element != before.element)
    {
        before.forget();
    }
    if let Some(figure) = &now
        && let Some(at) = figure.under(event.client_x())
    {
        figure.show(at, at + 1);
    }
    *seen = now;
}

fn key(event: &KeyboardEvent) {
    let Some(figure) = Figure::around(event, PROBE) else { return };
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let known = if figure.has_brush() {
        brush::key(&figure, &event.key(), event.shift_key())
    } else {
        step(&figure, &event.key())
    };
    if known {
        event.prevent_default();
    }
}

/// Moves the crosshair; returns whether the key was used.
fn step(figure: &Figure, key: &str) -> bool {
    let last = figure.len().saturating_sub(1);
    let at = match (figure.crosshair_point(), key) {
        (_, "Home") => 0,
        (_, "End") => last,
        (None, "ArrowRight" | "ArrowUp") => 0,
        (None, "ArrowLeft" | "ArrowDown") => last,
        (Some(at), "ArrowRight" | "ArrowUp") => (at + 1).min(last),
        (Some(at), "ArrowLeft" | "ArrowDown") => at.saturating_sub(1),
        (Some(_), "Escape") => {
            figure.forget();
            return true;
        }
        _ => return false,
    };
    figure.show(at, at + 1);
    true
}
