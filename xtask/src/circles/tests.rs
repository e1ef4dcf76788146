//! The workspace has no circles. Made-up circles are found.

use super::*;
use std::fs;
use std::path::Path;

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
    for name in ["domain", "store", "engine", "islands", "app", "server", "frontend", "xtask"] {
        let mut texts = Vec::new();
        read(&crate::steps::root().join(name).join("src"), &format!("{name}/src"), &mut texts);
        texts.sort();
        for Circle { files, way } in Tree::new(texts).circles() {
            wrong += &format!("{} need each other:\n{way}", files.join(", "));
        }
    }
    assert!(wrong.is_empty(), "move the shared code to a file below both\n{wrong}");
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
    // Circles through a path, through an imported module, and through a parent that uses its own
    // re-export.
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
