//! What a block or a bypass is of: its spelling, its masks, and the keys it is found by.

use super::BlockKind;
use crate::PhoneNumber;
use crate::address::client_address;
use crate::events::fold_user;
use crate::network::Network;
use crate::numbers::{canonical, check_lengths};
use crate::phone::{self, PhoneError};
use crate::workbook::Sight;
use std::fmt;
use std::net::IpAddr;

/// Most characters of a user name, as in events (contract, section 3).
pub const USER_MAX: usize = 320;

/// Shortest prefix of an IPv4 network that can be blocked: IANA assigns /8s to the regional
/// registries, so nothing wider belongs to one holder.
const WIDEST_V4: u8 = 8;
/// The same for IPv6: no registry has assigned more than a /16 to one holder.
const WIDEST_V6: u8 = 16;

/// The parsed target of a block or a bypass.
///
/// Numbers are in E.164 form. A block of numbers is written as its digits and an `x` for each open
/// digit: `+1415555xxxx` is all numbers of 11 digits that begin so. With a star, `+1415555*`, it is
/// all numbers with two, three or four more digits. Addresses and networks are in canonical form:
/// `2001:db8::1`, `203.0.113.0/24`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    kind: BlockKind,
    value: String,
    key: String,
}

impl Target {
    /// Parses a value of a kind. A block of numbers may also be written with `*` or `•` instead of
    /// `x`, or with the number of open digits: `+1415555/4`. With number metadata, a number is
    /// brought into the form that the gate looks up, and impossible numbers are refused.
    ///
    /// # Errors
    /// What is allowed, when the value is not of the kind; why not, for an impossible number or a
    /// network that is too wide.
    pub fn parse(kind: BlockKind, text: &str) -> Result<Self, String> {
        let value = match kind {
            BlockKind::User => {
                let value = user(text)?;
                let key = fold_user(&value);
                return Ok(Self { kind, value, key });
            }
            BlockKind::NumberBlock => {
                let (value, key) = number_block(text)?;
                return Ok(Self { kind, value, key });
            }
            BlockKind::Number => {
                let number = text.parse().map_err(|error: PhoneError| error.to_string())?;
                // A number that cannot be assigned is never looked up: a block of it would have no
                // effect.
                canonical(number).map_err(|error| error.to_string())?.to_string()
            }
            BlockKind::Ip => {
                // As proxies write it, but not a list: that names no single address.
                let address = client_address(text).filter(|_| !text.contains([',', ';']));
                let wrong = "must be an IPv4 or IPv6 address, such as 203.0.113.9, or a network \
                             of them, such as 203.0.113.0/24";
                address.ok_or(wrong)?.to_string()
            }
            BlockKind::IpNetwork => network(text)?.to_string(),
        };
        Ok(Self { kind, key: value.clone(), value })
    }

    /// As [`Self::parse`], but refuses an address as a user name: such a block would look like one
    /// of the address and have no effect.
    ///
    /// # Errors
    /// As [`Self::parse`], and for such a user name.
    pub(super) fn entered(kind: BlockKind, text: &str) -> Result<Self, String> {
        if kind == BlockKind::User && is_address(text) {
            return Err(
                "is an IP address or a network, no user; its kind is ip or ip_network".into()
            );
        }
        Self::parse(kind, text)
    }

    /// Parses a value and detects its kind: an address or a network; with a plus sign a number, or
    /// a block of numbers if digits are open; everything else is a user.
    ///
    /// # Errors
    /// As [`Self::parse`], and when the value looks like an address or a number but is not one.
    pub fn detect(text: &str) -> Result<Self, String> {
        let text = bare(text);
        let plain = phone::plain(text);
        let kind = match plain.strip_prefix('+') {
            Some(rest) if rest.chars().any(|letter| is_open(letter) || letter == '/') => {
                BlockKind::NumberBlock
            }
            Some(_) => BlockKind::Number,
            None if is_address(text) && text.contains('/') => BlockKind::IpNetwork,
            None if is_address(text) => BlockKind::Ip,
            None if phone::is_scientific(text) => {
                return Err(PhoneError::Scientific.to_string());
            }
            None if is_dialled(&plain) => {
                return Err(
                    "looks like a phone number without a plus sign; begin it with a plus sign and \
                     the country's code (also instead of 00), or choose the kind user"
                        .to_owned(),
                );
            }
            None if is_decorated(text) && !text.contains(char::is_control) => {
                return Err(
                    "has a mark, a word or a space next to it; leave that out, or choose the kind \
                     user"
                        .to_owned(),
                );
            }
            None => BlockKind::User,
        };
        Self::parse(kind, text)
    }

