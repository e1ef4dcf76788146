//! What PowerShell's `ConvertTo-Json` writes for what lies deeper than it was told to look
//! (`-Depth`, 2 if nobody says): an object as `@{key=PhoneNumber; value=+14155550100}`, a list of
//! those with blanks between, other things as the name of their type, of which nothing can be read.

/// What to do about what was cut off.
pub(super) const AGAIN: &str = "was cut off by the tool that exported it; export it again, with \
     PowerShell as ConvertTo-Json -Depth 10";

/// The objects that a text holds, each without its `@{` and `}`; none where it is not of this kind.
pub(super) fn objects(text: &str) -> Option<impl Iterator<Item = &str>> {
    let inner = text.trim().strip_prefix("@{")?.strip_suffix('}')?;
    Some(inner.split("} @{"))
}

/// Whether a text is the name of a type, as .NET has it for what it cannot show.
pub(super) fn is_type(text: &str) -> bool {
    text.trim().starts_with("System.")
}

/// Whether a text stands where something else was cut off.
pub(super) fn is_cut(text: &str) -> bool {
    is_type(text) || text.trim().starts_with("@{")
}

/// A pair of key and value.
pub(super) fn pair(object: &str) -> Option<(&str, &str)> {
    object.strip_prefix("key=")?.split_once("; value=")
}

/// A member of an object, by its name.
pub(super) fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    object.split("; ").find_map(|member| {
        let (key, value) = member.split_once('=')?;
        (key.trim().eq_ignore_ascii_case(name)).then_some(value)
    })
}

/// Whether an object seems to have a member twice: then one of them is part of a value.
pub(super) fn is_twice(object: &str, name: &str) -> bool {
    let named = |member: &&str| {
        member.split_once('=').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case(name))
    };
    object.split("; ").filter(named).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_their_members() {
        let of = |text: &'static str| objects(text).map(|objects| objects.collect::<Vec<_>>());
        assert_eq!(
            of("@{key=A; value=1} @{key=B; value=x; y=z}"),
            Some(vec!["key=A; value=1", "key=B; value=x; y=z"])
        );
        assert_eq!(of("System.Object[]"), None);
        assert_eq!(of("[]"), None);
        assert_eq!(
            pair("key=Client; value=Mozilla/5.0 (X; Y) a=b"),
            Some(("Client", "Mozilla/5.0 (X; Y) a=b"))
        );
        assert_eq!(pair("key=A; value="), Some(("A", "")));
        assert_eq!(pair("id=1; value=2"), None);
        let party = "id=7; displayName=; userPrincipalName=ann@example.com; ipAddress=192.0.2.1";
        assert_eq!(member(party, "userprincipalname"), Some("ann@example.com"));
        assert_eq!(member(party, "displayName"), Some(""));
        assert_eq!(member(party, "type"), None);
    }
}
