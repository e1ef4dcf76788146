//! Sends mail through one SMTP server.

use chrono::{DateTime, Utc};
use domain::notify::{Mail, SmtpTls, SmtpUrl, one_line};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// Most characters kept of a server's answer.
const WORDS_MAX: usize = 500;

/// Sender address of mails: `mail_from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// The default: `tollwarden` at the console's host.
    pub(crate) fn at(host: &str) -> Self {
        // An IP address as host would need brackets, which few servers accept.
        let host = if host.parse::<IpAddr>().is_ok() { "localhost" } else { host };
        let address = Address::new("tollwarden", host);
        let address = address.unwrap_or_else(|_| Address::new_dangerous("tollwarden", "localhost"));
        Self(Mailbox::new(Some("Tollwarden".to_owned()), address))
    }
}

impl FromStr for Sender {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be an e-mail address, alone or after a name: \
                     Tollwarden <tollwarden@example.com>";
        if text.chars().any(char::is_control) {
            return Err(wrong);
        }
        text.trim().parse().map(Self).map_err(|_| wrong)
    }
}

/// Connection pool for the mail server.
#[derive(Debug, Clone)]
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

#[derive(Debug, Clone)]
pub(super) struct Outgoing<'a> {
    /// Address of the recipient.
    pub to: &'a str,
    /// Id of the message, the same on every try.
    pub id: Uuid,
    /// Subject and text.
    pub mail: &'a Mail,
    /// The link that stops these mails, if it can be opened from anywhere.
    pub stop: Option<&'a str>,
    /// Time of sending.
    pub now: DateTime<Utc>,
}

impl Mailer {
    /// Creates a mailer for a server. `timeout` limits one mail; `trust` are certificates, in DER,
    /// trusted in addition to the system's (for tests).
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub(super) fn new(
        url: &SmtpUrl,
        from: Sender,
        timeout: Duration,
        trust: &[Vec<u8>],
    ) -> Result<Self, String> {
        let prepare = || -> Result<_, lettre::transport::smtp::Error> {
            let mut builder = TlsParameters::builder(url.host.clone());
            for der in trust {
                builder = builder.add_root_certificate(Certificate::from_der(der.clone())?);
            }
            builder.build()
        };
        let tls = match url.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Start => Tls::Required(prepare().map_err(|error| error.to_string())?),
            SmtpTls::Whole => Tls::Wrapper(prepare().map_err(|error| error.to_string())?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&url.host)
            .port(url.port)
            .tls(tls)
            .timeout(Some(timeout));
        if let Some((user, password)) = &url.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from: from.0, timeout })
    }

    /// Sends a mail and returns the server's answer.
    ///
    /// # Errors
    /// The server's answer if it refused the mail, or else the reason why there was none.
    pub(super) async fn send(&self, mail: Outgoing<'_>) -> Result<String, String> {
        let message = self.compose(&mail)?;
        let sent = tokio::time::timeout(self.timeout, self.transport.send(message)).await;
        let late =
            || format!("The mail server did not answer within {} s.", self.timeout.as_secs_f32());
        match sent.map_err(|_| late())? {
            Ok(answer) => {
                let lines: Vec<&str> = answer.message().collect();
                Ok(one_line(&format!("{} {}", answer.code(), lines.join(" ")), WORDS_MAX))
            }
            Err(error) => Err(words(&error)),
        }
    }

    fn compose(&self, mail: &Outgoing<'_>) -> Result<Message, String> {
        let to = mail.to.parse::<Address>().map_err(|error| format!("{}: {error}.", mail.to))?;
        let header = |name: &'static str, value: String| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
        };
        let host = self.from.email.domain();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.mail.subject.clone())
            .date(mail.now.into())
            .message_id(Some(format!("<{}@{host}>", mail.id.simple())))
            // Prevents automatic replies, such as holiday notices (RFC 3834, section 5).
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        if let Some(stop) = mail.stop {
            // Offers one-click unsubscribing in mail programs (RFC 8058).
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{stop}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()));
        }
        let part = |kind: ContentType, text: &str| {
            SinglePart::builder().header(kind).body(text.to_owned())
        };
        let both = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &mail.mail.text))
            .singlepart(part(ContentType::TEXT_HTML, &mail.mail.html));
        message.multipart(both).map_err(|error| error.to_string())
    }
}

/// The server's own words, if it sent any.
fn words(error: &lettre::transport::smtp::Error) -> String {
    use std::error::Error as _;
    let mut said = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !said.contains(&words) {
            said.push(words);
        }
        cause = error.source();
    }
    let said = said.join(": ");
    let text = match error.status() {
        Some(code) => format!("{code} {said}"),
        None if said.is_empty() => format!("The mail server: {error}."),
        None => format!("The mail server: {said}."),
    };
    one_line(&text, WORDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_read() {
        for right in ["a@example.com", "Tollwarden <a@example.com>", " a@localhost "] {
            assert!(right.parse::<Sender>().is_ok(), "{right}");
        }
        for wrong in ["", "a", "a@b\r\nBcc: c@d", "<a@b", "Tollwarden a@example.com"] {
            assert!(wrong.parse::<Sender>().is_err(), "{wrong}");
        }
        assert_eq!(Sender::at("t.example.com").0.email.to_string(), "tollwarden@t.example.com");
        assert_eq!(Sender::at("192.0.2.1").0.email.to_string(), "tollwarden@localhost");
        assert_eq!(Sender::at("not a host").0.email.to_string(), "tollwarden@localhost");
    }
}