    /// The kind that was given or detected.
    pub fn kind(&self) -> BlockKind {
        self.kind
    }

    /// The value as displayed to those who may see whole numbers.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value for comparison: a user folded, a block of numbers in its one spelling.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value as displayed, masked if `sight` requires it.
    pub fn value_text(&self, sight: Sight) -> String {
        value_text(self.kind, &self.value, sight)
    }

    /// The object in the audit log: `user ann@example.com`, `number +14155550100`.
    pub fn object(&self) -> String {
        format!("{} {}", self.kind, self.value)
    }
}

/// Logs get masks: whole numbers must not reach them.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind, self.value_text(Sight::Masked))
    }
}

/// Displays a value of a kind. The mask of a block of numbers keeps as much as that of a number in
/// it. Addresses are not masked.
pub fn value_text(kind: BlockKind, value: &str, sight: Sight) -> String {
    match (kind, sight) {
        (BlockKind::Ip | BlockKind::IpNetwork, _) => value.to_owned(),
        (BlockKind::NumberBlock, Sight::Masked) => masked_block(value),
        // A user name may be a phone number.
        (BlockKind::User | BlockKind::Number | BlockKind::NumberBlock, _) => {
            sight.text_owned(value)
        }
    }
}

fn masked_block(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let open: String = value.chars().filter(|letter| matches!(letter, 'x' | '*')).collect();
    let count = open.chars().filter(|letter| *letter == 'x').count();
    // A star, or nothing, means at least two digits.
    format!("{}{open}", crate::mask::block(&digits, count.max(2)))
}

/// The keys of blocks that apply to a number: its own, and those of every block of numbers that
/// contains it.
pub fn keys_of(number: PhoneNumber) -> (String, Vec<String>) {
    let whole = number.to_string();
    let blocks = (2..=4)
        .filter_map(|open| Some((open, whole.get(..whole.len().checked_sub(open)?)?)))
        .flat_map(|(open, digits)| [format!("{digits}{}", "x".repeat(open)), digits.to_owned()])
        .collect();
    (whole, blocks)
}

/// The keys of blocks that apply to an address: its own, and those of every network that can be
/// blocked and contains it.
pub fn keys_of_ip(address: IpAddr) -> (String, Vec<String>) {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { WIDEST_V4..=32 } else { WIDEST_V6..=128 };
    let networks = bits.map(|bits| Network::of(address, bits).to_string()).collect();
    (address.to_string(), networks)
}

fn user(text: &str) -> Result<String, String> {
    let text = bare(text);
    if text.is_empty() || text.chars().count() > USER_MAX || text.chars().any(char::is_control) {
        return Err(format!("must be 1 to {USER_MAX} characters without control characters"));
    }
    Ok(text.to_owned())
}

fn network(text: &str) -> Result<Network, String> {
    let text = text.trim();
    let network = text.contains('/').then(|| text.parse::<Network>().ok()).flatten();
    let network = network.ok_or("must be a network of IP addresses, such as 203.0.113.0/24")?;
    let widest = if network.is_ipv4() { WIDEST_V4 } else { WIDEST_V6 };
    if network.prefix() < widest {
        return Err(format!(
            "is too wide: no one holds more than a /{widest}, and a wider block would refuse \
             whole parts of the internet"
        ));
    }
    Ok(network)
}

/// Whether a text is written like an address, a network, a range of addresses or a URL with one,
/// valid or not. User names are not.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let first = text.split('-').next().unwrap_or_default().trim();
    let plain = first.split('/').next().unwrap_or_default();
    let four = plain.split('.').count() == 4
        && plain.split('.').all(|part| {
            part == "*" || !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
        });
    let six = plain.contains("::")
        && plain.chars().all(|letter| letter.is_ascii_hexdigit() || matches!(letter, ':' | '.'));
    four || six || client_address(plain).is_some()
}

