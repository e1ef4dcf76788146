//! Finds what a Rust file refers to, without a compiler: tokens, `use` lines and paths. Inline
//! modules are treated as part of their file.

/// One token of a program with its line; a quoted text is one token.
type Token = (usize, String);

/// What a file refers to, without its tests.
#[derive(Default)]
pub(crate) struct Said {
    /// The leaves of its `use` lines.
    pub(crate) uses: Vec<Use>,
    /// Paths outside of `use` lines, with their lines; `a::b` as well as `a`.
    pub(crate) paths: Vec<(usize, Vec<String>)>,
    /// Modules that it declares only for tests.
    pub(crate) tests: Vec<String>,
}

/// One leaf of a `use`.
pub(crate) struct Use {
    /// Its line.
    pub(crate) line: usize,
    /// The imported path.
    pub(crate) path: Vec<String>,
    /// The name in this file; `*` for everything.
    pub(crate) name: String,
    /// Whether it is re-exported.
    pub(crate) public: bool,
}

/// Reads the text of a file.
pub(crate) fn read(text: &str) -> Said {
    let (tokens, mut said) = (tokens(text), Said::default());
    let sign = |i: usize| tokens.get(i).map_or("", |token| token.1.as_str());
    let mut i = 0;
    while i < tokens.len() {
        let before = i.checked_sub(1).map_or("", sign);
        if sign(i) == "#" && sign(i + 1) == "[" && tests_only(&tokens, i + 2) {
            i = after_item(&tokens, i, &mut said.tests);
        } else if sign(i) == "use" && sign(i + 1) != "<" {
            let first = said.uses.len();
            i = branch(&tokens, i + 1, Vec::new(), &mut said.uses);
            // `pub use`, `pub(crate) use`.
            let public = matches!(before, "pub" | ")");
            said.uses.iter_mut().skip(first).for_each(|leaf| leaf.public = public);
        } else if sign(i).starts_with(is_word) {
            let mut path = vec![sign(i).to_owned()];
            let begun = i;
            while sign(i + 1) == "::" && sign(i + 2).starts_with(is_word) {
                path.push(sign(i + 2).to_owned());
                i += 2;
            }
            i += 1;
            // The rest of `<T>::new`, a member, and the name of a new item lead nowhere. A single
            // lower-case word that is not called is a variable.
            let alone = path.len() == 1
                && (DECLARES.contains(&before)
                    || !path[0].starts_with(char::is_uppercase)
                        && !matches!(sign(begun + 1), "(" | "::" | "!"));
            if !matches!(before, "::" | ".") && !alone {
                said.paths.push((tokens[begun].0, path));
            }
        } else {
            i += 1;
        }
    }
    said
}

/// Keywords before the name of a new item.
const DECLARES: [&str; 9] =
    ["fn", "mod", "struct", "enum", "trait", "type", "const", "static", "let"];

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether the attribute whose content begins at `i` is `cfg(test)` or `cfg(all(test, …))`.
fn tests_only(tokens: &[Token], i: usize) -> bool {
    let words = tokens[i..closing(tokens, i - 1)].iter().map(|token| token.1.as_str());
    let words: Vec<&str> = words.collect();
    matches!(words.as_slice(), ["cfg", "(", "test", ..])
        || words.starts_with(&["cfg", "(", "all"]) && words.contains(&"test")
}

/// The end of the item, field or statement that has the attribute at `i`.
fn after_item(tokens: &[Token], mut i: usize, tests: &mut Vec<String>) -> usize {
    let sign = |i: usize| tokens.get(i).map_or("", |token| token.1.as_str());
    while sign(i) == "#" {
        i = closing(tokens, i + 1) + 1;
    }
    let begun = i;
    while i < tokens.len() {
        match sign(i) {
            "mod" if sign(i + 2) == ";" => tests.push(sign(i + 1).to_owned()),
            ";" => return i + 1,
            "{" => return closing(tokens, i) + 1,
            "(" | "[" => i = closing(tokens, i),
            "," if !ITEMS.contains(&sign(begun)) => return i + 1,
            ")" | "]" | "}" => return i,
            _ => {}
        }
        i += 1;
    }
    i
}

/// The words that begin an item. A comma inside an item does not end it.
const ITEMS: [&str; 12] = [
    "pub", "fn", "mod", "use", "impl", "struct", "enum", "trait", "type", "const", "static",
    "async",
];

/// Splits a program into tokens, without comments and without the content of texts.
fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or('\n');
    let (mut out, mut i, mut line) = (Vec::new(), 0, 1);
    while i < letters.len() {
        let (start, mut sign) = (i, String::new());
        match (at(i), at(i + 1)) {
            ('/', '/') => i += letters[i..].iter().take_while(|letter| **letter != '\n').count(),
            ('/', '*') => {
                let mut open = 0;
                while i < letters.len() {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (open, i) = (open + 1, i + 2),
                        ('*', '/') => (open, i) = (open - 1, i + 2),
                        _ => i += 1,
                    }
                    if open == 0 {
                        break;
                    }
                }
            }
            ('\'', next) if next != '\\' && at(i + 2) != '\'' => {
                i += 1 + letters[i + 1..].iter().take_while(|letter| is_word(**letter)).count();
            }
            (quote @ ('"' | '\''), _) => {
                i += 1;
                while i < letters.len() && at(i) != quote {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
                sign.push('"');
            }
            (':', ':') => (sign, i) = ("::".into(), i + 2),
            (letter, _) if is_word(letter) => {
                i += letters[i..].iter().take_while(|letter| is_word(**letter)).count();
                sign = letters[start..i].iter().collect();
                let hashes = letters[i..].iter().take_while(|letter| **letter == '#').count();
                if matches!(sign.as_str(), "r" | "br" | "cr") && at(i + hashes) == '"' {
                    let end = [vec!['"'], vec!['#'; hashes]].concat();
                    i += hashes + 1;
                    while i < letters.len() && !letters[i..].starts_with(&end) {
                        i += 1;
                    }
                    (sign, i) = ("\"".into(), i + end.len());
                }
            }
            (letter, _) => {
                i += 1;
                sign.extend(Some(letter).filter(|letter| !letter.is_whitespace()));
            }
        }
        if !sign.is_empty() {
            out.push((line, sign));
        }
        line += letters[start..i.min(letters.len())].iter().filter(|l| **l == '\n').count();
    }
    out
}

/// The position of the bracket that closes the one at `i`.
fn closing(tokens: &[Token], i: usize) -> usize {
    let mut open = 0;
    for (place, (_, sign)) in tokens.iter().enumerate().skip(i) {
        match sign.as_str() {
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

/// Reads the leaves of one branch of a `use`; returns the position of its end.
fn branch(tokens: &[Token], mut i: usize, mut path: Vec<String>, uses: &mut Vec<Use>) -> usize {
    let mut name = None;
    while let Some((line, sign)) = tokens.get(i) {
        match sign.as_str() {
            "{" => {
                i += 1;
                while tokens.get(i).is_some_and(|token| token.1 != "}") {
                    i = branch(tokens, i, path.clone(), uses);
                    i += usize::from(tokens.get(i).is_some_and(|token| token.1 == ","));
                }
                return i + 1;
            }
            "::" => {}
            "as" => {
                name = tokens.get(i + 1).map(|token| token.1.clone());
                i += 1;
            }
            "self" if !path.is_empty() => {}
            "," | "}" | ";" => {
                let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
                uses.push(Use { line: *line, path, name, public: false });
                return i;
            }
            other => path.push(other.into()),
        }
        i += 1;
    }
    i
}
