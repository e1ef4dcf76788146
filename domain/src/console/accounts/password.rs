//! New passwords, judged by how many guesses they withstand.

use super::{EmailAddress, PASSWORD_MAX, PASSWORD_MIN, normal};
use crate::{Fault, Invalid};
use std::fmt;
use zxcvbn::{Score, zxcvbn};

/// The product's name, which guessers try first.
const PRODUCT: &str = "tollwarden";
/// The lowest accepted score of 0 to 4: about 10^8 guesses, which zxcvbn calls "safely unguessable"
/// where guessing is rate-limited.
const LEAST: Score = Score::Three;

/// Fewest letters and digits that must remain without the account's address and the product's name.
const OWN: usize = 6;

/// A new password; `Debug` does not print it. As SP 800-63B advises, there are no rules about kinds
/// of characters: only its length and its resistance to guessing count. The account's address and
/// the product's name count as known words.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// Checks a new password, typed twice.
    ///
    /// # Errors
    /// In field `password`: too short, too long, equal to the address, or too easy to guess (with
    /// advice). In field `again`: the two differ.
    pub fn parse(password: &str, again: &str, email: &EmailAddress) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let characters = password.chars().count();
        let wrong = if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&characters) {
            let fault = if characters < PASSWORD_MIN { Fault::TooShort } else { Fault::TooLong };
            let words = format!(
                "A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; this has {characters}."
            );
            Some((fault, words))
        } else if normal(password).to_lowercase() == email.as_str() {
            let words = "A password must differ from the e-mail address.";
            Some((Fault::InvalidValue, words.to_owned()))
        } else {
            weakness(password, email).map(|advice| {
                let words = format!("This password is too easy to guess. {advice}");
                (Fault::InvalidValue, words.trim_end().to_owned())
            })
        };
        if let Some((fault, words)) = wrong {
            invalid.push("password", fault, words);
        }
        if password != again {
            invalid.push("again", Fault::Conflict, "The two passwords differ.");
        }
        invalid.or(Self(normal(password)))
    }

    /// The normalized password, to be hashed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Advice on a weak password; `None` for a strong one. zxcvbn judges only the first 100 characters,
/// so this takes milliseconds.
fn weakness(password: &str, email: &EmailAddress) -> Option<String> {
    let mut known: Vec<&str> = email.as_str().split(['@', '.', '-', '_', '+']).collect();
    known.extend([email.as_str(), PRODUCT]);
    known.extend(email.as_str().split('@'));
    if left_without(password, &known) < OWN {
        return Some("It is too close to the account’s e-mail address.".to_owned());
    }
    let judged = zxcvbn(password, &known);
    (judged.score() < LEAST).then(|| judged.feedback().map(ToString::to_string).unwrap_or_default())
}

/// Counts the letters and digits that remain of a password without the known words.
fn left_without(password: &str, known: &[&str]) -> usize {
    let letters = |text: &str| -> String {
        text.chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let mut words: Vec<String> = known.iter().map(|word| letters(word)).collect();
    words.retain(|word| word.chars().count() > 2);
    // Longer words first, so that a word that contains another goes whole.
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
