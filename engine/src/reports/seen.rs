//! Cells as somebody may see them.

use domain::PhoneNumber;
use domain::reports::{Column, Kind};
use domain::workbook::Sight;
use std::borrow::Cow;

/// A cell of a column. Every text goes through here on its way to the file, whatever report it is
/// of; only what cannot hold a number stays as it is. `about` is the number that the row is of.
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
        // Documents of our own, where numbers only count.
        Kind::Text if matches!(column.name, "before" | "after") => sight.document(text),
        Kind::Text | Kind::Phone => sight.about(text, about),
    }
}

/// A text beside the table.
pub(super) fn text(text: &str, sight: Sight) -> String {
    sight.said(text)
}
