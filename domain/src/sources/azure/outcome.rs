//! How a record says it ended.

use crate::Fault;
use crate::sources::Rejection;
use std::borrow::Cow;

/// Whether a result is a success, and the word for it; none where it is not known. Microsoft Graph
/// has `success`, `failure`, `timeout` and `unknownFutureValue`, which some tools write as their
/// numbers; B2C has `clientError` beside them.
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

/// Says what is allowed.
pub(super) fn unknown(result: &str) -> Rejection {
    const TOLD: usize = 40;
    let told: String = result.chars().take(TOLD).collect();
    let words = format!(
        "\"{told}\" is no result that is known; allowed are success, failure, clientError, \
         timeout and unknownFutureValue, and 0 to 3 for those of Microsoft Graph"
    );
    Rejection::new(Fault::InvalidChoice, "result", words)
}
