//! `tollwarden export`: a report, with whole numbers, to stdout or a file.

use super::CommandFailure;
use crate::cli::{ExportArgs, Global};
use crate::opened;
use domain::audit::By;
use domain::reports::{Format, Question};
use domain::workbook::Sight;
use engine::handles::Handles;
use engine::reports;
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Stdout, Write as _};
use std::path::Path;
use std::time::Duration;

/// The requester that documents name.
const WHO: &str = "the command line";

pub(super) async fn run(global: &Global, args: &ExportArgs) -> Result<(), CommandFailure> {
    let to_screen = args.output.is_none() && std::io::stdout().is_terminal();
    if to_screen && args.format.is_binary() {
        return Err(CommandFailure::new(format!(
            "a terminal cannot show {}; name a file with -o, or redirect the output with > or |",
            args.format.name()
        )));
    }
    if args.bom && args.format != Format::Csv {
        let words = format!("--bom is for CSV; {} has no byte-order mark", args.format.name());
        return Err(CommandFailure::new(words));
    }
    opened::with(global, Duration::ZERO, async |opened| {
        let key = Handles::new(opened.db.clone()).key().await?;
        let (pairs, now) = (args.pairs(), opened.db.clock.now());
        let question = Question::read(args.report, &pairs, &key, Sight::Whole, now)?;
        let rows = reports::count(&opened.db, &question).await?;
        let by = By::command();
        if !reports::note_large(&opened.db, &by, &question, rows).await? {
            opened.db.write(&by).await?.commit(reports::audit_entry(&question)).await?;
        }
        let mut output = Output::open(args.output.as_deref())?;
        let mut pieces = reports::stream(&opened.db, question, Sight::Whole, WHO, None);
        while let Some(piece) = pieces.recv().await {
            output.write(&piece?)?;
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
    fn open(file: Option<&'a Path>) -> Result<Self, CommandFailure> {
        Ok(match file {
            None => Self::Stdout(std::io::stdout()),
            Some(path) => {
                let file = File::create(path).map_err(|error| unwritable(path, &error))?;
                Self::File(path, BufWriter::new(file))
            }
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CommandFailure> {
        match self {
            Self::Stdout(stdout) => Ok(stdout.write_all(bytes)?),
            Self::File(path, file) => {
                file.write_all(bytes).map_err(|error| unwritable(path, &error))
            }
        }
    }

    fn close(self) -> Result<(), CommandFailure> {
        match self {
            Self::Stdout(mut stdout) => Ok(stdout.flush()?),
            Self::File(path, mut file) => file.flush().map_err(|error| unwritable(path, &error)),
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> CommandFailure {
    CommandFailure::new(format!("cannot write {}: {error}", path.display()))
}
