//! Failures of one number or address and of its neighbours.

use super::Table;
use crate::dictionary::channel_number;
use domain::PhoneNumber;
use domain::network::Network;
use domain::workbook::Query;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

/// The network whose addresses are neighbours: a /24 for IPv4, a /48 for IPv6, which is the size
/// for one customer or site (RFC 6177).
pub(crate) fn network_of(ip: IpAddr) -> Network {
    Network::of(ip, if ip.to_canonical().is_ipv4() { 24 } else { 48 })
}

/// Failures of something and of its neighbours: times in µs since 1970, in order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NeighbourFailures<K> {
    /// Times of its own failures.
    pub(crate) own: Vec<i64>,
    /// Times of its neighbours' failures, and which neighbour.
    pub(crate) others: Vec<(i64, K)>,
}

impl<K> Default for NeighbourFailures<K> {
    fn default() -> Self {
        Self { own: Vec::new(), others: Vec::new() }
    }
}

/// How a word of the table relates to the number or address in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word<K> {
    Own,
    Near(K),
}

impl Table {
    /// Failures of a number within a range and channel, and of the numbers that differ from it at
    /// most in their last four digits.
    pub(crate) fn near_number(
        &self,
        phone: PhoneNumber,
        query: &Query,
    ) -> NeighbourFailures<PhoneNumber> {
        let block = phone.digits() / 10_000;
        let near = (0_u32..).zip(&self.digits).filter(|(_, digits)| **digits / 10_000 == block);
        let numbers = near.filter_map(|(id, digits)| {
            let number = PhoneNumber::from_digits(*digits).ok()?;
            Some((id, if number == phone { Word::Own } else { Word::Near(number) }))
        });
        self.near(&self.phone, numbers, query)
    }

    /// Failures from an address within a range and channel, and from the other addresses of its
    /// network.
    pub(crate) fn near_ip(&self, ip: IpAddr, query: &Query) -> NeighbourFailures<IpAddr> {
        let network = network_of(ip);
        let word = |other: IpAddr| if other == ip { Word::Own } else { Word::Near(other) };
        let addresses: Vec<_> = match ip.to_canonical() {
            // Looks up all possible neighbours: far fewer than the table has words.
            IpAddr::V4(v4) => (0..=255)
                .map(|last| Ipv4Addr::from_bits(v4.to_bits() & !255 | last))
                .filter_map(|host| {
                    Some((self.texts.find(host.to_string().as_str())?, word(host.into())))
                })
                .collect(),
            IpAddr::V6(_) => (0_u32..)
                .zip(self.texts.words())
                .filter(|(_, word)| word.contains(':'))
                .filter_map(|(id, text)| Some((id, text.parse::<IpAddr>().ok()?)))
                .filter(|(_, other)| network.contains(*other))
                .map(|(id, other)| (id, word(other)))
                .collect(),
        };
        self.near(&self.ip, addresses.into_iter(), query)
    }

