//! Lists as files, for the server's handlers.

use super::lists::{List, take};
use super::view::{PATH, preview};
use crate::form::Form;
use domain::rules::{Settings, number_rules_csv, prices_csv};
use engine::Engine;
use islands::rules::read::Fields;
use tower_sessions::Session;

/// The result of an upload.
#[derive(Debug)]
pub enum UploadResult {
    /// URL of the page to redirect to.
    GoOn(String),
    /// The list could not be stored; the text is for the log.
    Failed(String),
}

/// Takes an uploaded list. The page that follows shows what it would do, or its errors line by
/// line. `fields` are those of the form; `list` is the file's text.
pub async fn take_file(
    engine: &Engine,
    session: &Session,
    list: List,
    fields: Fields,
) -> UploadResult {
    let path = list.tab().path();
    let later = fields.get(islands::rules::SCRIPT).is_some_and(|word| !word.is_empty());
    match take(engine, session, list, &fields).await {
        Ok(Ok(draft)) => UploadResult::GoOn(preview(&draft.id, later)),
        Ok(Err(invalid)) => {
            let form = Form { page: PATH, path: &path, name: list.form() };
            match form.keep(session, invalid).await {
                Ok(()) => UploadResult::GoOn(path),
                Err(error) => UploadResult::Failed(error.to_string()),
            }
        }
        Err(error) => UploadResult::Failed(error.to_string()),
    }
}

/// A list as CSV, in the format that [`take_file`] reads, with unmasked numbers.
///
/// # Errors
/// Returns the store's error if the rules cannot be read.
pub async fn csv(engine: &Engine, list: List) -> Result<String, store::Error> {
    let settings = crate::saving::current::<Settings>(engine).await?.settings;
    Ok(match list {
        List::Numbers => number_rules_csv(&settings.number_rules),
        List::Prices => prices_csv(&settings.spend.prices),
    })
}
