//! Bundles the stylesheet: resolves `@import`s and removes comments and indentation.

use crate::steps::Res;
use std::fs;
use std::path::Path;

/// Reads a stylesheet and everything it imports. The supported forms are `@import "x.css";` and
/// `@import url("x.css") layer(ui);`. Media conditions are not used here and are refused.
///
/// # Errors
/// A file that cannot be read, or an `@import` of another form; the message names the file.
pub(crate) fn bundle(file: &Path) -> Res<String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let text = strip_comments(&text);
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(import) = line.strip_prefix("@import") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let (name, layer) = parse_import(import)
            .ok_or_else(|| format!("{}: cannot read '{line}'; write @import \"file.css\" or with layer(name), one to a line", file.display()))?;
        let inner = bundle(&file.with_file_name(name))?;
        match layer {
            Some(layer) => out.push_str(&format!("@layer {layer} {{\n{inner}}}\n")),
            None => out.push_str(&inner),
        }
    }
    Ok(out)
}

/// The file name and the layer of an `@import`.
fn parse_import(rest: &str) -> Option<(&str, Option<&str>)> {
    let rest = rest.trim().strip_suffix(';')?.trim();
    let (rest, closing) = match rest.strip_prefix("url(") {
        Some(inner) => (inner.trim_start(), ")"),
        None => (rest, ""),
    };
    let quote = rest.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    let (name, rest) = rest[1..].split_once(quote)?;
    let rest = rest.trim_start().strip_prefix(closing)?.trim();
    if rest.is_empty() {
        return Some((name, None));
    }
    let layer = rest.strip_prefix("layer(")?.strip_suffix(')')?;
    Some((name, Some(layer.trim())))
}

/// Removes `/* … */`, except inside quotes.
fn strip_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '/') if letters.peek() == Some(&'*') => {
                letters.next();
                let mut star = false;
                for letter in letters.by_ref() {
                    if star && letter == '/' {
                        break;
                    }
                    star = letter == '*';
                }
                continue;
            }
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (Some(_), '\\') => {
                out.push(letter);
                out.extend(letters.next());
                continue;
            }
            _ => {}
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        assert_eq!(
            strip_comments("a/* x ** */b \"/* c */\" '\\'/* d */'"),
            "ab \"/* c */\" '\\'/* d */'"
        );
    }

    #[test]
    fn imports_are_read() {
        assert_eq!(parse_import(" \"a.css\";"), Some(("a.css", None)));
        assert_eq!(parse_import(" url('ui/a.css') layer(ui);"), Some(("ui/a.css", Some("ui"))));
        assert_eq!(parse_import(" \"a.css\" print;"), None);
    }
}
