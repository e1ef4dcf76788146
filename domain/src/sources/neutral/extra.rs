//! How large `extra` is, and may be.

use serde_json::{Map, Value};

/// The largest `extra`, in bytes of compact JSON.
pub(crate) const EXTRA: usize = 16 * 1024;

/// How many bytes a map has as compact JSON.
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
    // Counting cannot fail, and a map with text keys can always be written.
    serde_json::to_writer(&mut count, members).map_or(usize::MAX, |()| count.0)
}
