//! CSV (RFC 4180): a header, commas, CRLF, quotes where a cell needs them. Cells that a
//! spreadsheet would take for a formula get one leading apostrophe (contract, section 8).

use domain::workbook::{Row, Tile};

pub(super) fn write(report: Tile, rows: &[Row]) -> String {
    let mut out = String::new();
    for column in report.columns() {
        cell(&mut out, column);
        out.push(',');
    }
    out.push_str("count\r\n");
    for row in rows {
        for text in &row.cells {
            cell(&mut out, text);
            out.push(',');
        }
        out.push_str(&row.count.to_string());
        out.push_str("\r\n");
    }
    out
}

/// One line of cells.
pub(super) fn line(out: &mut String, cells: &[impl AsRef<str>]) {
    for (at, text) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        cell(out, text.as_ref());
    }
    out.push_str("\r\n");
}

/// One cell, quoted and defused.
pub(crate) fn cell(out: &mut String, text: &str) {
    let guarded = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = text.contains(['"', ',', '\r', '\n']);
    if quoted {
        out.push('"');
    }
    if guarded {
        out.push('\'');
    }
    if quoted {
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        let row = |reason: &str, text: &str| Row {
            cells: vec![reason.to_owned(), text.to_owned()],
            count: 2,
        };
        let rows = [row("=1+1", "say \"no\", twice"), row("+14155550100", "-\n")];
        assert_eq!(
            write(Tile::FailureReasons, &rows),
            "reason,reason_text,count\r\n'=1+1,\"say \"\"no\"\", twice\",2\r\n'+14155550100,\"'-\n\",2\r\n"
        );
    }
}
