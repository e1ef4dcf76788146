//! `/tiles/{tile}`: one tile's HTML, for the page that swaps it in place.

use crate::problem::Problem;
use app::workbook::fragment;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use domain::roles::{Permission, allows};
use domain::workbook::{Sight, Tile};
use engine::Engine;
use engine::accounts::Account;
use http::StatusCode;

/// The tile for a query as `/` takes it, numbers as the account's role may see them.
///
/// # Errors
/// 404 for a tile there is none of.
pub async fn get(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let tile: Tile = name.parse().map_err(|allowed| {
        Problem::new(StatusCode::NOT_FOUND, "no_such_tile", format!("the tile {allowed}"))
    })?;
    let whole = allows(account.role, Permission::WholeNumbers);
    let sight = if whole { Sight::Whole } else { Sight::Masked };
    let query = query.unwrap_or_default();
    Ok(match fragment(tile, &query, &engine, sight).await {
        Ok(html) => Html(html).into_response(),
        Err(failed) => (StatusCode::INTERNAL_SERVER_ERROR, Html(failed.html)).into_response(),
    })
}
