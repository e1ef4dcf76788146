//! What the ledger costs at 10 million entries: process memory and microseconds per operation.
//!
//! `cargo bench -p tollwarden-domain --bench ledger`, optionally with another number of entries as
//! the first argument; prints one line of JSON. The cardinalities are those of the contract's
//! section 10.

#![allow(clippy::expect_used, reason = "a measurement that cannot go on may stop")]

use chrono::DateTime;
use domain::countries;
use domain::gate::{self, BlocksAndBypasses, Rules, decide};
use domain::ledger::{Entry, EntryKind, KEEP, Key, Ledger, NumberBlock, WINDOW_MAX};
use domain::numbers::{NumberFacts, NumberType};
use domain::rules::{self, Mode, SpendCap};
use domain::{Channel, PhoneNumber, Region};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;
use uuid::Uuid;

const NUMBERS: u64 = 400_000;
const ADDRESSES: u64 = 150_000;
const USERS: u64 = 300_000;
const FLOWS: u64 = 12;
const REGIONS: u64 = 60;
/// Distinct requests measured.
const ASKED: usize = 200_000;
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
/// A Monday morning.
pub const NOW: i64 = 1_790_000_000_000_000;

/// Fixed seed, so every run draws the same numbers.
pub struct Random(u64);

impl Random {
    /// Starts the sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits of the sequence.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number from 0 up to but not including `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }
}

fn scattered(number: u64) -> u64 {
    Random(number).draw()
}

/// The keys of one simulated request.
pub struct Request {
    /// An eleven-digit number, not necessarily valid.
    pub phone: PhoneNumber,
    /// Derived from the number, not looked up.
    pub region: Region,
    /// An IPv4 address in one of 100 thousand networks.
    pub ip: IpAddr,
    /// The folded user name.
    pub user: String,
    /// Half of the requests have one.
    pub device: Option<String>,
    /// The user flow's id.
    pub flow: String,
}

impl Request {
    /// A request with every key drawn at random.
    pub fn random(random: &mut Random) -> Self {
        let number = random.below(NUMBERS);
        let region = scattered(number) % REGIONS;
        let letters = [b'A' + (region / 26) as u8, b'A' + (region % 26) as u8];
        let region = String::from_utf8_lossy(&letters).parse().expect("two letters");
        let digits = 10_000_000_000 + scattered(number ^ 0xff) % 89_999_999_999;
        // Addresses come from 100 thousand networks.
        let address = random.below(ADDRESSES);
        let network = 0x0b00_0000 + (address % 100_000) as u32 * 256;
        let ip = Ipv4Addr::from_bits(network + (scattered(address) % 256) as u32);
        let user = random.below(USERS);
        Self {
            phone: PhoneNumber::from_digits(digits).expect("eleven digits"),
            region,
            ip: ip.into(),
            user: format!("user{user}@customer.example"),
            device: (user.is_multiple_of(2)).then(|| format!("device-{:016x}", scattered(user))),
            flow: format!("B2C_1A_flow_{}", random.below(FLOWS)),
        }
    }

    /// The request as a ledger entry at `time`.
    pub fn entry(&self, random: &mut Random, time: i64) -> Entry<'_> {
        Entry {
            key: Uuid::nil(),
            time,
            what: if random.below(2) == 0 { EntryKind::Requested } else { EntryKind::Sent },
            attempt: Uuid::from_u64_pair(random.draw(), random.draw()),
            phone: Some(self.phone),
            region: Some(self.region),
            channel: Some(Channel::Sms),
            ip: Some(self.ip),
            user: Some(&self.user),
            device: self.device.as_deref(),
            flow: Some(&self.flow),
            cost: (random.below(10) > 0)
                .then(|| 30_000_000 + random.below(50).cast_signed() * 1_000_000),
            priced_by_event: random.below(2) == 0,
        }
    }
}

/// A ledger with a day's entries, nearly in time order, and the microseconds each entry took.
pub fn filled(entries: usize) -> (Ledger, f64) {
    let mut random = Random::new(1);
    let mut ledger = Ledger::with_bound(entries.max(1));
    let begun = Instant::now();
    let step = (WINDOW_MAX - 1) as f64 / entries as f64;
    for at in 0..entries {
        // Some arrive up to a second late.
        let late = if random.below(20) == 0 { random.below(1_000_000).cast_signed() } else { 0 };
        let time = NOW - WINDOW_MAX + 1 + (at as f64 * step) as i64 - late;
        let request = Request::random(&mut random);
        ledger.note(&request.entry(&mut random, time), NOW.min(time + KEEP));
    }
    (ledger, begun.elapsed().as_secs_f64() * 1e6 / entries as f64)
}

