//! Light, dark or the system's colour scheme: a cookie, set by a plain form, read by the shell.

use crate::{answer::redirect, request, who::cookie};
use domain::doors::local_path;
use http::{HeaderValue, Uri, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Value in the cookie, the form and `data-theme`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Value of `<meta name="color-scheme">`.
    pub(crate) fn color_scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The request's cookie `theme`; an unknown value means `Auto`.
    pub(crate) fn of_request() -> Self {
        use_context::<Parts>().map_or(Self::Auto, |parts| Self::of_cookies(&parts.headers))
    }

    fn of_cookies(headers: &http::HeaderMap) -> Self {
        match cookie(headers, "theme") {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// Stores the choice for a year and returns to the page of the form.
#[server(prefix = "/_fn", endpoint = "theme")]
async fn set_theme(theme: Theme) -> Result<(), ServerFnError> {
    let cookie =
        format!("theme={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", theme.as_str());
    if let (Some(response), Ok(cookie)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie))
    {
        response.append_header(header::SET_COOKIE, cookie);
    }
    // The form's page, which `Referrer-Policy: same-origin` lets the browser send. Only path and
    // query are used, so that it cannot lead to another site.
    let page = request::header(header::REFERER).and_then(|page| {
        let page: Uri = page.parse().ok()?;
        local_path(page.path_and_query()?.as_str()).map(str::to_owned)
    });
    redirect(page.as_deref().unwrap_or("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies() {
        for (line, theme) in [
            ("theme=dark", Theme::Dark),
            ("id=1; theme=light; x=2", Theme::Light),
            ("theme=purple", Theme::Auto),
            ("nottheme=dark", Theme::Auto),
            ("", Theme::Auto),
        ] {
            let mut headers = http::HeaderMap::new();
            headers.insert(header::COOKIE, line.parse().unwrap());
            assert_eq!(Theme::of_cookies(&headers), theme, "{line}");
        }
    }
}
