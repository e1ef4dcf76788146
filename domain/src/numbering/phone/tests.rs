use super::*;
use proptest::prelude::*;

#[test]
fn shapes() {
    for (text, expected) in [
        ("+14155552700", Ok("+14155552700")),
        (" +1 (415) 555-27.00 ", Ok("+14155552700")),
        ("+999000018859999", Ok("+999000018859999")),
        ("+1234567", Ok("+1234567")),
        ("+123456", Err(PhoneError::Length(6))),
        ("+1234567890123456", Err(PhoneError::Length(16))),
        ("14155552700", Err(PhoneError::Shape)),
        ("++14155552700", Err(PhoneError::Letter('+'))),
        ("+04155552700", Err(PhoneError::LeadingZero)),
        ("9.99E+10", Err(PhoneError::Scientific)),
        ("9,99E+10", Err(PhoneError::Letter(','))),
        ("+1415555270x", Err(PhoneError::Letter('x'))),
        ("+14155552700;ext=1", Err(PhoneError::Letter(';'))),
        ("+1/415/555/2700", Err(PhoneError::Letter('/'))),
        ("+\u{ff11}4155552700", Ok("+14155552700")),
        ("\u{200f}+14155552700", Ok("+14155552700")),
        ("+1 \u{ff08}415\u{ff09} 555\u{2011}27\u{b7}00", Ok("+14155552700")),
        ("+\u{661}\u{664}\u{661}5\u{966}\u{1d7d8}52700", Ok("+14150052700")),
        ("Tel:+1-415-555-2700", Ok("+14155552700")),
        ("whatsapp:+14155552700", Ok("+14155552700")),
        ("'+14155552700", Ok("+14155552700")),
        ("0014155552700", Err(PhoneError::Shape)),
        ("+00014155552700", Err(PhoneError::LeadingZero)),
        ("", Err(PhoneError::Shape)),
    ] {
        let got = text.parse::<PhoneNumber>().map(|phone| phone.to_string());
        assert_eq!(got.as_deref().map_err(|e| *e), expected, "{text}");
    }
}

#[test]
fn masks() {
    for (text, mask) in [
        ("+14155552700", "+14155••••00"),
        ("+37125818694", "+37125••••94"),
        ("+447400738610", "+447400••••10"),
        ("+4915112345678", "+491511•••••78"),
        ("+1234567", "+1••••67"),
        ("+3712345", "+371••••"),
    ] {
        assert_eq!(text.parse::<PhoneNumber>().unwrap().masked(), mask);
    }
}

#[test]
fn what_spreadsheets_make_of_numbers_is_read() {
    for text in ["'+14155552700", "=\"+14155552700\"", "+14155552700.0"] {
        assert_eq!(text.parse::<PhoneNumber>().unwrap().to_string(), "+14155552700", "{text}");
    }
    // Dots may separate groups of digits.
    assert_eq!("+1 415.555.2700".parse::<PhoneNumber>().unwrap().to_string(), "+14155552700");
}

#[test]
fn what_is_left_wrong_is_named() {
    for (text, name) in [("+1415555270x", "U+0078 (x)"), ("+141555527\u{7}0", "holds U+0007")] {
        let told = text.parse::<PhoneNumber>().unwrap_err().to_string();
        assert!(told.contains(name), "{told}");
    }
}

/// Every decimal digit in Unicode.
#[test]
fn digits_of_all_scripts() {
    let mut scripts = 0;
    for zero in ('\0'..=char::MAX).filter(|letter| decimal(*letter) == Some(0)) {
        scripts += 1;
        for value in 0..10_u8 {
            let letter = char::from_u32(u32::from(zero) + u32::from(value)).unwrap();
            assert_eq!(decimal(letter), Some(value), "{letter:?}");
        }
    }
    assert!(scripts > 60, "{scripts}");
    assert_eq!(
        ('\0'..=char::MAX).filter(|letter| decimal(*letter).is_some()).count(),
        scripts * 10
    );
}

/// Both parsers read the canonical form alike.
#[test]
fn e164_is_read_strictly() {
    for (text, expected) in [
        ("+14155552700", Ok("+14155552700")),
        ("+1 4155552700", Err(PhoneError::Letter(' '))),
        ("14155552700", Err(PhoneError::Shape)),
        ("+0415555270", Err(PhoneError::LeadingZero)),
        ("+123456", Err(PhoneError::Length(6))),
        ("+", Err(PhoneError::Length(0))),
    ] {
        let got = PhoneNumber::from_e164(text).map(|phone| phone.to_string());
        assert_eq!(got.as_deref().map_err(|error| *error), expected, "{text}");
    }
}

#[test]
fn one_number_has_one_form() {
    for text in ["+44 (0)7400 123456", "+447400123456", "+4407400123456", "+44 (0) 7400-123-456"] {
        assert_eq!(text.parse::<PhoneNumber>().unwrap().to_string(), "+447400123456", "{text}");
    }
    // Where the zero belongs to the number, as in Italy, it stays.
    assert_eq!("+39 06 698 12345".parse::<PhoneNumber>().unwrap().to_string(), "+390669812345");
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in ".{0,40}") {
        if let Ok(phone) = text.parse::<PhoneNumber>() {
            prop_assert_eq!(phone.to_string().parse::<PhoneNumber>(), Ok(phone));
        }
    }

    #[test]
    fn a_mask_hides_at_least_four(digits in 1_000_000_u64..999_999_999_999_999) {
        let phone = PhoneNumber::from_digits(digits).unwrap();
        prop_assert!(phone.masked().chars().filter(|c| *c == '•').count() >= 4);
    }
}
