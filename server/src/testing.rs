//! What several tests of this crate need.

use domain::doors::{Door, DoorMatch, find};

/// A door of the table.
pub(crate) fn door(method: &str, path: &str) -> &'static Door {
    match find(method, path) {
        DoorMatch::Door(door) => door,
        other => panic!("{method} {path}: {other:?}"),
    }
}
