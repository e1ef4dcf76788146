//! Upload, change and download of Microsoft's language file. The server keeps no file: between
//! upload and download it is in the page's form.

use super::view::channel;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::countries::language_file::{FileError, LIMIT, LanguageFile};
use domain::{Channel, Region, countries::Verdict};
use engine::Engine;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Maximum number of bytes to read from an upload: one more than the limit, to detect a larger
/// file.
pub const KEPT: usize = LIMIT + 1;
/// Default name of a download.
const NAME: &str = "language-file.json";
const UNREADABLE: &str = "The form could not be read. Choose the file again.";

/// The uploaded form.
#[derive(Debug, Default)]
pub struct UploadedForm {
    /// All fields except files.
    pub fields: BTreeMap<String, String>,
    /// The first [`KEPT`] bytes of the chosen file; `None` if the form has no file field.
    pub file: Option<Vec<u8>>,
    /// The file's name as the browser sent it.
    pub name: String,
    /// Full size of the file in bytes.
    pub bytes: usize,
}

/// The answer to an uploaded form.
#[derive(Debug)]
pub enum FileAnswer {
    /// Render the page with the file, or with its error.
    Page(UploadedFile),
    /// Send the changed file.
    Download {
        /// File name of ASCII letters, digits, `-`, `_` and `.`, safe in a header.
        name: String,
        /// Content of the file.
        text: String,
    },
}

/// The result of an upload, passed to the page in the request's extensions.
#[derive(Debug, Clone)]
pub struct UploadedFile(pub(super) Arc<Result<OpenFile, FileProblem>>);

#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) name: String,
    pub(super) file: LanguageFile,
    /// The unchanged file in base64, for a hidden field.
    pub(super) carried: String,
    pub(super) ticks: BTreeSet<Region>,
    /// The channel whose regions are ticked, if a button chose one.
    pub(super) from: Option<Channel>,
}

#[derive(Debug)]
pub(super) struct FileProblem {
    pub(super) name: String,
    pub(super) error: String,
}

/// Reads the upload and runs its button.
///
/// # Errors
/// Returns the store's error if the settings cannot be read.
pub async fn answer(engine: &Engine, sent: UploadedForm) -> Result<FileAnswer, store::Error> {
    let name = clean(if sent.name.is_empty() { field(&sent, "name") } else { &sent.name });
    let read = bytes_of(&sent).and_then(|bytes| {
        let file = LanguageFile::parse(&bytes).map_err(|error| error.to_string())?;
        let ticked = ticked(&sent, &file).ok_or(UNREADABLE)?;
        Ok((bytes, file, ticked))
    });
    let (bytes, file, ticked) = match read {
        Ok(read) => read,
        Err(error) => {
            return Ok(FileAnswer::Page(UploadedFile(Arc::new(Err(FileProblem { name, error })))));
        }
    };
    let word = field(&sent, "do");
    let from = word.strip_prefix("from-").and_then(channel);
    let ticks = match (word, from) {
        ("download", _) => return Ok(FileAnswer::Download { name, text: file.edit(&ticked) }),
        (_, Some(channel)) => served(engine, channel).await?,
        ("file", _) => file.regions(),
        _ => ticked,
    };
    let carried = URL_SAFE_NO_PAD.encode(&bytes);
    Ok(FileAnswer::Page(UploadedFile(Arc::new(Ok(OpenFile { name, file, carried, ticks, from })))))
}

fn field<'a>(sent: &'a UploadedForm, name: &str) -> &'a str {
    sent.fields.get(name).map_or("", String::as_str)
}

/// The file's bytes, from the upload or from the hidden field.
fn bytes_of(sent: &UploadedForm) -> Result<Vec<u8>, String> {
    match &sent.file {
        Some(_) if sent.bytes > LIMIT => Err(FileError::TooLarge { bytes: sent.bytes }.to_string()),
        Some(bytes) if !bytes.is_empty() => Ok(bytes.clone()),
        None if sent.fields.contains_key("carried") => {
            let decoded = URL_SAFE_NO_PAD.decode(field(sent, "carried"));
            decoded.map_err(|_| UNREADABLE.to_owned())
        }
        _ => Err("Choose a language file.".to_owned()),
    }
}

