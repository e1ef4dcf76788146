//! The page `/sign-in`.

use crate::ui::{Button, Field, FormResult, Hidden, PageHead};
use crate::{form::outcome, who};
use domain::doors::local_path;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let next = use_query_map().get_untracked().get("next").unwrap_or_default();
    let next = local_path(&next).map(str::to_owned);
    let tried = outcome("sign-in");
    let again = tried.error("password").is_some();
    let signed_in = who::account().map(|account| view! {
        <p>"You are signed in as " <b>{account.email}</b> ". " <a href="/">"Go to the workbook"</a></p>
    });
    view! {
        <div class="narrow">
            <PageHead title="Sign in"/>
            {signed_in}
            <FormResult tried=tried.clone()/>
            <form class="form" method="post" action="/_fn/sign-in">
                <Hidden values=next.map(|next| ("next".to_owned(), next)).into_iter().collect()/>
                <Field
                    label="E-mail" name="email" kind="email" autocomplete="username"
                    value=tried.value("email") error=tried.error("email")
                    required=true autofocus=!again
                />
                <Field
                    label="Password" name="password" kind="password"
                    autocomplete="current-password" error=tried.error("password")
                    required=true autofocus=again
                />
                <div class="form-end"><Button>"Sign in"</Button></div>
            </form>
        </div>
    }
}
