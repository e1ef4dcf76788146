//! The table of open connections and their states. An idle client only occupies a place here; when
//! all places are taken, the connection that has been idle longest is closed.

use engine::counters;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long the head of a request may take, from its first byte or the start of the connection.
pub(super) const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may wait for another request.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// The open connections. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Table {
    places: usize,
    reserve: usize,
    open: Arc<Mutex<OpenConnections>>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    next: u64,
    connections: HashMap<u64, Connection>,
    /// Connections whose request head is incomplete, by turn: the oldest first.
    asking: BTreeMap<u64, u64>,
    /// Idle connections between two requests, likewise.
    kept: BTreeMap<u64, u64>,
}

#[derive(Debug)]
struct Connection {
    doing: ConnectionState,
    since: Instant,
    end: CancellationToken,
}

/// The state of a connection. The number orders connections by when they entered the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionState {
    Asking(u64),
    Busy(u64),
    Kept(u64),
}

/// A connection's place in the table, freed when dropped.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    table: Table,
    id: u64,
    /// Cancelled to end the connection at once.
    pub(super) end: CancellationToken,
    /// Whether only the doors of the reserve are served.
    pub(super) reserve: bool,
}

/// A request that is being answered; when dropped, the connection is idle again.
#[derive(Debug)]
pub(super) struct Busy {
    table: Table,
    id: u64,
    turn: u64,
}

