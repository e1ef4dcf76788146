//! Many fraud reports in one transaction: current settings, known reports, their attempts, blocks,
//! rows, events, alerts and audit entries.

use super::blocks::{self, BlockEffect};
use super::handle::raise_alerts;
use super::report::{NamedReport, PendingReport, Refusal, ReportResult, event_id, event_key};
use crate::ingest::{EventWriter, brought};
use crate::settings;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::fraud_alerts::{Action, NewReport, Settings, reason_text};
use domain::keys::Marks;
use domain::{Channel, Event, Kind, Reason, Region};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use store::Db;
use store::events::NewEvent;
use store::fraud_reports::{AttemptQuery, FirstAnswer, Row};
use uuid::Uuid;

/// What to do with a report of the batch.
enum BatchStep {
    Answer(ReportResult),
    /// Accept it: its index among the accepted reports.
    Take(usize),
    /// A report earlier in the batch has the same name: that one's index among the accepted
    /// reports.
    Same(usize),
}

/// Handles a batch; returns an answer for each report, in order.
pub(super) async fn commit(
    db: &Db,
    pen: &mut EventWriter,
    batch: &[PendingReport],
) -> store::Result<Vec<ReportResult>> {
    let now = db.clock.now();
    pen.prepare(db.facts(), batch.iter().map(|job| job.report.time.unwrap_or(now))).await?;
    let mut write = db.write(&By::own()).await?;
    let settings = settings::load::<Settings>(write.conn()).await?.settings;
    let (steps, mut taken, mut entries) = sort(write.conn(), &settings, batch, now).await?;
    name(write.conn(), &mut taken).await?;
    let attempts = join(write.conn(), &taken).await?;
    let blocked = blocks::decide(&mut write, &settings, &taken, now).await?;

    let events: Vec<NewEvent> =
        taken.iter().zip(&attempts).map(|(one, attempt)| event(one, *attempt)).collect();
    pen.write(write.conn(), &events.iter().collect::<Vec<_>>(), now).await?;
    pen.note(write.conn(), &brought(events.iter()), now).await?;
    let rows: Vec<Row> = taken
        .iter()
        .zip(&events)
        .zip(&blocked)
        .map(|((one, event), fate)| row(one, event.attempt, fate, now))
        .collect();
    if store::fraud_reports::insert(write.conn(), &rows).await? < rows.len() as u64 {
        // Another transaction wrote one of them first: the retry finds it.
        return Err(store::Error::Contended);
    }
    raise_alerts(write.conn(), now, &rows, &blocked).await?;
    entries.extend(taken.iter().zip(&rows).map(|(one, row)| entry(one, row)));
    write.commit_entries(&entries).await?;

    let answered =
        |at: usize| FirstAnswer { id: rows[at].id, action: rows[at].action, until: rows[at].until };
    let answers = steps.into_iter().map(|step| match step {
        BatchStep::Answer(answer) => answer,
        BatchStep::Take(at) => ReportResult::New(answered(at)),
        BatchStep::Same(at) => ReportResult::Known(answered(at)),
    });
    Ok(answers.collect())
}

/// Sorts reports into accepted, known and refused. Refusals go to the audit log, without the code
/// that was tried.
async fn sort<'a>(
    conn: &mut PgConnection,
    settings: &Settings,
    batch: &'a [PendingReport],
    now: DateTime<Utc>,
) -> store::Result<(Vec<BatchStep>, Vec<NamedReport<'a>>, Vec<(By, Change)>)> {
    let ids: Vec<(&str, &str)> =
        batch.iter().map(|job| (job.from.key.as_str(), job.report.id.as_str())).collect();
    let known = store::fraud_reports::answers(conn, &ids).await?;
    let mut steps = Vec::with_capacity(batch.len());
    let mut taken: Vec<NamedReport<'a>> = Vec::with_capacity(batch.len());
    let mut entries = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for (job, id) in batch.iter().zip(ids) {
        let report = &job.report;
        if let Some(answered) = known.get(&(id.0.to_owned(), id.1.to_owned())) {
            steps.push(BatchStep::Answer(ReportResult::Known(*answered)));
        } else if let Some(place) = places.get(&id) {
            steps.push(BatchStep::Same(*place));
        } else if let Some(refusal) = refusal(settings, report) {
            let change = Change::new(Activity::ReportRefused, &report.user).after(json!({
                "id": report.id, "channel": report.channel, "reason": refusal.fault(),
            }));
            entries.push((job.from.by.clone(), change));
            steps.push(BatchStep::Answer(ReportResult::Refused(refusal)));
        } else {
            places.insert(id, taken.len());
            steps.push(BatchStep::Take(taken.len()));
            taken.push(NamedReport {
                from: &job.from,
                report,
                id: store::random::uuid(),
                time: report.time.unwrap_or(now),
                names: vec![report.user_key()],
            });
        }
    }
    Ok((steps, taken, entries))
}

