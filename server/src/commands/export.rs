//! `tollwarden export`: a report, with whole numbers, to stdout or a file.

use super::Failure;
use crate::cli::{ExportArgs, Global};
use crate::place;
use domain::audit::By;
use domain::reports::Report;
use domain::signins::Filter;
use domain::workbook::{Query, Sight};
use engine::reports::{self, Format};
use std::fs::File;
use std::io::{BufWriter, Stdout, Write as _};
use std::path::Path;
use std::time::Duration;

pub(super) async fn run(global: &Global, args: &ExportArgs) -> Result<(), Failure> {
    let format: Format = args.format.parse().map_err(|why: &str| Failure::new(why))?;
    place::with(global, Duration::ZERO, async |place| {
        let query = Query::read(
            args.range.as_deref(),
            args.from.as_deref(),
            args.to.as_deref(),
            args.channel.map(|channel| channel.as_str()),
            place.db.clock.now(),
        )?;
        let channel = query.channel.map(|channel| ("channel".to_owned(), channel.to_string()));
        let filters: Vec<_> = channel.into_iter().collect();
        let told = reports::told(args.report.as_str(), &format.to_string(), &query, &filters);
        place.db.write(&By::command()).await?.commit(told).await?;
        let mut output = Output::open(args.output.as_deref())?;
        match args.report {
            Report::Tile(tile) => {
                let text = reports::write(&place.db, tile, &query, Sight::Whole, format).await?;
                output.write(&text)?;
            }
            Report::Log(log) => {
                let filter = Filter { channel: query.channel, ..Filter::all(query.period) };
                let mut pieces = reports::stream(&place.db, log, filter, Sight::Whole, format);
                while let Some(piece) = pieces.recv().await {
                    output.write(&piece?)?;
                }
            }
        }
        output.close()
    })
    .await
}

/// Where the report goes.
enum Output<'a> {
    Stdout(Stdout),
    File(&'a Path, BufWriter<File>),
}

impl<'a> Output<'a> {
    fn open(file: Option<&'a Path>) -> Result<Self, Failure> {
        Ok(match file {
            None => Self::Stdout(std::io::stdout()),
            Some(path) => {
                let file = File::create(path).map_err(|error| unwritable(path, &error))?;
                Self::File(path, BufWriter::new(file))
            }
        })
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Stdout(stdout) => Ok(stdout.write_all(text.as_bytes())?),
            Self::File(path, file) => {
                file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error))
            }
        }
    }

    fn close(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut stdout) => Ok(stdout.flush()?),
            Self::File(path, mut file) => file.flush().map_err(|error| unwritable(path, &error)),
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}
