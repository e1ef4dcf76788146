//! Figures, their limits, and where they are written.

use serde_json::{Map, Value, json};

/// What was measured.
#[derive(Default)]
pub(crate) struct Figures {
    values: Map<String, Value>,
    missed: usize,
}

impl Figures {
    /// A figure without a limit.
    pub(crate) fn raw(&mut self, what: &str, key: &str, value: f64) {
        println!("{what:<48} {value:>12.2}");
        self.values.insert(key.to_owned(), json!(value));
    }

    /// A figure beside its limit.
    pub(crate) fn measure(
        &mut self,
        what: &str,
        key: &str,
        value: f64,
        limit: &str,
        met: impl Fn(f64) -> bool,
    ) {
        let word = if met(value) { "met" } else { "MISSED" };
        self.missed += usize::from(!met(value));
        println!("{what:<48} {value:>12.2}   {limit:<9} {word}");
        self.values.insert(key.to_owned(), json!(value));
    }

    /// Writes `target/bench.json`.
    pub(crate) fn write(mut self, events: u64) {
        self.values.insert("events".to_owned(), json!(events));
        self.values.insert("missed".to_owned(), json!(self.missed));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench.json");
        std::fs::write(path, format!("{:#}\n", Value::Object(self.values)))
            .expect("target/ can be written");
    }
}