fn refusal(settings: &Settings, report: &NewReport) -> Option<Refusal> {
    if !settings.allow_user_reports {
        return Some(Refusal::Off);
    }
    let right = report.code.as_deref() == Some(settings.report_code.as_str());
    (report.channel != Channel::Push && !right).then_some(Refusal::WrongCode)
}

/// Adds the users' other names.
async fn name(conn: &mut PgConnection, taken: &mut [NamedReport<'_>]) -> store::Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let users: BTreeSet<&str> = taken.iter().map(|one| one.names[0].as_str()).collect();
    let users: Vec<&str> = users.into_iter().collect();
    let aliases = store::fraud_reports::aliases(conn, &users).await?;
    for one in taken {
        if let Some(others) = aliases.get(&one.names[0]) {
            one.names.extend(others.iter().cloned());
        }
    }
    Ok(())
}

/// The attempt of each report: that of its journey, or else the user's latest with that number
/// within the hour, or else a new one, which a later report of the batch may join.
async fn join(
    conn: &mut PgConnection,
    taken: &[NamedReport<'_>],
) -> store::Result<Vec<Option<Uuid>>> {
    let mut wanted = Vec::new();
    for (at, one) in taken.iter().enumerate().filter(|(_, one)| one.report.journey.is_none()) {
        for user_key in &one.names {
            let (phone, channel) = (one.report.phone, one.report.channel);
            wanted.push(AttemptQuery { report: at, user_key, phone, channel, time: one.time });
        }
    }
    let found = store::fraud_reports::attempts(conn, &wanted).await?;
    let mut own = HashMap::new();
    let mut attempts = Vec::with_capacity(taken.len());
    for (at, one) in taken.iter().enumerate() {
        if one.report.journey.is_some() {
            attempts.push(None);
            continue;
        }
        if let Some(attempt) = found.get(&at) {
            attempts.push(Some(*attempt));
            continue;
        }
        let person = one.names.iter().min().map_or("", String::as_str);
        let made = own.entry((person, one.report.phone, one.report.channel));
        let mine = event_key(one.from, one.id);
        let (time, attempt) = *made.or_insert((one.time, mine));
        let within = one.time >= time && one.time - time < chrono::TimeDelta::hours(1);
        attempts.push(within.then_some(attempt));
    }
    Ok(attempts)
}

/// The event for a report.
fn event(one: &NamedReport<'_>, attempt: Option<Uuid>) -> NewEvent {
    let report = one.report;
    let event = Event {
        journey: report.journey.clone(),
        user: Some(report.user.clone()),
        flow: report.flow.clone(),
        phone: report.phone,
        channel: Some(report.channel),
        ip: report.ip,
        reason: Some(Reason::UserReportedFraud),
        reason_text: Some(reason_text(report.channel).to_owned()),
        extra: Map::from_iter([("report".to_owned(), Value::String(one.id.to_string()))]),
        ..Event::new(one.from.source.clone(), event_id(one.id), one.time, Kind::Reported)
    };
    let region = event.phone.and_then(Region::of);
    let own = NewEvent::of(event, region, Marks::default());
    NewEvent { attempt: attempt.unwrap_or(own.attempt), ..own }
}

fn row(one: &NamedReport<'_>, attempt: Uuid, fate: &BlockEffect, now: DateTime<Utc>) -> Row {
    let report = one.report;
    Row {
        id: one.id,
        api_key: one.from.key.clone(),
        external_id: report.id.clone(),
        received: now,
        time: one.time,
        user: report.user.clone(),
        user_key: one.names[0].clone(),
        channel: report.channel,
        phone: report.phone,
        journey: report.journey.clone(),
        ip: report.ip,
        flow: report.flow.clone(),
        note: report.note.clone(),
        attempt,
        action: if fate.block.is_some() { Action::Blocked } else { Action::NoAction },
        until: fate.until,
        block: fate.block,
        broken: fate.broken,
        handled: None,
    }
}

fn entry(one: &NamedReport<'_>, row: &Row) -> (By, Change) {
    let activity = match row.action {
        Action::Blocked => Activity::ReportedBlocked,
        Action::NoAction => Activity::ReportedNoAction,
    };
    let mut after = json!({ "report": row.id, "channel": row.channel });
    if let Some(until) = row.until {
        after["until"] = json!(until);
    }
    if row.broken {
        after["breaker"] = json!(true);
    }
    (one.from.by.clone(), Change::new(activity, &row.user).after(after))
}
