//! The pieces of a report, sent to its reader.

use super::places::ReportSlot;
use crate::Error;
use bytes::Bytes;
use std::io::{self, Write};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;

/// Size from which written bytes are sent.
pub(super) const PIECE: usize = 64 << 10;

/// Sends pieces, and holds the report's place.
#[derive(Debug)]
pub(super) struct Pieces {
    sender: mpsc::Sender<Result<Bytes, Error>>,
    patience: Duration,
    place: Option<ReportSlot>,
}

impl Pieces {
    /// For a reader that may pause for up to `patience`. A caller that does not share the store has
    /// no place.
    pub(super) fn new(
        sender: mpsc::Sender<Result<Bytes, Error>>,
        patience: Duration,
        place: Option<ReportSlot>,
    ) -> Self {
        Self { sender, patience, place }
    }

    /// Lets other reports take their turns.
    pub(super) async fn turn(&mut self) {
        if let Some(place) = &mut self.place {
            place.rest();
            place.work().await;
        }
    }

    /// Sends a piece. Its turn ends while the piece waits for its reader: call [`Self::turn`]
    /// before the next one.
    pub(super) async fn send(&mut self, piece: Bytes) -> Result<(), NotCompleted> {
        if let Some(place) = &mut self.place {
            place.rest();
        }
        match self.sender.send_timeout(Ok(piece), self.patience).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Closed(_)) => Err(NotCompleted::Unheard),
            Err(SendTimeoutError::Timeout(_)) => {
                let seconds = self.patience.as_secs();
                let words = format!("whoever asked took nothing of it for {seconds} s");
                Err(Error::Report(io::Error::new(io::ErrorKind::TimedOut, words)).into())
            }
        }
    }

    pub(super) fn is_unheard(&self) -> bool {
        self.sender.is_closed()
    }
}

/// Why a report was not completed.
#[derive(Debug)]
pub(super) enum NotCompleted {
    Failed(Error),
    Unheard,
}

impl From<store::Error> for NotCompleted {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for NotCompleted {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Writes a file on a blocking thread.
pub(super) async fn pack(
    pieces: Pieces,
    write: impl FnOnce(&mut Sending) -> Result<(), Error> + Send + 'static,
) -> Result<(), NotCompleted> {
    let runtime = Handle::current();
    let written = tokio::task::spawn_blocking(move || {
        let mut out = Sending { pieces, runtime, waiting: Vec::with_capacity(PIECE) };
        write(&mut out)?;
        out.flush().map_err(Error::Report)
    });
    match written.await {
        Ok(written) => Ok(written?),
        Err(ended) => Err(Error::Thread(ended).into()),
    }
}

/// A file that is sent in pieces.
pub(super) struct Sending {
    pieces: Pieces,
    runtime: Handle,
    waiting: Vec<u8>,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
            self.runtime.block_on(self.pieces.turn());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        self.runtime.block_on(self.pieces.send(piece.into())).map_err(|cut| match cut {
            NotCompleted::Unheard => {
                io::Error::new(io::ErrorKind::BrokenPipe, "nobody waits for it")
            }
            NotCompleted::Failed(error) => {
                io::Error::new(io::ErrorKind::TimedOut, error.to_string())
            }
        })
    }
}
