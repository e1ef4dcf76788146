//! An entry, independent of how it is stored.

use super::entry::Entry;
use super::pack::Address;
use crate::Region;
use std::borrow::Cow;

/// What one entry contributes to the counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facts<'a> {
    pub(super) time: i64,
    /// The number's digits without the plus sign.
    pub(super) number: Option<u64>,
    pub(super) ip: Option<Address>,
    pub(super) user: Option<Cow<'a, str>>,
    pub(super) device: Option<Cow<'a, str>>,
    pub(super) flow: Option<Cow<'a, str>>,
    /// See [`region_code`].
    pub(super) region: Option<u16>,
    /// From the price table.
    pub(super) price: Option<i64>,
}

/// A cost that an event reported: time, then amount, so that the minimum is the earliest.
pub(super) type Priced = (i64, i64);

impl<'a> Facts<'a> {
    pub(super) fn of(entry: &Entry<'a>, priced_by_event: bool) -> Self {
        Self {
            time: entry.time,
            number: entry.phone.map(|phone| phone.digits()),
            ip: entry.ip.map(Address::of),
            user: entry.user.map(Cow::Borrowed),
            device: entry.device.map(Cow::Borrowed),
            flow: entry.flow.map(Cow::Borrowed),
            region: entry.region.map(region_code),
            price: entry.cost.filter(|_| !priced_by_event),
        }
    }

    /// Whether it comes before another entry of its journey. Entries of the same time are ordered
    /// by how much they say, then arbitrarily but independently of arrival order.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        (self.time, self.missing(), self) < (other.time, other.missing(), other)
    }

    fn missing(&self) -> usize {
        let missing = [
            self.number.is_none(),
            self.ip.is_none(),
            self.user.is_none(),
            self.device.is_none(),
            self.flow.is_none(),
            self.region.is_none(),
            self.price.is_none(),
        ];
        missing.into_iter().filter(|&missing| missing).count()
    }

    pub(super) fn into_owned(self) -> Facts<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Facts {
            time: self.time,
            number: self.number,
            ip: self.ip,
            user: owned(self.user),
            device: owned(self.device),
            flow: owned(self.flow),
            region: self.region,
            price: self.price,
        }
    }

    /// Heap bytes of an owned copy.
    pub(super) fn memory(&self) -> usize {
        let text = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len() + 16);
        size_of::<Self>() + text(&self.user) + text(&self.device) + text(&self.flow)
    }
}

/// Region codes are below this.
pub(super) const REGIONS: u16 = 26 * 26 + 1;

/// A region as a small integer.
pub(super) fn region_code(region: Region) -> u16 {
    match region.as_str().as_bytes() {
        [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => u16::from(a - b'A') * 26 + u16::from(b - b'A'),
        _ => REGIONS - 1,
    }
}