/// Trims blanks and invisible characters, which copying adds.
fn bare(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || phone::is_unseen(letter))
}

/// Whether a text is a name with something around it, as lists and mails have it: `● ann`,
/// `(1) ann`, `“ann”`, `Bob <ann@example.com>`, `ann # spam`. A block of the whole text would have
/// no effect.
fn is_decorated(text: &str) -> bool {
    let around = |letter: Option<char>| {
        letter.is_some_and(|letter| !letter.is_alphanumeric() && !matches!(letter, '_' | '$' | '#'))
    };
    let mail = text.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("mailto:"));
    mail || around(text.chars().next())
        || around(text.chars().next_back())
        || text.contains(char::is_whitespace)
}

/// Whether a text is only digits, as a number without its plus sign. A user name of digits needs
/// the kind `user`.
fn is_dialled(plain: &str) -> bool {
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    (7..=17).contains(&digits)
        && plain.chars().all(|letter| letter.is_ascii_digit() || letter == '/')
}

fn is_open(letter: char) -> bool {
    matches!(letter, 'x' | 'X' | '*' | '•')
}

/// Value and key; the key of `+1415555*` is the digits alone.
fn number_block(text: &str) -> Result<(String, String), String> {
    const ALLOWED: &str = "must be a number whose last 2, 3 or 4 digits are left open, such as \
                           +1415555xxxx or +1415555*";
    let mut digits = String::new();
    let mut marks = String::new();
    let plain = phone::plain(text);
    let mut letters = plain.chars();
    if letters.next() != Some('+') {
        return Err(ALLOWED.to_owned());
    }
    while let Some(letter) = letters.next() {
        match letter {
            '0'..='9' if marks.is_empty() => digits.push(letter),
            '/' if marks.is_empty() => {
                let open: usize = letters.as_str().trim().parse().map_err(|_| ALLOWED)?;
                if !(2..=4).contains(&open) {
                    return Err(ALLOWED.to_owned());
                }
                marks = "x".repeat(open);
                break;
            }
            letter if is_open(letter) => marks.push(letter),
            _ => return Err(ALLOWED.to_owned()),
        }
    }
    if digits.starts_with('0') {
        return Err(PhoneError::LeadingZero.to_string());
    }
    let open = if marks == "*" { 2..=4 } else { marks.chars().count()..=marks.chars().count() };
    if !(2..=4).contains(open.start()) {
        return Err(ALLOWED.to_owned());
    }
    let counts: Vec<usize> = open.clone().map(|open| digits.len() + open).collect();
    if digits.len() < 3 || !counts.iter().any(|count| (7..=15).contains(count)) {
        return Err(format!("{ALLOWED}; a number has 7 to 15 digits"));
    }
    let (digits, counts) = without_national_prefix(digits, counts);
    check_lengths(&digits, &counts).map_err(|error| error.to_string())?;
    if marks == "*" {
        return Ok((format!("+{digits}*"), format!("+{digits}")));
    }
    let block = format!("+{digits}{}", "x".repeat(*open.start()));
    Ok((block.clone(), block))
}

/// Removes a national prefix after the calling code, which numbers do not contain:
/// `+44 (0)7400 12xxxx` is `+44740012xxxx`. Repeats, because another may follow (`+1 1 1341`).
fn without_national_prefix(mut digits: String, mut counts: Vec<usize>) -> (String, Vec<usize>) {
    while let Some((shorter, gone)) = without_one(&digits, &counts) {
        digits = shorter;
        counts.iter_mut().for_each(|count| *count -= gone);
    }
    (digits, counts)
}

/// The digits without one national prefix, and how many it had; `None` when there is none.
fn without_one(digits: &str, counts: &[usize]) -> Option<(String, usize)> {
    counts.iter().find_map(|count| {
        let whole: u64 = format!("{digits:0<count$}").parse().ok()?;
        let number = PhoneNumber::from_digits(whole).ok()?;
        let form = canonical(number).ok()?.digits().to_string();
        let kept = form.len().checked_sub(count - digits.len())?;
        (form.len() < *count).then(|| (form[..kept].to_owned(), count - form.len()))
    })
}
