//! Past attempts in order of time, for trying other rules on them. Read in pieces, so that no
//! snapshot is held for long.

use crate::parsed::{parsed, parsed_if};
use crate::{Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Channel, Kind, PhoneNumber};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// An attempt with what a gate request would contain.
#[derive(Debug, Clone, PartialEq)]
pub struct PastAttempt {
    /// Id of the attempt.
    pub id: Uuid,
    /// Time of its first event.
    pub time: DateTime<Utc>,
    /// Phone number; none if it is no longer valid.
    pub phone: Option<PhoneNumber>,
    /// How the code was sent.
    pub channel: Channel,
    /// Normalised user name.
    pub user: Option<String>,
    /// Sign-in flow from the source.
    pub flow: Option<String>,
    /// IP address of the user.
    pub ip: Option<IpAddr>,
    /// Kind of the event that decided it.
    pub outcome: Kind,
}

/// Position in the order of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct AttemptPosition {
    time: DateTime<Utc>,
    id: Uuid,
}

impl AttemptPosition {
    /// The position before all attempts since `time`.
    pub fn before(time: DateTime<Utc>) -> Self {
        // Times are whole microseconds.
        Self { time: time - TimeDelta::microseconds(1), id: Uuid::max() }
    }

    /// Time of the attempt at this position.
    pub fn time(self) -> DateTime<Utc> {
        self.time
    }
}

/// Consecutive attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Ordered by time, then id.
    pub attempts: Vec<PastAttempt>,
    /// Where to continue; none at the end.
    pub next: Option<AttemptPosition>,
}

/// The position before the newest `most` attempts to phone numbers from `from` to before `to`; none
/// if there are no more than `most`.
pub async fn newest(
    pool: &PgPool,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    most: u32,
) -> Result<Option<AttemptPosition>> {
    let sql = "select time, id from attempt
         where time >= $1 and time < $2 and phone is not null
           and channel in ('voice', 'sms', 'whatsapp', 'rcs')
         order by time desc, id desc offset $3 limit 1";
    Ok(sqlx::query_as(sql).bind(from).bind(to).bind(i64::from(most)).fetch_optional(pool).await?)
}

/// Number of attempts to phone numbers from `from` to before `to`, counted by day from the newest
/// until there are at least `enough`; and whether all were counted.
pub async fn count(
    pool: &PgPool,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    enough: u64,
) -> Result<(u64, bool)> {
    let (mut counted, mut end) = (0, to);
    while end > from {
        if counted >= enough {
            return Ok((counted, false));
        }
        let begin = (end - TimeDelta::days(1)).max(from);
        let sql = "select count(*) from attempt
             where time >= $1 and time < $2 and phone is not null
               and channel in ('voice', 'sms', 'whatsapp', 'rcs')";
        let n: i64 = sqlx::query_scalar(sql).bind(begin).bind(end).fetch_one(pool).await?;
        counted += u64::try_from(n).map_err(|error| Error::corrupt("attempt", error))?;
        end = begin;
    }
    Ok((counted, true))
}

/// The next attempts to phone numbers after a position and before `to`, at most `most`, which must
/// not be 0.
pub async fn piece(
    pool: &PgPool,
    after: AttemptPosition,
    to: DateTime<Utc>,
    most: u32,
) -> Result<Piece> {
    let rows = sqlx::query(
        "select id, time, phone, channel, user_key, flow, host(ip) as ip, outcome from attempt
         where (time, id) > ($1, $2) and time < $3 and phone is not null
           and channel in ('voice', 'sms', 'whatsapp', 'rcs')
         order by time, id limit $4",
    )
    .bind(after.time)
    .bind(after.id)
    .bind(to)
    .bind(i64::from(most))
    .fetch_all(pool)
    .await?;
    let attempts = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let full = u32::try_from(attempts.len()).is_ok_and(|read| read >= most);
    let next = attempts
        .last()
        .filter(|_| full)
        .map(|past| AttemptPosition { time: past.time, id: past.id });
    Ok(Piece { attempts, next })
}

