//! The captcha's page: a challenge, solved by the browser, and its token judged.

mod api;
mod page;

pub use api::{CaptchaChallenge, CaptchaVerify};
pub use page::CaptchaPage;

/// The page's path.
const PATH: &str = "/captcha";
