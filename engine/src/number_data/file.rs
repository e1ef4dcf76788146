//! Accepted files: the packed npm package `google-libphonenumber`, the file inside it,
//! or Google's own `metadata.js`.

use domain::numbers::NUMBER_DATA_MAX;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read as _;

/// First bytes of a gzip file (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Block size of a tar archive, in bytes (POSIX.1-2017, pax, "ustar Interchange Format").
const BLOCK: usize = 512;
/// The table that identifies the right file in a package.
const TABLE: &str = "phonenumbers.metadata.countryToMetadata";
/// Longest name kept, in characters.
const NAME_MAX: usize = 200;

/// The text of a file with metadata tables, and its name for people: the package's name and
/// version, or else the file's name, which is `file`.
///
/// # Errors
/// If the file is too large, cannot be decompressed, or is not text; in words that continue a
/// sentence after "the file".
pub fn unpack(bytes: &[u8], file: &str) -> Result<(String, String), String> {
    let most = NUMBER_DATA_MAX;
    if bytes.len() > most {
        return Err(format!("has {} bytes; at most {most} are allowed", bytes.len()));
    }
    if !bytes.starts_with(&GZIP) {
        return Ok((text(bytes)?, short(file)));
    }
    let mut whole = Vec::new();
    let mut packed = GzDecoder::new(bytes).take(most as u64 + 1);
    packed.read_to_end(&mut whole).map_err(|error| format!("cannot be unpacked: {error}"))?;
    if whole.len() > most {
        return Err(format!("unpacks to more than {most} bytes, which is not allowed"));
    }
    if whole.get(257..262) != Some(b"ustar".as_slice()) {
        return Ok((text(&whole)?, short(file)));
    }
    let mut found = None;
    let mut name = short(file);
    for (path, content) in entries(&whole) {
        if path.ends_with("/package.json") && path.matches('/').count() == 1 {
            name = package(content).unwrap_or(name);
        } else if path.ends_with(".js") && found.is_none() {
            found = std::str::from_utf8(content).ok().filter(|text| text.contains(TABLE));
        }
    }
    match found {
        Some(text) => Ok((text.to_owned(), name)),
        None => Err(format!(
            "is a package ({name}) without Google's tables of metadata; give the npm package \
             google-libphonenumber as npm packs it, or metadata.js of Google's libphonenumber"
        )),
    }
}

fn text(bytes: &[u8]) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(format!("is not UTF-8 text from byte {} on", error.valid_up_to())),
    }
}

fn short(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(NAME_MAX).collect();
    if name.trim().is_empty() { "a file".to_owned() } else { name }
}

/// Name and version from `package.json`: `google-libphonenumber 3.2.47`.
fn package(json: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(json).ok()?;
    let (name, version) = (json.get("name")?.as_str()?, json.get("version")?.as_str()?);
    Some(short(&format!("{name} {version}")))
}

/// The files of a tar archive, each with its path; stops at damage.
fn entries(archive: &[u8]) -> Vec<(String, &[u8])> {
    let word = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    let mut entries = Vec::new();
    let mut rest = archive;
    while let Some((head, body)) = rest.split_at_checked(BLOCK) {
        let size = word(&head[124..136]);
        let Ok(size) = usize::from_str_radix(size.trim(), 8) else { break };
        let Some(content) = body.get(..size) else { break };
        // A regular file; older archives have a zero byte here.
        if matches!(head[156], b'0' | 0) && head[0] != 0 {
            let (prefix, name) = (word(&head[345..500]), word(&head[..100]));
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            entries.push((path, content));
        }
        rest = body.get(size.div_ceil(BLOCK) * BLOCK..).unwrap_or_default();
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (path, content) in files {
            let mut head = [0_u8; BLOCK];
            head[..path.len()].copy_from_slice(path.as_bytes());
            head[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            head[156] = b'0';
            head[257..262].copy_from_slice(b"ustar");
            archive.extend(head);
            archive.extend(content.as_bytes());
            archive.resize(archive.len().next_multiple_of(BLOCK), 0);
        }
        archive.extend([0; 2 * BLOCK]);
        archive
    }

    #[test]
    fn the_file_is_found_in_what_people_have() {
        let js = format!("var x; i18n.{TABLE}={{}};");
        assert_eq!(unpack(js.as_bytes(), "metadata.js"), Ok((js.clone(), "metadata.js".into())));
        assert_eq!(unpack(&gzip(js.as_bytes()), "m.js.gz"), Ok((js.clone(), "m.js.gz".into())));
        let package = [
            ("package/package.json", r#"{"name": "google-libphonenumber", "version": "3.2.47"}"#),
            ("package/dist/libphonenumber.js", js.as_str()),
            ("package/node_modules/x/package.json", r#"{"name": "x", "version": "1"}"#),
        ];
        let name = "google-libphonenumber 3.2.47".to_owned();
        assert_eq!(unpack(&gzip(&tar(&package)), "p.tgz"), Ok((js, name)));
    }

    #[test]
    fn what_is_no_such_file_is_told() {
        let said = |bytes: &[u8]| unpack(bytes, "f").unwrap_err();
        let other = [("package/package.json", r#"{"name": "libphonenumber-js", "version": "1"}"#)];
        assert!(said(&gzip(&tar(&other))).contains("(libphonenumber-js 1) without Google's"));
        assert!(said(&[0x1f, 0x8b, 1]).contains("cannot be unpacked"));
        assert!(said(b"abc\xff").contains("not UTF-8 text from byte 3 on"));
        assert!(said(&vec![b' '; NUMBER_DATA_MAX + 1]).contains("at most 16777216"));
        assert!(said(&gzip(&vec![b' '; NUMBER_DATA_MAX + 1])).contains("unpacks to more than"));
    }

    proptest! {
        #[test]
        fn any_archive_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let mut bytes = bytes;
            let _ = unpack(&bytes, "f");
            bytes.resize(bytes.len().max(BLOCK), 0);
            bytes[257..262].copy_from_slice(b"ustar");
            let _ = unpack(&gzip(&bytes), "f");
        }
    }
}
