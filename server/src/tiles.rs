//! `/tiles/{panel}`: one panel's HTML, for the page that swaps it in place.

use crate::failure::Failure;
use app::workbook::{Panel, fragment};
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use domain::workbook::Sight;
use engine::Engine;
use engine::accounts::Account;
use http::StatusCode;

/// Renders a tile for the same query as `/`, with numbers masked by the account's role.
///
/// # Errors
/// 404 for an unknown panel.
pub(crate) async fn get(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let panel = Panel::named(&name).ok_or_else(|| {
        let known = Panel::ALL.map(Panel::as_str).join(", ");
        Failure::not_found(format!("the tile must be one of {known}"))
    })?;
    let sight = Sight::of_role(account.role);
    let query = query.unwrap_or_default();
    Ok(match fragment(panel, &query, &engine, sight, account.zone).await {
        Ok(html) => Html(html).into_response(),
        Err(failed) => (StatusCode::INTERNAL_SERVER_ERROR, Html(failed.html)).into_response(),
    })
}
