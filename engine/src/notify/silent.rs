//! Silent sources: one alert for each silence.

use super::{plain_alert, raise};
use crate::sources::{self, SourceState};
use crate::work::Progress;
use domain::notify::AlertKind;
use store::Db;

/// Raises alerts about sources that have been silent for longer than ever before, once for each
/// silence, however many servers check.
///
/// # Errors
/// If the store fails.
pub async fn tell_of_silent_sources(db: &Db) -> Result<Progress, crate::Error> {
    let now = db.clock.now();
    let mut told = false;
    for source in sources::list(db).await? {
        let SourceState::Silent(length) = source.state else { continue };
        let mut tx = db.begin().await?;
        if !store::outbox::tell_silence(&mut tx, &source.name, source.last_received).await? {
            continue;
        }
        let line = format!(
            "The source {} has been silent for {} minutes, longer than ever before. It was last \
             heard of on {}.",
            source.name,
            length.num_minutes(),
            source.last_received.format("%-d %b %Y, %H:%M UTC")
        );
        let alert = plain_alert(AlertKind::SourceSilent, line, "/settings#sources");
        raise(&mut tx, now, &alert).await?;
        tx.commit().await.map_err(store::Error::from)?;
        told = true;
    }
    Ok(Progress::of(told))
}