impl Table {
    pub(super) fn new(places: usize, reserve: usize) -> Self {
        Self { places, reserve, open: Arc::default() }
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection: a free one, or else that of the connection idle longest, or
    /// else one of the reserve. `None` if all are busy.
    pub(super) fn enter(&self, now: Instant) -> Option<ConnectionSlot> {
        let mut open = self.open();
        if open.connections.len() >= self.places {
            open.evict();
        }
        let reserve = open.connections.len() >= self.places;
        if open.connections.len() >= self.places.saturating_add(self.reserve) {
            return None;
        }
        let id = open.turn();
        let end = CancellationToken::new();
        let connection =
            Connection { doing: ConnectionState::Asking(id), since: now, end: end.clone() };
        open.connections.insert(id, connection);
        open.asking.insert(id, id);
        Some(ConnectionSlot { table: self.clone(), id, end, reserve })
    }

    /// Closes the connection that has been idle longest.
    pub(super) fn evict(&self) {
        self.open().evict();
    }

    /// Closes connections that have been idle too long.
    pub(super) fn expire(&self, now: Instant) {
        let mut open = self.open();
        while let Some(id) = first(&open.asking)
            && open.waited(id, now) >= HEAD
        {
            open.end(id);
        }
        while let Some(id) = first(&open.kept)
            && open.waited(id, now) >= IDLE
        {
            open.end(id);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.open().connections.len()
    }
}

/// The connection that entered its state first.
fn first(turns: &BTreeMap<u64, u64>) -> Option<u64> {
    turns.values().next().copied()
}

impl OpenConnections {
    fn turn(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn waited(&self, id: u64, now: Instant) -> Duration {
        let since = self.connections.get(&id).map(|connection| connection.since);
        since.map_or(Duration::MAX, |since| now.saturating_duration_since(since))
    }

    fn set(&mut self, id: u64, doing: ConnectionState, now: Option<Instant>) -> bool {
        let Some(connection) = self.connections.get_mut(&id) else { return false };
        let before = std::mem::replace(&mut connection.doing, doing);
        if let Some(now) = now {
            connection.since = now;
        }
        self.forget(before);
        match doing {
            ConnectionState::Asking(turn) => _ = self.asking.insert(turn, id),
            ConnectionState::Kept(turn) => _ = self.kept.insert(turn, id),
            ConnectionState::Busy(_) => {}
        }
        true
    }

    fn forget(&mut self, doing: ConnectionState) {
        match doing {
            ConnectionState::Asking(turn) => _ = self.asking.remove(&turn),
            ConnectionState::Kept(turn) => _ = self.kept.remove(&turn),
            ConnectionState::Busy(_) => {}
        }
    }

    fn leave(&mut self, id: u64) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        self.forget(connection.doing);
        Some(connection)
    }

    fn end(&mut self, id: u64) {
        if let Some(connection) = self.leave(id) {
            connection.end.cancel();
        }
    }

    /// Prefers connections whose request head is incomplete.
    fn evict(&mut self) {
        if let Some(id) = first(&self.asking).or_else(|| first(&self.kept)) {
            counters::CONNECTIONS_EVICTED.add(1);
            self.end(id);
        }
    }
}

impl ConnectionSlot {
    /// Notes the first bytes of another request.
    pub(super) fn head(&self, now: Instant) {
        let mut open = self.table.open();
        let turn = open.turn();
        let kept = |connection: &Connection| matches!(connection.doing, ConnectionState::Kept(_));
        if open.connections.get(&self.id).is_some_and(kept) {
            open.set(self.id, ConnectionState::Asking(turn), Some(now));
        }
    }

    /// Notes that a request's head is complete.
    pub(super) fn busy(&self) -> Busy {
        let mut open = self.table.open();
        let turn = open.turn();
        open.set(self.id, ConnectionState::Busy(turn), None);
        Busy { table: self.table.clone(), id: self.id, turn }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.table.open().leave(self.id);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut open = self.table.open();
        let turn = open.turn();
        // Another request may have begun.
        let mine = ConnectionState::Busy(self.turn);
        if open.connections.get(&self.id).is_some_and(|connection| connection.doing == mine) {
            open.set(self.id, ConnectionState::Kept(turn), Some(Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(places: &[ConnectionSlot]) -> Vec<usize> {
        let ended = places.iter().enumerate().filter(|(_, place)| place.end.is_cancelled());
        ended.map(|(index, _)| index).collect()
    }

    #[test]
    fn the_silent_make_room_for_the_new() {
        let (table, now) = (Table::new(3, 1), Instant::now());
        let mut places: Vec<ConnectionSlot> = (0..3).map(|_| table.enter(now).unwrap()).collect();
        // One that was answered before has asked for something.
        drop(places[0].busy());
        places.push(table.enter(now).unwrap());
        assert_eq!(ended(&places), [1], "the first of those that never asked");
        places.push(table.enter(now).unwrap());
        places.push(table.enter(now).unwrap());
        assert_eq!(ended(&places), [1, 2, 3]);
        let all = (places[4].busy(), places[5].busy());
        places.push(table.enter(now).unwrap());
        assert_eq!(ended(&places), [0, 1, 2, 3], "then those that were answered");
        assert!(places.iter().all(|place| !place.reserve));
        assert_eq!(table.len(), 3);
        drop(all);
    }

    #[test]
    fn who_is_being_answered_stays_and_the_reserve_is_for_few() {
        let (table, now) = (Table::new(2, 1), Instant::now());
        let places: Vec<ConnectionSlot> = (0..2).map(|_| table.enter(now).unwrap()).collect();
        let busy: Vec<Busy> = places.iter().map(ConnectionSlot::busy).collect();
        let third = table.enter(now).unwrap();
        assert!(third.reserve);
        // Silent, it makes room like others; asking, it stays, and nobody else comes in.
        let fourth = table.enter(now).unwrap();
        assert!(third.end.is_cancelled() && fourth.reserve);
        let asking = fourth.busy();
        assert!(table.enter(now).is_none());
        table.expire(now + IDLE);
        assert_eq!(ended(&places), [0; 0]);
        drop((busy, asking, third, fourth));
        drop(places);
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn heads_and_pauses_have_their_time() {
        let (table, now) = (Table::new(9, 0), Instant::now());
        let places: Vec<ConnectionSlot> = (0..3).map(|_| table.enter(now).unwrap()).collect();
        drop(places[1].busy());
        drop(places[2].busy());
        let second = Duration::from_secs(1);
        table.expire(now + HEAD - second);
        assert_eq!(ended(&places), [0; 0]);
        // One begins another request and does not go on with it.
        places[2].head(now + HEAD * 2);
        table.expire(now + HEAD + second);
        assert_eq!(ended(&places), [0]);
        table.expire(now + HEAD * 3);
        assert_eq!(ended(&places), [0, 2]);
        table.expire(now + IDLE + second);
        assert_eq!(ended(&places), [0, 1, 2]);
    }
}
