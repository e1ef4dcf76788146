//! A page as a browser without a script uses it.

use super::{TestResponse, TestServer, get, post};
use domain::roles::Role;
use http::StatusCode;
use sqlx::PgPool;

/// A server, and the session of one account.
pub struct Console {
    pub site: TestServer,
    pub cookie: String,
}

impl Console {
    /// A server with one account of this role, which is signed in.
    pub async fn new(pool: PgPool, role: Role) -> Self {
        let site = TestServer::new(pool).await;
        let cookie = Self::sign_in_as(&site, role).await;
        Self { site, cookie }
    }

    /// The session of one more account.
    pub async fn sign_in_as(site: &TestServer, role: Role) -> String {
        site.member(&format!("{role}@example.com"), role).await
    }

    /// The text of a page.
    pub async fn page(&self, path: &str) -> String {
        self.page_as(path, &self.cookie).await
    }

    /// The same in another session.
    pub async fn page_as(&self, path: &str, cookie: &str) -> String {
        let answer = self.site.ask(get(path).cookie(cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.location());
        text(&answer)
    }

    /// Sends the form of a server function. The answer redirects to an address that begins with
    /// `leads`; returns the address and the text of its page.
    pub async fn form(
        &self,
        function: &str,
        leads: &str,
        fields: &[(&str, &str)],
        cookie: &str,
    ) -> (String, String) {
        let path = format!("/_fn/{function}");
        let answer = self.site.ask(post(&path, fields).cookie(cookie)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{function}: {}", answer.text);
        let to = answer.location().to_owned();
        assert!(to.starts_with(leads), "{function}: {to}");
        let page = self.page_as(&to, cookie).await;
        (to, page)
    }
}

/// The page without comments and with its letters unescaped.
pub fn text(answer: &TestResponse) -> String {
    let mut text = answer.text.clone();
    while let (Some(begin), Some(end)) = (text.find("<!--"), text.find("-->")) {
        text.replace_range(begin..end + 3, "");
    }
    text.replace("<!>", "").replace("&#x27;", "'").replace("&amp;", "&").replace("&quot;", "\"")
}
