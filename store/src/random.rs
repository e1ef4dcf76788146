//! The only source of randomness.

use rand::RngCore;
use uuid::Uuid;

/// Random bytes from the operating system's generator.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A random id (UUID version 4).
pub fn uuid() -> Uuid {
    uuid::Builder::from_random_bytes(bytes()).into_uuid()
}
