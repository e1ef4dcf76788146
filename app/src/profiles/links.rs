//! Addresses of the pages. They have the handle of a number or user, never its digits or name.

use domain::PhoneNumber;
use domain::blocks::BlockKind;
use domain::handles::HandleKey;
use std::net::IpAddr;

/// Address of a number's page.
pub(crate) fn number(handle: &str) -> String {
    format!("/numbers/{handle}")
}

/// Address of the page of an IP address.
pub(crate) fn ip(ip: IpAddr) -> String {
    // A path may contain colons (RFC 3986, section 3.3).
    format!("/ips/{ip}")
}

/// Address of a user's page.
pub(crate) fn user(handle: &str) -> String {
    format!("/users/{handle}")
}

/// Address of the page about the target of a block or bypass; number blocks and networks have none.
pub(crate) fn of_target(key: &HandleKey, kind: BlockKind, value: &str) -> Option<String> {
    match kind {
        BlockKind::User => Some(user(&key.user(value))),
        BlockKind::Number => {
            let phone = value.parse::<PhoneNumber>().ok()?;
            Some(number(&key.number(phone)))
        }
        BlockKind::Ip => Some(ip(value.parse().ok()?)),
        BlockKind::NumberBlock | BlockKind::IpNetwork => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_stands_in_an_address() {
        let key = HandleKey::new(&[9; 32]);
        let path = of_target(&key, BlockKind::Number, "+14155552700").unwrap();
        assert!(path.starts_with("/numbers/n_") && !path.contains("4155552700"));
        let path = of_target(&key, BlockKind::User, "Ann@example.com").unwrap();
        assert_eq!(path, user(&key.user("ann@example.com")));
        assert_eq!(of_target(&key, BlockKind::NumberBlock, "+1415555xxxx"), None);
        let path = of_target(&key, BlockKind::Ip, "2001:db8::1");
        assert_eq!(path.as_deref(), Some("/ips/2001:db8::1"));
        assert_eq!(of_target(&key, BlockKind::IpNetwork, "203.0.113.0/24"), None);
        assert_eq!(ip("2001:db8::1".parse().unwrap()), "/ips/2001:db8::1");
    }
}