/// The ticked regions; those of the file if it was just uploaded. `None` for ticks that neither the
/// page nor the file has.
fn ticked(sent: &UploadedForm, file: &LanguageFile) -> Option<BTreeSet<Region>> {
    if sent.file.is_some() {
        return Some(file.regions());
    }
    let own = file.regions();
    let known = |region: &Region| {
        *region != Region::WORLD
            && (own.contains(region) || domain::regions::info(*region).is_some())
    };
    let codes = sent.fields.keys().filter_map(|name| name.strip_prefix(super::read::REGION));
    codes.map(|code| code.parse().ok().filter(known)).collect()
}

/// The regions that a channel serves under the current settings.
pub(super) async fn served(
    engine: &Engine,
    channel: Channel,
) -> Result<BTreeSet<Region>, store::Error> {
    let settings = crate::saving::current(engine).await?.settings;
    Ok(served_by(&settings, channel))
}

/// The regions that a channel serves.
pub(super) fn served_by(
    settings: &domain::countries::Settings,
    channel: Channel,
) -> BTreeSet<Region> {
    let regions = domain::regions::all().iter().map(|info| info.region);
    let served = |region: &Region| settings.judge(channel, *region) != Verdict::Refused;
    regions.filter(|region| *region != Region::WORLD).filter(served).collect()
}

/// Makes a file's name safe for a header.
fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = last.chars().filter(fits).take(100).collect();
    let name = name.trim_start_matches('.').to_owned();
    if name.is_empty() { NAME.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::countries::language_file::new_file;

    fn regions(codes: &[&str]) -> BTreeSet<Region> {
        codes.iter().map(|code| code.parse().unwrap()).collect()
    }

    fn sent(pairs: &[(&str, &str)], file: Option<&[u8]>) -> UploadedForm {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let bytes = file.map_or(0, <[u8]>::len);
        UploadedForm { fields, file: file.map(<[u8]>::to_vec), name: String::new(), bytes }
    }

    #[test]
    fn names_are_harmless() {
        for (name, clean_name) in [
            ("strings-en.json", "strings-en.json"),
            ("C:\\Users\\me\\a b.json", "ab.json"),
            ("../../etc/passwd", "passwd"),
            ("x\"; filename=\"y\r\n.json", "xfilenamey.json"),
            ("...", NAME),
            ("日本", NAME),
            ("", NAME),
        ] {
            assert_eq!(clean(name), clean_name, "{name:?}");
        }
    }

    #[test]
    fn the_file_comes_from_the_field_or_from_the_page() {
        assert_eq!(bytes_of(&sent(&[], Some(b"{}"))).unwrap(), b"{}");
        let carried = URL_SAFE_NO_PAD.encode(b"\xef\xbb\xbf{}\r\n");
        let back = bytes_of(&sent(&[("carried", &carried)], None)).unwrap();
        assert_eq!(back, b"\xef\xbb\xbf{}\r\n", "byte for byte, line ends too");
        assert!(bytes_of(&sent(&[], None)).unwrap_err().contains("Choose a language file"));
        assert!(bytes_of(&sent(&[], Some(b""))).unwrap_err().contains("Choose a language file"));
        assert!(bytes_of(&sent(&[("carried", "*")], None)).unwrap_err().contains("form"));
        let mut large = sent(&[], Some(b"{"));
        large.bytes = 20_000_000;
        let said = bytes_of(&large).unwrap_err();
        assert!(said.contains("20000000") && said.contains("1 MiB"), "{said}");
    }

    #[test]
    fn ticks_are_the_files_at_first_and_then_the_forms() {
        let file = LanguageFile::parse(new_file(&regions(&["US", "GB"])).as_bytes()).unwrap();
        assert_eq!(ticked(&sent(&[], Some(b"x")), &file), Some(regions(&["US", "GB"])));
        let form = sent(&[("r-DE", "1"), ("r-US", "1"), ("name", "x")], None);
        assert_eq!(ticked(&form, &file), Some(regions(&["DE", "US"])));
        assert_eq!(ticked(&sent(&[], None), &file), Some(regions(&[])), "all may be taken away");
        for odd in ["r-ZZ", "r-001", "r-us", "r-"] {
            assert_eq!(ticked(&sent(&[(odd, "1")], None), &file), None, "{odd}");
        }
    }
}
