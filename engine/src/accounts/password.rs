//! Passwords: argon2id, at most two hashes at once: one for known users and one for strangers.
//! However many strangers guess, no known user waits for them.

use crate::sync::lock;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::accounts::{NewPassword, normal};
use domain::network::Network;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Semaphore;

/// From OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// One queue: who may hash now. The others wait.
#[derive(Debug)]
struct Turns {
    at_once: Semaphore,
    patience: Duration,
}

/// Which queue a hash waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HashQueue {
    /// Signed-in users, users with a link, and users on a network from which somebody signed in
    /// before.
    Known,
    /// Everybody else, from this network.
    Stranger(Network),
}

const PATIENCE: Duration = Duration::from_secs(5);

impl Turns {
    /// A queue that runs one hash at a time.
    const fn one() -> Self {
        Self { at_once: Semaphore::const_new(1), patience: PATIENCE }
    }
}

/// Most waiting strangers from one network, so that it takes many networks to fill the queue.
const WAITING: u32 = 3;

/// The two queues. Two hashes at once take at most 38 MiB and two cores, however many requests
/// come.
#[derive(Debug)]
struct Queues {
    known: Turns,
    strangers: Turns,
    /// How many strangers from each network wait.
    places: Mutex<BTreeMap<Network, u32>>,
}

impl Queues {
    const fn new() -> Self {
        Self { known: Turns::one(), strangers: Turns::one(), places: Mutex::new(BTreeMap::new()) }
    }
}

static QUEUES: Queues = Queues::new();

/// A place in the strangers' queue, freed when dropped.
struct QueuePlace(&'static Mutex<BTreeMap<Network, u32>>, Network);

impl QueuePlace {
    fn take(queues: &'static Queues, network: Network) -> Option<Self> {
        let mut places = lock(&queues.places);
        let taken = places.entry(network).or_default();
        if *taken >= WAITING {
            return None;
        }
        *taken += 1;
        Some(Self(&queues.places, network))
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        let mut places = lock(self.0);
        match places.get_mut(&self.1) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => drop(places.remove(&self.1)),
        }
    }
}

/// Runs `work` in its queue.
async fn queue<T: Send + 'static>(
    queues: &'static Queues,
    whose: HashQueue,
    work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, Failed> {
    match whose {
        HashQueue::Known => in_turn(&queues.known, work).await,
        HashQueue::Stranger(network) => {
            let place = QueuePlace::take(queues, network).ok_or(Failed::Busy)?;
            let done = in_turn(&queues.strangers, work).await;
            drop(place);
            done
        }
    }
}

/// A hash that no password matches, with the usual parameters. It is compared if there is no such
/// account, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$K4OogTUWSMd4t4lj5OToRw$BJLKhoP7y7qUYybWPH6kxXXuJPVE+aLk6tYusjGO74w";

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Too many hashes are waiting already.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The hash cannot be computed or parsed.
    #[error("the password hash: {0}")]
    Hash(String),
}

fn argon2() -> Result<Argon2<'static>, Failed> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Failed::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs work that takes tens of milliseconds of CPU on a blocking thread, in its turn. The turn
/// ends with the work, even if the caller has gone.
async fn in_turn<T: Send + 'static>(
    turns: &'static Turns,
    work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, Failed> {
    let turn = tokio::time::timeout(turns.patience, turns.at_once.acquire()).await;
    let Ok(Ok(turn)) = turn else { return Err(Failed::Busy) };
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failed::Hash(error.to_string()))?
}

/// Hashes a new password and returns a PHC string.
///
/// # Errors
/// [`Failed::Busy`] if too many hashes are waiting; [`Failed::Hash`] if hashing fails.
pub(super) async fn hash(password: &NewPassword) -> Result<String, Failed> {
    hash_bytes(password.as_str().as_bytes().to_vec()).await
}

/// A hash of discarded random bytes: no password matches it.
///
/// # Errors
/// [`Failed::Busy`] if too many hashes are waiting; [`Failed::Hash`] if hashing fails.
pub(super) async fn hash_of_nothing() -> Result<String, Failed> {
    hash_bytes(store::random::bytes::<32>().to_vec()).await
}

