//! Addresses of the pages. A number or a user is named by its handle, never by its digits.

use domain::PhoneNumber;
use domain::blocks::BlockKind;
use domain::handles::HandleKey;
use std::net::IpAddr;

/// A number's page, by its handle.
pub fn number(handle: &str) -> String {
    format!("/numbers/{handle}")
}

/// An address's page.
pub fn ip(ip: IpAddr) -> String {
    // Colons may stand in a path (RFC 3986, section 3.3).
    format!("/ips/{ip}")
}

/// A user's page, by the user's handle.
pub fn user(handle: &str) -> String {
    format!("/users/{handle}")
}

/// The page of whom or what a block or bypass is of; blocks of numbers and networks have none.
pub fn of_target(key: &HandleKey, kind: BlockKind, value: &str) -> Option<String> {
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
