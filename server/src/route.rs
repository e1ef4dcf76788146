//! A route, before the router has it.

use crate::state::State;
use axum::routing::MethodRouter;
use http::Method;
use std::borrow::Cow;

/// One way to one handler.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its method; `GET` answers `HEAD` too.
    pub method: Method,
    /// Its path as axum writes it (`/tiles/{tile}`).
    pub path: Cow<'static, str>,
    /// What answers.
    pub handler: MethodRouter<State>,
}

impl Route {
    /// A route.
    pub fn new(
        method: Method,
        path: impl Into<Cow<'static, str>>,
        handler: MethodRouter<State>,
    ) -> Self {
        Self { method, path: path.into(), handler }
    }
}
