//! Blocks and bypasses as programs ask for them, read from JSON.

use super::{BlockFields, BlockKind, NewBlock, NewBypass, PASSES};
use crate::Invalid;
use crate::form::Form;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// The fields of a block.
const BLOCK: &[&str] = &["kind", "value", "reason", "until", "only_channel", "extend"];
/// The fields of a bypass.
const BYPASS: &[&str] = &["kind", "value", "seconds", "reason"];

impl NewBlock {
    /// Reads a block's JSON object; with it, whether it takes the place of a present one
    /// (`extend`).
    ///
    /// # Errors
    /// For each field that is wrong or missing, and each that no block has.
    pub fn read_json(
        json: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(Self, bool), Invalid> {
        let mut form = Form::of(json, "block", BLOCK);
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
    /// Reads a bypass's JSON object.
    ///
    /// # Errors
    /// For each field that is wrong or missing, and each that no bypass has.
    pub fn read_json(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = Form::of(json, "bypass", BYPASS);
        let kind = kind(&mut form, PASSES);
        let [value, reason] = ["value", "reason"].map(|name| text(&mut form, name));
        let seconds = form.whole("seconds");
        form.require("seconds", &seconds, "is required: a whole number");
        form.and(Self::read(kind, value, seconds, reason))
    }
}

/// Programs say what kind they mean; people's is told by the value.
fn kind<'a>(form: &mut Form<'a>, allowed: &str) -> &'a str {
    let kind = form.string("kind");
    form.require("kind", &kind, allowed);
    kind.unwrap_or_default()
}

/// Empty where it is absent.
fn text<'a>(form: &mut Form<'a>, field: &str) -> &'a str {
    form.raw(field).unwrap_or_default()
}
