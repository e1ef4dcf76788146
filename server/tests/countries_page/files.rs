//! Microsoft's files in and out.

use crate::common::desk::{Console, text};
use crate::common::{TestRequest, TestResponse, get};
use crate::ticked;
use domain::roles::Role;
use http::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;

const SAMPLE: &str = include_str!("../../../testdata/countries/override-en.json");
const MARK: &str = "form-boundary-of-this-test";

impl Console {
    /// Sends the form of language files as a browser does.
    async fn file(&self, fields: &[(&str, &str)], file: Option<(&str, &str)>) -> TestResponse {
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--{MARK}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        if let Some((name, text)) = file {
            body.push_str(&format!(
                "--{MARK}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 content-type: application/json\r\n\r\n{text}\r\n"
            ));
        }
        body.push_str(&format!("--{MARK}--\r\n"));
        let ask = TestRequest::new(Method::POST, "/countries/language-file")
            .header("accept", "text/html,*/*;q=0.8")
            .header("content-type", &format!("multipart/form-data; boundary={MARK}"))
            .header("sec-fetch-site", "same-origin")
            .cookie(&self.cookie)
            .body(&body);
        self.site.ask(ask).await
    }

    /// Opens a file; the text of the page.
    async fn open(&self, text_of: &str) -> String {
        let answer = self.file(&[], Some(("strings en.json", text_of))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        text(&answer)
    }

    async fn download(&self, path: &str) -> TestResponse {
        self.site.ask(get(path).cookie(&self.cookie)).await
    }
}

/// The fields of the form that shows a file: the file it carries, and its ticks.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split("file-form").nth(1).unwrap().split("</form>").next().unwrap();
    let of = |input: &str, name: &str| {
        let rest = input.split(&format!(" {name}=\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    };
    let inputs = form.split("<input").skip(1).map(|input| input.split('>').next().unwrap());
    inputs
        .filter(|input| input.contains("hidden") || input.contains(" checked"))
        .map(|input| (of(input, "name").unwrap(), of(input, "value").unwrap()))
        .collect()
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_language_file_goes_out_as_it_came_but_for_its_list(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let page = desk.open(SAMPLE).await;
    assert!(page.contains("Countries in <code>stringsen.json</code>"), "{page}");
    assert!(page.contains("Override is true: Microsoft uses this list."));
    assert!(page.contains("Upload the list for the primary language of the user flow only."));
    let sample = fields(&page);
    let listed = sample.iter().filter(|(name, _)| name.starts_with("r-")).count();
    assert_eq!(listed, 4, "its own ticks");

    // Nothing changed: byte for byte.
    let mut form = pairs(&sample);
    form.push(("do", "download"));
    let answer = desk.file(&form, None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"stringsen.json\"");
    assert_eq!(answer.text, SAMPLE);

    // One region less: one string differs.
    let less: Vec<_> = form.iter().copied().filter(|(name, _)| *name != "r-DE").collect();
    let answer = desk.file(&less, None).await;
    let (before, after) = (SAMPLE.lines(), answer.text.lines());
    let changed: Vec<_> = before.zip(after).filter(|(before, after)| before != after).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].0.contains("Germany") && !changed[0].1.contains("Germany"));
    assert_eq!(SAMPLE.lines().count(), answer.text.lines().count());

    // Ticks are those of a channel, the file is unchanged.
    let list = json!({"voice": {"mode": "allowlist", "regions": ["US", "GB", "001"]}});
    desk.site.save("countries", list).await;
    let mut from = pairs(&sample);
    from.push(("do", "from-voice"));
    let page = text(&desk.file(&from, None).await);
    assert!(page.contains("The regions that Voice serves are now selected."), "{page}");
    assert!(ticked(&page, "US") && ticked(&page, "GB") && !ticked(&page, "DE"));
    let ticks = fields(&page);
    let mut form = pairs(&ticks);
    form.push(("do", "download"));
    let answer = desk.file(&form, None).await;
    let file = domain::countries::language_file::LanguageFile::parse(answer.text.as_bytes());
    let codes: Vec<String> = file.unwrap().regions().iter().map(ToString::to_string).collect();
    assert_eq!(codes, ["GB", "US"], "001 is no country");
    let back = desk.file(&[&pairs(&ticks)[..], &[("do", "file")]].concat(), None).await;
    assert!(ticked(&text(&back), "DE"), "as in the file again");
    assert_eq!(desk.download("/countries/language-file").await.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn line_ends_and_marks_survive_the_page(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let windows = format!("\u{feff}{}", SAMPLE.replace("\r\n", "\n").replace('\n', "\r\n"));
    let page = desk.open(&windows).await;
    let sample = fields(&page);
    let mut form = pairs(&sample);
    form.push(("do", "download"));
    assert_eq!(desk.file(&form, None).await.text, windows);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_bad_file_is_told_beside_its_field(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let list = |value: &str| {
        let row = json!({"StringId": "countryList", "Override": true, "Value": value});
        json!({"LocalizedStrings": [row]}).to_string()
    };
    let row = json!({"StringId": "countryList", "Override": true, "Value": "{}"});
    let twice = json!({"LocalizedStrings": [row, row]}).to_string();
    let large = " ".repeat(20_000_000);
    for (file, words) in [
        ("{\n  \"a\": oops }", "is not JSON"),
        ("{\n  \"a\": oops }", "line 2, column"),
        ("", "Choose a language file."),
        ("[]", "This is not a language file"),
        ("{\"LocalizedStrings\":[]}", "has no list of countries"),
        (twice.as_str(), "more than one list of countries: rows 1 and 2"),
        (list("{\"ZZ\":\"Nowhere\"}").as_str(), "names \"ZZ\", which is no region code"),
        (list("oops").as_str(), "the text in Value is not JSON"),
        (large.as_str(), "This file has 20000000 bytes; a language file has at most"),
        ("<script>alert(1)</script>", "is not JSON"),
    ] {
        let page = desk.open(file).await;
        assert!(page.contains(words), "{words} in {page}");
        assert!(page.contains("aria-invalid=\"true\"") && !page.contains("Countries in <code>"));
        assert!(!page.contains("<script>alert"), "nothing of a file becomes markup");
    }
    let page = desk.open(&list("{\"DE\":\"<b>bold</b>\",\"DEFAULT\":\"<i>x</i>\"}")).await;
    assert!(page.contains("&lt;b&gt;bold") && !page.contains("<b>bold"), "{page}");
    for odd in [vec![("carried", "***")], vec![("carried", "e30"), ("do", "download")], vec![]] {
        let page = text(&desk.file(&odd, None).await);
        assert!(page.contains("aria-invalid=\"true\""), "{odd:?}");
    }
    let sample = fields(&desk.open(SAMPLE).await);
    let odd = [&pairs(&sample)[..], &[("r-ZZ", "1"), ("do", "download")]].concat();
    assert!(text(&desk.file(&odd, None).await).contains("The form could not be read."));
    let ask = TestRequest::new(Method::POST, "/countries/language-file")
        .header("content-type", "text/plain")
        .header("sec-fetch-site", "same-origin")
        .cookie(&desk.cookie);
    assert_eq!(desk.site.ask(ask).await.status, StatusCode::BAD_REQUEST);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn lists_go_out_in_microsofts_shapes(pool: PgPool) {
    let desk = Console::new(pool, Role::Auditor).await;
    let list = json!({"mode": "allowlist", "regions": ["US", "GB", "001"]});
    let document = json!({"voice": list, "sms": list});
    desk.site.save("countries", document).await;

    let new = desk.download("/countries/language-file/new?channel=voice").await;
    assert_eq!(new.header("content-disposition"), "attachment; filename=\"countries-voice.json\"");
    let file = domain::countries::language_file::LanguageFile::parse(new.text.as_bytes()).unwrap();
    assert!(file.overrides() && file.regions().len() == 2);
    let none = desk.download("/countries/language-file/new?channel=push").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);

    let xml = desk.download("/countries/custom-policy.xml?channel=voice&language=pt-BR").await;
    assert!(
        xml.text.contains("Language=\"pt-BR\"") && xml.text.contains("\"US\":\"United States\"")
    );
    assert!(xml.header("content-disposition").contains("custom-policy.xml"));
    for odd in ["channel=voice&language=en_US", "channel=push&language=en", "channel=voice"] {
        let answer = desk.download(&format!("/countries/custom-policy.xml?{odd}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}");
    }
    let external = desk.download("/countries/external-id.json").await;
    let lists = &external.json;
    assert!(lists["voiceOptions"]["excludeRegions"].as_array().unwrap().contains(&json!(49)));

    let page = desk.page("/countries?tab=formats&language=pt-BR").await;
    assert!(page.contains("onPhoneMethodLoadStartExternalUsersAuthHandler"), "{page}");
    assert!(page.contains("api.phonefactor.pt-BR"));
    assert!(page.contains("Texts to +1: United States is allowed here"), "shared codes: {page}");
    let page = desk.page("/countries?tab=formats&language=%22%3Cb%3E").await;
    assert!(
        page.contains("Must be a language tag such as en, de or pt-BR.") && !page.contains("<b>\"")
    );
}
