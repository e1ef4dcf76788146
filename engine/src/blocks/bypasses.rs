//! Giving bypasses and ending them.

use super::error::BlockError;
use super::record::object;
use chrono::TimeDelta;
use domain::audit::{Activity, By, Change};
use domain::blocks::NewBypass;
use serde_json::{Value, json};
use store::Db;
use store::blocks::End;
use store::bypasses::{Bypass, Filter};
use uuid::Uuid;

/// Lets a user or a number through once, within a period.
///
/// # Errors
/// [`BlockError::AlreadyBypassed`] if they have a bypass that can still be used.
pub async fn bypass(db: &Db, by: &By, new: &NewBypass) -> Result<Bypass, BlockError> {
    let mut write = db.write(by).await?;
    let now = write.now();
    let bypass = Bypass {
        id: store::random::uuid(),
        kind: new.target.kind(),
        value: new.target.value().to_owned(),
        key: new.target.key().to_owned(),
        since: now,
        until: now + TimeDelta::seconds(new.seconds),
        by: by.actor.to_string(),
        reason: new.reason.clone(),
        used: None,
        end: None,
    };
    if !store::bypasses::add(&mut write, &bypass, now).await? {
        let filter = Filter { live: Some(true), keys: Some(vec![bypass.key.clone()]) };
        let present = store::bypasses::list(write.conn(), &filter, None, 10, now).await?;
        let present = present.into_iter().find(|one| one.kind == bypass.kind);
        // Used up or ended in the meantime: a second request gets a new one.
        return Err(BlockError::AlreadyBypassed(Box::new(present.unwrap_or(bypass))));
    }
    let change = Change::new(Activity::BypassGiven, object(bypass.kind, &bypass.value))
        .after(document(&bypass));
    write.commit(change).await?;
    Ok(bypass)
}

/// Ends a bypass, with a reason of 1 to 500 characters, and returns it as it is then.
///
/// # Errors
/// [`BlockError::Missing`] if there is none, or it was used or has ended.
pub async fn end_bypass(db: &Db, by: &By, id: Uuid, reason: &str) -> Result<Bypass, BlockError> {
    let reason = domain::blocks::reason(reason)?;
    let mut write = db.write(by).await?;
    let end = End { time: write.now(), by: by.actor.to_string(), reason };
    let ended = store::bypasses::end(&mut write, id, &end).await?;
    let ended = ended.ok_or(BlockError::Missing)?;
    let change = Change::new(Activity::BypassEnded, object(ended.kind, &ended.value))
        .before(document(&ended))
        .after(json!({ "reason": end.reason }));
    write.commit(change).await?;
    Ok(ended)
}

/// A bypass as stored in the audit log.
fn document(bypass: &Bypass) -> Value {
    json!({
        "id": bypass.id, "kind": bypass.kind.as_str(), "value": bypass.value,
        "until": bypass.until, "reason": bypass.reason,
    })
}
