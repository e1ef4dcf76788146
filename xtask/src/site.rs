//! Builds the client: WebAssembly and its script, the stylesheet and the font. All but the font
//! also get a brotli copy. The folder's name is a hash of the inputs, so browsers can cache it
//! forever.

use crate::css;
use crate::steps::{Res, call, call_quiet, cargo, noted, root, step, target};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first part of every file's name, as Leptos' hydration script expects it.
const NAME: &str = "tollwarden";
/// Inter with its weight axis, Latin letters only.
const FONT: &str =
    "assets/node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
/// Increase this when the steps in this file change, so that an old folder is not reused.
const RECIPE: u8 = 3;

/// The npm build of wasm-opt, so that the same source gives the same bytes everywhere. Debian's
/// version (108) exports the table of functions instead of the table of references.
const WASM_OPT: &str = "assets/node_modules/.bin/wasm-opt";
/// The output of rustc 1.95 needs these features. With `--all-features`, wasm-opt would write
/// imports that browsers refuse.
const WASM_OPT_FLAGS: &[&str] = &[
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

/// Brings `target/site` up to date. Folders of older builds are removed.
///
/// # Errors
/// The name of the failed step.
pub(crate) fn build() -> Res<()> {
    // The server embeds the site from here, regardless of cargo's target folder.
    let site = root().join("target/site");
    let wasm = compile()?;
    let style = css::bundle(&root().join("style/main.css"))?;
    let font =
        fs::read(root().join(FONT)).map_err(|error| format!("{FONT}: {error}; run make build"))?;
    let hash = hash_of(&wasm, &style, &font)?;

    let folder = site.join("pkg").join(&hash);
    if folder.is_dir() && site.join("assets.json").is_file() && names(&site)? == [hash.clone()] {
        return Ok(());
    }
    let fresh = site.join("fresh");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    bind(&wasm, &fresh)?;
    optimise(&fresh)?;
    fs::write(fresh.join("main.css"), style)?;
    fs::write(fresh.join("inter.woff2"), font)?;
    noted("compressing", || Ok(((), compress(&fresh)?)))?;

    for old in names(&site)? {
        fs::remove_dir_all(site.join("pkg").join(old))?;
    }
    fs::create_dir_all(site.join("pkg"))?;
    fs::rename(&fresh, &folder)?;
    let url = |name: &str| format!("/pkg/{hash}/{name}");
    let assets = serde_json::json!({
        "hash": hash,
        "css": url("main.css"),
        "js": url(&format!("{NAME}.js")),
        "wasm": url(&format!("{NAME}_bg.wasm")),
        "font": url("inter.woff2"),
    });
    fs::write(site.join("assets.json"), format!("{assets:#}\n"))?;
    Ok(())
}

/// Builds the client with cargo, which detects changes itself.
fn compile() -> Res<Vec<u8>> {
    let file = target().join("wasm32-unknown-unknown/wasm-release/tollwarden_frontend.wasm");
    call(cargo().args([
        "build",
        "--quiet",
        "--package=tollwarden-frontend",
        "--lib",
        "--target=wasm32-unknown-unknown",
        "--profile=wasm-release",
    ]))?;
    Ok(fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// The hash that names the folder. The lock files contain the versions of the tools.
fn hash_of(wasm: &[u8], style: &str, font: &[u8]) -> Res<String> {
    let read = |file: &str| fs::read(root().join(file)).map_err(|error| format!("{file}: {error}"));
    let tools = [read("Cargo.lock")?, read("assets/package-lock.json")?].concat();
    let mut hash = Sha256::new();
    hash.update([RECIPE]);
    for part in [wasm, style.as_bytes(), font, &tools] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    Ok(hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect())
}

fn bind(wasm: &[u8], folder: &Path) -> Res<()> {
    step("binding the client", || {
        wasm_bindgen_cli_support::Bindgen::new()
            .input_bytes(NAME, wasm.to_vec())
            .web(true)?
            .typescript(false)
            .omit_default_module_path(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(folder)?;
        Ok(())
    })
}

fn optimise(folder: &Path) -> Res<()> {
    noted("shrinking the client", || {
        let file = folder.join(format!("{NAME}_bg.wasm"));
        let before = fs::metadata(&file)?.len();
        call_quiet(
            Command::new(root().join(WASM_OPT))
                .args(WASM_OPT_FLAGS)
                .arg(&file)
                .arg("-o")
                .arg(&file),
        )?;
        let after = fs::metadata(&file)?.len();
        Ok(((), format!("{} to {} KiB", before / 1024, after / 1024)))
    })
}

/// Writes `x.br` next to every script, stylesheet and module below the folder. Returns a text with
/// the sizes.
fn compress(folder: &Path) -> Res<String> {
    let mut sizes = Vec::new();
    let mut total = 0;
    for file in files(folder)? {
        let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if !matches!(kind, "js" | "css" | "wasm") {
            continue;
        }
        let mut packed = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
        packed.write_all(&fs::read(&file)?)?;
        let packed = packed.into_inner();
        sizes.push(format!("{kind} {:.1}", packed.len() as f64 / 1024.0));
        total += packed.len();
        let mut name = file.into_os_string();
        name.push(".br");
        fs::write(name, packed)?;
    }
    sizes.sort();
    Ok(format!("brotli {}, {:.1} KiB in total", sizes.join(", "), total as f64 / 1024.0))
}

/// Every file below a folder.
fn files(folder: &Path) -> Res<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// The names of the folders under `pkg`.
fn names(site: &Path) -> Res<Vec<String>> {
    let Ok(folders) = fs::read_dir(site.join("pkg")) else {
        return Ok(Vec::new());
    };
    folders.map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned())).collect()
}
