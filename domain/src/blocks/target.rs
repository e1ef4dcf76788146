//! What a block or a bypass is of: its forms, its masks, and the keys it is found by.

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

/// Most letters of a user's name, as in events (contract, section 3).
pub const USER_MAX: usize = 320;

/// Bits of the widest network that can be blocked, of IPv4: IANA gives addresses to the regional
/// registries in /8s, so that nothing wider belongs to one holder.
const WIDEST_V4: u8 = 8;
/// The same of IPv6: no registry has given one holder more than a /16.
const WIDEST_V6: u8 = 16;

/// What a block or a bypass is of, parsed.
///
/// Numbers stand in E.164 form. The one form of a block of numbers is its digits and an `x` for
/// each digit left open: `+1415555xxxx` is all numbers of 11 digits that begin so. With one star,
/// `+1415555*`, it is all numbers that have two, three or four digits more. Addresses and networks
/// stand in canonical form: `2001:db8::1`, `203.0.113.0/24`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    kind: BlockKind,
    value: String,
    key: String,
}

impl Target {
    /// Reads a value of a kind. A block of numbers may also be written with several `*` or `•`
    /// instead of `x`, or with how many digits are left open: `+1415555/4`. With number metadata a
    /// number takes the form that the gate asks by, and what no number can be is refused.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn parse(kind: BlockKind, text: &str) -> Result<Self, String> {
        let (value, key) = match kind {
            BlockKind::User => user(text)?,
            BlockKind::Number => {
                let number =
                    assigned(text.parse().map_err(|error: PhoneError| error.to_string())?)?;
                (number.to_string(), number.to_string())
            }
            BlockKind::NumberBlock => number_block(text)?,
            BlockKind::Ip => {
                let address = ip(text).ok_or(
                    "must be an IPv4 or IPv6 address, such as 203.0.113.9, or a \
                                    network of them, such as 203.0.113.0/24",
                )?;
                (address.to_string(), address.to_string())
            }
            BlockKind::IpNetwork => {
                let network = network(text)?.to_string();
                (network.clone(), network)
            }
        };
        Ok(Self { kind, value, key })
    }

    /// Reads what somebody entered as a value of a kind: as [`Self::parse`], but an address is
    /// nobody's name. A block of a user by such a name would look like a block of the address and
    /// stop nobody.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(super) fn entered(kind: BlockKind, text: &str) -> Result<Self, String> {
        if kind == BlockKind::User && is_address(text) {
            return Err(
                "is an IP address or a network, no user; its kind is ip or ip_network".into()
            );
        }
        Self::parse(kind, text)
    }

    /// Reads a value whose kind nobody named: an address or a network; with a plus sign a number,
    /// or a block of numbers where digits are left open; all else is a user.
    ///
    /// # Errors
    /// As [`Self::parse`]; and what is written like an address or a number, but is none.
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
                    "looks like a phone number without a plus sign; begin it with one and \
                            the country's code, also in place of 00, or say that it is a user"
                        .to_owned(),
                );
            }
            None if is_decorated(text) && !text.contains(char::is_control) => {
                return Err(
                    "has a mark, a word or a blank beside it; leave that out, or say that it \
                            is a user"
                        .to_owned(),
                );
            }
            None => BlockKind::User,
        };
        Self::parse(kind, text)
    }

    /// What it is.
    pub fn kind(&self) -> BlockKind {
        self.kind
    }

    /// As it is shown to those who see whole numbers.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// For comparison: the user folded, the number, the block in its one form.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// As it is shown to somebody.
    pub fn shown(&self, sight: Sight) -> String {
        shown(self.kind, &self.value, sight)
    }

    /// What the audit log calls it: `user ann@example.com`, `number +14155550100`.
    pub fn object(&self) -> String {
        format!("{} {}", self.kind, self.value)
    }
}

/// Logs see masks: whole numbers never reach them.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind, self.shown(Sight::Masked))
    }
}

/// A value of a kind as somebody may see it. Of a block of numbers as much is kept as of a number
/// in it. Addresses have no mask.
pub fn shown(kind: BlockKind, value: &str, sight: Sight) -> String {
    match (kind, sight) {
        (BlockKind::Ip | BlockKind::IpNetwork, _) => value.to_owned(),
        (BlockKind::NumberBlock, Sight::Masked) => masked_block(value),
        // Some sign in with their number.
        (BlockKind::User | BlockKind::Number | BlockKind::NumberBlock, _) => sight.said(value),
    }
}

fn masked_block(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let open: String = value.chars().filter(|letter| matches!(letter, 'x' | '*')).collect();
    let count = open.chars().filter(|letter| *letter == 'x').count();
    // A star, or nothing, stands for two digits at least.
    format!("{}{open}", crate::mask::block(&digits, count.max(2)))
}