/// Microseconds per request over many requests, in ascending order.
pub fn timed(mut ask: impl FnMut(&Request)) -> Vec<f64> {
    let mut random = Random::new(2);
    let mut times: Vec<f64> = (0..ASKED)
        .map(|_| {
            let request = Request::random(&mut random);
            let begun = Instant::now();
            ask(&request);
            begun.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// The ledger queries of one decision: nine counts and two sums.
pub fn questions(ledger: &Ledger, request: &Request) -> u64 {
    let anybody = Key::User("");
    ledger.warm(&[
        Key::Number(request.phone),
        Key::NumberBlock(NumberBlock::of(request.phone)),
        Key::Ip(request.ip),
        Key::IpNetwork(request.ip),
        Key::User(&request.user),
        request.device.as_deref().map_or(anybody, Key::Device),
    ]);
    let count = |key: Key<'_>, window| ledger.count(&key, NOW, window);
    count(Key::Number(request.phone), 10 * MINUTE)
        + count(Key::Number(request.phone), 24 * HOUR)
        + count(Key::NumberBlock(NumberBlock::of(request.phone)), HOUR)
        + count(Key::Ip(request.ip), HOUR)
        + count(Key::IpNetwork(request.ip), HOUR)
        + count(Key::User(&request.user), HOUR)
        + request.device.as_deref().map_or(0, |device| count(Key::Device(device), HOUR))
        + count(Key::Region(request.region), HOUR)
        + count(Key::Flow(&request.flow), HOUR)
        + count(Key::All, HOUR)
        + ledger.spent(NOW, HOUR).unpriced
        + ledger.spent(NOW, 24 * HOUR).unpriced
}

/// Microseconds per whole decision with the default rules and two spend caps.
pub fn decisions(ledger: &Ledger) -> Vec<f64> {
    let mut settings = rules::Settings::default();
    for window in [3_600, 86_400] {
        settings.spend.caps.push(SpendCap {
            amount: "1000000".parse().expect("an amount"),
            window,
            mode: Mode::Enforce,
            reason: String::new(),
            by: None,
            at: None,
        });
    }
    let rules = Rules::new(settings, countries::Settings::default(), BlocksAndBypasses::default());
    let now = DateTime::from_timestamp_micros(NOW).expect("a time");
    // Parsing and number lookup happen before the decision and are not measured.
    let mut asked = gate::Request::new(
        NumberFacts {
            phone: PhoneNumber::from_digits(14_155_550_100).expect("eleven digits"),
            region: Region::WORLD,
            calling_code: 1,
            kind: NumberType::Mobile,
            valid: true,
        },
        Channel::Sms,
        "journey".to_owned(),
    );
    let mut random = Random::new(4);
    let mut times: Vec<f64> = (0..ASKED)
        .map(|_| {
            let request = Request::random(&mut random);
            (asked.phone.phone, asked.phone.region) = (request.phone, request.region);
            asked.ip = Some(request.ip);
            asked.user_key = Some(request.user);
            asked.device = request.device;
            asked.flow = Some(request.flow);
            let begun = Instant::now();
            std::hint::black_box(decide(&asked, &rules, ledger, now));
            begun.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Resident memory of this process in MiB; `None` where the system does not report it.
pub fn rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok()? / 1024.0)
}

fn median(times: &[f64]) -> f64 {
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

#[allow(clippy::print_stdout, reason = "the figures are what it is for")]
fn main() {
    let entries = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(10_000_000);
    let (mut ledger, note_us) = filled(entries);
    let rss = rss_mib();
    let mut sum = 0;
    let times = timed(|request| sum += questions(&ledger, request));
    let decides = decisions(&ledger);
    let longest = times.get(times.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    // The ledger is full: each new entry evicts an old one.
    let (mut random, mut at) = (Random::new(3), NOW + HOUR);
    let notes = timed(|request| {
        at += 8_640;
        ledger.note(&request.entry(&mut random, at), at);
    });
    println!(
        "{{\"entries\":{},\"rss_mib\":{:.0},\"bytes_per_entry\":{:.1},\"memory_mib\":{:.0},\
         \"count_us_median\":{:.2},\"count_us_p99\":{longest:.2},\"note_us\":{note_us:.2},\
         \"note_full_us_median\":{:.2},\"decide_us_median\":{:.2},\"decide_us_p99\":{:.2},\
         \"checksum\":{sum}}}",
        ledger.len(),
        rss.unwrap_or(f64::NAN),
        rss.unwrap_or(f64::NAN) * 1_048_576.0 / entries as f64,
        ledger.memory() as f64 / 1_048_576.0,
        median(&times),
        median(&notes),
        median(&decides),
        decides.get(decides.len() * 99 / 100).copied().unwrap_or(f64::NAN),
    );
}
