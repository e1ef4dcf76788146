//! Webhook payload and signature in the Standard Webhooks format (www.standardwebhooks.com, version
//! 1).

use super::MessageContent;
use crate::secret::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use std::fmt;

/// Prefix of a secret in text form.
const PREFIX: &str = "whsec_";

/// A webhook's signing secret; shown once, when created.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl SigningSecret {
    /// From 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes, to encrypt them for storage.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text form for the receiver: `whsec_` and base64.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    /// A message's signature: `v1,` and base64 of HMAC-SHA-256 over id, time and body.
    fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let signature = hmac(&self.0, &[format!("{id}.{seconds}.{body}").as_bytes()]);
        format!("v1,{}", STANDARD.encode(signature))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// The header `webhook-signature`: one signature per secret, two during a rotation.
pub fn signature_header(secrets: &[SigningSecret], id: &str, seconds: i64, body: &str) -> String {
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(id, seconds, body)).collect();
    signatures.join(" ")
}

/// The JSON body: type, time, and the alert's content.
pub fn payload(letter: &MessageContent, created: DateTime<Utc>, link: &str) -> String {
    json!({
        "type": letter.about.map_or(super::text::TEST, |kind| kind.as_str()),
        "timestamp": created.to_rfc3339_opts(SecondsFormat::Micros, true),
        "data": {
            "count": letter.count,
            "users": letter.users,
            "line": letter.line,
            "link": link,
        },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::AlertKind;

    #[test]
    fn a_signature_covers_id_time_and_body() {
        // Compatibility with the standard's own library is tested in engine/tests/notify.
        let secret = SigningSecret::new([1; 32]);
        let one = secret.sign("msg_1", 1_649_367_553, "{}");
        assert!(one.starts_with("v1,") && one.len() == 3 + 44);
        assert_ne!(one, secret.sign("msg_2", 1_649_367_553, "{}"));
        assert_ne!(one, secret.sign("msg_1", 1_649_367_554, "{}"));
        assert_ne!(one, secret.sign("msg_1", 1_649_367_553, "{ }"));
        let both = [secret.clone(), SigningSecret::new([2; 32])];
        let header = signature_header(&both, "msg_1", 1_649_367_553, "{}");
        assert!(header.starts_with(&format!("{one} v1,")));
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
        assert!(secret.reveal().starts_with("whsec_AQEB"));
    }

    #[test]
    fn the_body_says_what_the_alert_says() {
        let letter = MessageContent {
            about: Some(AlertKind::Block),
            count: 2,
            users: vec!["ana".into()],
            line: "Why \"so\".".into(),
            path: "/fraud-alerts".into(),
        };
        let created = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let body = payload(&letter, created, "https://t.example.com/fraud-alerts");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["type"], "block");
        assert_eq!(body["data"]["count"], 2);
        assert_eq!(body["data"]["line"], "Why \"so\".");
        assert_eq!(body["data"]["link"], "https://t.example.com/fraud-alerts");
        assert_eq!(body["timestamp"], "2026-05-28T20:26:40.000000Z");
    }
}
