//! Requests to addresses that users entered: they must not reach what only this machine can reach
//! (contract, section 9). The name is resolved once, the address is checked, and the connection
//! goes to exactly that address. Redirects are not followed, and no proxy is used.

use bytes::Bytes;
use domain::network::Network;
use domain::notify::{WebhookUrl, is_public, one_line};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Most bytes read of an answer, for head and body each.
const ANSWER_MAX: usize = 64 << 10;
/// Most characters kept of an answer.
const WORDS_MAX: usize = 500;
/// How many addresses of a name are tried.
const ADDRESSES: usize = 4;
/// How long resolving a name may take while a user waits at a form.
const LOOK_UP: Duration = Duration::from_secs(2);

/// Sends HTTP requests to checked addresses.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    allow: Arc<[Network]>,
    timeout: Duration,
    trust: Arc<[CertificateDer<'static>]>,
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Outgoing {
    /// `allow` are networks that may be reached although they are not public, `timeout` limits a
    /// request, and `trust` are certificates trusted in addition to the system's (for tests).
    pub(super) fn new(
        allow: Vec<Network>,
        timeout: Duration,
        trust: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self { allow: allow.into(), timeout, trust: trust.into(), tls: Arc::default() }
    }

    /// Why an address can never be reached, as far as can be known now. A name that cannot be
    /// resolved at the moment is accepted, because it is checked again on every request.
    pub(super) async fn check(&self, url: &WebhookUrl) -> Result<(), String> {
        let asked = tokio::net::lookup_host((url.host(), url.port()));
        match tokio::time::timeout(LOOK_UP, asked).await {
            Ok(Ok(found)) => self.allowed(url, found.map(|address| address.ip())).map(drop),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    /// Posts a body and returns the text of a 2xx answer.
    ///
    /// # Errors
    /// The text of any other answer, or the reason why there was none.
    pub(super) async fn post(
        &self,
        url: &WebhookUrl,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<String, String> {
        let done = tokio::time::timeout(self.timeout, self.request(url, headers, body)).await;
        done.unwrap_or_else(|_| Err(format!("No answer within {} s.", self.timeout.as_secs_f32())))
    }

    async fn request(
        &self,
        url: &WebhookUrl,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<String, String> {
        let found = tokio::net::lookup_host((url.host(), url.port())).await;
        let found = found.map_err(|error| format!("{} cannot be found: {error}.", url.host()))?;
        let addresses = self.allowed(url, found.map(|address| address.ip()))?;
        let stream = connect(&addresses, url.port()).await?;
        let request = compose(url, headers, body)?;
        if !url.is_https() {
            return talk(stream, request).await;
        }
        let name = ServerName::try_from(url.host().to_owned())
            .map_err(|_| format!("{} is not a name that TLS accepts.", url.host()))?;
        let connector = TlsConnector::from(self.tls()?);
        let stream = connector.connect(name, stream).await;
        talk(stream.map_err(|error| format!("TLS: {error}."))?, request).await
    }

    /// The addresses of a name that may be reached.
    fn allowed(
        &self,
        url: &WebhookUrl,
        found: impl Iterator<Item = IpAddr>,
    ) -> Result<Vec<IpAddr>, String> {
        let (open, closed): (Vec<_>, Vec<_>) = found.partition(|address| {
            is_public(*address) || self.allow.iter().any(|network| network.contains(*address))
        });
        match (open.is_empty(), closed.first()) {
            (false, _) => Ok(open),
            (true, None) => Err(format!("{} has no address.", url.host())),
            (true, Some(address)) => Err(format!(
                "{} is at {address}, which is not on the public Internet; networks of your own are \
                 allowed in webhook_allow.",
                url.host()
            )),
        }
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.trust.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS: {error}."))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }
}

/// Connects to the first address that answers.
async fn connect(addresses: &[IpAddr], port: u16) -> Result<TcpStream, String> {
    let mut last = "There is no address to connect to.".to_owned();
    for &address in addresses.iter().take(ADDRESSES) {
        let address = SocketAddr::new(address, port);
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = format!("{address} does not answer: {error}."),
        }
    }
    Err(last)
}

fn compose(
    url: &WebhookUrl,
    headers: &[(&'static str, String)],
    body: String,
) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(url.target())
        .header(header::HOST, url.authority())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, concat!("Tollwarden/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
        request = request.header(HeaderName::from_static(name), value);
    }
    request.body(Full::from(body)).map_err(|error| error.to_string())
}

/// Sends one request over a new connection.
async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<String, String> {
    let strange = |error: hyper::Error| {
        use std::error::Error as _;
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        one_line(&format!("The answer cannot be read: {error}{cause}."), WORDS_MAX)
    };
    let mut builder = http1::Builder::new();
    builder.max_buf_size(ANSWER_MAX);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(strange)?;
    // Dropped with this function, however it ends: nothing continues in the background.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let answer = sender.send_request(request).await.map_err(strange)?;
    let status = answer.status();
    let words = words(status, &read(answer).await);
    if status.is_success() { Ok(words) } else { Err(words) }
}

/// The body up to the limit; if it breaks off, what came until then.
async fn read(answer: Response<Incoming>) -> Vec<u8> {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_MAX {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data[..data.len().min(ANSWER_MAX - bytes.len())]);
        }
    }
    bytes
}

fn words(status: StatusCode, body: &[u8]) -> String {
    let said = one_line(&String::from_utf8_lossy(body), WORDS_MAX);
    let told = match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    };
    match (status.is_redirection(), said.is_empty()) {
        (true, _) => format!("{told}. Redirects are not followed."),
        (false, true) => told,
        (false, false) => format!("{told}: {said}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(allow: &[&str]) -> Outgoing {
        let allow = allow.iter().map(|network| network.parse().unwrap()).collect();
        Outgoing::new(allow, Duration::from_secs(1), Vec::new())
    }

    #[test]
    fn a_name_is_judged_by_its_addresses() {
        let url = WebhookUrl::parse("https://hooks.example.com/").unwrap();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let judge = |outgoing: &Outgoing, found: &[&str]| {
            outgoing.allowed(&url, found.iter().map(|text| ip(text)))
        };
        let none = outgoing(&[]);
        assert_eq!(judge(&none, &["8.8.8.8", "10.0.0.1"]), Ok(vec![ip("8.8.8.8")]));
        let refused = judge(&none, &["10.0.0.1"]).unwrap_err();
        assert!(refused.contains("10.0.0.1") && refused.contains("webhook_allow"), "{refused}");
        assert!(judge(&none, &[]).is_err());
        assert!(judge(&none, &["::ffff:127.0.0.1"]).is_err());
        let ten = outgoing(&["10.0.0.0/8"]);
        assert_eq!(judge(&ten, &["10.0.0.1"]), Ok(vec![ip("10.0.0.1")]));
        assert!(judge(&ten, &["127.0.0.1"]).is_err());
    }

    #[test]
    fn words_are_one_line_and_short() {
        let long = "x\r\n".repeat(1_000);
        let said = words(StatusCode::BAD_GATEWAY, long.as_bytes());
        assert!(said.starts_with("502 Bad Gateway: x x") && said.chars().count() < 530, "{said}");
        assert_eq!(words(StatusCode::NO_CONTENT, b""), "204 No Content");
        assert_eq!(words(StatusCode::OK, b"\0\xff"), "200 OK: \u{fffd}");
        assert_eq!(words(StatusCode::FOUND, b"x"), "302 Found. Redirects are not followed.");
    }
}
