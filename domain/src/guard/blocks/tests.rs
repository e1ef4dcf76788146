use super::*;
use crate::PhoneNumber;
use crate::network::Network;
use crate::workbook::Sight;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

mod lists;

fn now() -> DateTime<Utc> {
    parse_time("2026-11-20T12:00:00Z").unwrap()
}

fn parse(kind: BlockKind, text: &str) -> Result<(String, String), String> {
    Target::parse(kind, text).map(|target| (target.value().to_owned(), target.key().to_owned()))
}

#[test]
fn users() {
    let (value, key) = parse(BlockKind::User, " Ann@Example.com ").unwrap();
    assert_eq!((&*value, &*key), ("Ann@Example.com", "ann@example.com"));
    assert!(parse(BlockKind::User, &"é".repeat(320)).is_ok());
    for bad in ["", "  ", "a\nb", "a\0", &"é".repeat(321)] {
        assert!(parse(BlockKind::User, bad).is_err(), "{bad:?}");
    }
}

#[test]
fn numbers() {
    let (value, key) = parse(BlockKind::Number, "+1 (415) 555-27.00").unwrap();
    assert_eq!((&*value, &*key), ("+14155552700", "+14155552700"));
    for bad in ["", "4155552700", "+123456", "+1415555xxxx", "9.99E+10"] {
        assert!(parse(BlockKind::Number, bad).is_err(), "{bad:?}");
    }
}

#[test]
fn blocks_of_numbers_have_one_form() {
    for (text, form) in [
        ("+1415555xxxx", "+1415555xxxx"),
        ("+1 (415) 555-XXXX", "+1415555xxxx"),
        ("+1415555****", "+1415555xxxx"),
        ("+1415555••••", "+1415555xxxx"),
        ("+1415555/4", "+1415555xxxx"),
        ("+14155552/3", "+14155552xxx"),
        ("+141555527xx", "+141555527xx"),
        ("+49 151 1234 567xxx", "+491511234567xxx"),
    ] {
        let block = parse(BlockKind::NumberBlock, text);
        assert_eq!(block, Ok((form.to_owned(), form.to_owned())), "{text}");
    }
    let open = parse(BlockKind::NumberBlock, "+1 415 555 *");
    assert_eq!(open, Ok(("+1415555*".to_owned(), "+1415555".to_owned())));
    for bad in [
        "",
        "+",
        "1415555xxxx",
        "+1415555x",
        "+141555xxxxx",
        "+0415555xxxx",
        "+1415xxxx5",
        "+12xxxx",
        "+12",
        "+12345678901234xx",
        "+12345678901234",
        "+1415555/",
        "+1415555/0",
        "+1415555/5",
        "+1415555xx/2",
        "+1415555yyyy",
        "user",
        "+141555",
        "+1415559770",
        "+14155552700",
        "+1415555",
    ] {
        assert!(parse(BlockKind::NumberBlock, bad).is_err(), "{bad:?}");
    }
}

/// A block that contains no number would look like protection and have no effect.
#[test]
fn what_no_number_can_be_is_refused() {
    for (kind, text) in [
        (BlockKind::NumberBlock, "+141555xxxx"),
        (BlockKind::NumberBlock, "+141555*"),
        (BlockKind::NumberBlock, "+1415555xxx"),
        (BlockKind::NumberBlock, "+999123xxxx"),
        (BlockKind::Number, "+1415555270"),
        (BlockKind::Number, "+9991234567"),
    ] {
        assert!(parse(kind, text).is_err(), "{text}");
    }
    // The gate looks numbers up without the national prefix.
    let own = parse(BlockKind::Number, "+44 0 7400 123456").unwrap();
    assert_eq!(own.1, "+447400123456");
}

