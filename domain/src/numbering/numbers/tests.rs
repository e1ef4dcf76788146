use super::*;

#[test]
fn lengths_read_well() {
    for (lengths, text) in [
        (&[][..], ""),
        (&[10], "10"),
        (&[6, 7], "6 or 7"),
        (&[5, 6, 7, 9, 11, 12], "5 to 7, 9, 11 or 12"),
        (&[40], ""),
    ] {
        let all = lengths.iter().fold(Lengths::default(), |all, length| all.and(*length));
        assert_eq!(all.to_string(), text);
    }
}

#[test]
fn types_have_words_of_their_own() {
    let mut labels: Vec<_> = NumberType::ALL.iter().map(|kind| kind.label()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), 12);
}
