//! The bar of unsaved changes, as text.

use crate::text::counted;
use domain::countries::Mode;

/// The most names that are listed.
const NAMES: usize = 6;

/// The unsaved changes of one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnsavedChanges {
    /// The mode before and after, if it changes.
    pub mode: Option<(Mode, Mode)>,
    /// Names of the added regions.
    pub added: Vec<String>,
    /// Names of the removed regions.
    pub removed: Vec<String>,
}

/// The change as lines of text; empty if nothing changes.
pub fn lines(change: &UnsavedChanges) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((before, after)) = change.mode {
        lines.push(format!("Mode: {} → {}", before.label(), after.label()));
    }
    for (word, names) in [("More", &change.added), ("Less", &change.removed)] {
        if !names.is_empty() {
            let many = counted(names.len() as u64, "region", "regions");
            lines.push(format!("{word}: {many}: {}", some(names)));
        }
    }
    lines
}

/// `Germany, France and 12 more`.
fn some(names: &[String]) -> String {
    match names.len().checked_sub(NAMES) {
        Some(more @ 1..) => format!("{} and {more} more", names[..NAMES].join(", ")),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_in_sentences() {
        assert!(lines(&UnsavedChanges::default()).is_empty());
        let names = |n: usize| (0..n).map(|at| format!("R{at}")).collect::<Vec<_>>();
        let change = UnsavedChanges {
            mode: Some((Mode::All, Mode::Allowlist)),
            added: vec!["Jersey".to_owned()],
            removed: names(8),
        };
        assert_eq!(
            lines(&change),
            [
                "Mode: Every region → Only the regions named",
                "More: 1 region: Jersey",
                "Less: 8 regions: R0, R1, R2, R3, R4, R5 and 2 more",
            ]
        );
        let six = UnsavedChanges { removed: names(6), ..UnsavedChanges::default() };
        assert_eq!(lines(&six), ["Less: 6 regions: R0, R1, R2, R3, R4, R5"]);
    }
}
