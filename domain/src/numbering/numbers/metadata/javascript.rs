//! Parser for the JavaScript of the tables: objects, lists with holes, strings in double quotes,
//! also with `split`, and integers.

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Js {
    /// A hole in a list, `null` or `undefined`.
    #[default]
    Nothing,
    Text(String),
    /// An integer; `true` is 1, `false` 0.
    Number(i32),
    List(Vec<Js>),
    /// An object in source order.
    Object(Vec<(String, Js)>),
}

/// What is wrong, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParseProblem {
    pub(super) at: usize,
    pub(super) words: String,
}

/// Maximum nesting; Google's files use six levels.
const DEPTH_MAX: usize = 16;

/// Parses the value at the start of a text; returns it and its length in bytes.
pub(super) fn read_value(text: &str) -> Result<(Js, usize), ParseProblem> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    Ok((value, reader.at))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong<T>(&self, words: impl Into<String>) -> Result<T, ParseProblem> {
        Err(ParseProblem { at: self.at, words: words.into() })
    }

    /// Skips white space and comments; returns the next byte.
    fn next(&mut self) -> Result<u8, ParseProblem> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            let comment = match rest.as_bytes() {
                [b'/', b'*', ..] => rest[2..].find("*/").map(|end| end + 4),
                [b'/', b'/', ..] => rest.find('\n').map(|end| end + 1),
                [byte, ..] => return Ok(*byte),
                [] => None,
            };
            match comment {
                Some(length) => self.at += length,
                None => return self.wrong("it ends in the middle of a table"),
            }
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Js, ParseProblem> {
        if depth > DEPTH_MAX {
            return self.wrong(format!("values stand more than {DEPTH_MAX} deep in each other"));
        }
        match self.next()? {
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            b'"' => self.text_or_words(),
            b'-' | b'0'..=b'9' => self.number(),
            _ if self.takes("null") || self.takes("undefined") || self.takes("void 0") => {
                Ok(Js::Nothing)
            }
            _ if self.takes("true") || self.takes("!0") => Ok(Js::Number(1)),
            _ if self.takes("false") || self.takes("!1") => Ok(Js::Number(0)),
            _ => self.wrong("expected a list, an object, a text or a whole number"),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Js, ParseProblem> {
        self.at += 1;
        let mut list = Vec::new();
        loop {
            match self.next()? {
                b']' => {
                    self.at += 1;
                    return Ok(Js::List(list));
                }
                b',' => {
                    self.at += 1;
                    list.push(Js::Nothing);
                    continue;
                }
                _ => list.push(self.value(depth + 1)?),
            }
            match self.next()? {
                b',' => self.at += 1,
                b']' => {}
                _ => return self.wrong("expected a comma or the end of a list"),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Js, ParseProblem> {
        self.at += 1;
        let mut object = Vec::new();
        loop {
            let key = match self.next()? {
                b'}' => {
                    self.at += 1;
                    return Ok(Js::Object(object));
                }
                b'"' => self.string()?,
                _ => {
                    let rest = self.rest();
                    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric());
                    let key = rest[..end.unwrap_or(rest.len())].to_owned();
                    self.at += key.len();
                    key
                }
            };
            if key.is_empty() || self.next()? != b':' {
                return self.wrong("expected a name and a colon");
            }
            self.at += 1;
            object.push((key, self.value(depth + 1)?));
            match self.next()? {
                b',' => self.at += 1,
                b'}' => {}
                _ => return self.wrong("expected a comma or the end of an object"),
            }
        }
    }

    /// A string, or a list as packers abbreviate it: `"US CA".split(" ")`.
    fn text_or_words(&mut self) -> Result<Js, ParseProblem> {
        let text = self.string()?;
        match self.takes(".split(\" \")") {
            true => Ok(Js::List(text.split(' ').map(|word| Js::Text(word.to_owned())).collect())),
            false => Ok(Js::Text(text)),
        }
    }

    fn string(&mut self) -> Result<String, ParseProblem> {
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\n' => break,
                '\\' => match letters.next() {
                    Some((_, plain @ ('"' | '\\' | '/' | '\''))) => text.push(plain),
                    // Patterns and names are ASCII and need no other escapes.
                    _ => break,
                },
                _ => text.push(letter),
            }
        }
        self.wrong("a text does not end in its line, or holds an escape other than \\\\ and \\\"")
    }

    fn number(&mut self) -> Result<Js, ParseProblem> {
        let rest = self.rest();
        let end = rest.find(|letter: char| !matches!(letter, '-' | '.' | '0'..='9' | 'a'..='z'));
        let digits = &rest[..end.unwrap_or(rest.len())];
        match digits.parse() {
            Ok(number) => {
                self.at += digits.len();
                Ok(Js::Number(number))
            }
            Err(_) => self.wrong("expected a whole number"),
        }
    }
}
