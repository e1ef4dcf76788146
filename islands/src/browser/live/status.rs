//! The status next to the range: whether the page is current.

use crate::browser::dom::below;
use web_sys::HtmlElement;

#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    Live,
    /// Milliseconds since the shown page was current.
    Behind(i64),
    /// The stream is lost.
    Cut,
    /// Paused by the reader.
    Paused,
}

#[derive(Debug)]
pub(super) struct Status {
    root: HtmlElement,
    /// When the shown range ends for good, in milliseconds since 1970.
    until: Option<i64>,
}

impl Status {
    pub(super) fn new(root: HtmlElement) -> Self {
        let until = root.get_attribute("data-until").and_then(|until| until.parse().ok());
        Self { root, until }
    }

    /// Whether the range has ended, so that nothing new can come.
    pub(super) fn is_over(&self, now: i64) -> bool {
        self.until.is_some_and(|until| now >= until)
    }

    pub(super) fn hide(&self) {
        self.root.set_hidden(true);
    }

    /// Shows the status. Screen readers announce the word when it changes, but not the seconds.
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
