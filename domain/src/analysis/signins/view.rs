//! The query of the sign-in log's page.
//!
//! | name | value | when absent |
//! |---|---|---|
//! | `user` | a handle (`u_…`), or a name as typed | all |
//! | `number` | a handle (`n_…`), or a number as typed | all |
//! | `ip` | an IPv4 or IPv6 address | all |
//! | `channel` `outcome` `reason` | their words | all |
//! | `region` | `DE`, `001` | all |
//! | `flow` `browser` | its exact name | all |
//! | `range`, `from`, `to` | as in the workbook | `30d` |
//! | `before`, `after` | a position in the log | the newest |

use super::{Filter, PageStart};
use crate::address::client_address;
use crate::events::fold_user;
use crate::handles::{Handle, HandleError, HandleKey, is_handle};
use crate::mask::hides;
use crate::period::DEFAULT_RANGE;
use crate::query::{Address, href};
use crate::workbook::Sight;
use crate::{Fault, Invalid, Period, PhoneNumber, Region};
use chrono::{DateTime, Duration, Utc};
use std::net::IpAddr;
use std::str::FromStr;

/// Query parameters, in the order in which links write them.
const FIELDS: &[&str] = &[
    "user", "number", "ip", "channel", "outcome", "region", "flow", "reason", "browser", "range",
    "from", "to", "before", "after",
];
/// Error for viewers who see masks and type digits of a number.
const TYPED: &str = "must be chosen from a list in your role; you cannot search by typed digits";
/// Maximum characters of a user or flow name (contract, section 3).
const NAME: usize = 320;

/// The page's query as typed. Links are built from a copy with one change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    given: Address,
}

/// What a view selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The filter, without invalid values.
    pub filter: Filter,
    /// Where the page begins.
    pub place: PageStart,
    /// The errors, by field.
    pub invalid: Invalid,
    /// The view with handles instead of typed names and numbers.
    pub settled: View,
}

impl Selection {
    /// Whether the filter lacks an invalid condition, so that the answer would include unwanted
    /// attempts.
    pub fn is_unsure(&self) -> bool {
        let chooses = |field: &str| !matches!(field, "range" | "from" | "to" | "place");
        self.invalid.fields.iter().any(|error| chooses(&error.field))
    }
}

