//! Query parameters of the endpoints for blocks and bypasses.

use domain::blocks::BlockKind;
use domain::{Fault, Invalid};
use serde::Deserialize;
use store::After;

/// The largest `limit`.
const ROWS_MAX: i64 = 500;
/// The default `limit`.
const ROWS: i64 = 100;

/// The query of a list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    state: Option<String>,
    kind: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// The query of a deletion.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct DeleteQuery {
    reason: Option<String>,
}

impl DeleteQuery {
    pub(super) fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or_default()
    }
}

/// The parsed query of a list; `live` and `kind` are `None` for all.
pub(super) struct Page {
    pub(super) live: Option<bool>,
    pub(super) kind: Option<BlockKind>,
    pub(super) after: Option<After>,
    pub(super) limit: i64,
}

impl Page {
    pub(super) fn read(ask: &ListQuery) -> Result<Self, Invalid> {
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

    /// Cuts off the extra row that shows whether there are more; returns the cursor of the next
    /// page.
    pub(super) fn next<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> After) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| more).map(|row| place(row).to_string())
    }
}
