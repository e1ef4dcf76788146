//! Masks cells for readers who may not see whole numbers.

use domain::PhoneNumber;
use domain::reports::{Column, Kind};
use domain::workbook::Sight;
use std::borrow::Cow;

/// A cell of a column. Every text of every report passes through here on its way to the file; only
/// text that cannot contain a number stays unchanged. `about` is the number of the row.
pub(super) fn cell<'t>(
    text: &'t str,
    column: &Column,
    about: Option<PhoneNumber>,
    sight: Sight,
) -> Cow<'t, str> {
    match column.kind {
        Kind::Ip | Kind::Money | Kind::Number | Kind::Time | Kind::Count | Kind::Rate => {
            Cow::Borrowed(text)
        }
        Kind::Text if column.name == "hash" => Cow::Borrowed(text),
        // Tollwarden's own documents, in which numbers are only counts.
        Kind::Text if matches!(column.name, "before" | "after") => sight.document(text),
        Kind::Text | Kind::Phone => sight.about(text, about),
    }
}

/// A text outside the table.
pub(super) fn text(text: &str, sight: Sight) -> String {
    sight.said(text)
}
