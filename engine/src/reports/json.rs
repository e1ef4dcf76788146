//! JSON: one array, one object for each row, texts as they are.

use domain::workbook::{Row, Tile};
use serde_json::{Map, Value, json};

pub(super) fn write(report: Tile, rows: &[Row]) -> String {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let mut object: Map<String, Value> = report
                .columns()
                .iter()
                .zip(&row.cells)
                .map(|(column, cell)| ((*column).to_owned(), json!(cell)))
                .collect();
            object.insert("count".to_owned(), json!(row.count));
            Value::Object(object)
        })
        .collect();
    let mut out = Value::Array(rows).to_string();
    out.push('\n');
    out
}
