//! The captcha page: get a challenge, let the browser solve it, verify the token.

mod api;
mod page;

pub(crate) use page::CaptchaPage;

const PATH: &str = "/captcha";
