//! The document around every page.

use crate::error::NotFound;
use crate::theme::Theme;
use crate::{App, Assets, who};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The mark of the browser tab, in place so that nothing else is asked for.
const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>\
<rect width='24' height='24' rx='6' fill='%230b5f6b'/><path d='M6 17V11M12 17V7M18 17V13' stroke='white' \
stroke-width='2.5' stroke-linecap='round'/></svg>";

/// The whole document. Needs [`Assets`] and a request in context. It holds a page for those whom
/// the guard admitted; the guard refuses all others before, and this is the second line.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let assets = use_context::<Assets>().unwrap_or_default();
    let theme = Theme::of_request();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.color_scheme()/>
                <meta name="description" content="Guards phone-based sign-in against fraud."/>
                <link rel="icon" href=ICON/>
                <link rel="preload" r#as="font" r#type="font/woff2" crossorigin="" href=assets.font.clone()/>
                <link rel="stylesheet" href=assets.css.clone()/>
                <AutoReload options/>
                <Client assets/>
                <MetaTags/>
            </head>
            <body>
                {if who::is_admitted() {
                    view! { <App/> }.into_any()
                } else {
                    view! { <div class="frame alone"><main id="main"><NotFound/></main></div> }
                        .into_any()
                }}
            </body>
        </html>
    }
}

/// Loads the client when the browser is idle and wakes the islands.
///
/// In place of Leptos' `HydrationScripts`: its `modulepreload` carries no nonce, so that our
/// Content-Security-Policy refuses it and every page logs an error. Ours also knows no islands
/// inside islands; there are none.
#[component]
fn Client(assets: Assets) -> impl IntoView {
    if let Some(shared) = Owner::current_shared_context() {
        // As `HydrationScripts islands=true` does: outside islands nothing is hydrated, so no data
        // is written into the page for it.
        shared.set_is_hydrating(false);
    }
    let Assets { js, wasm, .. } = assets;
    // Debug output of a string is a JavaScript string for the characters a path has.
    let script = format!(
        "const wake=async()=>{{const m=await import({js:?});await m.default({{module_or_path:{wasm:?}}});\
         m.hydrate();for(const e of document.querySelectorAll('leptos-island'))m[e.dataset.component]?.(e)}};\
         'requestIdleCallback'in window?requestIdleCallback(wake,{{timeout:1000}}):wake()"
    );
    (!js.is_empty()).then(|| {
        view! {
            <link rel="modulepreload" href=js fetchpriority="low" nonce=use_nonce()/>
            <link rel="preload" r#as="fetch" r#type="application/wasm" crossorigin="" fetchpriority="low" href=wasm/>
            <script type="module" nonce=use_nonce()>{script}</script>
        }
    })
}
