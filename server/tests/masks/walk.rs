//! Goes through everything that somebody may see, from the doors on along every link, and looks
//! for the number in what is answered.

use super::common::{TestRequest, TestServer, get};
use super::seed;
use axum::body::Body;
use http::{StatusCode, header};
use http_body_util::BodyExt as _;
use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

/// What stays hidden of the number in every mask, with the digits around it that a mask may keep.
const NEEDLES: [&str; 2] = ["157355987", "735598701"];
/// Most answers of one walk, and most of one sort of address.
const MOST: usize = 900;
const MOST_OF_A_SORT: usize = 120;

/// Where the number was found.
#[derive(Debug)]
pub struct NumberSighting {
    /// The page or part.
    pub place: String,
    /// As it was asked for.
    pub address: String,
    /// What stands around it.
    pub around: String,
}

/// What a walk brought.
pub struct Walked {
    pub answers: usize,
    pub found: Vec<NumberSighting>,
}

/// An answer.
pub struct WalkedAnswer {
    pub status: StatusCode,
    pub kind: String,
    pub bytes: Vec<u8>,
}

pub async fn bytes(site: &TestServer, ask: TestRequest) -> WalkedAnswer {
    let response = site.send(ask).await;
    let (parts, body): (_, Body) = response.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    let mut bytes = body.collect().await.unwrap().to_bytes().to_vec();
    // Where it leads is shown, too.
    for header in ["location", "content-disposition"] {
        if let Some(value) = parts.headers.get(header) {
            bytes.extend_from_slice(b"\n");
            bytes.extend_from_slice(value.as_bytes());
        }
    }
    WalkedAnswer { status: parts.status, kind, bytes }
}

/// Asks for every address, and for every address that the answers link to.
pub async fn walk(site: &TestServer, cookie: &str, begin: Vec<String>) -> Walked {
    let folder = tempfile::tempdir().unwrap();
    let mut known: BTreeSet<String> = begin.iter().cloned().collect();
    let (mut queue, mut found, mut answers) = (VecDeque::from(begin), Vec::new(), 0);
    let mut sorts = std::collections::BTreeMap::<String, usize>::new();
    while let Some(address) = queue.pop_front() {
        let place = place(&address);
        let answer = bytes(site, get(&address).cookie(cookie)).await;
        answers += 1;
        assert!(
            answer.status.as_u16() < 500,
            "{address}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
        if answer.kind.starts_with("text/html") {
            for link in links(&String::from_utf8_lossy(&answer.bytes)) {
                let of_sort = sorts.entry(self::place(&link)).or_default();
                if known.len() < MOST && *of_sort < MOST_OF_A_SORT && known.insert(link.clone()) {
                    *of_sort += 1;
                    queue.push_back(link);
                }
            }
        }
        inspect(&place, &address, answer, folder.path(), &mut found);
    }
    look_into(folder.path(), &mut found);
    Walked { answers, found }
}

/// The page of an address, without what names one thing among many.
fn place(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap();
    let part = |part: &str| if part.len() > 30 { "…".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The console's own addresses in a page.
fn links(html: &str) -> Vec<String> {
    let of = |name: &str| {
        let begins = format!("{name}=\"/");
        html.match_indices(&begins)
            .filter_map(|(at, _)| html[at + name.len() + 2..].split('"').next())
            .map(|link| link.replace("&amp;", "&"))
            .collect::<Vec<_>>()
    };
    let all = of("href").into_iter().chain(of("data-src")).chain(of("src"));
    let all = all.map(|link| link.split('#').next().unwrap().to_owned());
    all.filter(|link| !link.starts_with("//") && !link.starts_with("/pkg/") && link != "/live")
        .collect()
}

/// Looks at an answer; what is no text is kept for [`look_into`].
pub fn inspect(
    place: &str,
    address: &str,
    answer: WalkedAnswer,
    folder: &Path,
    found: &mut Vec<NumberSighting>,
) {
    let binary = if answer.kind.contains("pdf") {
        "pdf"
    } else if answer.kind.contains("sheet") {
        "xlsx"
    } else {
        return search(place, address, &String::from_utf8_lossy(&answer.bytes), found);
    };
    let name: String =
        address.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(120).collect();
    fs::write(folder.join(format!("{name}.{binary}")), answer.bytes).unwrap();
}

/// Looks at what was kept.
pub fn look_into(folder: &Path, found: &mut Vec<NumberSighting>) {
    if fs::read_dir(folder).unwrap().next().is_none() {
        return;
    }
    for file in seed::words(folder).split("\n=== ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        let name = path.rsplit('/').next().unwrap();
        search(name, name, text, found);
    }
}

/// How often a text contains the number.
pub fn hits(text: &str) -> usize {
    let mut found = Vec::new();
    search("", "", text, &mut found);
    found.len()
}

fn search(place: &str, address: &str, text: &str, found: &mut Vec<NumberSighting>) {
    let decoded = decoded(text);
    let mut met = BTreeSet::new();
    for text in [text, &decoded, &unescaped(text), &unescaped(&decoded)] {
        let digits: Vec<(usize, char)> =
            text.char_indices().filter_map(|(at, letter)| Some((at, digit(letter)?))).collect();
        let row: String = digits.iter().map(|(_, digit)| *digit).collect();
        for needle in NEEDLES {
            for (at, _) in row.match_indices(needle) {
                let (from, to) = (digits[at].0, digits[at + needle.len() - 1].0);
                // Digits that lie far apart are not one number's.
                if to - from > 9 * needle.len() {
                    continue;
                }
                let before = text[..from].char_indices().rev().nth(70).map_or(0, |(at, _)| at);
                let after = text[to..].char_indices().nth(30).map_or(text.len(), |(at, _)| to + at);
                let around = text[before..after].replace(['\n', '\r'], "⏎");
                if met.insert(around.clone()) {
                    found.push(NumberSighting {
                        place: place.to_owned(),
                        address: address.to_owned(),
                        around,
                    });
                }
            }
        }
    }
}

/// Without the escapes of addresses.
fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let escape = (*first == b'%').then(|| after.get(..2)).flatten();
        let escape = escape.and_then(|two| std::str::from_utf8(two).ok());
        match escape.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => (out.push(byte), rest = &after[2..]),
            None => (out.push(*first), rest = after),
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Without marks of HTML, character references and JSON's escapes, which have digits of their own.
fn unescaped(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['<', '&', '\\']) {
        out.push_str(&rest[..at]);
        let from = &rest[at..];
        let end = match from.as_bytes()[0] {
            b'<' => from.find('>').map(|end| end + 1),
            b'&' => from.find(';').filter(|end| *end < 12).map(|end| end + 1),
            _ => from.starts_with("\\u").then_some(6).filter(|end| from.is_char_boundary(*end)),
        };
        let end = end.filter(|end| *end <= from.len()).unwrap_or(1);
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

/// The scripts of the spellings, found without the product's own table.
fn digit(letter: char) -> Option<char> {
    let zero = match u32::from(letter) {
        0x30..=0x39 => 0x30,
        0x660..=0x669 => 0x660,
        0xff10..=0xff19 => 0xff10,
        _ => return None,
    };
    char::from_digit(u32::from(letter) - zero, 10)
}
