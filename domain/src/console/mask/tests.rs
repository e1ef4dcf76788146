//! Both directions: numbers are hidden, everything else stays.

use super::*;
use proptest::prelude::*;

fn see(text: &str) -> String {
    masked(text, None).into_owned()
}

#[test]
fn every_spelling_is_hidden() {
    for (text, shown) in [
        ("+14155552700", "+14155••••00"),
        ("to +4915112345678.", "to +491511•••••78."),
        ("+1 (415) 555-2700 was busy", "+14155••••00 was busy"),
        ("0014155552700", "+14155••••00"),
        ("tel:+1-415-555-2700", "tel:+14155••••00"),
        ("(415) 555-2700 was busy", "(•••) •••-••00 was busy"),
        ("tel:4155552700", "tel:••••••••00"),
        ("0151/12345678", "••••/••••••78"),
        ("06.12.34.56.78", "••.••.••.••.78"),
        ("415.555.2700", "•••.•••.••00"),
        ("415_555_2700", "•••_•••_••00"),
        ("415\u{a0}555\u{2009}2700", "•••\u{a0}•••\u{2009}••00"),
        ("415\u{2011}555\u{2013}2700", "•••\u{2011}•••\u{2013}••00"),
        ("4\u{200b}1\u{2060}5\u{ad}5\u{200d}552700", "•\u{200b}•\u{2060}•\u{ad}•\u{200d}••••00"),
        ("+\u{661}\u{664}\u{661}\u{665}5552700", "+14155••••00"),
        ("\u{ff10}\u{ff11}\u{ff15}\u{ff11} 1234567", "•••• •••••67"),
        ("\u{2460}\u{2463}155552700", "•••••••••00"),
        (
            "4\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}55552700",
            "•\u{fe0f}\u{20e3}•\u{fe0f}\u{20e3}••••••00",
        ),
        ("user4155552700x", "user••••••••00x"),
        ("4155552700@example.com", "••••••••00@example.com"),
        ("+14155552700+14155552701", "+14155••••00+14155••••01"),
        ("4155552700 4155552701", "•••••••••• ••••••••••"),
        ("call 5 +14155552700 at 12:30", "call 5 +14155••••00 at 12:30"),
        ("+45 20.12.34.56", "+4520••••56"),
        ("+44,7700,900456", "+447700••••56"),
        ("+44:7700:900456, 12:30", "+447700••••56, 12:30"),
        ("+44=7700#900&456", "+447700••••56"),
        ("+14155552700,+14155552701", "+14155••••00,+14155••••01"),
        ("0 20.12.34.56", "• ••.••.••.56"),
        ("+1415555xxxx", "+14155••xxxx"),
        ("+3712581xxxx", "+37125••xxxx"),
        ("415555xxxx", "••••••xxxx"),
        ("+1415555*", "+14155••*"),
        ("+01234567890123456789", "+••••••••••••••••••••"),
        ("1.234.567", "•.•••.•67"),
        ("415555270012345678901234", "••••••••••••••••••••••••"),
    ] {
        assert_eq!(see(text), shown, "{text}");
    }
}

#[test]
fn what_is_no_number_stays() {
    for text in [
        "",
        "error 60203 after 12 s",
        "12 +1, +123456 since 2026-11-20",
        "2026-11-20T12:00:00.123456+00:00",
        "2026-11-20 12:00:00 to 2026-11-21 18:30",
        "20.11.2026, 11/20/2026, 2026/11/20 09:15",
        "from 198.51.100.100 or 203.0.113.0/24 or 198.51.100.100:50000",
        "2001:db8:1234:5678:1234:5678:1234:5678 and 2001:db8::/32",
        "attempt 6f0f2f3e-0000-4000-8000-000000000001",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "SM9f86d081884c7d659a2feaa0c55ad015",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.6099.129 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
        "1,234,567 failures",
        "1.234.567,89 EUR, $1,234,567.89 and 1234567.89 USD",
        "Numbers that begin with +1876 are refused.",
        "••••••••00",
        "+14155••••00, +37125••••94, +2348031••••67",
    ] {
        assert_eq!(see(text), text);
    }
}

#[test]
fn a_long_text_is_not_gone_through_again_at_each_of_its_letters() {
    for part in ["1,", "1:"] {
        let text = part.repeat(200_000);
        assert_eq!(see(&text), text);
    }
}

#[test]
fn the_number_that_a_text_is_about_is_found_whatever_it_looks_like() {
    let about = |text: &str, number: &str| masked(text, Some(number.parse().unwrap())).into_owned();
    assert_eq!(about("call 20.12.34.56", "+4520123456"), "call ••.••.••.56");
    assert_eq!(about("ext 22222 then", "+29022222"), "ext ••••2 then");
    assert_eq!(about("on 2026-11-20", "+4520261120"), "on ••••-••-20");
    assert_eq!(about("from 198.51.100.1", "+4520123456"), "from 198.51.100.1");
}

