//! Number rules and prices as pasted or uploaded lists.

use super::save::{Applied, Proposed, propose};
use super::{change::RuleChange, draft::Draft, view::Tab};
use domain::rules::{NumberAction, read_number_rules, read_prices};
use domain::{Fault, FieldError, Invalid};
use engine::Engine;
use islands::rules::read::Fields;
use islands::text::{counted, sentence};
use leptos::prelude::*;
use tower_sessions::Session;

/// Maximum number of errors shown.
const LINES: usize = 20;

/// A list that can be imported and exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Number rules.
    Numbers,
    /// The price table.
    Prices,
}

impl List {
    pub(super) fn tab(self) -> Tab {
        match self {
            Self::Numbers => Tab::Numbers,
            Self::Prices => Tab::Prices,
        }
    }

    pub(super) fn form(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Prices => "prices",
        }
    }
}

/// Reads a list and stores the change as a draft.
pub(super) async fn take(
    engine: &Engine,
    session: &Session,
    list: List,
    fields: &Fields,
) -> Result<Result<Draft, Invalid>, ServerFnError> {
    let change = match read(engine, list, fields) {
        Ok(change) => change,
        Err(invalid) => return Ok(Err(first_errors(invalid))),
    };
    let proposed = Proposed { change, place: String::new(), fields: Fields::new() };
    Ok(match propose(engine, session, proposed).await? {
        Applied::Drafted(draft) => Ok(*draft),
        Applied::Refused(invalid) => Err(first_errors(invalid)),
        // Changes from a list always get a preview, so none is saved here.
        Applied::Saved | Applied::Unchanged | Applied::AskAgain => {
            let words = "Nothing here differs from the current settings.";
            Err(Invalid::one("list", Fault::Conflict, words))
        }
    })
}

fn read(engine: &Engine, list: List, fields: &Fields) -> Result<RuleChange, Invalid> {
    let text = |name: &str| fields.get(name).map_or("", String::as_str);
    let body = text("list");
    if body.trim().is_empty() {
        // An empty price table can be intended; an empty list of numbers is a mistake.
        if list == List::Numbers || text("empty").is_empty() {
            return Err(Invalid::one("list", Fault::Required, "Paste a list, or choose a file."));
        }
        return Ok(RuleChange::Prices(Vec::new()));
    }
    match list {
        List::Numbers => {
            let otherwise = text("action").parse().unwrap_or(NumberAction::Deny);
            let now = engine.clock().now();
            let rules = read_number_rules(body, otherwise, text("reason").trim(), now)?;
            Ok(RuleChange::Numbers { rules, instead: text("how") == "instead" })
        }
        List::Prices => Ok(RuleChange::Prices(read_prices(body)?)),
    }
}

/// Assigns the first [`LINES`] errors to the field `list`.
fn first_errors(invalid: Invalid) -> Invalid {
    let count = invalid.fields.len();
    let mut told = Invalid::default();
    for FieldError { field, code, message } in invalid.fields.into_iter().take(LINES) {
        let message = match field.strip_prefix("line ") {
            Some(number) => format!("Line {number}: {}", message.trim_end_matches('.')) + ".",
            None => sentence(&message),
        };
        told.push("list", code, message);
    }
    if count > LINES {
        let more = counted((count - LINES) as u64, "more error", "more errors");
        told.push("list", Fault::Invalid, format!("And {more}."));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_by_their_numbers() {
        let wrong = read_prices("JM,sms,0.05\nJM,sms,0.06\nGB,voice,-1").unwrap_err();
        let told = first_errors(wrong);
        let words: Vec<&str> = told.fields.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(words.len(), 2, "{words:?}");
        assert!(words[0].starts_with("Line 2: ") && words[1].starts_with("Line 3: "), "{words:?}");
        assert!(told.fields.iter().all(|error| error.field == "list"));
        let many = "x\n".repeat(50);
        let many = super::first_errors(read_prices(&many).unwrap_err());
        assert_eq!(many.fields.len(), LINES + 1);
        assert_eq!(many.fields[LINES].message, "And 30 more errors.");
    }
}
