//! Light, dark, or as the system says: a cookie, set by a plain form, read by the shell.

use domain::doors::local_path;
use http::{HeaderValue, StatusCode, Uri, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};

/// Which of the two colour schemes is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// The system's.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The word in cookie, form and `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The word for `<meta name="color-scheme">`.
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the request's cookie `theme` says; anything unknown is the system's.
    pub fn of_request() -> Self {
        use_context::<Parts>().map_or(Self::Auto, |parts| Self::of_cookies(&parts.headers))
    }

    fn of_cookies(headers: &http::HeaderMap) -> Self {
        let theme = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix("theme="));
        match theme {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// Keeps the choice for a year and goes back to the page it was made on.
///
/// # Errors
/// None of its own.
#[server(prefix = "/_fn", endpoint = "theme")]
pub async fn set_theme(
    /// The choice: `auto`, `light` or `dark`.
    theme: Theme,
) -> Result<(), ServerFnError> {
    let cookie =
        format!("theme={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", theme.as_str());
    if let (Some(response), Ok(cookie)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie))
    {
        response.append_header(header::SET_COOKIE, cookie);
    }
    back();
    Ok(())
}

/// Answers a plain form with 303 to the page it stood on (Referrer-Policy is `same-origin`), or to
/// `/` when the browser does not say which. Of the address only what lies on this site counts.
pub fn back() {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    let referer = use_context::<Parts>().and_then(|parts| {
        let page: Uri = parts.headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
        let path = page.path_and_query()?.as_str();
        HeaderValue::from_str(local_path(path)?).ok()
    });
    response.set_status(StatusCode::SEE_OTHER);
    response.insert_header(header::LOCATION, referer.unwrap_or(HeaderValue::from_static("/")));
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
