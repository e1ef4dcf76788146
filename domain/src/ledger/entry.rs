//! What the ledger takes in, and by what it is asked.

use crate::events::words;
use crate::{Channel, PhoneNumber, Region};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use uuid::Uuid;

/// An hour in microseconds.
pub(super) const HOUR: i64 = 3_600_000_000;
/// The longest window, in microseconds: 24 hours.
pub const WINDOW_MAX: i64 = 24 * HOUR;
/// How long entries are kept, in microseconds: the longest window and an hour for clocks that
/// differ. Older ones are not taken in.
pub const KEEP: i64 = WINDOW_MAX + HOUR;
/// How far ahead of the clock entries may be, in microseconds; others are not taken in. Events are
/// taken in up to 24 hours ahead (contract, section 3).
pub const AHEAD: i64 = 25 * HOUR;

words! {
    /// What limits count by.
    Dimension {
        /// The number.
        Number = "number",
        /// The number without its last 4 digits.
        NumberBlock = "number_block",
        /// One subscriber's addresses: an IPv4 address, an IPv6 /64.
        Ip = "ip",
        /// The network around it: an IPv4 /24, an IPv6 /48.
        IpNetwork = "ip_network",
        /// The device.
        Device = "device",
        /// The user.
        User = "user",
        /// The number's region.
        Region = "region",
        /// The user flow.
        Flow = "flow",
        /// Everything.
        All = "all",
    }
}

impl Dimension {
    /// The reason code of its limit: `limit_number`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Number => "limit_number",
            Self::NumberBlock => "limit_number_block",
            Self::Ip => "limit_ip",
            Self::IpNetwork => "limit_ip_network",
            Self::Device => "limit_device",
            Self::User => "limit_user",
            Self::Region => "limit_region",
            Self::Flow => "limit_flow",
            Self::All => "limit_all",
        }
    }
}

/// What an event tells the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The gate let it out: at once, or after a challenge that was solved.
    Requested,
    /// The gate refused because of a limit of this dimension.
    Refused(Dimension),
    /// The gate refused for another reason: counts nowhere.
    RefusedOther,
    /// A provider or an identity provider told of a `sent` or a `failed`.
    Sent,
    /// The code was entered: counts nowhere; see [`super::Ledger::trust`].
    Verified,
    /// An event told what its journey's send cost: it counts nowhere itself. The price counts at
    /// the send's time, whichever of them comes first.
    Cost,
}

/// An event, as far as the ledger needs it.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The event's key. The caller sees to it that each comes once.
    pub key: Uuid,
    /// When, in microseconds since 1970.
    pub time: i64,
    /// What happened.
    pub what: What,
    /// The journey's attempt (`domain::events::attempt_of`).
    pub attempt: Uuid,
    /// The number.
    pub phone: Option<PhoneNumber>,
    /// The number's region.
    pub region: Option<Region>,
    /// The way the code travels.
    pub channel: Option<Channel>,
    /// The user's address.
    pub ip: Option<IpAddr>,
    /// The user, folded (`domain::events::fold_user`).
    pub user: Option<&'a str>,
    /// The device.
    pub device: Option<&'a str>,
    /// The user flow.
    pub flow: Option<&'a str>,
    /// Billionths of the caps' currency; nothing: unpriced.
    pub cost: Option<i64>,
    /// The cost is the event's own, which beats the price table's. Means something on
    /// [`What::Sent`] and [`What::Cost`] alone.
    pub priced_by_event: bool,
}

impl<'a> Entry<'a> {
    /// Its key in a dimension; nothing when it has none.
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

/// A number without its last 4 digits; numbers of different lengths never share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberBlock(pub(super) u64);

impl NumberBlock {
    /// The block that a number lies in.
    pub fn of(phone: PhoneNumber) -> Self {
        Self::of_digits(phone.digits())
    }

    pub(super) fn of_digits(digits: u64) -> Self {
        let length = u64::from(digits.checked_ilog10().unwrap_or(0)) + 1;
        Self(digits / 10_000 * 16 + length)
    }
}

/// Whose entries are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// A number's.
    Number(PhoneNumber),
    /// A block of numbers'.
    NumberBlock(NumberBlock),
    /// One subscriber's addresses': an IPv4 address, an IPv6 /64.
    Ip(IpAddr),
    /// The network's around an address: an IPv4 /24, an IPv6 /48.
    IpNetwork(IpAddr),
    /// A device's.
    Device(&'a str),
    /// A user's, folded.
    User(&'a str),
    /// A region's.
    Region(Region),
    /// A user flow's.
    Flow(&'a str),
    /// All.
    All,
}

impl Key<'_> {
    /// What it counts by.
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
