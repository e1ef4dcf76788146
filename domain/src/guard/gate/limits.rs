//! Limits and spend caps against the ledger.

use super::{Code, Quantity, ReasonEntry, Request};
use crate::ledger::{Dimension, Key, Ledger, NumberBlock};
use crate::rules::{Amount, Currency, Limit, SpendCap, duration};

/// Seconds to wait after the first refusal.
const WAIT: u64 = 60;
/// Most seconds to wait after several refusals in a row: 32 minutes.
const WAIT_MAX: u64 = 32 * 60;
/// µs in a second.
const SECOND: i64 = 1_000_000;

/// The ledger's key for a limit; `None` where the request lacks the field.
pub(super) fn key(per: Dimension, request: &Request) -> Option<Key<'_>> {
    Some(match per {
        Dimension::Number => Key::Number(request.number()),
        Dimension::NumberBlock => Key::NumberBlock(NumberBlock::of(request.number())),
        Dimension::Ip => Key::Ip(request.ip?),
        Dimension::IpNetwork => Key::IpNetwork(request.ip?),
        Dimension::Device => Key::Device(request.device.as_deref()?),
        Dimension::User => Key::User(request.user_key.as_deref()?),
        Dimension::Region => Key::Region(request.phone.region),
        Dimension::Flow => Key::Flow(request.flow.as_deref()?),
        Dimension::All => Key::All,
    })
}

/// Checks whether one more code exceeds a limit; if so, why, and the seconds until another request
/// may succeed.
pub(super) fn over(
    limit: &Limit,
    request: &Request,
    ledger: &Ledger,
    now: i64,
) -> Option<(ReasonEntry, u32)> {
    let key = key(limit.per, request)?;
    let window = i64::from(limit.window) * SECOND;
    let observed = ledger.count(&key, now, window) + 1;
    if observed <= u64::from(limit.limit) {
        return None;
    }
    let fits = ledger.fits_at(&key, now, window, u64::from(limit.limit));
    let until_fits = u64::try_from(fits.saturating_sub(now)).unwrap_or(0).div_ceil(1_000_000);
    // 60 s × 2^(n−1) for n refusals in a row, including this one.
    let before = ledger.refusals(&key, now).min(10);
    let back_off = (WAIT << before).min(WAIT_MAX);
    let retry_after = u32::try_from(until_fits.max(back_off)).unwrap_or(u32::MAX);
    let codes = if observed == 1 { "code" } else { "codes" };
    let whose = match limit.per {
        Dimension::All => "altogether".to_owned(),
        per => format!("for this {}", per.label()),
    };
    let allowed = if limit.limit == 1 { "1 is" } else { &format!("{} are", limit.limit) };
    let window = duration(limit.window);
    let why = ReasonEntry {
        code: Code::of_limit(limit.per),
        rule: limit.name(),
        mode: limit.mode,
        observed: Some(Quantity::Count(observed)),
        limit: Some(Quantity::Count(u64::from(limit.limit))),
        window: Some(limit.window),
        message: format!("{observed} {codes} {whose} in {window}; {allowed} allowed."),
    };
    Some((why, retry_after))
}

/// Checks whether one more code at this cost exceeds a spend cap.
pub(super) fn over_cap(
    cap: &SpendCap,
    currency: Currency,
    cost: Option<Amount>,
    ledger: &Ledger,
    now: i64,
) -> Option<ReasonEntry> {
    let spent = ledger.spent(now, i64::from(cap.window) * SECOND);
    let most = cap.amount.nano();
    let with = spent.amount.saturating_add(cost.map_or(0, Amount::nano));
    // A code without a price adds nothing, but is refused once the cap is reached.
    if with <= most && spent.amount < most {
        return None;
    }
    let unpriced = match spent.unpriced {
        0 => String::new(),
        1 => " 1 code without a price is not counted.".to_owned(),
        n => format!(" {n} codes without a price are not counted."),
    };
    let with = Amount::from_nano(with);
    Some(ReasonEntry {
        code: Code::SpendCap,
        rule: cap.name(currency),
        mode: cap.mode,
        observed: Some(Quantity::Money(with)),
        limit: Some(Quantity::Money(cap.amount)),
        window: Some(cap.window),
        message: format!(
            "With this code, {with} {currency} would be spent in {}; the cap is {} \
             {currency}.{unpriced}",
            duration(cap.window),
            cap.amount
        ),
    })
}
