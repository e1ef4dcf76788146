//! The pieces of a report, sent to whoever asked.

use super::places::Place;
use crate::Error;
use bytes::Bytes;
use std::io::{self, Write};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;

/// Bytes after which what is written goes on its way.
pub(super) const PIECE: usize = 64 << 10;

/// Where pieces go, and the place that they are made in.
#[derive(Debug)]
pub(super) struct Pieces {
    sender: mpsc::Sender<Result<Bytes, Error>>,
    patience: Duration,
    place: Option<Place>,
}

impl Pieces {
    /// To a reader who may take nothing for so long. Who shares the store with nobody has no place.
    pub(super) fn new(
        sender: mpsc::Sender<Result<Bytes, Error>>,
        patience: Duration,
        place: Option<Place>,
    ) -> Self {
        Self { sender, patience, place }
    }

    /// Lets the others have their turns.
    pub(super) async fn turn(&mut self) {
        if let Some(place) = &mut self.place {
            place.rest();
            place.work().await;
        }
    }

    /// Sends a piece. Others have their turns while it waits for its reader, and from then on:
    /// [`Self::turn`] comes before the next.
    pub(super) async fn send(&mut self, piece: Bytes) -> Result<(), Cut> {
        if let Some(place) = &mut self.place {
            place.rest();
        }
        match self.sender.send_timeout(Ok(piece), self.patience).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Closed(_)) => Err(Cut::Unheard),
            Err(SendTimeoutError::Timeout(_)) => {
                let seconds = self.patience.as_secs();
                let words = format!("whoever asked took nothing of it for {seconds} s");
                Err(Error::Report(io::Error::new(io::ErrorKind::TimedOut, words)).into())
            }
        }
    }

    /// Whether nobody waits for them any more.
    pub(super) fn is_unheard(&self) -> bool {
        self.sender.is_closed()
    }
}

/// Why a report was not written to its end.
#[derive(Debug)]
pub(super) enum Cut {
    /// What cannot be read or written.
    Failed(Error),
    /// Whoever asked has gone.
    Unheard,
}

impl From<store::Error> for Cut {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Cut {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Writes a file where waiting holds nobody up.
pub(super) async fn pack(
    pieces: Pieces,
    write: impl FnOnce(&mut Sending) -> Result<(), Error> + Send + 'static,
) -> Result<(), Cut> {
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

/// A file on its way, piece by piece.
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
            Cut::Unheard => io::Error::new(io::ErrorKind::BrokenPipe, "nobody waits for it"),
            Cut::Failed(error) => io::Error::new(io::ErrorKind::TimedOut, error.to_string()),
        })
    }
}
