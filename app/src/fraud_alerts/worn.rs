//! Users who denied several push prompts and then approved one ("prompt fatigue").

use super::{given::PageData, links::block_form};
use crate::profiles::links;
use crate::ui::{Icon, Panel, Table, Th, When};
use engine::attack_signs::FatiguedUser;
use leptos::prelude::*;

/// The mark of such a user.
#[component]
pub(super) fn Mark(words: String) -> impl IntoView {
    view! { <span class="mark-warning"><Icon name="alert"/>{words}</span> }
}

pub(super) fn list(worn: Vec<FatiguedUser>, given: &PageData) -> impl IntoView + use<> {
    let now = given.visit.now;
    let guards = given.visit.guards;
    let rows = worn
        .into_iter()
        .map(|FatiguedUser { user, fatigue }| {
            let handle = given.key.user(&user);
            let shown = given.visit.sight.text_owned(&user);
            let block = guards.then(|| {
                view! { <a class="button" href=block_form(&handle, None)>"Block"</a> }
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
        <Panel by="worn-title" title="Prompted until they approved">
            <Table
                caption="Users who denied several prompts and then approved one" by="worn-title"
                heads=[
                    Th::left("User"), Th::wide("What happened"), Th::left("Approved"),
                    Th::right("Actions").unseen(),
                ]
            >{rows}</Table>
        </Panel>
    }
}
