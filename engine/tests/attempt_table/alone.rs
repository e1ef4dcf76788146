//! A table filled only by direct inserts.

use super::some::PHONES;
use chrono::DateTime;
use domain::workbook::{Filters, Query};
use domain::{Channel, Kind, Period};
use engine::conversion::Table;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::attempt_table::TableAttempt;
use uuid::Uuid;

fn table_attempt(id: u128, time: i64, sent: bool, phone: usize) -> TableAttempt<'static> {
    TableAttempt {
        // Only the first half distinguishes ids.
        id: Uuid::from_u128(id << 64),
        time,
        outcome: if sent { Kind::Sent } else { Kind::Refused },
        delivered: false,
        channel: Some(Channel::Sms),
        phone: Some(PHONES[phone].parse().unwrap()),
        ip: None,
        region: "US",
        flow: "",
        carrier: "",
        browser: "",
        reason: "",
        cost: Some((Decimal::new(3, 2), "EUR")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn rows_come_change_and_go(
        steps in prop::collection::vec((0_u8..20, 0_u128..6_000, 0_i64..1_000, any::<bool>(), 0_usize..8), 0..400),
        filled in prop_oneof![Just(0_u128), Just(9_000)],
    ) {
        let mut table = Table::new(0);
        let mut model: BTreeMap<u128, (i64, bool, usize)> = BTreeMap::new();
        // More than one block of rows, roughly in order of time.
        for id in 0..filled {
            let time = i64::try_from(id / 10).unwrap();
            table.put(&table_attempt(id, time, true, 0));
            model.insert(id, (time, true, 0));
        }
        let mut from = 0;
        for (step, id, time, sent, phone) in steps {
            match step {
                0..3 => {
                    table.remove(Uuid::from_u128(id << 64));
                    model.remove(&id);
                }
                3 => {
                    from = from.max(time / 4);
                    table.drop_before(from);
                    model.retain(|_, (time, ..)| *time >= from);
                }
                _ => {
                    table.put(&table_attempt(id, time, sent, phone));
                    model.remove(&id);
                    if time >= from {
                        model.insert(id, (time, sent, phone));
                    }
                }
            }
        }
        prop_assert_eq!(table.len(), model.len());
        let oldest = model.values().map(|row| row.0).min();
        prop_assert!(table.oldest().is_some() == oldest.is_some() && table.oldest() <= oldest);
        let time = |micros| DateTime::from_timestamp_micros(micros).unwrap();
        for (begin, end, phone) in [(from, 1_000, None), (300, 301, None), (500, 800, Some(1))] {
            let period = Period { from: time(begin), to: time(end) };
            let phone_filter = phone.map(|at: usize| PHONES[at].parse().unwrap());
            let filters = Filters { phone: phone_filter, ..Filters::default() };
            let funnel = table.range_counts(&Query { period, filters }).funnel;
            let wanted = model.values().filter(|row| {
                (begin..end).contains(&row.0) && phone.is_none_or(|phone| row.2 == phone)
            });
            let (sent, refused): (Vec<&_>, Vec<&_>) = wanted.partition(|row| row.1);
            prop_assert_eq!(funnel.sent, sent.len() as u64);
            prop_assert_eq!(funnel.refused, refused.len() as u64);
        }
        // Exactly this many of the newest.
        let most = model.len() / 2;
        table.drop_before(table.newest(most));
        prop_assert!(table.len() <= most.max(1));
    }
}
