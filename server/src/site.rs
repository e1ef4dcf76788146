//! The client's files: embedded in a release build, read from `target/site` in a debug build.

use crate::failure::Reader;
use crate::guard::not_found;
use crate::state::State;
use app::Assets;
use axum::extract::{self, Path, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use rust_embed::RustEmbed;
use serde::Deserialize;

/// What `xtask` built.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// The build's `assets.json`: the URLs of the files.
#[derive(Debug, Deserialize)]
struct Manifest {
    css: String,
    js: String,
    wasm: String,
    font: String,
}

/// Why the client's files cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    #[error("the site is not built: run `make build`, or `cargo run -p xtask -- site`")]
    Missing,
    #[error("the site's assets.json cannot be read: {0}")]
    Manifest(#[from] serde_json::Error),
}

/// The URLs of the client's files.
///
/// # Errors
/// The site is not built, or its list cannot be read.
pub(crate) fn assets() -> Result<Assets, SiteError> {
    let file = Site::get("assets.json").ok_or(SiteError::Missing)?;
    let Manifest { css, js, wasm, font } = serde_json::from_slice(&file.data)?;
    Ok(Assets { css, js, wasm, font })
}

/// Serves a file of the site. The hash in its path changes with its content, so browsers may cache
/// it forever.
pub(crate) async fn file(
    extract::State(state): extract::State<State>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    find(&path, request.headers())
        .unwrap_or_else(|| not_found().answer(&state.assets, &Reader::of(&request)))
}

fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    // In a debug build the names are paths on the disk.
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    let name = format!("pkg/{path}");
    let brotli = takes_brotli(headers).then(|| Site::get(&format!("{name}.br"))).flatten();
    let encoded = brotli.is_some();
    let file = brotli.or_else(|| Site::get(&name))?;
    let mut response = file.data.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    if encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Some(response)
}

/// Whether `Accept-Encoding` names brotli and does not forbid it (`br;q=0`).
fn takes_brotli(headers: &HeaderMap) -> bool {
    let words = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    words.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(|word| {
        let mut parts = word.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        named && weight.is_none_or(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_only_for_who_takes_it() {
        for (line, takes) in [
            ("gzip, deflate, br, zstd", true),
            ("BR;q=0.5", true),
            ("br;q=0, gzip", false),
            ("brotli", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
            assert_eq!(takes_brotli(&headers), takes, "{line}");
        }
    }

    #[test]
    fn nothing_outside_the_site_is_served() {
        for path in ["../../Cargo.toml", "..%2fassets.json", "../assets.json", "/etc/passwd", ""] {
            assert!(find(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
