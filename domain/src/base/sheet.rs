//! Tables that people paste and upload: lines and cells.

/// A table's rows without blank ones.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sheet<'t> {
    /// The cell separator: a comma, a semicolon or a tab.
    pub(crate) comma: char,
    /// Each row with its first line number, from 1.
    pub(crate) rows: Vec<(usize, &'t str)>,
}

/// Maximum lines of a quoted cell: a longer one is an unclosed quotation mark.
const LINES: usize = 20;

impl<'t> Sheet<'t> {
    /// Reads a table. Lines may end in any way, including a lone carriage return, and quoted cells
    /// may contain line ends. Rows without any text are dropped, and so are the first lines that
    /// PowerShell (`#TYPE …`) and spreadsheets (`sep=;`) write.
    pub(crate) fn read(text: &'t str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut lines: Vec<(usize, &str)> = (1..).zip(lines(text)).collect();
        lines.retain(|(_, line)| !line.trim().is_empty());
        let mut lines = lines.as_slice();
        let mut said = None;
        while let [(_, first), rest @ ..] = lines {
            match before_table(first) {
                None => break,
                Some(comma) => said = said.or(comma),
            }
            lines = rest;
        }
        let first = lines.first().map_or("", |(_, line)| line);
        let comma = said.unwrap_or_else(|| most(first));
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some((number, line)) = lines.get(at).copied() {
            let (row, taken) = first_row(text, &lines[at..], comma).unwrap_or((line, 1));
            at += taken;
            let blank = |cells: Vec<String>| cells.iter().all(String::is_empty);
            if !cells(row, comma).is_some_and(blank) {
                rows.push((number, row));
            }
        }
        Self { comma, rows }
    }
}

/// Lines without their ends; `\r\n` is one end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Whether a line precedes a table, and which separator it declares.
fn before_table(line: &str) -> Option<Option<char>> {
    let line = line.trim().trim_matches('"');
    if line.starts_with("#TYPE ") {
        return Some(None);
    }
    let said = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    let mut said = said.chars();
    match (said.next(), said.next()) {
        (comma @ Some(',' | ';' | '\t'), None) => Some(comma),
        // A trailing tab was trimmed as white space.
        (None, _) => Some(Some('\t')),
        _ => None,
    }
}

/// The most frequent separator of a line, outside quotes.
fn most(line: &str) -> char {
    let (mut quoted, mut counts) = (false, [(',', 0), (';', 0), ('\t', 0)]);
    for letter in line.chars() {
        quoted ^= letter == '"';
        if let Some(count) = counts.iter_mut().find(|(comma, _)| *comma == letter && !quoted) {
            count.1 += 1;
        }
    }
    // The first on a tie.
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(',', |(comma, _)| *comma)
}

/// The row that begins in the first of these lines, and its number of lines: several if a quotation
/// mark is open at a line's end.
fn first_row<'t>(
    text: &'t str,
    lines: &[(usize, &'t str)],
    comma: char,
) -> Option<(&'t str, usize)> {
    let (_, first) = lines.first()?;
    let begin = first.as_ptr().addr() - text.as_ptr().addr();
    (1..=lines.len().min(LINES)).find_map(|taken| {
        let last = lines[taken - 1].1;
        let end = last.as_ptr().addr() - text.as_ptr().addr() + last.len();
        let row = text.get(begin..end)?;
        cells(row, comma).map(|_| (row, taken))
    })
}

/// A row's trimmed cells; `None` if a quotation mark is not closed. Removes what spreadsheets put
/// around text: an apostrophe before `= + - @`, and `="…"`.
pub(crate) fn cells(line: &str, comma: char) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut letters = line.trim_end_matches(['\r', '\n']).chars().peekable();
    loop {
        let mut cell = String::new();
        while letters.next_if(|c| *c == ' ').is_some() {}
        let quoted = letters.next_if_eq(&'"').is_some();
        let mut open = quoted;
        let mut more = false;
        while let Some(letter) = letters.next() {
            match letter {
                '"' if open && letters.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' if open => open = false,
                letter if letter == comma && !open => {
                    more = true;
                    break;
                }
                letter => cell.push(letter),
            }
        }
        if open {
            return None;
        }
        cells.push(bare(cell.trim()).to_owned());
        if !more {
            return Some(cells);
        }
    }
}

fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell),
    }
}

/// A value without a leading list marker and space: `•`, `*`, `-`, `1.`, `1)`.
pub(crate) fn without_mark(value: &str) -> &str {
    let Some((mark, rest)) = value.split_once(char::is_whitespace) else { return value };
    let digits = mark.trim_end_matches(['.', ')']);
    let counts = digits.len() + 1 == mark.len()
        && (1..=4).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_mark = matches!(
        mark,
        "•" | "*" | "-" | "–" | "—" | "·" | "◦" | "▪" | "●" | "○" | "■" | "‣" | "→" | "✓"
    );
    if counts || is_mark { rest.trim_start() } else { value }
}

/// The error of a header, if any: an unknown or repeated column, whose values would be silently
/// lost.
pub(crate) fn wrong_header(given: &[String], known: &[&str]) -> Option<String> {
    let given: Vec<String> = given.iter().map(|name| name.trim().to_lowercase()).collect();
    let named = |name: &&String| !name.is_empty();
    if let Some(other) = given.iter().filter(named).find(|name| !known.contains(&name.as_str())) {
        let name: String = other.chars().take(40).collect();
        return Some(format!("“{name}” is not a column; the columns are {}", known.join(", ")));
    }
    let twice =
        given.iter().enumerate().find(|(at, name)| named(name) && given[..*at].contains(name));
    twice.map(|(_, name)| format!("the column {name} appears twice"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        let sheet = Sheet::read(text);
        let cells = |(line, row): &(usize, &str)| (*line, cells(row, sheet.comma).unwrap());
        sheet.rows.iter().map(cells).collect()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn lines_end_as_any_system_ends_them() {
        let expected = [row(1, &["a", "b"]), row(2, &["c", "d"])];
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(rows(&format!("a;b{end}c;d{end}")), expected, "{end:?}");
        }
        assert_eq!(rows("a,b\r\n\r\nc,d"), [row(1, &["a", "b"]), row(3, &["c", "d"])]);
    }

    #[test]
    fn what_tools_write_before_and_between_is_left_out() {
        let table = "a;b\n;;\n \n\"\";\nc;d";
        let expected = |first| [row(first, &["a", "b"]), row(first + 4, &["c", "d"])];
        assert_eq!(rows(table), expected(1));
        assert_eq!(rows(&format!("\u{feff}sep=;\n{table}")), expected(2));
        assert_eq!(rows(&format!("#TYPE System.Object\r\n{table}")), expected(2));
        assert_eq!(rows(&format!("#TYPE x\nSEP=;\n{table}")), expected(3));
        assert_eq!(rows("sep=\t\na,b\tc"), [row(2, &["a,b", "c"])]);
        assert_eq!(rows("sep=;\na,b"), [row(2, &["a,b"])], "what is said holds");
        assert_eq!(rows("# a,b"), [row(1, &["# a", "b"])]);
    }

    #[test]
    fn cells_are_divided_by_what_there_is_most_of() {
        assert_eq!(rows("US;sms;0,05"), [row(1, &["US", "sms", "0,05"])]);
        assert_eq!(rows("a,\"b;c;d\""), [row(1, &["a", "b;c;d"])]);
        assert_eq!(rows("a;b,c"), [row(1, &["a;b", "c"])]);
    }

    #[test]
    fn a_quoted_cell_goes_over_lines() {
        assert_eq!(rows("a,\"b\nc\",d\ne"), [row(1, &["a", "b\nc", "d"]), row(3, &["e"])]);
        // An unclosed quotation mark only costs its own line.
        let sheet = Sheet::read("a,\"b\nc,d");
        assert_eq!(sheet.rows, [(1, "a,\"b"), (2, "c,d")]);
    }

    #[test]
    fn what_spreadsheets_put_around_texts_is_taken_off() {
        let numbers = rows("'+1,=\"+2\",\"=\"\"+3\"\"\",=4,'x");
        assert_eq!(numbers, [row(1, &["+1", "+2", "+3", "=4", "'x"])]);
    }
}
