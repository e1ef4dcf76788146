//! The JSON API and the probes, one file for each.

pub mod azure;
pub mod b2c;
mod block_answers;
mod block_asks;
pub mod blocks;
pub mod body;
pub mod bypasses;
pub mod captcha;
pub mod decisions;
mod document;
pub mod events;
pub mod fraud_reports;
pub mod health;
mod intake;
pub mod openapi;
pub mod recipients;
mod records;
pub mod settings;
pub mod users;

use crate::export;
use crate::router::Route;
use axum::routing::{delete, get, patch, post, put};
use http::Method;

/// Every route of the API.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/healthz", get(health::alive)),
        Route::new(Method::GET, "/readyz", get(health::ready)),
        Route::new(Method::GET, "/metrics", get(health::metrics)),
        Route::new(Method::POST, "/api/v1/events", post(events::post)),
        Route::new(Method::GET, "/api/v1/openapi.json", get(openapi::get)),
        Route::new(Method::POST, "/api/v1/decisions", post(decisions::post)),
        Route::new(Method::POST, "/api/v1/b2c/validate-phone", post(b2c::post)),
        Route::new(Method::POST, "/api/v1/fraud-reports", post(fraud_reports::post)),
        Route::new(Method::GET, "/api/v1/settings/{section}", get(settings::get)),
        Route::new(Method::PUT, "/api/v1/settings/{section}", put(settings::put)),
        Route::new(Method::POST, "/api/v1/sources/azure", post(azure::post)),
        Route::new(Method::GET, "/api/v1/reports/{name}", get(export::for_key)),
        Route::new(Method::GET, "/api/v1/users/{user}/block", get(users::block)),
        Route::new(Method::GET, "/api/v1/blocks", get(blocks::list)),
        Route::new(Method::POST, "/api/v1/blocks", post(blocks::post)),
        Route::new(Method::DELETE, "/api/v1/blocks/{id}", delete(blocks::delete)),
        Route::new(Method::GET, "/api/v1/recipients", get(recipients::list)),
        Route::new(Method::POST, "/api/v1/recipients", post(recipients::post)),
        Route::new(Method::PATCH, "/api/v1/recipients/{id}", patch(recipients::patch)),
        Route::new(Method::DELETE, "/api/v1/recipients/{id}", delete(recipients::delete)),
        Route::new(Method::GET, "/api/v1/captcha/challenge", get(captcha::challenge)),
        Route::new(Method::POST, "/api/v1/captcha/verify", post(captcha::verify)),
        Route::new(Method::GET, "/api/v1/bypasses", get(bypasses::list)),
        Route::new(Method::POST, "/api/v1/bypasses", post(bypasses::post)),
        Route::new(Method::DELETE, "/api/v1/bypasses/{id}", delete(bypasses::delete)),
    ]
}
