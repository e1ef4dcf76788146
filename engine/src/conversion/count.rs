//! What the table can count: attempts by bucket, by key and by funnel step.

use super::table::{STATES, Table, Traits, outcome};
use crate::dictionary::channel_of;
use domain::Kind;
use domain::bucket::Edges;
use domain::conversion::{
    By, Cost, KeyCounts, KeyRows, KeyRowsQuery, Keys, codes_alone, key_rows, of_prompt,
};
use domain::region_figures::Figures;
use domain::series::Chart;
use domain::workbook::Query;
use rust_decimal::Decimal;
use std::collections::HashMap;
use store::conversion::MOST;

/// Currencies with an array slot for each key; further currencies use a map.
const PLACES: usize = 4;

/// What one attempt in each state counts as (sent, verified, failed, refused), by the rules of
/// [`Figures::count`].
fn counts(of: fn(Kind) -> Kind) -> [[u32; 4]; STATES] {
    std::array::from_fn(|state| {
        let mut figures = Figures::default();
        if let Some((kind, _)) = outcome(state) {
            figures.count(of(kind), 1);
        }
        let Figures { sent, verified, failed, refused, .. } = figures;
        [sent, verified, failed, refused].map(|n| u32::from(n > 0))
    })
}

/// Exact sums of money by key and currency, in nano units; no sum where there was no amount. `N` is
/// as small as possible: sums of many keys are accessed in random order.
#[derive(Debug, Default)]
struct Sums<N> {
    /// A slot for each of the first currencies, by key and then currency; -1 if there was no
    /// amount.
    places: Vec<N>,
    width: usize,
    further: HashMap<(u32, u32), i128>,
}

/// Number type of the sums.
trait Nano: Copy + Into<i128> {
    /// Marks a sum without any amount.
    const NONE: Self;
    /// Adds an amount that is known to fit, see [`Table::fits_small`].
    fn add(&mut self, nano: i128);
}

impl Nano for i64 {
    const NONE: Self = -1;

    fn add(&mut self, nano: i128) {
        *self = (*self).max(0) + Self::try_from(nano).unwrap_or(0);
    }
}

impl Nano for i128 {
    const NONE: Self = -1;

    fn add(&mut self, nano: i128) {
        // At most 2^32 amounts of at most 10^24 each.
        *self = (*self).max(0) + nano;
    }
}

impl<N: Nano> Sums<N> {
    fn new(keys: usize, currencies: usize) -> Self {
        let width = currencies.min(PLACES);
        Self { places: vec![N::NONE; keys * width], width, further: HashMap::new() }
    }

    fn add(&mut self, key: u32, currency: u32, nano: i128) {
        if (currency as usize) < self.width {
            self.places[key as usize * self.width + currency as usize].add(nano);
        } else {
            *self.further.entry((key, currency)).or_default() += nano;
        }
    }

    fn of(&self, key: u32, table: &Table) -> Cost {
        let sum = |currency: u32| -> Option<i128> {
            if (currency as usize) < self.width {
                let sum = self.places.get(key as usize * self.width + currency as usize)?;
                Some((*sum).into()).filter(|sum| *sum >= 0)
            } else {
                self.further.get(&(key, currency)).copied()
            }
        };
        let amounts = (0_u32..)
            .zip(table.currencies.words())
            .filter_map(|(currency, code)| Some((code.clone(), amount(sum(currency)?))));
        let mut cost: Cost = amounts.collect();
        cost.sort_unstable();
        cost
    }
}

/// The amount for a number of nano units; capped at the largest possible amount.
fn amount(nano: i128) -> Decimal {
    let amount = Decimal::try_from_i128_with_scale(nano, 9).unwrap_or(Decimal::MAX);
    amount.normalize().min(Decimal::from(MOST))
}

/// Counts for one range by key.
struct KeyedCounts<'t, N> {
    table: &'t Table,
    by: By,
    /// Attempts, sent, verified, failed, refused.
    counts: Vec<[u32; 5]>,
    sums: Sums<N>,
    total: Sums<i128>,
}

impl<N: Nano> Keys for KeyedCounts<'_, N> {
    fn key(&self, id: u32) -> String {
        let table = self.table;
        let word = match self.by {
            By::Region | By::Flow | By::Carrier => table.texts.word(id).cloned(),
            By::Prefix => {
                table.prefixes.word(id).copied().flatten().map(|prefix| format!("+{prefix}"))
            }
            By::Ip => table.networks.word(id).copied().flatten().map(|network| network.to_string()),
            By::Channel => {
                u8::try_from(id).ok().and_then(channel_of).map(|channel| channel.to_string())
            }
        };
        word.unwrap_or_default()
    }

    fn cost(&self, id: u32) -> Cost {
        self.sums.of(id, self.table)
    }

    fn total(&self) -> Cost {
        self.total.of(0, self.table)
    }
}