#[test]
fn addresses_and_networks() {
    for (kind, text, form) in [
        (BlockKind::Ip, " 203.0.113.9 ", "203.0.113.9"),
        (BlockKind::Ip, "::ffff:203.0.113.9", "203.0.113.9"),
        (BlockKind::Ip, "2001:DB8:0::1", "2001:db8::1"),
        (BlockKind::IpNetwork, "203.0.113.9/24", "203.0.113.0/24"),
        (BlockKind::IpNetwork, "203.0.113.9/32", "203.0.113.9/32"),
        (BlockKind::IpNetwork, "10.0.0.0/8", "10.0.0.0/8"),
        (BlockKind::IpNetwork, "2001:db8::1/32", "2001:db8::/32"),
        (BlockKind::IpNetwork, "::ffff:10.1.0.0/112", "10.1.0.0/16"),
    ] {
        assert_eq!(parse(kind, text), Ok((form.to_owned(), form.to_owned())), "{text}");
        let mask = value_text(kind, form, Sight::Masked);
        assert_eq!(mask, form, "addresses have no mask");
    }
    for (kind, text) in [
        (BlockKind::Ip, ""),
        (BlockKind::Ip, "203.0.113.0/24"),
        (BlockKind::Ip, "203.0.113.256"),
        (BlockKind::Ip, "ann"),
        (BlockKind::IpNetwork, "203.0.113.9"),
        (BlockKind::IpNetwork, "203.0.113.0/33"),
        (BlockKind::IpNetwork, "0.0.0.0/0"),
        (BlockKind::IpNetwork, "10.0.0.0/7"),
        (BlockKind::IpNetwork, "2000::/3"),
        (BlockKind::IpNetwork, "2001::/15"),
    ] {
        assert!(parse(kind, text).is_err(), "{kind} {text}");
    }
}

#[test]
fn an_address_is_nobodys_name() {
    let named = |value| BlockFields { kind: "user", value, reason: "x", ..Default::default() };
    for value in ["203.0.113.9", "203.0.113.0/24", "2001:db8::1", "203.0.113.999", "::1::2"] {
        let invalid = NewBlock::read(named(value), now()).unwrap_err();
        assert!(invalid.of("value").is_some(), "{value}: {invalid}");
        assert!(NewBypass::read("user", value, Some(60), "x").is_err(), "{value}");
    }
    for value in ["203.0.113.9@example.com", "a:b", "1.2.3", "4155552700"] {
        assert!(NewBlock::read(named(value), now()).is_ok(), "{value}");
    }
}

#[test]
fn kinds_are_told_by_the_look() {
    for (text, kind) in [
        ("ann@example.com", BlockKind::User),
        ("+14155552700", BlockKind::Number),
        ("+1415555xxxx", BlockKind::NumberBlock),
        ("+1415555/4", BlockKind::NumberBlock),
        ("+1415555*", BlockKind::NumberBlock),
        ("203.0.113.9", BlockKind::Ip),
        ("2001:db8::1", BlockKind::Ip),
        ("203.0.113.9/24", BlockKind::IpNetwork),
        ("\u{200e}+1 415\u{2011}555\u{2011}2700", BlockKind::Number),
        ("\u{ff0b}14155552700", BlockKind::Number),
        ("tel:+1-415-555-2700", BlockKind::Number),
        ("'+14155552700", BlockKind::Number),
        ("\u{200f}+1 (415) 555-xxxx", BlockKind::NumberBlock),
        ("100234", BlockKind::User),
        ("a/b", BlockKind::User),
        ("100E23", BlockKind::User),
    ] {
        assert_eq!(Target::detect(text).unwrap().kind(), kind, "{text}");
    }
    for none in [
        "+ann",
        "203.0.113.256",
        "203.0.113.0/33",
        "0.0.0.0/0",
        "0151 1234567",
        "415-555-2700",
        "447400123470",
        "0044 7400 123470",
        "4.474E+11",
        "4,474e+11",
        "\u{200b}447400123470",
        "0151/1234567",
    ] {
        assert!(Target::detect(none).is_err(), "{none} is not taken for a user");
    }
}

