//! What can be wrong with a language file, in words for whoever uploaded it.

/// Most bytes of a language file: 1 MiB. Microsoft's own, with every text of the page, have some
/// 15 KiB.
pub const LIMIT: usize = 1 << 20;

/// Why a language file cannot be read. Rows count from 1, as lines and columns do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It has more bytes than a language file may have.
    #[error("This file has {bytes} bytes; a language file has at most {LIMIT} bytes (1 MiB).")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// It is UTF-16.
    #[error("This file is UTF-16; save it as UTF-8, as Microsoft's download is.")]
    Utf16,
    /// It is in some other encoding, or no text.
    #[error("This file is not UTF-8: line {line} holds bytes that are no text.")]
    NotUtf8 {
        /// Where.
        line: usize,
    },
    /// It is not JSON.
    #[error("This file is not JSON: {what} at line {line}, column {column}.")]
    NotJson {
        /// On which line it stops being JSON.
        line: usize,
        /// In which column, counted in bytes.
        column: usize,
        /// What was wrong there.
        what: String,
    },
    /// It is some other JSON.
    #[error("This is not a language file: it must be a JSON object with a list LocalizedStrings.")]
    NoStrings,
    /// It is a language file of some other page.
    #[error(
        "This language file has no list of countries: no row of LocalizedStrings has the StringId \
         countryList. Download the file of the page Multifactor authentication."
    )]
    NoList,
    /// It has more than one list.
    #[error(
        "This language file has more than one list of countries: rows {} of LocalizedStrings have \
         the StringId countryList. Keep one.",
        listed(rows)
    )]
    Several {
        /// The rows.
        rows: Vec<usize>,
    },
    /// A member stands twice where only one is read.
    #[error("{name} stands twice{}, the second time on line {line}. Keep one.", in_row(*row))]
    Twice {
        /// Its name.
        name: &'static str,
        /// In which row, when it is one of a row.
        row: Option<usize>,
        /// Where it stands again.
        line: usize,
    },
    /// The row has no list in it.
    #[error("The list of countries (row {row} of LocalizedStrings) has no Value.")]
    NoValue {
        /// The row.
        row: usize,
    },
    /// The list is not a text.
    #[error(
        "The list of countries (row {row} of LocalizedStrings, line {line}): Value must be a text \
         that holds the list, such as \"{{\\\"DEFAULT\\\":\\\"Country/Region\\\",\\\"US\\\":\\\"United States\\\"}}\"."
    )]
    ValueNoText {
        /// The row.
        row: usize,
        /// Where it stands.
        line: usize,
    },
    /// The text is not JSON.
    #[error(
        "The list of countries (row {row} of LocalizedStrings, line {line}): the text in Value is \
         not JSON: {what} at its line {inner_line}, column {inner_column}."
    )]
    ValueNoJson {
        /// The row.
        row: usize,
        /// Where it stands.
        line: usize,
        /// On which line of the text.
        inner_line: usize,
        /// In which column of the text, counted in bytes.
        inner_column: usize,
        /// What was wrong there.
        what: String,
    },
    /// The text is some other JSON.
    #[error(
        "The list of countries (row {row} of LocalizedStrings, line {line}): the text in Value \
         must be a JSON object of region codes and names."
    )]
    ValueNoObject {
        /// The row.
        row: usize,
        /// Where it stands.
        line: usize,
    },
    /// A name is not a text.
    #[error(
        "The list of countries (row {row} of LocalizedStrings, line {line}): the name of {code} \
         must be a text."
    )]
    NameNoText {
        /// The row.
        row: usize,
        /// Where it stands.
        line: usize,
        /// Whose name.
        code: String,
    },
    /// There are codes that no country has.
    #[error(
        "The list of countries (row {row} of LocalizedStrings, line {line}) names {}, which {} no \
         region code of ISO 3166-1.", shown(codes), if codes.len() == 1 { "is" } else { "are" }
    )]
    Unknown {
        /// The row.
        row: usize,
        /// Where it stands.
        line: usize,
        /// Which, as they stand there.
        codes: Vec<String>,
    },
    /// There are regions more than once.
    #[error(
        "The list of countries (row {row} of LocalizedStrings, line {line}) names {} more than \
         once.",
        shown(codes)
    )]
    TwiceListed {
        /// The row.
        row: usize,
        /// Where it stands.
        line: usize,
        /// Which.
        codes: Vec<String>,
    },
}

/// A few codes in a sentence.
fn shown(codes: &[String]) -> String {
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

/// What a reader of JSON found wrong, without the place, which is said in other words.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]).to_owned()
}
