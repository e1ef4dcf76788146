//! Reports over HTTP: `/export/{report}` for the console, `GET /api/v1/reports/{name}` for keys.

use crate::problem::Problem;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::audit::By;
use domain::reports::{LogReport, Report};
use domain::roles::{Permission, Scope, allows};
use domain::signins::{Filter, View};
use domain::workbook::{self, Sight};
use engine::Engine;
use engine::accounts::{Account, ClientAddress};
use engine::keys::KeyHolder;
use engine::reports::{self, Format};
use http::{StatusCode, header};

/// The console's export, numbers as the account's role may see them.
///
/// # Errors
/// 404 for a report there is none of, 422 for filters that cannot be read.
pub async fn for_account(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let whole = allows(account.role, Permission::WholeNumbers);
    let by = By::account(&account.email, from);
    answer(&engine, by, &name, query.as_deref(), if whole { Sight::Whole } else { Sight::Masked })
        .await
}

/// The API's report, numbers as the key's scopes allow.
///
/// # Errors
/// See [`for_account`].
pub async fn for_key(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let whole = key.scopes.contains(&Scope::Numbers);
    let by = By::key(&key.name, from);
    answer(&engine, by, &name, query.as_deref(), if whole { Sight::Whole } else { Sight::Masked })
        .await
}

async fn answer(
    engine: &Engine,
    by: By,
    name: &str,
    query: Option<&str>,
    sight: Sight,
) -> Result<Response, Problem> {
    let report: Report = name.parse().map_err(|allowed| {
        Problem::new(StatusCode::NOT_FOUND, "no_such_report", format!("the report {allowed}"))
    })?;
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let given = |name: &str| {
        pairs.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    };
    let format: Format = given("format").unwrap_or("csv").parse().map_err(|allowed| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_format",
            format!("format {allowed}"),
        )
    })?;
    let now = engine.clock().now();
    let query =
        workbook::Query::read(given("range"), given("from"), given("to"), given("channel"), now)
            .map_err(|invalid| Problem::invalid(&invalid))?;
    let mut filter = Filter { channel: query.channel, ..Filter::all(query.period) };
    let mut filters: Vec<_> = pairs.iter().filter(|(name, _)| name == "channel").cloned().collect();
    if report == Report::Log(LogReport::Attempts) {
        let key = engine.handles.key().await.map_err(|error| Problem::internal(&error))?;
        let asked = View::read(pairs.clone()).ask(&key, sight, now);
        if !asked.invalid.fields.is_empty() {
            return Err(Problem::invalid(&asked.invalid));
        }
        // With handles for what was typed: a number does not stand in the log.
        filters = asked.settled.pairs();
        filters.retain(|(name, _)| !matches!(name.as_str(), "range" | "from" | "to"));
        filter = asked.filter;
    }
    // Nobody has it who is not on the record.
    let told = reports::told(report.as_str(), &format.to_string(), &query, &filters);
    engine.audit.log.note(by, told).await.map_err(|error| Problem::internal(&error))?;
    let body = match report {
        Report::Tile(tile) => {
            let text = reports::write(&engine.db, tile, &query, sight, format).await;
            Body::from(text.map_err(|error| Problem::internal(&error))?)
        }
        Report::Log(log) => {
            let mut pieces = reports::stream(&engine.db, log, filter, sight, format);
            Body::from_stream(futures::stream::poll_fn(move |context| pieces.poll_recv(context)))
        }
    };
    let file = format!("attachment; filename=\"{report}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}
