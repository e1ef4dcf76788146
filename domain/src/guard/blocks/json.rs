//! Blocks and bypasses of the API, read from JSON.

use super::{BlockFields, BlockKind, NewBlock, NewBypass, PASSES};
use crate::Invalid;
use crate::form::ObjectReader;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

const BLOCK: &[&str] = &["kind", "value", "reason", "until", "only_channel", "extend"];
const BYPASS: &[&str] = &["kind", "value", "seconds", "reason"];

impl NewBlock {
    /// Reads a block, and whether it replaces an existing one (`extend`).
    ///
    /// # Errors
    /// All invalid, missing and unknown fields.
    pub fn read_json(
        json: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(Self, bool), Invalid> {
        let mut form = ObjectReader::of(json, "block", BLOCK);
        let kinds: Vec<_> = BlockKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let kind = kind(&mut form, &format!("must be one of {}", kinds.join(", ")));
        let [value, reason, until, only_channel] =
            ["value", "reason", "until", "only_channel"].map(|name| text(&mut form, name));
        let extend = form.flag("extend").unwrap_or_default();
        let read = Self::read(BlockFields { kind, value, only_channel, until, reason }, now);
        form.and(read.map(|new| (new, extend)))
    }
}

impl NewBypass {
    /// Reads a bypass.
    ///
    /// # Errors
    /// All invalid, missing and unknown fields.
    pub fn read_json(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "bypass", BYPASS);
        let kind = kind(&mut form, PASSES);
        let [value, reason] = ["value", "reason"].map(|name| text(&mut form, name));
        let seconds = form.integer("seconds");
        form.require("seconds", &seconds, "is required: a whole number");
        form.and(Self::read(kind, value, seconds, reason))
    }
}

/// The API requires the kind; only pages detect it from the value.
fn kind<'a>(form: &mut ObjectReader<'a>, allowed: &str) -> &'a str {
    let kind = form.string("kind");
    form.require("kind", &kind, allowed);
    kind.unwrap_or_default()
}

/// An absent field reads as empty.
fn text<'a>(form: &mut ObjectReader<'a>, field: &str) -> &'a str {
    form.raw(field).unwrap_or_default()
}
