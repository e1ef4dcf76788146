//! `/healthz`, `/readyz` and `/metrics`.

use crate::problem::Problem;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use engine::{Engine, counters};
use http::{StatusCode, header};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// The process is alive.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The process can serve: the store answers and the column table has caught up, as a worker found
/// at most two seconds ago. No details, and nothing is asked of the store: this door is open to all.
pub async fn ready(State(engine): State<Engine>) -> Response {
    if engine.is_ready() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts counting. Once in a process; a second call changes nothing.
///
/// # Errors
/// When another recorder is installed already.
pub fn install() -> Result<(), BuildError> {
    if RECORDER.get().is_some() {
        return Ok(());
    }
    let handle = PrometheusBuilder::new().install_recorder()?;
    // Lost only to a caller at the same moment, whose handle is as good.
    let _ = RECORDER.set(handle);
    counters::begin();
    Ok(())
}

/// What was counted, in Prometheus' text form (version 0.0.4).
///
/// # Errors
/// 500 when counting was never started.
pub async fn metrics() -> Result<Response, Problem> {
    let handle = RECORDER.get().ok_or_else(|| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, "metrics are not recorded")
    })?;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, handle.render()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    #[tokio::test]
    async fn what_is_counted_is_there_before_it_happens_and_in_the_docs() {
        install().unwrap();
        let body = metrics().await.unwrap().into_body();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        let docs =
            [include_str!("../../../docs/gate.md"), include_str!("../../../docs/operating.md")];
        for counter in counters::ALL {
            let name = counter.name;
            assert!(docs.iter().any(|page| page.contains(&format!("`{name}"))), "{name}");
            // Of these the answers are not known before.
            if name == counters::FRAUD_REPORTS.name {
                continue;
            }
            assert!(text.contains(&format!("# HELP {name} {}", counter.help)), "{name}: {text}");
            let value = text.lines().find(|line| line.starts_with(name)).unwrap();
            assert!(value.ends_with(char::is_numeric), "{value}");
        }
        for verdict in ["allow", "challenge", "delay", "deny"] {
            assert!(
                text.contains(&format!("{}{{verdict=\"{verdict}\"}}", counters::DECISIONS.name))
            );
        }
    }
}
