//! Reads what PowerShell's `ConvertTo-Json` writes beyond its `-Depth` (2 by default): an object as
//! `@{key=PhoneNumber; value=+14155550100}`, a list of those with spaces between, anything else as
//! its type name, which carries no data.

/// Advice in errors about truncated data.
pub(super) const AGAIN: &str = "was cut off by the tool that exported it; export it again, with \
     PowerShell as ConvertTo-Json -Depth 10";

/// Prefixes of type names: .NET's own, those of Microsoft's modules (mainly the Graph SDK), and
/// those that PowerShell derives from them.
const TYPES: [&str; 4] = ["System.", "Microsoft.", "Selected.", "Deserialized."];

/// Known members. A value may contain `; ` itself (`MFA denied; Phone App Reported Fraud`), so a
/// member begins only at one of these names.
const MEMBERS: &[&str] = &[
    "id",
    "displayName",
    "userPrincipalName",
    "ipAddress",
    "user",
    "app",
    "type",
    "roles",
    "groupType",
    "modifiedProperties",
    "userType",
    "homeTenantId",
    "homeTenantName",
    "additionalProperties",
    "appId",
    "servicePrincipalId",
    "servicePrincipalName",
    "errorCode",
    "failureReason",
    "additionalDetails",
    "authMethod",
    "authDetail",
    "authenticationMethod",
    "authenticationMethodDetail",
    "authenticationStepDateTime",
    "authenticationStepRequirement",
    "authenticationStepResultDetail",
    "succeeded",
    "statusSequence",
    "requestSequence",
    "administrativeUnits",
];
/// Longer than any of those names.
const NAME: usize = 40;

/// The objects in a text without `@{` and `}`; `None` if it is not in this format.
pub(super) fn objects(text: &str) -> Option<impl Iterator<Item = &str>> {
    let inner = text.trim().strip_prefix("@{")?.strip_suffix('}')?;
    Some(inner.split("} @{"))
}

/// Whether a text is a .NET type name, written in place of data.
pub(super) fn is_type(text: &str) -> bool {
    TYPES.iter().any(|begin| text.trim().starts_with(begin))
}

/// Whether a text replaces data that was cut off.
pub(super) fn is_cut(text: &str) -> bool {
    is_type(text) || text.trim().starts_with("@{")
}

/// The key and value of a pair.
pub(super) fn pair(object: &str) -> Option<(&str, &str)> {
    const VALUE: &str = "; value=";
    let (name, rest) = object.split_once('=')?;
    if !["key", "name"].iter().any(|key| name.eq_ignore_ascii_case(key)) {
        return None;
    }
    let is_value = |at: &usize| {
        rest.get(*at..at + VALUE.len()).is_some_and(|text| text.eq_ignore_ascii_case(VALUE))
    };
    let at = rest.match_indices("; ").map(|(at, _)| at).find(is_value)?;
    Some((&rest[..at], &rest[at + VALUE.len()..]))
}

fn members(object: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(object);
    std::iter::from_fn(move || {
        let whole = rest?;
        let end =
            whole.match_indices("; ").map(|(at, _)| at).find(|at| is_member(&whole[at + 2..]));
        let (member, behind) = match end {
            Some(at) => (&whole[..at], Some(&whole[at + 2..])),
            None => (whole, None),
        };
        rest = behind;
        let (name, value) = member.split_once('=').unwrap_or((member, ""));
        Some((name.trim(), value))
    })
}

/// Whether a text begins with a known member name and `=`.
fn is_member(text: &str) -> bool {
    let name = text.bytes().take(NAME).position(|byte| byte == b'=').and_then(|at| text.get(..at));
    name.is_some_and(|name| MEMBERS.iter().any(|known| name.trim().eq_ignore_ascii_case(known)))
}

pub(super) fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    members(object).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether an object seems to have a member twice, so that one of them is part of a value.
pub(super) fn is_twice(object: &str, name: &str) -> bool {
    members(object).filter(|(key, _)| key.eq_ignore_ascii_case(name)).count() > 1
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
        assert_eq!(pair("Name=A; é; Value=1"), Some(("A; é", "1")));
        assert_eq!(pair("id=1; value=2"), None);
        assert_eq!(pair("key=1; val"), None);
        let party = "id=7; displayName=; userPrincipalName=ann@example.com; ipAddress=192.0.2.1";
        assert_eq!(member(party, "userprincipalname"), Some("ann@example.com"));
        assert_eq!(member(party, "displayName"), Some(""));
        assert_eq!(member(party, "type"), None);
    }

    #[test]
    fn a_value_may_hold_what_parts_members() {
        let step = "authenticationMethod=Text message; AuthenticationStepResultDetail=MFA denied; \
                    Fraud Code Entered; é=; authenticationStepRequirement=x";
        let result = member(step, "authenticationStepResultDetail");
        assert_eq!(result, Some("MFA denied; Fraud Code Entered; é="));
        assert_eq!(member(step, "authenticationStepRequirement"), Some("x"));
    }

    #[test]
    fn names_of_types() {
        for text in [
            "System.Object[]",
            " Microsoft.Graph.PowerShell.Models.MicrosoftGraphKeyValue",
            "Microsoft.Open.MSGraph.Model.A Microsoft.Open.MSGraph.Model.A",
            "Deserialized.System.Collections.Hashtable",
        ] {
            assert!(is_type(text) && is_cut(text), "{text}");
        }
        assert!(is_cut("@{a=b") && !is_type("@{a=b}") && !is_cut("Authenticator"));
    }
}
