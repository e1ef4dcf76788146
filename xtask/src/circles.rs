//! Files of a crate must not need each other, directly or indirectly: a reader of one would have to
//! read all of them at once. A file needs another file if one of its `use` lines or paths leads to
//! a definition there. A parent that only declares or re-exports a child does not need it. Tests do
//! not count.

mod rust;

use rust::Said;
use std::collections::{BTreeMap, BTreeSet};

/// A file of a crate.
struct File {
    name: String,
    /// Its module path in the crate, with `::` before each name.
    module: String,
    text: String,
    said: Said,
}

/// What a path leads to, with the index of the file.
#[derive(Clone, Copy)]
enum PathTarget {
    Module(usize),
    Item(usize),
}

/// Files that need each other.
struct Circle {
    files: Vec<String>,
    /// The shortest way around the circle, with the line of each step.
    way: String,
}

/// The files of one crate, and the index of each module.
struct Tree {
    files: Vec<File>,
    places: BTreeMap<String, usize>,
}

impl Tree {
    /// Builds the tree from file names and texts; names include the crate's `src/`.
    fn new(texts: Vec<(String, String)>) -> Self {
        let is_library = texts.iter().any(|(name, _)| name.ends_with("src/lib.rs"));
        let root = if is_library { "lib" } else { "main" };
        let mut files: Vec<File> = texts
            .into_iter()
            .map(|(name, text)| {
                let module = module(&name, root);
                File { name, module, said: rust::read(&text), text }
            })
            .collect();
        let tests: Vec<String> = files
            .iter()
            .flat_map(|file| file.said.tests.iter().map(|name| format!("{}::{name}", file.module)))
            .chain(["::tests".to_owned()])
            .collect();
        files.retain(|file| {
            let module = format!("{}::", file.module);
            !module.contains("::tests::")
                && !tests.iter().any(|test| module.starts_with(&format!("{test}::")))
        });
        let places = files.iter().enumerate().map(|(i, file)| (file.module.clone(), i)).collect();
        Self { files, places }
    }

    /// The child module with this name.
    fn child(&self, at: usize, name: &str) -> Option<usize> {
        self.places.get(&format!("{}::{name}", self.files[at].module)).copied()
    }

    /// What a name means in a file: a child module or an import. The last name of a path is more
    /// likely an item, an earlier name is more likely a module.
    fn named(&self, at: usize, name: &str, last: bool, left: usize) -> Option<PathTarget> {
        let child = self.child(at, name).map(PathTarget::Module);
        if child.is_some() && !last {
            return child;
        }
        let uses = self.files[at].said.uses.iter().filter(|leaf| leaf.name == name);
        let found: Vec<PathTarget> =
            uses.filter_map(|leaf| self.find(at, &leaf.path, left.checked_sub(1)?)).collect();
        let (items, modules): (Vec<PathTarget>, Vec<PathTarget>) =
            found.into_iter().partition(|found| matches!(found, PathTarget::Item(_)));
        // No path continues after a function: if a function `engine` is imported, `engine::Engine`
        // still means the crate.
        let leads_on = last || name.starts_with(char::is_uppercase);
        let item = items.first().copied().filter(|_| leads_on);
        item.or(child).or(modules.first().copied())
    }

    /// Where a path in a file leads; `None` for paths into other crates. `left` limits the depth of
    /// the search, for names that refer to themselves.
    fn find(&self, at: usize, path: &[String], left: usize) -> Option<PathTarget> {
        let mut here = at;
        for (i, name) in path.iter().enumerate() {
            let last = i + 1 == path.len();
            let parent = self.files[here].module.rsplit_once("::").map(|(parent, _)| parent);
            let next = match name.as_str() {
                "crate" if i == 0 => PathTarget::Module(*self.places.get("")?),
                "self" => PathTarget::Module(here),
                "super" => PathTarget::Module(*self.places.get(parent?)?),
                "*" => return Some(PathTarget::Item(here)),
                name => match self.named(here, name, last, left) {
                    Some(next) => next,
                    None if i == 0 => return None,
                    None => PathTarget::Item(here),
                },
            };
            let PathTarget::Module(next) = next else { return Some(next) };
            here = next;
        }
        Some(PathTarget::Module(here))
    }

    /// The files that each file needs, with the first line that needs them.
    fn needs(&self) -> Vec<BTreeMap<usize, usize>> {
        let of = |(at, file): (usize, &File)| {
            let uses = file.said.uses.iter().filter(|leaf| !leaf.public);
            let uses = uses.map(|leaf| (leaf.line, &leaf.path));
            let paths = file.said.paths.iter().map(|(line, path)| (*line, path));
            let mut needs = BTreeMap::new();
            for (line, path) in uses.chain(paths) {
                match self.find(at, path, 8) {
                    Some(PathTarget::Item(to)) if to != at => {
                        let first = needs.entry(to).or_insert(line);
                        *first = line.min(*first);
                    }
                    _ => {}
                }
            }
            needs
        };
        self.files.iter().enumerate().map(of).collect()
    }

    /// All circles of files that need each other.
    fn circles(&self) -> Vec<Circle> {
        let needs = self.needs();
        // For each file: the files it reaches, and the file before each on the shortest way.
        let reached: Vec<BTreeMap<usize, usize>> = (0..needs.len())
            .map(|from| {
                let (mut before, mut next) = (BTreeMap::new(), vec![from]);
                while !next.is_empty() {
                    let mut found = Vec::new();
                    for at in next {
                        for to in needs[at].keys() {
                            before.entry(*to).or_insert_with(|| {
                                found.push(*to);
                                at
                            });
                        }
                    }
                    next = found;
                }
                before
            })
            .collect();
        let (mut circles, mut seen) = (Vec::new(), BTreeSet::new());
        for first in (0..needs.len()).filter(|i| reached[*i].contains_key(i)) {
            let all = reached[first].keys().filter(|i| reached[**i].contains_key(&first));
            let all: Vec<usize> = all.copied().collect();
            if !seen.insert(all.clone()) {
                continue;
            }
            let ways = all.iter().map(|from| way_round(*from, &reached[*from]));
            let way = ways.min_by_key(Vec::len).unwrap_or_default();
            let step = |(from, to): &(usize, usize)| {
                let (file, line) = (&self.files[*from], needs[*from][to]);
                let text = file.text.lines().nth(line - 1).unwrap_or_default().trim();
                format!("  {}:{line} needs {}: {text}\n", file.name, self.files[*to].name)
            };
            circles.push(Circle {
                files: all.iter().map(|i| self.files[*i].name.clone()).collect(),
                way: way.iter().map(step).collect(),
            });
        }
        circles
    }
}

/// The steps that lead from a file back to itself.
fn way_round(from: usize, before: &BTreeMap<usize, usize>) -> Vec<(usize, usize)> {
    let (mut steps, mut at) = (Vec::new(), from);
    while let Some(earlier) = before.get(&at) {
        steps.insert(0, (*earlier, at));
        at = *earlier;
        if at == from {
            break;
        }
    }
    steps
}

/// The module path of a file: `::a::b` for `…/src/a/b.rs` and `…/src/a/b/mod.rs`, empty for the
/// root.
fn module(name: &str, root: &str) -> String {
    let path = name.split_once("src/").map_or(name, |(_, path)| path).trim_end_matches(".rs");
    let path = if path == root { "" } else { path.trim_end_matches("/mod") };
    path.split('/').filter(|part| !part.is_empty()).map(|part| format!("::{part}")).collect()
}

#[cfg(test)]
mod tests;
