//! What a page is asked for.

use domain::signins::{Filter, Place};
use domain::{Channel, Period, PhoneNumber};
use std::net::IpAddr;

/// Which attempts, and where the page of them begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Begun in this range.
    pub period: Period,
    /// By this channel.
    pub channel: Option<Channel>,
    /// Where the page begins.
    pub place: Place,
}

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A number.
    Number(PhoneNumber),
    /// An address.
    Ip(IpAddr),
    /// A user, by the name for comparison.
    User(String),
}

impl Subject {
    /// Its attempts of a range and channel.
    pub fn filter(&self, asked: Asked) -> Filter {
        let all = Filter { channel: asked.channel, ..Filter::all(asked.period) };
        match self {
            Self::Number(phone) => Filter { phone: Some(*phone), ..all },
            Self::Ip(ip) => Filter { ip: Some(*ip), ..all },
            Self::User(user) => Filter { user: Some(user.clone()), ..all },
        }
    }
}
