//! The document around every page.

use crate::{App, Assets, error::NotFound, theme::Theme, who};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// Favicon as a data URL, which saves a request.
const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>\
<rect width='24' height='24' rx='6' fill='%230b5f6b'/><path d='M6 17V11M12 17V7M18 17V13' stroke='white' \
stroke-width='2.5' stroke-linecap='round'/></svg>";

/// The whole HTML document. Needs [`Assets`] and a request in the context. Renders a page only if
/// the guard admitted the request: a second line of defence behind the guard itself.
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

/// Loads the client when the browser is idle and hydrates the islands.
///
/// Replaces Leptos' `HydrationScripts`, whose `modulepreload` has no nonce: our
/// Content-Security-Policy refuses it and every page logs an error. Does not support islands inside
/// islands; there are none.
#[component]
fn Client(assets: Assets) -> impl IntoView {
    if let Some(shared) = Owner::current_shared_context() {
        // As `HydrationScripts islands=true` does: nothing is hydrated outside islands, so the page
        // needs no serialized data.
        shared.set_is_hydrating(false);
    }
    let Assets { js, wasm, .. } = assets;
    // For the characters of a path, the debug output of a string is valid JavaScript.
    let script = format!(
        "const wake=async()=>{{const m=await import({js:?});await m.default({{module_or_path:{wasm:?}}});\
         m.hydrate();for(const e of document.querySelectorAll('leptos-island'))m[e.dataset.component]?.(e)}};\
         'requestIdleCallback'in window?requestIdleCallback(wake,{{timeout:1000}}):wake()"
    );
    (!js.is_empty()).then(|| view! {
        <link rel="modulepreload" href=js fetchpriority="low" nonce=use_nonce()/>
        <link rel="preload" r#as="fetch" r#type="application/wasm" crossorigin="" fetchpriority="low" href=wasm/>
        <script type="module" nonce=use_nonce()>{script}</script>
    })
}
