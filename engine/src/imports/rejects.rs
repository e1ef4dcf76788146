//! The rejected lines of a file, kept for download.

use super::spool::Spool;
use crate::{import, reports};
use std::io::{BufWriter, Write as _};
use std::sync::Arc;

/// Most rejected lines kept for one file; further ones are only counted.
const REJECTED_LINES: usize = 100_000;

/// A CSV of rejected lines, created with the first one.
pub(super) struct Rejects {
    spool: Arc<Spool>,
    name: String,
    file: Option<BufWriter<std::fs::File>>,
    lines: usize,
}

impl Rejects {
    pub(super) fn new(spool: Arc<Spool>, name: String) -> Self {
        Self { spool, name, file: None, lines: 0 }
    }

    pub(super) fn add(&mut self, record: &import::Rejected) {
        self.lines += 1;
        if self.lines > REJECTED_LINES {
            return;
        }
        if let Err(error) = self.write(record) {
            tracing::warn!(error = store::with_sources(&error), "rejected lines cannot be kept");
            self.lines = REJECTED_LINES;
        }
    }

    fn write(&mut self, record: &import::Rejected) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = BufWriter::new(self.spool.create(&self.name)?);
                file.write_all(b"line,field,reason\r\n")?;
                none.insert(file)
            }
        };
        let mut line = format!("{},", record.line);
        // One line for each, because masks are applied line by line.
        let cell = |text: &str| text.replace(char::is_control, " ");
        reports::csv::cell(&mut line, &cell(&record.why.field));
        line.push(',');
        reports::csv::cell(&mut line, &cell(&record.why.message));
        line.push_str("\r\n");
        file.write_all(line.as_bytes())
    }
}
