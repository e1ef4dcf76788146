//! Current blocks and bypasses in memory, indexed by number, user and address.

use super::Request;
use crate::blocks::BlockKind;
use crate::network::Network;
use crate::{Channel, PhoneNumber};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use uuid::Uuid;

/// An active block or bypass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// The id in the store.
    pub id: Uuid,
    /// What `key` is; of a bypass a user or a number.
    pub kind: BlockKind,
    /// See [`crate::blocks::Target::key`].
    pub key: String,
    /// Every folded name of its user; empty for other kinds.
    pub names: Vec<String>,
    /// The one channel that a block still allows; `None` blocks all.
    pub only_channel: Option<Channel>,
    /// The end; `None`: until somebody unblocks.
    pub until: Option<DateTime<Utc>>,
    /// As entered by whoever blocked or gave the bypass.
    pub reason: String,
}

impl Active {
    fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Family and prefix length of a network.
    fn width(&self) -> Option<(bool, u8)> {
        let network = Some(&self.key).filter(|_| self.kind == BlockKind::IpNetwork);
        let network = network?.parse::<Network>().ok()?;
        Some((network.is_ipv4(), network.prefix()))
    }

    fn keys(&self) -> Vec<Key> {
        let key = &self.key;
        match self.kind {
            BlockKind::User => {
                let own = std::iter::once(key).filter(|key| !self.names.contains(key));
                own.chain(&self.names).cloned().map(Key::User).collect()
            }
            BlockKind::Number => key
                .parse::<PhoneNumber>()
                .map(|phone| Key::Number(phone.digits()))
                .into_iter()
                .collect(),
            BlockKind::NumberBlock => {
                let digits = key.trim_start_matches('+');
                let stand = digits.trim_end_matches('x');
                let open = u8::try_from(digits.len() - stand.len()).unwrap_or(0);
                stand.parse().map(|stand| Key::NumberBlock(stand, open)).into_iter().collect()
            }
            BlockKind::Ip => key.parse().map(Key::Ip).into_iter().collect(),
            BlockKind::IpNetwork => key.parse().map(Key::IpNetwork).into_iter().collect(),
        }
    }
}

/// The index key of a block or a bypass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    User(String),
    Number(u64),
    /// The leading digits and the number of open ones; 0 means two, three or four.
    NumberBlock(u64, u8),
    Ip(IpAddr),
    IpNetwork(Network),
}

/// Blocks, or bypasses, by their keys.
#[derive(Debug, Clone, Default)]
struct Index {
    entries: HashMap<Uuid, Active>,
    by_key: HashMap<Key, Vec<Uuid>>,
}

impl Index {
    fn add(&mut self, entry: Active) {
        self.remove(entry.id);
        for key in entry.keys() {
            self.by_key.entry(key).or_default().push(entry.id);
        }
        self.entries.insert(entry.id, entry);
    }

