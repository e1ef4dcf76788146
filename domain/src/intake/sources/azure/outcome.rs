//! A record's result.

use crate::Fault;
use crate::sources::Rejection;
use std::borrow::Cow;

/// Whether a result is a success, and its word; `None` if unknown. Microsoft Graph has `success`,
/// `failure`, `timeout` and `unknownFutureValue`, which some tools write as numbers; B2C adds
/// `clientError`.
pub(super) fn of(result: Cow<'_, str>) -> Option<(bool, Cow<'_, str>)> {
    let lower = result.to_ascii_lowercase();
    Some(match lower.as_str() {
        "success" => (true, result),
        "0" | "succeeded" => (true, Cow::Borrowed("success")),
        "1" | "failed" => (false, Cow::Borrowed("failure")),
        "2" => (false, Cow::Borrowed("timeout")),
        "3" => (false, Cow::Borrowed("unknownFutureValue")),
        "failure" | "timeout" | "unknownfuturevalue" => (false, result),
        error if error.ends_with("error") => (false, result),
        _ => return None,
    })
}

/// The error that lists the allowed results.
pub(super) fn unknown(result: &str) -> Rejection {
    const QUOTED_MAX: usize = 40;
    let quoted: String = result.chars().take(QUOTED_MAX).collect();
    let words = format!(
        "\"{quoted}\" is not a known result; allowed are success, failure, clientError, timeout \
         and unknownFutureValue, and 0 to 3 for those of Microsoft Graph"
    );
    Rejection::new(Fault::InvalidChoice, "result", words)
}
