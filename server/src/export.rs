//! Reports over HTTP: `/export/{report}` for the console, `GET /api/v1/reports/{name}` for keys.

use crate::problem::Problem;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::audit::By;
use domain::reports::Report;
use domain::roles::{Permission, Scope, allows};
use domain::workbook::{self, Sight};
use engine::Engine;
use engine::accounts::{Account, ClientAddress};
use engine::keys::KeyHolder;
use engine::reports::{self, Format};
use http::{StatusCode, header};
use serde::Deserialize;

/// What a report is asked.
#[derive(Debug, Default, Deserialize)]
pub struct Ask {
    range: Option<String>,
    from: Option<String>,
    to: Option<String>,
    channel: Option<String>,
    format: Option<String>,
}

/// The console's export, numbers as the account's role may see them.
///
/// # Errors
/// 404 for a report there is none of, 422 for filters that cannot be read.
pub async fn for_account(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let whole = allows(account.role, Permission::WholeNumbers);
    let by = By::account(&account.email, from);
    answer(&engine, by, &name, &ask, if whole { Sight::Whole } else { Sight::Masked }).await
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
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let whole = key.scopes.contains(&Scope::Numbers);
    let by = By::key(&key.name, from);
    answer(&engine, by, &name, &ask, if whole { Sight::Whole } else { Sight::Masked }).await
}

async fn answer(
    engine: &Engine,
    by: By,
    name: &str,
    ask: &Ask,
    sight: Sight,
) -> Result<Response, Problem> {
    let report: Report = name.parse().map_err(|allowed| {
        Problem::new(StatusCode::NOT_FOUND, "no_such_report", format!("the report {allowed}"))
    })?;
    let format: Format = ask.format.as_deref().unwrap_or("csv").parse().map_err(|allowed| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_format",
            format!("format {allowed}"),
        )
    })?;
    let query = workbook::Query::read(
        ask.range.as_deref(),
        ask.from.as_deref(),
        ask.to.as_deref(),
        ask.channel.as_deref(),
        engine.clock().now(),
    )
    .map_err(|invalid| Problem::invalid(&invalid))?;
    // Nobody has it who is not on the record.
    let told = reports::told(report.as_str(), &format.to_string(), &query);
    engine.audit.log.note(by, told).await.map_err(|error| Problem::internal(&error))?;
    let body = match report {
        Report::Tile(tile) => {
            let text = reports::write(&engine.db, tile, &query, sight, format).await;
            Body::from(text.map_err(|error| Problem::internal(&error))?)
        }
        Report::Log(log) => {
            let mut pieces = reports::stream(&engine.db, log, query, sight, format);
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
