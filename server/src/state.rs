//! What every handler can ask for.

use crate::api::body::Parsers;
use crate::bodies::Bodies;
use crate::client::Strays;
use crate::pages::Pages;
use app::Assets;
use axum::extract::FromRef;
use engine::Engine;
use leptos::config::LeptosOptions;
use store::Db;

/// The router's state. Cheap to clone.
#[derive(Debug, Clone, FromRef)]
pub struct State {
    /// What Tollwarden does.
    pub engine: Engine,
    /// Where the browser's half is served.
    pub assets: Assets,
    /// The room that bodies share.
    pub bodies: Bodies,
    /// The threads that bodies are parsed on.
    pub parsers: Parsers,
    /// How many pages are made at once.
    pub pages: Pages,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
    /// Proxies that nobody trusts.
    pub strays: Strays,
}

impl State {
    /// Over an engine and the site's files.
    pub fn new(engine: Engine, assets: Assets) -> Self {
        let leptos = LeptosOptions::builder().output_name("tollwarden").build();
        Self {
            engine,
            assets,
            bodies: Bodies::default(),
            parsers: Parsers::default(),
            pages: Pages::default(),
            leptos,
            strays: Strays::default(),
        }
    }
}

impl FromRef<State> for Db {
    fn from_ref(state: &State) -> Self {
        state.engine.db.clone()
    }
}