impl View {
    /// Reads names and values; unknown names are dropped, the last of repeated ones wins.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of(&Address::of(pairs))
    }

    /// From query parameters; unknown names are dropped.
    pub fn of(address: &Address) -> Self {
        Self { given: address.only(FIELDS) }
    }

    /// A parameter as typed; empty if absent.
    pub fn text(&self, field: &str) -> &str {
        self.given.text(field)
    }

    /// A copy with another value of a field, at the newest attempt; an empty value removes the
    /// field.
    #[must_use]
    pub fn with(&self, field: &'static str, value: &str) -> Self {
        let mut copy = self.at(PageStart::Newest);
        copy.given.set(field, value);
        copy
    }

    /// A copy with a named range, at the newest attempt.
    #[must_use]
    pub fn with_range(&self, range: &str) -> Self {
        self.with("from", "").with("to", "").with("range", range)
    }

    /// A copy at another position.
    #[must_use]
    pub fn at(&self, place: PageStart) -> Self {
        let given = self.given.with("before", "").with("after", "");
        let given = match place {
            PageStart::Newest => given,
            PageStart::Before(cursor) => given.with("before", &cursor.to_string()),
            PageStart::After(cursor) => given.with("after", &cursor.to_string()),
        };
        Self { given }
    }

    /// The named range; `None` for a custom one.
    pub fn named_range(&self) -> Option<&str> {
        let custom = !self.text("from").is_empty() || !self.text("to").is_empty();
        let named = self.given.get("range").unwrap_or(DEFAULT_RANGE);
        (!custom).then_some(named)
    }

    /// The query as pairs, without defaults.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let custom = self.named_range().is_none();
        let mut pairs = self.given.pairs(FIELDS);
        pairs.retain(|(name, value)| name != "range" || !custom && value != DEFAULT_RANGE);
        pairs
    }

    /// A path with this query.
    pub fn href(&self, path: &str) -> String {
        href(path, self.pairs())
    }

    /// Reads the query. Viewers who see masks can only name numbers by handle: probing digits would
    /// reveal what the mask hides.
    pub fn ask(&self, key: &HandleKey, sight: Sight, now: DateTime<Utc>) -> Selection {
        let mut invalid = Invalid::default();
        let mut settled = self.clone();
        let given = |field| self.given.get(field);
        let period = Period::read(given("range"), given("from"), given("to"), now);
        let period = invalid.keep(period);
        let period = period.unwrap_or(Period { from: now - Duration::days(30), to: now });
        let user = self.typed("user", sight, &mut invalid, &mut settled);
        let user = user.and_then(|text| match key.read(text) {
            Ok(Handle::User(user)) => Some(user),
            Ok(Handle::Number(_)) => {
                invalid.push("user", Fault::InvalidValue, "names a number, not a user");
                None
            }
            Err(error @ HandleError::Foreign) => {
                invalid.push("user", Fault::InvalidValue, error.to_string());
                None
            }
            Err(HandleError::Shape) if text.chars().count() > NAME => {
                let message = format!("must have at most {NAME} characters");
                invalid.push("user", Fault::TooLong, message);
                None
            }
            Err(HandleError::Shape) => {
                settled.given.set("user", &key.user(text));
                Some(fold_user(text))
            }
        });
        let phone = self.number(key, sight, &mut invalid, &mut settled);
        let flow = self.typed("flow", sight, &mut invalid, &mut settled).map(str::to_owned);
        let browser = self.typed("browser", sight, &mut invalid, &mut settled).map(str::to_owned);
        let filter = Filter {
            period,
            user,
            phone,
            ip: self.ip(&mut invalid),
            channel: self.word("channel", &mut invalid, |allowed| allowed),
            outcome: self.word("outcome", &mut invalid, |allowed| allowed),
            region: self.region(&mut invalid),
            flow,
            browser,
            reason: self.word("reason", &mut invalid, |_| "must be a known reason".to_owned()),
        };
        let place = self.place(&mut invalid);
        Selection { filter, place, invalid, settled }
    }

    /// A typed text. Viewers who see masks may not type digits of a number in any field; handles
    /// reveal nothing.
    fn typed(
        &self,
        field: &'static str,
        sight: Sight,
        invalid: &mut Invalid,
        settled: &mut Self,
    ) -> Option<&str> {
        let text = self.name(field, invalid)?;
        if sight == Sight::Masked && !is_handle(text) && hides(text) {
            // Links must not repeat the typed digits either.
            settled.given.set(field, "");
            invalid.push(field, Fault::Forbidden, TYPED);
            return None;
        }
        Some(text)
    }

    /// A text that the store accepts in a query.
    fn name(&self, field: &'static str, invalid: &mut Invalid) -> Option<&str> {
        let text = self.given.get(field)?;
        if text.chars().any(char::is_control) {
            invalid.push(field, Fault::InvalidValue, "must not have control characters");
        } else if text.contains(char::REPLACEMENT_CHARACTER) {
            // Invalid UTF-8 in a URL arrives as this character.
            invalid.push(field, Fault::InvalidValue, "must be text in UTF-8");
        } else if field != "user" && text.chars().count() > NAME {
            // A user's handle is longer than the name.
            invalid.push(field, Fault::TooLong, format!("must have at most {NAME} characters"));
        } else {
            return Some(text);
        }
        None
    }

    fn word<T: FromStr>(
        &self,
        field: &'static str,
        invalid: &mut Invalid,
        allowed: impl Fn(T::Err) -> String,
    ) -> Option<T> {
        let text = self.given.get(field)?;
        let read = text.parse();
        read.map_err(|error| invalid.push(field, Fault::InvalidChoice, allowed(error))).ok()
    }

    fn ip(&self, invalid: &mut Invalid) -> Option<IpAddr> {
        let text = self.given.get("ip")?;
        let ip = client_address(text);
        if ip.is_none() {
            invalid.push("ip", Fault::InvalidIp, "must be an IPv4 or IPv6 address");
        }
        ip
    }

    fn region(&self, invalid: &mut Invalid) -> Option<Region> {
        let read = self.given.get("region")?.to_uppercase().parse();
        read.map_err(|allowed: &str| invalid.push("region", Fault::InvalidChoice, allowed)).ok()
    }

    fn number(
        &self,
        key: &HandleKey,
        sight: Sight,
        invalid: &mut Invalid,
        settled: &mut Self,
    ) -> Option<PhoneNumber> {
        let text = self.given.get("number")?;
        let (code, message) = match key.read(text) {
            Ok(Handle::Number(phone)) => return Some(phone),
            Ok(Handle::User(_)) => (Fault::InvalidValue, "names a user, not a number".to_owned()),
            Err(error @ HandleError::Foreign) => (Fault::InvalidValue, error.to_string()),
            Err(HandleError::Shape) if sight == Sight::Masked => {
                // Links must not repeat the typed digits either.
                settled.given.set("number", "");
                (Fault::Forbidden, TYPED.to_owned())
            }
            Err(HandleError::Shape) => match text.parse::<PhoneNumber>() {
                Ok(phone) => {
                    settled.given.set("number", &key.number(phone));
                    return Some(phone);
                }
                Err(error) => (Fault::InvalidPhone, error.to_string()),
            },
        };
        invalid.push("number", code, message);
        None
    }

    fn place(&self, invalid: &mut Invalid) -> PageStart {
        let place = match (self.text("before"), self.text("after")) {
            ("", "") => return PageStart::Newest,
            (before, "") => before.parse().map(PageStart::Before),
            ("", after) => after.parse().map(PageStart::After),
            _ => Err("is named twice"),
        };
        place.unwrap_or_else(|message: &str| {
            invalid.push("place", Fault::InvalidValue, message);
            PageStart::Newest
        })
    }
}

#[cfg(test)]
mod tests;