/// The keys that blocks of a number have: its own, and those of every block it lies in.
pub fn keys_of(number: PhoneNumber) -> (String, Vec<String>) {
    let whole = number.to_string();
    let blocks = (2..=4)
        .filter_map(|open| Some((open, whole.get(..whole.len().checked_sub(open)?)?)))
        .flat_map(|(open, digits)| [format!("{digits}{}", "x".repeat(open)), digits.to_owned()])
        .collect();
    (whole, blocks)
}

/// The keys that blocks of an address have: its own, and those of every network that can be
/// blocked and holds it.
pub fn keys_of_ip(address: IpAddr) -> (String, Vec<String>) {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { WIDEST_V4..=32 } else { WIDEST_V6..=128 };
    let networks = bits.map(|bits| Network::of(address, bits).to_string()).collect();
    (address.to_string(), networks)
}

fn user(text: &str) -> Result<(String, String), String> {
    let text = bare(text);
    if text.is_empty() || text.chars().count() > USER_MAX || text.chars().any(char::is_control) {
        return Err(format!("must be 1 to {USER_MAX} characters without control characters"));
    }
    Ok((text.to_owned(), fold_user(text)))
}

/// As proxies write it, but no list: of several nobody is meant alone.
fn ip(text: &str) -> Option<IpAddr> {
    client_address(text).filter(|_| !text.contains([',', ';']))
}

fn network(text: &str) -> Result<Network, String> {
    let text = text.trim();
    let network = match text.contains('/') {
        true => text.parse::<Network>().ok(),
        false => None,
    };
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

/// Whether a text is written like an address, a network, a range of addresses or the address of a
/// page on one, right or wrong: nobody's name is.
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

/// Without blanks and marks that nobody sees around it, which come along when it is copied.
fn bare(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || phone::is_unseen(letter))
}

/// Whether a text is a name with something around it, as lists and mails have it: `● ann`, `(1) ann`,
/// `“ann”`, `Bob <ann@example.com>`, `ann # spam`. A block of the whole would stop nobody.
fn is_decorated(text: &str) -> bool {
    let around = |letter: Option<char>| {
        letter.is_some_and(|letter| !letter.is_alphanumeric() && !matches!(letter, '_' | '$' | '#'))
    };
    let mail = text.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("mailto:"));
    mail || around(text.chars().next())
        || around(text.chars().next_back())
        || text.contains(char::is_whitespace)
}

/// Whether a text is digits alone, as a number without its plus sign is: as it is dialled within a
/// country, or with the country's code. Whoever means a name of digits says that it is a user.
fn is_dialled(plain: &str) -> bool {
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    (7..=17).contains(&digits)
        && plain.chars().all(|letter| letter.is_ascii_digit() || letter == '/')
}

/// The number as the gate asks for it. A number of a calling code or length that nobody has cannot
/// be asked for: a block of it would hold nothing.
fn assigned(number: PhoneNumber) -> Result<PhoneNumber, String> {
    canonical(number).map_err(|error| error.to_string())
}

fn is_open(letter: char) -> bool {
    matches!(letter, 'x' | 'X' | '*' | '•')
}

/// The value, and the key: of `+1415555*` that is the digits alone.
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
    holds_numbers(&digits, &counts)?;
    if marks == "*" {
        return Ok((format!("+{digits}*"), format!("+{digits}")));
    }
    let block = format!("+{digits}{}", "x".repeat(*open.start()));
    Ok((block.clone(), block))
}

/// The block's digits without a national prefix behind the calling code, which its numbers do not
/// have: `+44 (0)7400 12xxxx` is `+44740012xxxx`. Once one is off there may be another (`+1 1 1341`).
fn without_national_prefix(mut digits: String, mut counts: Vec<usize>) -> (String, Vec<usize>) {
    while let Some((shorter, gone)) = without_one(&digits, &counts) {
        digits = shorter;
        counts.iter_mut().for_each(|count| *count -= gone);
    }
    (digits, counts)
}

/// The digits without one national prefix, and how many digits that had; none when they have none.
fn without_one(digits: &str, counts: &[usize]) -> Option<(String, usize)> {
    counts.iter().find_map(|count| {
        let whole: u64 = format!("{digits:0<count$}").parse().ok()?;
        let number = PhoneNumber::from_digits(whole).ok()?;
        let form = canonical(number).ok()?.digits().to_string();
        let kept = form.len().checked_sub(count - digits.len())?;
        (form.len() < *count).then(|| (form[..kept].to_owned(), count - form.len()))
    })
}

/// Refuses a block of digits that no number of one of these lengths begins with.
fn holds_numbers(digits: &str, counts: &[usize]) -> Result<(), String> {
    check_lengths(digits, counts).map_err(|error| error.to_string())
}
