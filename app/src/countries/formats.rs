//! The tab with the list as a custom policy and for External ID.

use super::file::{served, served_by};
use super::{given::PageData, view::channel};
use crate::names::channel_name;
use crate::ui::{Button, ButtonKind, Field, Hidden, Icon, Notice, NoticeKind, Panel};
use domain::countries::{custom_policy_xml, external_id_lists, language_file};
use domain::{Fault, Invalid};
use engine::Engine;
use islands::text::{counted, sentence};
use leptos::prelude::*;

/// Default language.
const LANGUAGE: &str = "en";

pub(super) fn panel(given: &PageData) -> AnyView {
    view! { <div class="panels">{policy(given)}{external(given)}</div> }.into_any()
}

fn policy(given: &PageData) -> impl IntoView + use<> {
    let channel = given.view.channel;
    let typed = if given.view.language.is_empty() { LANGUAGE } else { &given.view.language };
    let regions = served_by(&given.current.settings, channel);
    let made = custom_policy_xml(&regions, typed);
    let error = made.as_ref().err().and_then(|invalid| invalid.of("language").map(sentence));
    let download = format!("/countries/custom-policy.xml?channel={channel}&language={typed}");
    let fragment = made.ok().map(|text| {
        view! { <Text text label="XML fragment" download file="custom-policy.xml"/> }
    });
    let mut hidden = given.view.pairs();
    hidden.retain(|(name, _)| name != "language");
    let count = counted(regions.len() as u64, "region", "regions");
    let value = typed.to_owned();
    view! {
        <Panel by="policy-title" title="Custom policy">
            <div class="panel-body">
                <p>
                    "For Azure AD B2C's custom policies: the "{count}" that "{channel_name(channel)}
                    " serves, as building blocks of the relying party\u{2019}s file. Microsoft \
                     does not enforce a list in a parent\u{2019}s file."
                </p>
                <form class="form language-form" method="get" action=super::view::PATH>
                    <Hidden values=hidden/>
                    <Field
                        label="Primary language" name="language" value error
                        help="A language tag such as en, de or pt-BR."
                    />
                    <div class="form-end"><Button kind=ButtonKind::Quiet>"Show"</Button></div>
                </form>
                {fragment}
            </div>
        </Panel>
    }
}

fn external(given: &PageData) -> impl IntoView + use<> {
    let lists = external_id_lists(&given.current.settings);
    let text = lists.handler_json();
    let warnings: Vec<_> =
        lists.shared.iter().map(|shared| view! { <li>{shared.to_string()}</li> }).collect();
    let warnings = (!warnings.is_empty()).then(|| {
        let count = counted(warnings.len() as u64, "calling code", "calling codes");
        view! {
            <Notice kind=NoticeKind::Warning>
                <p>{count}" shared by several regions cannot be set as they are here:"</p>
                <ul class="shared-codes">{warnings}</ul>
            </Notice>
        }
    });
    view! {
        <Panel by="external-title" title="External ID">
            <div class="panel-body">
                <p>
                    "External tenants turn whole calling codes on and off, for SMS and calls \
                     only. This is the handler of an onPhoneMethodLoadStart listener, in \
                     Microsoft Graph’s format. Codes that keep Microsoft’s default are in neither \
                     list."
                </p>
                {warnings}
                <Text text label="JSON lists" download="/countries/external-id.json".to_owned() file="external-id.json"/>
            </div>
        </Panel>
    }
}

/// A text with buttons to copy and download it.
#[component]
fn Text(
    text: String,
    label: &'static str,
    /// URL of the download.
    download: String,
    file: &'static str,
) -> impl IntoView {
    let copy = text.clone();
    view! {
        <pre class="message-body" tabindex="0" role="group" aria-label=label>{text}</pre>
        <div class="acts">
            <button type="button" class="button with-script copy-text" data-copy=copy><Icon name="copy"/>"Copy"</button>
            <a class="button" href=download download=file><Icon name="download"/>"Download"</a>
        </div>
    }
}

/// Name and text of a new language file with a channel's list; `None` for an unknown channel.
///
/// # Errors
/// Returns the store's error if the settings cannot be read.
pub async fn new_language_file(
    engine: &Engine,
    of: &str,
) -> Result<Option<(String, String)>, store::Error> {
    let Some(channel) = channel(of) else { return Ok(None) };
    let text = language_file::new_file(&served(engine, channel).await?);
    Ok(Some((format!("countries-{channel}.json"), text)))
}

/// A channel's list as a fragment of a custom policy.
///
/// # Errors
/// The outer error is the store's if the settings cannot be read; the inner one names an unknown
/// channel or an invalid language.
pub async fn custom_policy(
    engine: &Engine,
    of: &str,
    language: &str,
) -> Result<Result<String, Invalid>, store::Error> {
    let Some(channel) = channel(of) else {
        let words = "must be one of voice, sms, whatsapp, rcs";
        return Ok(Err(Invalid::one("channel", Fault::InvalidChoice, words)));
    };
    Ok(custom_policy_xml(&served(engine, channel).await?, language))
}

/// The lists of calling codes for External ID, as JSON.
///
/// # Errors
/// Returns the store's error if the settings cannot be read.
pub async fn external_id(engine: &Engine) -> Result<String, store::Error> {
    let settings = crate::saving::current(engine).await?.settings;
    Ok(external_id_lists(&settings).handler_json())
}
