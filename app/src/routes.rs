//! Which page answers which path. Every route renders whole (`SsrMode::Async`), so that nothing
//! waits for a script.

use crate::accounts::{AccountPage, ConfirmPage, ResetPage, SetUpPage, SignInPage};
use crate::api_docs::ApiDocsPage;
use crate::audit::AuditPage;
use crate::captcha::CaptchaPage;
use crate::countries::CountriesPage;
use crate::error::NotFound;
use crate::fraud_alerts::{FraudAlertsPage, ReportPage};
use crate::layout::Layout;
use crate::notifications::{NotificationsPage, StopPage};
use crate::profiles::{IpPage, NumberPage, UserPage};
use crate::reports::ReportsPage;
use crate::rules::RulesPage;
use crate::search::SearchPage;
use crate::settings::SettingsPage;
use crate::sign_ins::{AttemptPage, SignInsPage};
use crate::workbook::WorkbookPage;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

/// The console.
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
