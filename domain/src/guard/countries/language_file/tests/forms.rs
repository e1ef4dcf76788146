//! Generated language files: white space, order, escapes, number formats and rows by a seed.

use crate::Region;
use std::collections::{BTreeMap, BTreeSet};

/// A file, split around the two values that an edit may change.
#[derive(Debug)]
pub struct Made {
    /// The text before, between and after the two values.
    pub around: [String; 3],
    /// The list as a JSON string.
    pub value: String,
    /// The value of `Override`.
    pub switch: &'static str,
    /// Whether the list is the first of the two values.
    pub value_first: bool,
    /// The regions in the list's order.
    pub order: Vec<Region>,
    /// The names of its entries.
    pub names: BTreeMap<String, String>,
}

impl Made {
    /// The whole file.
    pub fn text(&self) -> String {
        let [before, between, after] = &self.around;
        let (first, second) = match self.value_first {
            true => (self.value.as_str(), self.switch),
            false => (self.switch, self.value.as_str()),
        };
        [before, first, between, second, after].concat()
    }
}

/// Marks the two values while the file is built.
const VALUE: char = '\u{1}';
const SWITCH: char = '\u{2}';

/// Generates a file from a seed.
pub fn file(seed: u64, regions: &BTreeSet<Region>, on: bool) -> Made {
    let mut dice = Dice(seed);
    let mut order: Vec<Region> = regions.iter().copied().collect();
    dice.shuffle(&mut order);
    let mut entries: Vec<String> = order.iter().map(Region::to_string).collect();
    let place = dice.below(entries.len() + 1);
    entries.insert(place, "DEFAULT".to_owned());
    let names: BTreeMap<String, String> =
        entries.iter().map(|code| (code.clone(), dice.name())).collect();
    let list: Vec<String> = entries
        .iter()
        .map(|code| {
            let (a, b, c) = (dice.space(), dice.space(), dice.space());
            format!("{}{a}:{b}{}{c}", dice.string(code), dice.string(&names[code]))
        })
        .collect();
    let (a, b) = (dice.space(), dice.space());
    let value = dice.string(&format!("{a}{{{}}}{b}", list.join(",")));

    let mut members = vec![
        ("StringId".to_owned(), dice.string("countryList")),
        ("Override".to_owned(), SWITCH.to_string()),
        ("Value".to_owned(), VALUE.to_string()),
    ];
    for extra in ["ElementType", "ElementId", "Overrides", "countryList", "x"] {
        if dice.below(2) == 0 {
            members.push((extra.to_owned(), dice.value(2)));
        }
    }
    let mut rows: Vec<String> = (0..dice.below(4)).map(|_| dice.value(3)).collect();
    let row = dice.object(members);
    let place = dice.below(rows.len() + 1);
    rows.insert(place, row);
    let mut root = vec![("LocalizedStrings".to_owned(), dice.list(rows))];
    for extra in ["LocalizedCollections", "Value", "Override", ""] {
        if dice.below(2) == 0 {
            root.push((extra.to_owned(), dice.value(3)));
        }
    }
    let (mark, a, b) = (["", "\u{feff}"][dice.below(2)], dice.space(), dice.space());
    let whole = format!("{mark}{a}{}{b}", dice.object(root));
    let pieces: Vec<String> = whole.split([VALUE, SWITCH]).map(str::to_owned).collect();
    Made {
        value_first: whole.find(VALUE) < whole.find(SWITCH),
        around: pieces.try_into().unwrap(),
        value,
        switch: if on { "true" } else { ["false", "null", "\"true\"", "1e0"][dice.below(4)] },
        order,
        names,
    }
}

/// A pseudo-random generator, so that a seed determines the file.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    fn space(&mut self) -> String {
        (0..self.below(4)).map(|_| [" ", "\t", "\r\n", "\n"][self.below(4)]).collect()
    }

    fn name(&mut self) -> String {
        let letters =
            ['a', 'Z', ' ', '"', '\\', '/', 'ô', '中', '😀', '{', '}', '[', ',', ':', '\''];
        (0..self.below(8)).map(|_| letters[self.below(letters.len())]).collect()
    }

    /// A text as a JSON string; each character is escaped or not by chance.
    fn string(&mut self, text: &str) -> String {
        let mut out = String::from("\"");
        for c in text.chars() {
            let must = c.is_control() || c == '"' || c == '\\';
            match self.below(8) {
                0 => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        out.push_str(&match self.below(2) {
                            0 => format!("\\u{unit:04x}"),
                            _ => format!("\\u{unit:04X}"),
                        });
                    }
                }
                _ if c == '"' || c == '\\' || (c == '/' && self.below(2) == 0) => {
                    out.extend(['\\', c]);
                }
                _ if must => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                _ => out.push(c),
            }
        }
        out.push('"');
        out
    }

    fn value(&mut self, depth: usize) -> String {
        let numbers =
            ["0", "-0", "1.50", "1e5", "1E+05", "-12.0e-3", "123456789012345678901234567890"];
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => "null".to_owned(),
            1 => ["true", "false"][self.below(2)].to_owned(),
            2 => numbers[self.below(numbers.len())].to_owned(),
            3 | 4 => {
                let text = self.name();
                self.string(&text)
            }
            5 => {
                let items = (0..self.below(3)).map(|_| self.value(depth - 1)).collect();
                self.list(items)
            }
            _ => {
                // Unused members may have repeated names.
                let names = ["StringId", "Value", "Override", "countryList", "", "a"];
                let members = (0..self.below(4))
                    .map(|_| (names[self.below(names.len())].to_owned(), self.value(depth - 1)))
                    .collect();
                self.object(members)
            }
        }
    }

    fn list(&mut self, items: Vec<String>) -> String {
        let items: Vec<String> =
            items.iter().map(|item| format!("{}{item}{}", self.space(), self.space())).collect();
        format!(
            "[{}{}]",
            items.join(","),
            if items.is_empty() { self.space() } else { String::new() }
        )
    }

    fn object(&mut self, mut members: Vec<(String, String)>) -> String {
        self.shuffle(&mut members);
        let members: Vec<String> = members
            .iter()
            .map(|(name, value)| {
                let [a, b, c, d] = std::array::from_fn(|_| self.space());
                format!("{a}{}{b}:{c}{value}{d}", self.string(name))
            })
            .collect();
        let empty = if members.is_empty() { self.space() } else { String::new() };
        format!("{{{}{empty}}}", members.join(","))
    }
}
