//! The countries as a fragment of a custom policy of Azure AD B2C.

use super::language_file;
use crate::{Fault, Invalid, Region};
use std::collections::BTreeSet;

/// The building blocks of a custom policy that limit the phone page's list to these regions, sorted
/// by their English names, without `001`. They belong in the relying party's file: Microsoft does
/// not enforce a list in a parent file. `language` is the policy's primary language as a BCP 47
/// tag: `en`, `pt-BR`.
///
/// # Errors
/// In field `language`, when it is not such a tag.
pub fn custom_policy_xml(regions: &BTreeSet<Region>, language: &str) -> Result<String, Invalid> {
    if !is_tag(language) {
        let message = "must be a language tag such as en, de or pt-BR";
        return Err(Invalid::one("language", Fault::InvalidValue, message));
    }
    let list = escaped(&language_file::list_text(regions));
    Ok(format!(
        r#"<BuildingBlocks>
  <ContentDefinitions>
    <ContentDefinition Id="api.phonefactor">
      <DataUri>urn:com:microsoft:aad:b2c:elements:contract:multifactor:1.2.20</DataUri>
      <LocalizedResourcesReferences MergeBehavior="Prepend">
        <LocalizedResourcesReference Language="{language}" LocalizedResourcesReferenceId="api.phonefactor.{language}" />
      </LocalizedResourcesReferences>
    </ContentDefinition>
  </ContentDefinitions>
  <Localization Enabled="true">
    <SupportedLanguages DefaultLanguage="{language}" MergeBehavior="ReplaceAll">
      <SupportedLanguage>{language}</SupportedLanguage>
    </SupportedLanguages>
    <LocalizedResources Id="api.phonefactor.{language}">
      <LocalizedStrings>
        <LocalizedString ElementType="UxElement" StringId="countryList">{list}</LocalizedString>
      </LocalizedStrings>
    </LocalizedResources>
  </Localization>
</BuildingBlocks>
"#
    ))
}

fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.len() <= 35
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// Escapes a text for XML character data.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(codes: &[&str]) -> BTreeSet<Region> {
        codes.iter().map(|code| code.parse().unwrap()).collect()
    }

    #[test]
    fn the_fragment_holds_the_list_as_its_text() {
        let xml = custom_policy_xml(&regions(&["US", "CI", "001"]), "pt-BR").unwrap();
        let (_, from) = xml.split_once("StringId=\"countryList\">").unwrap();
        let (list, _) = from.split_once("</LocalizedString>").unwrap();
        assert_eq!(
            list,
            "{\"DEFAULT\":\"Country/Region\",\"CI\":\"Côte d'Ivoire\",\"US\":\"United States\"}"
        );
        assert!(xml.contains("contract:multifactor:1.2.20</DataUri>"));
        assert!(xml.contains(
            "<SupportedLanguages DefaultLanguage=\"pt-BR\" MergeBehavior=\"ReplaceAll\">"
        ));
        assert_eq!(xml.matches("api.phonefactor.pt-BR").count(), 2, "one refers to the other");
    }

    #[test]
    fn every_element_that_opens_closes() {
        let all = crate::regions::all().iter().map(|info| info.region).collect();
        let xml = custom_policy_xml(&all, "en").unwrap();
        let mut open = Vec::new();
        for part in xml.split('<').skip(1) {
            let tag = part.split_once('>').unwrap().0;
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None if tag.ends_with('/') => {}
                None => open.push(tag.split(' ').next().unwrap()),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn text_cannot_leave_its_element() {
        assert_eq!(
            escaped("a & b < c > \"d\" &amp; ]]>"),
            "a &amp; b &lt; c &gt; \"d\" &amp;amp; ]]&gt;"
        );
    }

    #[test]
    fn what_is_no_language_is_refused() {
        for tag in ["en", "de", "pt-BR", "zh-Hans-CN", "fil", "es-419"] {
            assert!(custom_policy_xml(&regions(&[]), tag).is_ok(), "{tag}");
        }
        let long = format!("en{}", "-a".repeat(17));
        for tag in
            ["", "e", "english", "en_US", "en-", "-en", "e1", "en\"", "en US", "日本", "<b>", &long]
        {
            let invalid = custom_policy_xml(&regions(&[]), tag).unwrap_err();
            assert_eq!(invalid.fields[0].field, "language", "{tag}");
        }
    }
}
