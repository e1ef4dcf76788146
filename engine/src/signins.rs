//! The sign-in log: pages of attempts, one attempt with its events, the report, and revealing a
//! whole number to a user who sees masks.

use crate::{ChangeError, Engine, Error};
use chrono::{DateTime, TimeDelta, Utc};
use domain::attempts::{Attempt, First};
use domain::audit::{Activity, By, Change};
use domain::events::fold_user;
use domain::gate::DecisionId;
use domain::handles::HandleKey;
use domain::signins::{Page, Selection, opened};
use domain::workbook::Sight;
use domain::{Channel, Cost, Kind, PhoneNumber, Reason, Region};
use serde_json::json;
use sqlx::PgConnection;
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use store::Db;
use uuid::Uuid;

/// A stored decision of the gate.
pub use store::decisions::StoredDecision as Decided;

/// Attempts per page.
pub const PAGE: usize = 50;
/// Most attempts examined for a page: about 10 ms if they are cached.
const BUDGET: u32 = 10_000;
/// Most events shown for an attempt.
pub const TIMELINE: i64 = 500;

/// A number or a user as the reader may see it, with the handle for links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedName {
    /// Text to show, masked if necessary.
    pub text: String,
    /// Handle for links.
    pub handle: String,
}

impl LinkedName {
    pub(crate) fn number(phone: PhoneNumber, key: &HandleKey, sight: Sight) -> Self {
        Self { text: sight.number(phone), handle: key.number(phone) }
    }

    pub(crate) fn user(name: &str, key: &HandleKey, sight: Sight) -> Self {
        Self { text: sight.text_owned(name), handle: key.user(name) }
    }
}

/// An attempt as the reader may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// Id of the attempt.
    pub id: Uuid,
    /// When it began.
    pub time: DateTime<Utc>,
    /// Its outcome.
    pub outcome: Kind,
    /// Time of the outcome.
    pub outcome_time: DateTime<Utc>,
    /// Reason of the outcome, as a neutral code.
    pub reason: Option<Reason>,
    /// Reason in the source's own words.
    pub reason_text: Option<String>,
    /// Journey id that joins its events.
    pub journey: Option<String>,
    /// User of the attempt.
    pub user: Option<LinkedName>,
    /// Number that the code was sent to.
    pub number: Option<LinkedName>,
    /// The number's region.
    pub region: Option<Region>,
    /// Channel of the code.
    pub channel: Option<Channel>,
    /// User flow that requested the code.
    pub flow: Option<String>,
    /// Application that requested it.
    pub app: Option<String>,
    /// IP address that the request came from.
    pub ip: Option<IpAddr>,
    /// Browser family.
    pub browser: Option<String>,
    /// Carrier that delivered the code.
    pub carrier: Option<String>,
    /// Total cost: currency, then amount.
    pub cost: Option<Cost>,
}

/// An event of an attempt as the reader may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownEvent {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// When Tollwarden received it.
    pub received: DateTime<Utc>,
    /// Source that sent it.
    pub source: String,
    /// What happened.
    pub kind: Kind,
    /// User name in the event.
    pub user: Option<String>,
    /// Number in the event, masked if necessary.
    pub number: Option<String>,
    /// IP address in the event.
    pub ip: Option<IpAddr>,
    /// Device id in the event.
    pub device: Option<String>,
    /// Operating system family.
    pub os: Option<String>,
    /// Reason, as a neutral code.
    pub reason: Option<Reason>,
    /// Reason in the source's own words.
    pub reason_text: Option<String>,
    /// The provider's id of the message or call.
    pub provider_ref: Option<String>,
    /// Cost of this event.
    pub cost: Option<Cost>,
    /// Additional fields from the source, as names and values.
    pub extra: Vec<(String, String)>,
    /// The decision, if this is an event of the gate.
    pub decision: Option<Decided>,
}

/// A text from a source as the reader may see it.
fn shown_text(text: String, sight: Sight, about: Option<PhoneNumber>) -> String {
    match sight.about(&text, about) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => masked,
    }
}

