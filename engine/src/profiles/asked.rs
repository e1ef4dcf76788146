//! The request for a page.

use domain::signins::{Filter, PageStart};
use domain::{Channel, Period, PhoneNumber};
use std::net::IpAddr;

/// Which attempts to show, and where their page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptSelection {
    /// Range of the attempts' start times.
    pub period: Period,
    /// Only this channel; `None` for all.
    pub channel: Option<Channel>,
    /// Where the page begins.
    pub place: PageStart,
}

/// The subject of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileSubject {
    /// A number.
    Number(PhoneNumber),
    /// An address.
    Ip(IpAddr),
    /// A user, by the comparable form of the name.
    User(String),
}

impl ProfileSubject {
    /// The filter for its attempts in a range and channel.
    pub fn filter(&self, asked: AttemptSelection) -> Filter {
        let all = Filter { channel: asked.channel, ..Filter::all(asked.period) };
        match self {
            Self::Number(phone) => Filter { phone: Some(*phone), ..all },
            Self::Ip(ip) => Filter { ip: Some(*ip), ..all },
            Self::User(user) => Filter { user: Some(user.clone()), ..all },
        }
    }
}
