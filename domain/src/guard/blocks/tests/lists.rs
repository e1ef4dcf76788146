use super::*;

fn list(text: &str) -> List {
    read_list(text, BlockFields { reason: "attack", ..Default::default() }, now())
}

#[test]
fn lists_keep_good_lines_and_name_bad_ones() {
    let text = "kind,value,until,reason\r\n\
                user,ann@example.com,2027-01-01,\"said \"\"no\"\", twice\"\r\n\
                \r\n\
                number,'+14155552700,,\r\n\
                number,12,,\r\n\
                number_block,+1 415 555 xxxx,yesterday,\r\n\
                USER,bob,,\r\n\
                user,Ann@Example.com,,again\r\n\
                user,\"open,,";
    let list = list(text);
    let good: Vec<_> = list.good.iter().map(|(line, _, block)| (*line, block)).collect();
    assert_eq!(good.len(), 2);
    assert_eq!((good[0].0, &*good[0].1.reason), (2, "said \"no\", twice"));
    assert_eq!(good[0].1.until, parse_time("2027-01-01").ok());
    assert_eq!((good[1].0, good[1].1.target.value()), (4, "+14155552700"));
    assert_eq!(good[1].1.reason, "attack");
    let bad: Vec<_> =
        list.bad.iter().map(|bad| (bad.line, bad.invalid.fields[0].field.as_str())).collect();
    assert_eq!(bad, [(5, "value"), (6, "until"), (7, "kind"), (8, "value"), (9, "value")]);
    assert!(list.bad[3].invalid.to_string().contains("is in the list already"));
    assert_eq!(list.bad[0].text, "number,12,,");
}

#[test]
fn values_alone_are_a_list_too() {
    let list = list("ann@example.com\n+14155552700\n+1415555xxxx\n192.0.2.0/25\nO'Hara, Pat\n");
    let kinds: Vec<_> = list.good.iter().map(|(_, _, block)| block.target.kind()).collect();
    let expected =
        [BlockKind::User, BlockKind::Number, BlockKind::NumberBlock, BlockKind::IpNetwork];
    assert_eq!(kinds, expected);
    assert_eq!((list.bad.len(), list.bad[0].line), (1, 5), "a comma asks for a kind");
}

/// Lists from plain texts, and tables of other tools.
#[test]
fn what_stands_before_a_value_is_left_out() {
    let text = "#TYPE System.Object\nsep=;\n\u{2022} +14155552700\n* +14155552701\n- ann@example.com\n\
                1. 203.0.113.7\n;;\n=\"+14155552702\"\n2) [2001:db8::77]:443\r+14155552703.0";
    let list = list(text);
    assert_eq!(list.bad, []);
    let good: Vec<_> =
        list.good.iter().map(|(line, _, block)| (*line, block.target.value())).collect();
    let expected = [
        (3, "+14155552700"),
        (4, "+14155552701"),
        (5, "ann@example.com"),
        (6, "203.0.113.7"),
        (8, "+14155552702"),
        (9, "2001:db8::77"),
        (10, "+14155552703"),
    ];
    assert_eq!(good, expected);
    for address in
        ["203.0.113.*", "203.0.113.128-203.0.113.255", "http://203.0.113.84/", "203.0.113.999"]
    {
        let error = Target::detect(address).unwrap_err();
        assert!(error.contains("address"), "{address}: {error}");
    }
}

#[test]
fn an_export_can_be_read_in_again() {
    let list = list(
        "kind;value;since;until;by;reason;ended;ended_by;end_reason\n\
         number;'+14155552700;2026-01-01T00:00:00Z;;ann;pumping;;;\n",
    );
    assert_eq!(list.bad, []);
    assert_eq!(list.good[0].2.reason, "pumping");
    let tabs = read_list("value\treason\nann\tx", BlockFields::default(), now());
    assert_eq!(tabs.good[0].2.reason, "x");
}

/// A name with something around it would be stored as a user and have no effect.
#[test]
fn what_stands_around_a_value_is_taken_off_or_refused() {
    let read = |text: &str| {
        let list = list(text);
        let good = list.good.first().map(|(.., block)| block.target.clone());
        good.map(|target| (target.kind(), target.value().to_owned()))
    };
    let number = Some((BlockKind::Number, "+14375550177".to_owned()));
    for text in ["•\u{a0}+14375550177", "1.\u{a0}+14375550177", "● +14375550177", "— +14375550177"]
    {
        assert_eq!(read(text), number, "{text}");
    }
    let user = Some((BlockKind::User, "ann@example.com".to_owned()));
    for text in ["\u{feff}ann@example.com\u{200b}", "•\u{a0}ann@example.com", "→ ann@example.com"]
    {
        assert_eq!(read(text), user, "{text}");
    }
    for text in [
        "•+14375550177",
        "a) +14375550177",
        "“+14375550177”",
        "Phone: +14375550177",
        "•198.51.133.1",
        "1: 198.51.135.1",
        "198.51.136.1 (proxy)",
        "(1) ann@example.com",
        "Bob <ann@example.com>",
        "mailto:ann@example.com",
        "ann@example.com # note",
        "ann@example.com.",
        "“ann”",
    ] {
        assert_eq!(read(text), None, "{text}");
        let said = list(text).bad[0].invalid.to_string();
        assert!(!said.is_empty(), "{text}");
    }
    // An explicit kind `user` is accepted.
    assert_eq!(read("user,Anna Smith"), Some((BlockKind::User, "Anna Smith".to_owned())));
}

#[test]
fn columns_that_are_not_known_are_named() {
    for (text, words) in [
        ("kind,value,expires\nuser,ann,2026-12-05T00:00:00Z", "“expires” is not a column"),
        ("value,value\nann,bob", "the column value appears twice"),
    ] {
        let list = list(text);
        assert_eq!((list.good.len(), list.bad.len()), (0, 1), "{text}");
        assert!(list.bad[0].invalid.to_string().contains(words), "{text}: {:?}", list.bad);
    }
}

proptest! {
    #[test]
    fn every_line_is_good_or_bad(text in "(\\PC|[\n\r,;\t\"]){0,200}") {
        let list = list(&text);
        // A quoted cell may span lines, and lines of separators are skipped.
        let lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).count();
        let read = list.good.len() + list.bad.len();
        prop_assert!(read <= lines);
        let plain = text.replace(['"', ',', ';', '\t'], "");
        let said = plain.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).count();
        if !text.contains('"') {
            prop_assert!(read >= said);
        }
    }

    #[test]
    fn good_lines_do_not_mind_bad_ones(users in proptest::collection::btree_set("[a-z]{1,8}", 1..20)) {
        let text: String = users.iter().map(|user| format!("user,{user},,\nuser,,,\n")).collect();
        let list = list(&text);
        prop_assert_eq!(list.good.len(), users.len());
        prop_assert_eq!(list.bad.len(), users.len());
    }
}
