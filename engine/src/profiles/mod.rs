//! Pages about one number, IP address or user: outcomes of its attempts, what it was seen with,
//! failures of its neighbours, and actions taken.

mod asked;
mod desk;
mod near;
mod tally;
#[cfg(test)]
mod tests;
mod told;

pub use asked::{AttemptSelection, ProfileSubject};
pub use near::Near;
pub use tally::{ROWS, Tally, ValueCount};
pub use told::{CLOSER, COUNTED, DECISIONS, Decisions, PAGE, Profile, Story};

use crate::{Engine, Error};
use desk::PageReader;
use domain::workbook::Sight;

/// Reads the whole page.
///
/// # Errors
/// If the store fails.
pub async fn profile(
    engine: &Engine,
    subject: &ProfileSubject,
    asked: AttemptSelection,
    sight: Sight,
) -> Result<Profile, Error> {
    let key = engine.handles.key().await?;
    let (mut profile, names, told) = {
        let mut conn = engine.db.conn().await?;
        let now = engine.clock().now();
        let mut desk = PageReader { key: &key, sight, now, conn: &mut conn };
        desk.profile(subject, asked).await?
    };
    // The connection is returned before another is acquired, so that no request holds one while it
    // waits for a second.
    let ask = near::NeighbourSearch { engine, key: &key, sight, asked, told: &told };
    profile.near = ask.near(subject).await?;
    if matches!(subject, ProfileSubject::User(_)) {
        profile.fatigue =
            crate::attack_signs::prompts_of(&engine.db, &names, asked.period.from).await?.1;
    }
    Ok(profile)
}
