//! `/api/v1/blocks`: whom and what the gate refuses (contract, sections 5 and 6).

use super::document;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::audit::By;
use domain::blocks::{BlockFields, BlockKind, NewBlock};
use domain::{Fault, Invalid};
use engine::Engine;
use engine::accounts::ClientAddress;
use engine::blocks::BlockError;
use engine::keys::KeyHolder;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::blocks::{After, Block, End, Filter};
use uuid::Uuid;

/// Rows of one answer, at most.
const ROWS_MAX: i64 = 500;
/// Rows of one answer when nobody says.
const ROWS: i64 = 100;

/// Bytes of a body at most.
const LIMIT: usize = 16 << 10;

/// What a list is asked.
#[derive(Debug, Default, Deserialize)]
pub struct Ask {
    state: Option<String>,
    kind: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Blocks, newest first: those that hold unless `state` is `ended` or `all`; of one `kind`; up to
/// `limit` rows, further ones after the `cursor` that the answer ends with.
///
/// # Errors
/// 422 for what cannot be read.
pub async fn list(
    State(engine): State<Engine>,
    Query(ask): Query<Ask>,
) -> Result<Json<Value>, Problem> {
    let page = Page::read(&ask).map_err(|invalid| Problem::invalid(&invalid))?;
    let filter = Filter { live: page.live, kind: page.kind, keys: None };
    let now = engine.clock().now();
    let db = engine.db.read();
    let mut rows = store::blocks::list(db, &filter, page.after, page.limit + 1, now)
        .await
        .map_err(|error| Problem::internal(&error))?;
    let next = page.next(&mut rows, |row| After { time: row.since, id: row.id });
    let rows: Vec<Value> = rows.iter().map(|row| shown(row, row.ended(now))).collect();
    Ok(Json(json!({ "blocks": rows, "next": next })))
}

/// Blocks a user, a number or a block of numbers. With `extend` true a present block ends and this
/// one takes its place; with `only_channel` that one channel is still offered.
///
/// # Errors
/// 409 when it is blocked already, with the block; 422 for what cannot be read.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let known = ["kind", "value", "reason", "until", "only_channel", "extend"];
    let fields = Fields::of(&headers, body, &known).await?;
    let mut invalid = Invalid::default();
    let [kind, value, reason, until, only_channel] =
        ["kind", "value", "reason", "until", "only_channel"]
            .map(|name| fields.text(name, &mut invalid));
    let instead = fields.flag("extend", &mut invalid);
    require(kind, &mut invalid);
    let read =
        NewBlock::read(BlockFields { kind, value, only_channel, until, reason }, now(&engine));
    let new = both(read, invalid)?;
    let by = By::key(&key.name, from);
    let block = engine::blocks::add(&engine.db, &by, &new, instead).await.map_err(refusal)?;
    Ok((StatusCode::CREATED, Json(shown(&block, None))))
}

/// Why something ends.
#[derive(Debug, Default, Deserialize)]
pub struct Why {
    reason: Option<String>,
}

impl Why {
    pub(super) fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or_default()
    }
}

/// Unblocks, for a reason; the block as it ended.
///
/// # Errors
/// 422 without a reason, 404 when nothing of this id is blocked.
pub async fn delete(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(id): Path<String>,
    Query(why): Query<Why>,
) -> Result<Json<Value>, Problem> {
    domain::blocks::reason(why.reason()).map_err(|invalid| Problem::invalid(&invalid))?;
    let id: Uuid = id.parse().map_err(|_| refusal(BlockError::NotBlocked))?;
    let by = By::key(&key.name, from);
    let block = engine::blocks::end(&engine.db, &by, id, why.reason()).await.map_err(refusal)?;
    let end = block.end.clone();
    Ok(Json(shown(&block, end)))
}

fn shown(block: &Block, end: Option<End>) -> Value {
    let mut shown = json!({
        "id": block.id,
        "kind": block.kind.as_str(),
        "value": block.value,
        "since": block.since,
        "by": block.by,
        "reason": block.reason,
        "auto": block.auto,
    });
    put(&mut shown, "until", block.until.map(|until| json!(until)));
    let channel = block.only_channel.map(|channel| json!(channel.as_str()));
    put(&mut shown, "only_channel", channel);
    put_end(&mut shown, end);
    shown
}

pub(super) fn put_end(shown: &mut Value, end: Option<End>) {
    if let Some(end) = end {
        put(shown, "ended", Some(json!(end.time)));
        put(shown, "ended_by", Some(json!(end.by)));
        put(shown, "end_reason", Some(json!(end.reason)));
    }
}

pub(super) fn put(shown: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(map), Some(value)) = (shown.as_object_mut(), value) {
        map.insert(name.to_owned(), value);
    }
}

/// What a list was asked, read.
pub(super) struct Page {
    pub(super) live: Option<bool>,
    kind: Option<BlockKind>,
    pub(super) after: Option<After>,
    pub(super) limit: i64,
}

