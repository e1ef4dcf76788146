//! The tab of accounts: the list, the form to add one, and the account that is opened.

use super::accounts_open::{Opened, roles};
use super::{links, unread::unread};
use crate::form::outcome;
use crate::ui::{Button, Empty, Field, FormResult, Panel, Select, Table, Th, When};
use crate::who::{self, role_name};
use chrono::{DateTime, Utc};
use domain::accounts::{PASSWORD_MAX, PASSWORD_MIN};
use domain::roles::Role;
use engine::{Engine, accounts::sessions};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use store::{accounts::Row, sessions::OpenSession};
use uuid::Uuid;

#[component]
pub(super) fn Accounts(engine: Engine) -> impl IntoView {
    let asked = use_query_map().get_untracked().get("account");
    let asked = asked.and_then(|id| id.parse::<Uuid>().ok());
    let me = who::account().map(|account| account.id);
    // Read the context before the first await, while it is available.
    let added = outcome("add-account");
    let form = view! { <AddForm/> };
    let list = Suspend::new(async move {
        let now = engine.clock().now();
        let sessions = match asked {
            Some(id) => sessions::list(&engine.db, id).await,
            None => Ok(Vec::new()),
        };
        let rows = store::accounts::list(engine.db.read()).await;
        match rows.and_then(|rows| Ok((rows, sessions?))) {
            Ok((rows, open)) => view! { <List rows asked open me now/> }.into_any(),
            Err(error) => unread("accounts", &error),
        }
    });
    view! {
        <div class="panels">
            <FormResult tried=added/>
            {list}
            {form}
        </div>
    }
}

#[component]
fn List(
    rows: Vec<Row>,
    asked: Option<Uuid>,
    open: Vec<OpenSession>,
    me: Option<Uuid>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let may = |row: &Row| row.role == Role::Admin && row.disabled.is_none();
    let last = rows.iter().filter(|row| may(row)).count() == 1;
    let opened = asked.map(|id| match rows.iter().find(|row| row.id == id) {
        Some(row) => {
            let (row, own) = (row.clone(), Some(id) == me);
            let last = last && may(&row);
            view! { <Opened row open=open.clone() last own now/> }.into_any()
        }
        None => view! { <Empty>"This account does not exist. "<a href=links::ACCOUNTS>"Show all"</a>"."</Empty> }
            .into_any(),
    });
    let lines = rows.into_iter().map(|row| line(row, me, now)).collect::<Vec<_>>();
    view! {
        {opened}
        <Panel by="accounts-title" title="Accounts">
            <Table caption="Accounts" by="accounts-title" heads=[
                Th::wide("E-mail"), Th::left("Role"), Th::left("State"), Th::left("Last sign-in"),
                Th::left("Added"), Th::left("Change"),
            ]>{lines}</Table>
        </Panel>
    }
}

fn line(row: Row, me: Option<Uuid>, now: DateTime<Utc>) -> impl IntoView {
    let (class, state) = match row.disabled {
        Some(_) => ("state bad", "Disabled"),
        None => ("state good", "Active"),
    };
    let label = format!("Change {}", row.email);
    let email = row.email.clone();
    let own = (me == Some(row.id)).then_some(" (you)");
    let never = || view! { <span class="none">"Never"</span> }.into_any();
    view! {
        <tr>
            <th scope="row" class="wide" title=email>{row.email.clone()}{own}</th>
            <td>{role_name(row.role)}</td>
            <td><span class=class>{state}</span></td>
            <td>{row.signed_in.map_or_else(never, |time| view! { <When time now/> }.into_any())}</td>
            <td><When time=row.created now/></td>
            <td><a href=links::account(row.id) aria-label=label>"Change"</a></td>
        </tr>
    }
}

#[component]
fn AddForm() -> impl IntoView {
    let tried = outcome("add-account");
    // The least privileged role is offered first.
    let role = Some(tried.value("role")).filter(|role| !role.is_empty());
    let role = role.unwrap_or_else(|| Role::Auditor.to_string());
    view! {
        <Panel id="add-account" by="add-title" title="Add an account">
            <form class="form panel-form" method="post" action="/_fn/add-account">
                <Field
                    label="E-mail" name="email" kind="email" value=tried.value("email")
                    error=tried.error("email") required=true
                />
                <Select
                    label="Role" name="role" options=roles() value=role error=tried.error("role")
                    help="Admins set up Tollwarden, security leads operate it, auditors only \
                          read, with masked numbers."
                />
                <Field
                    label="Password" name="password" kind="password" autocomplete="new-password"
                    error=tried.error("password")
                    help=format!(
                        "{PASSWORD_MIN} to {PASSWORD_MAX} characters, not easy to guess. Leave it \
                         empty to get a link with which the account’s owner chooses one."
                    )
                />
                <div class="form-end"><Button>"Add account"</Button></div>
            </form>
        </Panel>
    }
}
