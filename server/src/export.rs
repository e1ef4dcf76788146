//! Reports over HTTP: `/export/{report}` for the console, `GET /api/v1/reports/{name}` for keys.

use crate::problem::Problem;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::roles::{Permission, Scope, allows};
use domain::workbook::{self, Sight, Tile};
use engine::Engine;
use engine::accounts::Account;
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
    Path(name): Path<String>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let whole = allows(account.role, Permission::WholeNumbers);
    answer(&engine, &name, &ask, if whole { Sight::Whole } else { Sight::Masked }).await
}

/// The API's report, numbers as the key's scopes allow.
///
/// # Errors
/// See [`for_account`].
pub async fn for_key(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Path(name): Path<String>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let whole = key.scopes.contains(&Scope::Numbers);
    answer(&engine, &name, &ask, if whole { Sight::Whole } else { Sight::Masked }).await
}

async fn answer(engine: &Engine, name: &str, ask: &Ask, sight: Sight) -> Result<Response, Problem> {
    let report: Tile = name.parse().map_err(|allowed| {
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
    let text = reports::write(&engine.db, report, &query, sight, format)
        .await
        .map_err(|error| Problem::internal(&error))?;
    let file = format!("attachment; filename=\"{report}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, text).into_response())
}
