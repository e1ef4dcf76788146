//! `tollwarden export`: a report, with whole numbers, to stdout or a file.

use super::Failure;
use crate::cli::{ExportArgs, Global};
use crate::place;
use domain::workbook::{Query, Sight};
use engine::reports::{self, Format};
use std::io::Write as _;
use std::time::Duration;

pub(super) async fn run(global: &Global, args: &ExportArgs) -> Result<(), Failure> {
    let format: Format = args.format.parse().map_err(|why: &str| Failure::new(why))?;
    let text = place::with(global, Duration::ZERO, async |place| {
        let query = Query::read(
            args.range.as_deref(),
            args.from.as_deref(),
            args.to.as_deref(),
            args.channel.map(|channel| channel.as_str()),
            place.db.clock.now(),
        )?;
        Ok(reports::write(&place.db, args.report, &query, Sight::Whole, format).await?)
    })
    .await?;
    match &args.output {
        Some(file) => std::fs::write(file, text)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display()))),
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            Ok(stdout.flush()?)
        }
    }
}
