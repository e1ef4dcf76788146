//! Simulated users: regions with numbers, networks and active hours, and the people in them. All of
//! it is fictitious: names come from lists, mail addresses end in `.example`.

use super::rng::Rng;
use crate::PhoneNumber;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A region that users come from.
#[derive(Debug)]
pub(super) struct Country {
    /// Share of all people, in thousandths.
    pub(super) share: u64,
    /// Offset from UTC in hours.
    pub(super) utc: i64,
    /// Prefixes of its mobile numbers, with the calling code.
    pub(super) prefixes: &'static [u64],
    /// Number of digits after the prefix.
    pub(super) digits: u32,
    /// Mobile country and network codes.
    pub(super) carriers: &'static [&'static str],
    /// Price of a text, in ten-thousandths of a US dollar.
    pub(super) text: i64,
    /// Price of a call, likewise.
    pub(super) call: i64,
    /// First bytes of its addresses.
    pub(super) networks: &'static [u8],
}

/// The regions of ordinary traffic. Shares add up to a thousand.
#[rustfmt::skip]
pub(super) const COUNTRIES: &[Country] = &[
    // United States
    Country { share: 340, utc: -6, prefixes: &[1212555, 1312555, 1415555, 1512555, 1617555, 1702555, 1305555, 1206555, 1303555, 1404555, 1214555, 1602555, 1503555, 1718555], digits: 4, carriers: &["310-260", "310-410", "311-480"], text: 79, call: 140, networks: &[24, 67, 71, 76, 98, 107] },
    // United Kingdom
    Country { share: 130, utc: 0, prefixes: &[447400, 447402, 447403], digits: 6, carriers: &["234-10", "234-15", "234-30"], text: 420, call: 350, networks: &[81, 86, 92] },
    // Germany
    Country { share: 120, utc: 1, prefixes: &[491512, 491520, 491522], digits: 7, carriers: &["262-01", "262-02", "262-03"], text: 850, call: 460, networks: &[79, 84, 91] },
    // France
    Country { share: 80, utc: 1, prefixes: &[33612, 33670, 33760], digits: 6, carriers: &["208-01", "208-10", "208-20"], text: 740, call: 390, networks: &[82, 90] },
    // Spain
    Country { share: 60, utc: 1, prefixes: &[34612, 34655], digits: 6, carriers: &["214-01", "214-07"], text: 760, call: 370, networks: &[83, 88] },
    // Brazil
    Country { share: 90, utc: -3, prefixes: &[551198, 552198, 553198], digits: 7, carriers: &["724-05", "724-06", "724-11"], text: 560, call: 410, networks: &[177, 186, 189] },
    // India
    Country { share: 100, utc: 5, prefixes: &[9198, 9199, 9197], digits: 8, carriers: &["404-10", "405-840"], text: 830, call: 330, networks: &[49, 103, 117] },
    // Japan
    Country { share: 40, utc: 9, prefixes: &[8190, 8180], digits: 8, carriers: &["440-10", "440-20"], text: 880, call: 680, networks: &[126, 153] },
    // Australia
    Country { share: 40, utc: 10, prefixes: &[61412, 61421], digits: 6, carriers: &["505-01", "505-02"], text: 520, call: 450, networks: &[101, 124] },
];

/// Activity by local hour.
const HOURS: [u64; 24] =
    [14, 9, 6, 5, 5, 8, 18, 36, 62, 84, 92, 90, 82, 84, 88, 86, 80, 76, 74, 78, 80, 68, 46, 26];
/// Activity by weekday, Monday first.
const WEEKDAYS: [u64; 7] = [100, 98, 97, 99, 94, 62, 58];

impl Country {
    /// Activity at an hour (UTC, counted from any Monday midnight).
    pub(super) fn weight(&self, hour: u64) -> u64 {
        let local = (hour + 168).saturating_add_signed(self.utc) % 168;
        self.share * HOURS[(local % 24) as usize] * WEEKDAYS[(local / 24) as usize]
    }

    pub(super) fn phone(&self, rng: &mut Rng) -> Option<PhoneNumber> {
        let room = 10_u64.pow(self.digits);
        PhoneNumber::from_digits(rng.one(self.prefixes) * room + rng.below(room)).ok()
    }
}

