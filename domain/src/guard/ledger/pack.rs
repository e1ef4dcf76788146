//! Compact types: times of five bytes, ids of three, addresses of nine.

use std::net::IpAddr;

/// The bits of a packed time.
const MASK: u64 = (1 << 40) - 1;
/// Range of packed times: 12.7 days in microseconds.
pub(super) const SPAN: i64 = 1 << 40;

/// A time in microseconds relative to the ledger's [`Origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stamp([u8; 5]);

/// The start of the range that packed times cover; they lie within [`SPAN`] after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin(i64);

impl Origin {
    /// Centres the range on a time.
    pub(super) fn around(time: i64) -> Self {
        Self(time.saturating_sub(SPAN / 2))
    }

    /// Whether a time can be packed.
    pub(super) fn holds(self, time: i64) -> bool {
        time.checked_sub(self.0).is_some_and(|after| (0..SPAN).contains(&after))
    }

    /// Packs a time that [`Self::holds`].
    pub(super) fn stamp(self, time: i64) -> Stamp {
        let bytes = (time.cast_unsigned() & MASK).to_le_bytes();
        Stamp([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]])
    }

    /// Unpacks a time.
    #[inline]
    pub(super) fn time(self, stamp: Stamp) -> i64 {
        let [a, b, c, d, e] = stamp.0;
        let packed = u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
        self.0 + (packed.wrapping_sub(self.0.cast_unsigned()) & MASK).cast_signed()
    }
}

/// An id of three bytes, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id([u8; 3]);

impl Id {
    pub(super) const NONE: Self = Self([u8::MAX; 3]);
    /// Exclusive upper bound of ids.
    pub(super) const END: u32 = (1 << 24) - 1;

    /// Packs an id below [`Self::END`].
    pub(super) fn of(id: u32) -> Self {
        let bytes = id.to_le_bytes();
        Self([bytes[0], bytes[1], bytes[2]])
    }

    #[inline]
    pub(super) fn get(self) -> Option<u32> {
        let [a, b, c] = self.0;
        let id = u32::from_le_bytes([a, b, c, 0]);
        (id < Self::END).then_some(id)
    }
}

impl Default for Id {
    fn default() -> Self {
        Self::NONE
    }
}

/// One subscriber (an IPv4 address, an IPv6 /64, as in
/// [`Network::of_subscriber`](crate::network::Network::of_subscriber)) or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Address {
    bits: u64,
    v6: bool,
}

impl Address {
    /// The subscriber of an address.
    pub(super) fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(v4) => Self { bits: v4.to_bits().into(), v6: false },
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                Self { bits: u64::from_be_bytes([a, b, c, d, e, f, g, h]), v6: true }
            }
        }
    }

    /// The surrounding network: an IPv4 /24, an IPv6 /48.
    pub(super) fn network(self) -> Self {
        Self { bits: self.bits >> if self.v6 { 16 } else { 8 }, v6: self.v6 }
    }
}
