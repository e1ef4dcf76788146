//! Who signs in: regions with their numbers, networks and hours, and the people in them. Nothing
//! here is anybody's: names are made up from lists, mail addresses end in `.example`.

use super::rng::Rng;
use crate::PhoneNumber;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A place that users come from.
#[derive(Debug)]
pub(super) struct Land {
    /// Share of all people, in a thousand.
    pub(super) share: u64,
    /// Hours before (negative) or after UTC.
    pub(super) utc: i64,
    /// Digits that its mobile numbers begin with, calling code first.
    pub(super) prefixes: &'static [u64],
    /// How many digits follow.
    pub(super) digits: u32,
    /// Mobile country and network codes.
    pub(super) carriers: &'static [&'static str],
    /// What a text and a call cost, in ten-thousandths of a US dollar.
    pub(super) text: i64,
    /// See `text`.
    pub(super) call: i64,
    /// The first byte of its addresses.
    pub(super) networks: &'static [u8],
}

/// Ordinary traffic comes from these. Shares add up to a thousand.
#[rustfmt::skip]
pub(super) const LANDS: &[Land] = &[
    // United States
    Land { share: 340, utc: -6, prefixes: &[1212555, 1312555, 1415555, 1512555, 1617555, 1702555, 1305555, 1206555, 1303555, 1404555, 1214555, 1602555, 1503555, 1718555], digits: 4, carriers: &["310-260", "310-410", "311-480"], text: 79, call: 140, networks: &[24, 67, 71, 76, 98, 107] },
    // United Kingdom
    Land { share: 130, utc: 0, prefixes: &[447400, 447402, 447403], digits: 6, carriers: &["234-10", "234-15", "234-30"], text: 420, call: 350, networks: &[81, 86, 92] },
    // Germany
    Land { share: 120, utc: 1, prefixes: &[491512, 491520, 491522], digits: 7, carriers: &["262-01", "262-02", "262-03"], text: 850, call: 460, networks: &[79, 84, 91] },
    // France
    Land { share: 80, utc: 1, prefixes: &[33612, 33670, 33760], digits: 6, carriers: &["208-01", "208-10", "208-20"], text: 740, call: 390, networks: &[82, 90] },
    // Spain
    Land { share: 60, utc: 1, prefixes: &[34612, 34655], digits: 6, carriers: &["214-01", "214-07"], text: 760, call: 370, networks: &[83, 88] },
    // Brazil
    Land { share: 90, utc: -3, prefixes: &[551198, 552198, 553198], digits: 7, carriers: &["724-05", "724-06", "724-11"], text: 560, call: 410, networks: &[177, 186, 189] },
    // India
    Land { share: 100, utc: 5, prefixes: &[9198, 9199, 9197], digits: 8, carriers: &["404-10", "405-840"], text: 830, call: 330, networks: &[49, 103, 117] },
    // Japan
    Land { share: 40, utc: 9, prefixes: &[8190, 8180], digits: 8, carriers: &["440-10", "440-20"], text: 880, call: 680, networks: &[126, 153] },
    // Australia
    Land { share: 40, utc: 10, prefixes: &[61412, 61421], digits: 6, carriers: &["505-01", "505-02"], text: 520, call: 450, networks: &[101, 124] },
];

/// How busy each local hour is.
const HOURS: [u64; 24] =
    [14, 9, 6, 5, 5, 8, 18, 36, 62, 84, 92, 90, 82, 84, 88, 86, 80, 76, 74, 78, 80, 68, 46, 26];
/// How busy each weekday is, Monday first.
const WEEKDAYS: [u64; 7] = [100, 98, 97, 99, 94, 62, 58];

impl Land {
    /// How busy it is at an hour (UTC, counted from any Monday's midnight).
    pub(super) fn weight(&self, hour: u64) -> u64 {
        let local = (hour + 168).saturating_add_signed(self.utc) % 168;
        self.share * HOURS[(local % 24) as usize] * WEEKDAYS[(local / 24) as usize]
    }