impl Table {
    /// Attempts in each bucket, in the form of [`Chart::strip`].
    pub fn strip(&self, query: &Query, edges: &Edges) -> Chart {
        let mut states = vec![[0_u32; STATES]; edges.len()];
        // Rows are roughly in order of time: the bucket is usually that of the row before.
        let (mut bucket, mut within) = (0, 0..0);
        self.each(query, |row| {
            let time = self.time[row];
            if !within.contains(&time) {
                let Some(index) = edges.index(time) else { return };
                let next = edges.starts().get(index + 1).copied().unwrap_or(edges.end());
                bucket = index;
                within = edges.starts()[index].timestamp_micros()..next.timestamp_micros();
            }
            states[bucket][self.state(row)] += 1;
        });
        let counts = states.iter().enumerate().flat_map(|(bucket, states)| {
            let counted = states.iter().enumerate().filter(|(_, n)| **n > 0);
            counted.filter_map(move |(state, n)| Some((bucket, outcome(state)?.0, u64::from(*n))))
        });
        Chart::strip(edges, counts)
    }

    /// A page of the keys, each with its figures in the previous range.
    pub fn conversion(&self, by: By, query: &Query, part: &KeyRowsQuery) -> KeyRows {
        if self.fits_small() {
            self.page::<i64>(by, query, part)
        } else {
            self.page::<i128>(by, query, part)
        }
    }

    /// Whether the sum would fit a small number even if every amount were the largest.
    fn fits_small(&self) -> bool {
        let rows = i128::try_from(self.len()).unwrap_or(i128::MAX);
        self.dearest.checked_mul(rows).is_some_and(|sum| sum < i128::from(i64::MAX))
    }

    fn page<N: Nano>(&self, by: By, query: &Query, part: &KeyRowsQuery) -> KeyRows {
        let past = query.before();
        let (now, before) = std::thread::scope(|scope| {
            // Each range on a separate core, if there are two.
            let before = scope.spawn(|| self.count::<N>(by, &past, false).counts);
            let now = self.count::<N>(by, query, true);
            (now, before.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let lines = (0_u32..).zip(now.counts.iter().zip(&before));
        let lines = lines.filter(|(_, (now, _))| now[0] > 0).map(|(id, (now, before))| {
            let [_, sent, verified, failed, refused] = now.map(u64::from);
            let [_, sent_before, verified_before, ..] = before.map(u64::from);
            KeyCounts { id, sent, verified, failed, refused, sent_before, verified_before }
        });
        key_rows(lines.collect(), &now, by, part)
    }

    fn count<N: Nano>(&self, by: By, query: &Query, money: bool) -> KeyedCounts<'_, N> {
        let (get, keys): (fn(&Traits) -> u32, _) = match by {
            By::Region => (|kind| kind.region, self.texts.words().len()),
            By::Flow => (|kind| kind.flow, self.texts.words().len()),
            By::Carrier => (|kind| kind.carrier, self.texts.words().len()),
            By::Channel => (|kind| u32::from(kind.channel), domain::Channel::ALL.len() + 1),
            By::Prefix => {
                let keys = self.prefixes.words().len();
                return self.by_key(by, query, money, keys, |row| self.prefix(row));
            }
            By::Ip => {
                let keys = self.networks.words().len();
                return self.by_key(by, query, money, keys, |row| self.network(row));
            }
        };
        let of: Vec<u32> = self.kinds.words().iter().map(get).collect();
        self.by_key(by, query, money, keys, |row| of[self.kind(row) as usize])
    }

    fn by_key<N: Nano>(
        &self,
        by: By,
        query: &Query,
        money: bool,
        keys: usize,
        key: impl Fn(usize) -> u32,
    ) -> KeyedCounts<'_, N> {
        let (states, prompts) = (self::counts(|kind| kind), self::counts(of_prompt));
        let mut counts = vec![[0_u32; 5]; keys];
        let currencies = self.currencies.words().len();
        let mut sums = Sums::new(if money { keys } else { 0 }, currencies);
        // How often each price was paid: there are few prices.
        let mut paid = vec![0_u32; if money { self.prices.words().len() } else { 0 }];
        let codes = codes_alone(by, &query.filters);
        let push: Vec<bool> = self.kinds.words().iter().map(Traits::is_push).collect();
        self.each(query, |row| {
            let push = push[self.kind(row) as usize];
            if codes && push {
                return;
            }
            let key = key(row);
            let count = &mut counts[key as usize];
            let [sent, verified, failed, refused] =
                if push { prompts } else { states }[self.state(row)];
            count[0] += 1;
            count[1] += sent;
            count[2] += verified;
            count[3] += failed;
            count[4] += refused;
            if money && let Some((id, price)) = self.price(row) {
                sums.add(key, price.currency, price.nano);
                paid[id] += 1;
            }
        });
        let mut total = Sums::<i128>::new(1, currencies);
        for (price, times) in self.prices.words().iter().zip(paid).filter(|(_, times)| *times > 0) {
            total.add(0, price.currency, price.nano * i128::from(times));
        }
        KeyedCounts { table: self, by, counts, sums, total }
    }
}
