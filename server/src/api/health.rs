//! `/healthz`, `/readyz` and `/metrics`.

use crate::failure::Failure;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use engine::{Engine, counters};
use http::{StatusCode, header};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// The process is alive.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether the process can serve: the store responds and the column table is current, as a worker
/// found at most two seconds ago. Gives no details and does not query the store, since this door is
/// open to all.
pub(crate) async fn ready(State(engine): State<Engine>) -> Response {
    if engine.is_ready() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the metrics recorder, once per process.
///
/// # Errors
/// Another recorder is installed already.
pub(crate) fn install() -> Result<(), BuildError> {
    if RECORDER.get().is_some() {
        return Ok(());
    }
    let handle = PrometheusBuilder::new().install_recorder()?;
    // Fails only if another thread did the same just now; its handle works as well.
    let _ = RECORDER.set(handle);
    counters::begin();
    Ok(())
}

/// The metrics in Prometheus' text format (version 0.0.4).
///
/// # Errors
/// 500 if no recorder is installed.
pub(crate) async fn metrics() -> Result<Response, Failure> {
    let handle = RECORDER.get().ok_or_else(|| {
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, "metrics are not recorded")
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
            // Its labels are not known in advance.
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
