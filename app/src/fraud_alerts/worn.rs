//! Users who denied several push prompts and then approved one.

use super::given::Given;
use super::tabs::tab_of;
use super::view::Tab;
use crate::profiles::links;
use crate::ui::{Icon, Table, Th, When};
use engine::attack_signs::Worn;
use leptos::prelude::*;

/// The mark, wherever such a user stands.
#[component]
pub(super) fn Mark(
    /// Its words.
    words: String,
) -> impl IntoView {
    view! { <span class="mark-warning"><Icon name="alert"/>{words}</span> }
}

/// Those of the last 30 days, whether they reported or not.
pub(super) fn list(worn: Vec<Worn>, given: &Given) -> impl IntoView + use<> {
    let now = given.visit.now;
    let guards = given.visit.guards;
    let rows = worn
        .into_iter()
        .map(|Worn { user, fatigue }| {
            let handle = given.key.user(&user);
            let shown = given.visit.sight.said(&user);
            let block = guards.then(|| {
                let href = format!("{}#block", tab_of(Tab::Blocked, &handle));
                view! { <a class="button" href=href>"Block"</a> }
            });
            view! {
                <tr>
                    <th scope="row"><a href=links::user(&handle)>{shown}</a></th>
                    <td class="wide"><Mark words=fatigue.mark()/></td>
                    <td><When time=fatigue.approved now/></td>
                    <td class="right">{block}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="worn-title">
            <h2 id="worn-title">"Asked until they gave in"</h2>
            <Table
                caption="Users who denied several prompts and then approved one" by="worn-title"
                heads=[
                    Th::left("User"), Th::wide("What happened"), Th::left("Approved"),
                    Th::right("What can be done").unseen(),
                ]
            >{rows}</Table>
        </section>
    }
}
