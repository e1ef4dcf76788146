//! Reads the rows of each report, independent of the format.

use super::cell::Cell;
use super::out::Out;
use super::pdf;
use super::pieces::NotCompleted;
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use domain::events::fold_user;
use domain::keys::hex;
use domain::region_figures::Figures;
use domain::reports::{LogReport, Question, Report, rate};
use domain::series::{OTHER, SeriesBy};
use domain::workbook::{Sight, Tile};
use futures::TryStreamExt as _;
use std::pin::pin;
use store::Db;
use store::reports::{AttemptRow, PieceSize};

/// Writes every row of a report, in its order.
pub(super) async fn write(
    db: &Db,
    question: &Question,
    sight: Sight,
    pace: PieceSize,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    match question.report {
        Report::Tile(tile) => counts(db, tile, question, pace, out).await,
        Report::FlowFailures => flow_failures(db, question, pace, out).await,
        Report::FailuresBy(by) => series(db, by, question, sight, out).await,
        Report::Conversion => conversion(db, question, sight, out).await,
        Report::Log(LogReport::Attempts) => attempts(db, question, pace, out).await,
        Report::Log(LogReport::FraudReports) => fraud_reports(db, question, pace, out).await,
        Report::Log(LogReport::Blocks) => blocks(db, question, sight, out).await,
        Report::Log(LogReport::Audit) => audit(db, question, pace, out).await,
    }
}

async fn counts(
    db: &Db,
    tile: Tile,
    question: &Question,
    pace: PieceSize,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let query = question.query();
    let mut rows = pin!(store::reports::tile(db.read(), tile, &query, question.as_of, pace));
    while let Some(row) = rows.try_next().await? {
        let (first, count) = (Cell::Text(&row.c1), Cell::Count(row.count));
        match tile.columns() {
            [_, _] => out.row(&[first, Cell::Text(&row.c2), count]).await?,
            _ => out.row(&[first, count]).await?,
        }
    }
    Ok(())
}

async fn flow_failures(
    db: &Db,
    question: &Question,
    pace: PieceSize,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let query = question.query();
    let mut rows = pin!(store::reports::flow_failures(db.read(), &query, question.as_of, pace));
    while let Some(row) = rows.try_next().await? {
        let cells = [
            Cell::Time(row.time),
            text(&row.flow),
            text(&row.phone),
            text(&row.address),
            text(&row.operation),
        ];
        out.row(&cells).await?;
    }
    Ok(())
}

async fn series(
    db: &Db,
    by: SeriesBy,
    question: &Question,
    sight: Sight,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let query = question.query();
    // Already checked with the question: there are not too many.
    let Ok(edges) = question.bucket.edges(query.period, &Utc) else { return Ok(()) };
    let starts = edges.starts();
    let steps = store::reports::series(db.read(), by, &query, starts, question.as_of).await?;
    let shown = |key: &Option<String>| match (key, by) {
        (None, _) => OTHER.to_owned(),
        (Some(key), SeriesBy::Number | SeriesBy::Flow) => sight.text_owned(key),
        (Some(key), SeriesBy::Ip) => key.clone(),
    };
    out.picture(|| pdf::Picture::series(&edges, &steps, shown));
    for step in &steps {
        let Some(start) = starts.get(step.bucket) else { continue };
        let key = shown(&step.key);
        out.row(&[Cell::Time(*start), Cell::Text(&key), Cell::Count(step.count)]).await?;
    }
    Ok(())
}

async fn conversion(
    db: &Db,
    question: &Question,
    sight: Sight,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let query = question.query();
    let as_of = question.looks_back.then_some(question.as_of);
    let rows = store::reports::conversion(db.read(), question.by, &query, as_of).await?;
    out.picture(|| {
        let shown = rows.iter().map(|(key, figures)| (sight.text_owned(key), figures.clone()));
        pdf::Picture::bars(&shown.collect::<Vec<_>>())
    });
    for (key, figures) in &rows {
        let rate = rate(figures.verified, figures.sent).map_or(Cell::Nothing, Cell::Rate);
        let (sent, verified) = (Cell::Count(figures.sent), Cell::Count(figures.verified));
        out.row(&[Cell::Text(key), sent, verified, rate, Cell::Text(&spent(figures))]).await?;
    }
    Ok(())
}

/// The amounts spent: `1.20 EUR; 3.00 USD`, sorted by currency code.
fn spent(figures: &Figures) -> String {
    let mut costs: Vec<_> = figures.cost.iter().collect();
    costs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let words = costs.iter().map(|(currency, amount)| format!("{amount} {currency}"));
    words.collect::<Vec<_>>().join("; ")
}