#[test]
fn masks() {
    for (kind, value, mask) in [
        (BlockKind::User, "ann@example.com", "ann@example.com"),
        (BlockKind::User, "+14155552700", "+14155••••00"),
        (BlockKind::User, "4155552700@example.com", "••••••••00@example.com"),
        (BlockKind::Number, "+14155552700", "+14155••••00"),
        (BlockKind::NumberBlock, "+1415555xxxx", "+14155••xxxx"),
        (BlockKind::NumberBlock, "+141555527xx", "+14155••••xx"),
        (BlockKind::NumberBlock, "+1415555", "+141••••"),
        (BlockKind::NumberBlock, "+1415555*", "+141••••*"),
        (BlockKind::NumberBlock, "+4477009xxx", "+4477•••xxx"),
        (BlockKind::NumberBlock, "+1415xxx", "+1•••xxx"),
        (BlockKind::NumberBlock, "+123xxxx", "+1••xxxx"),
    ] {
        assert_eq!(value_text(kind, value, Sight::Masked), mask, "{value}");
        assert_eq!(value_text(kind, value, Sight::Whole), value);
    }
    let target = Target::parse(BlockKind::Number, "+14155552700").unwrap();
    assert!(!format!("{target:?}").contains("14155552700"));
}

#[test]
fn what_is_entered_is_refused_field_by_field() {
    let good = BlockFields { kind: "user", value: "ann", reason: "stolen", ..Default::default() };
    let block = NewBlock::read(good, now()).unwrap();
    assert_eq!((block.until, block.only_channel, &*block.reason), (None, None, "stolen"));
    let year = "2027-11-20T12:00";
    let block = NewBlock::read(BlockFields { until: year, only_channel: "sms", ..good }, now());
    let block = block.unwrap();
    assert_eq!(block.until, parse_time(year).ok());
    assert_eq!(block.only_channel, Some(Channel::Sms));
    let (decade, further) = ("2036-11-17T12:00:00Z", "2036-11-17T12:00:01Z");
    let long = "x".repeat(501);
    assert!(NewBlock::read(BlockFields { until: decade, ..good }, now()).is_ok());
    for (fields, field) in [
        (BlockFields { kind: "people", ..good }, "kind"),
        (BlockFields { value: " ", ..good }, "value"),
        (BlockFields { kind: "number", ..good }, "value"),
        (BlockFields { until: "2026-11-20T12:00:00Z", ..good }, "until"),
        (BlockFields { until: "-1", ..good }, "until"),
        (BlockFields { until: further, ..good }, "until"),
        (BlockFields { only_channel: "pigeon", ..good }, "only_channel"),
        (BlockFields { reason: " ", ..good }, "reason"),
        (BlockFields { reason: "a\nb", ..good }, "reason"),
        (BlockFields { reason: &long, ..good }, "reason"),
    ] {
        let invalid = NewBlock::read(fields, now()).unwrap_err();
        assert!(invalid.of(field).is_some() && invalid.fields.len() == 1, "{field}: {invalid}");
    }
    let all = BlockFields { kind: "user", until: "never", only_channel: "x", ..Default::default() };
    assert_eq!(NewBlock::read(all, now()).unwrap_err().fields.len(), 4);
}

