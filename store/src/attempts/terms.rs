//! SQL conditions of a page of the sign-in log, and its result.

use domain::attempts::Attempt;
use domain::signins::{Cursor, Filter, PageStart};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Rows found, in the direction of reading.
#[derive(Debug, Default)]
pub(super) struct FoundAttempts {
    /// At most one more than a page shows.
    pub(super) rows: Vec<Attempt>,
    /// Where reading stopped, if before the end of the period.
    pub(super) end: Option<Cursor>,
}

/// Adds the conditions for the period and the position.
pub(super) fn push_range(sql: &mut QueryBuilder<Postgres>, filter: &Filter, place: PageStart) {
    match place {
        PageStart::Newest => {}
        PageStart::Before(Cursor { time, id }) => {
            sql.push(" and (time, id) < (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        PageStart::After(Cursor { time, id }) => {
            sql.push(" and (time, id) > (").push_bind(time).push(", ").push_bind(id).push(")");
        }
    }
    sql.push(" and time >= ").push_bind(filter.period.from);
    sql.push(" and time < ").push_bind(filter.period.to);
}

/// Adds the filter's other conditions.
pub(super) fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if let Some(user) = &filter.user {
        sql.push(" and user_key = ").push_bind(user.clone());
    }
    if let Some(phone) = filter.phone {
        sql.push(" and phone = ").push_bind(phone.to_string());
    }
    if let Some(ip) = filter.ip {
        sql.push(" and ip = ").push_bind(ip.to_string()).push("::inet");
    }
    let words = [
        (" and channel = ", filter.channel.map(|channel| channel.as_str().to_owned())),
        (" and outcome = ", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
        (" and region = ", filter.region.map(|region| region.as_str().to_owned())),
        (" and flow = ", filter.flow.clone()),
        (" and reason = ", filter.reason.map(|reason| reason.as_str().to_owned())),
        (" and browser = ", filter.browser.clone()),
    ];
    for (part, word) in words {
        if let Some(word) = word {
            sql.push(part).push_bind(word);
        }
    }
}

/// The order of the log, in the direction of reading.
pub(super) fn order_by(place: PageStart) -> &'static str {
    match place {
        PageStart::After(_) => " order by time, id",
        PageStart::Newest | PageStart::Before(_) => " order by time desc, id desc",
    }
}

/// The position after all attempts of an instant, in the direction of reading.
pub(super) fn position_after(place: PageStart, time: chrono::DateTime<chrono::Utc>) -> Cursor {
    let id = match place {
        PageStart::After(_) => Uuid::max(),
        PageStart::Newest | PageStart::Before(_) => Uuid::nil(),
    };
    Cursor { time, id }
}
