//! The size limit of `extra`.

use serde_json::{Map, Value};

/// In bytes of compact JSON.
pub(crate) const EXTRA: usize = 16 * 1024;

/// A map's size in bytes of compact JSON.
pub(crate) fn size(members: &Map<String, Value>) -> usize {
    struct Count(usize);

    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let mut count = Count(0);
    // Counting cannot fail, and a map with string keys always serialises.
    serde_json::to_writer(&mut count, members).map_or(usize::MAX, |()| count.0)
}
