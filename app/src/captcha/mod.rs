//! The captcha's page: a challenge, solved by the browser, and its token judged.

#[cfg(feature = "ssr")]
mod api;
mod island;
#[cfg(feature = "ssr")]
mod page;

#[cfg(feature = "ssr")]
pub use api::{CaptchaChallenge, CaptchaVerify};
pub use island::SolveCaptcha;
#[cfg(feature = "ssr")]
pub use page::CaptchaPage;

/// The page's path.
#[cfg(feature = "ssr")]
const PATH: &str = "/captcha";
