//! Cells as somebody may see them.

use crate::signins::shown_user;
use domain::PhoneNumber;
use domain::phone::masked_in;
use domain::signins::masked_text;
use domain::workbook::Sight;
use std::borrow::Cow;

/// A number.
pub(super) fn number(phone: &str, sight: Sight) -> Cow<'_, str> {
    match sight {
        _ if phone.is_empty() => Cow::Borrowed(phone),
        Sight::Whole => Cow::Borrowed(phone),
        // What is no number of ours is hidden all the same.
        Sight::Masked => Cow::Owned(
            phone.parse::<PhoneNumber>().map_or_else(|_| masked_text(phone), PhoneNumber::masked),
        ),
    }
}

/// A user's name: some sign in with their number.
pub(super) fn user(name: &str, sight: Sight) -> Cow<'_, str> {
    match sight {
        Sight::Whole => Cow::Borrowed(name),
        Sight::Masked => Cow::Owned(shown_user(name, sight)),
    }
}

/// Words of a source, in which a number may stand.
pub(super) fn text(text: &str, sight: Sight) -> Cow<'_, str> {
    match sight {
        Sight::Whole => Cow::Borrowed(text),
        Sight::Masked => Cow::Owned(masked_text(text)),
    }
}

/// Words of our own, in which numbers stand with their plus sign.
pub(super) fn told(text: &str, sight: Sight) -> Cow<'_, str> {
    match sight {
        Sight::Whole => Cow::Borrowed(text),
        Sight::Masked => Cow::Owned(masked_in(text)),
    }
}
