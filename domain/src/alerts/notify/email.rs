//! E-mail recipients.

use crate::{Fault, Invalid};
use url::Host;

/// Maximum length of an e-mail address (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const EMAIL_MAX: usize = 254;

/// An e-mail address without display name, its domain in lower-case ASCII as mail servers know it
/// (`bücher.example` is `xn--bcher-kva.example`; RFC 5891, section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTo(String);

impl EmailTo {
    /// Parses an e-mail address.
    ///
    /// # Errors
    /// In field `address`: too long, with spaces or control characters, or not an address that mail
    /// can be sent to.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |what: &str| {
            let words = format!("Enter an e-mail address such as alerts@example.com{what}.");
            Invalid::one("address", Fault::InvalidValue, words)
        };
        let text = text.trim();
        // Also inside quotes, where the grammar would allow them: a line break would start another
        // header.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refuse(", without spaces and line breaks"));
        }
        // The stored domain may be shorter or longer than the input.
        let most = EMAIL_MAX * "\u{10ffff}".len();
        if text.len() > most {
            return Err(refuse(", at most 254 characters"));
        }
        let (name, domain) = text.rsplit_once('@').ok_or_else(|| refuse(""))?;
        let Ok(Host::Domain(domain)) = Host::parse(domain) else {
            return Err(refuse(", with a possible domain"));
        };
        let whole = format!("{name}@{domain}");
        if whole.len() > EMAIL_MAX {
            return Err(refuse(", at most 254 characters"));
        }
        let options = email_address::Options::default()
            .with_no_minimum_sub_domains()
            .without_domain_literal()
            .without_display_text();
        email_address::EmailAddress::parse_with_options(&whole, options).map_err(|_| refuse(""))?;
        Ok(Self(whole))
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_and_nothing_else() {
        for (text, kept) in [
            (" Alerts@Example.COM ", "Alerts@example.com"),
            ("a+b@mail.example.co.uk", "a+b@mail.example.co.uk"),
            ("root@localhost", "root@localhost"),
            ("\"a@b\"@example.com", "\"a@b\"@example.com"),
        ] {
            assert_eq!(EmailTo::parse(text).unwrap().as_str(), kept);
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for wrong in [
            "",
            "a",
            "a@",
            "@b.example",
            "a@b@c.example",
            "a b@example.com",
            "a@example.com\r\nBcc: x@evil.example",
            "\"a\r\n b\"@example.com",
            "\"a b\"@example.com",
            "Ana <ana@example.com>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@example.com,b@example.com",
            "a\0@example.com",
            &long,
        ] {
            let refused = EmailTo::parse(wrong).unwrap_err();
            assert!(refused.of("address").is_some(), "{wrong:?}");
        }
    }

    /// A domain has one stored spelling, the one that mail servers know.
    #[test]
    fn a_domain_of_any_script_is_kept_in_ascii() {
        for (text, kept) in [
            ("ana@bücher.example", "ana@xn--bcher-kva.example"),
            ("ana@BU\u{308}CHER.example", "ana@xn--bcher-kva.example"),
            ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
            ("ana@例え。テスト", "ana@xn--r8jz45g.xn--zckzah"),
            ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ] {
            assert_eq!(EmailTo::parse(text).unwrap().as_str(), kept, "{text}");
        }
        // Invalid punycode, and a character that no domain has.
        for wrong in ["ana@xn--a.example", "ana@a\u{200e}\u{0378}.example"] {
            assert!(EmailTo::parse(wrong).is_err(), "{wrong}");
        }
    }
}
