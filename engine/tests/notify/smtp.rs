//! A small SMTP server over real TCP: enough of RFC 5321, 3207 and 4954 to receive mail, and to
//! misbehave.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::notify::{SmtpTls, SmtpUrl};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A certificate for `localhost` that nobody trusts, with the server's configuration for it.
pub fn certificate() -> (Vec<u8>, Arc<ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let der = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    (der.to_vec(), Arc::new(config))
}

/// Behaviour of a server.
#[derive(Default)]
pub struct Manners {
    /// TLS from the first byte, or after STARTTLS.
    pub tls: Option<(SmtpTls, Arc<ServerConfig>)>,
    /// User and password that it requires, and the mechanisms that it offers (`PLAIN`, `LOGIN`).
    pub login: Option<(&'static str, &'static str, &'static str)>,
    /// Answers to the next recipients instead of `250`.
    pub to_recipients: Vec<&'static str>,
    /// Sent instead of a greeting.
    pub greeting: Option<&'static str>,
    /// Whether it never sends anything.
    pub silent: bool,
}

/// A received mail.
#[derive(Debug, Clone)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub data: String,
    /// Whether it came over TLS.
    pub tls: bool,
    /// User and mechanism of the sign-in.
    pub login: Option<(String, String)>,
}

impl Mail {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let start = format!("{}:", name.to_lowercase());
        head.lines()
            .find(|line| line.to_lowercase().starts_with(&start))
            .map(|line| line[start.len()..].trim().to_owned())
    }

    /// The decoded bodies (quoted-printable).
    pub fn text(&self) -> String {
        self.data.replace("=\r\n", "").replace("=3D", "=")
    }
}

/// A server that runs until it is dropped.
pub struct Smtp {
    pub port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Smtp {
    pub async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::<Mutex<Vec<Mail>>>::default();
        let replies = Mutex::new(VecDeque::from(manners.to_recipients.clone()));
        let shared = Arc::new(Shared { manners, mails: Arc::clone(&mails), replies });
        let server = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        });
        Self { port, mails, server }
    }

    /// URL without TLS, on this machine.
    pub fn url(&self) -> SmtpUrl {
        format!("smtp://localhost:{}", self.port).parse().unwrap()
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }
}

struct Shared {
    manners: Manners,
    mails: Arc<Mutex<Vec<Mail>>>,
    replies: Mutex<VecDeque<&'static str>>,
}

/// State of a client's session.
#[derive(Default)]
struct Talk {
    from: String,
    to: String,
    tls: bool,
    login: Option<(String, String)>,
}

enum End {
    Closed,
    StartTls,
}

impl Shared {
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        if self.manners.silent {
            return std::future::pending().await;
        }
        let mut talk = Talk::default();
        match &self.manners.tls {
            Some((SmtpTls::Whole, config)) => {
                let stream = TlsAcceptor::from(Arc::clone(config)).accept(stream).await.ok()?;
                talk.tls = true;
                self.talk(&mut BufStream::new(stream), &mut talk, true).await?;
            }
            Some((_, config)) => {
                let mut stream = BufStream::new(stream);
                if let End::StartTls = self.talk(&mut stream, &mut talk, true).await? {
                    let acceptor = TlsAcceptor::from(Arc::clone(config));
                    let stream = acceptor.accept(stream.into_inner()).await.ok()?;
                    talk.tls = true;
                    self.talk(&mut BufStream::new(stream), &mut talk, false).await?;
                }
            }
            None => {
                self.talk(&mut BufStream::new(stream), &mut talk, true).await?;
            }
        }
        Some(())
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        talk: &mut Talk,
        greet: bool,
    ) -> Option<End> {
        if greet {
            say(stream, self.manners.greeting.unwrap_or("220 mail.example ESMTP")).await?;
        }
        loop {
            let line = hear(stream).await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => self.capabilities(talk.tls),
                "STARTTLS" => {
                    say(stream, "220 go on").await?;
                    return Some(End::StartTls);
                }
                "AUTH" => self.sign_in(stream, talk, &line).await?,
                "MAIL" if self.manners.login.is_some() && talk.login.is_none() => {
                    "530 5.7.0 sign in first".to_owned()
                }
                "MAIL" => {
                    talk.from = line;
                    "250 ok".to_owned()
                }
                "RCPT" => {
                    talk.to = line;
                    let reply = self.replies.lock().unwrap().pop_front();
                    reply.unwrap_or("250 ok").to_owned()
                }
                "DATA" => {
                    say(stream, "354 go on").await?;
                    self.take(stream, talk).await?;
                    "250 2.0.0 taken as 4711".to_owned()
                }
                "QUIT" => {
                    say(stream, "221 bye").await?;
                    return Some(End::Closed);
                }
                _ => "250 ok".to_owned(),
            };
            say(stream, &answer).await?;
        }
    }

    fn capabilities(&self, tls: bool) -> String {
        let mut lines = vec!["mail.example".to_owned()];
        if matches!(self.manners.tls, Some((SmtpTls::Start, _))) && !tls {
            lines.push("STARTTLS".to_owned());
        } else if let Some((_, _, mechanisms)) = self.manners.login {
            lines.push(format!("AUTH {mechanisms}"));
        }
        lines.push("8BITMIME".to_owned());
        let last = lines.pop().unwrap();
        let before: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("{before}250 {last}")
    }

    async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        talk: &mut Talk,
        line: &str,
    ) -> Option<String> {
        let decode = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
        let mut words = line.split(' ').skip(1);
        let mechanism = words.next()?.to_owned();
        let (user, password) = if mechanism == "PLAIN" {
            let whole = decode(words.next()?);
            let mut parts = whole.split('\0').skip(1).map(str::to_owned);
            (parts.next()?, parts.next()?)
        } else {
            say(stream, "334 VXNlcm5hbWU6").await?;
            let user = decode(&hear(stream).await?);
            say(stream, "334 UGFzc3dvcmQ6").await?;
            (user, decode(&hear(stream).await?))
        };
        let (right, secret, _) = self.manners.login?;
        if (user.as_str(), password.as_str()) != (right, secret) {
            return Some("535 5.7.8 wrong password".to_owned());
        }
        talk.login = Some((user, mechanism));
        Some("235 ok".to_owned())
    }

    async fn take<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        talk: &mut Talk,
    ) -> Option<()> {
        let mut data = String::new();
        loop {
            let line = hear(stream).await?;
            if line == "." {
                break;
            }
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
            data.push_str("\r\n");
        }
        let Talk { from, to, tls, login } = talk;
        let mail =
            Mail { from: from.clone(), to: to.clone(), data, tls: *tls, login: login.clone() };
        self.mails.lock().unwrap().push(mail);
        Some(())
    }
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    line: &str,
) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
