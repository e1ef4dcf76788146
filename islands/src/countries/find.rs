//! The search for regions, the same on the server and in the browser.

/// Normalizes a text for the search: lower case, without accents, and without the punctuation of
/// calling codes.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è'..='ë' => folded.push('e'),
            'ì'..='ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò'..='ö' => folded.push('o'),
            'ù'..='ü' => folded.push('u'),
            'ʼ' | '’' => folded.push('\''),
            '-' | '(' | ')' => folded.push(' '),
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_capitals_make_no_difference() {
        assert_eq!(fold("  Åland Islands "), "aland islands");
        assert_eq!(fold("CÔTE D’IVOIRE"), fold("Cote d'Ivoire"));
        assert_eq!(fold("Curaçao, São Tomé"), "curacao, sao tome");
        assert_eq!(fold("Guinea-Bissau"), "guinea bissau");
        assert_eq!(fold("+1 (876)"), "+1  876 ");
        assert_eq!(fold("日本"), "日本");
    }

    #[test]
    fn no_region_needs_a_letter_that_nobody_can_type() {
        for info in domain::regions::all() {
            assert!(fold(info.name).is_ascii(), "{}", info.name);
        }
    }
}
