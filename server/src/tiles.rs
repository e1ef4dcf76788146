//! `/tiles/{panel}`: one panel's HTML, for the page that swaps it in place.

use crate::problem::Problem;
use app::workbook::{Panel, fragment};
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use domain::Fault;
use domain::workbook::Sight;
use engine::Engine;
use engine::accounts::Account;
use http::StatusCode;

/// The tile for a query as `/` takes it, numbers as the account's role may see them.
///
/// # Errors
/// 404 for a panel there is none of.
pub async fn get(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let panel = Panel::named(&name).ok_or_else(|| {
        let known = Panel::ALL.map(Panel::as_str).join(", ");
        let message = format!("the tile must be one of {known}");
        Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, message)
    })?;
    let sight = Sight::of_role(account.role);
    let query = query.unwrap_or_default();
    Ok(match fragment(panel, &query, &engine, sight, account.zone).await {
        Ok(html) => Html(html).into_response(),
        Err(failed) => (StatusCode::INTERNAL_SERVER_ERROR, Html(failed.html)).into_response(),
    })
}
