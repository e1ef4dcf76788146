//! Secrets that must be recoverable, sealed under a key outside the database: who reads all of
//! Postgres cannot sign as a webhook's sender.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};

/// How this form is told from later ones.
const VERSION: u8 = 1;
/// AES-GCM's nonce, in bytes (NIST SP 800-38D, section 5.2.1.1).
const NONCE: usize = 12;

/// Seals bytes with AES-256-GCM: a version, a random nonce, the text and its tag. What is sealed
/// for one owner cannot be opened as another's.
pub fn seal(key: &[u8; 32], owner: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let nonce: [u8; NONCE] = store::random::bytes();
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key));
    let payload = Payload { msg: secret, aad: owner };
    let sealed = cipher.encrypt(Nonce::from_slice(&nonce), payload).ok()?;
    let mut out = vec![VERSION];
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Some(out)
}

/// Opens what was sealed; nothing when it was sealed under another key, for another owner, or
/// altered since.
pub fn open(key: &[u8; 32], owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (&version, rest) = sealed.split_first()?;
    if version != VERSION || rest.len() < NONCE {
        return None;
    }
    let (nonce, text) = rest.split_at(NONCE);
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key));
    cipher.decrypt(Nonce::from_slice(nonce), Payload { msg: text, aad: owner }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_under_the_key_opens_it() {
        let key = [1; 32];
        let sealed = seal(&key, b"a", b"secret").unwrap();
        assert_eq!(open(&key, b"a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert!(!sealed.windows(6).any(|part| part == b"secret"), "kept in clear");
        assert_ne!(seal(&key, b"a", b"secret").unwrap(), sealed, "the same nonce twice");
        assert_eq!(open(&[2; 32], b"a", &sealed), None);
        assert_eq!(open(&key, b"b", &sealed), None);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(open(&key, b"a", &altered), None, "byte {at}");
            assert_eq!(open(&key, b"a", &sealed[..at]), None, "cut at {at}");
        }
    }
}
