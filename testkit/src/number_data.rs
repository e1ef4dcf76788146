//! The library's metadata in the format of Google's `metadata.js`, for tests that load it from a
//! file.

use rlibphonenumber::interfaces::AsOriginal as _;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

/// Both tables, after replacing texts so that numbers change: `("4(?:0[124-9]",
/// "4(?:36|0[124-9]")`. Panics if one is missing.
pub fn javascript(instead: &[(&str, &str)]) -> String {
    let mut codes: Vec<i32> = PHONE_NUMBER_UTIL.get_supported_calling_codes().collect();
    codes.sort_unstable();
    let (mut map, mut rows) = (Vec::new(), Vec::new());
    for code in codes {
        let places = PHONE_NUMBER_UTIL.get_regions_for_country_calling_code(code).unwrap();
        let places: Vec<Region> = places.collect();
        let name = |place: &Region| place.as_region_str().as_str().to_owned();
        let names: Vec<String> = places.iter().map(name).collect();
        // The npm package writes long lists so.
        map.push(match names.len() {
            5.. => format!("{code}:\"{}\".split(\" \")", names.join(" ")),
            _ => format!("{code}:[\"{}\"]", names.join("\",\"")),
        });
        rows.extend(places.into_iter().map(|place| row(code, place)));
    }
    let mut text = format!(
        "/** Made by a test. */\n\
         i18n.phonenumbers.metadata.countryCodeToRegionCodeMap = {{\n{}\n}};\n\n\
         // Of each region.\n\
         i18n.phonenumbers.metadata.countryToMetadata = {{\n{}\n}};\n",
        map.join("\n,"),
        rows.join("\n,")
    );
    for (was, is) in instead {
        assert!(text.contains(was), "{was} is not in the metadata");
        text = text.replace(was, is);
    }
    text
}

fn row(code: i32, place: Region) -> String {
    let util = PHONE_NUMBER_UTIL.as_original();
    let data = util.get_metadata_for_region_or_calling_code(code, place).unwrap();
    let mut fields = vec![String::new(); 29];
    // A macro, since the library does not export the type of a description.
    macro_rules! desc {
        ($($field:literal: $name:ident),*) => {$(
            let desc = &data.$name;
            let mut of = vec![String::new(); 11];
            if let Some(pattern) = &desc.national_number_pattern().pattern_base {
                of[2] = bare(pattern);
            }
            of[6] = desc.original.example_number.as_deref().map(quoted).unwrap_or_default();
            of[9] = lengths(&desc.original.possible_length);
            of[10] = lengths(&desc.original.possible_length_local_only);
            fields[$field] = list(of);
        )*};
    }
    desc!(1: general_desc, 2: fixed_line, 3: mobile, 4: toll_free, 5: premium_rate);
    desc!(6: shared_cost, 7: personal_number, 8: voip, 21: pager, 25: uan, 28: voicemail);
    fields[9] = quoted(&data.original.id);
    fields[10] = code.to_string();
    let patterns = [(15, data.national_prefix_for_parsing()), (23, data.leading_digits())];
    for (field, pattern) in patterns {
        fields[field] = pattern.pattern_base.as_deref().map(bare).unwrap_or_default();
    }
    let rule = data.original.national_prefix_transform_rule.as_deref();
    fields[16] = rule.map(quoted).unwrap_or_default();
    if data.original.same_mobile_and_fixed_line_pattern() {
        fields[18] = "1".to_owned();
    }
    let key = if place == Region::World { code.to_string() } else { quoted(&data.original.id) };
    format!("{key}:{}", list(fields))
}

/// A list without empty fields at its end.
fn list(mut fields: Vec<String>) -> String {
    while fields.last().is_some_and(String::is_empty) {
        fields.pop();
    }
    format!("[{}\n]", fields.join(","))
}

fn lengths(lengths: &[i32]) -> String {
    let words: Vec<String> = lengths.iter().map(i32::to_string).collect();
    if words.is_empty() { String::new() } else { format!("[{}]", words.join(",")) }
}

/// A pattern without the anchors that the library's own files have.
fn bare(pattern: &str) -> String {
    let inner = pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$"));
    inner.map(quoted).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\"))
}