impl SignIn {
    pub(crate) fn of(attempt: Attempt, key: &HandleKey, sight: Sight) -> Self {
        let Attempt { id, time, outcome, outcome_time, reason, reason_text, .. } = attempt;
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
            user: attempt.user.value().map(|name| LinkedName::user(name, key, sight)),
            number: phone.map(|phone| LinkedName::number(phone, key, sight)),
            region: attempt.region.value().copied(),
            channel: attempt.channel.value().copied(),
            flow: word(&attempt.flow),
            app: word(&attempt.app),
            ip: attempt.ip.value().copied(),
            browser: word(&attempt.browser),
            carrier: word(&attempt.carrier),
            cost: attempt.cost.value().cloned().map(|(currency, amount)| Cost { amount, currency }),
        }
    }
}

impl ShownEvent {
    pub(crate) fn of(
        told: store::timeline::TimelineEvent,
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
            user: told.user.map(|name| sight.text_owned(&name)),
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

/// The id of the decision in an event of the gate.
fn decision_of(told: &store::timeline::TimelineEvent) -> Option<Uuid> {
    let id = (told.source == crate::gate::SOURCE).then(|| told.id.parse::<DecisionId>().ok());
    id.flatten().map(|id| id.0)
}

/// The decisions of some gate events by id, with one query for all.
pub(crate) async fn decisions(
    conn: &mut PgConnection,
    told: &[store::timeline::TimelineEvent],
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

/// A decision as the reader may see it: its sentences and rules may contain numbers.
pub(crate) fn shown_decision(mut decision: Decided, sight: Sight) -> Decided {
    if sight == Sight::Masked {
        for why in &mut decision.reasons {
            why.message = sight.text_owned(&why.message);
            why.rule = sight.text_owned(&why.rule);
        }
    }
    decision.api_key = shown_text(decision.api_key, sight, None);
    decision
}

/// The requested page.
///
/// # Errors
/// If the store fails.
pub async fn page(engine: &Engine, asked: &Selection, sight: Sight) -> Result<Page<SignIn>, Error> {
    let key = engine.handles.key().await?;
    let mut conn = engine.db.conn().await?;
    let Page { rows, newer, older, looked_to } =
        store::attempts::page(&mut conn, &asked.filter, asked.place, PAGE, BUDGET).await?;
    let rows = rows.into_iter().map(|attempt| SignIn::of(attempt, &key, sight)).collect();
    Ok(Page { rows, newer, older, looked_to })
}

/// An attempt and its events in order of time; `None` if there is no attempt with this id.
///
/// # Errors
/// If the store fails.
pub async fn attempt(
    engine: &Engine,
    id: Uuid,
    sight: Sight,
) -> Result<Option<(SignIn, Vec<ShownEvent>)>, Error> {
    let key = engine.handles.key().await?;
    let mut conn = engine.db.conn().await?;
    let Some(attempt) = store::attempts::get(&mut conn, id).await? else { return Ok(None) };
    // Events are at most a day ahead (contract, section 3).
    let days = (attempt.time, engine.clock().now() + TimeDelta::days(1));
    let told = store::timeline::events(&mut *conn, id, days, TIMELINE).await?;
    let mut decisions = decisions(&mut conn, &told).await?;
    let told = told.into_iter().map(|told| ShownEvent::of(told, &mut decisions, sight)).collect();
    Ok(Some((SignIn::of(attempt, &key, sight), told)))
}

/// The whole number of an attempt, for a user who sees masks. An audit entry with the reason is
/// written before the number is returned.
///
/// # Errors
/// [`ChangeError::Invalid`] in field `reason` if it is missing or too long;
/// [`ChangeError::Missing`].
pub async fn reveal(
    db: &Db,
    by: &By,
    attempt: Uuid,
    reason: &str,
) -> Result<PhoneNumber, ChangeError> {
    let reason = domain::blocks::reason(reason)?;
    let mut write = db.write(by).await?;
    let found = store::attempts::get(write.conn(), attempt).await?.ok_or(ChangeError::Missing)?;
    let phone = found.phone.value().copied().ok_or(ChangeError::Missing)?;
    let user = found.user.value().map(|user| fold_user(user));
    let change = Change::new(Activity::NumberRevealed, format!("attempt {attempt}"));
    // Users who see masks can read the audit log.
    let after = json!({ "number": phone.masked(), "user": user, "reason": Sight::Masked.about(&reason, Some(phone)) });
    crate::notify::people::commit(write, change.after(after)).await?;
    Ok(phone)
}
