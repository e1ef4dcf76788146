use super::*;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// A user agent with its browser and system family.
type Case = (&'static str, &'static str, &'static str);

const KNOWN: &[Case] = &[
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36",
        "Chrome",
        "Windows",
    ),
    (
        "Mozilla/5.0 (Linux; Android 11; Pixel 5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.101 Mobile Safari/537.36",
        "Chrome Mobile",
        "Android",
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0", "Firefox", "Linux"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Safari/605.1.15",
        "Safari",
        "Mac OS X",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 14_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Mobile/15E148 Safari/604.1",
        "Mobile Safari",
        "iOS",
    ),
    ("no agent anybody knows", "Other", "Other"),
    ("", "Other", "Other"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Version/18.1 Safari/605.1.15",
        "Chrome Mobile iOS",
        "iOS",
    ),
    (
        "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
        "Chrome Mobile iOS",
        "iOS",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) EdgiOS/130.0.2849.80 Version/17.0 Safari/605.1.15",
        "Edge Mobile",
        "iOS",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0 Teams/24295.605.3225.8804/49",
        "Microsoft Teams",
        "Windows",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1 Teams/6.18.1",
        "Microsoft Teams",
        "iOS",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/129.0.6668.100 Mobile Safari/537.36 musical_ly_2023701030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/37.1.3 ByteLocale/en ByteFullLocale/en Region/US AppId/1233 Spark/1.6.6.2-bugfix AppVersion/37.1.3 BytedanceWebview/d8a21c6",
        "TikTok",
        "Android",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 musical_ly_37.1.0 BytedanceWebview/d8a21c6 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en Region/US",
        "TikTok",
        "iOS",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x18003231) NetType/WIFI Language/zh_CN",
        "WeChat Browser",
        "iOS",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090c11) XWEB/11275 Flue",
        "WeChat Browser",
        "Windows",
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; HarmonyOS; NOH-AN00; HMSCore 6.14.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
        "Huawei Browser",
        "Android",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 Telegram-Android/11.4.2 (Samsung SM-S911B; Android 14; SDK 34; HIGH)",
        "Telegram",
        "Android",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
        "Edge",
        "Windows",
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
        "Samsung Internet",
        "Android",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.6778.39 Mobile Safari/537.36",
        "Chrome Mobile WebView",
        "Android",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
        "DuckDuckGo Mobile",
        "iOS",
    ),
];

/// What uap-core gets wrong, as listed in `docs/workbook.md`. When one of these becomes right,
/// remove the line there.
const WRONG: &[Case] = &[
    (
        "Mozilla/5.0 (Linux; Android 14; 23127PN0CC Build/UKQ1.230804.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/122.0.6261.120 Mobile Safari/537.36 XWEB/1220133 MMWEBSDK/20240404 MMWEBID/1234 MicroMessenger/8.0.49.2600(0x28003156) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64",
        "Chrome Mobile WebView",
        "Android",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/1.5.00.21668 Chrome/85.0.4183.121 Electron/10.4.7 Safari/537.36",
        "Electron",
        "Windows",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 TeamsMobile-iOS",
        "Mobile Safari UI/WKWebView",
        "iOS",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "Apple Mail",
        "Mac OS X",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Safari/605.1.15",
        "Firefox iOS",
        "Mac OS X",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Config/92.2.2788.20",
        "Config",
        "Windows",
    ),
    ("MyApp/20620 CFNetwork/1568.200.51 Darwin/24.1.0 (arm64) (Mac15,3)", "MyApp", "iOS"),
    (
        "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
        "Chrome",
        "Other",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36",
        "Samsung Internet",
        "Linux",
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Chrome",
        "Android",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.41.98 Chrome/130.0.6723.91 Electron/33.1.0 Safari/537.36",
        "Electron",
        "Mac OS X",
    ),
];

/// Facts that the user agent does not contain.
const UNTOLD: &[Case] = &[
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "Safari",
        "Mac OS X",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Chrome",
        "Linux",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        "Mobile Safari",
        "iOS",
    ),
];

#[test]
fn families_are_uap_cores() {
    let agents = Agents::default();
    for (agent, browser, system) in [KNOWN, WRONG, UNTOLD].concat() {
        for _ in 0..2 {
            let (found_browser, found_system) = agents.families(agent);
            assert_eq!((&*found_browser, &*found_system), (browser, system), "{agent}");
        }
    }
}

/// The patterns are written for Python and other languages. uap-core's own tests, shipped with the
/// crate that reads the patterns, show that they mean the same here.
#[test]
fn uap_cores_own_tests_pass() {
    let folder = uap_core();
    let agents = Agents::default();
    let mut cases = 0;
    for (file, of_browsers) in [
        ("tests/test_ua.yaml", true),
        ("tests/test_os.yaml", false),
        ("test_resources/additional_os_tests.yaml", false),
        ("test_resources/firefox_user_agent_strings.yaml", true),
        ("test_resources/opera_mini_user_agent_strings.yaml", true),
        ("test_resources/podcasting_user_agent_strings.yaml", true),
    ] {
        let read = std::fs::read_to_string(folder.join(file)).unwrap();
        let read: Value = serde_yaml_ng::from_str(&read).unwrap();
        for case in read["test_cases"].as_array().unwrap() {
            let agent = case["user_agent_string"].as_str().unwrap();
            let (browser, system) = agents.families(agent);
            let found = if of_browsers { browser } else { system };
            assert_eq!(Some(&*found), case["family"].as_str(), "{file}: {agent}");
            cases += 1;
        }
    }
    assert!(cases > 2_500, "{cases}");
}

/// The folder of uap-core in the sources of the crate `ua-parser`.
fn uap_core() -> PathBuf {
    // Dependencies for other systems may be missing on this machine.
    let platform = format!("--filter-platform={}-unknown-linux-gnu", std::env::consts::ARCH);
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--locked", &platform])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let all: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let packages = all["packages"].as_array().unwrap();
    let parser = packages.iter().find(|package| package["name"] == "ua-parser").unwrap();
    let manifest = PathBuf::from(parser["manifest_path"].as_str().unwrap());
    manifest.with_file_name("uap-core")
}

#[test]
fn every_pattern_is_there_and_compiles() {
    let patterns: Patterns = serde_json::from_str(PATTERNS).unwrap();
    // As in the wheel of that date: no pattern was lost.
    let found = (DATE, patterns.user_agent_parsers.len(), patterns.os_parsers.len());
    assert_eq!(found, ("2026-10", 433, 204));
    assert_eq!(REVISION.len(), 40);
    assert!(Extractors::build().is_ok());
}

#[test]
fn the_cache_stays_within_its_bounds() {
    let mut cache = Cache::default();
    let long = "x".repeat(2_000);
    for at in 0..10_000 {
        cache.put(&format!("{at}{long}"), "A", "B");
        assert!(cache.bytes <= CACHED_BYTES);
    }
    assert!(cache.families.len() < 5_000);
    let held: usize = cache.families.keys().map(|agent| agent.len()).sum();
    assert_eq!(held, cache.bytes);
}