async fn attempts(
    db: &Db,
    question: &Question,
    pace: PieceSize,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let as_of = question.looks_back.then_some(question.as_of);
    let mut rows = pin!(store::reports::attempts(db.read(), &question.filter, as_of, pace));
    while let Some(row) = rows.try_next().await? {
        out.row(&attempt(&row)).await?;
    }
    Ok(())
}

fn attempt(row: &AttemptRow) -> [Cell<'_>; 12] {
    [
        Cell::Time(row.time),
        text(&row.journey),
        text(&row.user),
        text(&row.phone),
        text(&row.region),
        text(&row.channel),
        text(&row.flow),
        text(&row.ip),
        Cell::Text(&row.outcome),
        text(&row.reason),
        text(&row.reason_text),
        text(&row.cost),
    ]
}

async fn fraud_reports(
    db: &Db,
    question: &Question,
    pace: PieceSize,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let (filter, as_of) = (&question.filter, question.as_of);
    let mut rows =
        pin!(store::fraud_reports::report(db.read(), filter.period, filter.channel, pace));
    while let Some(row) = rows.try_next().await? {
        let fits = row.received <= as_of
            && filter.user.as_ref().is_none_or(|user| fold_user(&row.user) == *user)
            && (filter.phone.is_none() || row.phone == filter.phone)
            && (filter.ip.is_none() || row.ip == filter.ip)
            && (filter.flow.is_none() || row.flow == filter.flow);
        if !fits {
            continue;
        }
        let phone = row.phone.as_ref().map(PhoneNumber::to_string).unwrap_or_default();
        let ip = row.ip.map(|ip| ip.to_string()).unwrap_or_default();
        let action = row.action.to_string();
        let handled = row.handled.as_ref().filter(|handled| handled.at <= as_of);
        let cells = [
            Cell::Time(row.time),
            Cell::Text(&row.user),
            Cell::Text(row.channel.as_str()),
            Cell::Text(&phone),
            Cell::Text(&ip),
            text(&row.flow),
            Cell::Text(&action),
            moment(row.until),
            Cell::Text(handled.map_or("", |handled| handled.by.as_str())),
            text(&row.note),
        ];
        out.row(&cells).await?;
    }
    Ok(())
}

async fn blocks(
    db: &Db,
    question: &Question,
    sight: Sight,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let period = question.filter.period;
    let rows = store::blocks::report(db.read(), period.from, period.to, question.as_of).await?;
    for row in rows {
        let value = domain::blocks::value_text(row.kind, &row.value, sight);
        let end = row.end.as_ref();
        let cells = [
            Cell::Text(row.kind.as_str()),
            Cell::Text(&value),
            Cell::Time(row.since),
            moment(row.until),
            Cell::Text(&row.by),
            Cell::Text(&row.reason),
            moment(end.map(|end| end.time)),
            Cell::Text(end.map_or("", |end| end.by.as_str())),
            Cell::Text(end.map_or("", |end| end.reason.as_str())),
        ];
        out.row(&cells).await?;
    }
    Ok(())
}

async fn audit(
    db: &Db,
    question: &Question,
    pace: PieceSize,
    out: &mut Out,
) -> Result<(), NotCompleted> {
    let period = question.filter.period;
    let mut rows = pin!(store::audit::report(db.read(), period.from, period.to, pace));
    while let Some(row) = rows.try_next().await? {
        let (entry, hash) = (row.entry, hex(&row.hash));
        if entry.time > question.as_of {
            continue;
        }
        let (before, after) = (entry.before.unwrap_or_default(), entry.after.unwrap_or_default());
        // Files are passed on, and the part after a webhook's host may be a secret.
        let object = domain::notify::origin(&entry.object).unwrap_or(entry.object);
        let cells = [
            Cell::Count(u64::try_from(entry.seq).unwrap_or(0)),
            Cell::Time(entry.time),
            Cell::Text(&entry.actor),
            text(&entry.source_ip),
            Cell::Text(&entry.activity),
            Cell::Text(&object),
            Cell::Text(&before),
            Cell::Text(&after),
            Cell::Text(&hash),
        ];
        out.row(&cells).await?;
    }
    Ok(())
}

/// A text, or an empty cell.
fn text(words: &Option<String>) -> Cell<'_> {
    Cell::Text(words.as_deref().unwrap_or_default())
}

fn moment(time: Option<DateTime<Utc>>) -> Cell<'static> {
    time.map_or(Cell::Nothing, Cell::Time)
}
