//! Microsoft's language file in and out. No file is kept on the server: between upload and
//! download it travels in the page's form.

use super::view::channel;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::countries::Verdict;
use domain::countries::language_file::{FileError, LIMIT, LanguageFile};
use domain::{Channel, Region};
use engine::Engine;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most bytes of a file that anybody needs to keep: one more than a file may have.
pub const KEPT: usize = LIMIT + 1;
/// What a download is called that has no better name.
const NAME: &str = "language-file.json";

/// What the form sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// Its fields, those of files left out.
    pub fields: BTreeMap<String, String>,
    /// The file that was chosen, at most [`KEPT`] bytes of it.
    pub file: Option<Vec<u8>>,
    /// What it is called.
    pub name: String,
    /// How many bytes it had.
    pub bytes: usize,
}

/// What becomes of it.
#[derive(Debug)]
pub enum Answered {
    /// The page shows the file, or what is wrong with it.
    Page(Opened),
    /// The file goes out, changed.
    Download {
        /// What it is called: letters, digits, `-`, `_` and `.` alone.
        name: String,
        /// The whole of it.
        text: String,
    },
}

/// A file that the page shows this once.
#[derive(Debug, Clone)]
pub struct Opened(pub(super) Arc<Result<Open, Wrong>>);

/// A file that could be read.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) name: String,
    pub(super) file: LanguageFile,
    /// The file itself, as a form can carry it unchanged.
    pub(super) carried: String,
    pub(super) ticks: BTreeSet<Region>,
    /// Where the ticks come from; the file itself when empty.
    pub(super) from: Option<Channel>,
}

/// One that could not.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) name: String,
    pub(super) error: String,
}

/// Reads what was sent, and does what its button says.
///
/// # Errors
/// When the store refuses.
pub async fn answer(engine: &Engine, sent: Sent) -> Result<Answered, store::Error> {
    let name = clean(if sent.name.is_empty() { field(&sent, "name") } else { &sent.name });
    let refused = |error: String| {
        let wrong = Wrong { name: name.clone(), error };
        Ok(Answered::Page(Opened(Arc::new(Err(wrong)))))
    };
    let bytes = match bytes_of(&sent) {
        Ok(bytes) => bytes,
        Err(error) => return refused(error),
    };
    let file = match LanguageFile::parse(&bytes) {
        Ok(file) => file,
        Err(error) => return refused(error.to_string()),
    };
    let Some(ticked) = ticked(&sent, &file) else {
        return refused("The form could not be read. Choose the file again.".to_owned());
    };
    let word = field(&sent, "do");
    let from = word.strip_prefix("from-").and_then(channel);
    let ticks = match (word, from) {
        ("download", _) => return Ok(Answered::Download { name, text: file.edit(&ticked) }),
        (_, Some(channel)) => served(engine, channel).await?,
        ("file", _) => file.regions(),
        _ => ticked,
    };
    let carried = URL_SAFE_NO_PAD.encode(&bytes);
    Ok(Answered::Page(Opened(Arc::new(Ok(Open { name, file, carried, ticks, from })))))
}

fn field<'a>(sent: &'a Sent, name: &str) -> &'a str {
    sent.fields.get(name).map_or("", String::as_str)
}

/// The file's bytes: chosen now, or carried by the page.
fn bytes_of(sent: &Sent) -> Result<Vec<u8>, String> {
    match &sent.file {
        Some(_) if sent.bytes > LIMIT => Err(FileError::TooLarge { bytes: sent.bytes }.to_string()),
        Some(bytes) if !bytes.is_empty() => Ok(bytes.clone()),
        None if sent.fields.contains_key("carried") => {
            let decoded = URL_SAFE_NO_PAD.decode(field(sent, "carried"));
            decoded.map_err(|_| "The form could not be read. Choose the file again.".to_owned())
        }
        _ => Err("Choose a language file.".to_owned()),
    }
}

/// The regions that are ticked; a file that was just chosen has its own. Nothing when there are
/// ticks that neither the page nor the file has.
fn ticked(sent: &Sent, file: &LanguageFile) -> Option<BTreeSet<Region>> {
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

/// The countries that a channel serves, by what holds: named, or not refused.
///
/// # Errors
/// When the store refuses.
pub(super) async fn served(
    engine: &Engine,
    channel: Channel,
) -> Result<BTreeSet<Region>, store::Error> {
    let settings = crate::saving::current(engine).await?.settings;
    Ok(served_by(&settings, channel))
}

/// The same by settings that are known.
pub(super) fn served_by(
    settings: &domain::countries::Settings,
    channel: Channel,
) -> BTreeSet<Region> {
    let regions = domain::regions::all().iter().map(|info| info.region);
    let served = |region: &Region| settings.judge(channel, *region) != Verdict::Refused;
    regions.filter(|region| *region != Region::WORLD).filter(served).collect()
}

/// A file's name as a header can have it.
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

    fn sent(pairs: &[(&str, &str)], file: Option<&[u8]>) -> Sent {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let bytes = file.map_or(0, <[u8]>::len);
        Sent { fields, file: file.map(<[u8]>::to_vec), name: String::new(), bytes }
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
