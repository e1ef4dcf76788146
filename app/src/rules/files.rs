//! Lists that come in as files and go out as files; the server's handlers call these.

use super::lists::{List, take};
use super::view::{PATH, preview};
use crate::form::Form;
use domain::rules::{Settings, number_rules_csv, prices_csv};
use engine::Engine;
use islands::rules::read::Fields;
use leptos::prelude::ServerFnError;
use tower_sessions::Session;

/// What became of a file.
#[derive(Debug)]
pub enum Taken {
    /// The page to go on to.
    GoOn(String),
    /// It could not be kept.
    Failed(String),
}

/// Takes a list that came as a file: the page that is gone on to shows what it would do, or what
/// is wrong with it, line by line. `fields` are the form's, the file's text among them as `list`.
pub async fn take_file(engine: &Engine, session: &Session, list: List, fields: Fields) -> Taken {
    let path = list.tab().path();
    let later = fields.get(islands::rules::SCRIPT).is_some_and(|word| !word.is_empty());
    match take(engine, session, list, &fields).await {
        Ok(Ok(draft)) => Taken::GoOn(preview(&draft.id, later)),
        Ok(Err(invalid)) => {
            let form = Form { page: PATH, path: &path, name: list.form() };
            match form.keep(session, invalid).await {
                Ok(()) => Taken::GoOn(path),
                Err(error) => Taken::Failed(error.to_string()),
            }
        }
        Err(error) => Taken::Failed(said(&error)),
    }
}

fn said(error: &ServerFnError) -> String {
    error.to_string()
}

/// A list as a CSV file, as it is read; numbers whole.
///
/// # Errors
/// When the store refuses.
pub async fn csv(engine: &Engine, list: List) -> Result<String, store::Error> {
    let settings = crate::saving::current::<Settings>(engine).await?.settings;
    Ok(match list {
        List::Numbers => number_rules_csv(&settings.number_rules),
        List::Prices => prices_csv(&settings.spend.prices),
    })
}
