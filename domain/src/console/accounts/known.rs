//! Known browsers: a cookie holds a mark for each account that signed in there. A mark is an HMAC
//! over account and password hash, so it cannot be forged and ends when the password changes.

use crate::secret::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// Most accounts remembered per browser; the oldest are dropped.
const MOST: usize = 5;
/// Bytes of a mark.
const BYTES: usize = 16;

/// The mark of an account; `password` is its stored hash.
fn mark(key: &[u8; 32], account: Uuid, password: &str) -> String {
    let whole = hmac(key, &[account.as_bytes(), password.as_bytes()]);
    URL_SAFE_NO_PAD.encode(&whole[..BYTES])
}

/// Whether one of a browser's marks is of this account and its current password hash.
pub fn knows(marks: &str, key: &[u8; 32], account: Uuid, password: &str) -> bool {
    let mark = mark(key, account, password);
    let same = |kept: &str| bool::from(kept.as_bytes().ct_eq(mark.as_bytes()));
    marks.split('.').take(MOST).any(same)
}

/// Puts an account's mark in front of a browser's marks. Malformed ones are dropped.
pub fn with_mark(marks: &str, key: &[u8; 32], account: Uuid, password: &str) -> String {
    let new = mark(key, account, password);
    let shaped = |kept: &&str| kept.len() == new.len() && kept.bytes().all(is_mark);
    let others = marks.split('.').filter(shaped).filter(|kept| *kept != new).take(MOST - 1);
    [&*new].into_iter().chain(others).collect::<Vec<_>>().join(".")
}

fn is_mark(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_account_and_one_password() {
        let (ann, bob, key) = (Uuid::from_u128(1), Uuid::from_u128(2), [7; 32]);
        let marks = with_mark("", &key, ann, "old");
        assert!(knows(&marks, &key, ann, "old"));
        assert!(!knows(&marks, &key, ann, "new"), "another password");
        assert!(!knows(&marks, &key, bob, "old"), "another account");
        assert!(!knows(&marks, &[8; 32], ann, "old"), "another secret");
        assert!(!knows("", &key, ann, "old") && !knows(&marks[1..], &key, ann, "old"));
        let marks = with_mark(&marks, &key, bob, "x");
        assert!(knows(&marks, &key, ann, "old") && knows(&marks, &key, bob, "x"));
    }

    #[test]
    fn what_a_browser_sends_is_kept_only_in_shape_and_number() {
        let key = [7; 32];
        let mut marks = "a; Path=/\r\nx.".repeat(9);
        for n in 0..20 {
            marks = with_mark(&marks, &key, Uuid::from_u128(n % 12), "x");
        }
        assert_eq!(marks.split('.').count(), MOST);
        assert!(marks.len() < 120 && marks.bytes().all(|b| is_mark(b) || b == b'.'), "{marks}");
        let again = with_mark(&marks, &key, Uuid::from_u128(7), "x");
        assert_eq!(again.split('.').count(), MOST, "a mark that is there moves to the front");
    }
}
