//! Rate limits of keys: a bucket holds one second's requests and refills evenly (the generic cell
//! rate algorithm, ITU-T I.371).

use crate::{Fault, Invalid};
use std::str::FromStr;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// Requests per second, 1 to [`Rate::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u32);

impl Rate {
    /// The highest rate: more than a server can answer.
    pub const MAX: Self = Self(100_000);

    /// Checks a rate.
    ///
    /// # Errors
    /// In field `rate`: 0, or more than [`Rate::MAX`].
    pub fn new(requests: u32) -> Result<Self, Invalid> {
        if (1..=Self::MAX.0).contains(&requests) {
            return Ok(Self(requests));
        }
        Err(refused(Fault::outside(requests, 1)))
    }

    /// Requests per second.
    pub fn get(self) -> u32 {
        self.0
    }
}

fn refused(fault: Fault) -> Invalid {
    let words = format!("A rate is a whole number of requests a second, 1 to {}.", Rate::MAX.0);
    Invalid::one("rate", fault, words)
}

impl Default for Rate {
    /// 500 requests a second (contract, section 11).
    fn default() -> Self {
        Self(500)
    }
}

impl FromStr for Rate {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::new(text.trim().parse().map_err(|_| refused(Fault::InvalidType))?)
    }
}

/// Takes one request from a bucket and returns its new `full_at`: when it will be full again. Both
/// times are nanoseconds of one clock.
///
/// # Errors
/// Nanoseconds until there is room for a request.
pub fn take(rate: Rate, full_at: u64, now: u64) -> Result<u64, u64> {
    let one = SECOND / u64::from(rate.0);
    let next = full_at.max(now).saturating_add(one);
    let latest = now.saturating_add(SECOND);
    if next > latest { Err(next - latest) } else { Ok(next) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_whole_and_bounded() {
        assert_eq!("500".parse(), Ok(Rate::default()));
        assert_eq!(" 100000 ".parse(), Ok(Rate::MAX));
        for text in ["", "0", "100001", "-1", "1.5", "4294967296", "many"] {
            assert!(text.parse::<Rate>().unwrap_err().of("rate").is_some(), "{text}");
        }
    }

    #[test]
    fn a_second_has_its_requests_and_then_one_at_a_time() {
        let rate = Rate::new(4).unwrap();
        let mut full = 0;
        let mut ask = |now| match take(rate, full, now) {
            Ok(next) => {
                full = next;
                Ok(())
            }
            Err(wait) => Err(wait),
        };
        let start = 10 * SECOND;
        for _ in 0..4 {
            assert_eq!(ask(start), Ok(()));
        }
        assert_eq!(ask(start), Err(SECOND / 4));
        assert_eq!(ask(start + SECOND / 4 - 1), Err(1));
        assert_eq!(ask(start + SECOND / 4), Ok(()));
        assert!(ask(start + SECOND / 4).is_err());
        for _ in 0..4 {
            assert_eq!(
                ask(start + 9 * SECOND),
                Ok(()),
                "quiet time is not saved up beyond a second"
            );
        }
        assert!(ask(start + 9 * SECOND).is_err());
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_twice_its_rate(
            requests in 1_u32..50,
            steps in prop::collection::vec(0_u64..200_000_000, 1..400),
        ) {
            let rate = Rate::new(requests).unwrap();
            let (mut full, mut now, mut taken) = (0, 0, Vec::new());
            for step in steps {
                now += step;
                if let Ok(next) = take(rate, full, now) {
                    full = next;
                    taken.push(now);
                }
            }
            for (at, first) in taken.iter().enumerate() {
                let within = taken[at..].iter().filter(|time| *time - first < SECOND).count();
                prop_assert!(within <= 2 * requests as usize, "{within}");
            }
        }
    }
}
