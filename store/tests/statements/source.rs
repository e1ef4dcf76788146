//! A Rust tokenizer, sufficient to find SQL statements.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A word, a punctuation mark or the value of a string literal. Comments, `char` literals and
/// spaces are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub literal: bool,
    pub line: usize,
}

/// A file of production code.
pub struct Source {
    /// Path relative to the package's `src`.
    pub path: String,
    pub tokens: Vec<Token>,
}

/// Bodies of macros without arguments, by name.
pub type Macros = HashMap<String, Vec<Token>>;

/// The production code below a folder, ordered by path.
pub fn sources(folder: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    walk(folder, &mut files);
    files.sort();
    let read = |file: PathBuf| Source {
        path: file.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(),
        tokens: production(tokens(&std::fs::read_to_string(&file).unwrap())),
    };
    files.into_iter().map(read).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let tests = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !tests {
            walk(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !tests {
            files.push(path);
        }
    }
}

/// Whether the tokens at an index are these words and marks.
pub fn stands(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    let there = tokens.get(at..at + words.len()).unwrap_or_default();
    !there.is_empty()
        && there.iter().zip(words).all(|(one, word)| !one.literal && one.text == *word)
}

/// Removes macro definitions, and returns those without arguments.
pub fn macros(sources: &mut [Source]) -> Macros {
    let mut found = Macros::new();
    for source in sources {
        let mut kept = Vec::new();
        let mut at = 0;
        while at < source.tokens.len() {
            if stands(&source.tokens, at, &["macro_rules", "!"]) {
                let end = closing(&source.tokens, at + 3);
                if stands(&source.tokens, at + 4, &["(", ")", "=", ">", "{"]) {
                    let body = source.tokens[at + 9..end].to_vec();
                    found.insert(source.tokens[at + 2].text.clone(), body);
                }
                at = end + 1;
            } else {
                kept.push(source.tokens[at].clone());
                at += 1;
            }
        }
        source.tokens = kept;
    }
    found
}

/// The text at an index, from a literal, `concat!` or a macro, and the index after it.
pub fn text(tokens: &[Token], at: usize, macros: &Macros) -> Option<(String, usize)> {
    let first = tokens.get(at)?;
    if first.literal {
        return Some((first.text.clone(), at + 1));
    }
    if stands(tokens, at, &["concat", "!", "("]) {
        let (end, mut next, mut whole) = (closing(tokens, at + 2), at + 3, String::new());
        while next < end {
            let (part, after) = text(tokens, next, macros)?;
            whole.push_str(&part);
            next = after + usize::from(stands(tokens, after, &[","]));
        }
        return Some((whole, end + 1));
    }
    if stands(tokens, at + 1, &["!", "(", ")"]) {
        return Some((text(macros.get(&first.text)?, 0, macros)?.0, at + 4));
    }
    None
}

/// Index of the bracket that closes the one at an index.
fn closing(tokens: &[Token], at: usize) -> usize {
    let mut open = 0;
    for (place, token) in tokens.iter().enumerate().skip(at).filter(|(_, token)| !token.literal) {
        match token.text.as_str() {
            "(" | "[" | "{" => open += 1,
            ")" | "]" | "}" => open -= 1,
            _ => {}
        }
        if open == 0 {
            return place;
        }
    }
    tokens.len()
}

/// The tokens without test modules.
fn production(tokens: Vec<Token>) -> Vec<Token> {
    let test = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let name = at + test.len();
        if stands(&tokens, at, &test) && stands(&tokens, name + 1, &["{"]) {
            at = closing(&tokens, name + 1) + 1;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn tokens(source: &str) -> Vec<Token> {
    let (mut found, mut rest, mut line) = (Vec::new(), source, 1);
    while !rest.is_empty() {
        let (length, token) = token(rest);
        if let Some((text, literal)) = token {
            found.push(Token { text, literal, line });
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// Length of the first token with its text, unless it is left out, and whether it is a literal.
fn token(rest: &str) -> (usize, Option<(String, bool)>) {
    let until = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    if rest.starts_with("//") {
        return (until("\n"), None);
    }
    if rest.starts_with("/*") {
        return (until("*/"), None);
    }
    let bare = rest.strip_prefix('b').unwrap_or(rest);
    let prefix = rest.len() - bare.len();
    if bare.starts_with('"') {
        let (length, text) = plain(bare);
        return (prefix + length, Some((text, true)));
    }
    if let Some(raw) = bare.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(text) = raw[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = text.find(&end).unwrap();
            let text_at = prefix + 1 + hashes + 1;
            return (text_at + length + end.len(), Some((text[..length].to_owned(), true)));
        }
    }
    let mut chars = rest.chars();
    let first = chars.next().unwrap();
    match (first, chars.next(), chars.next()) {
        // An escaped `char`, a plain one; a lifetime is a mark before a word.
        ('\'', Some('\\'), _) => return (3 + rest[3..].find('\'').unwrap() + 1, None),
        ('\'', Some(letter), Some('\'')) => return (2 + letter.len_utf8(), None),
        _ => {}
    }
    let is_word = |one: char| one.is_alphanumeric() || one == '_';
    if is_word(first) {
        let length = rest.find(|one: char| !is_word(one)).unwrap_or(rest.len());
        return (length, Some((rest[..length].to_owned(), false)));
    }
    let token = (!first.is_whitespace()).then(|| (first.to_string(), false));
    (first.len_utf8(), token)
}

/// Length and value of a string literal, from its opening quote.
fn plain(literal: &str) -> (usize, String) {
    let mut text = String::new();
    let mut chars = literal.char_indices().skip(1).peekable();
    while let Some((at, one)) = chars.next() {
        match one {
            '"' => return (at + 1, text),
            '\\' => match chars.next().unwrap().1 {
                '\n' => while chars.next_if(|(_, next)| next.is_whitespace()).is_some() {},
                'n' => text.push('\n'),
                // Other escapes in statements stand for themselves.
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    (literal.len(), text)
}
