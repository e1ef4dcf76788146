//! The link in every mail that unsubscribes the recipient.

use crate::keys::hex;
use crate::secret::hmac;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Bytes of the signature in the link: 128 bits cannot be guessed.
const PROOF: usize = 16;

/// The token at the end of a recipient's stop link: its id and a signature.
pub fn stop_token(link_key: &[u8; 32], recipient: Uuid) -> String {
    let proof = hmac(link_key, &[b"stop", recipient.as_bytes()]);
    format!("{}{}", recipient.simple(), hex(&proof[..PROOF]))
}

/// The recipient of a stop token; `None` if we did not sign it.
pub fn read_stop_token(link_key: &[u8; 32], token: &str) -> Option<Uuid> {
    if token.len() != 32 + 2 * PROOF || !token.is_ascii() {
        return None;
    }
    let recipient = Uuid::try_parse(&token[..32]).ok()?;
    let expected = stop_token(link_key, recipient);
    bool::from(expected.as_bytes().ct_eq(token.as_bytes())).then_some(recipient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_links_are_read() {
        let (key, id) = ([7; 32], Uuid::from_u128(99));
        let token = stop_token(&key, id);
        assert_eq!(read_stop_token(&key, &token), Some(id));
        assert_eq!(read_stop_token(&[8; 32], &token), None);
        let other = format!("{}{}", Uuid::from_u128(98).simple(), &token[32..]);
        assert_eq!(read_stop_token(&key, &other), None);
        let upper = token.to_uppercase();
        for wrong in ["", "x", &token[..63], &upper, &"é".repeat(32), &format!("{token}0")] {
            assert_eq!(read_stop_token(&key, wrong), None, "{wrong}");
        }
    }
}