/// Browsers, weighted by usage.
#[rustfmt::skip]
const AGENTS: &[(u64, &str)] = &[
    (270, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"),
    (190, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"),
    (180, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36"),
    (90, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"),
    (80, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0"),
    (60, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"),
    (50, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    (30, "Mozilla/5.0 (Linux; Android 15; SAMSUNG SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"),
    (30, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    (20, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"),
];

const FIRST: &[&str] = &[
    "ada", "amir", "anna", "bela", "carla", "chen", "dara", "elif", "emil", "fatima", "felix",
    "gita", "hana", "igor", "ines", "jonas", "kofi", "lena", "luis", "maya", "nils", "olga",
    "pavel", "rosa", "sami", "tara", "umar", "vera", "wen", "yuki", "zoe", "marek",
];
const LAST: &[&str] = &[
    "abel", "berg", "costa", "diaz", "evans", "fischer", "garcia", "haas", "ito", "jansen", "khan",
    "lopez", "meyer", "novak", "olsen", "park", "quinn", "rossi", "silva", "tanaka", "urban",
    "vogel", "weber", "xu", "young", "zhang", "patel", "moreau", "lang", "keller", "stone", "wood",
];

#[derive(Debug, Clone)]
pub(super) struct SimulatedPerson {
    pub(super) country: usize,
    pub(super) user: String,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) ip: IpAddr,
    pub(super) agent: &'static str,
}

/// The number of people and addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crowd {
    seed: u64,
    people: u64,
    addresses: u64,
}

impl Crowd {
    /// One person per 25 events and one address per 67: the proportions of the measurements in the
    /// contract's section 10.
    pub(super) fn new(seed: u64, events: u64) -> Self {
        Self { seed, people: (events / 25).max(40), addresses: (events * 3 / 200).max(30) }
    }

    /// A person who signs in at this hour. A few sign in often, most rarely.
    pub(super) fn somebody(self, hour: u64, rng: &mut Rng) -> SimulatedPerson {
        let mut left = rng.below(COUNTRIES.iter().map(|country| country.weight(hour)).sum());
        let mut country = 0;
        while country + 1 < COUNTRIES.len() && left >= COUNTRIES[country].weight(hour) {
            left -= COUNTRIES[country].weight(hour);
            country += 1;
        }
        let inhabitants = (self.people * COUNTRIES[country].share / 1_000).max(2);
        let mut index = rng.below(inhabitants);
        if rng.chance(400) {
            index = rng.below(index + 1);
        }
        let mut person = self.person(country, index);
        if rng.chance(120) {
            // Travelling.
            person.ip = self.address(country, rng);
        }
        person
    }

    /// Person number `index`, the same each time.
    pub(super) fn person(self, country: usize, index: u64) -> SimulatedPerson {
        let mut rng = Rng::of(&[self.seed, 1, country as u64, index]);
        let user = format!(
            "{}.{}{}@customers.example",
            rng.one(FIRST),
            rng.one(LAST),
            index * COUNTRIES.len() as u64 + country as u64
        );
        let phone = COUNTRIES[country].phone(&mut rng);
        let ip = self.address(country, &mut rng);
        SimulatedPerson { country, user, phone, ip, agent: rng.weighted(AGENTS) }
    }

    /// One of a region's fixed set of addresses.
    fn address(self, country: usize, rng: &mut Rng) -> IpAddr {
        let there = (self.addresses * COUNTRIES[country].share / 1_000).max(3);
        let mut rng = Rng::of(&[self.seed, 2, country as u64, rng.below(there)]);
        if rng.chance(120) {
            // 2001:db8::/32 is reserved for documentation (RFC 3849).
            let low = u128::from(rng.next());
            return Ipv6Addr::from(0x2001_0db8_u128 << 96 | (country as u128) << 80 | low).into();
        }
        let first = *rng.one(COUNTRIES[country].networks);
        let [.., a, b, c] = rng.next().to_be_bytes();
        Ipv4Addr::new(first, a, b, c.clamp(1, 254)).into()
    }

    pub(super) fn agent(rng: &mut Rng) -> &'static str {
        rng.weighted(AGENTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_people_stay_themselves() {
        assert_eq!(COUNTRIES.iter().map(|country| country.share).sum::<u64>(), 1_000);
        let crowd = Crowd::new(7, 10_000);
        assert_eq!(crowd.person(3, 5).user, crowd.person(3, 5).user);
        assert_eq!(crowd.person(3, 5).phone, crowd.person(3, 5).phone);
    }

    #[test]
    fn nights_and_sundays_are_quiet() {
        let load = |hour| COUNTRIES.iter().map(|country| country.weight(hour)).sum::<u64>();
        assert!(load(15) > 2 * load(3));
        assert!(load(15) > load(15 + 6 * 24));
    }

    #[test]
    fn numbers_are_of_their_country() {
        use crate::Region;
        let expected = ["US", "GB", "DE", "FR", "ES", "BR", "IN", "JP", "AU"];
        let mut rng = Rng::of(&[1]);
        for (country, region) in COUNTRIES.iter().zip(expected) {
            for _ in 0..50 {
                let phone = country.phone(&mut rng).unwrap();
                assert_eq!(Region::of(phone).unwrap().as_str(), region, "{}", phone);
            }
        }
    }
}