    /// One of its numbers.
    pub(super) fn phone(&self, rng: &mut Rng) -> Option<PhoneNumber> {
        let room = 10_u64.pow(self.digits);
        PhoneNumber::from_digits(rng.one(self.prefixes) * room + rng.below(room)).ok()
    }
}

/// Browsers, by how many people use them.
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

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) land: usize,
    pub(super) user: String,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) ip: IpAddr,
    pub(super) agent: &'static str,
}

/// How many people and addresses there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crowd {
    seed: u64,
    people: u64,
    addresses: u64,
}

impl Crowd {
    /// One person for 25 events, one address for 67: the proportions that the contract's section
    /// 10 measures with.
    pub(super) fn new(seed: u64, events: u64) -> Self {
        Self { seed, people: (events / 25).max(40), addresses: (events * 3 / 200).max(30) }
    }

    /// Somebody who signs in at this hour. A few sign in often, most seldom.
    pub(super) fn somebody(self, hour: u64, rng: &mut Rng) -> Person {
        let mut left = rng.below(LANDS.iter().map(|land| land.weight(hour)).sum());
        let mut land = 0;
        while land + 1 < LANDS.len() && left >= LANDS[land].weight(hour) {
            left -= LANDS[land].weight(hour);
            land += 1;
        }
        let inhabitants = (self.people * LANDS[land].share / 1_000).max(2);
        let mut index = rng.below(inhabitants);
        if rng.chance(400) {
            index = rng.below(index + 1);
        }
        let mut person = self.person(land, index);
        if rng.chance(120) {
            // Away from home.
            person.ip = self.address(land, rng);
        }
        person
    }

    /// The same person every time.
    pub(super) fn person(self, land: usize, index: u64) -> Person {
        let mut rng = Rng::of(&[self.seed, 1, land as u64, index]);
        let user = format!(
            "{}.{}{}@customers.example",
            rng.one(FIRST),
            rng.one(LAST),
            index * LANDS.len() as u64 + land as u64
        );
        let phone = LANDS[land].phone(&mut rng);
        let ip = self.address(land, &mut rng);
        Person { land, user, phone, ip, agent: rng.weighted(AGENTS) }
    }

    /// One of a land's addresses, of which there is a fixed number.
    fn address(self, land: usize, rng: &mut Rng) -> IpAddr {
        let there = (self.addresses * LANDS[land].share / 1_000).max(3);
        let mut rng = Rng::of(&[self.seed, 2, land as u64, rng.below(there)]);
        if rng.chance(120) {
            // 2001:db8::/32 is set aside for examples (RFC 3849).
            let low = u128::from(rng.next());
            return Ipv6Addr::from(0x2001_0db8_u128 << 96 | (land as u128) << 80 | low).into();
        }
        let first = *rng.one(LANDS[land].networks);
        let [.., a, b, c] = rng.next().to_be_bytes();
        Ipv4Addr::new(first, a, b, c.clamp(1, 254)).into()
    }

    /// Any browser.
    pub(super) fn agent(rng: &mut Rng) -> &'static str {
        rng.weighted(AGENTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_people_stay_themselves() {
        assert_eq!(LANDS.iter().map(|land| land.share).sum::<u64>(), 1_000);
        let crowd = Crowd::new(7, 10_000);
        assert_eq!(crowd.person(3, 5).user, crowd.person(3, 5).user);
        assert_eq!(crowd.person(3, 5).phone, crowd.person(3, 5).phone);
    }

    #[test]
    fn nights_and_sundays_are_quiet() {
        let load = |hour| LANDS.iter().map(|land| land.weight(hour)).sum::<u64>();
        assert!(load(15) > 2 * load(3));
        assert!(load(15) > load(15 + 6 * 24));
    }

    #[test]
    fn numbers_are_of_their_land() {
        use crate::Region;
        let expected = ["US", "GB", "DE", "FR", "ES", "BR", "IN", "JP", "AU"];
        let mut rng = Rng::of(&[1]);
        for (land, region) in LANDS.iter().zip(expected) {
            for _ in 0..50 {
                let phone = land.phone(&mut rng).unwrap();
                assert_eq!(Region::of(phone).unwrap().as_str(), region, "{}", phone);
            }
        }
    }
}
