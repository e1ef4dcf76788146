//! Turns uap-core's YAML into the JSON that `src/agent.rs` embeds: only the patterns for browsers
//! and operating systems, and of those only what names the family. Looks that the fonts of
//! documents are there, which the compiler embeds.

use serde_json::{Map, Value};
use std::error::Error;
use std::path::Path;

const FILE: &str = "../assets/node_modules/uap-core/regexes.yaml";
const FONTS: [&str; 3] = [
    "../assets/node_modules/@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
    "../assets/node_modules/@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
    "../assets/node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FILE}");
    let from_npm = "It comes from npm: run `make build`, or `npm ci` in assets/";
    for font in FONTS {
        println!("cargo::rerun-if-changed={font}");
        std::fs::metadata(font).map_err(|error| format!("{font}: {error}. {from_npm}"))?;
    }
    let yaml =
        std::fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}. {from_npm}"))?;
    let mut patterns: Map<String, Value> = serde_yaml_ng::from_str(&yaml)?;
    patterns.retain(|name, _| name != "device_parsers");
    for list in patterns.values_mut().filter_map(Value::as_array_mut) {
        for pattern in list.iter_mut().filter_map(Value::as_object_mut) {
            pattern.retain(|name, _| {
                matches!(name.as_str(), "regex" | "family_replacement" | "os_replacement")
            });
        }
    }
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("agents.json"), serde_json::to_string(&patterns)?)?;
    Ok(())
}
