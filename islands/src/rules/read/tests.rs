use super::*;
use crate::rules::item::all;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

#[test]
fn every_rule_survives_its_form() {
    let mut settings = Settings::default();
    let until = Some(now() + TimeDelta::minutes(40));
    let (mode, reason) = (Mode::Shadow, "pumped".to_owned());
    settings.kill_switches.push(KillSwitch {
        region: Any::One("JM".parse().unwrap()),
        channel: Any::All,
        until,
        mode,
        reason,
        by: None,
        at: None,
    });
    settings.spend.caps.push(SpendCap {
        amount: "12.5".parse().unwrap(),
        window: 3_600,
        mode,
        reason: String::new(),
        by: None,
        at: None,
    });
    let deny = NumberAction::Deny;
    settings.number_rules =
        domain::rules::read_number_rules("+1876*\n+14155552700", deny, "x", now()).unwrap();
    let mut read_back = 0;
    for (word, item) in all(&settings) {
        let place = RulePath::read(&word).unwrap_or_else(|| panic!("{word}"));
        assert_eq!(place.find(&settings).as_ref(), Some(&item));
        let again = read(&place, &fields(&item), Some(&item), now());
        assert_eq!(again.as_ref(), Ok(&item), "{word}");
        read_back += 1;
    }
    assert!(read_back > 20);
}

#[test]
fn wrong_fields_are_named() {
    let wrong = |word: &str, pairs: &[(&str, &str)]| {
        let mut fields = empty(RulePath::read(word).unwrap().group);
        fields.extend(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let invalid = read(&RulePath::read(word).unwrap(), &fields, None, now()).unwrap_err();
        invalid.fields.iter().map(|error| error.field.clone()).collect::<Vec<_>>()
    };
    assert_eq!(wrong("limits.new", &[("limit", "-1"), ("window", "x")]), ["limit", "window"]);
    let large = ("window", "4000000000");
    assert_eq!(wrong("limits.new", &[("limit", "1"), large, ("unit", "3600")]), ["window"]);
    assert_eq!(wrong("number_rules.new", &[("numbers", "+1876")]), ["numbers"]);
    let past = ("until", "2020-01-01T00:00");
    assert_eq!(wrong("number_rules.new", &[("numbers", "+1876*"), past]), ["until"]);
    assert_eq!(wrong("spend.caps.new", &[("amount", "-5")]), ["amount"]);
    assert_eq!(wrong("spend.currency", &[("currency", "euro")]), ["currency"]);
    assert_eq!(wrong("kill_switches.new", &[("region", "Jamaica")]), ["region"]);
    for word in ["", "limit.1", "spend.prices", "limits.<b>", "constructor"] {
        assert_eq!(RulePath::read(word), None, "{word}");
    }
}
