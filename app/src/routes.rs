//! The routes of the pages. Every route renders completely on the server (`SsrMode::Async`), so
//! that nothing waits for a script.

use crate::accounts::{AccountPage, ConfirmPage, ResetPage, SetUpPage, SignInPage};
use crate::fraud_alerts::{FraudAlertsPage, ReportPage};
use crate::notifications::{NotificationsPage, StopPage};
use crate::profiles::{IpPage, NumberPage, UserPage};
use crate::sign_ins::{AttemptPage, SignInsPage};
use crate::{
    api_docs::ApiDocsPage, captcha::CaptchaPage, reports::ReportsPage, search::SearchPage,
};
use crate::{audit::AuditPage, error::NotFound, layout::Layout, rules::RulesPage};
use crate::{countries::CountriesPage, settings::SettingsPage, workbook::WorkbookPage};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

/// The router with all pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=WorkbookPage ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                    <Route path=path!("/account/confirm") view=ConfirmPage ssr=SsrMode::Async/>
                    <Route path=path!("/api/docs") view=ApiDocsPage ssr=SsrMode::Async/>
                    <Route path=path!("/attempts/:id") view=AttemptPage ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async/>
                    <Route path=path!("/numbers/:handle") view=NumberPage ssr=SsrMode::Async/>
                    <Route path=path!("/ips/:ip") view=IpPage ssr=SsrMode::Async/>
                    <Route path=path!("/users/:handle") view=UserPage ssr=SsrMode::Async/>
                    <Route path=path!("/captcha") view=CaptchaPage ssr=SsrMode::Async/>
                    <Route path=path!("/countries") view=CountriesPage ssr=SsrMode::Async/>
                    <Route path=path!("/reset/:token") view=ResetPage ssr=SsrMode::Async/>
                    <Route path=path!("/fraud-alerts") view=FraudAlertsPage ssr=SsrMode::Async/>
                    <Route path=path!("/fraud-alerts/:id") view=ReportPage ssr=SsrMode::Async/>
                    <Route path=path!("/set-up/:token") view=SetUpPage ssr=SsrMode::Async/>
                    <Route path=path!("/notifications") view=NotificationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/stop/:token") view=StopPage ssr=SsrMode::Async/>
                    <Route path=path!("/reports") view=ReportsPage ssr=SsrMode::Async/>
                    <Route path=path!("/rules") view=RulesPage ssr=SsrMode::Async/>
                    <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                    <Route path=path!("/sign-ins") view=SignInsPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </Layout>
        </Router>
    }
}