async fn hash_bytes(bytes: Vec<u8>) -> Result<String, Failed> {
    queue(&QUEUES, HashQueue::Known, move || {
        let salt = store::random::bytes::<16>();
        let hash = argon2()?
            .hash_password_with_salt(&bytes, &salt)
            .map_err(|error| Failed::Hash(error.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Compares a password with a hash. Without a hash it compares with a fixed one, which never
/// matches.
///
/// # Errors
/// [`Failed::Busy`] if too many hashes are waiting; [`Failed::Hash`] if the hash cannot be parsed.
pub(super) async fn fits(
    password: &str,
    hash: Option<&str>,
    whose: HashQueue,
) -> Result<bool, Failed> {
    let password = normal(password);
    let hash = hash.unwrap_or(NOBODY).to_owned();
    queue(&QUEUES, whose, move || {
        let hash = PasswordHash::new(&hash).map_err(|error| Failed::Hash(error.to_string()))?;
        match argon2()?.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(error) => Err(Failed::Hash(error.to_string())),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::accounts::EmailAddress;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    fn password(text: &str) -> NewPassword {
        let email = EmailAddress::parse("a@example.com").unwrap();
        NewPassword::parse(text, text, &email).unwrap()
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
        let first = hash(&password("correct horse battery")).await.unwrap();
        let second = hash(&password("correct horse battery")).await.unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, second, "the salt differs");
        assert!(fits("correct horse battery", Some(&first), HashQueue::Known).await.unwrap());
        assert!(!fits("correct horse batterx", Some(&first), HashQueue::Known).await.unwrap());
        assert!(!fits("", Some(&first), HashQueue::Known).await.unwrap());
        assert!(fits("x", Some("no hash"), HashQueue::Known).await.is_err());
    }

    #[tokio::test]
    async fn one_spelling_signs_in_with_the_other() {
        let kept = hash(&password("re\u{301}sume\u{301} of mine, gladly")).await.unwrap();
        assert!(
            fits("r\u{e9}sum\u{e9} of mine, gladly", Some(&kept), HashQueue::Known).await.unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_takes_as_long_as_somebody() {
        let kept = hash(&password("correct horse battery")).await.unwrap();
        let (mut nobody, mut somebody) = (Duration::MAX, Duration::MAX);
        // Takes the shortest of several runs: other tests use the cores too.
        for _ in 0..7 {
            for (hash, best) in [(None, &mut nobody), (Some(&*kept), &mut somebody)] {
                let start = Instant::now();
                assert!(!fits("wrong", hash, HashQueue::Known).await.unwrap());
                *best = start.elapsed().min(*best);
            }
        }
        assert!(nobody * 2 > somebody && somebody * 2 > nobody, "{nobody:?} {somebody:?}");
    }

    /// However many strangers wait, known users get their turn at once, and only a few strangers
    /// from one network may wait.
    #[tokio::test]
    async fn strangers_hold_up_nobody_who_is_known() {
        static QUEUES: Queues = Queues::new();
        let network = |n: u8| Network::of_subscriber([192, 0, n, 1].into());
        let (end, ended) = channel::<()>();
        let ended = Arc::new(Mutex::new(ended));
        let stranger = |n: u8| {
            let ended = Arc::clone(&ended);
            tokio::spawn(queue(&QUEUES, HashQueue::Stranger(network(n)), move || {
                // Fails when the other end is dropped: then the work is over.
                let _ = ended.lock().unwrap().recv();
                Ok(())
            }))
        };
        let mut waiting = Vec::new();
        for n in 0..50 {
            waiting.extend((0..WAITING).map(|_| stranger(n)));
        }
        // After this, the spawned tasks have taken their places.
        while QUEUES.places.lock().unwrap().values().sum::<u32>() < 50 * WAITING {
            tokio::task::yield_now().await;
        }
        assert!(
            matches!(stranger(7).await.unwrap(), Err(Failed::Busy)),
            "a fourth stranger from one network"
        );
        assert!(queue(&QUEUES, HashQueue::Known, || Ok(true)).await.unwrap());
        drop(end);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert!(QUEUES.places.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_has_no_turn_in_time_is_told_so() {
        static TURNS: Turns =
            Turns { at_once: Semaphore::const_new(2), patience: Duration::from_millis(50) };
        let ((started, begun), (end, ended)) = (channel(), channel::<()>());
        let ended = Arc::new(Mutex::new(ended));
        let work = || {
            let (started, ended) = (started.clone(), ended.clone());
            tokio::spawn(in_turn(&TURNS, move || {
                started.send(()).unwrap();
                // Fails when the other end is dropped: then the work is over.
                let _ = ended.lock().unwrap().recv();
                Ok(())
            }))
        };
        let (one, two) = (work(), work());
        let both = tokio::task::spawn_blocking(move || (begun.recv(), begun.recv(), begun));
        let (first, second, begun) = both.await.unwrap();
        assert!(first.is_ok() && second.is_ok());
        assert!(matches!(work().await.unwrap(), Err(Failed::Busy)));
        assert!(begun.try_recv().is_err(), "a third hash began");
        drop(end);
        one.await.unwrap().unwrap();
        two.await.unwrap().unwrap();
    }
}
