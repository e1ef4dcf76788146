//! The sign-in log: pages of attempts, one attempt with its events, the report, and showing one
//! whole number to somebody who sees masks.

use crate::{Engine, Error};
use chrono::{DateTime, TimeDelta, Utc};
use domain::attempts::{Attempt, First};
use domain::audit::{Activity, By, Change};
use domain::events::fold_user;
use domain::gate::DecisionId;
use domain::handles::HandleKey;
use domain::signins::{Asked, Page, opened};
use domain::workbook::Sight;
use domain::{Channel, Cost, Invalid, Kind, PhoneNumber, Reason, Region};
use serde_json::json;
use sqlx::PgConnection;
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use store::Db;
use uuid::Uuid;

/// A decision of the gate as it was kept.
pub use store::decisions::Kept as Decided;

/// Attempts to a page.
pub const PAGE: usize = 50;
/// Attempts that are looked at for a page, at most: about 10 ms where they lie in memory.
const BUDGET: u32 = 10_000;
/// Events of an attempt that are shown, at most.
pub const TIMELINE: i64 = 500;

/// A number or a user as somebody may see it, and the handle that links name it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What is shown.
    pub text: String,
    /// Its handle.
    pub handle: String,
}

/// An attempt as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// Its id.
    pub id: Uuid,
    /// When it began.
    pub time: DateTime<Utc>,
    /// What it came to.
    pub outcome: Kind,
    /// When.
    pub outcome_time: DateTime<Utc>,
    /// Why, in our words.
    pub reason: Option<Reason>,
    /// In the source's.
    pub reason_text: Option<String>,
    /// The id that joins its events.
    pub journey: Option<String>,
    /// Whose.
    pub user: Option<Named>,
    /// To which number.
    pub number: Option<Named>,
    /// The number's region.
    pub region: Option<Region>,
    /// The way the code travelled.
    pub channel: Option<Channel>,
    /// The flow that asked.
    pub flow: Option<String>,
    /// The application.
    pub app: Option<String>,
    /// From where.
    pub ip: Option<IpAddr>,
    /// The browser's family.
    pub browser: Option<String>,
    /// The carrier.
    pub carrier: Option<String>,
    /// Currency, then amount.
    pub cost: Option<Cost>,
}

/// One of its events as somebody may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// Who tells of it.
    pub source: String,
    /// What happened.
    pub kind: Kind,
    /// The account.
    pub user: Option<String>,
    /// The number.
    pub number: Option<String>,
    /// The address.
    pub ip: Option<IpAddr>,
    /// A device id.
    pub device: Option<String>,
    /// The operating system's family.
    pub os: Option<String>,
    /// Why it failed, in our words.
    pub reason: Option<Reason>,
    /// In the source's.
    pub reason_text: Option<String>,
    /// The provider's id of the message or call.
    pub provider_ref: Option<String>,
    /// What it cost.
    pub cost: Option<Cost>,
    /// What else the source said, as names and values.
    pub extra: Vec<(String, String)>,
    /// Of an event of the gate: what it decided.
    pub decision: Option<Decided>,
}

/// A text of a source as somebody may see it.
pub(crate) fn shown_text(text: String, sight: Sight, about: Option<PhoneNumber>) -> String {
    match sight.about(&text, about) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => masked,
    }
}

impl SignIn {
    /// An attempt as somebody may see it.
    pub fn of(attempt: Attempt, key: &HandleKey, sight: Sight) -> Self {
        let Attempt { id, time, outcome, outcome_time, reason, reason_text, .. } = attempt;
        let user = attempt
            .user
            .value()
            .map(|name| Named { text: sight.said(name), handle: key.user(name) });
        let number = attempt
            .phone
            .value()
            .map(|phone| Named { text: sight.number(*phone), handle: key.number(*phone) });
        let cost = attempt.cost.value().cloned();
        let phone = attempt.phone.value().copied();
        let text = |text: Option<String>| text.map(|text| shown_text(text, sight, phone));
        let word = |value: &First<String>| text(value.value().cloned());
        Self {
            id,
            time,
            outcome,
            outcome_time,
            reason,
            reason_text: text(reason_text),
            journey: word(&attempt.journey),
            user,
            number,
            region: attempt.region.value().copied(),
            channel: attempt.channel.value().copied(),
            flow: word(&attempt.flow),
            app: word(&attempt.app),
            ip: attempt.ip.value().copied(),
            browser: word(&attempt.browser),
            carrier: word(&attempt.carrier),
            cost: cost.map(|(currency, amount)| Cost { amount, currency }),
        }
    }
}

