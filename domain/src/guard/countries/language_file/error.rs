//! Errors in a language file, worded for the user who uploaded it.

/// Most bytes of a language file: 1 MiB. Microsoft's own, with every text of the page, have about
/// 15 KiB.
pub const LIMIT: usize = 1 << 20;

/// Why a language file cannot be used. Rows, lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It exceeds [`LIMIT`].
    #[error("This file has {bytes} bytes; a language file has at most {LIMIT} bytes (1 MiB).")]
    TooLarge {
        /// The file's size.
        bytes: usize,
    },
    /// It begins with a byte order mark of UTF-16.
    #[error("This file is UTF-16; save it as UTF-8, as Microsoft's download is.")]
    Utf16,
    /// It is in another encoding, or not a text.
    #[error("This file is not UTF-8: line {line} contains bytes that are not text.")]
    NotUtf8 {
        /// The line with the first invalid byte.
        line: usize,
    },
    /// It is not JSON.
    #[error("This file is not JSON: {what} at line {line}, column {column}.")]
    NotJson {
        /// The line of the syntax error.
        line: usize,
        /// The column of the syntax error, in bytes.
        column: usize,
        /// The parser's message.
        what: String,
    },
    /// It is JSON of another shape.
    #[error("This is not a language file: it must be a JSON object with a list LocalizedStrings.")]
    NoStrings,
    /// It is a language file of another page.
    #[error(
        "This language file has no list of countries: no row of LocalizedStrings has the StringId \
         countryList. Download the file of the page Multifactor authentication."
    )]
    NoList,
    /// It has several lists of countries.
    #[error(
        "This language file has more than one list of countries: rows {} of LocalizedStrings have \
         the StringId countryList. Keep one.",
        listed(rows)
    )]
    Several {
        /// The rows with a list.
        rows: Vec<usize>,
    },
    /// A member that is needed occurs twice.
    #[error("{name} appears twice{}, the second time on line {line}. Keep one.", in_row(*row))]
    Twice {
        /// The member's name.
        name: &'static str,
        /// `None` for a member of the whole file.
        row: Option<usize>,
        /// The line of the second occurrence.
        line: usize,
    },
    /// The row with the list has no `Value`.
    #[error("The list of countries (row {row} of LocalizedStrings) has no Value.")]
    NoValue {
        /// The row with the list.
        row: usize,
    },
    /// The list itself is invalid.
    #[error("The list of countries (row {row} of LocalizedStrings, line {line}){error}")]
    List {
        /// The row with the list.
        row: usize,
        /// The line of `Value`.
        line: usize,
        /// What is wrong with it.
        error: ListError,
    },
}

/// Why a list of countries cannot be used; the text follows that of [`FileError::List`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// `Value` is not a string.
    #[error(
        ": Value must be a text that contains the list, such as \
         \"{{\\\"DEFAULT\\\":\\\"Country/Region\\\",\\\"US\\\":\\\"United States\\\"}}\"."
    )]
    NoText,
    /// The text in `Value` is not JSON.
    #[error(": the text in Value is not JSON: {what} at its line {line}, column {column}.")]
    NoJson {
        /// The line of the syntax error within the text.
        line: usize,
        /// The column of the syntax error within the text, in bytes.
        column: usize,
        /// The parser's message.
        what: String,
    },
    /// The text in `Value` is JSON of another shape.
    #[error(": the text in Value must be a JSON object of region codes and names.")]
    NoObject,
    /// The name of this code is not a string.
    #[error(": the name of {0} must be a text.")]
    NameNoText(String),
    /// These codes are not of ISO 3166-1.
    #[error(
        " names {}, which {} no region code of ISO 3166-1.",
        first_codes(.0),
        if .0.len() == 1 { "is" } else { "are" }
    )]
    Unknown(Vec<String>),
    /// These regions are listed more than once.
    #[error(" names {} more than once.", first_codes(.0))]
    Repeated(Vec<String>),
}

/// The first ten codes, for a sentence.
fn first_codes(codes: &[String]) -> String {
    const MOST: usize = 10;
    match codes.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{} and {more} more", codes[..MOST].join(", ")),
        _ => codes.join(", "),
    }
}

fn listed(rows: &[usize]) -> String {
    let rows: Vec<String> = rows.iter().map(usize::to_string).collect();
    match rows.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => rows.join(""),
    }
}

fn in_row(row: Option<usize>) -> String {
    row.map_or_else(String::new, |row| format!(" in row {row} of LocalizedStrings"))
}

/// The JSON parser's message without its position.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]).to_owned()
}
