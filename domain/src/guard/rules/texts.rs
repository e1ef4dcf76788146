//! Messages to refused users, per language.

use crate::gate::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Maximum characters of a text.
pub(crate) const TEXT_MAX: usize = 500;
pub(crate) const LANGUAGES_MAX: usize = 100;

/// One language's texts. `{minutes}` becomes the wait, `{help_desk}` the help desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// For refused users.
    pub deny: String,
    /// For users who have to wait.
    pub delay: String,
    /// For users who have to solve a captcha.
    pub challenge: String,
}

/// The texts of all languages, and the help desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserTexts {
    /// How to reach the help desk; empty to leave it out.
    pub help_desk: String,
    /// The fallback language.
    pub language: String,
    /// Texts by language tag (BCP 47: `en`, `pt-BR`).
    pub texts: BTreeMap<String, Texts>,
}

impl Default for UserTexts {
    fn default() -> Self {
        let texts = Texts {
            deny: "We cannot send a code to this number. Use another way to sign in. {help_desk}"
                .to_owned(),
            delay: "Too many codes were asked for. Try again in {minutes}. {help_desk}".to_owned(),
            challenge: "Confirm that you are a person to get your code.".to_owned(),
        };
        Self {
            help_desk: String::new(),
            language: "en".to_owned(),
            texts: BTreeMap::from([("en".to_owned(), texts)]),
        }
    }
}

/// A text with its placeholders filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledText {
    /// The tag of the language chosen.
    pub language: String,
    /// Ready to show; empty for an allowed user.
    pub text: String,
}

impl UserTexts {
    /// The text for a user with these language preferences (the header `Accept-Language`, RFC 9110
    /// section 12.5.4); empty if allowed.
    pub fn for_user(&self, verdict: Verdict, retry_after: Option<u32>, accept: &str) -> FilledText {
        let Some((language, texts)) = self.choose(accept) else {
            return FilledText { language: self.language.clone(), text: String::new() };
        };
        let text = match verdict {
            Verdict::Allow => "",
            Verdict::Challenge => &texts.challenge,
            Verdict::Delay => &texts.delay,
            Verdict::Deny => &texts.deny,
        };
        let minutes = retry_after.unwrap_or(60).div_ceil(60);
        let text = text
            .replace("{minutes}", &minutes_of(minutes, language))
            .replace("{help_desk}", self.help_desk.trim());
        FilledText { language: language.to_owned(), text: text.trim().to_owned() }
    }

    fn choose(&self, accept: &str) -> Option<(&str, &Texts)> {
        let mut wanted: Vec<(u32, usize, &str)> = accept
            .split(',')
            .take(32)
            .enumerate()
            .filter_map(|(at, part)| {
                let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
                let weight = rest.trim().strip_prefix("q=").unwrap_or("1").trim();
                let weight: f32 = weight.parse().ok().filter(|q| (0.0..=1.0).contains(q))?;
                // Between 0 and 1000.
                #[expect(clippy::cast_sign_loss, reason = "it lies between 0 and 1000")]
                let weight = (weight * 1_000.0) as u32;
                (weight > 0).then_some((weight, at, tag.trim()))
            })
            .collect();
        wanted.sort_by_key(|(weight, at, _)| (std::cmp::Reverse(*weight), *at));
        let known =
            |tag: &str| self.texts.iter().find(|(known, _)| known.eq_ignore_ascii_case(tag));
        let found = wanted.iter().find_map(|(_, _, tag)| {
            let short = tag.split('-').next().unwrap_or(tag);
            known(tag).or_else(|| known(short))
        });
        let found = found.or_else(|| known(&self.language)).or_else(|| self.texts.iter().next());
        found.map(|(language, texts)| (language.as_str(), texts))
    }
}

/// A duration with its unit in known languages; a bare number in others.
fn minutes_of(minutes: u32, language: &str) -> String {
    let unit = match (language.split('-').next().unwrap_or(language), minutes) {
        ("en" | "fr", 1) => "minute",
        ("en" | "fr", _) => "minutes",
        ("de", 1) => "Minute",
        ("de", _) => "Minuten",
        ("es" | "pt", 1) => "minuto",
        ("es" | "pt", _) => "minutos",
        ("it", 1) => "minuto",
        ("it", _) => "minuti",
        ("nl", 1) => "minuut",
        ("nl", _) => "minuten",
        _ => return format!("{minutes} min"),
    };
    format!("{minutes} {unit}")
}
