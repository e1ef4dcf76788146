//! The JSON API and the probes, one file for each.

pub(crate) mod azure;
pub(crate) mod b2c;
pub(crate) mod block_answers;
mod block_asks;
pub(crate) mod blocks;
pub(crate) mod body;
pub(crate) mod bypasses;
pub(crate) mod captcha;
pub(crate) mod decisions;
mod document;
pub(crate) mod events;
pub(crate) mod fraud_reports;
pub(crate) mod health;
mod intake;
pub(crate) mod openapi;
pub(crate) mod recipients;
mod records;
pub(crate) mod settings;
pub(crate) mod users;

use crate::export;
use crate::state::Route;
use axum::routing::{delete, get, patch, post, put};
use http::Method;

/// All routes of the API and the probes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        (Method::GET, "/healthz".into(), get(health::alive)),
        (Method::GET, "/readyz".into(), get(health::ready)),
        (Method::GET, "/metrics".into(), get(health::metrics)),
        (Method::POST, "/api/v1/events".into(), post(events::post)),
        (Method::GET, "/api/v1/openapi.json".into(), get(openapi::get)),
        (Method::POST, "/api/v1/decisions".into(), post(decisions::post)),
        (Method::POST, "/api/v1/b2c/validate-phone".into(), post(b2c::post)),
        (Method::POST, "/api/v1/fraud-reports".into(), post(fraud_reports::post)),
        (Method::GET, "/api/v1/settings/{section}".into(), get(settings::get)),
        (Method::PUT, "/api/v1/settings/{section}".into(), put(settings::put)),
        (Method::POST, "/api/v1/sources/azure".into(), post(azure::post)),
        (Method::GET, "/api/v1/reports/{name}".into(), get(export::for_key)),
        (Method::GET, "/api/v1/users/{user}/block".into(), get(users::block)),
        (Method::GET, "/api/v1/blocks".into(), get(blocks::list)),
        (Method::POST, "/api/v1/blocks".into(), post(blocks::post)),
        (Method::DELETE, "/api/v1/blocks/{id}".into(), delete(blocks::delete)),
        (Method::GET, "/api/v1/recipients".into(), get(recipients::list)),
        (Method::POST, "/api/v1/recipients".into(), post(recipients::post)),
        (Method::PATCH, "/api/v1/recipients/{id}".into(), patch(recipients::patch)),
        (Method::DELETE, "/api/v1/recipients/{id}".into(), delete(recipients::delete)),
        (Method::GET, "/api/v1/captcha/challenge".into(), get(captcha::challenge)),
        (Method::POST, "/api/v1/captcha/verify".into(), post(captcha::verify)),
        (Method::GET, "/api/v1/bypasses".into(), get(bypasses::list)),
        (Method::POST, "/api/v1/bypasses".into(), post(bypasses::post)),
        (Method::DELETE, "/api/v1/bypasses/{id}".into(), delete(bypasses::delete)),
    ]
}