#[test]
fn bypasses_are_short_and_of_one() {
    let read = |kind, value, seconds| NewBypass::read(kind, value, seconds, "new phone");
    assert_eq!(read("user", "ann", Some(604_800)).unwrap().seconds, 604_800);
    assert_eq!(read("", "+14155552700", Some(1)).unwrap().target.kind(), BlockKind::Number);
    for (kind, value, seconds, field) in [
        ("user", "ann", Some(0), "seconds"),
        ("user", "ann", Some(-5), "seconds"),
        ("user", "ann", Some(604_801), "seconds"),
        ("user", "ann", None, "seconds"),
        ("number_block", "+1415555xxxx", Some(60), "kind"),
        ("ip", "203.0.113.9", Some(60), "kind"),
        ("", "203.0.113.9", Some(60), "value"),
        ("", "+1415555xxxx", Some(60), "value"),
        ("number", "ann", Some(60), "value"),
    ] {
        let invalid = read(kind, value, seconds).unwrap_err();
        assert!(invalid.of(field).is_some(), "{kind} {value}: {invalid}");
    }
    assert!(NewBypass::read("user", "ann", Some(60), "").unwrap_err().of("reason").is_some());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}", kind in 0_usize..5) {
        if let Ok(target) = Target::parse(BlockKind::ALL[kind], &text) {
            let again = Target::parse(target.kind(), target.value()).unwrap();
            prop_assert_eq!(again, target);
        }
    }

    #[test]
    fn a_number_lies_in_its_blocks_and_no_others(
        digits in 1_000_000_u64..999_999_999_999_999,
        other in 1_000_000_u64..999_999_999_999_999,
        open in 2_usize..=4,
    ) {
        let one = |digits| {
            // The national prefix is removed, as everywhere.
            PhoneNumber::from_digits(digits).unwrap().to_string().parse::<PhoneNumber>().unwrap()
        };
        let number = one(digits);
        let (own, blocks) = keys_of(number);
        prop_assert_eq!(own, number.to_string());
        for text in [number.to_string(), one(other).to_string()] {
            let head = &text[..text.len() - open];
            // The open digits may turn it into another number, with a national prefix.
            let plain = |value: String| value.starts_with(head);
            let whole = number.to_string();
            // With metadata, some of these numbers are impossible.
            if let Ok(exact) = Target::parse(BlockKind::NumberBlock, &format!("{head}/{open}"))
                && plain(exact.value().to_owned())
            {
                let inside = whole.starts_with(head) && whole.len() == text.len();
                prop_assert_eq!(blocks.contains(&exact.key().to_owned()), inside);
            }
            if let Ok(bare) = Target::parse(BlockKind::NumberBlock, &format!("{head}*"))
                && plain(bare.value().to_owned())
            {
                let more = whole.len().checked_sub(head.len());
                let inside = whole.starts_with(head) && more.is_some_and(|n| (2..=4).contains(&n));
                prop_assert_eq!(blocks.contains(&bare.key().to_owned()), inside);
            }
        }
    }

    #[test]
    fn an_address_lies_in_its_networks_and_no_others(a: u32, b: u32, wide: u128, bits in 8_u8..=32) {
        let (one, other) = (IpAddr::from(Ipv4Addr::from_bits(a)), Ipv4Addr::from_bits(b).into());
        let six = IpAddr::from(Ipv6Addr::from_bits(wide));
        for network in [Network::of(one, bits), Network::of(other, bits), Network::of(six, bits + 8)] {
            let target = Target::parse(BlockKind::IpNetwork, &network.to_string());
            for address in [one, other, six] {
                let (own, networks) = keys_of_ip(address);
                prop_assert_eq!(own.parse(), Ok(address.to_canonical()));
                if let Ok(target) = &target {
                    let holds = networks.contains(&target.key().to_owned());
                    prop_assert_eq!(holds, network.contains(address));
                }
            }
        }
    }

    #[test]
    fn a_masked_block_hides_at_least_what_a_number_does(
        digits in 1_000_000_u64..999_999_999_999_999,
        open in 2_usize..=4,
    ) {
        let whole = format!("+{digits}");
        let text = format!("{}{}", &whole[..whole.len() - open], "x".repeat(open));
        let mask = value_text(BlockKind::NumberBlock, &text, Sight::Masked);
        prop_assert!(mask.chars().filter(|c| matches!(c, '•' | 'x')).count() >= 4);
        prop_assert_eq!(mask.chars().count(), text.len());
    }
}

#[test]
fn a_reason_says_something() {
    for text in ["", "  ", "\u{200b}", "\u{202e}\u{feff}", "...", "--"] {
        let invalid = reason(text).unwrap_err();
        assert_eq!(invalid.fields[0].code, Fault::Required, "{text:?}");
    }
    assert!(reason("a\u{7}b").is_err() && reason(&"x".repeat(501)).is_err());
    assert_eq!(reason(" 7 ").unwrap(), "7");
}

/// Every spelling of one number, and of one block of numbers, is one block.
#[test]
fn a_national_prefix_makes_no_other_block() {
    for text in
        ["+44 (0)7400 123456", "+447400123456", "+4407400123456", "+44\u{a0}(0) 7400-123-456"]
    {
        assert_eq!(Target::detect(text).unwrap().value(), "+447400123456", "{text}");
    }
    for text in ["+44 (0)7400 12xxxx", "+44740012xxxx", "+44 (0)7400 12/4", "+440740012****"] {
        assert_eq!(Target::detect(text).unwrap().value(), "+44740012xxxx", "{text}");
    }
    assert_eq!(Target::detect("+44 (0)7400 12*").unwrap().value(), "+44740012*");
    // Italy's zero belongs to the number.
    assert_eq!(Target::detect("+39 06 6981xxxx").unwrap().value(), "+39066981xxxx");
}
