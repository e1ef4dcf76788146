//! Alerts about new blocks.

use super::error::until;
use domain::audit::By;
use domain::blocks::{BlockKind, value_text};
use domain::notify::{Alert, AlertKind};
use domain::workbook::Sight;
use store::blocks::Block;

/// The page that lists active blocks.
const PATH: &str = "/fraud-alerts?tab=blocked";

/// One alert for all new blocks. It names users and masks numbers.
pub(super) fn alert(by: &By, blocks: &[Block]) -> Alert {
    let who = &by.actor;
    let line = match blocks {
        [block] => {
            let what = value_text(block.kind, &block.value, Sight::Masked);
            let lasts = until(block.until);
            match block.only_channel {
                None => format!("{who} blocked {what} {lasts}: {}", block.reason),
                Some(channel) => {
                    format!("{who} left {what} only {channel}, {lasts}: {}", block.reason)
                }
            }
        }
        several => format!("{who} blocked {} at once.", several.len()),
    };
    let users = blocks.iter().filter(|block| block.kind == BlockKind::User);
    Alert {
        kind: AlertKind::Block,
        users: users.take(domain::notify::USERS_MAX).map(|block| block.value.clone()).collect(),
        count: blocks.len() as u64,
        line,
        path: PATH.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::net::Ipv4Addr;

    fn block(kind: BlockKind, value: &str) -> Block {
        Block {
            id: uuid::Uuid::nil(),
            kind,
            value: value.to_owned(),
            key: value.to_owned(),
            only_channel: None,
            since: DateTime::UNIX_EPOCH,
            until: DateTime::from_timestamp(1_800_000_000, 0),
            by: String::new(),
            reason: "pumping".into(),
            auto: false,
            end: None,
        }
    }

    #[test]
    fn users_are_named_and_numbers_are_not() {
        let by = By::account("ann@example.com", Ipv4Addr::LOCALHOST.into());
        let one = alert(&by, &[block(BlockKind::Number, "+14155552700")]);
        assert_eq!(
            one.line,
            "ann@example.com blocked +14155••••00 until 15 Jan 2027, 08:00 UTC: pumping"
        );
        assert!(one.users.is_empty());
        let users: Vec<Block> =
            (0..30).map(|at| block(BlockKind::User, &format!("u{at}"))).collect();
        let many = alert(&by, &users);
        assert_eq!((many.count, many.users.len()), (30, 20));
        assert_eq!(many.line, "ann@example.com blocked 30 at once.");
        assert_eq!(many.clean(), many);
    }
}
