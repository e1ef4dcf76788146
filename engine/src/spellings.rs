//! Stored numbers and networks in their single spelling. Earlier versions read `+44 (0)7400 123456`
//! as a different number than `+447400123456`: blocks of it had no effect, and its events were
//! counted separately. Such rows are corrected in the background: once, and again after the number
//! data has changed, because that may change the form of numbers.

use crate::Error;
use crate::sync::retried;
use crate::work::Progress;
use domain::PhoneNumber;
use domain::audit::{Activity, By, Change};
use domain::blocks::Target;
use domain::sources::neutral::network_code;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use store::events::{ArrivalPosition, Arrived};
use store::put_right::{self, Table};
use store::{Db, Write};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The name of this correction in the store.
pub(crate) const WHAT: &str = "spellings";
/// Rows read at a time.
const PIECE: i64 = 2_000;
/// Pause between two pieces of events, so that more urgent work goes first.
const REST: Duration = Duration::from_millis(5);

/// How many rows were corrected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CorrectedRows {
    /// Events, together with their attempts.
    pub events: u64,
    /// Blocks of numbers.
    pub blocks: u64,
    /// One-time bypasses of numbers.
    pub bypasses: u64,
    /// Fraud reports.
    pub reports: u64,
}

/// Corrects stored rows, unless that was done before or `stop` is cancelled. Returns how many.
///
/// # Errors
/// If the store fails: corrected rows stay corrected, and are not found again.
pub async fn put_right(db: &Db, stop: &CancellationToken) -> Result<Option<CorrectedRows>, Error> {
    if put_right::done(db.read(), WHAT).await?.is_some() {
        return Ok(None);
    }
    let mut done = CorrectedRows::default();
    let read = events(db, stop, &mut done.events).await;
    if read.is_err() || stop.is_cancelled() {
        // Rows already corrected are not found again.
        if done.events > 0 {
            commit_with_entry(db.write(&By::own()).await?, done).await?;
        }
        return read.map(|()| None);
    }
    let mut write = db.write(&By::own()).await?;
    done.blocks = table(&mut write, Table::Blocks).await?;
    done.bypasses = table(&mut write, Table::Bypasses).await?;
    done.reports = reports(&mut write).await?;
    let now = write.now();
    if !put_right::note(write.conn(), WHAT, now, &json!(done)).await? {
        // Another server was faster.
        return Ok(None);
    }
    commit_with_entry(write, done).await?;
    Ok(Some(done))
}

/// Commits a transaction with an audit entry; servers then reload the data that they keep in
/// memory.
async fn commit_with_entry(mut write: Write, done: CorrectedRows) -> Result<(), Error> {
    let mut changes = Vec::new();
    if done != CorrectedRows::default() {
        store::events::note_rewritten(write.conn()).await?;
        changes.push(Change::new(Activity::PutRight, "numbers and networks").after(json!(done)));
    }
    Ok(write.commit_all(changes).await?)
}

/// Corrects stored rows if there are any to correct.
pub(crate) async fn step(db: &Db, stop: &CancellationToken) -> Result<Progress, Error> {
    let Some(done) = put_right(db, stop).await? else { return Ok(Progress::Idle) };
    let CorrectedRows { events, blocks, bypasses, reports } = done;
    tracing::info!(events, blocks, bypasses, reports, "spellings put right");
    Ok(Progress::Worked)
}

/// The single spelling of a number, if it is stored differently.
fn number(stored: &str) -> Option<String> {
    let now = stored.parse::<PhoneNumber>().ok()?.to_string();
    (now != stored).then_some(now)
}

fn carrier(stored: &str) -> Option<String> {
    network_code(stored).filter(|now| now != stored)
}

/// An event, with its number and network if they change.
type WrongRow = (Arrived, Option<String>, Option<String>);

fn wrong(piece: Vec<Arrived>) -> Vec<WrongRow> {
    let looked = piece.into_iter().map(|one| {
        let phone = one.phone.as_deref().and_then(number);
        let carrier = one.carrier.as_deref().and_then(carrier);
        (one, phone, carrier)
    });
    looked.filter(|(_, phone, carrier)| phone.is_some() || carrier.is_some()).collect()
}

async fn events(db: &Db, stop: &CancellationToken, changed: &mut u64) -> Result<(), Error> {
    let mut after = ArrivalPosition::default();
    while !stop.is_cancelled() {
        let piece = store::events::arrived(db.read(), after, PIECE).await?;
        let Some(last) = piece.last() else { break };
        after = last.place;
        // Looking up thousands of numbers takes a while, so it runs on a blocking thread.
        let mut wrong = tokio::task::spawn_blocking(move || wrong(piece)).await?;
        // In the order in which writers lock attempts.
        wrong.sort_unstable_by_key(|(one, ..)| one.attempt);
        *changed += retried(|| respell(db, &wrong)).await?;
        tokio::time::sleep(REST).await;
    }
    Ok(())
}

async fn respell(db: &Db, wrong: &[WrongRow]) -> store::Result<u64> {
    if wrong.is_empty() {
        return Ok(0);
    }
    let (mut tx, mut changed) = (db.begin().await?, 0);
    for (one, phone, carrier) in wrong {
        let phone = phone.as_deref().or(one.phone.as_deref());
        let carrier = carrier.as_deref().or(one.carrier.as_deref());
        changed += u64::from(store::events::respell(&mut tx, one, phone, carrier).await?);
    }
    tx.commit().await?;
    Ok(changed)
}

async fn table(write: &mut Write, table: Table) -> Result<u64, Error> {
    let (mut after, mut changed, now) = (Uuid::nil(), 0, write.now());
    loop {
        let piece = put_right::entries(write.conn(), table, after, PIECE).await?;
        let Some(last) = piece.last() else { return Ok(changed) };
        after = last.id;
        for entry in &piece {
            let kind = entry.kind.parse().ok();
            let target = kind.and_then(|kind| Target::parse(kind, &entry.value).ok());
            // A number that is refused now stays unchanged: its block has no effect, as before.
            let Some(target) = target.filter(|target| target.value() != entry.value) else {
                continue;
            };
            let (value, key) = (target.value(), target.key());
            put_right::respell(write.conn(), table, entry, value, key, now).await?;
            changed += 1;
        }
    }
}

async fn reports(write: &mut Write) -> Result<u64, Error> {
    let (mut after, mut changed) = (String::new(), 0);
    loop {
        let piece = put_right::phones(write.conn(), &after, PIECE).await?;
        let Some(last) = piece.last() else { return Ok(changed) };
        after.clone_from(last);
        for stored in &piece {
            if let Some(now) = number(stored) {
                changed += put_right::respell_phone(write.conn(), stored, &now).await?;
            }
        }
    }
}