    fn remove(&mut self, id: Uuid) -> Option<Active> {
        let old = self.entries.remove(&id)?;
        for key in old.keys() {
            if let Some(ids) = self.by_key.get_mut(&key) {
                ids.retain(|known| *known != id);
                if ids.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
        Some(old)
    }

    /// The ids of entries for which `keep` is false.
    fn others(&self, keep: impl Fn(&Active) -> bool) -> Vec<Uuid> {
        self.entries.values().filter(|entry| !keep(entry)).map(|entry| entry.id).collect()
    }

    /// The entries of these keys that apply now, in the order of the keys.
    fn find(
        &self,
        keys: impl Iterator<Item = Key>,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &Active> {
        keys.filter_map(move |key| self.by_key.get(&key))
            .flatten()
            .filter_map(move |id| self.entries.get(id))
            .filter(move |entry| entry.holds(now))
    }
}

/// All blocks and bypasses, including some that expired recently.
#[derive(Debug, Clone, Default)]
pub struct BlocksAndBypasses {
    blocks: Index,
    bypasses: Index,
    /// The number of blocked networks by family and prefix length: only these lengths are looked
    /// up.
    widths: BTreeMap<(bool, u8), usize>,
}

impl BlocksAndBypasses {
    /// Adds or replaces a block.
    pub fn block(&mut self, block: Active) {
        self.unblock(block.id);
        if let Some(width) = block.width() {
            *self.widths.entry(width).or_default() += 1;
        }
        self.blocks.add(block);
    }

    /// Removes a block.
    pub fn unblock(&mut self, id: Uuid) {
        let Some(width) = self.blocks.remove(id).and_then(|old| old.width()) else { return };
        if let Some(count) = self.widths.get_mut(&width) {
            *count -= 1;
            if *count == 0 {
                self.widths.remove(&width);
            }
        }
    }

    /// Adds or replaces a bypass.
    pub fn pass(&mut self, pass: Active) {
        self.bypasses.add(pass);
    }

    /// Removes a bypass that was used or withdrawn.
    pub fn end_pass(&mut self, id: Uuid) -> Option<Active> {
        self.bypasses.remove(id)
    }

    /// Drops expired blocks and bypasses.
    pub fn forget_before(&mut self, now: DateTime<Utc>) {
        self.retain_entries(|entry| entry.holds(now));
    }

    /// Drops blocks and bypasses for which `keep` is false.
    pub fn retain(&mut self, keep: impl Fn(Uuid) -> bool) {
        self.retain_entries(|entry| keep(entry.id));
    }

    fn retain_entries(&mut self, keep: impl Fn(&Active) -> bool) {
        for id in self.blocks.others(&keep) {
            self.unblock(id);
        }
        for id in self.bypasses.others(&keep) {
            self.bypasses.remove(id);
        }
    }

    /// The number of blocks and bypasses.
    pub fn len(&self) -> usize {
        self.blocks.entries.len() + self.bypasses.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The folded names of users with a block or a bypass.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        let entries = self.blocks.entries.values().chain(self.bypasses.entries.values());
        entries.filter(|entry| entry.kind == BlockKind::User).map(|entry| entry.key.as_str())
    }

    /// The blocks that apply to a request on a channel: of its user, its number, the blocks of
    /// numbers around it, its address, and the networks around that.
    pub(super) fn refusals(
        &self,
        request: &Request,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Vec<&Active> {
        if self.blocks.entries.is_empty() {
            return Vec::new();
        }
        let user = request.user_key.clone().map(Key::User);
        let whole = request.number().digits();
        let number = std::iter::once(Key::Number(whole));
        let blocks = (2_u8..=4).flat_map(|open| {
            let stand = whole / 10_u64.pow(u32::from(open));
            [Key::NumberBlock(stand, open), Key::NumberBlock(stand, 0)]
        });
        let ip = request.ip.map(|ip| ip.to_canonical());
        let networks = ip.into_iter().flat_map(|ip| {
            let widths = self.widths.keys().rev().filter(move |(v4, _)| *v4 == ip.is_ipv4());
            widths.map(move |(_, bits)| Key::IpNetwork(Network::of(ip, *bits)))
        });
        let keys = user.into_iter().chain(number).chain(blocks);
        let keys = keys.chain(ip.map(Key::Ip)).chain(networks);
        let found = self.blocks.find(keys, now);
        found.filter(|block| block.only_channel != Some(channel)).collect()
    }

    /// The bypass for a user or a number that ends first.
    pub(super) fn pass_of(
        &self,
        user: Option<&str>,
        phone: PhoneNumber,
        now: DateTime<Utc>,
    ) -> Option<&Active> {
        if self.bypasses.entries.is_empty() {
            return None;
        }
        let user = user.map(|user| Key::User(user.to_owned()));
        let keys = user.into_iter().chain(std::iter::once(Key::Number(phone.digits())));
        self.bypasses.find(keys, now).min_by_key(|pass| (pass.until, pass.id))
    }
}
