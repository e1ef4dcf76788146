//! The workspace has no circle that is not named here, and one that is made up is found.

use super::*;
use std::fs;
use std::path::Path;

/// Circles that are still there: all files of each. A new one fails, and so does one that is gone
/// and still named.
const STILL_THERE: &[&[&str]] = &[
    &[
        "engine/src/fraud_alerts/blocks.rs",
        "engine/src/fraud_alerts/commit.rs",
        "engine/src/fraud_alerts/handle.rs",
        "engine/src/fraud_alerts/reports.rs",
    ],
    &[
        "engine/src/gate.rs",
        "engine/src/gate/backlog.rs",
        "engine/src/gate/batch.rs",
        "engine/src/gate/claims.rs",
        "engine/src/gate/follow.rs",
        "engine/src/gate/live.rs",
        "engine/src/gate/rows.rs",
        "engine/src/gate/turn.rs",
    ],
    &["server/src/api/blocks.rs", "server/src/api/bypasses.rs"],
    &["server/src/guard.rs", "server/src/guard/again.rs", "server/src/guard/key.rs"],
];

/// Every file below a folder, with its text.
fn read(folder: &Path, name: &str, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &name, into);
        } else if name.ends_with(".rs") {
            into.push((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

#[test]
fn no_files_go_in_circles() {
    let mut wrong = String::new();
    let mut left = STILL_THERE.to_vec();
    for name in ["domain", "store", "engine", "islands", "app", "server", "frontend", "xtask"] {
        let mut texts = Vec::new();
        read(&crate::steps::root().join(name).join("src"), &format!("{name}/src"), &mut texts);
        texts.sort();
        for Circle { files, way } in Tree::new(texts).circles() {
            match left.iter().position(|known| *known == files) {
                Some(known) => {
                    left.remove(known);
                }
                None => wrong += &format!("{} need each other:\n{way}", files.join(", ")),
            }
        }
    }
    assert!(wrong.is_empty(), "move what is shared to a file below both\n{wrong}");
    assert!(left.is_empty(), "gone, so it goes from the list, too: {left:?}");
}

fn circles(texts: &[(&str, &str)]) -> Vec<Vec<String>> {
    let texts = texts.iter().map(|(name, text)| (format!("x/src/{name}"), (*text).to_owned()));
    let circles = Tree::new(texts.collect()).circles();
    circles.into_iter().map(|circle| circle.files).collect()
}

#[test]
fn a_circle_is_found_and_a_fine_tree_is_not_one() {
    let fine = [
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod odd; pub use a::{A, deep::Deep};"),
        ("a/mod.rs", "pub mod deep; mod near; pub use deep::Deep; pub struct A;"),
        ("a/deep.rs", "use super::near::N; /* super::A */ // crate::b::B\npub struct Deep;"),
        ("a/near.rs", "pub const N: &str = \"super::A\"; #[cfg(test)] mod t { use super::A; }"),
        ("b.rs", "use crate::{Deep, a::{self, A as Other}}; fn b<'a>() { a::Deep; 'x' }"),
        ("odd.rs", "use crate::b::B;"),
    ];
    assert!(circles(&fine).is_empty());
    // Through a path, an imported module, and a parent that uses what it re-exports.
    for (file, more) in [
        (2, "fn f() { super::super::b::f::<u8>() }"),
        (3, "use crate::b as other; fn f() { other::b() }"),
        (1, "impl A { fn f() -> Deep {} }"),
    ] {
        let mut wrong: Vec<(&str, String)> =
            fine.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        wrong[file].1 += more;
        if file == 1 {
            wrong[2].1 += "fn d(_: super::A) {}";
        }
        let wrong: Vec<_> = wrong.iter().map(|(name, text)| (*name, text.as_str())).collect();
        assert_eq!(circles(&wrong).len(), 1, "{more}");
    }
}
