//! The ledger's input, and the keys it is queried by.

use crate::events::words;
use crate::{Channel, PhoneNumber, Region};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use uuid::Uuid;

/// In microseconds.
pub(super) const HOUR: i64 = 3_600_000_000;
/// The longest window: 24 hours, in microseconds.
pub const WINDOW_MAX: i64 = 24 * HOUR;
/// How long entries are kept, in microseconds: the longest window plus an hour of clock skew. Older
/// entries are rejected.
pub const KEEP: i64 = WINDOW_MAX + HOUR;
/// How far ahead of the clock entries may be, in microseconds; entries beyond it are rejected.
/// Events are accepted up to 24 hours ahead (contract, section 3).
pub const AHEAD: i64 = 25 * HOUR;

words! {
    /// What a limit counts by.
    Dimension, label {
        /// One phone number.
        Number = "number" => "number",
        /// All numbers that differ in the last 4 digits only.
        NumberBlock = "number_block" => "block of 10,000 numbers",
        /// One subscriber's addresses: an IPv4 address, an IPv6 /64.
        Ip = "ip" => "IP address",
        /// The surrounding network: an IPv4 /24, an IPv6 /48.
        IpNetwork = "ip_network" => "IP network",
        /// The device id that the application sent.
        Device = "device" => "device",
        /// The folded user name.
        User = "user" => "user",
        /// The number's region.
        Region = "region" => "region",
        /// The user flow's id.
        Flow = "flow" => "flow",
        /// Every entry.
        All = "all" => "everything together",
    }
}

/// The kind of event, as far as the ledger distinguishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The gate allowed it, at once or after a solved challenge.
    Requested,
    /// The gate refused because of a limit of this dimension.
    Refused(Dimension),
    /// The gate refused for another reason; counts nowhere.
    RefusedOther,
    /// A provider or identity provider reported `sent` or `failed`.
    Sent,
    /// The code was entered; counts nowhere, but see [`super::Ledger::trust`].
    Verified,
    /// An event reported the cost of its journey's send. It does not count itself; the price counts
    /// at the time of the send, whichever arrives first.
    Cost,
}

/// An event, reduced to what the ledger needs.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The event's key. The caller ensures that each is added only once.
    pub key: Uuid,
    /// In microseconds since 1970.
    pub time: i64,
    /// What kind of event it is.
    pub what: EntryKind,
    /// The attempt that the journey belongs to (`domain::events::attempt_of`).
    pub attempt: Uuid,
    /// `None` if the event names no number; it then has no `Number` or `NumberBlock` key.
    pub phone: Option<PhoneNumber>,
    /// The region of `phone`; `None` without a number.
    pub region: Option<Region>,
    /// How the code is delivered; chooses the price.
    pub channel: Option<Channel>,
    /// The user's IP address, if known.
    pub ip: Option<IpAddr>,
    /// The folded user name (`domain::events::fold_user`), if known.
    pub user: Option<&'a str>,
    /// The device id, if the application sent one.
    pub device: Option<&'a str>,
    /// The user flow's id, if known.
    pub flow: Option<&'a str>,
    /// In billionths of the caps' currency; `None` if unpriced.
    pub cost: Option<i64>,
    /// Whether `cost` is from the event itself, which takes precedence over the price table. Only
    /// meaningful with [`EntryKind::Sent`] and [`EntryKind::Cost`].
    pub priced_by_event: bool,
}

impl<'a> Entry<'a> {
    /// The entry's key in a dimension; `None` if it has none.
    pub(crate) fn key_in(&self, dimension: Dimension) -> Option<Key<'a>> {
        match dimension {
            Dimension::Number => self.phone.map(Key::Number),
            Dimension::NumberBlock => {
                self.phone.map(|phone| Key::NumberBlock(NumberBlock::of(phone)))
            }
            Dimension::Ip => self.ip.map(Key::Ip),
            Dimension::IpNetwork => self.ip.map(Key::IpNetwork),
            Dimension::Device => self.device.map(Key::Device),
            Dimension::User => self.user.map(Key::User),
            Dimension::Region => self.region.map(Key::Region),
            Dimension::Flow => self.flow.map(Key::Flow),
            Dimension::All => Some(Key::All),
        }
    }
}

/// A number without its last 4 digits; numbers of different lengths never share a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberBlock(pub(super) u64);

impl NumberBlock {
    /// The block that contains a number.
    pub fn of(phone: PhoneNumber) -> Self {
        Self::of_digits(phone.digits())
    }

    pub(super) fn of_digits(digits: u64) -> Self {
        let length = u64::from(digits.checked_ilog10().unwrap_or(0)) + 1;
        Self(digits / 10_000 * 16 + length)
    }
}

/// Selects the entries to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// Entries of one number.
    Number(PhoneNumber),
    /// Entries of a block of numbers.
    NumberBlock(NumberBlock),
    /// Entries of one subscriber: an IPv4 address, an IPv6 /64.
    Ip(IpAddr),
    /// Entries of the network around an address: an IPv4 /24, an IPv6 /48.
    IpNetwork(IpAddr),
    /// Entries of one device id.
    Device(&'a str),
    /// Entries of one folded user name.
    User(&'a str),
    /// Entries of a number's region.
    Region(Region),
    /// Entries of one user flow.
    Flow(&'a str),
    /// Every entry.
    All,
}

impl Key<'_> {
    pub(crate) fn dimension(&self) -> Dimension {
        match self {
            Self::Number(_) => Dimension::Number,
            Self::NumberBlock(_) => Dimension::NumberBlock,
            Self::Ip(_) => Dimension::Ip,
            Self::IpNetwork(_) => Dimension::IpNetwork,
            Self::Device(_) => Dimension::Device,
            Self::User(_) => Dimension::User,
            Self::Region(_) => Dimension::Region,
            Self::Flow(_) => Dimension::Flow,
            Self::All => Dimension::All,
        }
    }
}