fn read(row: &PgRow) -> Result<PastAttempt> {
    Ok(PastAttempt {
        id: row.try_get("id")?,
        time: row.try_get("time")?,
        phone: PhoneNumber::from_e164(row.try_get("phone")?).ok(),
        channel: parsed("attempt", row.try_get("channel")?)?,
        user: row.try_get("user_key")?,
        flow: row.try_get("flow")?,
        ip: parsed_if("attempt", row.try_get("ip")?)?,
        outcome: parsed("attempt", row.try_get("outcome")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempts::fold;
    use crate::attempts::tests::bare;
    use domain::attempts::{Attempt, First};

    fn at(text: &str) -> DateTime<Utc> {
        domain::period::parse_time(text).unwrap()
    }

    fn attempt(id: u128, time: &str, phone: Option<&str>, channel: Channel) -> Attempt {
        let time = at(time);
        let phone = phone.map(|phone| phone.parse().unwrap());
        Attempt {
            outcome: Kind::Verified,
            user: First::at(time, Some("  Ann ".to_owned())),
            phone: First::at(time, phone),
            channel: First::at(time, Some(channel)),
            flow: First::at(time, Some("sign-in".to_owned())),
            ip: First::at(time, Some("2001:db8::1".parse().unwrap())),
            ..bare(id, time)
        }
    }

    const US: Option<&str> = Some("+14155552700");

    async fn some(pool: &PgPool) -> Result<()> {
        let attempts = vec![
            attempt(9, "2026-11-18T23:59:59.999999Z", US, Channel::Sms),
            attempt(0, "2026-11-19T00:00:00Z", US, Channel::Voice),
            attempt(3, "2026-11-19T12:00:00Z", US, Channel::Rcs),
            attempt(2, "2026-11-19T12:00:00Z", US, Channel::Whatsapp),
            attempt(4, "2026-11-19T12:00:00Z", US, Channel::Email),
            attempt(5, "2026-11-19T13:00:00Z", US, Channel::Push),
            attempt(6, "2026-11-19T13:00:00Z", None, Channel::Sms),
            attempt(7, "2026-11-20T12:00:00Z", US, Channel::Sms),
            attempt(8, "2026-11-20T13:00:00Z", US, Channel::Sms),
        ];
        fold(&mut *pool.acquire().await?, attempts).await
    }

    /// From and to: four attempts lie between.
    fn range() -> (DateTime<Utc>, DateTime<Utc>) {
        (at("2026-11-19T00:00:00Z"), at("2026-11-20T13:00:00Z"))
    }

    async fn all(pool: &PgPool, mut after: AttemptPosition, most: u32) -> Result<Vec<u128>> {
        let mut ids = Vec::new();
        loop {
            let piece = piece(pool, after, range().1, most).await?;
            assert!(piece.attempts.len() <= most as usize);
            ids.extend(piece.attempts.iter().map(|past| past.id.as_u128()));
            match piece.next {
                Some(next) => after = next,
                None => return Ok(ids),
            }
        }
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn pieces_of_any_size_make_the_whole_in_order(pool: PgPool) -> Result<()> {
        let begin = AttemptPosition::before(range().0);
        assert_eq!(all(&pool, begin, 1).await?, [] as [u128; 0], "an empty store");
        some(&pool).await?;
        for most in [1, 2, 3, 4, 5] {
            assert_eq!(all(&pool, begin, most).await?, [0, 2, 3, 7], "by {most}");
        }
        let first = piece(&pool, begin, range().1, 1).await?;
        assert_eq!(
            first.attempts,
            [PastAttempt {
                id: Uuid::nil(),
                time: range().0,
                phone: Some("+14155552700".parse().unwrap()),
                channel: Channel::Voice,
                user: Some("ann".to_owned()),
                flow: Some("sign-in".to_owned()),
                ip: Some("2001:db8::1".parse().unwrap()),
                outcome: Kind::Verified,
            }]
        );
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_newest_are_those_after_the_one_too_many(pool: PgPool) -> Result<()> {
        some(&pool).await?;
        let (from, to) = range();
        for (most, expected) in [(1, &[7_u128][..]), (2, &[3, 7]), (3, &[2, 3, 7])] {
            let after = newest(&pool, from, to, most).await?.unwrap();
            assert_eq!(all(&pool, after, 2).await?, expected, "{most}");
        }
        for most in [4, 5] {
            assert_eq!(newest(&pool, from, to, most).await?, None, "{most}");
        }
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn counting_stops_when_it_is_enough_and_says_so(pool: PgPool) -> Result<()> {
        let (from, to) = range();
        assert_eq!(count(&pool, from, to, 1).await?, (0, true));
        some(&pool).await?;
        assert_eq!(count(&pool, from, to, 100).await?, (4, true));
        // A day from the end: 2026-11-19T13:00 on.
        assert_eq!(count(&pool, from, to, 1).await?, (1, false));
        assert_eq!(count(&pool, from, to, 2).await?, (4, true));
        assert_eq!(count(&pool, to, from, 2).await?, (0, true));
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_number_of_no_shape_is_handed_over_without_one(pool: PgPool) -> Result<()> {
        some(&pool).await?;
        sqlx::query("update attempt set phone = '0041' where id = $1")
            .bind(Uuid::from_u128(2))
            .execute(&pool)
            .await?;
        let piece = piece(&pool, AttemptPosition::before(range().0), range().1, 9).await?;
        let without: Vec<_> =
            piece.attempts.iter().filter(|past| past.phone.is_none()).map(|past| past.id).collect();
        assert_eq!((without, piece.next), (vec![Uuid::from_u128(2)], None));
        Ok(())
    }
}
