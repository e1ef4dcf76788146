//! Encrypts secrets that must be recoverable with a key outside the database: a reader of the whole
//! database cannot sign as a webhook's sender.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};

/// Version of the format, for later changes.
const VERSION: u8 = 1;
/// Size of AES-GCM's nonce, in bytes (NIST SP 800-38D, section 5.2.1.1).
const NONCE: usize = 12;

/// Encrypts bytes with AES-256-GCM: version, random nonce, ciphertext and tag. The result can be
/// decrypted only for the same owner.
pub(crate) fn seal(key: &[u8; 32], owner: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let nonce: [u8; NONCE] = store::random::bytes();
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key));
    let payload = Payload { msg: secret, aad: owner };
    let sealed = cipher.encrypt(Nonce::from_slice(&nonce), payload).ok()?;
    let mut out = vec![VERSION];
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Some(out)
}

/// Decrypts bytes; `None` if they were encrypted with another key or for another owner, or were
/// changed.
pub(crate) fn open(key: &[u8; 32], owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
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
        assert!(!sealed.windows(6).any(|part| part == b"secret"), "stored unencrypted");
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
