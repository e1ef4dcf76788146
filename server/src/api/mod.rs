//! The JSON API and the probes, one file for each.

pub mod azure;
mod body;
pub mod events;
pub mod health;
mod intake;

use crate::export;
use crate::router::Route;
use axum::routing::{get, post};
use http::Method;

/// Every route of the API.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/healthz", get(health::alive)),
        Route::new(Method::GET, "/readyz", get(health::ready)),
        Route::new(Method::GET, "/metrics", get(health::metrics)),
        Route::new(Method::POST, "/api/v1/events", post(events::post)),
        Route::new(Method::POST, "/api/v1/sources/azure", post(azure::post)),
        Route::new(Method::GET, "/api/v1/reports/{name}", get(export::for_key)),
    ]
}
