//! What is used once: bypasses and solved captchas. A decision that needs one holds it in memory
//! until the store confirms that it is used up, or gives it back.

use chrono::{DateTime, Utc};
use domain::gate::Active;
use std::collections::HashMap;
use uuid::Uuid;

/// Bypasses and captchas held by decisions of this process.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) bypasses: HashMap<Uuid, Active>,
    /// Expiry time of each captcha. Used ones stay here, so that a second use is refused without
    /// asking the store.
    pub(super) captchas: HashMap<Uuid, DateTime<Utc>>,
}

impl Claims {
    pub(super) fn forget_before(&mut self, now: DateTime<Utc>) {
        self.captchas.retain(|_, expires| *expires > now);
    }
}
