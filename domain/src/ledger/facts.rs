//! What an entry is, apart from how it is stored.

use super::entry::{Entry, NumberBlock};
use super::pack::Address;
use crate::Region;
use std::borrow::Cow;

/// One entry's part in the counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facts<'a> {
    pub(super) time: i64,
    /// Digits.
    pub(super) number: Option<u64>,
    pub(super) ip: Option<Address>,
    pub(super) user: Option<Cow<'a, str>>,
    pub(super) device: Option<Cow<'a, str>>,
    pub(super) flow: Option<Cow<'a, str>>,
    /// By [`region_code`].
    pub(super) region: Option<u16>,
    /// By the price table.
    pub(super) price: Option<i64>,
}

/// What an event said that a send cost: time first, so that the least is the earliest's.
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

    /// Whether it comes before another of its journey: of those at one time the one that says
    /// more, and then any that is the same one whatever came first.
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

    pub(super) fn block(digits: u64) -> u64 {
        NumberBlock::of_digits(digits).0
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

    /// Bytes it takes, owned.
    pub(super) fn memory(&self) -> usize {
        let text = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len() + 16);
        size_of::<Self>() + text(&self.user) + text(&self.device) + text(&self.flow)
    }
}

/// Codes of regions are below this.
pub(super) const REGIONS: u16 = 26 * 26 + 1;

/// A region as a small number.
pub(super) fn region_code(region: Region) -> u16 {
    match region.as_str().as_bytes() {
        [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => u16::from(a - b'A') * 26 + u16::from(b - b'A'),
        _ => REGIONS - 1,
    }
}
