//! Checks that the embedded files exist (user agent patterns, fonts of documents), and passes the
//! patterns' date and revision to the crate.

use serde_json::Value;
use std::error::Error;

const AGENTS: &str = "../assets/user-agents/patterns.json";
const FONTS: [&str; 3] = [
    "../assets/node_modules/@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
    "../assets/node_modules/@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
    "../assets/node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
];

fn main() -> Result<(), Box<dyn Error>> {
    for font in FONTS {
        println!("cargo::rerun-if-changed={font}");
        std::fs::metadata(font).map_err(|error| {
            format!("{font}: {error}. It comes from npm: run `make build`, or `npm ci` in assets/")
        })?;
    }
    println!("cargo::rerun-if-changed={AGENTS}");
    let read = std::fs::read_to_string(AGENTS).map_err(|error| {
        format!(
            "{AGENTS}: {error}. It is made of a file of PyPI's: run `make build`, or \
             `xtask/setup.sh client`"
        )
    })?;
    let patterns: Value = serde_json::from_str(&read)?;
    let text =
        |name: &str| patterns[name].as_str().ok_or_else(|| format!("{AGENTS} has no {name}"));
    println!("cargo::rustc-env=AGENTS_DATE={}", text("date")?);
    println!("cargo::rustc-env=AGENTS_REVISION={}", text("revision")?);
    Ok(())
}
