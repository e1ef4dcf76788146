//! What is used once: bypasses and solved captchas. Whoever's decision rests on one holds it in
//! memory until the store has confirmed that it is used up, or gives it back.

use chrono::{DateTime, Utc};
use domain::gate::Pass;
use std::collections::HashMap;
use uuid::Uuid;

/// What decisions of this process hold.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) bypasses: HashMap<Uuid, Pass>,
    /// Until when each could be used. They stay here when they are used up: whoever comes with one
    /// again is refused without asking the store.
    pub(super) captchas: HashMap<Uuid, DateTime<Utc>>,
}

impl Claims {
    pub(super) fn forget_before(&mut self, now: DateTime<Utc>) {
        self.captchas.retain(|_, expires| *expires > now);
    }
}
