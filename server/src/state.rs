//! The router's state, which handlers extract.

use crate::api::body::Parsers;
use crate::bodies::Bodies;
use crate::client::Strays;
use crate::pages::Pages;
use app::Assets;
use axum::extract::FromRef;
use axum::routing::MethodRouter;
use engine::Engine;
use http::Method;
use leptos::config::LeptosOptions;

/// A method, a path as axum writes it (`/tiles/{tile}`) and its handler. `GET` also answers `HEAD`.
pub(crate) type Route = (Method, String, MethodRouter<State>);

/// The router's state. Cheap to clone.
#[derive(Debug, Clone, FromRef)]
pub struct State {
    pub(crate) engine: Engine,
    pub(crate) assets: Assets,
    pub(crate) bodies: Bodies,
    pub(crate) parsers: Parsers,
    pub(crate) pages: Pages,
    pub(crate) leptos: LeptosOptions,
    pub(crate) strays: Strays,
}

impl State {
    /// A state with default limits.
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
