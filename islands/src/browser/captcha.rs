//! Solves the captcha's challenge in slices, so that the page stays responsive.

use super::dom::{after, document, find, show};
use domain::captcha::{Challenge, Solver, SolverProgress, token};
use js_sys::Date;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement};

/// Numbers tried between two checks of the clock.
const SLICE: u64 = 500;
/// How long one slice may block the page, in milliseconds.
const BREATH: f64 = 12.0;

/// A challenge, and the element that shows its progress.
struct Work {
    place: Element,
    challenge: Challenge,
    solver: Solver,
    began: f64,
}

/// Starts if the page has a challenge.
pub(crate) fn solve() {
    if let Some(work) = Work::of_page() {
        show(&work.place, true);
        work.go_on();
    }
}

impl Work {
    fn of_page() -> Option<Self> {
        let place: Element = find("[data-captcha]")?.into();
        let text = |name: &str| place.get_attribute(&format!("data-{name}"));
        let challenge = Challenge {
            algorithm: text("algorithm")?,
            challenge: text("challenge")?,
            salt: text("salt")?,
            signature: text("signature")?,
            maxnumber: text("maxnumber")?.parse().ok()?,
        };
        let solver = Solver::new(&challenge)?;
        Some(Self { place, challenge, solver, began: Date::now() })
    }

    fn go_on(mut self) {
        let until = Date::now() + BREATH;
        let mut step = SolverProgress::Going(0);
        while matches!(step, SolverProgress::Going(_)) && Date::now() < until {
            step = self.solver.step(SLICE);
        }
        match step {
            SolverProgress::Going(tried) => {
                self.show(tried);
                after(0, move || self.go_on());
            }
            SolverProgress::Found(number) => self.found(number),
            SolverProgress::Nothing => {
                self.say("No number solves this challenge. Get another one.")
            }
        }
    }

    fn found(&self, number: u64) {
        self.show(self.challenge.maxnumber);
        let seconds = (Date::now() - self.began) / 1_000.0;
        self.say(&format!("Solved in {seconds:.1} s: the number is {number}."));
        let field = document().and_then(|page| page.get_element_by_id("captcha-token"));
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok()) {
            field.set_value(&token(&self.challenge, number));
        }
    }

    fn show(&self, tried: u64) {
        if let Ok(Some(bar)) = self.place.query_selector("progress") {
            let _ = bar.set_attribute("value", &tried.to_string());
        }
    }

    fn say(&self, words: &str) {
        if let Ok(Some(line)) = self.place.query_selector("p") {
            line.set_text_content(Some(words));
        }
    }
}