    fn near<K: Copy>(
        &self,
        column: &[u32],
        words: impl Iterator<Item = (u32, Word<K>)>,
        query: &Query,
    ) -> NeighbourFailures<K> {
        let words: HashMap<u32, Word<K>> = words.collect();
        // One bit for each word: few are neighbours, and this little memory stays in the cache.
        let mut near = vec![0_u64; self.texts.words().len().div_ceil(64)];
        words.keys().for_each(|id| near[*id as usize / 64] |= 1 << (id % 64));
        let range = query.period.from.timestamp_micros()..query.period.to.timestamp_micros();
        let channel = query.filters.channel.map(|channel| channel_number(Some(channel)));
        let mut found = NeighbourFailures::default();
        for (row, id) in column.iter().enumerate() {
            if near[*id as usize / 64] >> (id % 64) & 1 == 0 {
                continue;
            }
            let (time, of) = (self.time[row], self.channel[row]);
            if !range.contains(&time) || channel.is_some_and(|wanted| wanted != of) {
                continue;
            }
            match words.get(id) {
                Some(Word::Own) => found.own.push(time),
                Some(Word::Near(near)) => found.others.push((time, *near)),
                None => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use domain::workbook::Filters;
    use domain::{Channel, Kind, Period};
    use proptest::prelude::*;
    use store::events::ColumnFailure;

    fn at(micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    fn failure<'a>(time: i64, phone: &'a str, ip: &'a str) -> ColumnFailure<'a> {
        ColumnFailure {
            time,
            kind: Kind::Failed,
            channel: (time % 2 == 0).then_some(Channel::Sms),
            phone,
            ip,
            reason: "busy",
            reason_text: "10.0.0.7 is no address here",
            browser: "Deer",
            os: "",
            flow: "+14155552701",
            region: "",
            operation: "",
        }
    }

    proptest! {
        #[test]
        fn finds_what_lies_near(
            rows in proptest::collection::vec((0_i64..100, 0_u64..30_000, 0_u8..3, 0_u8..4), 0..80),
            range in (0_i64..100, 1_i64..100),
            sms in any::<bool>(),
        ) {
            let phone: PhoneNumber = "+14155552700".parse().unwrap();
            let mut table = Table::new(at(0));
            let named: Vec<(i64, String, String)> = rows
                .iter()
                .map(|(time, phone, third, last)| {
                    // Numbers below, inside and above the block, and no number.
                    let phone = match phone {
                        0..2_000 => String::new(),
                        // The number itself must occur too.
                        2_000..8_000 => "+14155552700".to_owned(),
                        more => format!("+{}", 14_155_542_700 + more % 20_000),
                    };
                    (*time, phone, format!("10.0.{third}.{}", 5 + last))
                })
                .collect();
            named.iter().for_each(|(time, phone, ip)| table.push(failure(*time, phone, ip)));
            let period = Period { from: at(range.0), to: at(range.0 + range.1) };
            let filters = Filters { channel: sms.then_some(Channel::Sms), ..Filters::default() };
            let query = Query { period, filters };
            let inside = || {
                let fits = |time: i64| period.contains(at(time)) && (!sms || time % 2 == 0);
                named.iter().filter(move |(time, ..)| fits(*time))
            };

            let near = table.near_number(phone, &query);
            let own: Vec<_> = inside().filter(|row| row.1 == "+14155552700").map(|row| row.0).collect();
            let others: Vec<_> = inside()
                .filter(|row| row.1.starts_with("+1415555") && row.1 != "+14155552700")
                .map(|row| (row.0, row.1.parse().unwrap()))
                .collect();
            prop_assert_eq!(near, NeighbourFailures { own, others });

            let near = table.near_ip("10.0.0.7".parse().unwrap(), &query);
            let own: Vec<_> = inside().filter(|row| row.2 == "10.0.0.7").map(|row| row.0).collect();
            let others: Vec<_> = inside()
                .filter(|row| row.2.starts_with("10.0.0.") && row.2 != "10.0.0.7")
                .map(|row| (row.0, row.2.parse().unwrap()))
                .collect();
            prop_assert_eq!(near, NeighbourFailures { own, others });
        }
    }

    #[test]
    fn a_network_of_ipv6_is_found_too() {
        let mut table = Table::new(at(0));
        for (time, ip) in [(1, "2001:db8:1::1"), (2, "2001:db8:1:ffff::2"), (3, "2001:db8:2::1")] {
            table.push(failure(time, "", ip));
        }
        let ip: IpAddr = "2001:db8:1::1".parse().unwrap();
        let period = Period { from: at(0), to: at(9) };
        let query = Query { period, filters: Filters::default() };
        let near = table.near_ip(ip, &query);
        assert_eq!(near.own, [1]);
        assert_eq!(near.others, [(2, "2001:db8:1:ffff::2".parse().unwrap())]);
        let other = "2001:db8:2::9".parse().unwrap();
        let near = table.near_ip(other, &query);
        assert_eq!((near.own.len(), near.others.len()), (0, 1));
    }
}
