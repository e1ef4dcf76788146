//! How much memory the table takes, including its values.

use super::Table;
use super::table::{Price, Traits};
use crate::dictionary::Word;

impl Word for Traits {}
impl Word for Price {}

impl Table {
    /// Bytes in use, including the values.
    pub fn bytes(&self) -> usize {
        // The columns, and a row's slot in the index.
        const ROW: usize = 8 + 1 + 4 * 4 + 8 + 6;
        let of_numbers = (self.prefix_of.len() + self.network_of.len()) * size_of::<u32>();
        self.len() * ROW
            + of_numbers
            + self.kinds.bytes()
            + self.texts.bytes()
            + self.phones.bytes()
            + self.ips.bytes()
            + self.prefixes.bytes()
            + self.networks.bytes()
            + self.prices.bytes()
            + self.currencies.bytes()
    }
}
