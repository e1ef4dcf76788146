//! The effect of a change as a sentence, the same on the server and in the browser.

use crate::text::{counted, thousands};

/// How many attempts of the last 30 days a change would have refused in addition, and how many of
/// those had verified.
pub fn effect(attempts: u64, verified: u64) -> String {
    if attempts == 0 {
        return "Of the last 30 days, nothing more would have been refused.".to_owned();
    }
    let attempts = counted(attempts, "more attempt", "more attempts");
    let verified = match verified {
        0 => "none of them had verified".to_owned(),
        1 => "1 of them had verified".to_owned(),
        more => format!("{} of them had verified", thousands(more)),
    };
    format!("Of the last 30 days, {attempts} would have been refused; {verified}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_in_sentences() {
        assert!(effect(0, 0).contains("nothing more"));
        assert!(effect(1, 0).contains("1 more attempt would have been refused; none of them"));
        assert!(
            effect(1_200, 1).contains("1,200 more attempts") && effect(2, 1).contains("1 of them")
        );
        assert!(effect(5_000, 4_000).contains("4,000 of them had verified"));
    }
}
