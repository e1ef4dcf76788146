//! README, docs/ and the crates' own pages (`//!`) name only what exists: paths, links with their
//! anchors, sections of the contract, tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Extensions by which a name counts as a file.
const FILES: [&str; 9] = ["rs", "md", "css", "ts", "sql", "yaml", "toml", "sh", "json"];
/// Folders that are not part of the repository.
const OTHERS: [&str; 5] = ["target", "node_modules", ".git", "dist", "var"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All files of the repository, as paths from its root.
fn all_files() -> Vec<String> {
    let mut all = Vec::new();
    files(&root(), &mut all);
    all
}

fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !OTHERS.contains(&name) && !name.starts_with('.') {
            files(&path, found);
        } else if path.is_file() {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// A text to search: a page or a source file.
struct Text {
    file: String,
    text: String,
    is_page: bool,
}

fn texts(files: &[String]) -> Vec<Text> {
    let text_of = |file: &String| {
        let is_page = file == "README.md" || file.starts_with("docs/") && file.ends_with(".md");
        let code = ["rs", "ts", "css", "sql", "yaml"];
        let is_code = code.iter().any(|end| file.ends_with(&format!(".{end}")));
        (is_page || is_code).then(|| {
            let text = read(file);
            Text { file: file.clone(), text, is_page }
        })
    };
    files.iter().filter_map(text_of).collect()
}

/// The `//!` lines of a source file.
fn preface(text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("//!"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The code spans outside of code blocks.
fn spans(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// The targets of links.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// A heading as an anchor, as GitHub makes it.
fn anchors(page: &str) -> BTreeSet<String> {
    let outside: String = page.split("```").step_by(2).collect();
    let slug = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    outside.lines().filter(|line| line.starts_with('#')).map(slug).collect()
}

#[test]
fn paths_that_are_named_are_there() {
    let all = all_files();
    let tops: BTreeSet<&str> =
        all.iter().filter_map(|file| Some(file.split_once('/')?.0)).collect();
    let mut named = 0;
    let mut missing = Vec::new();
    for Text { file, text, is_page } in texts(&all) {
        let text = if is_page { text } else { preface(&text) };
        for span in spans(&text) {
            let path = span.split(':').next().unwrap_or_default().trim_end_matches('/');
            let is_path = path.contains('/')
                && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
                && !path.contains("NNNN");
            let is_file = FILES.iter().any(|end| path.ends_with(&format!(".{end}")));
            let of_ours = path.split('/').next().is_some_and(|top| tops.contains(top));
            // The files that a build writes may not exist yet.
            let written = path.split('/').any(|part| OTHERS.contains(&part));
            if !is_path || path.starts_with('/') || written || !(is_file || of_ours) {
                continue;
            }
            named += 1;
            // A path may begin at its crate or folder: `gate/batch.rs`.
            let there = all.iter().any(|one| {
                one == path
                    || one.starts_with(&format!("{path}/"))
                    || is_file && one.ends_with(&format!("/{path}"))
            });
            if !there {
                missing.push(format!("{file}: {path}"));
            }
        }
    }
    assert!(named > 50, "{named}");
    assert!(missing.is_empty(), "named, and not there:\n{}", missing.join("\n"));
}

#[test]
fn links_lead_somewhere() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for Text { file, text, .. } in texts(&all_files()).into_iter().filter(|text| text.is_page) {
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") || link.contains(' ') {
                continue;
            }
            tried += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let mut page = root().join(&file);
            if !path.is_empty() {
                page.set_file_name(path);
            }
            let has = |page: String| anchors(&page).contains(anchor);
            let there =
                anchor.is_empty() && page.exists() || std::fs::read_to_string(&page).is_ok_and(has);
            if !there {
                wrong.push(format!("{file}: {link}"));
            }
        }
    }
    assert!(tried > 30, "{tried}");
    assert!(wrong.is_empty(), "lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn sections_of_the_contract_are_there() {
    let contract = read("docs/contract.md");
    let (mut named, mut wrong) = (0, Vec::new());
    for Text { file, text, .. } in texts(&all_files()) {
        if file.ends_with("tests/references.rs") {
            continue;
        }
        // Comments span lines, each with its own marker.
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|word| !matches!(*word, "//" | "///" | "//!" | "*" | "--" | "#"))
            .collect();
        for (at, word) in words.iter().enumerate() {
            let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at]);
            let section = matches!(*word, "section" | "sections");
            if section && before(1).contains("reference") {
                wrong.push(format!("{file}: {} {word}, which is not in the repository", before(1)));
            }
            if !section || !before(1).to_lowercase().contains("contract") {
                continue;
            }
            named += 1;
            let number = words.get(at + 1).copied().unwrap_or_default();
            let number = number.trim_matches(|c: char| !c.is_ascii_digit());
            if number.is_empty() || !contract.contains(&format!("\n## {number}. ")) {
                wrong.push(format!("{file}: contract, section {number}"));
            }
        }
    }
    assert!(named > 50, "{named}");
    assert!(wrong.is_empty(), "name what is not there:\n{}", wrong.join("\n"));
}

#[test]
fn settings_of_fraud_alerts_are_documented() {
    for page in ["docs/contract.md", "docs/fraud-alerts.md"] {
        let text = read(page);
        for field in &domain::fraud_alerts::FIELDS {
            assert!(text.contains(&format!("`{}`", field.name)), "{page}: {}", field.name);
            let labelled = format!("| `{}` | {} |", field.name, field.label);
            assert!(page == "docs/contract.md" || text.contains(&labelled), "{page}: {labelled}");
        }
    }
}

/// What docs/security.md promises is shown by tests that exist: `file::function`.
#[test]
fn every_test_that_the_security_page_names_is_there() {
    let text = read("docs/security.md");
    let named: Vec<(&str, &str)> =
        text.split('`').filter_map(|part| part.split_once(".rs::")).collect();
    assert!(named.len() > 50, "{}", named.len());
    for (file, function) in named {
        let source = read(&format!("{file}.rs"));
        let at = source.find(&format!("fn {function}("));
        let at = at.unwrap_or_else(|| panic!("{file}.rs has no function {function}"));
        let before: Vec<&str> = source[..at].lines().rev().take(5).collect();
        let is_test = before.iter().any(|line| line.contains("#[") && line.contains("test"));
        assert!(is_test, "{function} of {file}.rs is no test");
    }
    // Chapters of ASVS 5.0.0.
    for chapter in 1..=17 {
        assert!(text.contains(&format!("\n### V{chapter} ")), "chapter {chapter} is missing");
    }
}
