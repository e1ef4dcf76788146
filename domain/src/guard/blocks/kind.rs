//! The kinds of blocks.

use crate::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a block is of. Bypasses exist only for users and numbers.
    BlockKind, label {
        /// A user, by any of their names.
        User = "user" => "User",
        /// A phone number.
        Number = "number" => "Number",
        /// A number without its last 2, 3 or 4 digits.
        NumberBlock = "number_block" => "Block of numbers",
        /// An IP address.
        Ip = "ip" => "IP address",
        /// A network of IP addresses.
        IpNetwork = "ip_network" => "IP network",
    }
}

impl BlockKind {
    /// Whether a bypass can be of this kind.
    pub(crate) fn can_pass(self) -> bool {
        matches!(self, Self::User | Self::Number)
    }
}
