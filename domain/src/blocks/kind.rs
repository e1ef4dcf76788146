//! The kinds of blocks.

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a block is of. Bypasses are of users and numbers alone.
    BlockKind {
        /// A user, by any of their names.
        User = "user",
        /// A number.
        Number = "number",
        /// A number without its last 2, 3 or 4 digits.
        NumberBlock = "number_block",
        /// An IP address.
        Ip = "ip",
        /// A network of IP addresses.
        IpNetwork = "ip_network",
    }
}

impl BlockKind {
    /// What people call it, at the beginning of a line.
    pub fn label(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Number => "Number",
            Self::NumberBlock => "Block of numbers",
            Self::Ip => "IP address",
            Self::IpNetwork => "IP network",
        }
    }

    /// Whether somebody can be let through by it.
    pub(crate) fn can_pass(self) -> bool {
        matches!(self, Self::User | Self::Number)
    }
}
