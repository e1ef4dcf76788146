//! Creates inputs by mutating saved ones.

/// Maximum bytes of an input.
const LONGEST: usize = 4 << 10;

/// Fragments that parsers look for or fail on.
const PARTS: &[&str] = &[
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "9.99E+10",
    "18446744073709551616",
    "+",
    "+1415",
    "*",
    "xxxx",
    "/",
    "//",
    "..",
    "%",
    "%00",
    "%ff",
    "%F0%9F",
    "&",
    "=",
    "\u{feff}",
    "\u{0}",
    "é",
    "e\u{301}",
    "•",
    "\u{202e}",
    "٣",
    "𝟙",
    "n_",
    "u_",
    "tw_",
    ".",
    "-",
    "_",
    "Z",
    "T00:00:00",
    "2026-11-20",
    "::",
    "::ffff:",
    "203.0.113.7",
    "/0",
    "/128",
    "EUR",
    "US",
    "001",
    "sms",
    "voice",
    "deny",
    "allow",
    "Override",
    "Value",
    "phone",
    "requested",
    "sent",
    "activityDisplayName",
    "properties",
    "additionalDetails",
    "key",
    "value",
    "$",
    "{}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// A generator of inputs, seeded by a name.
pub struct Mutator {
    kept: Vec<Vec<u8>>,
    state: u64,
    input: Vec<u8>,
}

impl Mutator {
    pub fn new(name: &str, kept: Vec<Vec<u8>>) -> Self {
        // FNV-1a, 64 bits.
        let state = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { kept, state, input: Vec::new() }
    }

    /// The next input: a saved one with one to eight mutations.
    pub fn make(&mut self) -> &[u8] {
        let from = self.below(self.kept.len());
        self.input.clone_from(&self.kept[from]);
        for _ in 0..=self.below(8) {
            self.change();
        }
        self.input.truncate(LONGEST);
        &self.input
    }

    fn change(&mut self) {
        let at = self.below(self.input.len() + 1);
        let length = self.below(self.input.len() - at + 1).min(64);
        match self.below(8) {
            0 if at < self.input.len() => self.input[at] ^= 1 << self.below(8),
            1 if at < self.input.len() => self.input[at] = self.random().to_le_bytes()[0],
            2 => {
                self.input.drain(at..at + length);
            }
            3 => {
                let part = self.input[at..at + length].to_vec();
                let to = self.below(self.input.len() + 1);
                self.input.splice(to..to, part);
            }
            4 => {
                let other = self.below(self.kept.len());
                let (other, from) = (self.kept[other].clone(), self.random());
                let from = usize::try_from(from % (other.len() as u64 + 1)).unwrap();
                self.input.truncate(at);
                self.input.extend_from_slice(&other[from..]);
            }
            5 => self.input.truncate(at),
            _ => {
                let part = PARTS[self.below(PARTS.len())].as_bytes();
                let over = self.below(2) * length.min(part.len());
                self.input.splice(at..at + over, part.iter().copied());
            }
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random() % bound as u64).unwrap()
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
