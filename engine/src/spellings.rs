//! Stored numbers and networks in their one spelling. Versions before read `+44 (0)7400 123456` as
//! another number than `+447400123456`: blocks of it held nothing, and its events counted apart.
//! What is stored so is put right once, beside whatever else goes on.

use crate::Error;
use domain::PhoneNumber;
use domain::audit::{Activity, By, Change};
use domain::blocks::Target;
use domain::sources::neutral::network_code;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use store::events::{Place, Spelled};
use store::put_right::{self, Ledger};
use store::{Db, Write};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What this is called in the store.
const WHAT: &str = "spellings";
/// Between two tries.
const AGAIN: Duration = Duration::from_secs(60);
/// Rows read at a time.
const PIECE: i64 = 2_000;

/// How many rows were written in other words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Events, and their attempts with them.
    pub events: u64,
    /// Blocks of numbers.
    pub blocks: u64,
    /// One-time bypasses of numbers.
    pub bypasses: u64,
    /// Fraud reports.
    pub reports: u64,
}

/// Puts right what is stored, unless that was done before or `stop` is cancelled; how much it was.
///
/// # Errors
/// When the store refuses: what was done stays, and is not found wrong again.
pub async fn put_right(db: &Db, stop: &CancellationToken) -> Result<Option<Done>, Error> {
    if put_right::done(&db.pool, WHAT).await?.is_some() {
        return Ok(None);
    }
    let mut done = Done { events: events(db, stop).await?, ..Done::default() };
    if stop.is_cancelled() {
        return Ok(None);
    }
    let mut write = db.write(&By::own()).await?;
    done.blocks = ledger(&mut write, Ledger::Blocks).await?;
    done.bypasses = ledger(&mut write, Ledger::Bypasses).await?;
    done.reports = reports(&mut write).await?;
    let now = write.now();
    if !put_right::note(write.conn(), WHAT, now, &json!(done)).await? {
        // Another server was as far.
        return Ok(None);
    }
    let mut told = Vec::new();
    if done != Done::default() {
        store::events::note_rewritten(write.conn()).await?;
        told.push(Change::new(Activity::PutRight, "numbers and networks").after(json!(done)));
    }
    write.commit_all(told).await?;
    Ok(Some(done))
}

/// Puts right what is stored, and tries again where it cannot; never ends.
pub(crate) async fn work(db: &Db, stop: &CancellationToken) {
    loop {
        match put_right(db, stop).await {
            Ok(None) => break,
            Ok(Some(done)) => {
                let Done { events, blocks, bypasses, reports } = done;
                tracing::info!(events, blocks, bypasses, reports, "spellings put right");
                break;
            }
            Err(error) => tracing::warn!(
                error = store::whole(&error),
                "numbers stored in another spelling are not put right yet"
            ),
        }
        tokio::time::sleep(AGAIN).await;
    }
    std::future::pending().await
}

/// A number's one spelling, where it is stored in another.
fn number(stored: &str) -> Option<String> {
    let now = stored.parse::<PhoneNumber>().ok()?.to_string();
    (now != stored).then_some(now)
}

fn carrier(stored: &str) -> Option<String> {
    network_code(stored).filter(|now| now != stored)
}

async fn events(db: &Db, stop: &CancellationToken) -> Result<u64, Error> {
    let (mut after, mut changed) = (Place::default(), 0);
    while !stop.is_cancelled() {
        let piece = store::events::spelled(&db.pool, after, PIECE).await?;
        let Some(last) = piece.last() else { break };
        after = last.place;
        let wrong: Vec<(&Spelled, Option<String>, Option<String>)> = piece
            .iter()
            .map(|one| {
                let phone = one.phone.as_deref().and_then(number);
                (one, phone, one.carrier.as_deref().and_then(carrier))
            })
            .filter(|(_, phone, carrier)| phone.is_some() || carrier.is_some())
            .collect();
        if wrong.is_empty() {
            continue;
        }
        let mut tx = db.pool.begin().await.map_err(store::Error::from)?;
        for (one, phone, carrier) in &wrong {
            let phone = phone.as_deref().or(one.phone.as_deref());
            let carrier = carrier.as_deref().or(one.carrier.as_deref());
            store::events::respell(&mut tx, one, phone, carrier).await?;
        }
        tx.commit().await.map_err(store::Error::from)?;
        changed += wrong.len() as u64;
    }
    Ok(changed)
}

async fn ledger(write: &mut Write, ledger: Ledger) -> Result<u64, Error> {
    let (mut after, mut changed, now) = (Uuid::nil(), 0, write.now());
    loop {
        let piece = put_right::entries(write.conn(), ledger, after, PIECE).await?;
        let Some(last) = piece.last() else { return Ok(changed) };
        after = last.id;
        for entry in &piece {
            let kind = entry.kind.parse().ok();
            let target = kind.and_then(|kind| Target::parse(kind, &entry.value).ok());
            // What is refused by now is left as it is: it holds nothing, as it did before.
            let Some(target) = target.filter(|target| target.value() != entry.value) else {
                continue;
            };
            let (value, key) = (target.value(), target.key());
            put_right::respell(write.conn(), ledger, entry, value, key, now).await?;
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
