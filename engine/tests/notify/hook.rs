//! A small HTTP listener over real TCP with configurable answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// Reaction to a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Sends this answer, unchanged.
    Say(String),
    /// Reads the request and never answers.
    Stall,
    /// Starts an answer with status 200 that never ends.
    Endless,
}

impl Reply {
    /// An answer with this status and body.
    pub fn of(status: &str, body: &str) -> Self {
        Self::Say(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    }
}

/// A received request.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    pub line: String,
    pub headers: http::HeaderMap,
    pub body: String,
}

/// A listener that runs until it is dropped.
pub struct Hook {
    pub port: u16,
    asked: Arc<Mutex<Vec<ReceivedRequest>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Hook {
    /// Gives these answers in turn, and 204 afterwards.
    pub async fn start(replies: Vec<Reply>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<ReceivedRequest>>>::default();
        let replies = Arc::new(Mutex::new(VecDeque::from(replies)));
        let kept = Arc::clone(&asked);
        let server = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (asked, replies) = (Arc::clone(&kept), Arc::clone(&replies));
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &asked, &replies).await,
                        Some(config) => {
                            let stream = TlsAcceptor::from(config).accept(stream).await.ok()?;
                            answer(stream, &asked, &replies).await
                        }
                    }
                });
            }
        });
        Self { port, asked, server }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?a=b", self.port)
    }

    pub fn asked(&self) -> Vec<ReceivedRequest> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    asked: &Mutex<Vec<ReceivedRequest>>,
    replies: &Mutex<VecDeque<Reply>>,
) -> Option<()> {
    let mut stream = BufStream::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut headers = http::HeaderMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        let name: http::HeaderName = name.parse().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    let length: usize = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).unwrap();
    asked.lock().unwrap().push(ReceivedRequest { line: line.trim_end().to_owned(), headers, body });
    let reply = replies.lock().unwrap().pop_front();
    match reply.unwrap_or_else(|| Reply::of("204 No Content", "")) {
        Reply::Say(text) => stream.write_all(text.as_bytes()).await.ok()?,
        Reply::Stall => std::future::pending().await,
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(&[b'x'; 4_096]).await.ok()?;
            }
        }
    }
    stream.flush().await.ok()
}