#[test]
fn documents_keep_their_counts_and_hide_their_texts() {
    let json = r#"{"bytes":268435456,"n+14155552700":"a \"0151 12345678\" b","t":[1,2,3,4,5,6,7]}"#;
    let shown =
        r#"{"bytes":268435456,"n+14155••••00":"a \"•••• ••••••78\" b","t":[1,2,3,4,5,6,7]}"#;
    assert_eq!(Sight::Masked.document(json), shown);
    assert_eq!(Sight::Whole.document(json), json);
    assert_eq!(Sight::Masked.document("{0151 12345678"), "{•••• ••••••78");
}

#[test]
fn a_block_hides_what_a_number_in_it_hides() {
    for number in ["+14155552700", "+37125818694", "+4477009123", "+4915112345678", "+23480312345"]
    {
        let phone: PhoneNumber = number.parse().unwrap();
        let mask: Vec<char> = phone.masked().chars().collect();
        for open in 2..=4 {
            let block = format!("{}{}", &number[..number.len() - open], "x".repeat(open));
            for (at, letter) in see(&block).chars().enumerate() {
                let hidden = mask[at] == '•';
                assert!(
                    !hidden || !letter.is_ascii_digit(),
                    "{block} beside {number} shows {letter}"
                );
            }
        }
    }
}

/// Digits of any script in a text.
fn digits(text: &str) -> String {
    text.chars().filter_map(crate::letters::digit).map(letter_of).collect()
}

fn between() -> impl Strategy<Value = String> {
    let joins = " \u{a0}\u{202f}\u{2009}-\u{2010}\u{2011}\u{2013}\u{2212}./()[]_\u{b7}\u{200b}\u{2060}\u{ad}\u{200e}";
    let joins: Vec<char> = joins.chars().collect();
    proptest::collection::vec(proptest::sample::select(joins), 0..3)
        .prop_map(|letters| letters.into_iter().collect())
}

fn script() -> impl Strategy<Value = u32> {
    proptest::sample::select(vec![0x30, 0x660, 0x6f0, 0x966, 0xff10, 0x1d7ce])
}

proptest! {
    /// However a number is written and whatever surrounds it, no more digits are visible than in
    /// its mask.
    #[test]
    fn no_spelling_is_shown(
        digits in 100_000_000_u64..999_999_999_999_999,
        prefix in proptest::sample::select(vec!["+", "00", "0", "", "tel:+", "tel:"]),
        joins in proptest::collection::vec(between(), 15),
        zero in script(),
        before in "[a-z ]{0,5}",
        after in "(, [a-z0-9]{0,6}|)",
    ) {
        let whole = digits.to_string();
        let mut written = String::new();
        for (digit, join) in whole.bytes().zip(&joins) {
            written.push(char::from_u32(zero + u32::from(digit - b'0')).unwrap());
            written.push_str(join);
        }
        let text = format!("{before}{prefix}{written}{after}");
        let shown = see(&text);
        let letter = |letter| crate::letters::digit(letter).map(letter_of).or(Some(letter).filter(|one| *one == HIDDEN));
        let kept: String = shown.chars().filter_map(letter).collect();
        // No part as long as what the mask hides, with a digit on either side.
        for part in 0..whole.len() - 8 {
            prop_assert!(!kept.contains(&whole[part..part + 9]), "{text} is shown as {shown}");
        }
        let hidden = shown.chars().filter(|letter| *letter == HIDDEN).count();
        prop_assert!(hidden >= 4, "{text} is shown as {shown}");
    }

    #[test]
    fn a_mask_of_a_mask_shows_no_more(text in "[0-9+•x*., ()a-z-]{0,40}") {
        let once = see(&text);
        let twice = see(&once);
        prop_assert!(digits(&twice).len() <= digits(&once).len(), "{text}: {once}: {twice}");
    }

    #[test]
    fn a_number_is_masked_once(digits in 1_000_000_u64..999_999_999_999_999, after in "(,|\\.|;)? ?[a-z]{0,9}") {
        let phone = PhoneNumber::from_digits(digits).unwrap();
        let shown = see(&format!("{phone}{after}"));
        prop_assert_eq!(&shown, &format!("{}{after}", phone.masked()));
        prop_assert_eq!(see(&shown), shown);
    }

    #[test]
    fn no_text_panics_and_none_without_seven_digits_changes(text in "\\PC{0,60}", short in "[0-9 .-]{0,6}[a-z]{1,3}[0-9]{0,6}") {
        let _ = see(&text);
        let _ = Sight::Masked.document(&text);
        prop_assert_eq!(see(&short.replace('-', "")).len() >= short.replace('-', "").len(), true);
    }

    #[test]
    fn moments_addresses_and_ids_stay(
        seconds in 0_i64..4_000_000_000,
        ip in any::<u32>(),
        id in any::<u128>(),
    ) {
        let time = chrono::DateTime::from_timestamp(seconds, 123_456_000).unwrap();
        for text in [
            time.to_rfc3339(),
            time.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string(),
            time.format("%-d %b %Y, %H:%M").to_string(),
            std::net::Ipv4Addr::from(ip).to_string(),
            uuid::Uuid::from_u128(id).to_string(),
        ] {
            let text = format!("at {text}, then");
            prop_assert_eq!(see(&text), text);
        }
    }
}