impl Told {
    pub(crate) fn of(
        told: store::timeline::Told,
        decisions: &mut HashMap<Uuid, Decided>,
        sight: Sight,
    ) -> Self {
        let decision = decision_of(&told).and_then(|id| decisions.remove(&id));
        let phone = told.phone;
        let text = |text: Option<String>| text.map(|text| shown_text(text, sight, phone));
        let extra = told.extra.as_ref().map(opened).unwrap_or_default().into_iter();
        let extra = extra
            .map(|(name, value)| (shown_text(name, sight, phone), shown_text(value, sight, phone)));
        Self {
            decision: decision.map(|decision| shown_decision(decision, sight)),
            time: told.time,
            received: told.received,
            source: shown_text(told.source, sight, phone),
            kind: told.kind,
            user: told.user.map(|name| sight.said(&name)),
            number: told.phone.map(|phone| sight.number(phone)),
            ip: told.ip,
            device: text(told.device),
            os: text(told.os),
            reason: told.reason,
            reason_text: text(told.reason_text),
            provider_ref: text(told.provider_ref),
            cost: told.cost,
            extra: extra.collect(),
        }
    }
}

/// Whose decision an event of the gate tells.
fn decision_of(told: &store::timeline::Told) -> Option<Uuid> {
    let id = (told.source == crate::gate::SOURCE).then(|| told.id.parse::<DecisionId>().ok());
    id.flatten().map(|id| id.0)
}

/// The decisions that events of the gate tell of, by their ids: one query for all.
pub(crate) async fn decisions(
    conn: &mut PgConnection,
    told: &[store::timeline::Told],
) -> Result<HashMap<Uuid, Decided>, store::Error> {
    let of_gate = || told.iter().filter_map(|one| Some((decision_of(one)?, one.time)));
    let ids: Vec<Uuid> = of_gate().map(|(id, _)| id).collect();
    let times = || of_gate().map(|(_, time)| time);
    let (Some(from), Some(to)) = (times().min(), times().max()) else {
        return Ok(HashMap::new());
    };
    let kept = store::decisions::by_ids(conn, &ids, from, to).await?;
    Ok(kept.into_iter().map(|one| (one.id, one)).collect())
}

/// A decision as somebody may see it: its sentences and rules may name numbers.
pub(crate) fn shown_decision(mut decision: Decided, sight: Sight) -> Decided {
    if sight == Sight::Masked {
        for why in &mut decision.reasons {
            why.message = sight.said(&why.message);
            why.rule = sight.said(&why.rule);
        }
    }
    decision.api_key = shown_text(decision.api_key, sight, None);
    decision
}

/// The page that is asked for.
///
/// # Errors
/// When the store refuses.
pub async fn page(engine: &Engine, asked: &Asked, sight: Sight) -> Result<Page<SignIn>, Error> {
    let key = engine.handles.key().await?;
    let mut conn = engine.db.conn().await?;
    let Page { rows, newer, older, looked_to } =
        store::attempts::page(&mut conn, &asked.filter, asked.place, PAGE, BUDGET).await?;
    let rows = rows.into_iter().map(|attempt| SignIn::of(attempt, &key, sight)).collect();
    Ok(Page { rows, newer, older, looked_to })
}

/// An attempt and its events, first to last; nothing when there is none of this id.
///
/// # Errors
/// When the store refuses.
pub async fn attempt(
    engine: &Engine,
    id: Uuid,
    sight: Sight,
) -> Result<Option<(SignIn, Vec<Told>)>, Error> {
    let key = engine.handles.key().await?;
    let mut conn = engine.db.conn().await?;
    let Some(attempt) = store::attempts::get(&mut conn, id).await? else { return Ok(None) };
    // Events lie at most a day ahead (contract, section 3).
    let days = (attempt.time, engine.clock().now() + TimeDelta::days(1));
    let told = store::timeline::events(&mut *conn, id, days, TIMELINE).await?;
    let mut decisions = decisions(&mut conn, &told).await?;
    let told = told.into_iter().map(|told| Told::of(told, &mut decisions, sight)).collect();
    Ok(Some((SignIn::of(attempt, &key, sight), told)))
}

/// Why a number was not shown.
#[derive(Debug, thiserror::Error)]
pub enum RevealError {
    /// What was entered.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such attempt, or it has no number.
    #[error("there is no number here")]
    Missing,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The whole number of an attempt, for somebody who sees masks: its showing is in the audit log,
/// with the reason, before it is handed over.
///
/// # Errors
/// In field `reason` when none is given or it is too long; [`RevealError::Missing`].
pub async fn reveal(
    db: &Db,
    by: &By,
    attempt: Uuid,
    reason: &str,
) -> Result<PhoneNumber, RevealError> {
    let reason = domain::blocks::reason(reason)?;
    let mut write = db.write(by).await?;
    let found = store::attempts::get(write.conn(), attempt).await?;
    let Some(found) = found else { return Err(RevealError::Missing) };
    let Some(phone) = found.phone.value().copied() else { return Err(RevealError::Missing) };
    let user = found.user.value().map(|user| fold_user(user));
    let change = Change::new(Activity::NumberRevealed, format!("attempt {attempt}"));
    // The log is read by those who see masks.
    let after = json!({ "number": phone.masked(), "user": user, "reason": Sight::Masked.about(&reason, Some(phone)) });
    crate::notify::people::commit(write, change.after(after)).await?;
    Ok(phone)
}
