//! CSV (RFC 4180): a header, commas, CRLF, quotes where a cell needs them. Cells that a spreadsheet
//! would interpret as a formula get a leading apostrophe (contract, section 8).

/// Writes one cell, quoted and made safe for spreadsheets.
pub(crate) fn cell(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let guarded = is_formula(text);
    if !bytes.iter().any(|byte| matches!(byte, b'"' | b',' | b'\r' | b'\n')) {
        if guarded {
            out.push('\'');
        }
        return out.push_str(text);
    }
    out.push_str(if guarded { "\"'" } else { "\"" });
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

/// Whether a spreadsheet might interpret a cell as a formula, also after blanks or with full-width
/// signs, which some versions of Excel treat like plain ones.
fn is_formula(text: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("say \"no\", twice", "\"say \"\"no\"\", twice\""),
            ("+14155550100", "'+14155550100"),
            ("-\n", "\"'-\n\""),
            ("", ""),
            ("a'b", "a'b"),
            ("\"@\"", "\"\"\"@\"\"\""),
        ] {
            let mut out = String::new();
            cell(&mut out, text);
            assert_eq!(out, expected);
        }
    }
    #[test]
    fn formulas_are_defused_in_disguise() {
        for text in ["\u{ff1d}1", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}a", " =1", "\n=1", "\u{a0}@a"]
        {
            let mut out = String::new();
            cell(&mut out, text);
            assert!(out.trim_start_matches('"').starts_with('\''), "{out:?}");
        }
    }
}