impl Page {
    pub(super) fn read(ask: &Ask) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let live = match ask.state.as_deref() {
            None | Some("live") => Some(true),
            Some("ended") => Some(false),
            Some("all") => None,
            Some(_) => {
                invalid.push("state", Fault::InvalidChoice, "must be one of live, ended, all");
                None
            }
        };
        let kind = ask.kind.as_deref().map(str::parse).transpose();
        let kind = kind.map_err(|words: String| invalid.push("kind", Fault::InvalidChoice, words));
        let after = ask.cursor.as_deref().map(str::parse).transpose();
        let after = after.map_err(|words: &str| invalid.push("cursor", Fault::InvalidValue, words));
        let limit = ask.limit.as_deref().map_or(Ok(ROWS), str::parse::<i64>);
        let fault = match limit {
            Ok(limit) if (1..=ROWS_MAX).contains(&limit) => None,
            Ok(limit) => Some(Fault::outside(limit, 1)),
            Err(_) => Some(Fault::InvalidType),
        };
        if let Some(fault) = fault {
            invalid.push("limit", fault, format!("must be from 1 to {ROWS_MAX}"));
        }
        let (kind, after) = (kind.unwrap_or_default(), after.unwrap_or_default());
        invalid.or(Self { live, kind, after, limit: limit.unwrap_or(ROWS) })
    }

    /// Cuts what was read beyond the limit to see whether there is more; where that begins.
    pub(super) fn next<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> After) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| more).map(|row| place(row).to_string())
    }
}

/// A body of named fields.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body that is one JSON object with no other fields than these.
    pub(super) async fn of(
        headers: &HeaderMap,
        body: Body,
        known: &[&str],
    ) -> Result<Self, Problem> {
        let fields = document::read(headers, body, LIMIT).await?;
        let mut invalid = Invalid::default();
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let words = format!("is not known; these are: {}", known.join(", "));
            invalid.push(name, Fault::UnknownField, words);
        }
        invalid.or(Self(fields)).map_err(|invalid| Problem::invalid(&invalid))
    }

    /// A text; empty when it is absent or null.
    pub(super) fn text(&self, name: &str, invalid: &mut Invalid) -> &str {
        match self.0.get(name) {
            None | Some(Value::Null) => "",
            Some(Value::String(text)) => text,
            Some(_) => {
                invalid.push(name, Fault::InvalidType, "must be a string");
                ""
            }
        }
    }

    /// A whole number that must be there.
    pub(super) fn whole(&self, name: &str, invalid: &mut Invalid) -> Option<i64> {
        let Some(number) = self.0.get(name).filter(|value| !value.is_null()) else {
            invalid.push(name, Fault::Required, "must be a whole number");
            return None;
        };
        // 13.0 is a whole number, too (JSON Schema, validation, section 6.1.1).
        let written = || number.as_f64().filter(|number| number.fract() == 0.0);
        let whole = number.as_i64().or_else(|| written().map(|number| number as i64));
        if whole.is_none() {
            invalid.push(name, Fault::InvalidType, "must be a whole number");
        }
        whole
    }

    fn flag(&self, name: &str, invalid: &mut Invalid) -> bool {
        match self.0.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                invalid.push(name, Fault::InvalidType, "must be true or false");
                false
            }
        }
    }
}

/// Programs say what kind they mean.
pub(super) fn require(kind: &str, invalid: &mut Invalid) {
    if kind.trim().is_empty() && invalid.of("kind").is_none() {
        let kinds: Vec<_> = BlockKind::ALL.iter().map(|kind| kind.as_str()).collect();
        invalid.push("kind", Fault::Required, format!("must be one of {}", kinds.join(", ")));
    }
}

/// What was read, or all that was wrong, each field once.
pub(super) fn both<T>(read: Result<T, Invalid>, mut invalid: Invalid) -> Result<T, Problem> {
    let (read, further) = match read {
        Ok(read) => (Some(read), Invalid::default()),
        Err(further) => (None, further),
    };
    for wrong in further.fields {
        if invalid.of(&wrong.field).is_none() {
            invalid.fields.push(wrong);
        }
    }
    match read {
        Some(read) if invalid.fields.is_empty() => Ok(read),
        _ => Err(Problem::invalid(&invalid)),
    }
}

pub(super) fn now(engine: &Engine) -> chrono::DateTime<chrono::Utc> {
    engine.clock().now()
}

/// What is answered when nothing was done.
pub(super) fn refusal(error: BlockError) -> Problem {
    let words = error.to_string();
    match &error {
        BlockError::Invalid(invalid) => Problem::invalid(invalid),
        BlockError::AlreadyBlocked(block) => {
            let words = format!("{} {words}; `extend` replaces that block", block.value);
            let problem = Problem::new(StatusCode::CONFLICT, Fault::Duplicate, words);
            problem.with("block", shown(block, None))
        }
        BlockError::NotBlocked => {
            let words = "nothing of this id is blocked; it never was, or the block has ended";
            Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, words)
        }
        BlockError::AlreadyBypassed(bypass) => {
            let words = format!("{} {words}", bypass.value);
            Problem::new(StatusCode::CONFLICT, Fault::Duplicate, words)
                .with("bypass", super::bypasses::shown(bypass, None))
        }
        BlockError::NotBypassed => {
            let words = "there is no bypass of this id that could still be used";
            Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, words)
        }
        BlockError::Store(error) => Problem::internal(error),
    }
}
