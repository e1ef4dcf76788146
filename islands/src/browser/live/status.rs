//! The words beside the range: whether what is shown is current.

use crate::browser::dom::below;
use web_sys::HtmlElement;

/// Whether what is shown is current.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    /// It is.
    Live,
    /// Something new is not shown yet; milliseconds since what is shown was current.
    Behind(i64),
    /// Nobody knows: the stream is gone.
    Cut,
    /// The reader wants it to stand still.
    Paused,
}

/// The element that says it.
#[derive(Debug)]
pub(super) struct Status {
    root: HtmlElement,
    /// When the range shown ends for good, in milliseconds since 1970.
    until: Option<i64>,
}

impl Status {
    pub(super) fn new(root: HtmlElement) -> Self {
        let until = root.get_attribute("data-until").and_then(|until| until.parse().ok());
        Self { root, until }
    }

    /// Whether nothing can come any more: the range has ended.
    pub(super) fn is_over(&self, now: i64) -> bool {
        self.until.is_some_and(|until| now >= until)
    }

    pub(super) fn hide(&self) {
        self.root.set_hidden(true);
    }

    /// Says how things stand. The word is announced when it changes; the seconds are only seen.
    pub(super) fn show(&self, word: Word) {
        let (state, said) = match word {
            Word::Live => ("live", "Live"),
            Word::Behind(_) => ("behind", "Behind"),
            Word::Cut => ("cut", "Cut off, trying again"),
            Word::Paused => ("paused", "Paused"),
        };
        if self.root.get_attribute("data-live").as_deref() != Some(state) {
            let _ = self.root.set_attribute("data-live", state);
        }
        write(below(&self.root, "[data-live-said]"), said);
        let age = match word {
            Word::Behind(late) => format!(", last {} s ago", late / 1_000),
            _ => String::new(),
        };
        write(below(&self.root, "[data-live-age]"), &age);
        let paused = matches!(word, Word::Paused);
        if let Some(button) = below(&self.root, "[data-live-pause]") {
            write(Some(button), if paused { "Go on" } else { "Pause" });
        }
        if self.root.hidden() {
            self.root.set_hidden(false);
        }
    }
}

fn write(element: Option<HtmlElement>, text: &str) {
    if let Some(element) = element
        && element.text_content().as_deref() != Some(text)
    {
        element.set_text_content(Some(text));
    }
}
