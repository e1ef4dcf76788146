//! Checks a rule while it is typed.

use super::item::{Group, Item};
use super::read::{Fields, RulePath, read};
use crate::text::sentence;
use chrono::{DateTime, Utc};
use domain::rules::{Currency, Mode, Settings};
use domain::settings::Section as _;
use domain::workbook::Sight;

/// The result for a form while it is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormCheck {
    /// The rule as a sentence, if it is valid.
    pub sentence: Option<String>,
    /// Fields and their errors.
    pub errors: Vec<(String, String)>,
}

/// Checks a form's fields; the field `place` names the rule. `None` if it names none.
pub fn judge(typed: &Fields, now: DateTime<Utc>) -> Option<FormCheck> {
    let place = RulePath::read(typed.get("place")?)?;
    let item = match read(&place, typed, None, now) {
        Ok(item) => item,
        Err(invalid) => {
            let errors = invalid.fields.into_iter().map(|error| (error.field, error.message));
            return Some(FormCheck { sentence: None, errors: errors.collect() });
        }
    };
    let Err(invalid) = alone(&item).check() else {
        // The page shows the currency next to the caps.
        let mut sentence = item.sentence(Currency::default(), Sight::Whole);
        if matches!(item, Item::Cap(_)) {
            sentence = sentence.replace(" EUR", "");
        }
        if item.mode() == Some(Mode::Shadow) {
            sentence.push_str(" Shadow: only marked, not enforced.");
        }
        let says = place.group != Group::Messages;
        return Some(FormCheck { sentence: says.then_some(sentence), errors: Vec::new() });
    };
    let errors = invalid.fields.into_iter().map(|error| {
        let last = error.field.rsplit('.').next().unwrap_or_default();
        let texts = error.field.starts_with("user_message.texts.");
        let field = match last {
            "deny" | "delay" | "challenge" => last,
            _ if texts => "language",
            _ => last,
        };
        (field.to_owned(), sentence(&error.message))
    });
    Some(FormCheck { sentence: None, errors: errors.collect() })
}

/// Settings with this rule and no other.
fn alone(item: &Item) -> Settings {
    let mut settings = Settings { limits: Vec::new(), ..Settings::default() };
    match item.clone() {
        Item::Kill(rule) => settings.kill_switches.push(rule),
        Item::Number(rule) => settings.number_rules.push(rule),
        Item::Type(kind, rule) => {
            settings.number_types.insert(kind, rule);
        }
        Item::Currency(currency) => settings.spend.currency = currency,
        Item::Cap(cap) => settings.spend.caps.push(cap),
        Item::Price(price) => settings.spend.prices.push(price),
        Item::Limit(limit) => settings.limits.push(limit),
        Item::Trust(trust) => settings.trust = trust,
        Item::Captcha(captcha) => settings.captcha = captcha,
        Item::Store(setting) => settings.on_store_failure = setting,
        Item::B2c(b2c) => settings.b2c = b2c,
        Item::Desk(desk, _) => settings.user_message.help_desk = desk,
        Item::Texts(language, texts) => {
            settings.user_message.texts.insert(language, texts);
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pairs: &[(&str, &str)]) -> FormCheck {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        judge(&fields, now).unwrap()
    }

    #[test]
    fn a_rule_reads_as_it_is_typed() {
        let limit = [("place", "limits.3"), ("limit", "5"), ("window", "10"), ("unit", "60")];
        let rest = [("per", "number"), ("action", "delay"), ("mode", "shadow")];
        let said = judged(&[&limit[..], &rest].concat()).sentence.unwrap();
        let whole = "5 codes in 10 min for one number; then delayed. Shadow: only marked, not \
                     enforced.";
        assert_eq!(said, whole);
        let cap = [("place", "spend.caps.new"), ("amount", "50"), ("window", "3600")];
        assert_eq!(judged(&cap).sentence.unwrap(), "At most 50.00 in 1 h; then codes are refused.");
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let limit = [("place", "limits.new"), ("limit", "0"), ("window", "25"), ("unit", "3600")];
        let rest = [("per", "ip"), ("action", "delay")];
        let errors = judged(&[&limit[..], &rest].concat()).errors;
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["limit", "window"]);
        let kill = [("place", "kill_switches.new"), ("region", "ZZ"), ("channel", "*")];
        assert_eq!(judged(&kill).errors[0].0, "region");
        let texts = [("place", "user_message.texts.new"), ("language", "not a tag")];
        assert_eq!(judged(&texts).errors[0].0, "language");
        let none = Fields::from([("place".to_owned(), "nowhere".to_owned())]);
        assert_eq!(judge(&none, DateTime::UNIX_EPOCH), None);
    }
}
