//! Blocks and bypasses as the gate knows them: in memory, found by a number's digits, a user's
//! name or an address's bits.

use super::Request;
use crate::blocks::BlockKind;
use crate::network::Network;
use crate::{Channel, PhoneNumber};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use uuid::Uuid;

/// A block that holds until a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The block's id.
    pub id: Uuid,
    /// What it is of.
    pub kind: BlockKind,
    /// For comparison, as the store has it: the user folded, the number, the block in its one form.
    pub key: String,
    /// Every name of a blocked user, folded; empty for others.
    pub names: Vec<String>,
    /// Nothing: refused altogether. Else the one channel that is left.
    pub only_channel: Option<Channel>,
    /// Until when; nothing: until unblocked.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
}

/// A bypass that waits to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The bypass' id.
    pub id: Uuid,
    /// Of a user or a number.
    pub kind: BlockKind,
    /// For comparison.
    pub key: String,
    /// Every name of its user, folded; empty for a number's.
    pub names: Vec<String>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// By what a block or a bypass is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    User(String),
    Number(u64),
    /// The digits that stand, and how many are left open; 0: two, three or four.
    NumberBlock(u64, u8),
    Ip(IpAddr),
    IpNetwork(Network),
}

fn keys(kind: BlockKind, key: &str, names: &[String]) -> Vec<Key> {
    match kind {
        BlockKind::User => {
            let own = std::iter::once(key.to_owned()).filter(|key| !names.contains(key));
            own.chain(names.iter().cloned()).map(Key::User).collect()
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

/// Every block and bypass that holds, or did not long ago.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    refusals: HashMap<Uuid, Refusal>,
    passes: HashMap<Uuid, Pass>,
    refused: HashMap<Key, Vec<Uuid>>,
    passed: HashMap<Key, Vec<Uuid>>,
    /// How many blocked networks there are of each length: only these lengths are looked for.
    widths: BTreeMap<(bool, u8), usize>,
}

impl Standing {
    /// Adds a block, or puts it in the place of what it was.
    pub fn block(&mut self, refusal: Refusal) {
        self.unblock(refusal.id);
        for key in keys(refusal.kind, &refusal.key, &refusal.names) {
            if let Key::IpNetwork(network) = key {
                *self.widths.entry((network.is_ipv4(), network.prefix())).or_default() += 1;
            }
            self.refused.entry(key).or_default().push(refusal.id);
        }
        self.refusals.insert(refusal.id, refusal);
    }

    /// Takes a block away.
    pub fn unblock(&mut self, id: Uuid) {
        let Some(old) = self.refusals.remove(&id) else { return };
        for key in keys(old.kind, &old.key, &old.names) {
            if let Key::IpNetwork(network) = key {
                self.narrow(network);
            }
            forget(&mut self.refused, &key, id);
        }
    }

    fn narrow(&mut self, network: Network) {
        let width = (network.is_ipv4(), network.prefix());
        if let Some(count) = self.widths.get_mut(&width) {
            *count -= 1;
            if *count == 0 {
                self.widths.remove(&width);
            }
        }
    }

    /// Adds a bypass, or puts it in the place of what it was.
    pub fn pass(&mut self, pass: Pass) {
        self.end_pass(pass.id);
        for key in keys(pass.kind, &pass.key, &pass.names) {
            self.passed.entry(key).or_default().push(pass.id);
        }
        self.passes.insert(pass.id, pass);
    }

    /// Takes a bypass away: it was used, or ended.
    pub fn end_pass(&mut self, id: Uuid) -> Option<Pass> {
        let old = self.passes.remove(&id)?;
        for key in keys(old.kind, &old.key, &old.names) {
            forget(&mut self.passed, &key, id);
        }
        Some(old)
    }

    /// Drops what a time is past.
    pub fn forget_before(&mut self, now: DateTime<Utc>) {
        let over: Vec<Uuid> = self
            .refusals
            .values()
            .filter(|refusal| refusal.until.is_some_and(|until| until <= now))
            .map(|refusal| refusal.id)
            .collect();
        over.into_iter().for_each(|id| self.unblock(id));
        let over: Vec<Uuid> =
            self.passes.values().filter(|pass| pass.until <= now).map(|pass| pass.id).collect();
        for id in over {
            self.end_pass(id);
        }
    }

    /// Drops blocks and bypasses that are not to be kept.
    pub fn retain(&mut self, keep: impl Fn(Uuid) -> bool) {
        let gone: Vec<Uuid> = self.refusals.keys().copied().filter(|id| !keep(*id)).collect();
        gone.into_iter().for_each(|id| self.unblock(id));
        let gone: Vec<Uuid> = self.passes.keys().copied().filter(|id| !keep(*id)).collect();
        for id in gone {
            self.end_pass(id);
        }
    }

    /// How many blocks and bypasses it holds.
    pub fn len(&self) -> usize {
        self.refusals.len() + self.passes.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The users, by their folded names, whom a block or a bypass is of.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        let blocked = self.refusals.values().filter(|one| one.kind == BlockKind::User);
        let passed = self.passes.values().filter(|one| one.kind == BlockKind::User);
        blocked.map(|one| one.key.as_str()).chain(passed.map(|one| one.key.as_str()))
    }

    /// The blocks that refuse a channel to a request: of its user, its number, the blocks of
    /// numbers around that, its address, and the networks around that.
    pub(super) fn refusals(
        &self,
        request: &Request,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Vec<&Refusal> {
        if self.refused.is_empty() {
            return Vec::new();
        }
        let holds = |id: &Uuid| {
            let refusal = self.refusals.get(id)?;
            let holds = refusal.until.is_none_or(|until| now < until)
                && refusal.only_channel != Some(channel);
            holds.then_some(refusal)
        };
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
        keys.filter_map(|key| self.refused.get(&key)).flatten().filter_map(holds).collect()
    }

    /// The bypass that lets a user or a number through: the one that ends first.
    pub(super) fn pass_of(
        &self,
        user: Option<&str>,
        phone: PhoneNumber,
        now: DateTime<Utc>,
    ) -> Option<&Pass> {
        if self.passed.is_empty() {
            return None;
        }
        let user = user.map(|user| Key::User(user.to_owned()));
        let keys = user.into_iter().chain(std::iter::once(Key::Number(phone.digits())));
        keys.filter_map(|key| self.passed.get(&key))
            .flatten()
            .filter_map(|id| self.passes.get(id))
            .filter(|pass| now < pass.until)
            .min_by_key(|pass| (pass.until, pass.id))
    }
}

fn forget(map: &mut HashMap<Key, Vec<Uuid>>, key: &Key, id: Uuid) {
    if let Some(ids) = map.get_mut(key) {
        ids.retain(|known| *known != id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}
