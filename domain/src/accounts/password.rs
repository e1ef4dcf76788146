//! New passwords, judged by how many guesses they withstand.

use super::{EmailAddress, PASSWORD_MAX, PASSWORD_MIN, normal};
use crate::{Fault, Invalid};
use std::fmt;
use zxcvbn::{Score, zxcvbn};

/// What is typed by those who think of this product.
const PRODUCT: &str = "tollwarden";
/// The least that is taken, of 0 to 4: about 10^8 guesses, "safely unguessable" by zxcvbn's own
/// words where guessing is slowed.
const LEAST: Score = Score::Three;

/// Fewest letters and digits of its own that a password has besides known words.
const OWN: usize = 6;

/// A password that somebody chose; never shown. No rules on kinds of characters, as SP 800-63B
/// advises: length, and no password that a guesser tries early. The account's address and the
/// product's name count as words that such a one knows.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// Takes a new password, typed twice.
    ///
    /// # Errors
    /// In fields `password` (too short, too long, the address itself, too easy to guess: with
    /// what would make it better) and `again` (differs).
    pub fn parse(password: &str, again: &str, email: &EmailAddress) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let characters = password.chars().count();
        if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&characters) {
            invalid.push(
                "password",
                if characters < PASSWORD_MIN { Fault::TooShort } else { Fault::TooLong },
                format!(
                    "A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; this has \
                     {characters}."
                ),
            );
        } else if normal(password).to_lowercase() == email.as_str() {
            invalid.push(
                "password",
                Fault::InvalidValue,
                "A password must differ from the e-mail address.",
            );
        } else if let Some(advice) = weakness(password, email) {
            let message = format!("This password is too easy to guess. {advice}");
            invalid.push("password", Fault::InvalidValue, message.trim_end().to_owned());
        }
        if password != again {
            invalid.push("again", Fault::Conflict, "The two passwords differ.");
        }
        invalid.or(Self(normal(password)))
    }

    /// What is hashed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is to be better about a password; nothing of a good one. Its first 100 characters are
/// judged, so it takes milliseconds.
fn weakness(password: &str, email: &EmailAddress) -> Option<String> {
    let mut known: Vec<&str> = email.as_str().split(['@', '.', '-', '_', '+']).collect();
    known.extend([email.as_str(), PRODUCT]);
    known.extend(email.as_str().split('@'));
    if left_without(password, &known) < OWN {
        return Some("It says little more than the account's address.".to_owned());
    }
    let judged = zxcvbn(password, &known);
    (judged.score() < LEAST).then(|| judged.feedback().map(ToString::to_string).unwrap_or_default())
}

/// How many letters and digits of a password are left without words that are known.
fn left_without(password: &str, known: &[&str]) -> usize {
    let letters = |text: &str| -> String {
        text.chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let mut words: Vec<String> = known.iter().map(|word| letters(word)).collect();
    words.retain(|word| word.chars().count() > 2);
    // Longer ones first, so that what holds another goes whole.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let left = words.iter().fold(letters(password), |left, word| left.replace(word, ""));
    left.chars().count()
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email() -> EmailAddress {
        EmailAddress::parse("someone.special@example.com").unwrap()
    }

    fn code(text: &str) -> Option<Fault> {
        let refused = NewPassword::parse(text, text, &email()).err()?;
        assert_eq!(refused.fields.len(), 1, "{text}");
        Some(refused.fields[0].code)
    }

    #[test]
    fn length_is_a_rule() {
        for (text, fault) in [
            ("", Fault::TooShort),
            ("elevenchars", Fault::TooShort),
            (&"x".repeat(257), Fault::TooLong),
        ] {
            assert_eq!(code(text), Some(fault), "{text:?}");
        }
        let long = "correct horse battery staple ".repeat(8) + &"é".repeat(24);
        assert_eq!((long.chars().count(), code(&long)), (256, None));
    }

    #[test]
    fn what_is_guessed_early_is_refused_with_advice() {
        for text in [
            "password1234",
            "aaaaaaaaaaaa",
            "qwertyuiop12",
            "tollwarden12",
            "tollwarden2026",
            "someone.special1",
            "example.com1234",
            "123456789012",
            "someonespecialexamplecom",
            "someone.special@example",
            "specialexamplecom",
            "examplecomexample",
        ] {
            assert_eq!(code(text), Some(Fault::InvalidValue), "{text}");
            let refused = NewPassword::parse(text, text, &email()).unwrap_err();
            let words = refused.of("password").unwrap();
            assert!(words.len() > "This password is too easy to guess.".len(), "{words}");
        }
        for text in ["correct horse battery staple", "v9-Kq2_mZ7xw", "läuft der Hase übers Feld"]
        {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn the_address_is_no_password() {
        let text = "Someone.Special@example.com";
        assert_eq!(code(text), Some(Fault::InvalidValue));
    }

    #[test]
    fn both_typings_must_agree() {
        let (one, two) = ("correct horse battery staple", "correct horse battery stapler");
        let refused = NewPassword::parse(one, two, &email()).unwrap_err();
        assert_eq!(refused.of("again"), Some("The two passwords differ."));
    }

    #[test]
    fn a_password_is_never_shown() {
        let text = "correct horse battery staple";
        let password = NewPassword::parse(text, text, &email()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
